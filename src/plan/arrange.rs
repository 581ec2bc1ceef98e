//! Arranges decisions into steps and says which comes before which.
//!
//! ```text
//!   build   what is needed ──► who needs it
//!   remove  who uses it ──► what is used            (the reverse)
//!   change  who lets go of it ──► what is removed
//!   replace delete ──► create, or create ──► users change ──► delete
//!           where a user that stays would hold the old object
//! ```

use std::collections::{BTreeMap, BTreeSet};

use super::decide::{Decided, Decision, Fate};
use super::live_stack::LiveStack;
use super::outcome::{Plan, PlanError, PlannedStep, Reason, World};
use crate::graph::{Dag, Step};
use crate::kind::{Lifecycle, Live};
use crate::model::tags::{self, TagChange};
use crate::model::{Action, Address, Attributes, Tags};

const REPLACED: &str = "it is made anew";
const IN_USE: &str = "it is in use until then";

struct Arrangement<'w, 'a> {
    world: &'w World<'a>,
    steps: Dag<PlannedStep, Reason>,
    /// The step that builds, changes or keeps each wanted node.
    up: BTreeMap<Address, Step>,
    /// The step that removes each live object, by its live address.
    down: BTreeMap<Address, Step>,
    errors: Vec<PlanError>,
}

pub(super) fn arrange(
    world: &World<'_>,
    decided: Decided<'_>,
) -> Result<Plan, Vec<PlanError>> {
    // Objects under their live addresses: what AWS's own links are between.
    let mut live: BTreeMap<&Address, &Live> = BTreeMap::new();
    let mut surplus = Vec::new();
    let of_decisions = decided.wanted.nodes().filter_map(|(_, d)| d.live);
    for object in of_decisions.chain(decided.unwanted.iter().copied()) {
        if let Some(address) = &object.address {
            if live.contains_key(address) {
                surplus.push(object);
            } else {
                live.insert(address, object);
            }
        }
    }
    let seen = LiveStack::new(
        world.registry,
        &world.wanted.name,
        &world.place.region,
        &live,
    );
    let wanted_address = |live: &Address| decided.renamed.get(live).unwrap_or(live).clone();

    let mut work = Arrangement {
        world,
        steps: Dag::new(),
        up: BTreeMap::new(),
        down: BTreeMap::new(),
        errors: Vec::new(),
    };

    // Which objects go, and which stay and may hold them.
    let mut going: BTreeSet<Address> = BTreeSet::new();
    going.extend(decided.unwanted.iter().filter_map(|l| l.address.clone()));
    for (_, decision) in decided.wanted.nodes() {
        if matches!(decision.fate, Fate::Replace(_)) {
            going.extend(decision.live.and_then(|live| live.address.clone()));
        }
    }
    let held = held_by_those_that_stay(&seen, &going);

    for (_, decision) in decided.wanted.nodes() {
        work.add_wanted(decision, &held);
    }
    for (before, after, reason) in decided.wanted.edges() {
        let up = |step: Step| work.up.get(&decided.wanted.node(step).address).copied();
        if let (Some(before), Some(after)) = (up(before), up(after)) {
            work.steps.before(before, after, reason.clone());
        }
    }
    for object in &decided.unwanted {
        if !surplus.iter().any(|s| std::ptr::eq(*s, *object)) {
            work.remove(object, None);
        }
    }
    work.mark_implied(&seen);
    work.order_removals(&seen, &held, &wanted_address);
    for object in surplus {
        work.remove_surplus(object, &seen);
    }
    work.finish(decided.facts)
}

/// The going objects that an object which stays holds fast.
fn held_by_those_that_stay(seen: &LiveStack, going: &BTreeSet<Address>) -> BTreeSet<Address> {
    seen.uses
        .iter()
        .filter(|(user, _)| !going.contains(*user))
        .flat_map(|(_, uses)| uses.iter().filter(|used| used.holds))
        .filter(|used| going.contains(&used.target))
        .map(|used| used.target.clone())
        .collect()
}

impl Arrangement<'_, '_> {
    /// Adds the steps of a wanted node.
    fn add_wanted(&mut self, decision: &Decision<'_>, held: &BTreeSet<Address>) {
        let mut step = PlannedStep {
            address: decision.address.clone(),
            action: Action::Keep,
            replace: None,
            id: decision.live.map(|live| live.id.clone()),
            inputs: decision.node.inputs.clone(),
            preview: decision.preview.clone(),
            live: decision
                .live
                .map_or_else(Attributes::new, |live| live.attributes.clone()),
            differences: decision.differences.clone(),
            tags: decision.node.tags.clone(),
            tag_change: decision.tag_change.clone(),
            lifecycle: decision.node.lifecycle.clone(),
            generation: self.world.remembered.next_generation(&decision.address),
            implied: false,
        };
        match (&decision.fate, decision.live) {
            (Fate::Keep, _) => {}
            (Fate::Update, _) => step.action = Action::Update,
            (Fate::Replace(reason), Some(live)) => {
                step.action = Action::Create;
                step.replace = Some(reason.clone());
                step.tag_change = TagChange::default();
                let old = live.address.clone().unwrap_or(decision.address.clone());
                let beside = held.contains(&old);
                if beside && let Some(kind) = self.world.registry.of(&decision.address) {
                    kind.beside(&mut step.inputs, &live.attributes);
                    kind.beside(&mut step.preview, &live.attributes);
                }
                let create = self.steps.add(step);
                self.up.insert(decision.address.clone(), create);
                let delete = self.remove(live, Some(reason.clone()));
                if let Some(delete) = delete {
                    let reason = Reason(REPLACED.into());
                    if beside {
                        self.steps.before(create, delete, reason);
                    } else {
                        self.steps.before(delete, create, reason);
                    }
                }
                return;
            }
            (Fate::Create | Fate::Replace(_), _) => step.action = Action::Create,
        }
        let place = self.steps.add(step);
        self.up.insert(decision.address.clone(), place);
    }

    /// Adds the step that removes an object, unless the user forbids it.
    fn remove(&mut self, object: &Live, replace: Option<String>) -> Option<Step> {
        let address = object.address.clone()?;
        let lifecycle = self.lifecycle(&address);
        if lifecycle.prevent_destroy {
            self.errors.push(PlanError::Prevented {
                address,
                reason: replace.unwrap_or_else(|| "the file no longer wants it".to_owned()),
            });
            return None;
        }
        let forget = lifecycle.forget_on_remove && replace.is_none() && !self.world.destroy;
        let step = PlannedStep {
            address: address.clone(),
            action: if forget { Action::Forget } else { Action::Delete },
            replace,
            id: Some(object.id.clone()),
            inputs: Attributes::new(),
            preview: Attributes::new(),
            live: object.attributes.clone(),
            differences: Vec::new(),
            tags: Tags::new(),
            tag_change: if forget { unmark(&object.tags) } else { TagChange::default() },
            lifecycle,
            generation: 0,
            implied: false,
        };
        let place = self.steps.add(step);
        self.down.insert(address, place);
        Some(place)
    }

    /// What the user says of a node's life: in the file, or when it was there.
    fn lifecycle(&self, address: &Address) -> Lifecycle {
        if let Some(node) = self.world.wanted.nodes.get(address) {
            return node.lifecycle.clone();
        }
        let remembered = self.world.remembered.nodes.get(address);
        remembered.map_or_else(Lifecycle::default, |remembered| Lifecycle {
            prevent_destroy: remembered.prevent_destroy,
            forget_on_remove: remembered.forget_on_remove,
            ignore: Vec::new(),
        })
    }

    /// A part that goes with its table needs no call, unless it holds another
    /// object that goes too and must let go of it first.
    fn mark_implied(&mut self, seen: &LiveStack) {
        for (address, step) in &self.down {
            let contained = self
                .world
                .registry
                .of(address)
                .is_some_and(|kind| kind.about().contained);
            let table = address.table();
            let holds_another = seen.uses.get(address).is_some_and(|uses| {
                let mut uses = uses.iter();
                uses.any(|u| u.holds && u.target != table && self.down.contains_key(&u.target))
            });
            if contained && self.down.contains_key(&table) && !holds_another {
                self.steps.node_mut(*step).implied = true;
            }
        }
    }

    fn order_removals(
        &mut self,
        seen: &LiveStack,
        held: &BTreeSet<Address>,
        wanted_address: &dyn Fn(&Address) -> Address,
    ) {
        for (user, uses) in &seen.uses {
            for used in uses {
                let Some(removal) = self.down.get(&used.target).copied() else {
                    continue;
                };
                if let Some(first) = self.down.get(user) {
                    self.steps.before(*first, removal, Reason(IN_USE.into()));
                    continue;
                }
                let Some(change) = self.up.get(&wanted_address(user)).copied() else {
                    continue;
                };
                // A loose user of an object that is deleted before it is made
                // anew can only follow it.
                let replaced = self.steps.node(removal).replace.is_some();
                if !replaced || held.contains(&used.target) {
                    self.steps.before(change, removal, Reason(IN_USE.into()));
                }
            }
        }
        for (address, step) in &self.down {
            let (Some(kind), Some(node)) =
                (self.world.registry.of(address), seen.stack.get(address))
            else {
                continue;
            };
            for order in kind.orders(node, &seen.stack) {
                if let Some(later) = self.down.get(&order.after) {
                    self.steps.before(*step, *later, Reason(order.reason.into()));
                }
            }
        }
    }

    /// Removes a second object at an address that has one already.
    fn remove_surplus(&mut self, object: &Live, seen: &LiveStack) {
        let Some(address) = object.address.clone() else {
            return;
        };
        let first = self.down.remove(&address);
        let removal = self.remove(object, None);
        if let (Some(removal), Some(uses)) = (removal, seen.uses.get(&address)) {
            for used in uses {
                if let Some(later) = self.down.get(&used.target) {
                    self.steps.before(removal, *later, Reason(IN_USE.into()));
                }
            }
        }
        match first {
            Some(first) => self.down.insert(address, first),
            None => self.down.remove(&address),
        };
    }

    fn finish(self, facts: BTreeMap<Address, Attributes>) -> Result<Plan, Vec<PlanError>> {
        let mut errors = self.errors;
        if let Err(circle) = self.steps.order() {
            errors.push(PlanError::Circle {
                circle: circle
                    .0
                    .iter()
                    .map(|step| self.steps.node(*step).address.clone())
                    .collect(),
            });
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(Plan {
            stack: self.world.wanted.name.clone(),
            place: self.world.place.clone(),
            steps: self.steps,
            facts,
        })
    }
}

/// Takes our tags off an object that is to be left alone from now on.
fn unmark(found: &Tags) -> TagChange {
    TagChange {
        set: Tags::new(),
        remove: found
            .keys()
            .filter(|key| key.starts_with(tags::PREFIX))
            .cloned()
            .collect(),
    }
}
