//! The planner: what is wanted, what lives and what is remembered become an
//! execution graph. Pure: no call, no clock, no chance.
//!
//! ```text
//!  wanted (file) ──┐   decide, in order      arrange
//!  live (AWS) ─────┼─► keep/create/update ──► steps and their edges ──► Plan
//!  remembered ─────┘   /replace/delete
//! ```
//!
//! [`facts`] tells the network as it will be, and as it is, for traces.
//! [`drift`] compares what lives with what the last run knew, and plans nothing;
//! [`renewal`] makes of that a memory which agrees with what lives.
//! [`saved`] writes a plan down, and holds it against a later one.
//! [`switch`] orders a plan so that a way changes its door without a gap.
//! [`rollback`] wants the network back as it was before a run.
//!
//! [`Selection`] says which part of all that is meant.
//!
//! Apply runs the graph and decides nothing, so everything that a run will do
//! can be read here first: each step with its reason, each edge with its own.

mod adoption;
mod arrange;
mod compare;
mod decide;
mod drift;
mod estimate;
pub mod facts;
mod found;
mod leaving;
mod lifetime;
mod live_stack;
mod moves;
mod naming;
mod objects;
mod outcome;
mod renewal;
pub mod rollback;
mod room;
pub mod saved;
mod selection;
mod serving;
pub mod switch;
mod tending;
mod wishes;

pub use compare::same;
pub use drift::{Basis, Drift, Drifted, FieldDrift, Happened, Stranger, TagDrift, drift};
pub use estimate::{Estimate, estimate, longest_chain, usual};
pub use lifetime::{Ending, Lifetime, LifetimeWish};
pub use moves::{Moved, lookalikes};
pub use objects::objects;
pub use outcome::{Difference, Plan, PlanError, PlannedStep, Reason, Totals, World};
pub use renewal::{Learned, Renewal, renewal};
pub use selection::{Because, LeftOut, Selection};
pub use tending::{Tending, tend};
pub use wishes::{Adoption, NO_WISHES, Wishes};

use crate::model::Address;

/// Makes the plan.
///
/// # Errors
/// Every [`PlanError`] at once.
pub fn plan(world: &World<'_>) -> Result<Plan, Vec<PlanError>> {
    let moved = Moved::checked(world)?;
    let world = &moved.world(world);
    let wishes = Wishes {
        selection: selection::under_present_names(world, moved.names()),
        ..world.wishes.clone()
    };
    let world = &World {
        wishes: &wishes,
        ..world.clone()
    };
    let lost = selection::fitting_nothing(world);
    if !lost.is_empty() {
        return Err(lost);
    }
    let decided = decide::decide(world)?;
    arrange::arrange(world, decided)
}

/// The name by which a step's node is known in messages.
fn named(addresses: &[Address]) -> String {
    addresses
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(" → ")
}
