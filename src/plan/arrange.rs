//! Arranges decisions into steps and says which comes before which.
//!
//! ```text
//!   build   what is needed ──► who needs it
//!   remove  who uses it ──► what is used            (the reverse)
//!   change  who lets go of it ──► what is removed
//!   room    who gives it up ──► who takes what only one can have
//!   replace delete ──► create, or create ──► users change ──► delete
//!           where a user that stays would hold the old object
//! ```

use std::collections::{BTreeMap, BTreeSet};

use super::decide::{Decided, Decision, Fate};
use super::leaving::{End, Leaving};
use super::lifetime::Lifetime;
use super::live_stack::Use;
use super::moves::former;
use super::outcome::{EVERYTHING, Plan, PlanError, PlannedStep, Reason, World};
use super::selection;
use super::serving::SERVING;
use crate::graph::{Dag, Step};
use crate::kind::{Foreign, Lifecycle, Live};
use crate::model::tags::{self, TagChange};
use crate::model::{Action, Address, Attributes, Tags};
use crate::state::Remembered;

const REPLACED: &str = "it is made anew";
const IN_USE: &str = "it is in use until then";
const POINTED_AT: &str = "something points at it until then";
const UNWANTED: &str = "the file no longer wants it";
const SPARE: &str = "another object serves at its address";

pub(super) struct Arrangement<'w, 'a> {
    pub(super) world: &'w World<'a>,
    pub(super) leaving: &'w Leaving<'a>,
    pub(super) steps: Dag<PlannedStep, Reason>,
    /// The step that changes or keeps each live object that stays.
    pub(super) change: Vec<Option<Step>>,
    /// The step that removes each live object that goes.
    pub(super) removal: Vec<Option<Step>>,
    /// Whether something is given up first so that another can have it. No order
    /// that AWS can do without may stand against that.
    pub(super) makes_room: bool,
    /// The steps that cannot be, since the user forbids it or AWS would.
    pub(super) refused: Vec<(Step, PlanError)>,
}

/// Every step, before it is known which of them are meant.
pub(super) struct Arranged {
    pub steps: Dag<PlannedStep, Reason>,
    /// What is known of nodes and look-ups before the first step.
    pub facts: BTreeMap<Address, Attributes>,
    /// The steps that cannot be, since the user forbids it or AWS would.
    pub refused: Vec<(Step, PlanError)>,
}

pub(super) fn arrange(world: &World<'_>, decided: Decided<'_>) -> Result<Plan, Vec<PlanError>> {
    let leaving = Leaving::new(world, &decided);
    let count = leaving.objects.len();
    let mut work = Arrangement {
        world,
        leaving: &leaving,
        steps: Dag::new(),
        change: vec![None; count],
        removal: vec![None; count],
        makes_room: false,
        refused: Vec::new(),
    };
    let wanted = decided.wanted.into_iter().zip(&leaving.of_decision);
    let up: Vec<Step> = wanted
        .map(|(decision, object)| work.add_wanted(decision, *object))
        .collect();
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
    work.make_room(&up);
    work.order_what_points();
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
        let forgotten = match self.world.wishes.removed.get(&address.table()) {
            Some(destroy) => !destroy,
            None => lifecycle.forget_on_remove && !self.world.destroy,
        };
        let forget = forgotten && end == End::Unwanted;
        let forbidden = lifecycle.prevent_destroy && !forget;
        let prevented = forbidden.then(|| PlanError::Prevented {
            address: address.clone(),
            reason: match (end, &replace) {
                (_, Some(reason)) => reason.clone(),
                (End::Spare, None) => SPARE.to_owned(),
                (_, None) if self.world.destroy => EVERYTHING.to_owned(),
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
        self.refused.extend(prevented.map(|error| (step, error)));
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
    pub(super) fn deletion(&self, place: usize) -> Option<Step> {
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
            for used in ties.uses.iter().filter(|used| used.holds) {
                if let Some((first, removal)) = self.letting_go(user, used) {
                    self.steps.before(first, removal, Reason(IN_USE.into()));
                }
            }
        }
    }

    /// What merely points at something that goes, goes or points elsewhere first.
    fn order_what_points(&mut self) {
        for (user, ties) in self.leaving.ties.iter().enumerate() {
            for used in ties.uses.iter().filter(|used| !used.holds) {
                if let Some((first, removal)) = self.letting_go(user, used) {
                    self.prefer(first, removal, POINTED_AT);
                }
            }
        }
    }

    /// The step with which a user lets go of what goes, and the latter's removal.
    fn letting_go(&self, user: usize, used: &Use) -> Option<(Step, Step)> {
        let removal = self.removal[used.target]?;
        let first = match self.removal[user] {
            Some(first) => Some(first),
            None if self.leaving.change_comes_first(used.target) => self.change[user],
            None => None,
        };
        Some((first?, removal))
    }

    /// Adds an order that AWS can do without.
    pub(super) fn prefer(&mut self, first: Step, then: Step, reason: &'static str) {
        let reason = Reason(reason.into());
        if self.makes_room {
            self.steps.before_unless_circle(first, then, reason);
        } else {
            self.steps.before(first, then, reason);
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
            refused: self.refused,
        };
        let (arranged, left_out) = selection::part(self.world, arranged);
        let Arranged {
            steps,
            facts,
            refused,
        } = arranged;
        let mut errors = told_once(refused);
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

/// Why steps cannot be, without forbidden removals of parts whose table's says it.
fn told_once(refused: Vec<(Step, PlanError)>) -> Vec<PlanError> {
    let errors: Vec<PlanError> = refused.into_iter().map(|(_, error)| error).collect();
    let guarded = |error: &PlanError| match error {
        PlanError::Prevented { address, .. } => Some(address.clone()),
        _ => None,
    };
    let tables: BTreeSet<Address> = errors.iter().filter_map(guarded).collect();
    let mut errors = errors;
    errors.retain(|error| {
        guarded(error).is_none_or(|at| at.part.is_none() || !tables.contains(&at.table()))
    });
    errors
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
