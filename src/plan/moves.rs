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
use std::collections::{BTreeMap, BTreeSet};

use super::compare::same;
use super::outcome::{Plan, PlanError, PlannedStep, World};
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
        let (moved, _) = free(world);
        if moved.is_empty() {
            return Self {
                live: Cow::Borrowed(world.live),
                remembered: Cow::Borrowed(world.remembered),
                names: moved,
            };
        }
        let mut live = world.live.to_vec();
        for object in &mut live {
            if let Some(address) = &mut object.address {
                readdress(address, &moved);
            }
        }
        let mut remembered = world.remembered.clone();
        let nodes = std::mem::take(&mut remembered.nodes);
        let (moving, staying): (BTreeMap<_, _>, BTreeMap<_, _>) = nodes
            .into_iter()
            .partition(|(address, _)| moved.contains_key(&address.table()));
        let sound: BTreeSet<&str> = sound(world.live).map(|live| live.id.as_str()).collect();
        let staying = staying.into_iter().map(|(mut address, node)| {
            readdress(&mut address, &moved);
            (address, node)
        });
        remembered.nodes = staying.collect();
        for (mut address, node) in moving {
            readdress(&mut address, &moved);
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

/// Gives an address its table's new name, and the parts whose keys name a table
/// that moves (a rule names a group) the new one too.
fn readdress(address: &mut Address, moved: &BTreeMap<Address, Address>) {
    if let Some(to) = moved.get(&address.table()) {
        address.name.clone_from(&to.name);
    }
    let Some(part) = address.part.as_mut().filter(|part| part.key.contains('.')) else {
        return;
    };
    let named = |piece: &str| {
        let table: Address = piece.parse().ok()?;
        moved.get(&table).map(ToString::to_string)
    };
    let pieces = part.key.split(':');
    let pieces = pieces.map(|piece| named(piece).unwrap_or_else(|| piece.to_owned()));
    part.key = pieces.collect::<Vec<_>>().join(":");
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
