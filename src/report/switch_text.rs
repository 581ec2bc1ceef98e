//! How ways are switched from door to door, in words and as JSON.
//!
//! ```text
//! How ways are switched:
//!   subnet.private-1 → bucket.data: nat_gateway.main ⇒ gateway_endpoint.s3
//!       moment of change: when gateway_endpoint.s3 is created (its route to S3
//!       is longer than 0.0.0.0/0, and wins at once)
//!       open connections break then: …
//!       nat_gateway.main goes when a trace finds that the new way works
//! ```

use serde_json::{Value, json};

use super::fitting::{harmless, wrapped};
use super::style::{Ink, Style};
use crate::apply::Withheld;
use crate::graph::Step;
use crate::model::Address;
use crate::plan::Plan;
use crate::plan::switch::{Connections, Gap, Switch};

/// How many steps that wait for a gate are named.
const NAMED: usize = 3;

/// How the ways of a plan are switched; empty where none is.
#[must_use]
pub fn switches(plan: &Plan, style: Style) -> String {
    if plan.switches.is_empty() {
        return String::new();
    }
    let mut text = format!("{}\n", style.paint(Ink::Strong, "How ways are switched:"));
    for switch in &plan.switches {
        let ends = ends(switch);
        let head = format!("{ends}: {} ⇒ {}", switch.old, switch.new);
        for (indent, line) in
            std::iter::once((2, head)).chain(lines(plan, switch).into_iter().map(|it| (6, it)))
        {
            for line in wrapped(&harmless(&line), style.width.saturating_sub(indent)) {
                text.push_str(&" ".repeat(indent));
                text.push_str(line.trim_end());
                text.push('\n');
            }
        }
    }
    text.push('\n');
    text
}

/// `subnet.private-1, subnet.private-2 → bucket.data`
fn ends(switch: &Switch) -> String {
    let listed = |all: Vec<String>| {
        let mut all = all;
        all.sort();
        all.dedup();
        all.join(", ")
    };
    let from = switch.ends.iter().map(|(from, _)| from.to_string());
    let to = switch.ends.iter().map(|(_, to)| to.to_string());
    format!("{} → {}", listed(from.collect()), listed(to.collect()))
}

fn lines(plan: &Plan, switch: &Switch) -> Vec<String> {
    let mut lines = Vec::new();
    let old = &switch.old;
    match &switch.moment {
        Some(moment) => lines.push(format!(
            "moment of change: when {} is {} ({})",
            moment.address,
            moment.action.done(),
            moment.because
        )),
        None if switch.has_moved => lines.push(format!(
            "moment of change: has been; calls go by {} already, and {old} is what they \
             would fall back upon",
            switch.new
        )),
        None => lines.push(format!(
            "moment of change: when a client calls {}'s own name; move clients over \
             before {old} goes",
            switch.new
        )),
    }
    match switch.connections {
        Connections::Break => lines.push(
            "open connections break then: their packets leave from another address".to_owned(),
        ),
        Connections::Stay if switch.has_moved => {}
        Connections::Stay => lines.push(format!(
            "open connections stay with {old} until they end, or until it goes"
        )),
    }
    if let Some(Gap {
        first: (first, gone),
        then: (then, made),
        because,
    }) = &switch.gap
    {
        let why = because.as_deref().map(|why| format!(": {why}"));
        lines.push(format!(
            "cannot be switched without a gap, because {first} must be {} before {then} can \
             be {}{}",
            gone.done(),
            made.done(),
            why.unwrap_or_default()
        ));
    }
    if switch.is_gated() {
        lines.push(format!(
            "{}, when a trace of the live network finds that the new way works",
            waiting(plan, &switch.closes)
        ));
    }
    lines
}

/// `nat_gateway.main and route_table.a/route:0.0.0.0/0 are deleted last`
fn waiting(plan: &Plan, closes: &[Step]) -> String {
    let mut steps: Vec<(&str, String)> = closes
        .iter()
        .map(|step| plan.steps.node(*step))
        .map(|step| (step.action.done(), step.address.to_string()))
        .collect();
    steps.sort();
    steps.dedup();
    let more = steps.len().saturating_sub(NAMED);
    steps.truncate(NAMED);
    let groups = steps.chunk_by(|one, other| one.0 == other.0);
    let mut told: Vec<String> = groups.map(done_alike).collect();
    match more {
        0 => {}
        1 => told.push("another step is done".to_owned()),
        more => told.push(format!("{more} more steps are done")),
    }
    format!("{} last", and(&told))
}

/// `a, b and c are deleted`, of steps that do the same.
fn done_alike(steps: &[(&str, String)]) -> String {
    let done = steps.first().map_or("", |(done, _)| done);
    let names: Vec<String> = steps.iter().map(|(_, name)| name.clone()).collect();
    let verb = if names.len() == 1 { "is" } else { "are" };
    format!("{} {verb} {done}", and(&names))
}

fn and(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// The old ways that stay: problem, cause and advice of each.
pub fn withheld(withheld: &[Withheld]) -> impl Iterator<Item = (String, &str, String)> {
    withheld.iter().map(|it| {
        let (ends, new, old) = (ends(&it.switch), &it.switch.new, &it.switch.old);
        let problem = format!("{ends} is not found to work by {new}, so {old} stays");
        let remedy = it.unproven.remedy.as_deref();
        let remedy = remedy.unwrap_or("look at the way with `s3net trace --live`");
        let advice = format!(
            "{remedy}; the next apply asks again, and with --no-verify it takes {old} away \
             regardless"
        );
        (problem, it.unproven.cause.as_str(), advice)
    })
}

/// The switches of a plan, for its document.
#[must_use]
pub fn array(plan: &Plan) -> Vec<Value> {
    let addresses = |steps: &[Step]| {
        let all = steps.iter().map(|step| plan.steps.node(*step));
        all.map(|step| json!({ "address": step.address, "action": step.action }))
            .collect::<Vec<_>>()
    };
    let document = |switch: &Switch| {
        json!({
            "ways": ways(&switch.ends),
            "old": switch.old,
            "new": switch.new,
            "by_endpoint_name": switch.by_endpoint_name,
            "has_moved": switch.has_moved,
            "moment": switch.moment.as_ref().map(|moment| json!({
                "address": moment.address,
                "action": moment.action,
                "because": moment.because,
            })),
            "open_connections": match switch.connections {
                Connections::Break => "break",
                Connections::Stay => "stay",
            },
            "opened_by": addresses(&switch.opens),
            "behind_the_gate": addresses(&switch.closes),
            "gap": switch.gap.as_ref().map(|gap| json!({
                "goes_first": gap.first.0,
                "made_then": gap.then.0,
                "because": gap.because,
            })),
        })
    };
    plan.switches.iter().map(document).collect()
}

/// What was withheld, for the outcome's document.
#[must_use]
pub fn withheld_array(withheld: &[Withheld]) -> Vec<Value> {
    let document = |it: &Withheld| {
        json!({
            "ways": ways(&it.switch.ends),
            "old": it.switch.old,
            "new": it.switch.new,
            "cause": it.unproven.cause,
            "remedy": it.unproven.remedy,
        })
    };
    withheld.iter().map(document).collect()
}

fn ways(ends: &[(Address, Address)]) -> Vec<Value> {
    let ends = ends.iter();
    ends.map(|(from, to)| json!({ "from": from, "to": to }))
        .collect()
}
