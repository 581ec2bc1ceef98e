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
//! the same: a private zone and an endpoint answer one name.
//!
//! Where a circle would come of it (whoever uses the old one needs the new one
//! first, and AWS does not let go of what is in use; two endpoints swap their
//! tables), no order is right. A run that finds that out at a call is half done by
//! then, so the plan is refused:
//!
//! | who has it | what the plan says |
//! |---|---|
//! | its own predecessor, which goes after it | [`PlanError::NoRoomBeside`] |
//! | another, which lets go of it too late, or never | [`PlanError::Contended`] |

use std::collections::{BTreeSet, HashMap, HashSet};

use super::arrange::Arrangement;
use super::leaving::End;
use super::outcome::{Plan, PlanError, PlannedStep, Reason};
use crate::graph::Step;
use crate::kind::Claim;
use crate::model::{Action, Address, Attributes};

/// What the reasons of these orders begin with.
pub(super) const ONLY_ONE: &str = "only one can have it: ";

/// Something that somebody has, or is to have.
struct Held {
    claim: Claim,
    by: Address,
    free: Free,
}

/// When it is free for another.
enum Free {
    /// When the object is gone; its place among the live ones, and the step.
    Gone(usize, Step),
    /// When the object has been changed.
    Changed(Step),
    /// The object is left to itself, and keeps it.
    Never,
    /// The file wants it to have it.
    Wanted,
    /// The file no longer says so, and nothing takes it away.
    Kept,
}

impl Arrangement<'_, '_> {
    /// Lays the orders, and notes where none is right. `up` holds the steps that
    /// bring about what is wanted.
    pub(super) fn make_room(&mut self, up: &[Step]) {
        let mut taking = self.taking(up);
        if taking.is_empty() {
            return;
        }
        // Which of two is told of does not depend on what else there is.
        taking.sort_by(|(one, _), (other, _)| {
            let address = |step: &Step| &self.steps.node(*step).address;
            address(one).cmp(address(other))
        });
        let held = self.held(up);
        let mut told = HashSet::new();
        for (then, claim) in taking {
            for held in held.get(&claim.what).into_iter().flatten() {
                if let Some(because) = claim.clash(&held.claim) {
                    self.make_room_for(then, held, because, &mut told);
                }
            }
        }
    }

    /// Lays the order between who has something and who takes it.
    fn make_room_for(
        &mut self,
        then: Step,
        held: &Held,
        because: String,
        told: &mut HashSet<(Address, Address)>,
    ) {
        let address = self.steps.node(then).address.clone();
        if held.by == address {
            let error = self.no_room_beside(held, because);
            if let Some(error) = error.filter(|_| told.insert((address.clone(), address))) {
                self.refused.push((then, error));
            }
            return;
        }
        if let Free::Gone(_, first) | Free::Changed(first) = held.free {
            let reason = Reason(format!("{ONLY_ONE}{because}").into());
            if self.steps.before_unless_circle(first, then, reason) {
                self.makes_room = true;
                return;
            }
        }
        // Of two that the file wants to have it, neither is the one who has it.
        let mirrored = (held.by.clone(), address.clone());
        if matches!(held.free, Free::Wanted) && told.contains(&mirrored) {
            return;
        }
        if told.insert((address, held.by.clone())) {
            let error = self.contended(then, held, because);
            self.refused.push((then, error));
        }
    }

    /// Why what is made anew cannot be, where its predecessor goes only then.
    fn no_room_beside(&self, held: &Held, because: String) -> Option<PlanError> {
        let Free::Gone(place, _) = held.free else {
            return None;
        };
        let (old, end) = &self.leaving.objects[place];
        let beside = *end == End::Replaced && self.leaving.waits[place];
        beside.then(|| PlanError::NoRoomBeside {
            address: held.by.clone(),
            id: old.id.clone(),
            reason: because,
            wished: self.leaving.wished[place],
            user: self.leaving.stays_and_holds(place).cloned(),
        })
    }

    fn contended(&self, then: Step, held: &Held, because: String) -> PlanError {
        let taker = self.steps.node(then);
        let (to, from) = (&taker.address, &held.by);
        let is_new = taker.action == Action::Create && taker.replace.is_none();
        let too_late = || {
            let deed = match taker.action {
                Action::Create => "made",
                _ => "changed",
            };
            format!(
                "AWS gives it to one at a time, and {from} lets go of it only after {to} is {deed}"
            )
        };
        let two_runs = |first: String| {
            let taker = match is_new {
                true => format!("without {}", to.table()),
                false => format!("with {to} as it is so far"),
            };
            format!(
                "it takes two runs: first apply the file {taker}, and {first}, then the file as \
                 it stands"
            )
        };
        let (cause, remedy) = match held.free {
            Free::Gone(place, _) if self.leaving.objects[place].1 == End::Unwanted => (
                too_late(),
                self.perhaps_renamed(is_new, from, to)
                    + &two_runs(format!("with nothing that uses {}", from.table())),
            ),
            Free::Gone(..) => (too_late(), two_runs(format!("with another one for {from}"))),
            Free::Changed(_) => (too_late(), two_runs(format!("with {from} without it"))),
            Free::Never => (
                format!("{from} is left to itself, and keeps it"),
                self.perhaps_renamed(is_new, from, to)
                    + &format!(
                        "let it go first: write [[removed]] with from = \"{}\" and destroy = true",
                        from.table()
                    ),
            ),
            Free::Kept => (
                format!("{from} keeps it, since nothing that changes takes it away"),
                format!("give {to} another, or first give {from} another"),
            ),
            Free::Wanted => (
                "the file wants both to have it".to_owned(),
                "give one of the two another".to_owned(),
            ),
        };
        PlanError::Contended {
            taker: Box::new(to.clone()),
            holder: Box::new(from.clone()),
            reason: because,
            cause,
            remedy,
        }
    }

    /// What to do where a new object may be one that goes, under another name.
    fn perhaps_renamed(&self, is_new: bool, from: &Address, to: &Address) -> String {
        let (from, to) = (from.table(), to.table());
        let may_be = is_new && to.kind == from.kind && to != from;
        if !may_be || self.world.wanted.nodes.contains_key(&from) {
            return String::new();
        }
        format!(
            "if {to} is {from} under another name, write [[moved]] with from = \"{from}\" and \
             to = \"{to}\"; otherwise "
        )
    }

    /// What each step takes that its object did not have.
    fn taking(&self, up: &[Step]) -> Vec<(Step, Claim)> {
        let mut taking = Vec::new();
        for then in up {
            let step = self.steps.node(*then);
            let takes = match step.action {
                Action::Create => self.claims(step, &step.preview),
                _ => self.changed(step).map_or_else(Vec::new, |(before, after)| {
                    let takes = after.into_iter();
                    takes.filter(|claim| !before.contains(claim)).collect()
                }),
            };
            taking.extend(takes.into_iter().map(|claim| (*then, claim)));
        }
        taking
    }

    /// What objects have now and are to have, by what it is.
    fn held(&self, up: &[Step]) -> HashMap<String, Vec<Held>> {
        let mut all: HashMap<String, Vec<Held>> = HashMap::new();
        let mut note = |claim: Claim, by: &Address, free: Free| {
            let by = by.clone();
            let held = all.entry(claim.what.clone()).or_default();
            held.push(Held { claim, by, free });
        };
        for (place, removal) in self.removal.iter().enumerate() {
            let Some(removal) = *removal else { continue };
            let step = self.steps.node(removal);
            // What needs no call of its own is gone when its table is.
            let table = self.leaving.ties[place].table;
            let with = table.filter(|_| step.implied);
            let with = with.and_then(|table| self.deletion(table));
            for claim in self.claims(step, &step.live) {
                let free = match step.action {
                    Action::Forget => Free::Never,
                    _ => Free::Gone(place, with.unwrap_or(removal)),
                };
                note(claim, &step.address, free);
            }
        }
        for place in up {
            let step = self.steps.node(*place);
            let after = match self.changed(step) {
                Some((before, after)) => {
                    for claim in before.into_iter().filter(|claim| !after.contains(claim)) {
                        note(claim, &step.address, Free::Changed(*place));
                    }
                    after
                }
                None if step.action == Action::Create => self.claims(step, &step.preview),
                None => self.claims(step, &step.live),
            };
            let stated = self.claims(step, &step.preview);
            for claim in after {
                let free = match stated.contains(&claim) {
                    true => Free::Wanted,
                    false => Free::Kept,
                };
                note(claim, &step.address, free);
            }
        }
        all
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
