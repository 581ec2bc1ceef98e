//! What a plan for a part of the stack leaves out, for people and for programs.
//!
//! ```text
//! Left out, since only subnet.private-2 was asked for: 3 changes (2 to create,
//! 1 to destroy).
//!   + route_table.private-1
//!   + subnet.private-1
//!   - subnet.old
//! ```

use serde_json::{Value, json};

use super::fitting::wrapped;
use super::listing::Ranks;
use super::occasion::Occasion;
use super::style::{Ink, Style};
use crate::kind::Registry;
use crate::model::{Action, AddressPattern};
use crate::plan::{LeftOut, Plan, Selection, Totals};

/// How many changes are named where not all of them are.
const NAMED: usize = 6;
/// Where addresses stand, after their symbols.
const HANG: usize = 4;

/// What is left out, as text; nothing where nothing is.
#[must_use]
pub fn text(plan: &Plan, registry: Registry, style: Style, occasion: Occasion) -> String {
    let mut left = changes(plan);
    if left.is_empty() {
        return String::new();
    }
    let ranks = Ranks::new(registry);
    left.sort_by_cached_key(|it| (it.step.goes(), ranks.place(&it.step.address)));
    let totals = Totals::of(left.iter().map(|it| &it.step));
    let said = format!(
        "Left out, {}: {} ({}).",
        since(&plan.selection),
        counted(totals.changes()),
        kinds_of_change(&totals)
    );
    let mut lines = wrapped(&said, style.width);
    let all = occasion.is_full() || left.len() <= NAMED;
    let shown = if all { left.len() } else { NAMED - 1 };
    for left in &left[..shown] {
        let (symbol, ink) = symbol(left);
        let symbol = style.paint(ink, &format!("{symbol:>3}"));
        lines.push(format!("{symbol} {}", left.step.address));
    }
    if !all {
        let more = left.len() - shown;
        let command = occasion.shows_all(&plan.selection);
        let said = format!("and {more} more; `{command}` names them");
        let said = wrapped(&said, style.width.saturating_sub(HANG));
        let hang = " ".repeat(HANG);
        lines.extend(said.into_iter().map(|line| format!("{hang}{line}")));
    }
    lines.into_iter().map(|line| line + "\n").collect()
}

/// The reminder after a run that left something out.
#[must_use]
pub fn reminder(plan: &Plan) -> Option<String> {
    let totals = Totals::of(changes(plan).into_iter().map(|it| &it.step));
    let were = if totals.changes() == 1 { "was" } else { "were" };
    (totals.changes() > 0).then(|| {
        format!(
            "{} is not yet as the file wants it: {} {were} left out. An apply of all of it \
             goes on from here.",
            plan.stack,
            counted(totals.changes())
        )
    })
}

/// What a destroy of a part leaves.
#[must_use]
pub fn rest(plan: &Plan) -> Option<String> {
    let left = changes(plan).len();
    let objects = if left == 1 { "object" } else { "objects" };
    (left > 0).then(|| {
        format!(
            "{} is not gone: {left} {objects} were left as they are, {}.",
            plan.stack,
            since(&plan.selection)
        )
    })
}

/// `7 changes`
fn counted(changes: usize) -> String {
    let noun = if changes == 1 { "change" } else { "changes" };
    format!("{changes} {noun}")
}

/// The steps that are left out; one for what would be made anew.
fn changes(plan: &Plan) -> Vec<&LeftOut> {
    let left = plan.left_out.iter();
    left.filter(|it| it.step.action != Action::Delete || it.step.replace.is_none())
        // The lifetime is the stack's: what is left out gets it another time.
        .filter(|it| !it.step.is_only_lifetime())
        .collect()
}

/// Why something is left out.
fn since(selection: &Selection) -> String {
    let names = |patterns: &[AddressPattern]| {
        let names: Vec<String> = patterns.iter().map(ToString::to_string).collect();
        names.join(", ")
    };
    let Selection {
        target, exclude, ..
    } = selection;
    let was = |patterns: &[AddressPattern]| match patterns {
        [_] => "was",
        _ => "were",
    };
    match (target.is_empty(), exclude.is_empty()) {
        (_, true) => format!("since only {} {} asked for", names(target), was(target)),
        (true, false) => format!("since {} {} excluded", names(exclude), was(exclude)),
        (false, false) => format!(
            "since only {} {} asked for, without {}",
            names(target),
            was(target),
            names(exclude)
        ),
    }
}

/// `2 to create, 1 to destroy`
fn kinds_of_change(totals: &Totals) -> String {
    let counts = [
        (totals.adopt, "to adopt"),
        (totals.create, "to create"),
        (totals.update, "to change"),
        (totals.replace, "to replace"),
        (totals.delete, "to destroy"),
        (
            totals.forget,
            match totals.forget {
                1 => "to leave to itself",
                _ => "to leave to themselves",
            },
        ),
    ];
    let counts = counts.iter().filter(|(count, _)| *count > 0);
    let counts: Vec<String> = counts
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    counts.join(", ")
}

fn symbol(left: &LeftOut) -> (&'static str, Ink) {
    match (left.step.action, &left.step.replace) {
        (Action::Create, Some(_)) if left.new_first => ("+/-", Ink::Change),
        (Action::Create, Some(_)) => ("-/+", Ink::Change),
        (Action::Create, None) => ("+", Ink::Good),
        (Action::Delete, _) => ("-", Ink::Bad),
        (Action::Adopt, _) => (">", Ink::Good),
        (Action::Update, _) => ("~", Ink::Change),
        (Action::Forget | Action::Keep, _) => (".", Ink::Change),
    }
}

/// What is left out, for programs, in the order of the plan's steps.
#[must_use]
pub fn array(plan: &Plan) -> Value {
    let each = plan.left_out.iter();
    let each = each.filter(|it| it.step.action != Action::Delete || it.step.replace.is_none());
    let each = each.filter(|it| !it.step.is_only_lifetime());
    each.map(one).collect()
}

fn one(left: &LeftOut) -> Value {
    let LeftOut { step, because, .. } = left;
    let action = match (step.action, &step.replace) {
        (Action::Create, Some(_)) => json!("replace"),
        (action, _) => json!(action),
    };
    json!({
        "address": step.address,
        "kind": step.address.kind,
        "part": step.address.part.as_ref().map(|part| &part.label),
        "action": action,
        "id": step.id,
        "because": because,
    })
}

/// How many changes are left out.
#[must_use]
pub fn count(plan: &Plan) -> usize {
    changes(plan).len()
}

/// What was asked for, for programs.
#[must_use]
pub fn selection(selection: &Selection) -> Value {
    let Selection {
        target,
        exclude,
        replace,
    } = selection;
    json!({ "target": target, "exclude": exclude, "replace": replace })
}
