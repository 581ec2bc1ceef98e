//! Which live object each node of a file has.

use std::collections::BTreeMap;

use super::decide::decide;
use super::moves::Moved;
use super::outcome::World;
use crate::kind::Live;
use crate::model::Address;

/// The stack's live objects, by the node that each is, or is to become: what a
/// table's object is still called by its tags says nothing where the table was
/// given another name. Where no plan can be made, the tags have the last word.
#[must_use]
pub fn objects(world: &World<'_>) -> BTreeMap<Address, Live> {
    let moved = Moved::of(world);
    let world = &moved.world(world);
    let own = world.live.iter();
    let own = own.filter_map(|live| Some((live.own_address()?.clone(), live.clone())));
    let mut objects: BTreeMap<Address, Live> = own.collect();
    let decided = decide(world);
    let wanted = decided.iter().flat_map(|decided| &decided.wanted);
    objects.extend(wanted.filter_map(|it| Some((it.address.clone(), it.live?.clone()))));
    objects
}
