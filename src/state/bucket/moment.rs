//! A point in time by two clocks, since a laptop's steady one stands still while
//! it sleeps, and the one on the wall may be set.

use std::time::{Duration, Instant, SystemTime};

/// A point in time by two clocks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    steady: Instant,
    wall: SystemTime,
}

impl Moment {
    pub(super) fn now() -> Self {
        Self {
            steady: Instant::now(),
            wall: SystemTime::now(),
        }
    }

    /// How long ago that was, by the clock that says more.
    pub(super) fn elapsed(self) -> Duration {
        let wall = self.wall.elapsed().unwrap_or_default();
        self.steady.elapsed().max(wall)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_that_says_more_is_believed() {
        let hour = Duration::from_secs(3600);
        let now = Moment::now();
        assert!(now.elapsed() < hour);
        let slept = Moment {
            wall: now.wall - hour,
            ..now
        };
        assert!(slept.elapsed() >= hour);
        let set_back = Moment {
            wall: now.wall + hour,
            ..now
        };
        assert!(set_back.elapsed() < hour);
    }
}
