//! The network as a file wants it, and as it is: neutral facts for traces.
//!
//! ```text
//!  file, plan ──► wanting ──► each node: its key, what is known of it ─┐
//!  live objects ──► finding ─► each object: its id, what AWS says ─────┼─► telling
//!                                                                      ▼
//!                                       kind.tell, one after another ──► Network
//! ```
//!
//! [`wanted`] is the network after the plan: what stays keeps AWS's id as its
//! key, what is made or made anew has a stand-in. What others have put into
//! objects that stay is in it too, and so are objects that are forgotten. Where
//! the plan is for a part of the stack, the rest of it stays as it lives.
//! [`live`] is the network as refresh found it. Where there is nothing to do the
//! two are alike, but that only the first knows where the file says what.
//!
//! Neither needs an account: of a file alone, everything has a stand-in. What
//! only a look into the account could tell stands in [`Network::unread`]. What a
//! refresh does not look for is taken as AWS makes it: a VPC's main route table
//! and default group, a bucket's policy that is not the file's.

mod finding;
mod gaps;
mod places;
mod surroundings;
mod telling;
mod wanting;

use std::collections::{BTreeMap, BTreeSet};

pub use self::places::place;
pub use self::surroundings::{Surroundings, surroundings, within};

use self::finding::{Lives, named};
use self::telling::{Subject, tell_all};
use self::wanting::File;
use super::outcome::{Plan, World};
use super::selection::key;
use super::wishes::NO_WISHES;
use crate::kind::{Live, Registry, Stack};
use crate::model::network::{ACCOUNT_STAND_IN, Known, Network};
use crate::model::{Action, Address, Place};
use crate::state::Snapshot;

/// The network that a file wants, without a look into any account. The account
/// of `place` may be empty.
#[must_use]
pub fn of_file(registry: Registry, stack: &Stack, place: &Place) -> Network {
    let world = World {
        registry,
        place,
        wanted: stack,
        existing: &BTreeMap::new(),
        live: &[],
        remembered: &Snapshot::new(&stack.name),
        destroy: false,
        wishes: &NO_WISHES,
    };
    wanted(&world, None)
}

/// The network after the plan is applied; without a plan, as the file wants it,
/// with the ids of what lives already. Empty where everything is to go.
#[must_use]
pub fn wanted(world: &World<'_>, plan: Option<&Plan>) -> Network {
    let place = place_of(world);
    let mut network = empty(&place);
    if world.destroy {
        return network;
    }
    let objects = named(world);
    let lives = Lives::new(world, &objects);
    let file = File::read(world, plan, &place);
    let mut subjects: Vec<Subject<'_>> = file.subjects().collect();
    subjects.extend(lives.looked_up(world));
    let strangers = world.live.iter().filter(|live| {
        let taken = live.address.as_ref();
        live.foreign.is_some() && !taken.is_some_and(|it| world.wanted.nodes.contains_key(it))
    });
    subjects.extend(strangers.filter_map(|live| lives.subject(world, live)));
    subjects.extend(left_out(world, plan).filter_map(|live| lives.subject(world, live)));
    subjects.extend(forgotten(world, plan).filter_map(|live| lives.subject(world, live)));
    tell_all(world, subjects, &place, &mut network);
    gaps::note_look_ups(world, &mut network);
    gaps::note_untold(&mut network);
    network
}

/// The network as refresh found it.
#[must_use]
pub fn live(world: &World<'_>) -> Network {
    let place = place_of(world);
    let mut network = empty(&place);
    let objects = named(world);
    let lives = Lives::new(world, &objects);
    let found = world.live.iter();
    let mut subjects: Vec<Subject<'_>> = found
        .filter_map(|live| lives.subject(world, live))
        .collect();
    subjects.extend(lives.looked_up(world));
    tell_all(world, subjects, &place, &mut network);
    gaps::note_untold(&mut network);
    network
}

/// The live objects that a plan for a part of the stack leaves as they are,
/// although the file wants them otherwise or not at all.
fn left_out<'w>(world: &World<'w>, plan: Option<&Plan>) -> impl Iterator<Item = &'w Live> {
    let left = plan.into_iter().flat_map(|plan| &plan.left_out);
    let ids: BTreeSet<_> = left
        .filter_map(|it| Some(key(&it.step.address, it.step.id.as_deref()?)))
        .collect();
    world.live.iter().filter(move |live| {
        let address = live.address.as_ref();
        address.is_some_and(|it| ids.contains(&key(it, &live.id)))
    })
}

/// The live objects that the plan lets go of without destroying them.
fn forgotten<'w>(world: &World<'w>, plan: Option<&Plan>) -> impl Iterator<Item = &'w Live> {
    let steps = plan.into_iter().flat_map(|plan| plan.steps.nodes());
    let let_go: BTreeSet<(&Address, Option<&str>)> = steps
        .filter(|(_, step)| step.action == Action::Forget)
        .map(|(_, step)| (&step.address, step.id.as_deref()))
        .collect();
    world.live.iter().filter(move |live| {
        let address = live.own_address();
        address.is_some_and(|it| let_go.contains(&(it, Some(live.id.as_str()))))
    })
}

/// Where the stack lives, with a stand-in for an account that nobody has asked.
fn place_of(world: &World<'_>) -> Place {
    let mut place = world.place.clone();
    if place.account.is_empty() {
        ACCOUNT_STAND_IN.clone_into(&mut place.account);
    }
    if place.region.is_empty() {
        place.region.clone_from(&world.wanted.region);
    }
    place
}

fn empty(place: &Place) -> Network {
    let reason = "the account's own block of public access is not read";
    Network {
        place: place.clone(),
        account_block: Known::Not(reason.to_owned()),
        ..Network::default()
    }
}

#[cfg(test)]
mod tests;
// The tests read real files by the real kinds, and trace what comes of them.
#[cfg(test)]
use crate::{config, kinds::registry, trace};
