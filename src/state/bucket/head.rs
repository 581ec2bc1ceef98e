//! The journal on S3: a head that names a run, and that run's parts.
//!
//! An object cannot be added to, so each append is an object of its own:
//!
//! ```text
//! journal.json ── run ──► journal/<run>/00000000.jsonl   opened
//!                         journal/<run>/00000001.jsonl   started, started
//!                         journal/<run>/00000002.jsonl   made, settled
//! ```
//!
//! - A new journal's first part is written before the head names it, and the head
//!   is replaced at once. So a kill leaves the former journal or the new one.
//! - Whoever takes the lock writes its own name into the head before it reads the
//!   journal, so that a former holder can no longer replace the head it remembers.
//! - After each part the head is looked at. If it is still the run's own, then
//!   whoever claims it later also finds the part; if not, the part does not count.
//!   Since no step begins before its part counts, a holder that slept through its
//!   lease begins nothing when it wakes, and what it did begin is known to the next.
//! - Parts that no head names are rubbish of a kill, swept up by the next run.

use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::super::backend::Part;
use super::{Inner, StoreError};
use crate::aws::CallError;
use crate::aws::objects::{Condition, Done};

/// The version of the head's form that this program writes.
const HEAD_VERSION: u64 = 1;

/// How many parts are read side by side.
const SIDE_BY_SIDE: usize = 16;

/// How long the lease's renewal is given before it is asked again.
const A_WHILE: Duration = Duration::from_millis(100);

/// How often something is tried that another run may come between.
const TRIES: usize = 6;

/// Which journal counts, and who may begin another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Head {
    format_version: u64,
    /// Whoever took the lock last.
    owner: String,
    /// The run whose parts are the journal; none where there is no journal.
    run: Option<String>,
}

impl Head {
    fn by(owner: &str, run: Option<String>) -> Self {
        Self {
            format_version: HEAD_VERSION,
            owner: owner.to_owned(),
            run,
        }
    }

    fn text(&self) -> Result<Vec<u8>, CallError> {
        let text = serde_json::to_vec(self);
        text.map_err(|error| CallError::internal(error.to_string()))
    }
}

impl Inner {
    fn parts(&self, run: &str) -> String {
        format!("{}journal/{run}/", self.root)
    }

    fn part(&self, run: &str, number: usize) -> String {
        format!("{}{number:08}.jsonl", self.parts(run))
    }

    fn damaged(&self, reason: impl Into<String>) -> StoreError {
        StoreError::Damaged {
            name: self.url(Part::Journal),
            line: None,
            reason: reason.into(),
        }
    }

    /// A damaged head, which no lock can be taken over: so no verb can mend it.
    fn unreadable(&self, reason: &str) -> StoreError {
        let name = self.url(Part::Journal);
        StoreError::S3 {
            doing: "read",
            reason: format!("it is damaged: {reason}"),
            remedy: format!(
                "nothing was changed. Restore a former version of it, or move it away \
                 (`aws s3 mv {name} {name}.damaged`): the stack is found again by its tags"
            ),
            name,
        }
    }

    async fn head(&self) -> Result<Option<(Head, String)>, StoreError> {
        let Some(object) = self.get(Part::Journal).await? else {
            return Ok(None);
        };
        let json: serde_json::Value = serde_json::from_slice(&object.bytes)
            .map_err(|error| self.unreadable(&error.to_string()))?;
        let version = json.get("format_version").and_then(|v| v.as_u64());
        if let Some(found) = version.filter(|found| *found > HEAD_VERSION) {
            let name = self.url(Part::Journal);
            return Err(StoreError::Newer { name, found });
        }
        let head: Head =
            serde_json::from_value(json).map_err(|error| self.unreadable(&error.to_string()))?;
        // It becomes a part of keys.
        if head
            .run
            .as_ref()
            .is_some_and(|run| run.parse::<Uuid>().is_err())
        {
            return Err(self.unreadable("its `run` is no run's id"));
        }
        Ok(Some((head, object.tag)))
    }

    /// Whether these are the parts of a run from the first one on, without a gap.
    fn are_whole(&self, run: &str, keys: &[String]) -> bool {
        let mut numbered = keys.iter().enumerate();
        !keys.is_empty() && numbered.all(|(number, key)| *key == self.part(run, number))
    }

    /// The text of the journal that counts.
    pub(super) async fn journal(&self) -> Result<Option<Vec<u8>>, StoreError> {
        for _ in 0..TRIES {
            let Some((head, tag)) = self.head().await? else {
                return Ok(None);
            };
            let Some(run) = &head.run else {
                return Ok(None);
            };
            let keys = self.objects.list(&self.parts(run)).await;
            let keys = keys.map_err(self.cannot(Part::Journal, "read"))?;
            if self.are_whole(run, &keys)
                && let Some(text) = self.joined(&keys).await?
            {
                return Ok(Some(text));
            }
            // A run that goes on may have replaced the journal in between.
            if self.head().await?.is_some_and(|(_, now)| now == tag) {
                return Err(self.damaged(format!("parts of it are missing below journal/{run}/")));
            }
        }
        Err(self.damaged("it is replaced all the time"))
    }

    /// The parts that are there, in order, whether any is missing or not.
    pub(super) async fn what_is_left_of_the_journal(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(run) = self.head().await?.and_then(|(head, _)| head.run) else {
            return Ok(None);
        };
        let keys = self.objects.list(&self.parts(&run)).await;
        let keys = keys.map_err(self.cannot(Part::Journal, "read"))?;
        self.joined(&keys).await
    }

    /// The parts in order; none where one is gone.
    async fn joined(&self, keys: &[String]) -> Result<Option<Vec<u8>>, StoreError> {
        let parts = stream::iter(keys.to_vec());
        let parts: Vec<_> = parts
            .map(|key| async move { self.objects.get(&key).await })
            .buffered(SIDE_BY_SIDE)
            .try_collect()
            .await
            .map_err(self.cannot(Part::Journal, "read"))?;
        let parts: Option<Vec<_>> = parts.into_iter().collect();
        Ok(parts.map(|parts| parts.into_iter().flat_map(|part| part.bytes).collect()))
    }

    /// Writes the owner of a new lock into the head.
    pub(super) async fn claim(&self, owner: &str) -> Result<(), StoreError> {
        for _ in 0..TRIES {
            let (run, condition) = match self.head().await? {
                None => (None, Condition::Absent),
                Some((head, tag)) => (head.run, Condition::Tagged(tag)),
            };
            let head = Head::by(owner, run);
            let Some(tag) = self.write_head(&head, &condition).await? else {
                continue;
            };
            let mut known = self.known.lock().await;
            known.head = Some((head, tag));
            known.next_part = None;
            known.swept = false;
            return Ok(());
        }
        Err(self.lose("another run writes the journal's head"))
    }

    async fn write_head(
        &self,
        head: &Head,
        condition: &Condition,
    ) -> Result<Option<String>, StoreError> {
        let text = head.text().map_err(self.cannot(Part::Journal, "written"))?;
        Ok(match self.put(Part::Journal, &text, condition).await? {
            Done::Yes(tag) => Some(tag),
            Done::Refused => None,
        })
    }

    /// Waits until it is certain that the head is still the one that this run wrote.
    async fn confirm(&self, tag: &str) -> Result<(), StoreError> {
        loop {
            let head = self.get(Part::Journal).await?;
            if head.is_none_or(|head| head.tag != tag) {
                return Err(self.lose("another run has taken it since"));
            }
            if self.is_fresh() {
                return Ok(());
            }
            // The answer may be old: the machine may have slept since. The lease's
            // renewal finds out, and gives up where it cannot.
            tokio::time::sleep(A_WHILE).await;
            self.still_ours()?;
        }
    }

    /// Begins a journal.
    pub(super) async fn begin(&self, text: &[u8]) -> Result<(), StoreError> {
        let mut known = self.known.lock().await;
        self.still_ours()?;
        let Some((head, tag)) = known.head.clone() else {
            return Err(self.lost_because("it was never taken"));
        };
        let run = Uuid::now_v7().to_string();
        let first = self.part(&run, 0);
        let put = self.objects.put(&first, text, &Condition::Absent).await;
        if put.map_err(self.cannot(Part::Journal, "written"))? == Done::Refused {
            return Err(self.lose("another run has begun this journal"));
        }
        let head = Head::by(&head.owner, Some(run.clone()));
        let condition = Condition::Tagged(tag);
        let Some(tag) = self.write_head(&head, &condition).await? else {
            return Err(self.lose("another run has taken it since"));
        };
        known.head = Some((head, tag));
        known.next_part = Some(1);
        drop(known);
        self.sweep(Some(&run)).await;
        Ok(())
    }

    /// Adds a part to the journal that was begun.
    pub(super) async fn append(&self, text: &[u8]) -> Result<(), StoreError> {
        let mut known = self.known.lock().await;
        self.still_ours()?;
        let (Some((head, tag)), Some(number)) = (known.head.clone(), known.next_part) else {
            return Err(self.damaged("it was not begun"));
        };
        if !self.is_fresh() {
            self.confirm(&tag).await?;
        }
        let key = self.part(&head.run.unwrap_or_default(), number);
        let put = self.objects.put(&key, text, &Condition::Absent).await;
        match put.map_err(self.cannot(Part::Journal, "written"))? {
            Done::Yes(_) => {
                known.next_part = Some(number + 1);
                self.confirm(&tag).await
            }
            Done::Refused => Err(self.lose("another run has written to the journal")),
        }
    }

    /// Ends the journal: the head names none.
    pub(super) async fn end(&self) -> Result<(), StoreError> {
        let mut known = self.known.lock().await;
        self.still_ours()?;
        let Some((head, tag)) = known.head.clone().filter(|(head, _)| head.run.is_some()) else {
            return Ok(());
        };
        let head = Head::by(&head.owner, None);
        let condition = Condition::Tagged(tag);
        let Some(tag) = self.write_head(&head, &condition).await? else {
            return Err(self.lose("another run has taken it since"));
        };
        known.head = Some((head, tag));
        known.next_part = None;
        known.swept = true;
        drop(known);
        self.sweep(None).await;
        Ok(())
    }

    /// Removes a head that names no journal, as the lock is given back, and the
    /// rubbish that a killed run may have left.
    pub(super) async fn leave(&self) -> Result<(), StoreError> {
        let mut known = self.known.lock().await;
        let Some((head, tag)) = known.head.take() else {
            return Ok(());
        };
        if head.run.is_none() {
            if !known.swept {
                self.sweep(None).await;
            }
            self.delete(Part::Journal, &tag).await?;
        }
        Ok(())
    }

    /// Removes the parts of every other run. What stays does no harm: no head
    /// names it, and the next run sweeps again.
    async fn sweep(&self, keep: Option<&str>) {
        let kept = keep.map(|run| self.parts(run));
        let Ok(keys) = self.objects.list(&self.parts_of_all()).await else {
            return;
        };
        let keys: Vec<String> = keys
            .into_iter()
            .filter(|key| kept.as_ref().is_none_or(|kept| !key.starts_with(kept)))
            .collect();
        if !keys.is_empty() {
            drop(self.objects.delete_all(&keys).await);
        }
    }

    fn parts_of_all(&self) -> String {
        format!("{}journal/", self.root)
    }
}
