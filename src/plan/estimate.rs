//! How long a plan will take: the longest chain of steps that wait for each
//! other, by what each kind's steps usually take on AWS.
//!
//! ```text
//! vpc 1 s ─► subnet 1 s ─► nat_gateway 2 min ─► route 1 s     about 2 min
//!        └─► gateway_endpoint 6 s
//! ```
//!
//! It takes for granted that everything that may run side by side does.

use std::collections::BTreeMap;
use std::time::Duration;

use super::outcome::{Plan, PlannedStep};
use super::switch::DNS_ANSWERS;
use crate::graph::{Dag, Step};
use crate::kind::{Registry, Took, Usual};
use crate::model::Action;

/// How long a plan will take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Estimate {
    /// All of it.
    pub takes: Duration,
    /// The steps of the longest chain that take any time, in their order.
    pub chain: Vec<Step>,
    /// The step of that chain that takes longest.
    pub slowest: Option<Step>,
}

/// How long a step usually takes.
#[must_use]
pub fn usual(registry: Registry, step: &PlannedStep) -> Took {
    let kind = registry.of(&step.address);
    let usual = kind.map_or(Usual::QUICK, |kind| kind.usual());
    // What only gets other tags need not come to rest again.
    let is_waited_for = !step.differences.is_empty();
    match step.action {
        _ if step.implied => Took::NONE,
        action @ Action::Update if !is_waited_for => Usual::QUICK.of(action),
        action => usual.of(action),
    }
}

/// Estimates how long a plan will take.
#[must_use]
pub fn estimate(plan: &Plan, registry: Registry) -> Estimate {
    let took = |step: Step| usual(registry, plan.steps.node(step)).middle();
    let waits = waits(plan);
    let (takes, mut chain) = longest_chain(&plan.steps, |step| {
        took(step) + waits.get(&step).copied().unwrap_or_default()
    });
    chain.retain(|step| !took(*step).is_zero());
    let mut slowest: Option<Step> = None;
    for step in &chain {
        if slowest.is_none_or(|slowest| took(*step) > took(slowest)) {
            slowest = Some(*step);
        }
    }
    Estimate {
        takes,
        chain,
        slowest,
    }
}

/// How long steps are held back although nothing is done meanwhile: what takes an
/// old way away, while DNS answers that lead there run out. Only the first of them
/// in each chain waits.
fn waits(plan: &Plan) -> BTreeMap<Step, Duration> {
    let moving = plan.switches.iter().filter(|switch| switch.moves_names());
    let held = moving.flat_map(|switch| {
        let first = |step: &&Step| {
            let mut before = plan.steps.predecessors(**step);
            !before.any(|before| switch.closes.contains(&before))
        };
        switch.closes.iter().filter(first)
    });
    held.map(|step| (*step, DNS_ANSWERS)).collect()
}

/// The chain of steps that takes longest, and how long that is. Of equals, the
/// one that comes first.
#[must_use]
pub fn longest_chain<N, E>(
    steps: &Dag<N, E>,
    took: impl Fn(Step) -> Duration,
) -> (Duration, Vec<Step>) {
    let order = steps.order().unwrap_or_default();
    // When each step ends, and the step before it that it waits for longest.
    let mut ends = vec![Duration::ZERO; steps.len()];
    let mut after = vec![None; steps.len()];
    let mut last: Option<Step> = None;
    for step in order {
        let mut start = Duration::ZERO;
        for before in steps.predecessors(step) {
            if ends[before.index()] > start {
                start = ends[before.index()];
                after[step.index()] = Some(before);
            }
        }
        ends[step.index()] = start + took(step);
        if last.is_none_or(|last| ends[step.index()] > ends[last.index()]) {
            last = Some(step);
        }
    }
    let takes = last.map_or(Duration::ZERO, |last| ends[last.index()]);
    let mut chain: Vec<Step> = std::iter::successors(last, |step| after[step.index()]).collect();
    chain.reverse();
    (takes, chain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Dag;
    use proptest::prelude::*;

    fn seconds(seconds: &[u64]) -> Dag<u64, ()> {
        let mut dag = Dag::new();
        for node in seconds {
            dag.add(*node);
        }
        dag
    }

    fn chain(dag: &Dag<u64, ()>) -> (u64, Vec<usize>) {
        let (takes, chain) = longest_chain(dag, |step| Duration::from_secs(*dag.node(step)));
        (takes.as_secs(), chain.iter().map(|s| s.index()).collect())
    }

    #[test]
    fn the_longest_chain_is_longest_in_time() {
        // Two short steps after the first one, or one that takes long.
        let mut dag = seconds(&[1, 2, 2, 60, 5]);
        let steps: Vec<Step> = dag.steps().collect();
        for (first, then) in [(0, 1), (1, 2), (0, 3), (3, 4)] {
            dag.before(steps[first], steps[then], ());
        }
        assert_eq!(chain(&dag), (66, vec![0, 3, 4]));
        assert_eq!(chain(&seconds(&[])), (0, vec![]));
    }

    proptest! {
        #[test]
        fn no_chain_takes_longer(times in prop::collection::vec(0u64..50, 1..12), edges in prop::collection::vec((0usize..12, 0usize..12), 0..30)) {
            let mut dag = seconds(&times);
            let steps: Vec<Step> = dag.steps().collect();
            for (a, b) in edges {
                if a < b && b < times.len() {
                    dag.before(steps[a], steps[b], ());
                }
            }
            let (takes, chain) = chain(&dag);
            prop_assert_eq!(chain.iter().map(|place| times[*place]).sum::<u64>(), takes);
            prop_assert!(times.iter().all(|time| *time <= takes));
            for pair in chain.windows(2) {
                prop_assert!(dag.successors(steps[pair[0]]).any(|next| next == steps[pair[1]]));
            }
            // A walk that takes the slowest next step each time is never slower.
            let mut at = steps[0];
            let mut walked = times[0];
            while let Some(next) = dag.successors(at).max_by_key(|next| times[next.index()]) {
                walked += times[next.index()];
                at = next;
            }
            prop_assert!(walked <= takes);
        }
    }
}
