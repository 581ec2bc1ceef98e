//! How a plan that is made anew deviates from the saved one.
//!
//! Steps are known by their node and by whether the object goes. Of steps that do
//! something everything counts that was shown or that the engine hands to a kind;
//! what AWS alone decides (an object's outputs) does not, nor what a node that
//! stays is like: had it changed for the worse, it would not stay.

use std::collections::{BTreeMap, BTreeSet};

use super::seal::{sealed_drift, sealed_plan};
use crate::graph::Step;
use crate::kind::Registry;
use crate::model::{Action, Address, Attributes};
use crate::plan::{Difference, Drift, Drifted, Learned, Plan, PlannedStep, Reason};

/// One way in which the new plan is another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deviation {
    /// The node.
    pub address: Address,
    /// What is different.
    pub what: What,
}

/// What is different.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// Something else is to be done: what was saved, and what is planned now. None
    /// where nothing was known of it.
    Action(Option<Action>, Option<Action>),
    /// It is another object: its id when it was saved, and now.
    Object(Option<String>, Option<String>),
    /// The same is to be done, and these fields or facts are others.
    Content(Vec<String>),
    /// It is to come before another node, and was not; or the other way round.
    Order {
        /// The other node.
        before: Address,
        /// Whether the saved plan has that order.
        saved: bool,
    },
    /// What changed outside since the last run is not what it was.
    Drift,
    /// The state was to learn something else of it: then, and now. None where it
    /// learns nothing.
    Memory(Option<Lesson>, Option<Lesson>),
}

/// What a state learns of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lesson {
    /// To remember it as it lives.
    Remember,
    /// To forget it.
    Forget,
}

/// A step's node, whether its object goes, and which one where several may.
type Key = (Address, bool, Option<String>);

fn key(step: &PlannedStep) -> Key {
    let goes = matches!(step.action, Action::Delete | Action::Forget);
    let id = step.id.clone().filter(|_| goes);
    (step.address.clone(), goes, id)
}

/// Every deviation, in the order of addresses; orders of steps only where all
/// steps are the same.
#[must_use]
pub fn deviations(saved: &Plan, now: &Plan, registry: Registry) -> Vec<Deviation> {
    let (saved, now) = (sealed_plan(saved), sealed_plan(now));
    let (before, after) = (by_key(&saved), by_key(&now));
    let keys: BTreeSet<&Key> = before.keys().chain(after.keys()).collect();
    let mut found = Vec::new();
    for key in keys {
        let what = match (before.get(key), after.get(key)) {
            (Some(before), Some(after)) => compared(before, after, registry),
            (before, after) => {
                let action = |step: Option<&&PlannedStep>| step.map(|step| step.action);
                Some(What::Action(action(before), action(after)))
            }
        };
        found.extend(what.map(|what| Deviation {
            address: key.0.clone(),
            what,
        }));
    }
    if found.is_empty() {
        found = orders(&saved, &now);
    }
    found
}

fn by_key(plan: &Plan) -> BTreeMap<Key, &PlannedStep> {
    let steps = plan.steps.nodes();
    steps.map(|(_, step)| (key(step), step)).collect()
}

fn compared(saved: &PlannedStep, now: &PlannedStep, registry: Registry) -> Option<What> {
    if saved.action != now.action {
        return Some(What::Action(Some(saved.action), Some(now.action)));
    }
    if saved.id != now.id {
        return Some(What::Object(saved.id.clone(), now.id.clone()));
    }
    if saved.action == Action::Keep {
        return None;
    }
    let mut names = BTreeSet::new();
    differing(&saved.inputs, &now.inputs, &mut names);
    differing(&saved.preview, &now.preview, &mut names);
    let mut live = BTreeSet::new();
    differing(&saved.live, &now.live, &mut live);
    let fields = registry.of(&saved.address).map(|kind| kind.fields());
    live.retain(|name| fields.is_none_or(|fields| fields.iter().any(|it| it.name == name)));
    names.append(&mut live);
    let changes = |step: &PlannedStep| -> BTreeMap<String, Difference> {
        let each = step.differences.iter();
        each.map(|it| (it.field.clone(), it.clone())).collect()
    };
    let (before, after) = (changes(saved), changes(now));
    let both = before.keys().chain(after.keys());
    names.extend(
        both.filter(|name| before.get(*name) != after.get(*name))
            .cloned(),
    );
    let facts = [
        (
            "tags",
            (&saved.tags, &saved.tag_change) == (&now.tags, &now.tag_change),
        ),
        ("lifecycle", saved.lifecycle == now.lifecycle),
        ("replace", saved.replace == now.replace),
        ("address", saved.was == now.was),
        ("generation", saved.generation == now.generation),
        ("implied", saved.implied == now.implied),
    ];
    let others = facts.iter().filter(|(_, same)| !same);
    names.extend(others.map(|(name, _)| (*name).to_owned()));
    (!names.is_empty()).then(|| What::Content(names.into_iter().collect()))
}

fn differing(saved: &Attributes, now: &Attributes, found: &mut BTreeSet<String>) {
    let names = saved.0.keys().chain(now.0.keys());
    found.extend(
        names
            .filter(|name| saved.0.get(*name) != now.0.get(*name))
            .cloned(),
    );
}

fn orders(saved: &Plan, now: &Plan) -> Vec<Deviation> {
    let (before, after) = (edges(saved), edges(now));
    let said = |(first, then, _): &(Key, Key, &str), saved| Deviation {
        address: first.0.clone(),
        what: What::Order {
            before: then.0.clone(),
            saved,
        },
    };
    let gone = before.difference(&after).map(|edge| said(edge, true));
    let new = after.difference(&before).map(|edge| said(edge, false));
    gone.chain(new).collect()
}

fn edges(plan: &Plan) -> BTreeSet<(Key, Key, &str)> {
    let key = |step: Step| key(plan.steps.node(step));
    let edges = plan.steps.edges();
    edges
        .map(|(first, then, Reason(reason))| (key(first), key(then), reason.as_ref()))
        .collect()
}

/// Every object that has drifted otherwise than it had when the plan was saved.
#[must_use]
pub fn drift_deviations(saved: &Drift, now: &Drift) -> Vec<Deviation> {
    let (saved, now) = (sealed_drift(saved), sealed_drift(now));
    let by_key = |drift: &Drift| -> BTreeMap<(Address, String), Drifted> {
        let objects = drift.objects.iter();
        objects
            .map(|it| ((it.address.clone(), it.id.clone()), it.clone()))
            .collect()
    };
    let (before, after) = (by_key(&saved), by_key(&now));
    let keys: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let differing = keys
        .into_iter()
        .filter(|key| before.get(*key) != after.get(*key));
    let addresses: BTreeSet<Address> = differing.map(|(address, _)| address.clone()).collect();
    addresses
        .into_iter()
        .map(|address| Deviation {
            address,
            what: What::Drift,
        })
        .collect()
}

/// Every node of which the state is to learn something else than when the plan
/// was saved.
#[must_use]
pub fn learned_deviations(saved: &Learned, now: &Learned) -> Vec<Deviation> {
    let lesson = |learned: &Learned, address: &Address| {
        let remember = learned.remembered.contains(address);
        let forget = learned.forgotten.contains(address);
        let lesson = remember.then_some(Lesson::Remember);
        lesson.or(forget.then_some(Lesson::Forget))
    };
    let both = [saved, now].into_iter();
    let all: BTreeSet<&Address> = both
        .flat_map(|it| it.remembered.iter().chain(&it.forgotten))
        .collect();
    let compared = all
        .into_iter()
        .map(|address| (address, lesson(saved, address), lesson(now, address)));
    compared
        .filter(|(_, before, after)| before != after)
        .map(|(address, before, after)| Deviation {
            address: address.clone(),
            what: What::Memory(before, after),
        })
        .collect()
}
