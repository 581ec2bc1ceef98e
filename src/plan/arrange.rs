//! Arranges decisions into steps and says which comes before which.
//!
//! ```text
//!   build   what is needed ──► who needs it
//!   remove  who uses it ──► what is used            (the reverse)
//!   change  who lets go of it ──► what is removed
//!   replace delete ──► create, or create ──► users change ──► delete
//!           where a user that stays would hold the old object
//! ```

use std::collections::{BTreeMap, HashMap};

use super::beside;
use super::decide::{Decided, Decision, Fate};
use super::leaving::{End, Leaving};
use super::lifetime::Lifetime;
use super::moves::former;
use super::outcome::{Plan, PlanError, PlannedStep, Reason, World};
use super::selection;
use crate::graph::{Dag, Step};
use crate::kind::{Foreign, Lifecycle, Live};
use crate::model::tags::{self, TagChange};
use crate::model::{Action, Address, Attributes, Tags};
use crate::state::Remembered;

const REPLACED: &str = "it is made anew";
const IN_USE: &str = "it is in use until then";
const POINTED_AT: &str = "something points at it until then";
const SERVING: &str = "its parts serve whoever uses it";
const UNWANTED: &str = "the file no longer wants it";
const SPARE: &str = "another object serves at its address";

struct Arrangement<'w, 'a> {
    world: &'w World<'a>,
    leaving: &'w Leaving<'a>,
    steps: Dag<PlannedStep, Reason>,
    /// The step that changes or keeps each live object that stays.
    change: Vec<Option<Step>>,
    /// The step that removes each live object that goes.
    removal: Vec<Option<Step>>,
    /// The removals that the user forbids.
    prevented: Vec<(Step, PlanError)>,
}

/// Every step, before it is known which of them are meant.
pub(super) struct Arranged {
    pub steps: Dag<PlannedStep, Reason>,
    /// What is known of nodes and look-ups before the first step.
    pub facts: BTreeMap<Address, Attributes>,
    /// The removals that the user forbids.
    pub prevented: Vec<(Step, PlanError)>,
}

pub(super) fn arrange(world: &World<'_>, decided: Decided<'_>) -> Result<Plan, Vec<PlanError>> {
    let leaving = Leaving::new(world, &decided);
    let conflicts = beside::conflicts(world, &decided, &leaving);
    let count = leaving.objects.len();
    let mut work = Arrangement {
        world,
        leaving: &leaving,
        steps: Dag::new(),
        change: vec![None; count],
        removal: vec![None; count],
        prevented: Vec::new(),
    };
    let wanted = decided.wanted.into_iter().zip(&leaving.of_decision);
    let up: Vec<Step> = wanted
        .map(|(decision, object)| work.add_wanted(decision, *object))
        .collect();
    let conflicts = conflicts.into_iter();
    work.prevented
        .extend(conflicts.map(|(decision, error)| (up[decision], error)));
    for (before, after, reason) in decided.edges {
        work.steps.before(up[before], up[after], reason);
    }
    for (place, (object, end)) in leaving.objects.iter().enumerate() {
        if matches!(end, End::Unwanted | End::Spare) {
            work.remove(place, *end, work.lifecycle(object), None);
        }
    }
    work.mark_implied();
    work.order_removals();
    work.keep_parts_serving(&up);
    work.drop_what_can_be_done_without();
    work.finish(decided.facts, decided.lifetime)
}

impl Arrangement<'_, '_> {
    /// Adds the steps of a wanted node; gives the one that brings it about.
    fn add_wanted(&mut self, decision: Decision<'_>, object: Option<usize>) -> Step {
        let mut step = PlannedStep {
            address: decision.address.clone(),
            action: Action::Keep,
            replace: None,
            was: decision
                .live
                .and_then(|live| former(decision.address, live)),
            id: decision.live.map(|live| live.id.clone()),
            inputs: decision.inputs,
            preview: decision.preview,
            live: decision
                .live
                .map_or_else(Attributes::new, |live| live.attributes.clone()),
            differences: decision.differences,
            tags: decision.tags,
            tag_change: decision.tag_change,
            lifecycle: decision.node.lifecycle.clone(),
            generation: self.world.remembered.next_generation(decision.address),
            implied: false,
            given_back: false,
        };
        match decision.fate {
            Fate::Keep => {}
            Fate::Adopt => step.action = Action::Adopt,
            Fate::Update => step.action = Action::Update,
            Fate::Create => step.action = Action::Create,
            Fate::Replace(reason) => {
                step.action = Action::Create;
                step.replace = Some(reason);
                step.was = None;
                step.tag_change = TagChange::default();
                if let Some((live, object)) = decision.live.zip(object) {
                    return self.replace(step, live, object);
                }
            }
        }
        let place = self.steps.add(step);
        if let Some(object) = object {
            self.change[object] = Some(place);
        }
        place
    }

    /// Adds the two steps of a node that is made anew; gives the creating one.
    fn replace(&mut self, mut step: PlannedStep, live: &Live, object: usize) -> Step {
        let beside = self.leaving.waits[object];
        if beside && let Some(kind) = self.world.registry.of(&step.address) {
            kind.beside(&mut step.inputs, &live.attributes);
            kind.beside(&mut step.preview, &live.attributes);
        }
        let mut lifecycle = step.lifecycle.clone();
        lifecycle.prevent_destroy |= self.lifecycle(live).prevent_destroy;
        let reason = step.replace.clone();
        let create = self.steps.add(step);
        if let Some(delete) = self.remove(object, End::Replaced, lifecycle, reason) {
            let reason = Reason(REPLACED.into());
            if beside {
                self.steps.before(create, delete, reason);
            } else {
                self.steps.before(delete, create, reason);
            }
        }
        create
    }

    /// Adds the step that removes an object, and notes where the user forbids it.
    fn remove(
        &mut self,
        place: usize,
        end: End,
        lifecycle: Lifecycle,
        replace: Option<String>,
    ) -> Option<Step> {
        let object = self.leaving.objects[place].0;
        let address = object.address.clone()?;
        let removed = self.world.wishes.removed.get(&address.table());
        let forgotten = removed.map_or(lifecycle.forget_on_remove, |destroy| !destroy);
        let forget = forgotten && end == End::Unwanted && !self.world.destroy;
        let forbidden = lifecycle.prevent_destroy && !forget;
        let prevented = forbidden.then(|| PlanError::Prevented {
            address: address.clone(),
            reason: match (end, &replace) {
                (_, Some(reason)) => reason.clone(),
                (End::Spare, None) => SPARE.to_owned(),
                (_, None) => UNWANTED.to_owned(),
            },
        });
        let step = PlannedStep {
            address,
            action: if forget {
                Action::Forget
            } else {
                Action::Delete
            },
            replace,
            was: None,
            id: Some(object.id.clone()),
            inputs: Attributes::new(),
            preview: Attributes::new(),
            live: object.attributes.clone(),
            differences: Vec::new(),
            tags: Tags::new(),
            tag_change: if forget {
                unmark(&object.tags)
            } else {
                TagChange::default()
            },
            lifecycle,
            generation: 0,
            implied: false,
            given_back: false,
        };
        let step = self.steps.add(step);
        self.prevented.extend(prevented.map(|error| (step, error)));
        self.removal[place] = Some(step);
        Some(step)
    }

    /// What the user says of an object's life: in the file, or when it was there.
    fn lifecycle(&self, object: &Live) -> Lifecycle {
        let Some(address) = &object.address else {
            return Lifecycle::default();
        };
        if let Some(node) = self.world.wanted.nodes.get(address) {
            return node.lifecycle.clone();
        }
        let remembered = self.world.remembered.nodes.get(address);
        remembered.map_or_else(Lifecycle::default, lifecycle_of)
    }

    /// The step that deletes an object, if one does.
    fn deletion(&self, place: usize) -> Option<Step> {
        self.removal[place].filter(|step| self.steps.node(*step).action == Action::Delete)
    }

    /// A part that goes with its table needs no call, unless it holds another
    /// object that goes too and must let go of it first.
    fn mark_implied(&mut self) {
        for (place, ties) in self.leaving.ties.iter().enumerate() {
            let (Some(step), Some(table)) = (self.deletion(place), ties.table) else {
                continue;
            };
            let kind = self.world.registry.of(&self.steps.node(step).address);
            let contained = kind.is_some_and(|kind| kind.about().contained);
            let holds_another = ties.uses.iter().any(|used| {
                used.holds && used.target != table && self.deletion(used.target).is_some()
            });
            if contained && self.deletion(table).is_some() && !holds_another {
                self.steps.node_mut(step).implied = true;
            }
        }
    }

    fn order_removals(&mut self) {
        for (user, ties) in self.leaving.ties.iter().enumerate() {
            for (later, reason) in &ties.orders {
                if let (Some(first), Some(later)) = (self.removal[user], self.removal[*later]) {
                    self.steps.before(first, later, Reason((*reason).into()));
                }
            }
            for used in &ties.uses {
                let Some(removal) = self.removal[used.target] else {
                    continue;
                };
                let first = match self.removal[user] {
                    Some(first) => Some(first),
                    None if self.leaving.change_comes_first(used.target) => self.change[user],
                    None => None,
                };
                let reason = if used.holds { IN_USE } else { POINTED_AT };
                if let Some(first) = first {
                    self.steps.before(first, removal, Reason(reason.into()));
                }
            }
        }
    }

    /// Where a table is made anew beside the old one, those who use it change
    /// over when the new one has its parts, and the old one's parts go when
    /// they have: a security group without its rules would cut them off.
    fn keep_parts_serving(&mut self, up: &[Step]) {
        let mut created: HashMap<Address, Vec<Step>> = HashMap::new();
        for step in up {
            let node = self.steps.node(*step);
            if node.action == Action::Create && node.address.part.is_some() {
                created.entry(node.address.table()).or_default().push(*step);
            }
        }
        let parts = self.leaving.parts();
        for (user, ties) in self.leaving.ties.iter().enumerate() {
            let Some(change) = self.change[user] else {
                continue;
            };
            for used in ties.uses.iter().filter(|used| used.holds) {
                let (table, end) = &self.leaving.objects[used.target];
                let Some(address) = table.address.as_ref().filter(|a| a.part.is_none()) else {
                    continue;
                };
                if *end != End::Replaced || self.steps.node(change).address.table() == *address {
                    continue;
                }
                for first in created.get(address).into_iter().flatten() {
                    self.steps.before(*first, change, Reason(SERVING.into()));
                }
                let removals = parts.get(address).into_iter().flatten();
                for removal in removals.filter_map(|part| self.removal[*part]) {
                    self.steps.before(change, removal, Reason(SERVING.into()));
                }
            }
        }
    }

    /// AWS can do without some orders. Objects that point at each other in a
    /// circle, which nobody but a stranger makes, must be able to go.
    fn drop_what_can_be_done_without(&mut self) {
        for reason in [SERVING, POINTED_AT] {
            if self.steps.order().is_err() {
                self.steps.keep_edges(|kept| kept.0 != reason);
            }
        }
    }

    fn finish(
        self,
        facts: BTreeMap<Address, Attributes>,
        lifetime: Option<Lifetime>,
    ) -> Result<Plan, Vec<PlanError>> {
        let arranged = Arranged {
            steps: self.steps,
            facts,
            prevented: self.prevented,
        };
        let (arranged, left_out) = selection::part(self.world, arranged);
        let Arranged {
            steps,
            facts,
            prevented,
        } = arranged;
        let mut errors: Vec<PlanError> = prevented.into_iter().map(|(_, error)| error).collect();
        if let Err(circle) = steps.order() {
            errors.push(PlanError::Circle {
                circle: circle
                    .0
                    .iter()
                    .map(|step| steps.node(*step).address.clone())
                    .collect(),
            });
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(Plan {
            stack: self.world.wanted.name.clone(),
            place: self.world.place.clone(),
            steps,
            facts,
            foreign: match self.world.destroy {
                true => Vec::new(),
                false => strangers(self.world.live),
            },
            selection: self.world.wishes.selection.clone(),
            left_out,
            lifetime,
            switches: Vec::new(),
        })
    }
}

/// What others have put into objects of ours, in the order of addresses.
fn strangers(live: &[Live]) -> Vec<Foreign> {
    let mut found: Vec<Foreign> = live.iter().filter_map(|it| it.foreign.clone()).collect();
    found.sort();
    found
}

/// What the state knows of what the user said of an object's life.
pub(super) fn lifecycle_of(remembered: &Remembered) -> Lifecycle {
    Lifecycle {
        prevent_destroy: remembered.prevent_destroy,
        forget_on_remove: remembered.forget_on_remove,
        ..Lifecycle::default()
    }
}

/// Takes our tags off an object that is to be left alone from now on.
pub(super) fn unmark(found: &Tags) -> TagChange {
    TagChange {
        set: Tags::new(),
        remove: found
            .keys()
            .filter(|key| key.starts_with(tags::PREFIX))
            .cloned()
            .collect(),
    }
}
