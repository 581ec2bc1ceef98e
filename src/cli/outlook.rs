//! What a plan means for traffic: how ways change, which traps are there, and
//! whether the file's expectations hold.
//!
//! ```text
//!  live, moved ─► before ─┐
//!                         ├─► path changes, traps, expectations
//!  plan ─► wanted ─► after┘
//!             ▲
//!  survey of an existing VPC, where the file stands in one
//! ```
//!
//! Before and after are told apart by names, and a plan calls a thing that is to be
//! renamed by its new one, as the expectations do. So what lives has its new
//! name in both, also where a plan for a part leaves the renaming for later.

use super::Exit;
use super::expectations;
use super::prepare::{Prepared, world};
use super::problem::Problem;
use super::reach::Reached;
use crate::aws::Aws;
use crate::aws::survey::{Area, survey};
use crate::config::Desired;
use crate::model::network::Network;
use crate::model::{Action, Address, Expectation, Place};
use crate::plan::switch::{self, Connections, WayChange};
use crate::plan::{Moved, Plan, Wishes, World, facts, lookalikes, plan};
use crate::report::{
    Occasion, Printer, expectations_json, json, paths_json, paths_text, plan_text, switch_text,
};
use crate::trace::{self, Checked, Passage, PathChange, SecondWay, Trap, Works};

/// What a plan means for traffic. Empty where everything is to go.
#[derive(Debug, Default)]
pub struct Outlook {
    /// The ways that will be others.
    pub changes: Vec<PathChange>,
    /// The second ways to buckets that go.
    pub fallbacks: Vec<SecondWay>,
    /// The traps of the network after the plan.
    pub traps: Vec<Trap>,
    /// What came of the file's expectations.
    pub checked: Vec<Checked>,
    /// Which of them fail only because a part of the plan is left out; empty
    /// where nothing is.
    pub waiting: Vec<bool>,
    /// The region, for prices.
    pub region: String,
}

/// Looks ahead, and orders the plan's steps so that ways change without a gap.
pub async fn of_plan(prepared: &mut Prepared, destroy: bool, printer: &Printer) -> Outlook {
    let outlook = looked_ahead(prepared, destroy, printer).await;
    let ways = outlook.way_changes();
    switch::arrange(&mut prepared.plan, prepared.at.registry, &ways);
    outlook
}

/// A way that works now and afterwards, by another door; nothing for others, and
/// where an end or a door is not in the file.
fn way_change(change: &PathChange) -> Option<WayChange> {
    let (before, after) = (change.before.as_ref()?, change.after.as_ref()?);
    let door = |passage: &Passage| passage.door.as_ref()?.key().parse::<Address>().ok();
    let works = before.works == Works::Yes && after.works == Works::Yes;
    let change = WayChange {
        from: change.from.parse().ok()?,
        to: change.to.parse().ok()?,
        old: door(before)?,
        new: door(after)?,
        by_endpoint_name: after.by_endpoint_name,
        has_moved: false,
    };
    (works && change.old != change.new).then_some(change)
}

/// A way that has moved, and what it would fall back upon goes.
fn fallback_lost(lost: &SecondWay) -> Option<WayChange> {
    Some(WayChange {
        from: lost.from.parse().ok()?,
        to: lost.to.parse().ok()?,
        old: lost.second.key().parse().ok()?,
        new: lost.first.key().parse().ok()?,
        by_endpoint_name: false,
        has_moved: true,
    })
}

async fn looked_ahead(prepared: &Prepared, destroy: bool, printer: &Printer) -> Outlook {
    if destroy {
        return Outlook::default();
    }
    let found = world(
        &prepared.at,
        &prepared.kept,
        &prepared.refreshed,
        &prepared.wishes,
        false,
    );
    let moved = Moved::with_renames(&found);
    let world = moved.world(&found);
    let wanted = facts::wanted(&world, Some(&prepared.plan));
    let live = facts::live(&world);
    let whole = whole(&found, &world, prepared);
    let Reached { aws, place, .. } = &prepared.at;
    let (before, after, whole) = match around(aws, place, &world, &wanted, printer).await {
        None => (live, wanted, whole),
        Some(mut found) => {
            let after = facts::within(&world, wanted, &found);
            let whole = whole.map(|whole| facts::within(&world, whole, &found));
            found.labels.extend(live.labels);
            (found, after, whole)
        }
    };
    let expectations = &prepared.at.desired.expectations;
    let checked = trace::check(expectations, &after);
    let waiting = match &whole {
        Some(whole) => waiting(expectations, &checked, &before, whole),
        None => Vec::new(),
    };
    let accepted = trace::ways_expected(expectations, &checked, &after);
    let mut steps = prepared.plan.steps.nodes().map(|(_, step)| step.action);
    let takes_away = |action| matches!(action, Action::Update | Action::Delete | Action::Forget);
    Outlook {
        // Without such a step no way is lost, and many need not be asked for.
        fallbacks: match steps.any(takes_away) {
            true => trace::second_ways_lost(&before, &after),
            false => Vec::new(),
        },
        changes: trace::path_changes(&before, &after),
        traps: trace::traps(&after, &accepted),
        checked,
        waiting,
        region: after.place.region,
    }
}

/// The network that a plan for all of the stack would make, where this one is
/// for a part: planned with what was found, told by what it is called then.
fn whole(found: &World<'_>, moved: &World<'_>, prepared: &Prepared) -> Option<Network> {
    if prepared.plan.left_out.is_empty() {
        return None;
    }
    let wishes = Wishes {
        selection: prepared.wishes.selection.of_all(),
        ..prepared.wishes.clone()
    };
    let found = World {
        wishes: &wishes,
        ..found.clone()
    };
    // Where all of it cannot be planned, the file's own word has to do.
    Some(facts::wanted(moved, plan(&found).ok().as_ref()))
}

/// Which expectations fail only because a part of the plan is left out: they
/// will hold when all is done. What holds now and would be broken by this part
/// alone is no such case.
fn waiting(
    expectations: &[Expectation],
    checked: &[Checked],
    before: &Network,
    whole: &Network,
) -> Vec<bool> {
    let before = trace::check(expectations, before);
    let whole = trace::check(expectations, whole);
    let each = checked.iter().zip(before.iter().zip(&whole));
    each.map(|(after, (before, whole))| !after.holds() && !before.holds() && whole.holds())
        .collect()
}

/// What a network stands in, where the file does not make all of it. What cannot
/// be read is told, and stays unknown.
pub async fn around(
    aws: &Aws,
    place: &Place,
    world: &World<'_>,
    wanted: &Network,
    printer: &Printer,
) -> Option<Network> {
    let around = facts::surroundings(world, wanted);
    if around.vpcs.is_empty() {
        return None;
    }
    let area = Area {
        vpcs: around.vpcs,
        buckets: around.buckets,
        roles: around.roles,
        ..Area::default()
    };
    match survey(aws, place, &area).await {
        Ok(found) => Some(found),
        Err(error) => {
            let text = format!("which way traffic goes cannot be told in full: {error}");
            printer.warning(&text, error.remedy().as_deref());
            None
        }
    }
}

impl Outlook {
    /// The ways that change from one door of the file to another, or have, and
    /// lose what they would fall back upon.
    pub fn way_changes(&self) -> Vec<WayChange> {
        let changes = self.changes.iter().filter_map(way_change);
        let lost = self.fallbacks.iter().filter_map(fallback_lost);
        changes.chain(lost).collect()
    }

    /// Shows the plan, how ways change, and what to beware of.
    pub fn shown(&self, prepared: &Prepared, printer: &Printer, occasion: Occasion) {
        let plan = &prepared.plan;
        if printer.json() {
            printer.document(&json::plan_document(plan, self.ahead(prepared)));
        } else {
            let style = printer.style();
            let mut text = plan_text::plan(plan, prepared.at.registry, style, occasion);
            text += &paths_text::changes(&self.changes, &self.region, style, occasion.is_full());
            text += &switch_text::switches(plan, style);
            printer.data(&text);
        }
        for (from, to) in lookalikes(plan, prepared.at.registry) {
            printer.hint(&format!(
                "{from} goes and {to}, which is like it, is made. If it was only renamed, \
                 write [[moved]] with from = \"{from}\" and to = \"{to}\""
            ));
        }
        if let Some(text) = self.broken_connections(plan) {
            printer.warning(&text, Some(paths_text::RETRY));
        }
        for trap in &self.traps {
            printer.warning(&trap.problem, Some(&trap.remedy));
        }
    }

    /// Which open connections break, in words. Those of a switch that only moves
    /// names stay, and the switch says so.
    pub fn broken_connections(&self, plan: &Plan) -> Option<String> {
        let stay = plan.switches.iter();
        let stay = stay.filter(|switch| switch.connections == Connections::Stay);
        let stay: Vec<_> = stay.flat_map(|switch| &switch.ends).collect();
        let breaks = |change: &&PathChange| {
            let is_it = |(from, to): &&(Address, Address)| {
                from.to_string() == change.from && to.to_string() == change.to
            };
            !stay.iter().any(is_it)
        };
        let breaking: Vec<PathChange> = self.changes.iter().filter(breaks).cloned().collect();
        paths_text::broken_connections(&breaking)
    }

    /// What the plan's document says of traffic.
    pub fn ahead(&self, prepared: &Prepared) -> json::Ahead {
        json::Ahead {
            expectations: expectations_json::array(
                &prepared.at.desired,
                &self.checked,
                &self.waiting,
            ),
            path_changes: paths_json::changes(&self.changes, &self.region),
            traps: paths_json::traps(&self.traps),
            estimate: json::estimate(&prepared.plan, prepared.at.registry),
        }
    }

    /// Tells what came of the expectations, and how to exit for that.
    pub fn expected(&self, desired: &Desired, printer: &Printer) -> Exit {
        expectations::warned(desired, &self.checked, &self.waiting, printer)
    }

    /// Stops a run whose network would not do what the file expects.
    ///
    /// # Errors
    /// How many expectations fail; each has been told.
    pub fn refused(&self, desired: &Desired, printer: &Printer) -> Result<(), Problem> {
        expectations::refused(desired, &self.checked, &self.waiting, printer)
    }
}
