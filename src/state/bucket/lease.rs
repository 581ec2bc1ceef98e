//! The lock on S3: a lease that its holder renews, and that ends by itself.
//!
//! ```text
//! take ── renew ── renew ── renew ── release        each under a condition
//!   │       └ a third of the lease ┘    └ delete, if it is still ours
//!   └ where there is none, or over one that has expired
//! ```
//!
//! **Whose clock.** A lease has expired when S3's own `Date` is later than the lock's
//! `Last-Modified` by the lease and a second (both have whole seconds). So the clocks
//! of the machines need not agree. Where S3 tells no date, nothing expires.
//!
//! **The holder's side.** It counts from before the request that renewed it, and
//! gives up a sixth of the lease before the end. It looks at the clock on the wall
//! too: a laptop's other clock stands still while it sleeps. After a gap it asks S3
//! first; if nobody has taken the lease over, it is still ours.
//!
//! **Release** deletes the object if its entity tag is still the one of our last
//! renewal. S3 judges the condition and deletes in one go, so that nobody else's lock
//! is ever deleted; and nothing is left behind, as a mark that it is free would be.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::super::backend::{Guard, Lock, Part};
use super::super::{Held, StoreError};
use super::{Inner, Moment, Ours};
use crate::aws::objects::{Condition, Done, Object};
use crate::aws::{CallError, Mandate, Standing};

/// The version of the lock's form that this program writes.
const LEASE_VERSION: u64 = 1;

/// How long a lock lasts that does not say so itself, in seconds.
const UNSAID: u64 = 60;

/// How often something is tried that another run may come between.
const TRIES: usize = 6;

/// What stands in the lock.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Lease {
    format_version: u64,
    /// A random name of the holder, so that no two locks are alike.
    owner: String,
    /// For how long it holds after it was written.
    lease_seconds: u64,
    /// How often it was renewed: every renewal is another text.
    renewals: u64,
    pub(super) holder: Held,
}

/// A lock as it was seen.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) lease: Lease,
    tag: String,
    /// Seconds since it was written; none where S3 has not told the time.
    age: Option<i64>,
}

impl Seen {
    pub(super) fn is_expired(&self) -> bool {
        // Both times are cut to whole seconds.
        let lease = i64::try_from(self.lease.lease_seconds).unwrap_or(i64::MAX);
        self.age.is_some_and(|age| age > lease)
    }

    fn of(inner: &Inner, object: &Object) -> Result<Self, StoreError> {
        let json: serde_json::Value = serde_json::from_slice(&object.bytes).unwrap_or_default();
        let version = json.get("format_version").and_then(|v| v.as_u64());
        if let Some(found) = version.filter(|found| *found > LEASE_VERSION) {
            let name = inner.url(Part::Lock);
            return Err(StoreError::Newer { name, found });
        }
        // What cannot be read is somebody's, and ends as every lock does.
        let unsaid = || Lease {
            lease_seconds: UNSAID,
            ..Lease::default()
        };
        Ok(Self {
            lease: serde_json::from_value(json).unwrap_or_else(|_| unsaid()),
            tag: object.tag.clone(),
            age: object.read.map(|read| read.saturating_sub(object.written)),
        })
    }
}

/// The lock that is there now.
pub(super) async fn seen(inner: &Inner) -> Result<Option<Seen>, StoreError> {
    let object = inner.get(Part::Lock).await?;
    object.map(|object| Seen::of(inner, &object)).transpose()
}

/// Takes the lock, or says who has it.
pub(super) async fn take(inner: &Arc<Inner>, holder: &Held) -> Result<Lock, StoreError> {
    let mine = Lease {
        format_version: LEASE_VERSION,
        owner: Uuid::new_v4().to_string(),
        lease_seconds: inner.lease.as_secs().max(1),
        renewals: 0,
        holder: holder.clone(),
    };
    let mut condition = Condition::Absent;
    for _ in 0..TRIES {
        let asked = Moment::now();
        if let Done::Yes(tag) = write(inner, &mine, &condition).await? {
            let held = Holding {
                lease: mine,
                tag,
                renewed: asked,
            };
            return take_up(inner, held).await;
        }
        condition = match seen(inner).await? {
            None => Condition::Absent,
            Some(seen) if seen.is_expired() => Condition::Tagged(seen.tag),
            Some(seen) => return Err(StoreError::Locked(seen.lease.holder)),
        };
    }
    Err(StoreError::Locked(Held::default()))
}

/// Does what belongs to a new lock.
async fn take_up(inner: &Arc<Inner>, held: Holding) -> Result<Lock, StoreError> {
    let lost = CancellationToken::new();
    *inner.ours() = Ours {
        lost: lost.clone(),
        reason: String::new(),
        renewed: Some((held.renewed, held.limit())),
    };
    if let Err(error) = inner.claim(&held.lease.owner).await {
        // Nobody should wait for a run that ends here.
        drop(inner.delete(Part::Lock, &held.tag).await);
        return Err(error);
    }
    let released = CancellationToken::new();
    let beating = tokio::spawn(beat(Arc::clone(inner), held, released.clone()));
    Ok(Lock::new(Leased {
        inner: Arc::clone(inner),
        beating: Some(beating),
        released,
        lost,
    }))
}

async fn write(inner: &Inner, lease: &Lease, condition: &Condition) -> Result<Done, StoreError> {
    let text = serde_json::to_vec(lease)
        .map_err(|error| CallError::internal(error.to_string()))
        .map_err(inner.cannot(Part::Lock, "written"))?;
    inner.put(Part::Lock, &text, condition).await
}

/// Breaks the lock, if it is still the holder's that was shown.
pub(super) async fn break_that_of(inner: &Inner, holder: &Held) -> Result<(), StoreError> {
    for _ in 0..TRIES {
        let Some(seen) = seen(inner).await? else {
            return Ok(());
        };
        if seen.lease.holder != *holder {
            return Err(StoreError::Locked(seen.lease.holder));
        }
        match inner.delete(Part::Lock, &seen.tag).await? {
            Done::Yes(_) => return Ok(()),
            // It was renewed, or is another's by now.
            Done::Refused => {}
        }
    }
    Err(StoreError::Locked(holder.clone()))
}

/// A lease that is ours.
#[derive(Debug, Clone)]
struct Holding {
    lease: Lease,
    tag: String,
    /// Before the request that wrote it.
    renewed: Moment,
}

impl Holding {
    fn length(&self) -> Duration {
        Duration::from_secs(self.lease.lease_seconds)
    }

    /// For how long after a renewal it is certainly ours.
    fn limit(&self) -> Duration {
        self.length() - self.length() / 6
    }
}

/// Renews the lease until it is released or lost; gives it back as it then is.
async fn beat(
    inner: Arc<Inner>,
    mut held: Holding,
    released: CancellationToken,
) -> Option<Holding> {
    let (lease, limit) = (held.length(), held.limit());
    let mut trouble = "it could not be renewed in time".to_owned();
    held.lease.renewals += 1;
    loop {
        tokio::select! {
            () = tokio::time::sleep((lease / 20).min(Duration::from_secs(1))) => {}
            () = released.cancelled() => return Some(held),
        }
        let silent = held.renewed.elapsed();
        if silent < lease / 3 {
            continue;
        }
        // The same text until it is written, so that a lost answer is understood.
        let asked = Moment::now();
        let condition = Condition::Tagged(held.tag.clone());
        let patience = limit.saturating_sub(silent).max(lease / 6);
        let renewal = write(&inner, &held.lease, &condition);
        match tokio::time::timeout(patience, renewal).await {
            Ok(Ok(Done::Yes(tag))) => {
                held.tag = tag;
                held.renewed = asked;
                inner.ours().renewed = Some((asked, limit));
                held.lease.renewals += 1;
                continue;
            }
            Ok(Ok(Done::Refused)) => {
                let now = seen(&inner).await.ok().flatten();
                inner.lose(&match now {
                    Some(seen) => format!("it is held by {} now", said(&seen.lease.holder)),
                    None => "somebody has removed it".to_owned(),
                });
                return None;
            }
            Ok(Err(error)) => trouble = format!("it could not be renewed in time: {error}"),
            Err(_) => {}
        }
        if held.renewed.elapsed() >= limit {
            inner.lose(&trouble);
            return None;
        }
    }
}

fn said(holder: &Held) -> String {
    if holder.command.is_empty() {
        "somebody else".to_owned()
    } else {
        holder.to_string()
    }
}

/// A lock that this process holds.
#[derive(Debug)]
struct Leased {
    inner: Arc<Inner>,
    beating: Option<JoinHandle<Option<Holding>>>,
    released: CancellationToken,
    lost: CancellationToken,
}

#[async_trait]
impl Guard for Leased {
    async fn release(mut self: Box<Self>) -> Result<(), StoreError> {
        self.released.cancel();
        self.inner.ours().renewed = None;
        let held = match self.beating.take() {
            Some(beating) => beating.await.ok().flatten(),
            None => None,
        };
        let inner = &self.inner;
        let Some(held) = held else {
            inner.still_ours()?;
            return Err(inner.lose("its renewal has ended"));
        };
        inner.leave().await?;
        match inner.delete(Part::Lock, &held.tag).await? {
            Done::Yes(_) => Ok(()),
            Done::Refused => {
                // A renewal whose answer was lost is ours too.
                match seen(inner).await? {
                    Some(now) if now.lease.owner == held.lease.owner => {
                        inner.delete(Part::Lock, &now.tag).await.map(drop)
                    }
                    _ => Err(inner.lose("another run has taken it")),
                }
            }
        }
    }

    fn trouble(&self) -> Option<StoreError> {
        self.inner.still_ours().err()
    }

    fn mandate(&self) -> Option<Arc<dyn Mandate>> {
        Some(Arc::clone(&self.inner) as Arc<dyn Mandate>)
    }

    fn lost(&self) -> CancellationToken {
        self.lost.clone()
    }
}

impl Mandate for Inner {
    fn standing(&self) -> Standing {
        let ours = self.ours();
        let was_given_back = ours.renewed.is_none();
        if ours.lost.is_cancelled() || was_given_back {
            Standing::Lost
        } else if ours.is_fresh() {
            Standing::Certain
        } else {
            // The lease's renewal finds out, and gives up where it cannot.
            Standing::Uncertain
        }
    }
}

impl Drop for Leased {
    fn drop(&mut self) {
        // The lease then ends by itself.
        self.released.cancel();
        self.inner.ours().renewed = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen_at(age: Option<i64>, lease_seconds: u64) -> Seen {
        Seen {
            lease: Lease {
                lease_seconds,
                ..Lease::default()
            },
            tag: String::new(),
            age,
        }
    }

    #[test]
    fn a_lease_ends_a_second_late_and_never_without_a_clock() {
        assert!(!seen_at(Some(60), 60).is_expired());
        assert!(seen_at(Some(61), 60).is_expired());
        assert!(!seen_at(Some(-5), 60).is_expired());
        assert!(!seen_at(None, 0).is_expired());
        assert!(!seen_at(Some(i64::MAX), u64::MAX).is_expired());
    }
}
