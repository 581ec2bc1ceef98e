//! The dispatcher: starts what can start, learns what came of it.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::Cancel;
use super::addresses::Addresses;
use super::gates::{Gates, Verifier, Withheld, ask, behind};
use super::ledger::Ledger;
use super::step::{self, Left, Shared};
use super::telling::{failed, pulse};
use super::token::token;
use crate::aws::{Aws, CallError};
use crate::graph::{Frontier, Step};
use crate::kind::Registry;
use crate::model::{Action, Address, Attributes, Event, Reference};
use crate::plan::{Plan, PlannedStep};
use crate::state::{Kept, Snapshot, Store, StoreError};

/// Where events go.
pub type Sink = Arc<dyn Fn(Event) + Send + Sync>;

/// All that a run needs.
pub struct Run<'a> {
    /// What to do.
    pub plan: &'a Plan,
    /// The kinds.
    pub registry: Registry,
    /// The clients.
    pub aws: &'a Aws,
    /// Where state is kept.
    pub store: &'a Store,
    /// What the store holds: what the last run knew, and what it left open.
    pub kept: Kept,
    /// The command, for the journal.
    pub command: &'a str,
    /// Cancelled when the stack's lock is no longer ours.
    pub lock_lost: CancellationToken,
    /// How many steps may be in flight.
    pub parallelism: usize,
    /// The user's wish to stop.
    pub cancel: Cancel,
    /// Who listens.
    pub sink: Sink,
    /// Who says whether a new way works; without one, its steps' end is enough.
    pub verifier: Option<&'a dyn Verifier>,
}

/// A step that failed.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The node.
    pub address: Address,
    /// What was to be done with it.
    pub action: Action,
    /// AWS's id of what was created all the same, and is not at rest.
    pub made: Option<String>,
    /// Why it was not.
    pub error: CallError,
}

/// What came of a run.
#[derive(Debug)]
pub struct Outcome {
    /// What was done, in the order of its end.
    pub done: Vec<(Address, Action)>,
    /// How long each of them took, in the same order.
    pub took: Vec<Duration>,
    /// What failed.
    pub failed: Vec<Failure>,
    /// The old ways that stay, since their new ones were not found to work.
    pub withheld: Vec<Withheld>,
    /// What did not start, because what it needs failed or the user stopped.
    pub not_started: Vec<(Address, Action)>,
    /// Whether the user asked to stop.
    pub interrupted: bool,
    /// State as it is now on disk, unless `trouble` says otherwise.
    pub snapshot: Snapshot,
    /// Why state could not be written.
    pub trouble: Option<StoreError>,
    /// Why nothing new was begun from some step on, where state itself is saved.
    pub stopped_by: Option<StoreError>,
    /// What is known of every node now.
    pub facts: BTreeMap<Address, Attributes>,
}

/// Runs a plan to its end, or as far as it goes.
pub async fn apply(run: Run<'_>) -> Outcome {
    let Run {
        plan,
        registry,
        aws,
        store,
        kept,
        command,
        lock_lost,
        parallelism,
        cancel,
        sink,
        verifier,
    } = run;
    let steps = &plan.steps;
    // A plan has no circle: the planner refuses one.
    let Ok(mut frontier) = Frontier::new(steps) else {
        return Outcome::nothing(kept.snapshot);
    };
    let created = Mutex::new(lately_made(&kept.snapshot, aws.consistency()));
    let ledger = match Ledger::open(store, kept, plan, command).await {
        Ok(ledger) => ledger,
        Err((snapshot, trouble)) => return Outcome::unable(plan, *snapshot, trouble),
    };
    let leaving = Mutex::new(leaving(plan));
    let shared = Shared {
        aws,
        place: &plan.place,
        stack: &plan.stack,
        known: &plan.facts,
        created: &created,
        leaving: &leaving,
        ledger: &ledger,
    };

    let mut facts = plan.facts.clone();
    let mut outcome = Outcome::nothing(Snapshot::new(&plan.stack));
    let mut untouched: HashSet<Step> = steps.steps().collect();
    let mut in_flight = FuturesUnordered::new();
    let mut gates = Gates::new(plan, verifier.is_some());
    let mut addresses = Addresses::new(plan, registry);
    let mut free: Vec<Step> = Vec::new();
    let mut asked = FuturesUnordered::new();
    let mut stopping = false;
    loop {
        // The user may have asked while a step's end was dealt with.
        if !stopping && cancel.draining() {
            stopping = true;
            // What has not started stays, so nobody need wait for its end.
            shared.stays(None);
            (sink)(Event::Stopping {
                in_flight: in_flight.len(),
            });
        }
        while !stopping && !ledger.is_in_trouble() && in_flight.len() < parallelism.max(1) {
            let Some(place) = free.pop().or_else(|| frontier.take()) else {
                break;
            };
            if gates.hold(place) || addresses.hold(place) {
                continue;
            }
            untouched.remove(&place);
            let step = steps.node(place);
            if step.action == Action::Keep {
                frontier.finish(steps, place);
                gates.done(place);
                continue;
            }
            (sink)(Event::Started {
                address: step.address.clone(),
                action: step.action,
            });
            let ready = prepare(plan, &facts, step);
            let (shared, sink, lineage) = (&shared, sink.clone(), ledger.lineage());
            let stop = cancel.waits();
            in_flight.push(async move {
                let start = Instant::now();
                let pulse = pulse(step, &sink, stop);
                let kind = registry.of(&step.address);
                let result = match (kind, ready) {
                    (_, Err(error)) => Err(error),
                    (None, _) => Err(CallError::internal("its kind is not known")),
                    (Some(kind), Ok(inputs)) => {
                        let token = token(lineage, &step.address, step.generation, &inputs);
                        step::run(shared, kind, step, inputs, &token, &pulse).await
                    }
                };
                (place, result, start.elapsed())
            });
        }
        if let Some(verifier) = verifier.filter(|_| !stopping && !ledger.is_in_trouble()) {
            for due in gates.due() {
                asked.push(ask(verifier, due, facts.clone(), sink.clone()));
            }
        } else {
            // Nothing would start behind a gate that opens now.
            asked.clear();
        }
        if in_flight.is_empty() && asked.is_empty() {
            free.extend(addresses.let_go());
            if free.is_empty() || stopping || ledger.is_in_trouble() {
                break;
            }
            continue;
        }
        let ended = tokio::select! {
            ended = in_flight.next(), if !in_flight.is_empty() => ended,
            answer = asked.next(), if !asked.is_empty() => {
                match answer {
                    Some((gate, Ok(()))) => free.extend(gates.open(gate)),
                    Some((gate, Err(unproven))) => {
                        let switch = gates.bar(gate);
                        for barred in behind(plan, &mut frontier, switch) {
                            bar(plan, barred, &switch.new, &shared, &sink);
                            free.extend(addresses.ended(barred));
                        }
                        outcome.withheld.push(Withheld { switch: switch.clone(), unproven });
                    }
                    None => {}
                }
                continue;
            }
            () = cancel.asked(), if !stopping => continue,
            () = lock_lost.cancelled(), if !ledger.is_in_trouble() => {
                ledger.is_troubled_by(lost(store));
                // Another run may be at work: the less of this one, the better.
                cancel.stop_waiting();
                continue;
            }
        };
        let Some((place, result, elapsed)) = ended else {
            break;
        };
        let step = steps.node(place);
        free.extend(addresses.ended(place));
        match result {
            Ok(Left { id, facts: left }) => {
                if step.action != Action::Delete {
                    facts.insert(step.address.clone(), left);
                }
                frontier.finish(steps, place);
                gates.done(place);
                outcome.done.push((step.address.clone(), step.action));
                outcome.took.push(elapsed);
                (sink)(Event::Finished {
                    address: step.address.clone(),
                    action: step.action,
                    id,
                    elapsed,
                });
            }
            Err(error) => {
                // Every further call would be refused as well.
                stopping |= error.is_expired();
                (sink)(failed(step, &error, elapsed));
                shared.stays(step.id.as_deref());
                for barred in frontier.fail(steps, place) {
                    bar(plan, barred, &step.address, &shared, &sink);
                    free.extend(addresses.ended(barred));
                }
                outcome.failed.push(Failure {
                    address: step.address.clone(),
                    action: step.action,
                    made: ledger.made_by(step),
                    error,
                });
            }
        }
    }
    drop(in_flight);
    outcome.not_started = steps
        .nodes()
        .filter(|(place, step)| untouched.contains(place) && step.action != Action::Keep)
        .map(|(_, step)| (step.address.clone(), step.action))
        .collect();
    outcome.interrupted = cancel.draining();
    outcome.facts = facts;
    (outcome.snapshot, outcome.trouble, outcome.stopped_by) = ledger.close().await;
    outcome
}

impl Outcome {
    fn nothing(snapshot: Snapshot) -> Self {
        Self {
            done: Vec::new(),
            took: Vec::new(),
            failed: Vec::new(),
            withheld: Vec::new(),
            not_started: Vec::new(),
            interrupted: false,
            snapshot,
            trouble: None,
            stopped_by: None,
            facts: BTreeMap::new(),
        }
    }

    /// A run that could not even be written down: nothing was called.
    fn unable(plan: &Plan, snapshot: Snapshot, trouble: StoreError) -> Self {
        let nodes = plan.steps.nodes();
        let steps = nodes.filter(|(_, step)| step.action != Action::Keep);
        Self {
            not_started: steps
                .map(|(_, step)| (step.address.clone(), step.action))
                .collect(),
            trouble: Some(trouble),
            facts: plan.facts.clone(),
            ..Self::nothing(snapshot)
        }
    }

    /// What was done and how long that took, in the order of its end.
    pub fn timed(&self) -> impl Iterator<Item = (&Address, Action, Duration)> {
        let done = self.done.iter().enumerate();
        done.map(|(place, (address, action))| {
            let took = self.took.get(place).copied().unwrap_or_default();
            (address, *action, took)
        })
    }

    /// Whether all that was planned is done.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.failed.is_empty()
            && self.withheld.is_empty()
            && self.not_started.is_empty()
            && self.trouble.is_none()
    }
}

/// Tells that a step will not start.
fn bar(plan: &Plan, barred: Step, because: &Address, shared: &Shared<'_, '_>, sink: &Sink) {
    let step = plan.steps.node(barred);
    shared.stays(step.id.as_deref());
    if step.action != Action::Keep {
        (sink)(Event::Barred {
            address: step.address.clone(),
            action: step.action,
            because: because.clone(),
        });
    }
}

/// The ids of what was made a moment ago, by an earlier run too: for them
/// not-found means "not yet".
fn lately_made(snapshot: &Snapshot, consistency: Duration) -> HashSet<String> {
    let now = Timestamp::now();
    let nodes = snapshot.nodes.values();
    nodes
        .filter(|node| node.may_be_unseen(now, consistency))
        .map(|node| node.id.clone())
        .collect()
}

fn lost(store: &Store) -> StoreError {
    StoreError::LockLost {
        name: store.name(),
        reason: "another run may have it by now".to_owned(),
    }
}

/// The step's inputs with every reference resolved.
fn prepare(
    plan: &Plan,
    facts: &BTreeMap<Address, Attributes>,
    step: &PlannedStep,
) -> Result<Attributes, CallError> {
    let known = |reference: &Reference| {
        facts
            .get(&reference.target)
            .and_then(|known| known.get(&reference.attribute))
            .filter(|value| !value.has_unknown())
            .cloned()
    };
    let inputs = step.inputs.resolve(Some(&plan.place.account), &known);
    for (field, value) in inputs.iter() {
        if value.has_unknown() {
            let mut missing = String::new();
            step.inputs.each_reference(&mut |reference| {
                if missing.is_empty() && known(reference).is_none() {
                    missing = format!("{} of {}", reference.attribute, reference.target);
                }
            });
            return Err(CallError::internal(format!(
                "its field `{field}` needs {missing}, which is not known"
            )));
        }
    }
    Ok(inputs)
}

/// The ids that a plan deletes.
fn leaving(plan: &Plan) -> BTreeSet<String> {
    let steps = plan.steps.nodes().map(|(_, step)| step);
    let going = steps.filter(|step| step.action == Action::Delete);
    going.filter_map(|step| step.id.clone()).collect()
}
