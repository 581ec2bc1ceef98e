//! Taking a run back: the network as it was before it becomes what is wanted.
//!
//! ```text
//!  live before ──┐                       live after ──┐
//!  memory before ┴─► Before ─► wanted ─┐              │
//!                                      ├─► Undoing ───┴─► plan, as for a file
//!  what the run touched ───────────────┘
//! ```
//!
//! The same planner then finds what differs: what the run created goes, what it
//! changed is changed back, what it deleted or replaced is made again. Ids that
//! stood before are references again, so what is made again finds its
//! neighbours under their new ids, and the graph orders it.
//!
//! Only what the run touched is wanted as it was. Everything else is wanted as
//! it lives now, so that no step can come of it.

mod comparing;
mod lost;
mod naming;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use self::comparing::{Identity, chosen, comparable, identity, stated, with_former_names};
use super::live_stack::seen;
use super::outcome::{Plan, PlanError, PlannedStep, World};
use super::plan;
use super::wishes::NO_WISHES;
use crate::kind::{Lifecycle, Live, Node, Registry, Stack};
use crate::model::secrecy::is_secret;
use crate::model::tags::{self, Tags};
use crate::model::{Action, Address, Attributes};
use crate::state::{Remembered, Snapshot};

pub use self::lost::{Lost, losses};

/// What a run has touched.
#[derive(Debug, Clone, Default)]
pub struct Touched {
    /// The nodes that it did something to, or tried to.
    pub nodes: BTreeSet<Address>,
    /// Those of them whose objects it left to themselves.
    pub let_go: BTreeSet<Address>,
}

/// What takes a run back.
#[derive(Debug)]
pub struct Undoing {
    wanted: Stack,
    live: Vec<Live>,
    remembered: Snapshot,
    lifecycles: BTreeMap<Address, Lifecycle>,
    /// The tables whose objects were others' before the run.
    of_others: BTreeSet<Address>,
    /// What cannot be brought back.
    pub lost: Vec<Lost>,
}

/// The network before a run as a stack, for reading what lives after it.
#[must_use]
pub fn before(world: &World<'_>) -> Stack {
    let objects = chosen(world.live, world.remembered);
    let inputs = seen(world.registry, &objects);
    let nodes = objects.iter().zip(inputs);
    stack(
        world,
        nodes.map(|((address, object), inputs)| {
            let node = Node {
                inputs: stated(world.registry, &objects, address, inputs),
                tags: object.tags.clone(),
                ..Node::default()
            };
            ((*address).clone(), node)
        }),
    )
}

impl Undoing {
    /// Finds what is to be wanted. `before` is the world that the run's plan was
    /// made of, `after` what lives now, `remembered` what the run left behind.
    #[must_use]
    pub fn of(
        before: &World<'_>,
        ran: &Plan,
        touched: &Touched,
        after: &[Live],
        remembered: &Snapshot,
    ) -> Self {
        let registry = before.registry;
        let was = chosen(before.live, before.remembered);
        let touched = Touched {
            nodes: with_former_names(before.live, after, &touched.nodes),
            let_go: touched.let_go.clone(),
        };
        let live = comparable(&was, before.live, after, &touched);
        let lives: HashSet<Identity<'_>> = live.iter().filter_map(identity).collect();
        let gone = |object: &Live| identity(object).is_none_or(|it| !lives.contains(&it));
        let names = naming::Names::of(registry, was.iter().filter(|(_, live)| gone(live)));
        let written = tags_written(ran);
        let mut undoing = Self {
            wanted: stack(before, []),
            live: Vec::new(),
            remembered: remembered.clone(),
            lifecycles: BTreeMap::new(),
            of_others: of_others(before, &was),
            lost: Vec::new(),
        };
        // What the run did not touch stays as it is.
        let now = chosen(&live, remembered);
        for ((address, object), inputs) in now.iter().zip(seen(registry, &now)) {
            if !touched.nodes.contains(*address) {
                let memory = remembered.nodes.get(*address);
                let inputs = stated(registry, &now, address, inputs);
                undoing.want(registry, object, inputs, memory, None);
            }
        }
        for ((address, object), inputs) in was.iter().zip(seen(registry, &was)) {
            if !touched.nodes.contains(*address) {
                continue;
            }
            let memory = before.remembered.nodes.get(*address);
            let memory = memory.filter(|memory| memory.id == object.id);
            let mut inputs = stated(registry, &was, address, inputs);
            if gone(object) {
                undoing.make_again(registry, object, &mut inputs, memory);
            }
            let inputs = names.found_in(address, inputs);
            undoing.want(registry, object, inputs, memory, Some(&written));
        }
        undoing.remember_as_ours(&was, &written);
        undoing.live = live;
        undoing.lost.sort();
        undoing
    }

    /// Makes the plan that takes the run back.
    ///
    /// # Errors
    /// Every [`PlanError`] at once.
    pub fn plan(&self, before: &World<'_>) -> Result<Plan, Vec<PlanError>> {
        let mut undoing = plan(&World {
            registry: before.registry,
            place: before.place,
            wanted: &self.wanted,
            existing: before.existing,
            live: &self.live,
            remembered: &self.remembered,
            destroy: false,
            wishes: &NO_WISHES,
        })?;
        // What the file says of others is not this plan's business.
        undoing.foreign.clear();
        for place in undoing.steps.steps() {
            let step = undoing.steps.node_mut(place);
            let stays = matches!(step.action, Action::Keep | Action::Update);
            step.given_back = stays && self.of_others.contains(&step.address.table());
            if step.given_back && step.action == Action::Update {
                self.take_marks_off(step);
            }
            if let Some(lifecycle) = self.lifecycles.get(&step.address)
                && !matches!(step.action, Action::Delete | Action::Forget)
            {
                step.lifecycle = lifecycle.clone();
            }
        }
        Ok(undoing)
    }

    /// What was written as an object became ours, and is compared with nothing
    /// since, goes as well when it is given back.
    fn take_marks_off(&self, step: &mut PlannedStep) {
        let is_it = |live: &&Live| {
            let here = live.address.as_ref() == Some(&step.address);
            here && Some(&live.id) == step.id.as_ref()
        };
        let Some(live) = self.live.iter().find(is_it) else {
            return;
        };
        for key in live.tags.keys().filter(|key| key.starts_with(tags::PREFIX)) {
            let known = step.tags.contains_key(key) || step.tag_change.remove.contains(key);
            if !known {
                step.tag_change.remove.push(key.clone());
            }
        }
    }

    /// Adds a node. `written` are the tags that the run wrote, for what it touched.
    fn want(
        &mut self,
        registry: Registry,
        object: &Live,
        inputs: Attributes,
        memory: Option<&Remembered>,
        written: Option<&HashMap<Address, Tags>>,
    ) {
        let Some(address) = &object.address else {
            return;
        };
        let lifecycle = memory.map_or_else(Lifecycle::default, lifecycle_of);
        self.lifecycles.insert(address.clone(), lifecycle);
        let written = written.and_then(|written| written.get(address));
        let ours = |key: &String| {
            key.starts_with(tags::PREFIX)
                || memory.is_none_or(|memory| memory.tags.contains_key(key))
                || written.is_some_and(|written| written.contains_key(key))
        };
        let tagged = registry.of(address).is_some_and(|kind| kind.about().tagged);
        let mut wanted = Tags::new();
        if tagged {
            let all = object.tags.iter();
            let kept = all.filter(|(key, _)| ours(key) && !tags::is_of_creation(key));
            wanted.extend(kept.map(|(key, value)| (key.clone(), value.clone())));
            // Under its former name, whatever it is called by now.
            if object.tags.contains_key(tags::ADDRESS) {
                wanted.insert(tags::ADDRESS.to_owned(), address.to_string());
            }
        }
        let node = Node {
            inputs,
            tags: wanted,
            // The guards of then are noted, and do not hinder: what the run made
            // must be able to go.
            ..Node::default()
        };
        self.wanted.nodes.insert(address.clone(), node);
    }

    /// Completes the inputs of what is gone from what the state remembers, and
    /// notes what comes back no more.
    fn make_again(
        &mut self,
        registry: Registry,
        object: &Live,
        inputs: &mut Attributes,
        memory: Option<&Remembered>,
    ) {
        let Some((address, kind)) = object
            .address
            .as_ref()
            .and_then(|address| Some((address, registry.of(address)?)))
        else {
            return;
        };
        let lost = lost::of_object(kind, object, inputs, memory);
        self.lost.extend(lost.into_iter().map(|what| Lost {
            address: address.clone(),
            what,
        }));
        let known = memory.map(|memory| &memory.attributes);
        for field in kind.fields().iter().filter(|field| !field.expanded) {
            let remembered = known.and_then(|known| known.get(field.name));
            let missing = inputs.get(field.name).is_none() && !is_secret(field.name);
            if let Some(value) = remembered.filter(|_| missing) {
                inputs.set(field.name, value.clone());
            }
        }
    }

    /// What the run made may go, and what it wrote may be taken off again.
    fn remember_as_ours(&mut self, was: &[(&Address, &Live)], written: &HashMap<Address, Tags>) {
        let before: HashSet<Identity<'_>> = was.iter().filter_map(|(_, it)| identity(it)).collect();
        for (address, node) in &mut self.remembered.nodes {
            if let Some(written) = written.get(address) {
                let more = written
                    .iter()
                    .map(|(key, value)| (key.clone(), value.clone()));
                node.tags.extend(more);
            }
            match before.contains(&(address.kind.as_str(), address.label(), node.id.as_str())) {
                // That it is not at rest yet is the next plan's business.
                true => node.unsettled = false,
                false => (node.prevent_destroy, node.forget_on_remove) = (false, false),
            }
        }
    }
}

/// The tables whose objects were others' before a run: they lived, bore no tag of
/// this stack, and no state knew them.
fn of_others(before: &World<'_>, was: &[(&Address, &Live)]) -> BTreeSet<Address> {
    let stack = &before.wanted.name;
    let others = was.iter().filter(|(address, object)| {
        let memory = before.remembered.nodes.get(*address);
        let known = memory.is_some_and(|memory| memory.id == object.id);
        let ours = known || object.tags.get(tags::STACK) == Some(stack);
        address.part.is_none() && !ours
    });
    others.map(|(address, _)| (*address).clone()).collect()
}

/// The tags that a run's steps put on each node.
fn tags_written(ran: &Plan) -> HashMap<Address, Tags> {
    let steps = ran.steps.nodes().map(|(_, step)| step);
    let writing =
        steps.filter(|step| matches!(step.action, Action::Create | Action::Adopt | Action::Update));
    writing
        .map(|step| (step.address.clone(), step.tags.clone()))
        .collect()
}

fn lifecycle_of(memory: &Remembered) -> Lifecycle {
    Lifecycle {
        prevent_destroy: memory.prevent_destroy,
        forget_on_remove: memory.forget_on_remove,
        create_before_destroy: false,
        ignore: Vec::new(),
    }
}

fn stack(world: &World<'_>, nodes: impl IntoIterator<Item = (Address, Node)>) -> Stack {
    Stack {
        name: world.wanted.name.clone(),
        region: world.place.region.clone(),
        nodes: nodes.into_iter().collect(),
        ..Stack::default()
    }
}

#[cfg(test)]
mod tests;
