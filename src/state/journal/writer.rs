//! The writer: many steps at once, one write for all that wait.
//!
//! ```text
//! step ─ record ─► queue ─┐
//! step ─ record ─► queue ─┼─► one append, one sync ─► all go on
//! step ─ record ─► queue ─┘
//! ```
//!
//! While one append is under way the others queue up, and the first of them
//! takes the whole queue along. So a slow disk, or S3, costs a run a few appends
//! and not one for each step.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::super::StoreError;
use super::super::backend::{Backend, Part};
use super::lines::Chain;
use super::{Opened, Record};

/// A journal that is being written.
#[derive(Debug)]
pub struct Journal {
    backend: Arc<dyn Backend>,
    queue: Mutex<Queue>,
    /// How many records are durable; whoever holds it appends.
    durable: tokio::sync::Mutex<u64>,
}

#[derive(Debug, Default)]
struct Queue {
    lines: Vec<u8>,
    chain: Chain,
    records: u64,
    /// The first failure; a journal with a gap is not added to.
    failed: Option<StoreError>,
}

impl Journal {
    /// Begins a journal in the place of any former one.
    ///
    /// # Errors
    /// What the backend says; the former one is then still there.
    pub async fn begin(backend: Arc<dyn Backend>, opened: Opened) -> Result<Self, StoreError> {
        let mut queue = Queue::default();
        let line = queue.chain.line(&Record::Opened(opened));
        let line = line.map_err(|error| unwritable(&*backend, &error))?;
        backend.begin_journal(line).await?;
        Ok(Self {
            backend,
            queue: Mutex::new(queue),
            durable: tokio::sync::Mutex::new(0),
        })
    }

    /// Adds a record; it is durable on return.
    ///
    /// # Errors
    /// This write's failure, or an earlier one's: after one, nothing is added.
    pub async fn write(&self, record: &Record) -> Result<(), StoreError> {
        let mine = {
            let mut queue = self.queue();
            if let Some(error) = &queue.failed {
                return Err(error.clone());
            }
            let line = queue.chain.line(record);
            let line = line.map_err(|error| unwritable(&*self.backend, &error))?;
            queue.lines.extend(line);
            queue.records += 1;
            queue.records
        };
        let mut durable = self.durable.lock().await;
        let (lines, records) = {
            let mut queue = self.queue();
            // Also for a record that is durable: the lock may have been lost while it
            // waited here, and then nothing is to be begun.
            if let Some(error) = &queue.failed {
                return Err(error.clone());
            }
            if *durable >= mine {
                return Ok(());
            }
            (std::mem::take(&mut queue.lines), queue.records)
        };
        match self.backend.append_journal(lines).await {
            Ok(()) => {
                *durable = records;
                Ok(())
            }
            Err(error) => {
                self.queue().failed = Some(error.clone());
                Err(error)
            }
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn unwritable(backend: &dyn Backend, error: &serde_json::Error) -> StoreError {
    StoreError::io(
        backend.name(Part::Journal),
        "written",
        &std::io::Error::other(error.to_string()),
    )
}
