//! What a plan means for traffic: how ways change, which traps are there, and
//! whether the file's expectations hold.
//!
//! ```text
//!  live ────────► before ─┐
//!                         ├─► path changes, traps, expectations
//!  plan ─► wanted ─► after┘
//!             ▲
//!  survey of an existing VPC, where the file stands in one
//! ```

use super::Exit;
use super::expectations;
use super::prepare::{Prepared, world};
use super::problem::Problem;
use super::reach::Reached;
use crate::aws::Aws;
use crate::aws::survey::{Area, survey};
use crate::config::Desired;
use crate::model::Place;
use crate::model::network::Network;
use crate::plan::{World, facts};
use crate::report::{Printer, expectations_json, json, paths_json, paths_text, plan_text};
use crate::trace::{self, Checked, PathChange, Trap};

/// What a plan means for traffic. Empty where everything is to go.
#[derive(Debug, Default)]
pub struct Outlook {
    /// The ways that will be others.
    pub changes: Vec<PathChange>,
    /// The traps of the network after the plan.
    pub traps: Vec<Trap>,
    /// What came of the file's expectations.
    pub checked: Vec<Checked>,
    /// The region, for prices.
    pub region: String,
}

/// Looks ahead.
pub async fn of_plan(prepared: &Prepared, destroy: bool, printer: &Printer) -> Outlook {
    if destroy {
        return Outlook::default();
    }
    let world = world(
        &prepared.at,
        &prepared.kept,
        &prepared.refreshed,
        &prepared.wishes,
        false,
    );
    let wanted = facts::wanted(&world, Some(&prepared.plan));
    let live = facts::live(&world);
    let Reached { aws, place, .. } = &prepared.at;
    let (before, after) = match around(aws, place, &world, &wanted, printer).await {
        None => (live, wanted),
        Some(mut found) => {
            let after = facts::within(&world, wanted, &found);
            found.labels.extend(live.labels);
            (found, after)
        }
    };
    let expectations = &prepared.at.desired.expectations;
    let checked = trace::check(expectations, &after);
    let accepted = trace::ways_expected(expectations, &checked, &after);
    Outlook {
        changes: trace::path_changes(&before, &after),
        traps: trace::traps(&after, &accepted),
        checked,
        region: after.place.region,
    }
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
    /// Shows the plan, how ways change, and what to beware of.
    pub fn shown(&self, prepared: &Prepared, printer: &Printer, full: bool) {
        let plan = &prepared.plan;
        if printer.json() {
            printer.document(&json::plan_document(plan, self.ahead(prepared)));
        } else {
            let style = printer.style();
            let mut text = plan_text::plan(plan, prepared.at.registry, style, full);
            text += &paths_text::changes(&self.changes, &self.region, style, full);
            printer.data(&text);
        }
        if let Some(text) = paths_text::broken_connections(&self.changes) {
            printer.warning(&text, Some(paths_text::RETRY));
        }
        for trap in &self.traps {
            printer.warning(&trap.problem, Some(&trap.remedy));
        }
    }

    /// What the plan's document says of traffic.
    pub fn ahead(&self, prepared: &Prepared) -> json::Ahead {
        json::Ahead {
            expectations: expectations_json::array(&prepared.at.desired, &self.checked),
            path_changes: paths_json::changes(&self.changes, &self.region),
            traps: paths_json::traps(&self.traps),
        }
    }

    /// Tells what came of the expectations, and how to exit for that.
    pub fn expected(&self, desired: &Desired, printer: &Printer) -> Exit {
        expectations::warned(desired, &self.checked, printer)
    }

    /// Stops a run whose network would not do what the file expects.
    ///
    /// # Errors
    /// How many expectations fail; each has been told.
    pub fn refused(&self, desired: &Desired, printer: &Printer) -> Result<(), Problem> {
        expectations::refused(desired, &self.checked, printer)
    }
}
