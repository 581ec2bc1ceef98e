//! The ledger: what the run has done so far, written down as it goes.
//!
//! ```text
//! checkpoint ─► journal: started ─► made ─► settled … ─► checkpoint, no journal
//!                 │          │
//!                 │          └─ durable before anything is waited for
//!                 └─ durable before the call that may change something
//! ```
//!
//! A step that cannot be written down is not begun. One that is done and cannot
//! be written down is not undone: it is told, and its tags on AWS keep it findable.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_util::future::join_all;
use jiff::Timestamp;

use super::hanging::{Adopting, Hanging, freed};
use super::memories::Memories;
use super::token::hash_of;
use crate::aws::CallError;
use crate::model::{Action, Address, Attributes};
use crate::plan::{Plan, PlannedStep};
use crate::state::journal::JOURNAL_VERSION;
use crate::state::{
    Journal, Kept, Opened, Record, Remembered, Snapshot, Started, Store, StoreError,
};

/// What the run has done so far.
pub(super) struct Ledger<'a> {
    store: &'a Store,
    lineage: String,
    /// None where the plan has nothing to do.
    journal: Option<Journal>,
    pages: Mutex<Pages>,
    calls: AtomicU64,
}

struct Pages {
    snapshot: Snapshot,
    /// Whether the snapshot differs from the checkpoint.
    dirty: bool,
    /// What is not ours before the run has adopted what it hangs on.
    waiting: Vec<Hanging>,
    /// How many calls are open that nobody knows the end of.
    unknown: usize,
    /// The first write that failed; the run then starts nothing new.
    trouble: Option<StoreError>,
}

/// A step that is in the journal.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry(u64);

impl<'a> Ledger<'a> {
    /// The ledger at the start of a plan: nodes that no longer live are gone.
    /// Writes the checkpoint and begins the journal.
    ///
    /// # Errors
    /// The store's; nothing is to be done then.
    pub(super) async fn open(
        store: &'a Store,
        kept: Kept,
        plan: &Plan,
        command: &str,
    ) -> Result<Self, (Box<Snapshot>, StoreError)> {
        let Kept { snapshot, unclosed } = kept;
        let before = snapshot.clone();
        let (mut snapshot, waiting) = brought_up_to_date(snapshot, plan);
        // What a journal said must be in the checkpoint before it is replaced.
        if snapshot != before || unclosed.is_some() {
            snapshot.serial += 1;
            if let Err(error) = store.write(&snapshot).await {
                return Err((Box::new(before), error));
            }
        }
        let journal = if plan.is_empty() {
            if unclosed.is_some() {
                // It says nothing that the checkpoint does not; next time, then.
                drop(store.remove_journal().await);
            }
            None
        } else {
            let opened = Opened {
                format_version: JOURNAL_VERSION,
                stack: plan.stack.clone(),
                place: plan.place.clone(),
                lineage: snapshot.lineage.clone(),
                serial: snapshot.serial,
                command: command.to_owned(),
                at: Timestamp::now(),
            };
            match store.begin_journal(opened).await {
                Ok(journal) => Some(journal),
                Err(error) => return Err((Box::new(snapshot), error)),
            }
        };
        Ok(Self {
            store,
            lineage: snapshot.lineage.clone(),
            journal,
            pages: Mutex::new(Pages {
                snapshot,
                dirty: false,
                waiting,
                unknown: 0,
                trouble: None,
            }),
            calls: AtomicU64::new(0),
        })
    }

    pub(super) fn lineage(&self) -> &str {
        &self.lineage
    }

    /// Whether something could not be written down.
    pub(super) fn is_in_trouble(&self) -> bool {
        self.pages().trouble.is_some()
    }

    /// Notes a trouble that is not the ledger's own, such as a lost lock.
    pub(super) fn is_troubled_by(&self, trouble: StoreError) {
        self.pages().trouble.get_or_insert(trouble);
    }

    /// A step is about to make its first call. Durable on return.
    ///
    /// # Errors
    /// The store's: the call is not to be made.
    pub(super) async fn started(
        &self,
        step: &PlannedStep,
        token: &str,
        inputs: &Attributes,
    ) -> Result<Entry, StoreError> {
        let call = self.calls.fetch_add(1, Ordering::SeqCst);
        let started = Started {
            call,
            at: Timestamp::now(),
            address: step.address.clone(),
            action: step.action,
            generation: step.generation,
            token: token.to_owned(),
            parameters: hash_of(inputs),
            id: step.id.clone(),
            name: inputs.text("name").map(str::to_owned),
        };
        self.write(Record::Started(started)).await?;
        Ok(Entry(call))
    }

    /// An object was created; nothing has been waited for yet.
    pub(super) async fn made(
        &self,
        entry: Entry,
        step: &PlannedStep,
        id: &str,
        inputs: &Attributes,
    ) {
        let at = Timestamp::now();
        let node = Remembered {
            unsettled: true,
            made: Some(at),
            ..remembered(step, id, inputs.clone())
        };
        {
            let mut pages = self.pages();
            let generations = &mut pages.snapshot.generations;
            generations.insert(step.address.clone(), step.generation);
            pages.set(step, node.clone());
        }
        let call = entry.0;
        // A failure is kept as trouble; the object is there all the same.
        drop(self.write(Record::Made { call, at, node }).await);
    }

    /// A node is as wanted.
    pub(super) async fn settled(
        &self,
        entry: Entry,
        step: &PlannedStep,
        id: &str,
        attributes: Attributes,
    ) {
        let mut node = remembered(step, id, attributes);
        let more = {
            let mut pages = self.pages();
            let before = pages.snapshot.nodes.get(&step.address);
            node.made = before.filter(|old| old.id == id).and_then(|old| old.made);
            pages.set(step, node.clone());
            match step.action {
                Action::Adopt => pages.take_in(&step.address),
                _ => Vec::new(),
            }
        };
        let (call, node) = (entry.0, Some(node));
        drop(self.write(Record::Settled { call, node }).await);
        self.write_along(Action::Adopt, more).await;
    }

    /// Writes down what becomes ours, or others' again, with what it hangs on. No
    /// call is made for that.
    async fn write_along(&self, action: Action, things: Vec<Hanging>) {
        let mut started = Vec::with_capacity(things.len());
        let mut settled = Vec::with_capacity(things.len());
        for thing in things {
            let call = self.calls.fetch_add(1, Ordering::SeqCst);
            started.push(self.write(Record::Started(Started {
                call,
                at: Timestamp::now(),
                address: thing.address,
                action,
                generation: thing.generation,
                token: String::new(),
                parameters: hash_of(&thing.node.attributes),
                id: Some(thing.node.id.clone()),
                name: None,
            })));
            let node = (action == Action::Adopt).then_some(thing.node);
            settled.push(self.write(Record::Settled { call, node }));
        }
        // Side by side they share their appends.
        drop(join_all(started).await);
        drop(join_all(settled).await);
    }

    /// An object is gone, or is to be forgotten.
    pub(super) async fn removed(&self, entry: Option<Entry>, step: &PlannedStep) {
        let parts = {
            let mut pages = self.pages();
            // A replacement may already stand at the address.
            pages.snapshot.forget(&step.address, step.id.as_deref());
            pages.dirty = true;
            match step.given_back {
                true => pages.take_out(step),
                false => Vec::new(),
            }
        };
        self.write_along(Action::Forget, parts).await;
        if let Some(Entry(call)) = entry {
            drop(self.write(Record::Settled { call, node: None }).await);
        }
    }

    /// A step failed. Where nobody knows what became of it, it stays open, and
    /// the next run finds out.
    pub(super) async fn failed(&self, entry: Entry, step: &PlannedStep, error: &CallError) {
        let has_id = self.made_by(step).is_some();
        let known = step.action != Action::Create || has_id || error.is_final();
        self.pages().unknown += usize::from(!known);
        if known {
            let reason = match error.code() {
                "" => "no answer of AWS".to_owned(),
                code => code.to_owned(),
            };
            let call = entry.0;
            drop(self.write(Record::Failed { call, reason }).await);
        }
    }

    /// The id of what a failed creation made all the same.
    pub(super) fn made_by(&self, step: &PlannedStep) -> Option<String> {
        let pages = self.pages();
        let node = pages.snapshot.nodes.get(&step.address)?;
        let made = step.action == Action::Create && node.unsettled;
        // What is to be replaced may have been left unsettled long ago.
        (made && step.id.as_ref() != Some(&node.id)).then(|| node.id.clone())
    }

    async fn write(&self, record: Record) -> Result<(), StoreError> {
        let Some(journal) = &self.journal else {
            return Ok(());
        };
        let written = journal.write(&record).await;
        if let Err(error) = &written {
            self.is_troubled_by(error.clone());
        }
        written
    }

    /// Writes the last checkpoint and gives the snapshot back, why it could not
    /// be written, and why nothing new was begun although it could.
    pub(super) async fn close(self) -> (Snapshot, Option<StoreError>, Option<StoreError>) {
        let Self {
            store,
            journal,
            pages,
            ..
        } = self;
        let mut pages = pages.into_inner().unwrap_or_else(PoisonError::into_inner);
        if matches!(pages.trouble, Some(StoreError::LockLost { .. })) {
            // Another run may be writing by now.
            return (pages.snapshot, pages.trouble, None);
        }
        let mut stopped_by = None;
        if pages.dirty {
            pages.snapshot.serial += 1;
            let journal_trouble = pages.trouble.take();
            match store.write(&pages.snapshot).await {
                Ok(()) => stopped_by = journal_trouble,
                Err(error) => pages.trouble = Some(error),
            }
        }
        if journal.is_some() && pages.trouble.is_none() && pages.unknown == 0 {
            // One that stays says nothing that the checkpoint does not.
            drop(store.remove_journal().await);
        }
        (pages.snapshot, pages.trouble, stopped_by)
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pages {
    fn set(&mut self, step: &PlannedStep, node: Remembered) {
        self.snapshot.nodes.insert(step.address.clone(), node);
        self.dirty = true;
    }

    /// Forgets the parts of a table that is others' again; gives them.
    fn take_out(&mut self, table: &PlannedStep) -> Vec<Hanging> {
        let nodes = &mut self.snapshot.nodes;
        let is_part = |at: &Address| at.part.is_some() && at.table() == table.address;
        let parts = nodes.extract_if(.., |at, _| is_part(at));
        let parts = parts.map(|(address, node)| Hanging {
            address,
            generation: table.generation,
            node,
            holders: BTreeSet::new(),
        });
        parts.collect()
    }

    /// Remembers what hung on a table that is adopted now; gives it.
    fn take_in(&mut self, adopted: &Address) -> Vec<Hanging> {
        let mut free = freed(&mut self.waiting, adopted);
        let nodes = &mut self.snapshot.nodes;
        free.retain(|thing| !nodes.contains_key(&thing.address));
        for thing in &free {
            nodes.insert(thing.address.clone(), thing.node.clone());
        }
        free
    }
}

fn remembered(step: &PlannedStep, id: &str, attributes: Attributes) -> Remembered {
    Remembered {
        id: id.to_owned(),
        attributes,
        tags: step.tags.clone(),
        unsettled: false,
        made: None,
        prevent_destroy: step.lifecycle.prevent_destroy,
        forget_on_remove: step.lifecycle.forget_on_remove,
    }
}

/// The snapshot as the plan found the world, and what has to wait for its place
/// in it.
fn brought_up_to_date(mut snapshot: Snapshot, plan: &Plan) -> (Snapshot, Vec<Hanging>) {
    let memories = Memories::new(std::mem::take(&mut snapshot.nodes));
    let adopting = Adopting::of(plan);
    let mut waiting = Vec::new();
    // What is not ours yet must not be taken for ours after a kill.
    let mut waits = |step: &PlannedStep, address: &Address, node: &Remembered| {
        let holders = adopting.holders(step, memories.knows(step));
        let waits = !holders.is_empty();
        if waits {
            waiting.push(Hanging {
                address: address.clone(),
                generation: step.generation,
                node: node.clone(),
                holders,
            });
        }
        waits
    };
    for (_, step) in plan.steps.nodes() {
        // An object that serves comes before one that goes, where two have
        // one address.
        let going = matches!(step.action, Action::Delete | Action::Forget);
        if going && snapshot.nodes.contains_key(&step.address) {
            continue;
        }
        if step.action == Action::Adopt {
            continue;
        }
        // Nor what is others' again, at any moment of the way back.
        if step.given_back && !memories.is_to_be_given_back(step) {
            continue;
        }
        if let Some(id) = &step.id {
            let remembered = memories.brought_up_to_date(step, id, &plan.facts);
            if !waits(step, &step.address, &remembered) {
                snapshot.nodes.insert(step.address.clone(), remembered);
            }
        }
    }
    let left_out = plan.left_out.iter().map(|it| &it.step);
    for step in left_out.filter(|step| step.action != Action::Adopt) {
        if let Some((address, remembered)) = memories.left_out(step, &plan.facts)
            && !snapshot.nodes.contains_key(&address)
            && !waits(step, &address, &remembered)
        {
            snapshot.nodes.insert(address, remembered);
        }
    }
    snapshot.place = Some(plan.place.clone());
    // Before the first call: a run that is killed is to be continued with the
    // same tags.
    snapshot.lifetime = plan.lifetime.and_then(|lifetime| lifetime.term);
    (snapshot, waiting)
}
