//! Where state is kept: the contract of a folder and of a bucket.
//!
//! A backend moves bytes and holds the lock. What the bytes mean is the
//! [`Store`](super::Store)'s business, so that every backend has the same formats
//! and the same checks.
//!
//! ```text
//!            Store        snapshot ⇄ JSON, journal ⇄ lines, what fits what
//!              │
//!           Backend       bytes, durably; one writer by a lock
//!           ┌──┴───┐
//!        Folder  Bucket
//! ```

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use super::{Held, StoreError};
use crate::aws::Mandate;

/// A part of a stack's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The snapshot.
    Snapshot,
    /// The journal of the last run, where it was not closed.
    Journal,
    /// The lock.
    Lock,
}

/// Keeps one stack's state as bytes.
#[async_trait]
pub trait Backend: fmt::Debug + Send + Sync {
    /// What a user calls a part: a path or a URL.
    fn name(&self, part: Part) -> String;

    /// Reads a part; none where there is none.
    ///
    /// # Errors
    /// Any trouble but absence: a read error never means that there is nothing.
    async fn read(&self, part: Part) -> Result<Option<Vec<u8>>, StoreError>;

    /// Replaces the snapshot: a reader and a crash see the old one or the new
    /// one, and nothing between. Durable on return.
    ///
    /// # Errors
    /// The old snapshot is then still there.
    async fn write_snapshot(&self, text: Vec<u8>) -> Result<(), StoreError>;

    /// Puts a new journal in the place of any former one, whole and durably.
    ///
    /// # Errors
    /// The former one is then still there.
    async fn begin_journal(&self, text: Vec<u8>) -> Result<(), StoreError>;

    /// Adds whole lines to the journal that was begun. Durable on return. Never
    /// called twice at once.
    ///
    /// # Errors
    /// A part of the text may have been written: nothing more is added then.
    async fn append_journal(&self, text: Vec<u8>) -> Result<(), StoreError>;

    /// Removes the journal; none is as good.
    ///
    /// # Errors
    /// It may still be there.
    async fn remove_journal(&self) -> Result<(), StoreError>;

    /// Copies a part, whatever it holds, durably to where no reader takes it for
    /// the part itself; gives the copy's name, or none where there is no such
    /// part. The copy's name ends in `ending`, and nothing is overwritten.
    ///
    /// # Errors
    /// There may be no copy, and the part is as it was.
    async fn back_up(&self, part: Part, ending: &str) -> Result<Option<String>, StoreError> {
        match self.read(part).await? {
            None => Ok(None),
            Some(_) => Err(StoreError::Io {
                name: format!("{}.{ending}", self.name(part)),
                doing: "written",
                reason: "this store keeps no copies".to_owned(),
            }),
        }
    }

    /// Takes the lock, or says at once who has it.
    ///
    /// # Errors
    /// [`StoreError::Locked`] with its holder, or what stands in the way.
    async fn lock(&self, holder: &Held) -> Result<Lock, StoreError>;

    /// Who holds the lock now, asked without taking it.
    ///
    /// # Errors
    /// What stands in the way of asking.
    async fn holder(&self) -> Result<Option<Held>, StoreError>;

    /// Whether a lock ends the moment that its holder does, so that none is ever
    /// left to be broken.
    fn lock_ends_with_its_holder(&self) -> bool {
        false
    }

    /// Takes the lock away from a holder that is gone.
    ///
    /// # Errors
    /// The lock is another's by now, or its holder is known to live.
    async fn unlock(&self, holder: &Held) -> Result<(), StoreError>;
}

/// A lock that is held.
#[derive(Debug)]
pub struct Lock {
    guard: Box<dyn Guard>,
}

/// What holds a lock of one backend.
#[async_trait]
pub trait Guard: fmt::Debug + Send + Sync {
    /// Gives the lock back. Dropping does as much of it as can be done at once.
    ///
    /// # Errors
    /// It may still be held, or was lost before.
    async fn release(self: Box<Self>) -> Result<(), StoreError>;

    /// Why the lock is no longer ours, where it is not.
    fn trouble(&self) -> Option<StoreError> {
        None
    }

    /// The right to change something that goes with the lock, where it can be lost.
    fn mandate(&self) -> Option<Arc<dyn Mandate>> {
        None
    }

    /// Cancelled when the lock is no longer ours.
    fn lost(&self) -> CancellationToken {
        CancellationToken::new()
    }
}

impl Lock {
    /// A lock that a guard holds.
    pub fn new(guard: impl Guard + 'static) -> Self {
        Self {
            guard: Box::new(guard),
        }
    }

    /// Gives the lock back.
    ///
    /// # Errors
    /// See [`Guard::release`].
    pub async fn release(self) -> Result<(), StoreError> {
        self.guard.release().await
    }

    /// Why the lock is no longer ours, where it is not.
    #[must_use]
    pub fn trouble(&self) -> Option<StoreError> {
        self.guard.trouble()
    }

    /// The right to change something that goes with the lock; none where a lock
    /// cannot be lost.
    #[must_use]
    pub fn mandate(&self) -> Option<Arc<dyn Mandate>> {
        self.guard.mandate()
    }

    /// Cancelled when the lock is no longer ours: the run must stop cleanly.
    #[must_use]
    pub fn lost(&self) -> CancellationToken {
        self.guard.lost()
    }
}
