//! How a run is asked to stop, in growing urgency.
//!
//! | asked | what happens |
//! |---|---|
//! | once | nothing new starts, steps in flight finish, state is saved |
//! | twice | steps in flight stop waiting as soon as their call is answered |
//! | three times | the process ends at once; the journal tells the next run |

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio_util::sync::CancellationToken;

/// The user's wish to stop, shared by all who must hear it.
#[derive(Debug, Clone, Default)]
pub struct Cancel {
    asked: Arc<AtomicU32>,
    drain: CancellationToken,
    stop_waiting: CancellationToken,
}

impl Cancel {
    /// Nobody has asked yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks once more; gives how often that is now.
    pub fn ask(&self) -> u32 {
        let asked = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        self.drain.cancel();
        if asked >= 2 {
            self.stop_waiting.cancel();
        }
        asked
    }

    /// Ends waits without the user's wish: the run may not go on.
    pub fn stop_waiting(&self) {
        self.stop_waiting.cancel();
    }

    /// Whether nothing new may start.
    #[must_use]
    pub fn draining(&self) -> bool {
        self.drain.is_cancelled()
    }

    /// Returns when somebody asks for the first time.
    pub async fn asked(&self) {
        self.drain.cancelled().await;
    }

    /// Cancelled when waits are to end.
    #[must_use]
    pub fn waits(&self) -> CancellationToken {
        self.stop_waiting.clone()
    }
}
