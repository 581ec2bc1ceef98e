//! What the last run knew of each object, brought up to a new plan.
//!
//! An object may stand at another address than before: its table was given
//! another name in the file, or it was replaced. Its id tells.

use std::collections::{BTreeMap, HashMap};

use crate::model::{Action, Address, Attributes, Tags};
use crate::plan::PlannedStep;
use crate::state::Remembered;

/// What the last run knew, on its way into this one.
pub(super) struct Memories {
    by_address: BTreeMap<Address, Remembered>,
    /// Where an object was remembered, by kind, label and id: the address may
    /// be another one now.
    addresses: HashMap<(String, String, String), Address>,
}

impl Memories {
    pub(super) fn new(by_address: BTreeMap<Address, Remembered>) -> Self {
        let addresses = by_address
            .iter()
            .map(|(address, node)| (key(address, &node.id), address.clone()))
            .collect();
        Self {
            by_address,
            addresses,
        }
    }

    fn of(&self, address: &Address, id: &str) -> Option<&Remembered> {
        let here = self.by_address.get(address).filter(|node| node.id == id);
        here.or_else(|| self.by_address.get(self.addresses.get(&key(address, id))?))
    }

    /// Whether the last run knew the object of a step.
    pub(super) fn knows(&self, step: &PlannedStep) -> bool {
        let id = step.id.as_deref();
        id.is_some_and(|id| self.of(&step.address, id).is_some())
    }

    /// Whether an object was adopted, and a step has still to let go of it.
    pub(super) fn is_to_be_given_back(&self, step: &PlannedStep) -> bool {
        self.knows(step) && step.action != Action::Keep
    }

    /// What is to be remembered of an object before its step has run.
    pub(super) fn brought_up_to_date(
        &self,
        step: &PlannedStep,
        id: &str,
        facts: &BTreeMap<Address, Attributes>,
    ) -> Remembered {
        let old = self.of(&step.address, id);
        let kept = step.action == Action::Keep;
        let attributes = match facts.get(&step.address) {
            Some(facts) if kept => facts.clone(),
            _ => {
                let old = old.map(|old| old.attributes.clone());
                let mut attributes = old.unwrap_or_default();
                attributes.0.extend(step.live.0.clone());
                attributes
            }
        };
        // Before its step has run, only what was ours stays ours.
        let tags = match old {
            _ if kept => step.tags.clone(),
            Some(old) => old.tags.clone(),
            None => Tags::new(),
        };
        Remembered {
            id: id.to_owned(),
            attributes,
            tags,
            unsettled: old.is_some_and(|old| old.unsettled),
            made: old.and_then(|old| old.made),
            prevent_destroy: step.lifecycle.prevent_destroy,
            forget_on_remove: step.lifecycle.forget_on_remove,
        }
    }

    /// What is to be remembered of an object that this run leaves as it is, and
    /// where: what was known of it at the address that it had, if anything.
    pub(super) fn left_out(
        &self,
        step: &PlannedStep,
        facts: &BTreeMap<Address, Attributes>,
    ) -> Option<(Address, Remembered)> {
        let id = step.id.as_deref()?;
        let here = self.by_address.get(&step.address);
        let here = here.filter(|node| node.id == id).map(|_| &step.address);
        let known = here.or_else(|| self.addresses.get(&key(&step.address, id)));
        if let Some((address, node)) = known.and_then(|it| self.by_address.get_key_value(it)) {
            return Some((address.clone(), node.clone()));
        }
        let node = self.brought_up_to_date(step, id, facts);
        Some((step.address.clone(), node))
    }
}

fn key(address: &Address, id: &str) -> (String, String, String) {
    let label = address.label().to_owned();
    (address.kind.clone(), label, id.to_owned())
}
