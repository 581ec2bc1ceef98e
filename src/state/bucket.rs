//! State in a bucket of S3, for teams and for machines that come and go.
//!
//! ```text
//! <prefix>/<stack>/state.json                    the snapshot
//! <prefix>/<stack>/lock.json                     the lease of the run under way
//! <prefix>/<stack>/journal.json                  the head: which run's journal counts
//! <prefix>/<stack>/journal/<run>/00000000.jsonl  its parts, one for each append
//! ```
//!
//! The lock is a lease ([`lease`]), and a lease can be lost: the machine slept, the
//! network was gone. What keeps two runs apart then is that every write here has a
//! condition that S3 judges:
//!
//! | write | happens only if | so that |
//! |---|---|---|
//! | snapshot | it is the one that was read | nobody's newer one is overwritten |
//! | head | it is the one that this run claimed with its lock | only the last locker begins a journal |
//! | part of a journal | there is none of its number | no two runs add to one ([`head`]) |
//! | lock | it is the one that was seen | exactly one takes an expired lease over |
//!
//! A run that is refused one of these has lost its lock, and writes nothing more.

mod head;
mod lease;
mod moment;

use std::sync::{Arc, Mutex as StdMutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use moment::Moment;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use super::backend::{Backend, Lock, Part};
use super::{Held, StoreError};
use crate::aws::CallError;
use crate::aws::objects::{Condition, Done, Object, Objects};

/// One stack's state in a bucket.
#[derive(Debug, Clone)]
pub struct Bucket {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    objects: Objects,
    bucket: String,
    /// What all keys begin with, with a slash at its end.
    root: String,
    lease: Duration,
    known: Mutex<Known>,
    ours: StdMutex<Ours>,
}

/// What this run knows of the objects.
#[derive(Debug, Default)]
struct Known {
    /// The snapshot's entity tag, where one was read or written.
    snapshot: Option<String>,
    /// The head as this run last wrote it, and its entity tag.
    head: Option<(head::Head, String)>,
    /// The number of the next part, where this run has begun a journal.
    next_part: Option<usize>,
    /// Whether the parts of former journals are gone, as far as that can be done.
    swept: bool,
}

/// Whether the lock is still ours.
#[derive(Debug, Default)]
struct Ours {
    lost: CancellationToken,
    reason: String,
    /// When the lease was last renewed, and for how long that is good.
    renewed: Option<(Moment, Duration)>,
}

impl Ours {
    fn is_fresh(&self) -> bool {
        self.renewed
            .is_some_and(|(then, good)| then.elapsed() < good)
    }
}

impl Bucket {
    /// State of a stack in a bucket, below a prefix without slashes around it.
    /// `lease` is how long a lock outlives a holder that has gone silent.
    #[must_use]
    pub fn new(objects: Objects, bucket: &str, prefix: &str, stack: &str, lease: Duration) -> Self {
        let root = match prefix {
            "" => format!("{stack}/"),
            prefix => format!("{prefix}/{stack}/"),
        };
        Self {
            inner: Arc::new(Inner {
                objects,
                bucket: bucket.to_owned(),
                root,
                lease,
                known: Mutex::default(),
                ours: StdMutex::default(),
            }),
        }
    }
}

impl Inner {
    fn key(&self, part: Part) -> String {
        let name = match part {
            Part::Snapshot => "state.json",
            Part::Journal => "journal.json",
            Part::Lock => "lock.json",
        };
        format!("{}{name}", self.root)
    }

    fn url(&self, part: Part) -> String {
        format!("s3://{}/{}", self.bucket, self.key(part))
    }

    /// Turns S3's refusal into ours.
    fn cannot(&self, part: Part, doing: &'static str) -> impl Fn(CallError) -> StoreError {
        let name = self.url(part);
        let right = format!("s3://{}/{}", self.bucket, self.root);
        move |error| StoreError::of_call(&name, &right, doing, &error)
    }

    async fn get(&self, part: Part) -> Result<Option<Object>, StoreError> {
        let object = self.objects.get(&self.key(part)).await;
        object.map_err(self.cannot(part, "read"))
    }

    async fn put(&self, part: Part, text: &[u8], only: &Condition) -> Result<Done, StoreError> {
        let written = self.objects.put(&self.key(part), text, only).await;
        written.map_err(self.cannot(part, "written"))
    }

    async fn delete(&self, part: Part, tag: &str) -> Result<Done, StoreError> {
        let gone = self.objects.delete(&self.key(part), tag).await;
        gone.map_err(self.cannot(part, "removed"))
    }

    /// Refuses where the lock was ours and is no longer.
    fn still_ours(&self) -> Result<(), StoreError> {
        let ours = self.ours();
        if ours.lost.is_cancelled() {
            return Err(self.lost_because(&ours.reason));
        }
        Ok(())
    }

    /// Whether the lease was renewed lately, so that nobody can have taken it over
    /// as expired.
    fn is_fresh(&self) -> bool {
        self.ours().is_fresh()
    }

    /// The lock is no longer ours; the first reason stays.
    fn lose(&self, reason: &str) -> StoreError {
        let mut ours = self.ours();
        if !ours.lost.is_cancelled() {
            reason.clone_into(&mut ours.reason);
            ours.lost.cancel();
        }
        self.lost_because(&ours.reason)
    }

    fn lost_because(&self, reason: &str) -> StoreError {
        StoreError::LockLost {
            name: self.url(Part::Lock),
            reason: reason.to_owned(),
        }
    }

    fn ours(&self) -> std::sync::MutexGuard<'_, Ours> {
        self.ours.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Backend for Bucket {
    fn name(&self, part: Part) -> String {
        self.inner.url(part)
    }

    async fn read(&self, part: Part) -> Result<Option<Vec<u8>>, StoreError> {
        let inner = &self.inner;
        if part == Part::Journal {
            return inner.journal().await;
        }
        let object = inner.get(part).await?;
        if part == Part::Snapshot {
            inner.known.lock().await.snapshot = object.as_ref().map(|object| object.tag.clone());
        }
        Ok(object.map(|object| object.bytes))
    }

    async fn back_up(&self, part: Part, ending: &str) -> Result<Option<String>, StoreError> {
        let inner = &self.inner;
        let text = match part {
            Part::Journal => inner.what_is_left_of_the_journal().await?,
            part => self.read(part).await?,
        };
        let Some(text) = text else { return Ok(None) };
        let copy = format!("{}.{ending}.backup", inner.key(part));
        let put = inner.objects.put(&copy, &text, &Condition::Absent).await;
        match put.map_err(inner.cannot(part, "copied"))? {
            Done::Yes(_) => Ok(Some(format!("s3://{}/{copy}", inner.bucket))),
            Done::Refused => Err(StoreError::Io {
                name: format!("s3://{}/{copy}", inner.bucket),
                doing: "written",
                reason: "it is there already".to_owned(),
            }),
        }
    }

    async fn write_snapshot(&self, text: Vec<u8>) -> Result<(), StoreError> {
        let inner = &self.inner;
        let mut known = inner.known.lock().await;
        inner.still_ours()?;
        let condition = match &known.snapshot {
            Some(tag) => Condition::Tagged(tag.clone()),
            None => Condition::Absent,
        };
        match inner.put(Part::Snapshot, &text, &condition).await? {
            Done::Yes(tag) => {
                known.snapshot = Some(tag);
                Ok(())
            }
            Done::Refused => Err(inner.lose("another run has written the state since it was read")),
        }
    }

    async fn begin_journal(&self, text: Vec<u8>) -> Result<(), StoreError> {
        self.inner.begin(&text).await
    }

    async fn append_journal(&self, text: Vec<u8>) -> Result<(), StoreError> {
        self.inner.append(&text).await
    }

    async fn remove_journal(&self) -> Result<(), StoreError> {
        self.inner.end().await
    }

    async fn lock(&self, holder: &Held) -> Result<Lock, StoreError> {
        lease::take(&self.inner, holder).await
    }

    async fn holder(&self) -> Result<Option<Held>, StoreError> {
        let seen = lease::seen(&self.inner).await?;
        Ok(seen
            .filter(|seen| !seen.is_expired())
            .map(|seen| seen.lease.holder))
    }

    async fn unlock(&self, holder: &Held) -> Result<(), StoreError> {
        lease::break_that_of(&self.inner, holder).await
    }
}
