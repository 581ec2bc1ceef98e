//! Deleting what others may still hold, and saying who holds it.
//!
//! AWS refuses a delete with `DependencyViolation` and names no one. We ask who
//! stands in the way, say so at once, and wait as long as it can help:
//!
//! ```text
//!  delete ──refused──► who? (reads side by side, at most 4 s)
//!    ▲                  │
//!    │                  ├─ all go by themselves, or by this run ─► wait, 15 min
//!    └─── again ◄───────┴─ a stranger's ─► 20 s of grace, then the error
//! ```
//!
//! What is not ours is never touched: the error tells whose it is and the
//! command that its owner may run.

mod commands;
mod interfaces;
mod objects;
mod patience;
mod records;
mod referring_groups;
mod services;
mod sighting;
mod vpc_contents;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use futures_util::future::join_all;

use super::{Call, CallError};
use crate::model::Holder;
use sighting::{Noun, Ours, Sighting, judged};

pub use commands::{command, quoted};
pub use objects::Held;
pub use patience::Patience;

/// What AWS answers while something still uses the object.
const HELD: &[&str] = &["DependencyViolation", "InvalidGroup.InUse"];
/// How long the reads may take that show who holds an object. With the refusal
/// itself, the answer stands within 5 s.
const ANSWER: Duration = Duration::from_secs(4);

impl Call<'_> {
    /// Deletes or detaches an EC2 object by `delete`, waiting while others hold
    /// it. Not found is success.
    ///
    /// # Errors
    /// [`CallError::Held`] with the holders, or what `delete` gives.
    pub async fn delete_when_free<F, R>(
        &self,
        held: Held<'_>,
        mut delete: F,
    ) -> Result<(), CallError>
    where
        F: FnMut() -> R,
        R: Future<Output = Result<(), CallError>>,
    {
        let mut patience = Patience::new(self, held.id());
        loop {
            let refusal = match delete().await {
                Ok(()) => return Ok(()),
                Err(error) if error.is_not_found() => return Ok(()),
                Err(error) if !error.is(HELD) => return Err(error),
                Err(error) => error,
            };
            patience.bear(held, refusal).await?;
        }
    }

    /// Who holds an object, as far as AWS shows within 4 s. A read that fails or
    /// is slow leaves its part out: it must not hide why a delete was refused.
    pub async fn holders(&self, held: Held<'_>) -> Vec<Holder> {
        let start = Instant::now();
        let left = || ANSWER.saturating_sub(start.elapsed());
        let reads = objects::reads(self.aws, held).into_iter();
        // Two in three parts of the time: what they show is asked about next.
        let reads = reads.map(|read| tokio::time::timeout(ANSWER * 2 / 3, read));
        let mut seen: Vec<Sighting> = Vec::new();
        for read in join_all(reads).await.into_iter().flatten().flatten() {
            seen.extend(read);
        }
        let mut behind = seen.clone();
        let looked = interfaces::look_behind(self.aws, &mut behind);
        if tokio::time::timeout(left(), looked).await.is_ok() {
            seen = behind;
        }
        self.judged(seen, held.id())
    }

    fn judged(&self, seen: Vec<Sighting>, held: &str) -> Vec<Holder> {
        let mut leaving = self.leaving();
        // The object itself is no reason to wait for it.
        leaving.remove(held);
        judged(
            seen,
            Ours {
                stack: self.stack,
                account: &self.place.account,
                leaving: &leaving,
                reach: self.aws.reach(),
            },
        )
    }

    /// An instance profile that holds a role.
    #[must_use]
    pub fn holding_profile(&self, profile: &str, role: &str) -> Holder {
        let noun = Noun::InstanceProfile {
            role: role.to_owned(),
        };
        let mut seen = self.judged(vec![Sighting::new(noun, Some(profile))], role);
        seen.swap_remove(0)
    }

    fn leaving(&self) -> BTreeSet<String> {
        let ids = self.leaving.lock();
        ids.map(|ids| ids.clone()).unwrap_or_default()
    }
}
