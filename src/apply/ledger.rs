//! The ledger: what the run has done so far, kept on disk as it goes.
//!
//! Writing a snapshot costs time that grows with the stack, so the ledger spends
//! at most about a tenth of a run on it: a small stack is written after every
//! step, a very large one less often, and always at the end. What a kill
//! between two writes takes away, tags on AWS give back.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use crate::model::{Action, Address, Attributes, Tags};
use crate::plan::{Plan, PlannedStep};
use crate::state::{Remembered, Snapshot, Store, StoreError};

/// What the run has done so far.
pub(super) struct Ledger<'a> {
    store: &'a Store,
    snapshot: Snapshot,
    dirty: bool,
    written: Instant,
    cost: Duration,
    /// The first write that failed; the run then starts nothing new.
    pub trouble: Option<StoreError>,
}

impl<'a> Ledger<'a> {
    /// The ledger at the start of a plan: nodes that no longer live are gone.
    pub(super) fn open(store: &'a Store, mut snapshot: Snapshot, plan: &Plan) -> Self {
        let before = snapshot.clone();
        let memories = Memories::new(std::mem::take(&mut snapshot.nodes));
        for (_, step) in plan.steps.nodes() {
            // An object that serves comes before one that goes, where two have
            // one address.
            let going = matches!(step.action, Action::Delete | Action::Forget);
            if going && snapshot.nodes.contains_key(&step.address) {
                continue;
            }
            if let Some(id) = &step.id {
                let remembered = memories.brought_up_to_date(step, id, &plan.facts);
                snapshot.nodes.insert(step.address.clone(), remembered);
            }
        }
        snapshot.place = Some(plan.place.clone());
        Self {
            store,
            dirty: snapshot != before,
            snapshot,
            written: Instant::now(),
            cost: Duration::ZERO,
            trouble: None,
        }
    }

    pub(super) fn lineage(&self) -> &str {
        &self.snapshot.lineage
    }

    /// An object was created; nothing has been waited for yet.
    pub(super) fn made(&mut self, step: &PlannedStep, id: &str, inputs: &Attributes) {
        let generations = &mut self.snapshot.generations;
        generations.insert(step.address.clone(), step.generation);
        self.set(step, id, inputs.clone(), true);
    }

    /// A node is as wanted.
    pub(super) fn settled(&mut self, step: &PlannedStep, id: &str, attributes: Attributes) {
        self.set(step, id, attributes, false);
    }

    fn set(&mut self, step: &PlannedStep, id: &str, attributes: Attributes, unsettled: bool) {
        let remembered = Remembered {
            id: id.to_owned(),
            attributes,
            tags: step.tags.clone(),
            unsettled,
            prevent_destroy: step.lifecycle.prevent_destroy,
            forget_on_remove: step.lifecycle.forget_on_remove,
        };
        self.snapshot.nodes.insert(step.address.clone(), remembered);
        self.dirty = true;
        self.write_if_due();
    }

    /// An object is gone, or is to be forgotten.
    pub(super) fn removed(&mut self, address: &Address, id: Option<&str>) {
        // A replacement may already stand at the address.
        let same = |node: &Remembered| id.is_none_or(|id| node.id == id);
        if self.snapshot.nodes.get(address).is_some_and(same) {
            self.snapshot.nodes.remove(address);
            self.dirty = true;
            self.write_if_due();
        }
    }

    /// Writes, if there is something to write and the last write is long ago.
    pub(super) fn write_if_due(&mut self) {
        if self.dirty && self.written.elapsed() >= self.cost * 10 {
            self.write();
        }
    }

    fn write(&mut self) {
        let start = Instant::now();
        self.snapshot.serial += 1;
        match self.store.write(&self.snapshot) {
            Ok(()) => self.dirty = false,
            Err(error) => {
                self.trouble.get_or_insert(error);
            }
        }
        self.cost = start.elapsed();
        self.written = Instant::now();
    }

    /// Writes what is left to write and gives the snapshot back.
    pub(super) fn close(mut self) -> (Snapshot, Option<StoreError>) {
        if self.dirty {
            self.trouble = None;
            self.write();
        }
        (self.snapshot, self.trouble)
    }
}

/// What the last run knew, on its way into this one.
struct Memories {
    by_address: BTreeMap<Address, Remembered>,
    /// Where an object was remembered, by kind, label and id: the address may
    /// be another one now.
    addresses: HashMap<(String, String, String), Address>,
}

impl Memories {
    fn new(by_address: BTreeMap<Address, Remembered>) -> Self {
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

    /// What is to be remembered of an object before its step has run.
    fn brought_up_to_date(
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
            prevent_destroy: step.lifecycle.prevent_destroy,
            forget_on_remove: step.lifecycle.forget_on_remove,
        }
    }
}

fn key(address: &Address, id: &str) -> (String, String, String) {
    let label = address.label().to_owned();
    (address.kind.clone(), label, id.to_owned())
}
