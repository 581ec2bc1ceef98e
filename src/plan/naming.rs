//! Tags of what stays, and the default `Name`: what s3net calls a thing that it
//! makes, and never what somebody else has called it.
//!
//! Where the file states no `Name`, one is written when an object is made. What
//! others made and the stack adopted keeps its own, or none, in this plan and in
//! all later ones:
//!
//! ```text
//! the state has a Name that we wrote ─┐
//! it is called as we would call it ───┼─► ours: kept true
//! we made it and could not tag it ────┘
//! everything else ──────────────────────► somebody's: left alone
//! ```

use super::decide::{Decision, memory};
use super::outcome::World;
use crate::kind::Live;
use crate::model::tags::{self, NAME, TagChange};
use crate::model::{Address, Tags};

/// The tags that an object is to carry where it stays what it is.
pub(super) fn tags_if_it_stays(world: &World<'_>, decision: &Decision<'_>, live: &Live) -> Tags {
    let mut tags = decision.tags.clone();
    if decision.node.default_name && !is_named_by_us(world, decision.address, live) {
        tags.remove(NAME);
    }
    tags
}

/// What it takes to have them.
pub(super) fn tag_change(world: &World<'_>, decision: &Decision<'_>, live: &Live) -> TagChange {
    let nothing = Tags::new();
    let remembered = memory(world, decision.address, live);
    let ours = remembered.map_or(&nothing, |it| &it.tags);
    TagChange::between(&live.tags, &tags_if_it_stays(world, decision, live), ours)
}

fn is_named_by_us(world: &World<'_>, address: &Address, live: &Live) -> bool {
    let remembered = memory(world, address, live);
    if remembered.is_some_and(|it| it.tags.contains_key(NAME)) {
        return true;
    }
    let table = address.table();
    // What carries no mark and is not adopted is ours by its name alone.
    if !live.tags.contains_key(tags::STACK) && !world.wishes.adopted.contains_key(&table) {
        return true;
    }
    // Its table may have had another name when it was made.
    let former = live.tags.get(tags::ADDRESS);
    let former = former.and_then(|text| text.parse::<Address>().ok());
    let names = [Some(&address.name), former.as_ref().map(|it| &it.name)];
    let mut defaults = names.into_iter().flatten();
    let stack = &world.wanted.name;
    live.tags
        .get(NAME)
        .is_some_and(|name| defaults.any(|own| *name == format!("{stack}-{own}")))
}
