//! What a journal says, taken record by record.
//!
//! Each call goes through these states, and a record that asks for another way
//! means that the journal is not what it should be:
//!
//! ```text
//! ─ started ─► started ─ made ─► made ─ settled ─► closed
//!                 │                │
//!                 └─ settled, failed ─► closed
//! ```

use std::collections::{BTreeMap, HashSet};

use super::super::{Remembered, Snapshot, StoreError};
use super::{Opened, Parsed, Record, Started};
use crate::model::{Action, Address};

/// A call that was started and never closed: nobody knows what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenCall {
    /// What was to be done.
    pub started: Started,
    /// The id that AWS told, where it did.
    pub made: Option<String>,
}

/// What a run left in its journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// Who wrote it.
    pub opened: Opened,
    /// The calls that nobody knows the end of, in the order of their start.
    pub open: Vec<OpenCall>,
    /// What it changed in the snapshot, in order.
    changes: Vec<Change>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Change {
    Made(Address, u32, Remembered),
    Settled(Address, Remembered),
    Gone(Address, Option<String>),
}

/// Replays a journal; none where it has not even a first record.
///
/// # Errors
/// [`StoreError::Damaged`] with the line of the record that cannot be.
pub fn replay(name: &str, parsed: Parsed) -> Result<Option<Replayed>, StoreError> {
    let damaged = |number: usize, reason: &str| StoreError::Damaged {
        name: name.to_owned(),
        line: Some(number + 1),
        reason: reason.to_owned(),
    };
    let mut records = parsed.records.into_iter().enumerate();
    let opened = match records.next() {
        None => return Ok(None),
        Some((_, Record::Opened(opened))) => opened,
        Some((number, _)) => return Err(damaged(number, "a journal begins with `opened`")),
    };
    let mut open: BTreeMap<u64, OpenCall> = BTreeMap::new();
    let mut seen = HashSet::new();
    let mut changes = Vec::new();
    for (number, record) in records {
        match record {
            Record::Opened(_) => return Err(damaged(number, "a second `opened`")),
            Record::Started(started) => {
                if !seen.insert(started.call) {
                    return Err(damaged(number, "a call that was started before"));
                }
                let call = started.call;
                let made = None;
                open.insert(call, OpenCall { started, made });
            }
            Record::Made { call, node, .. } => {
                let Some(known) = open.get_mut(&call) else {
                    return Err(damaged(number, "an id for a call that is not open"));
                };
                if known.made.is_some() || known.started.action != Action::Create {
                    return Err(damaged(number, "an id for a call that can have none"));
                }
                known.made = Some(node.id.clone());
                let Started {
                    address,
                    generation,
                    ..
                } = &known.started;
                changes.push(Change::Made(address.clone(), *generation, node));
            }
            Record::Settled { call, node } => {
                let Some(known) = open.remove(&call) else {
                    return Err(damaged(number, "the end of a call that is not open"));
                };
                let Started { address, id, .. } = known.started;
                changes.push(match node {
                    Some(node) => Change::Settled(address, node),
                    None => Change::Gone(address, id),
                });
            }
            Record::Failed { call, .. } => {
                if open.remove(&call).is_none() {
                    return Err(damaged(number, "the end of a call that is not open"));
                }
            }
        }
    }
    Ok(Some(Replayed {
        opened,
        open: open.into_values().collect(),
        changes,
    }))
}

impl Replayed {
    /// Brings the checkpoint up to where the run got. Doing so twice is as good
    /// as once.
    pub fn bring_up_to_date(&self, snapshot: &mut Snapshot) {
        self.opened.lineage.clone_into(&mut snapshot.lineage);
        snapshot.place = Some(self.opened.place.clone());
        for change in &self.changes {
            match change {
                Change::Made(address, generation, node) => {
                    let generations = &mut snapshot.generations;
                    let known = generations.entry(address.clone()).or_default();
                    *known = (*known).max(*generation);
                    snapshot.nodes.insert(address.clone(), node.clone());
                }
                Change::Settled(address, node) => {
                    snapshot.nodes.insert(address.clone(), node.clone());
                }
                Change::Gone(address, id) => snapshot.forget(address, id.as_deref()),
            }
        }
    }
}
