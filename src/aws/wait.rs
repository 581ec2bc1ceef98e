//! Waiting without fixed sleeps: look at once, then back off.
//!
//! ```text
//! look ── ready ──► go on
//!   │
//!   └─ pending ──► 0.1 s, 0.12 s, 0.14 s … at most 4 s apart, saying what is
//!                  waited for, until the limit or the user's word
//! ```
//!
//! Two uses: [`Call::wait_for`] polls a state, [`Call::retry`] repeats a call
//! while AWS's other half has not yet heard of what was just made.

use std::future::Future;
use std::time::{Duration, Instant};

use super::{Call, CallError};

pub(super) const FIRST_GAP: Duration = Duration::from_millis(100);
const LONGEST_GAP: Duration = Duration::from_secs(4);

/// How long EC2 may take to know what it just made (its eventual consistency
/// documentation recommends retrying for up to five minutes).
pub const PROPAGATION: Duration = Duration::from_secs(300);

/// What a look at an object showed.
#[derive(Debug)]
pub enum Seen<T> {
    /// It is as wanted.
    Ready(T),
    /// Not yet; the text is AWS's word for its state.
    Pending(String),
}

impl Call<'_> {
    /// Looks until the object is as wanted.
    ///
    /// # Errors
    /// What `look` gives, [`CallError::TimedOut`] after `limit`, or
    /// [`CallError::Interrupted`] when the user asked to stop waiting.
    pub async fn wait_for<T, F, R>(
        &self,
        what: &str,
        limit: Duration,
        mut look: F,
    ) -> Result<T, CallError>
    where
        F: FnMut() -> R,
        R: Future<Output = Result<Seen<T>, CallError>>,
    {
        let start = Instant::now();
        let mut gap = FIRST_GAP;
        loop {
            let last = match look().await? {
                Seen::Ready(found) => return Ok(found),
                Seen::Pending(state) => state,
            };
            self.pulse
                .waiting(&format!("{what} ({last})"), start.elapsed());
            if start.elapsed() >= limit {
                return Err(CallError::TimedOut {
                    what: what.to_owned(),
                    last,
                    limit,
                });
            }
            self.pause(what, &mut gap).await?;
        }
    }

    /// Repeats a call while it fails in a way that passes by itself.
    ///
    /// # Errors
    /// The call's last error, once it is not `passing` or the limit is reached.
    pub async fn retry<T, F, R>(
        &self,
        what: &str,
        limit: Duration,
        passing: impl Fn(&CallError) -> bool,
        mut call: F,
    ) -> Result<T, CallError>
    where
        F: FnMut() -> R,
        R: Future<Output = Result<T, CallError>>,
    {
        let start = Instant::now();
        let mut gap = FIRST_GAP;
        loop {
            let error = match call().await {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            if !passing(&error) || start.elapsed() >= limit {
                return Err(error);
            }
            self.pulse
                .waiting(&format!("{what} ({})", error.code()), start.elapsed());
            self.pause(what, &mut gap).await?;
        }
    }

    /// Repeats a call while AWS does not find an id that this run, or the one
    /// that was interrupted before it, created.
    ///
    /// # Errors
    /// The call's last error.
    pub async fn once_known<T, F, R>(&self, what: &str, call: F) -> Result<T, CallError>
    where
        F: FnMut() -> R,
        R: Future<Output = Result<T, CallError>>,
    {
        self.retry(
            what,
            self.aws.patience(),
            |error| error.is_not_found() && self.created_one_named_in(error.message()),
            call,
        )
        .await
    }

    pub(super) async fn pause(&self, what: &str, gap: &mut Duration) -> Result<(), CallError> {
        tokio::select! {
            () = tokio::time::sleep(*gap) => {}
            () = self.pulse.stop.cancelled() => {
                return Err(CallError::Interrupted { what: what.to_owned() });
            }
        }
        // A little longer each time: what is ready is seen within a fifth of the
        // time it took.
        *gap = (*gap * 6 / 5).min(LONGEST_GAP);
        Ok(())
    }
}
