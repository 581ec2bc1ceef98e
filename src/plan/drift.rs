//! Drift: what somebody else changed since the last run.
//!
//! ```text
//! remembered ─┬─ same id ──► live     field by field, tag by tag
//!             ├─ other id ─► live     made anew by somebody
//!             └─ nothing              gone
//! nothing ────► live with our tags    appeared
//! file ───────► live, and the state knows nothing at all
//! ```
//!
//! The state remembers what was sent, so a wish that the file has had since is
//! no drift: the plan shows it. A table's new name is such a wish. Only what the
//! file states is compared, since the rest is AWS's own to choose.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::compare::same;
use super::decide::{Decision, decide};
use super::moves::{Moved, former};
use super::outcome::{PlanError, World};
use crate::kind::{Foreign, Kind, Live, Node};
use crate::model::secrecy::sealed;
use crate::model::{Address, Attributes, Place, Tags, Value, tags};
use crate::state::Remembered;

/// What differs from what the last run left.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Drift {
    /// The stack's name.
    pub stack: String,
    /// Where it lives.
    pub place: Place,
    /// How many live objects of ours were compared.
    pub compared: usize,
    /// How many of them with the file, since the state knows nothing.
    pub by_file: usize,
    /// The objects that differ, in the order of addresses.
    pub objects: Vec<Drifted>,
    /// What others have put into objects of ours.
    pub foreign: Vec<Stranger>,
    /// What an interrupted run left half done, which was not compared.
    pub unfinished: BTreeSet<Address>,
    /// Whose ids they are.
    pub names: BTreeMap<String, Address>,
}

/// A thing of others, and its id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Stranger {
    /// What it is.
    pub what: Foreign,
    /// Its id, or its natural key.
    pub id: String,
}

/// An object that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drifted {
    /// The node.
    pub address: Address,
    /// Its id; of what is gone, the one that it had.
    pub id: String,
    /// What happened to it.
    pub happened: Happened,
    /// What it was compared with.
    pub basis: Basis,
    /// The fields that differ.
    pub fields: Vec<FieldDrift>,
    /// The tags that differ.
    pub tags: Vec<TagDrift>,
    /// Why it is beyond repair, where it is.
    pub broken: Option<String>,
}

/// What happened to an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Happened {
    /// It is there, and differs.
    Changed,
    /// It is not there any more.
    Gone,
    /// It carries our tags, or stands where one of ours does, and the state does
    /// not know it.
    Appeared,
    /// Another object stands in its place: this was its id.
    Renewed(String),
}

/// What an object was compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Basis {
    /// What the last run left.
    State,
    /// What the file wants.
    File,
}

/// A field that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldDrift {
    /// The field's name.
    pub field: String,
    /// What it was, or what the file wants.
    pub before: Value,
    /// What AWS has; none where it has nothing there.
    pub after: Option<Value>,
    /// Whether `lifecycle.ignore` names it: it is shown and does not count.
    pub ignored: bool,
    /// Whether the file wants by now what AWS has, so that nothing is put back.
    pub wanted: bool,
}

/// A tag that differs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TagDrift {
    /// Its key.
    pub key: String,
    /// What we wrote; none where others added it.
    pub before: Option<String>,
    /// What it is; none where others removed it.
    pub after: Option<String>,
}

impl Drift {
    /// Whether anything differs that is not ignored.
    #[must_use]
    pub fn is_any(&self) -> bool {
        !self.foreign.is_empty() || self.objects.iter().any(Drifted::counts)
    }
}

impl Drifted {
    /// Whether anything differs that is not ignored.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.happened != Happened::Changed
            || self.broken.is_some()
            || !self.tags.is_empty()
            || self.fields.iter().any(|field| !field.ignored)
    }

    /// Whether others have added tags to it, and done nothing else.
    #[must_use]
    pub fn only_foreign_tags(&self) -> bool {
        self.counts()
            && self.happened == Happened::Changed
            && self.broken.is_none()
            && self.tags.iter().all(|tag| tag.before.is_none())
            && self.fields.iter().all(|field| field.ignored)
    }

    fn is_nothing(&self) -> bool {
        !self.counts() && self.fields.is_empty()
    }
}

/// An object's kind, label and id, by which it is known under any address.
type Key<'a> = (&'a str, &'a str, &'a str);

fn key<'a>(address: &'a Address, id: &'a str) -> Key<'a> {
    (&address.kind, address.label(), id)
}

/// Compares what lives with what the last run left. `open` are the nodes whose
/// fate an interrupted run left open: they are not compared.
///
/// # Errors
/// A file whose nodes cannot be put in order.
pub fn drift(world: &World<'_>, open: &BTreeSet<Address>) -> Result<Drift, Vec<PlanError>> {
    let moved = Moved::with_renames(world);
    let world = &moved.world(world);
    let decided = decide(world)?;
    let wanted = decided.wanted.iter().map(|d| (d.address, d)).collect();
    let serving = decided.wanted.iter().filter_map(|decision| {
        let live = decision.live?;
        Some((key(live.address.as_ref()?, &live.id), decision))
    });
    let serving = serving.collect();
    let remembered = &world.remembered.nodes;
    let mut work = Comparison {
        world,
        wanted,
        serving,
        memory: remembered.iter().map(|(a, n)| (key(a, &n.id), a)).collect(),
        alive: HashSet::new(),
        seen: BTreeSet::new(),
    };
    let mut found = Drift {
        stack: world.wanted.name.clone(),
        place: world.place.clone(),
        compared: 0,
        by_file: 0,
        objects: Vec::new(),
        foreign: Vec::new(),
        unfinished: open.clone(),
        names: BTreeMap::new(),
    };
    let unsettled = remembered.iter().filter(|(_, node)| node.unsettled);
    found.unfinished.extend(unsettled.map(|(a, _)| a.clone()));
    let own = world
        .live
        .iter()
        .filter_map(|l| Some((l.own_address()?, l)));
    let own: BTreeMap<Key<'_>, (&Address, &Live)> =
        own.map(|(a, l)| (key(a, &l.id), (a, l))).collect();
    work.alive = own.keys().copied().collect();
    for (address, live) in own.into_values() {
        let drifted = work.object(address, live);
        if found.unfinished.contains(&drifted.address) || found.unfinished.contains(address) {
            continue;
        }
        found.compared += 1;
        found.by_file += usize::from(drifted.basis == Basis::File);
        if address.part.is_none() {
            found.names.insert(live.id.clone(), address.clone());
        }
        if !drifted.is_nothing() {
            found.objects.push(drifted);
        }
    }
    for (address, node) in remembered {
        if work.seen.contains(address) || found.unfinished.contains(address) {
            continue;
        }
        if address.part.is_none() {
            found
                .names
                .entry(node.id.clone())
                .or_insert(address.clone());
        }
        found.objects.push(gone(address, node));
    }
    found.objects.sort_by(|a, b| a.address.cmp(&b.address));
    let foreign = world.live.iter().filter_map(|live| {
        let what = live.foreign.clone()?;
        let id = live.id.clone();
        Some(Stranger { what, id })
    });
    found.foreign = foreign.collect();
    found.foreign.sort();
    Ok(found)
}

fn gone(address: &Address, node: &Remembered) -> Drifted {
    Drifted {
        address: address.clone(),
        id: node.id.clone(),
        happened: Happened::Gone,
        basis: Basis::State,
        fields: Vec::new(),
        tags: Vec::new(),
        broken: None,
    }
}

struct Comparison<'w, 'a> {
    world: &'w World<'a>,
    /// What becomes of each wanted node, with what is wanted of it.
    wanted: HashMap<&'w Address, &'w Decision<'a>>,
    /// The same by the object that it has, which may still bear another name.
    serving: HashMap<Key<'a>, &'w Decision<'a>>,
    /// Where each object is remembered.
    memory: HashMap<Key<'a>, &'a Address>,
    alive: HashSet<Key<'a>>,
    /// The remembered nodes that were found again.
    seen: BTreeSet<&'a Address>,
}

impl<'w, 'a> Comparison<'w, 'a> {
    /// What is wanted of an object.
    fn decision(&self, of: &Drifted) -> Option<&'w Decision<'a>> {
        let serving = self.serving.get(&key(&of.address, &of.id));
        serving.or_else(|| self.wanted.get(&of.address)).copied()
    }

    /// Compares one live object with what is known of it.
    fn object(&mut self, address: &'a Address, live: &'a Live) -> Drifted {
        let nodes = &self.world.remembered.nodes;
        let mut drifted = Drifted {
            address: address.clone(),
            id: live.id.clone(),
            happened: Happened::Changed,
            basis: Basis::State,
            fields: Vec::new(),
            tags: Vec::new(),
            broken: live.broken.clone(),
        };
        let mut memory = None;
        if let Some(known) = self.memory.get(&key(address, &live.id)).copied() {
            memory = nodes.get(known);
            drifted.address = known.clone();
            self.seen.insert(known);
        } else if let Some((known, node)) = nodes.get_key_value(address)
            && !self.alive.contains(&key(known, &node.id))
        {
            memory = Some(node);
            drifted.happened = Happened::Renewed(node.id.clone());
            self.seen.insert(known);
        } else {
            drifted.basis = Basis::File;
            if !nodes.is_empty() || self.decision(&drifted).is_none() {
                drifted.happened = Happened::Appeared;
            }
        }
        let wanted = self.decision(&drifted);
        let Some(kind) = self.world.registry.of(address) else {
            return drifted;
        };
        let before = match (memory, wanted) {
            (Some(memory), _) => Some(&memory.attributes),
            (None, wanted) => wanted.map(|decision| &decision.preview),
        };
        if let Some(before) = before {
            drifted.fields = fields(kind, before, wanted, &live.attributes);
        }
        let node = wanted.map(|decision| decision.node);
        if kind.about().tagged
            && let Some(ours) = tags_of(memory, node)
        {
            drifted.tags = tag_drift(ours, &live.tags);
            if memory.is_none() {
                // Only a run that is remembered knows what it wrote there.
                let named = node.is_some_and(|node| !node.default_name);
                // A new name that is not written yet is the plan's business.
                let renamed = wanted.is_some_and(|it| former(it.address, live).is_some());
                let known = |key: &str| match key {
                    tags::EXPIRES_AT => false,
                    tags::NAME => named,
                    tags::ADDRESS => !renamed,
                    _ => true,
                };
                drifted.tags.retain(|tag| known(&tag.key));
            }
        }
        drifted
    }
}

/// The tags that we wrote, as far as anybody knows.
fn tags_of<'t>(memory: Option<&'t Remembered>, node: Option<&'t Node>) -> Option<&'t Tags> {
    let remembered = memory.map(|memory| &memory.tags);
    remembered
        .filter(|tags| !tags.is_empty())
        .or(node.map(|node| &node.tags))
}

fn fields(
    kind: &dyn Kind,
    before: &Attributes,
    wanted: Option<&Decision<'_>>,
    live: &Attributes,
) -> Vec<FieldDrift> {
    let fields = kind.fields().iter().filter(|field| !field.expanded);
    fields
        .filter(|field| wanted.is_none_or(|it| it.node.inputs.get(field.name).is_some()))
        .filter_map(|field| {
            let before = before
                .get(field.name)
                .filter(|value| !value.has_unknown())?;
            let after = live.get(field.name);
            let now = after.unwrap_or(&Value::Null);
            // Of what may hold secrets the state keeps no more than a hash.
            let sealed = |value| sealed(field.name, value);
            if same(&field.holds, &sealed(before), &sealed(now)) {
                return None;
            }
            let preview = wanted.and_then(|it| it.preview.get(field.name));
            let ignore = wanted.map_or(&[][..], |it| &it.node.lifecycle.ignore);
            Some(FieldDrift {
                field: field.name.to_owned(),
                before: before.clone(),
                after: after.cloned(),
                ignored: ignore.iter().any(|name| name == field.name),
                wanted: preview.is_some_and(|preview| same(&field.holds, preview, now)),
            })
        })
        .collect()
}

fn tag_drift(ours: &Tags, live: &Tags) -> Vec<TagDrift> {
    let keys: BTreeSet<&String> = ours.keys().chain(live.keys()).collect();
    keys.into_iter()
        // AWS's own are neither ours nor anybody's.
        .filter(|key| !key.starts_with(tags::AWS_PREFIX))
        // What we mark a creation with is remembered nowhere, and stays.
        .filter(|key| !tags::is_of_creation(key))
        .filter(|key| ours.get(*key) != live.get(*key))
        .map(|key| TagDrift {
            key: key.clone(),
            before: ours.get(key).cloned(),
            after: live.get(key).cloned(),
        })
        .collect()
}

#[cfg(test)]
use crate::kinds::registry;
#[cfg(test)]
mod tests;
