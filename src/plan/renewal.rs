//! A memory that agrees with what lives, without a call that changes anything.
//!
//! ```text
//!  drift ─┬─ changed, renewed ──► remembered as it lives
//!         ├─ appeared ──────────► remembered, where its address is free
//!         ├─ gone ──────────────► forgotten
//!         └─ foreign, broken ───► as before: no memory of ours
//! ```
//!
//! The next plan still wants what the file wants: only drift falls silent. What
//! others have added (routes in our tables, tags on our objects) does not become
//! ours by that, or the next plan would remove it; so drift goes on telling it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::drift::{Drift, Drifted, Happened};
use super::moves::{Moved, put_back};
use super::outcome::World;
use crate::kind::Live;
use crate::model::{Address, Tags, Value, tags};
use crate::state::{Remembered, Snapshot};

/// What the state would be, and what is new in it.
#[derive(Debug, Clone)]
pub struct Renewal {
    /// The state; its serial is still the old one's.
    pub snapshot: Snapshot,
    /// What is new in it.
    pub learned: Learned,
}

/// What a state learns.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Learned {
    /// The nodes that are remembered otherwise than before.
    pub remembered: BTreeSet<Address>,
    /// The nodes that are remembered no more.
    pub forgotten: BTreeSet<Address>,
}

impl Learned {
    /// Whether the state is as it was.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.remembered.is_empty() && self.forgotten.is_empty()
    }
}

/// A live object's kind, label and id, by which it is known under any address.
type Key<'a> = (&'a str, &'a str, &'a str);

fn key<'a>(address: &'a Address, id: &'a str) -> Key<'a> {
    (&address.kind, address.label(), id)
}

/// What the state becomes when it takes a drift in. A state that knows nothing at
/// all takes in whatever lives.
#[must_use]
pub fn renewal(found: &World<'_>, drift: &Drift) -> Renewal {
    let moved = Moved::with_renames(found);
    let world = &moved.world(found);
    let own = world.live.iter();
    let own: BTreeMap<Key<'_>, &Live> = own
        .filter_map(|live| Some((key(live.own_address()?, &live.id), live)))
        .collect();
    let old = &world.remembered.nodes;
    let mut renewal = Renewal {
        snapshot: world.remembered.clone(),
        learned: Learned::default(),
    };
    // First what goes: another object may have come to its address.
    for object in &drift.objects {
        if object.happened == Happened::Gone {
            renewal.snapshot.nodes.remove(&object.address);
            renewal.learned.forgotten.insert(object.address.clone());
        }
    }
    for object in &drift.objects {
        let live = own.get(&key(&object.address, &object.id)).copied();
        let memory = old.get(&object.address);
        let node = match (&object.happened, live, memory) {
            (Happened::Gone, ..) | (_, None, _) => continue,
            (Happened::Changed, Some(live), Some(memory)) => changed(world, object, memory, live),
            // What the old object told, such as outputs, says nothing of this one.
            (Happened::Renewed(_), Some(live), Some(memory)) => Some(Remembered {
                prevent_destroy: memory.prevent_destroy,
                forget_on_remove: memory.forget_on_remove,
                ..new(world, &object.address, live)
            }),
            (_, Some(live), _) => Some(new(world, &object.address, live)),
        };
        let appeared = object.happened == Happened::Appeared;
        if appeared && renewal.snapshot.nodes.contains_key(&object.address) {
            // Another object stands there: the next plan tells what to do.
            continue;
        }
        renewal.takes(&object.address, node);
    }
    if old.is_empty() {
        for live in world.live {
            if let Some(address) = live.own_address()
                && !renewal.snapshot.nodes.contains_key(address)
            {
                renewal.takes(address, Some(new(world, address, live)));
            }
        }
    }
    if !renewal.learned.is_empty() {
        renewal.snapshot.place = Some(world.place.clone());
    }
    // It is the tags that say what an object is called, and they stay.
    renewal.snapshot = put_back(found, renewal.snapshot);
    renewal
}

impl Renewal {
    fn takes(&mut self, address: &Address, node: Option<Remembered>) {
        let Some(node) = node.filter(|node| self.snapshot.nodes.get(address) != Some(node)) else {
            return;
        };
        self.snapshot.nodes.insert(address.clone(), node);
        let generations = &mut self.snapshot.generations;
        generations.entry(address.clone()).or_insert(1);
        self.learned.forgotten.remove(address);
        self.learned.remembered.insert(address.clone());
    }
}

/// A known object as it lives; none where nothing that is ours differs.
fn changed(
    world: &World<'_>,
    object: &Drifted,
    memory: &Remembered,
    live: &Live,
) -> Option<Remembered> {
    let ours = |key: &str| memory.tags.contains_key(key) || is_ours(key);
    let differs = object.tags.iter().any(|tag| ours(&tag.key));
    if object.fields.is_empty() && !differs && memory.id == live.id {
        return None;
    }
    let mut node = memory.clone();
    node.id.clone_from(&live.id);
    node.attributes.0.extend(live.attributes.0.clone());
    for field in &object.fields {
        let now = live.attributes.get(&field.field);
        let now = now.cloned().unwrap_or(Value::Null);
        node.attributes.set(&field.field, now);
    }
    let tagged = world.registry.of(&object.address);
    if tagged.is_some_and(|kind| kind.about().tagged) {
        node.tags = live.tags.clone();
        node.tags.retain(|key, _| ours(key));
    }
    Some(node)
}

/// An object that nothing was known of.
fn new(world: &World<'_>, address: &Address, live: &Live) -> Remembered {
    let node = world.wanted.get(address);
    let lifecycle = node.map(|node| node.lifecycle.clone()).unwrap_or_default();
    let mut tags: Tags = live.tags.clone();
    tags.retain(|key, value| {
        let stated = node.is_some_and(|node| node.has_written(key, value));
        stated || is_ours(key)
    });
    Remembered {
        id: live.id.clone(),
        attributes: live.attributes.clone(),
        tags,
        prevent_destroy: lifecycle.prevent_destroy,
        forget_on_remove: lifecycle.forget_on_remove,
        ..Remembered::default()
    }
}

/// Whether a tag is nobody's but ours, and is remembered at all.
fn is_ours(key: &str) -> bool {
    key.starts_with(tags::PREFIX) && !tags::is_of_creation(key)
}
