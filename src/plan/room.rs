//! Room: what only one object can have is given up before another takes it.
//!
//! ```text
//!  old endpoint goes ─┐
//!  table leaves it ───┴─► new endpoint is made, table joins the other one
//! ```
//!
//! A table that was given another name without a `[[moved]]` is deleted and made
//! again; AWS would refuse its like as long as it is there. Kinds say what only
//! one can have (see [`crate::kind::Claim`]), and two of different kinds may claim
//! the same: a private zone and an endpoint answer one name. Where a circle would
//! come of it (whoever uses the old one needs the new one first, and AWS does not
//! let go of what is in use), nothing is laid.

use std::collections::{BTreeSet, HashMap};

use super::arrange::Arrangement;
use super::outcome::{Plan, PlannedStep, Reason};
use crate::graph::Step;
use crate::kind::Claim;
use crate::model::{Action, Address, Attributes};

/// What the reasons of these orders begin with.
pub(super) const ONLY_ONE: &str = "only one can have it: ";

/// Something that is given up.
struct GivenUp {
    claim: Claim,
    by: Address,
    /// When it is free.
    with: Step,
}

impl Arrangement<'_, '_> {
    /// Lays the orders. `up` holds the steps that bring about what is wanted.
    pub(super) fn make_room(&mut self, up: &[Step]) {
        let given_up = self.given_up(up);
        if given_up.is_empty() {
            return;
        }
        for then in up {
            let step = self.steps.node(*then);
            let takes = match step.action {
                Action::Create => self.claims(step, &step.preview),
                _ => self.changed(step).map_or_else(Vec::new, |(before, after)| {
                    let takes = after.into_iter();
                    takes.filter(|claim| !before.contains(claim)).collect()
                }),
            };
            let address = step.address.clone();
            for claim in takes {
                let held = given_up.get(&claim.what).into_iter().flatten();
                for held in held.filter(|held| held.by != address) {
                    if let Some(because) = claim.clash(&held.claim) {
                        let reason = Reason(format!("{ONLY_ONE}{because}").into());
                        self.makes_room |=
                            self.steps.before_unless_circle(held.with, *then, reason);
                    }
                }
            }
        }
    }

    /// What is given up, by what it is.
    fn given_up(&self, up: &[Step]) -> HashMap<String, Vec<GivenUp>> {
        let mut given_up: HashMap<String, Vec<GivenUp>> = HashMap::new();
        if !up.iter().any(|step| may_take(self.steps.node(*step))) {
            return given_up;
        }
        let mut note = |claims: Vec<Claim>, by: &Address, with: Step| {
            for claim in claims {
                let by = by.clone();
                let given_up = given_up.entry(claim.what.clone()).or_default();
                given_up.push(GivenUp { claim, by, with });
            }
        };
        for place in 0..self.leaving.objects.len() {
            let Some(removal) = self.deletion(place) else {
                continue;
            };
            let step = self.steps.node(removal);
            // What needs no call of its own is gone when its table is.
            let table = self.leaving.ties[place].table;
            let with = table.filter(|_| step.implied);
            let with = with.and_then(|table| self.deletion(table));
            let claims = self.claims(step, &step.live);
            note(claims, &step.address, with.unwrap_or(removal));
        }
        for change in up {
            let step = self.steps.node(*change);
            if let Some((before, after)) = self.changed(step) {
                let gives = before.into_iter().filter(|claim| !after.contains(claim));
                note(gives.collect(), &step.address, *change);
            }
        }
        given_up
    }

    /// What an object that changes in place claims before and after.
    fn changed(&self, step: &PlannedStep) -> Option<(Vec<Claim>, Vec<Claim>)> {
        let changes = matches!(step.action, Action::Update | Action::Adopt);
        if !changes || step.differences.is_empty() {
            return None;
        }
        let mut after = step.live.clone();
        after.0.extend(step.preview.0.clone());
        Some((self.claims(step, &step.live), self.claims(step, &after)))
    }

    fn claims(&self, step: &PlannedStep, of: &Attributes) -> Vec<Claim> {
        let kind = self.world.registry.of(&step.address);
        kind.map_or_else(Vec::new, |kind| kind.claims(of, self.world.place))
    }
}

impl Plan {
    /// The nodes that take what another node gives up first.
    #[must_use]
    pub fn given_room(&self) -> BTreeSet<&Address> {
        let edges = self.steps.edges();
        let given = edges.filter(|(_, _, reason)| reason.0.starts_with(ONLY_ONE));
        given
            .map(|(_, then, _)| &self.steps.node(then).address)
            .collect()
    }
}

/// Whether a step may take something that its object did not have.
fn may_take(step: &PlannedStep) -> bool {
    step.action == Action::Create || !step.differences.is_empty()
}
