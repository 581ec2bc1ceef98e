//! `create_before_destroy`: what is made anew beside the old object because the
//! user wants it so, and what of it cannot stand there.
//!
//! AWS knows some objects by names or blocks that only one can have. A run that
//! finds that out at its first call has nothing to fall back on but the order
//! that the user ruled out, so it is found out here, before any call.

use super::decide::{Decided, Decision, Fate};
use super::leaving::{End, Leaving};
use super::outcome::{PlanError, World};
use crate::model::{Address, Attributes};

/// Every object that would have to stand beside one that it conflicts with, by
/// its place among the decisions.
pub(super) fn conflicts(
    world: &World<'_>,
    decided: &Decided<'_>,
    leaving: &Leaving<'_>,
) -> Vec<(usize, PlanError)> {
    let wanted = decided.wanted.iter().zip(&leaving.of_decision).enumerate();
    let beside = wanted.filter_map(|(place, (decision, object))| {
        let object = (*object)?;
        let wished = leaving.wished[object] && matches!(decision.fate, Fate::Replace(_));
        wished.then_some((place, decision, object))
    });
    beside
        .filter_map(|(place, decision, object)| {
            Some((place, conflict(world, decision, object, leaving)?))
        })
        .collect()
}

fn conflict(
    world: &World<'_>,
    decision: &Decision<'_>,
    object: usize,
    leaving: &Leaving<'_>,
) -> Option<PlanError> {
    let kind = world.registry.of(decision.address)?;
    let mut inputs = decision.preview.clone();
    kind.beside(&mut inputs, &leaving.objects[object].0.attributes);
    let alike = |address: &Address| {
        address.kind == decision.address.kind && address.label() == decision.address.label()
    };
    let claims = kind.claims(&inputs, world.place);
    let clash = |live: &Attributes| {
        let held = kind.claims(live, world.place);
        let clashes = claims.iter();
        let mut clashes = clashes.flat_map(|it| held.iter().filter_map(|other| it.clash(other)));
        clashes.next()
    };
    let others = leaving
        .objects
        .iter()
        .enumerate()
        .filter(|(place, (live, end))| {
            let stays_a_while = *end != End::Stays && leaving.waits[*place];
            stays_a_while && live.address.as_ref().is_some_and(alike)
        });
    others
        .filter_map(|(_, (live, _))| Some((live, clash(&live.attributes)?)))
        .map(|(live, reason)| PlanError::NoRoomBeside {
            address: decision.address.clone(),
            id: live.id.clone(),
            reason,
        })
        .next()
}
