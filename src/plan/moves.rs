//! Moves: tables that were given another name.
//!
//! What lives, and what is remembered, at the former address is taken for the
//! new one's from here on, so that nothing of the planner sees a rename but the
//! tags, which say the former address and are to say the new one:
//!
//! ```text
//! vpc.old (vpc-1) ──┐ moved          ┌── vpc.main (vpc-1), tagged vpc.old
//! vpc.old remembered┘  ──────────►   └── vpc.main remembered
//! ```
//!
//! An object is at one of the two addresses at any moment, so a run that broke
//! off half-way is simply gone on with.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::compare::same;
use super::decide::decide;
use super::outcome::{Plan, PlanError, PlannedStep, World};
use super::selection::key;
use crate::kind::{Kind, Live, Registry};
use crate::model::{Action, Address, Value, tags};
use crate::state::Snapshot;

/// What lives and what is remembered, each object at the address that it is to
/// have. Whoever compares addresses with those of a plan looks here.
#[derive(Debug)]
pub struct Moved<'a> {
    live: Cow<'a, [Live]>,
    remembered: Cow<'a, Snapshot>,
    /// From the former names to those of now, where that is so.
    names: BTreeMap<Address, Address>,
}

impl<'a> Moved<'a> {
    /// What is there, moved; but for moves to a name that is taken, where each
    /// object keeps its own.
    #[must_use]
    pub fn of(world: &World<'a>) -> Self {
        Self::by(world, free(world).0)
    }

    /// The same, and the tables too that were renamed without a word: AWS's own
    /// name tells which object is theirs.
    #[must_use]
    pub fn with_renames(world: &World<'a>) -> Self {
        let said = Self::of(world);
        let renamed = renamed(&said.world(world));
        if renamed.is_empty() {
            return said;
        }
        let (mut moved, _) = free(world);
        moved.extend(renamed);
        Self::by(world, moved)
    }

    fn by(world: &World<'a>, moved: BTreeMap<Address, Address>) -> Self {
        if moved.is_empty() {
            return Self {
                live: Cow::Borrowed(world.live),
                remembered: Cow::Borrowed(world.remembered),
                names: moved,
            };
        }
        let mut live = world.live.to_vec();
        for object in &mut live {
            object.address = object.address.take().map(|it| it.moved(&moved));
            if let Some(foreign) = &mut object.foreign {
                foreign.within = foreign.within.clone().moved(&moved);
            }
        }
        let mut remembered = world.remembered.clone();
        let nodes = std::mem::take(&mut remembered.nodes);
        let (moving, staying): (BTreeMap<_, _>, BTreeMap<_, _>) = nodes
            .into_iter()
            .partition(|(address, _)| moved.contains_key(&address.table()));
        let sound: BTreeSet<&str> = sound(world.live).map(|live| live.id.as_str()).collect();
        let staying = staying.into_iter();
        let staying = staying.map(|(address, node)| (address.moved(&moved), node));
        remembered.nodes = staying.collect();
        for (address, node) in moving {
            let address = address.moved(&moved);
            // Of two memories, that of the object which comes to the address.
            if sound.contains(node.id.as_str()) || !remembered.nodes.contains_key(&address) {
                remembered.nodes.insert(address, node);
            }
        }
        Self {
            live: Cow::Owned(live),
            remembered: Cow::Owned(remembered),
            names: moved,
        }
    }

    /// The tables that have another name now, by the former one.
    pub(super) fn names(&self) -> &BTreeMap<Address, Address> {
        &self.names
    }

    /// What is there, moved to be planned with.
    ///
    /// # Errors
    /// Every move to an address that another object has.
    pub(super) fn checked(world: &World<'a>) -> Result<Self, Vec<PlanError>> {
        let (_, taken) = free(world);
        // What is destroyed needs no other name: each object goes, or stays, by
        // its own, with its own memory.
        match taken.is_empty() || world.destroy {
            true => Ok(Self::of(world)),
            false => Err(taken),
        }
    }

    /// The world with this in it.
    #[must_use]
    pub fn world<'m>(&'m self, world: &World<'m>) -> World<'m> {
        World {
            live: &self.live,
            remembered: &self.remembered,
            ..world.clone()
        }
    }
}

/// A snapshot of the moved world with each object back at the address that it has
/// in the state so far, or by its tags: nothing was renamed yet.
pub(super) fn put_back(found: &World<'_>, mut snapshot: Snapshot) -> Snapshot {
    let live = found.live.iter();
    let live = live.filter_map(|live| Some((live.own_address()?, live.id.as_str())));
    let known = found.remembered.nodes.iter();
    let known = known.map(|(address, node)| (address, node.id.as_str()));
    let so_far: HashMap<_, &Address> = live
        .chain(known)
        .map(|(address, id)| (key(address, id), address))
        .collect();
    let nodes = std::mem::take(&mut snapshot.nodes).into_iter();
    let nodes = nodes.map(|(address, node)| {
        let former = so_far.get(&key(&address, &node.id)).copied();
        (former.cloned().unwrap_or(address), node)
    });
    snapshot.nodes = nodes.collect();
    snapshot
}

/// The tables whose objects a plan would take for those of others, since they have
/// the same natural key.
fn renamed(world: &World<'_>) -> BTreeMap<Address, Address> {
    let mut tables = world.live.iter().filter_map(Live::own_address);
    let may_be = |at: &Address| {
        let wanted = world.wanted.nodes.contains_key(at);
        let kind = world
            .registry
            .of(at)
            .filter(|_| at.part.is_none() && !wanted);
        kind.is_some_and(|kind| !kind.natural_key().is_empty())
    };
    if !tables.any(may_be) {
        return BTreeMap::new();
    }
    let decided = decide(world);
    let wanted = decided.iter().flat_map(|decided| &decided.wanted);
    let renamed = wanted.filter_map(|it| {
        let from = it.live?.own_address()?;
        (it.address.part.is_none() && from != it.address)
            .then(|| (from.clone(), it.address.clone()))
    });
    renamed.collect()
}

/// The objects that can serve where they are. A broken one is made anew anyway,
/// and gives its address to another that fits.
fn sound(live: &[Live]) -> impl Iterator<Item = &Live> {
    live.iter().filter(|live| live.broken.is_none())
}

/// The moves that can be done, and those that would bring two objects to one
/// address: where the new one is taken, or where two former ones (of a chain) still
/// have an object each.
fn free(world: &World<'_>) -> (BTreeMap<Address, Address>, Vec<PlanError>) {
    fn tables<'l>(live: impl Iterator<Item = &'l Live>) -> BTreeMap<&'l Address, &'l str> {
        let named = live.filter_map(|live| Some((live.own_address()?, live.id.as_str())));
        named.filter(|(at, _)| at.part.is_none()).collect()
    }
    let moved = &world.wishes.moved;
    if moved.is_empty() {
        return Default::default();
    }
    let own = tables(world.live.iter());
    let standing = tables(sound(world.live));
    let mut free = moved.clone();
    let mut there: BTreeMap<&Address, &Address> = BTreeMap::new();
    let mut errors = Vec::new();
    for (from, to) in moved {
        let Some(here) = own.get(from) else { continue };
        let other = standing.contains_key(to).then_some(to);
        let other = other.or_else(|| there.get(to).copied());
        if let Some(other) = other {
            let id = standing.get(other).unwrap_or(&own[other]);
            free.remove(from);
            errors.push(PlanError::Unmovable {
                from: from.clone(),
                to: to.clone(),
                reason: format!("both live, {from} as {here} and {other} as {id}"),
                remedy: "keep both names, or let go of one of the two first: `s3net state \
                         forget`"
                    .to_owned(),
            });
        } else {
            there.insert(to, from);
        }
    }
    (free, errors)
}

/// The address that an object's tags name, where that is another than its own.
pub(super) fn former(address: &Address, live: &Live) -> Option<Address> {
    let tagged: Address = live.tags.get(tags::ADDRESS)?.parse().ok()?;
    (tagged != *address && tagged.kind == address.kind).then_some(tagged)
}

/// The tables of a plan that look as if they were only renamed: one goes, and
/// its like is made. Each stands once.
#[must_use]
pub fn lookalikes(plan: &Plan, registry: Registry) -> Vec<(Address, Address)> {
    let tables = |action: Action| {
        let steps = plan.steps.nodes().map(|(_, step)| step);
        steps.filter(move |step| {
            step.action == action && step.replace.is_none() && step.address.part.is_none()
        })
    };
    let mut taken = BTreeSet::new();
    let mut found = Vec::new();
    for new in tables(Action::Create) {
        let Some(kind) = registry.of(&new.address) else {
            continue;
        };
        let mut alike = tables(Action::Delete).filter(|old| {
            old.address.kind == new.address.kind
                && !taken.contains(&old.address)
                && is_like(kind, old, new)
        });
        if let (Some(old), None) = (alike.next(), alike.next()) {
            taken.insert(old.address.clone());
            found.push((old.address.clone(), new.address.clone()));
        }
    }
    found
}

/// Whether all that is known of a new object is what an old one has, but for
/// names that follow from the table's.
fn is_like(kind: &dyn Kind, old: &PlannedStep, new: &PlannedStep) -> bool {
    let fields = kind.fields().iter().filter(|field| !field.expanded);
    let mut fields = fields.filter_map(|field| Some((field, new.preview.get(field.name)?)));
    fields.all(|(field, wanted)| {
        let live = old.live.get(field.name).unwrap_or(&Value::Null);
        let renamed = || {
            let live = live.as_text()?;
            Some(live.replace(&old.address.name, &new.address.name))
        };
        wanted.has_unknown()
            || same(&field.holds, wanted, live)
            || wanted
                .as_text()
                .is_some_and(|it| renamed().as_deref() == Some(it))
    })
}
