//! What hangs on an object that a run is still to adopt: its routes and
//! associations, a bucket's settings, a zone's records.
//!
//! Such a thing bears no tag. It is ours by what it stands in, so the state does
//! not hear of it before that is ours: a later run would take it for ours, and
//! delete what is others'.
//!
//! ```text
//! waits ─┬─ all that it hangs on is adopted ──► remembered
//!        └─ an adoption fails, or is left out ─► never heard of
//! ```

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Action, Address, Value, tags};
use crate::plan::{Plan, PlannedStep};
use crate::state::Remembered;

/// The tables that a plan would adopt, whether it does so now or leaves them out,
/// and AWS's ids of their objects.
pub(super) struct Adopting<'p>(BTreeMap<&'p Address, &'p str>);

impl<'p> Adopting<'p> {
    pub(super) fn of(plan: &'p Plan) -> Self {
        let steps = plan.steps.nodes().map(|(_, step)| step);
        let left_out = plan.left_out.iter().map(|it| &it.step);
        let adopted = steps.chain(left_out).filter(|step| {
            let table = step.address.part.is_none();
            table && step.action == Action::Adopt
        });
        let adopted = adopted.filter_map(|step| Some((&step.address, step.id.as_deref()?)));
        Self(adopted.collect())
    }

    /// What a thing that stays hangs on: its own table, and whatever it names. One
    /// that was `known` as ours stands on its own in what is ours. What goes is ours
    /// in any case.
    pub(super) fn holders(&self, step: &PlannedStep, known: bool) -> BTreeSet<Address> {
        if !matches!(step.action, Action::Keep | Action::Update) {
            return BTreeSet::new();
        }
        let table = step.address.table();
        // A role and a bucket may have one name.
        let ours = step.tags.contains_key(tags::STACK) && step.address.part.is_none();
        let names = |id: &str| {
            let mut texts = step
                .live
                .iter()
                .filter_map(|(_, value)| Value::as_text(value));
            texts.any(|text| text == id)
        };
        let holders = self.0.iter().filter(|(address, id)| {
            let of_table = step.address.part.is_some() && ***address == table;
            of_table || !known && !ours && ***address != step.address && names(id)
        });
        holders.map(|(address, _)| (*address).clone()).collect()
    }
}

/// A thing that waits for what it hangs on.
#[derive(Debug)]
pub(super) struct Hanging {
    /// Where it is to be remembered.
    pub address: Address,
    /// Which creation at this address it is.
    pub generation: u32,
    /// What is to be remembered.
    pub node: Remembered,
    /// What it still waits for.
    pub holders: BTreeSet<Address>,
}

/// Takes out what waits for nothing more once a table is adopted.
pub(super) fn freed(waiting: &mut Vec<Hanging>, adopted: &Address) -> Vec<Hanging> {
    for thing in waiting.iter_mut() {
        thing.holders.remove(adopted);
    }
    let free = waiting.extract_if(.., |thing| thing.holders.is_empty());
    free.collect()
}
