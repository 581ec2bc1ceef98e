//! What came of a plan, counted and with its causes: what the outcome's text
//! and its document have in common.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use super::listing::counted;
use crate::apply::Outcome;
use crate::graph::Step;
use crate::model::{Action, Address};
use crate::plan::{Plan, PlannedStep, longest_chain};

/// How many nodes met which fate. A node that was made anew counts once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Nodes that were created.
    pub created: usize,
    /// Objects of others that became nodes.
    pub adopted: usize,
    /// Nodes that were changed in place.
    pub changed: usize,
    /// Nodes that were made anew, and the old ones deleted.
    pub replaced: usize,
    /// Nodes that were deleted.
    pub destroyed: usize,
    /// Nodes that were left to themselves.
    pub forgotten: usize,
    /// Nodes of which the end of their lifetime was written or taken off, and
    /// nothing else changed.
    pub lifetime: usize,
    /// Steps that failed.
    pub failed: usize,
    /// Steps that did not start.
    pub not_started: usize,
}

/// Counts what came of a plan.
#[must_use]
pub fn counts(plan: &Plan, outcome: &Outcome) -> Counts {
    let done: HashSet<(&Address, Action)> = outcome.done.iter().map(|(a, b)| (a, *b)).collect();
    let is_done = |step: Step| {
        let step = plan.steps.node(step);
        done.contains(&(&step.address, step.action))
    };
    let mut counts = Counts {
        failed: outcome.failed.len(),
        not_started: outcome.not_started.len(),
        ..Counts::default()
    };
    let removals: HashMap<_, Step> = plan
        .steps
        .nodes()
        .filter(|(_, step)| step.action == Action::Delete && step.replace.is_some())
        .filter_map(|(place, step)| Some((object(step)?, place)))
        .collect();
    for (place, step) in plan.steps.nodes().filter(|(place, _)| is_done(*place)) {
        let removal = step.replace.as_ref().and(object(step));
        let removal = removal.and_then(|it| removals.get(&it)).copied();
        match step.action {
            Action::Create if removal.is_some_and(is_done) => counts.replaced += 1,
            Action::Create => counts.created += 1,
            Action::Adopt => counts.adopted += 1,
            Action::Update if step.is_only_lifetime() => counts.lifetime += 1,
            Action::Update => counts.changed += 1,
            // Counted where its new one is, unless that does not exist.
            Action::Delete if removal == Some(place) && has_new_one(plan, place, &is_done) => {}
            Action::Delete => counts.destroyed += 1,
            Action::Forget => counts.forgotten += 1,
            Action::Keep => {}
        }
    }
    counts
}

fn has_new_one(plan: &Plan, removal: Step, is_done: &impl Fn(Step) -> bool) -> bool {
    let old = object(plan.steps.node(removal));
    plan.steps
        .predecessors(removal)
        .chain(plan.steps.successors(removal))
        .any(|near| {
            let step = plan.steps.node(near);
            step.action == Action::Create && object(step) == old && is_done(near)
        })
}

/// The object that a step finds: a role and its instance profile have one name.
fn object(step: &PlannedStep) -> Option<(&str, &str, &str)> {
    let address = &step.address;
    Some((&address.kind, address.label(), step.id.as_deref()?))
}

/// The chain of steps that a run waited for longest, with how long each took.
/// What took no time is left out.
#[must_use]
pub fn slowest_chain<'p>(plan: &'p Plan, outcome: &Outcome) -> Vec<(&'p PlannedStep, Duration)> {
    let times: HashMap<(&Address, Action), Duration> = outcome
        .timed()
        .map(|(address, action, took)| ((address, action), took))
        .collect();
    let took = |place: Step| {
        let step = plan.steps.node(place);
        let time = times.get(&(&step.address, step.action));
        time.copied().unwrap_or_default()
    };
    let (_, chain) = longest_chain(&plan.steps, took);
    let steps = chain.into_iter();
    steps
        .map(|place| (plan.steps.node(place), took(place)))
        .filter(|(_, took)| took.as_millis() > 0)
        .collect()
}

/// Steps that did not start, for one reason.
#[derive(Debug)]
pub struct Waiting<'p> {
    /// The failed node that they need; none where it was only too late.
    pub because: Option<&'p Address>,
    /// The steps.
    pub steps: Vec<(&'p Address, Action)>,
}

/// The steps that did not start, by the failed node that they wait for; those
/// for which it was only too late at the end.
#[must_use]
pub fn not_started<'p>(plan: &'p Plan, outcome: &Outcome) -> Vec<Waiting<'p>> {
    let failed: HashSet<(&Address, Action)> = outcome
        .failed
        .iter()
        .map(|f| (&f.address, f.action))
        .collect();
    let waiting: HashSet<(&Address, Action)> =
        outcome.not_started.iter().map(|(a, b)| (a, *b)).collect();
    // The failed node before each step, handed on along the edges.
    let mut because: HashMap<Step, &Address> = HashMap::new();
    let mut grouped: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for place in plan.steps.order().unwrap_or_default() {
        let step = plan.steps.node(place);
        let key = (&step.address, step.action);
        let inherited = plan
            .steps
            .predecessors(place)
            .filter_map(|p| because.get(&p));
        let cause = inherited.min().copied();
        if failed.contains(&key) {
            because.insert(place, &step.address);
        } else if let Some(cause) = cause {
            because.insert(place, cause);
        }
        if waiting.contains(&key) {
            grouped.entry(cause).or_default().push(key);
        }
    }
    for steps in grouped.values_mut() {
        steps.sort_by_cached_key(|(address, _)| counted(&address.to_string()));
    }
    let late = grouped.remove(&None).map(|steps| (None, steps));
    let groups = grouped.into_iter().chain(late);
    groups
        .map(|(because, steps)| Waiting { because, steps })
        .collect()
}
