//! How fast one kind of call may go: learnt from throttles, pure.
//!
//! AWS meters each API by a token bucket and tells nobody how full it is. A
//! lane is open, with no waiting at all, until AWS throttles a call in it. Then
//! it is metered at the rate that AWS publishes, or at half of what was just
//! tried, halves at each further throttle and grows back slowly:
//!
//! ```text
//! open ── throttled ──► metered ── throttled ──► half as fast
//!   ▲                    │    ▲                      │
//!   └─── idle 5 min ─────┘    └── a little every second
//! ```
//!
//! Calls that were under way when the rate was cut say nothing new, so their
//! throttles cut it no further. Time comes from outside, in seconds.

use std::collections::VecDeque;

/// A published bucket: how many calls it holds and how many it gets a second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Published {
    pub capacity: f64,
    pub refill: f64,
}

/// The slowest rate, in calls a second: a third of the slowest that is known.
const SLOWEST: f64 = 0.1;
/// For how many seconds a lane must be idle to be open again.
const IDLE: f64 = 300.0;
/// How many seconds it takes to grow by the rate at which a lane began.
const GROWTH: f64 = 30.0;
/// The same above that rate, where the next throttle is near.
const GROWTH_BEYOND: f64 = 120.0;
/// Over how many seconds the rate of an open lane is counted.
const LOOK_BACK: f64 = 2.0;
/// How many calls of an open lane are remembered for that.
const REMEMBERED: usize = 256;

/// The pace of one kind of call.
#[derive(Debug)]
pub(super) struct Lane {
    published: Option<Published>,
    meter: Option<Meter>,
    recent: VecDeque<f64>,
}

#[derive(Debug)]
struct Meter {
    /// The rate at which it began.
    base: f64,
    rate: f64,
    tokens: f64,
    capacity: f64,
    /// When `tokens` and `rate` were true.
    at: f64,
    /// When the last call went.
    used: f64,
    /// When the rate was last cut.
    cut: f64,
}

impl Lane {
    pub(super) fn new(published: Option<Published>) -> Self {
        Self {
            published,
            meter: None,
            recent: VecDeque::new(),
        }
    }

    /// Takes the right to one call, or says how many seconds to wait before
    /// asking again.
    pub(super) fn take(&mut self, now: f64) -> Result<(), f64> {
        if self.meter.as_ref().is_some_and(|it| now - it.used > IDLE) {
            self.meter = None;
            self.recent.clear();
        }
        let Some(meter) = &mut self.meter else {
            self.recent.push_back(now);
            while self.recent.len() > REMEMBERED
                || self.recent.front().is_some_and(|at| now - at > LOOK_BACK)
            {
                self.recent.pop_front();
            }
            return Ok(());
        };
        meter.run_to(now);
        if meter.tokens >= 1.0 {
            meter.tokens -= 1.0;
            meter.used = now;
            return Ok(());
        }
        Err((1.0 - meter.tokens) / meter.rate)
    }

    /// Learns that AWS throttled a call which went at `sent`.
    pub(super) fn throttled(&mut self, sent: f64, now: f64) {
        match &mut self.meter {
            Some(meter) if sent <= meter.cut => {}
            Some(meter) => {
                meter.run_to(now);
                meter.rate = (meter.rate / 2.0).max(SLOWEST);
                meter.tokens = 0.0;
                meter.cut = now;
            }
            None => {
                let rate = match self.published {
                    Some(published) => published.refill,
                    None => self.tried(now) / 2.0,
                };
                let rate = rate.max(SLOWEST);
                let capacity = self.published.map_or(rate, |it| it.capacity);
                self.meter = Some(Meter {
                    base: rate,
                    rate,
                    tokens: 0.0,
                    capacity: capacity.max(1.0),
                    at: now,
                    used: now,
                    cut: now,
                });
                self.recent.clear();
            }
        }
    }

    /// The rate of the last seconds, in calls a second.
    fn tried(&self, now: f64) -> f64 {
        let first = self.recent.front().copied().unwrap_or(now);
        let count = u32::try_from(self.recent.len()).unwrap_or(u32::MAX);
        f64::from(count) / (now - first).clamp(1.0, LOOK_BACK)
    }

    /// Calls a second; none where nothing is metered.
    #[cfg(test)]
    pub(super) fn rate(&self) -> Option<f64> {
        self.meter.as_ref().map(|meter| meter.rate)
    }
}

impl Meter {
    fn run_to(&mut self, now: f64) {
        let passed = (now - self.at).max(0.0);
        self.tokens = (self.tokens + passed * self.rate).min(self.capacity);
        let pace = match self.rate < self.base {
            true => GROWTH,
            false => GROWTH_BEYOND,
        };
        self.rate += passed * self.base / pace;
        self.at = self.at.max(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// AWS's side: a token bucket.
    struct Bucket {
        capacity: f64,
        refill: f64,
        tokens: f64,
        at: f64,
    }

    impl Bucket {
        fn new(capacity: f64, refill: f64) -> Self {
            Self {
                capacity,
                refill,
                tokens: capacity,
                at: 0.0,
            }
        }

        fn answers(&mut self, now: f64) -> bool {
            let gained = (now - self.at) * self.refill;
            self.tokens = (self.tokens + gained).min(self.capacity);
            self.at = now;
            let answers = self.tokens >= 1.0;
            if answers {
                self.tokens -= 1.0;
            }
            answers
        }
    }

    /// What came of many calls.
    #[derive(Debug)]
    struct Course {
        /// When the last one was answered.
        end: f64,
        /// How often a call was throttled.
        throttled: u32,
        /// For how long the unluckiest one was throttled.
        longest: f64,
    }

    /// Sends `calls` calls, `wide` at a time, through a lane to a bucket. Each
    /// answer takes `latency` seconds.
    fn run(mut lane: Lane, mut bucket: Bucket, calls: usize, wide: usize, latency: f64) -> Course {
        let mut course = Course {
            end: 0.0,
            throttled: 0,
            longest: 0.0,
        };
        let mut queue: VecDeque<Option<f64>> = (0..calls).map(|_| None).collect();
        let mut flying: VecDeque<(f64, f64, bool, Option<f64>)> = VecDeque::new();
        let mut now = 0.0;
        while !queue.is_empty() || !flying.is_empty() {
            let mut next = f64::INFINITY;
            if flying.len() < wide && !queue.is_empty() {
                match lane.take(now) {
                    Ok(()) => {
                        let since = queue.pop_front().unwrap();
                        flying.push_back((now + latency, now, bucket.answers(now), since));
                        continue;
                    }
                    Err(wait) => next = now + wait.max(1e-6),
                }
            }
            let ends = flying.front().map_or(f64::INFINITY, |flight| flight.0);
            now = next.min(ends);
            while flying.front().is_some_and(|flight| flight.0 <= now) {
                let (_, sent, answered, since) = flying.pop_front().unwrap();
                if answered {
                    course.end = now;
                    let since = since.unwrap_or(now);
                    course.longest = course.longest.max(now - since);
                } else {
                    course.throttled += 1;
                    lane.throttled(sent, now);
                    // It lines up with those that have started, not with all.
                    let place = wide.min(queue.len());
                    queue.insert(place, Some(since.unwrap_or(now)));
                }
            }
        }
        course
    }

    #[test]
    fn nothing_waits_until_there_is_a_throttle() {
        let mut lane = Lane::new(None);
        for call in 0..10_000 {
            assert_eq!(lane.take(f64::from(call) / 1000.0), Ok(()));
        }
        assert_eq!(lane.rate(), None);
    }

    #[test]
    fn a_throttle_meters_at_the_published_rate_or_at_half_of_what_was_tried() {
        let mut known = Lane::new(Some(Published {
            capacity: 50.0,
            refill: 5.0,
        }));
        known.throttled(0.0, 0.1);
        assert_eq!(known.rate(), Some(5.0));
        let mut unknown = Lane::new(None);
        for call in 0..40 {
            assert!(unknown.take(f64::from(call) / 20.0).is_ok());
        }
        unknown.throttled(1.9, 2.0);
        assert_eq!(unknown.rate(), Some(10.0));
    }

    #[test]
    fn calls_that_were_under_way_cut_the_rate_once() {
        let mut lane = Lane::new(Some(Published {
            capacity: 50.0,
            refill: 8.0,
        }));
        for _ in 0..20 {
            lane.throttled(0.0, 0.1);
        }
        assert_eq!(lane.rate(), Some(8.0));
        lane.throttled(0.2, 0.2);
        assert!(lane.rate().is_some_and(|rate| rate < 4.1));
    }

    #[test]
    fn an_idle_lane_is_open_again() {
        let mut lane = Lane::new(None);
        assert!(lane.take(0.0).is_ok());
        lane.throttled(0.0, 0.1);
        assert!(lane.take(0.2).is_err());
        assert!(lane.take(400.0).is_ok());
        assert!(lane.take(400.0).is_ok());
        assert_eq!(lane.rate(), None);
    }

    #[test]
    fn five_hundred_calls_under_the_published_bucket_are_barely_throttled() {
        let published = Published {
            capacity: 50.0,
            refill: 5.0,
        };
        let lane = Lane::new(Some(published));
        let course = run(lane, Bucket::new(50.0, 5.0), 500, 16, 0.05);
        // 450 calls at 5 a second are 90 seconds.
        assert!(course.end < 150.0, "{course:?}");
        assert!(course.throttled < 40, "{course:?}");
        assert!(course.longest < 30.0, "{course:?}");
    }

    proptest! {
        #[test]
        fn every_call_gets_through_in_a_bounded_time(
            capacity in 1.0..100.0_f64,
            refill in 0.3..20.0_f64,
            // How far the published rate is from the account's own.
            off in proptest::option::of(0.25..4.0_f64),
            wide in 1_usize..33,
            latency in 0.01..1.0_f64,
        ) {
            // Nothing slower than one a second is unpublished.
            let refill = off.map_or(refill.max(1.0), |_| refill);
            let published = off.map(|off| Published { capacity, refill: refill * off });
            let calls = 200;
            let course = run(Lane::new(published), Bucket::new(capacity, refill), calls, wide, latency);
            let ideal = (200.0 - capacity).max(0.0) / refill + 200.0 * latency / 1.0_f64.max(wide as f64);
            prop_assert!(course.end < ideal * 6.0 + 120.0, "{course:?}, ideal {ideal}");
            // A call gives up after 600 s of throttles.
            prop_assert!(course.longest < 600.0, "{course:?}");
        }

        #[test]
        fn a_rate_stays_in_its_bounds(
            events in proptest::collection::vec((0.0..10.0_f64, any::<bool>()), 1..200),
            refill in 0.1..50.0_f64,
        ) {
            let mut lane = Lane::new(Some(Published { capacity: 10.0, refill }));
            let mut now = 0.0;
            for (gap, throttle) in events {
                now += gap;
                let before = lane.rate();
                if throttle {
                    lane.throttled(now, now);
                    // It grows only with time, and a throttle halves it.
                    if let (Some(before), Some(after)) = (before, lane.rate()) {
                        let grown = before + gap * refill;
                        prop_assert!(after <= (grown / 2.0).max(SLOWEST) + 1e-9);
                    }
                } else if let Err(wait) = lane.take(now) {
                    prop_assert!(wait > 0.0 && wait <= 1.0 / SLOWEST + 1e-9);
                    // Whoever waits as long as told, gets through.
                    now += wait + 1e-9;
                    prop_assert!(lane.take(now).is_ok());
                }
                prop_assert!(lane.rate().is_none_or(|rate| rate >= SLOWEST));
            }
        }
    }
}
