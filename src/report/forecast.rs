//! How long a run will still take: the longest chain of what is left, by what
//! such steps usually take, less what has passed.
//!
//! ```text
//!  done ──► in flight for 40 s (usually 2 min) ──► waits (1 s)     about 80 s left
//! ```
//!
//! It knows no clock: whoever asks says what time it is.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::graph::{Dag, Step};
use crate::kind::{Registry, Took};
use crate::model::{Action, Address, Event};
use crate::plan::{Plan, estimate, longest_chain, usual};

/// Before this, a guess says less than the run itself.
const FIRST_GUESS: Duration = Duration::from_secs(3);
/// The part of its usual time for which a step that is late may still go on.
const LATE: u32 = 8;

/// Where a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stand {
    Waits,
    Flies(Instant),
    /// It has ended, or will not begin.
    Over,
}

/// A run's steps and how long each usually takes.
#[derive(Debug)]
pub struct Forecast {
    steps: Dag<Took, ()>,
    stands: Vec<Stand>,
    /// By node and deed. Two objects may be removed from one address.
    places: HashMap<(Address, Action), Vec<Step>>,
    since: Instant,
}

impl Forecast {
    /// The forecast of a plan that is begun now.
    #[must_use]
    pub fn new(plan: &Plan, registry: Registry, now: Instant) -> Self {
        let mut steps = Dag::new();
        let mut places: HashMap<(Address, Action), Vec<Step>> = HashMap::new();
        let mut stands = Vec::with_capacity(plan.steps.len());
        for (_, step) in plan.steps.nodes() {
            let place = steps.add(usual(registry, step));
            let key = (step.address.clone(), step.action);
            places.entry(key).or_default().push(place);
            stands.push(match step.action {
                Action::Keep => Stand::Over,
                _ => Stand::Waits,
            });
        }
        // Nodes are numbered as they are added, so places are the plan's own.
        for (first, then, _) in plan.steps.edges() {
            steps.before(first, then, ());
        }
        Self {
            steps,
            stands,
            places,
            since: now,
        }
    }

    /// Takes note of an event.
    pub fn note(&mut self, event: &Event, now: Instant) {
        match event {
            Event::Started { address, action } => {
                self.turn(address, *action, Stand::Flies(now), |s| s == Stand::Waits);
            }
            Event::Finished {
                address, action, ..
            }
            | Event::Failed {
                address, action, ..
            } => {
                let flies = |stand| matches!(stand, Stand::Flies(_));
                self.turn(address, *action, Stand::Over, flies);
            }
            Event::Barred {
                address, action, ..
            } => self.turn(address, *action, Stand::Over, |s| s == Stand::Waits),
            // Nothing new starts: only what is in flight is waited for.
            Event::Stopping { .. } => {
                for stand in &mut self.stands {
                    if *stand == Stand::Waits {
                        *stand = Stand::Over;
                    }
                }
            }
            Event::Waiting { .. }
            | Event::Held { .. }
            | Event::Asking { .. }
            | Event::Asked { .. } => {}
        }
    }

    fn turn(&mut self, address: &Address, action: Action, to: Stand, from: fn(Stand) -> bool) {
        let places = self.places.get(&(address.clone(), action));
        let mut places = places.into_iter().flatten();
        if let Some(place) = places.find(|place| from(self.stands[place.index()])) {
            self.stands[place.index()] = to;
        }
    }

    /// How long such a step usually takes at most.
    #[must_use]
    pub fn usually(&self, address: &Address, action: Action) -> Option<Took> {
        let places = self.places.get(&(address.clone(), action))?;
        Some(*self.steps.node(*places.first()?))
    }

    /// How long the run may still take, as a guess.
    #[must_use]
    pub fn left(&self, now: Instant) -> Duration {
        let (left, _) = longest_chain(&self.steps, |step| {
            let usual = self.steps.node(step).middle();
            match self.stands[step.index()] {
                Stand::Over => Duration::ZERO,
                Stand::Waits => usual,
                Stand::Flies(since) => {
                    let passed = now.saturating_duration_since(since);
                    usual.saturating_sub(passed).max(usual / LATE)
                }
            }
        });
        left
    }

    /// The same, once the run is old enough for a guess that is worth a word.
    #[must_use]
    pub fn worth_telling(&self, now: Instant) -> Option<Duration> {
        let old = now.saturating_duration_since(self.since) >= FIRST_GUESS;
        old.then(|| self.left(now)).filter(|left| !left.is_zero())
    }
}

/// The estimate of a plan in words; nothing where it takes no time to speak of.
///
/// ```text
/// On AWS this takes about 2 min; nat_gateway.main takes longest.
/// ```
#[must_use]
pub fn in_words(plan: &Plan, registry: Registry) -> Option<String> {
    let estimate = estimate(plan, registry);
    let slowest = plan.steps.node(estimate.slowest?);
    if estimate.takes < Duration::from_secs(15) {
        return None;
    }
    let takes = crate::model::duration::roughly(estimate.takes);
    let address = &slowest.address;
    Some(format!(
        "On AWS this takes about {takes}; {address} takes longest."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::registry;
    use crate::report::samples::{Sample, address, id_of, ids_of};

    fn way_out() -> Plan {
        let sample = Sample::new()
            .wants("vpc.main", [("cidr", "10.0.0.0/16".into())])
            .wants("subnet.a", [("vpc", id_of("vpc.main"))])
            .wants(
                "interface_endpoint.s3",
                [("subnets", ids_of(&["subnet.a"]))],
            )
            .wants("instance.one", [("subnet", id_of("subnet.a"))]);
        sample.plan()
    }

    fn seconds(duration: Duration) -> u64 {
        duration.as_secs()
    }

    #[test]
    fn what_is_left_is_the_longest_chain_less_what_has_passed() {
        let start = Instant::now();
        let at = |second| start + Duration::from_secs(second);
        let mut forecast = Forecast::new(&way_out(), registry(), start);
        // 1 s for the VPC and the subnet each, a minute and a half for the endpoint.
        assert_eq!(seconds(forecast.left(at(0))), 92);
        assert_eq!(forecast.worth_telling(at(2)), None);
        let started = |text: &str| Event::Started {
            address: address(text),
            action: Action::Create,
        };
        let finished = |text: &str| Event::Finished {
            address: address(text),
            action: Action::Create,
            id: None,
            elapsed: Duration::ZERO,
        };
        for node in ["vpc.main", "subnet.a"] {
            forecast.note(&started(node), at(0));
            forecast.note(&finished(node), at(1));
        }
        forecast.note(&started("interface_endpoint.s3"), at(2));
        forecast.note(&started("instance.one"), at(2));
        assert_eq!(seconds(forecast.left(at(2))), 90);
        assert_eq!(seconds(forecast.left(at(42))), 50);
        // Later than usual: it will still take a while.
        assert_eq!(seconds(forecast.left(at(400))), 11);
        assert_eq!(forecast.worth_telling(at(400)).map(seconds), Some(11));
        forecast.note(&finished("interface_endpoint.s3"), at(401));
        forecast.note(&finished("instance.one"), at(401));
        assert_eq!(forecast.left(at(401)), Duration::ZERO);
        assert_eq!(forecast.worth_telling(at(401)), None);
    }

    #[test]
    fn what_will_not_begin_is_not_waited_for() {
        let start = Instant::now();
        let mut forecast = Forecast::new(&way_out(), registry(), start);
        let barred = Event::Barred {
            address: address("interface_endpoint.s3"),
            action: Action::Create,
            because: address("subnet.a"),
        };
        forecast.note(&barred, start);
        // The instance's half minute is the longest chain now.
        assert_eq!(seconds(forecast.left(start)), 29);
        forecast.note(&Event::Stopping { in_flight: 0 }, start);
        assert_eq!(forecast.left(start), Duration::ZERO);
    }

    #[test]
    fn the_estimate_names_what_takes_longest() {
        let told = in_words(&way_out(), registry());
        let expected = "On AWS this takes about 2 min; interface_endpoint.s3 takes longest.";
        assert_eq!(told.as_deref(), Some(expected));
        let quick = Sample::new().wants("vpc.main", []).plan();
        assert_eq!(in_words(&quick, registry()), None);
    }
}
