//! What a run has to say, for programs: one JSON document or event a line,
//! each with its `format_version`.
//!
//! | `document` | when |
//! |---|---|
//! | `plan` | before anything is done |
//! | `preflight` | after the plan: what of it would fail |
//! | `rollback` | before a run is taken back; an `outcome` of its own follows |
//! | (none, but `event`) | while it is done |
//! | `outcome` | at the end |
//! | `error` | where a run ends early |
//! | `validation` | what a file alone says: `validate`, and problems in any file |
//! | `import_cloudformation`, `export_terraform` | what was written, and what was left out |
//! | `drift`, `trace`, `trace_matrix`, `graph`, `kinds` | the answer of the verb |
//! | `refresh` | what `--refresh-only` would write into the state |
//! | `refreshed` | what it has written |
//! | `reap`, `reaped` | each region that was looked at; what became of its stacks |
//! | `unlock` | who held the lock, and whether it is broken |
//! | `import` | a plan file was written of a live VPC |
//!
//! A new field raises the second number of the version, a changed or missing
//! one the first. Texts that may hold secrets stand as their hashes.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::ending::{Waiting, counts, not_started, slowest_chain};
use super::left_out;
use super::lifetime_text;
use super::listing::{Deed, Entry, entries};
use super::naming::{UNKNOWN, literal};
use super::outcome_text::Verb;
use super::switch_text;
use crate::apply::Outcome;
use crate::graph::Step;
use crate::kind::Registry;
use crate::model::secrecy::sealed;
use crate::model::{Action, Address, Attributes, Event};
use crate::plan::{Difference, Estimate, Plan, PlannedStep};

/// The version of the form of everything that is written as JSON.
pub const FORMAT_VERSION: &str = "1.3";

/// What a plan means for traffic, each an array, and for whoever waits for it.
#[derive(Debug, Clone, Default)]
pub struct Ahead {
    /// What came of the file's expectations.
    pub expectations: Value,
    /// The ways that will be others.
    pub path_changes: Value,
    /// The traps of the network after the plan.
    pub traps: Value,
    /// How long it will take: an object, or null.
    pub estimate: Value,
}

/// A plan as one document. Nodes that stay as they are are only counted.
/// What is needed comes before who needs it, and removals come last.
/// `ahead` is what it means for traffic.
#[must_use]
pub fn plan_document(plan: &Plan, ahead: Ahead) -> Value {
    json!({
        "format_version": FORMAT_VERSION,
        "document": "plan",
        "stack": plan.stack,
        "place": plan.place,
        "totals": totals(plan),
        "lifetime": lifetime_text::document(plan),
        "changes": changes(plan),
        "selection": left_out::selection(&plan.selection),
        "left_out": left_out::array(plan),
        "expectations": ahead.expectations,
        "path_changes": ahead.path_changes,
        "traps": ahead.traps,
        "estimate": ahead.estimate,
        "switches": switch_text::array(plan),
    })
}

/// How many nodes meet which fate.
pub(super) fn totals(plan: &Plan) -> Value {
    let totals = plan.totals();
    json!({
        "create": totals.create,
        "adopt": totals.adopt,
        "update": totals.update,
        "replace": totals.replace,
        "delete": totals.delete,
        "forget": totals.forget,
        "keep": totals.keep,
        "lifetime": totals.lifetime,
    })
}

/// What is to be done, an entry for each node.
pub(super) fn changes(plan: &Plan) -> Vec<Value> {
    entries(plan).iter().map(change).collect()
}

fn change(entry: &Entry<'_>) -> Value {
    let step = entry.step;
    let (action, replace) = match entry.deed {
        Deed::Create => ("create", None),
        Deed::Adopt => ("adopt", None),
        Deed::Update => ("update", None),
        Deed::Replace { reason, new_first } => {
            let order = if new_first {
                "create_first"
            } else {
                "delete_first"
            };
            ("replace", Some(json!({ "reason": reason, "order": order })))
        }
        Deed::Delete { .. } => ("delete", None),
        Deed::Forget => ("forget", None),
    };
    let wanted = matches!(entry.deed, Deed::Create | Deed::Replace { .. });
    json!({
        "address": step.address,
        "kind": step.address.kind,
        "part": step.address.part.as_ref().map(|part| &part.label),
        "action": action,
        "replace": replace,
        "id": step.id,
        "moved_from": step.was,
        "values": wanted.then(|| wanted_values(step)),
        "unknown": wanted.then(|| unknown(step)),
        "differences": step.differences.iter().map(|change| difference(step, change)).collect::<Vec<_>>(),
        "tags": step.tags,
        "tag_change": step.tag_change,
    })
}

/// What is wanted; what is not known yet stands as a plan file writes it.
fn wanted_values(step: &PlannedStep) -> Map<String, Value> {
    let values = step.preview.iter().map(|(name, preview)| {
        let input = step.inputs.get(name).map(|input| sealed(name, input));
        let value = literal(input.as_ref(), &sealed(name, preview));
        (name.clone(), value.to_json())
    });
    values.collect()
}

/// The fields of which something is not known yet.
fn unknown(step: &PlannedStep) -> Vec<&String> {
    let fields = step.preview.iter();
    fields
        .filter(|(_, value)| value.has_unknown())
        .map(|(name, _)| name)
        .collect()
}

fn values(attributes: &Attributes) -> Map<String, Value> {
    let values = attributes.iter();
    values
        .map(|(name, value)| (name.clone(), sealed(name, value).to_json()))
        .collect()
}

fn difference(step: &PlannedStep, change: &Difference) -> Value {
    let field = change.field.as_str();
    let before = change.before.as_ref();
    let input = step.inputs.get(field).map(|input| sealed(field, input));
    let after = literal(input.as_ref(), &sealed(field, &change.after));
    json!({
        "field": field,
        "before": before.map(|value| sealed(field, value).to_json()),
        "after": after.to_json(),
        "unknown": change.after.has_unknown(),
        "replaces": change.replaces,
    })
}

/// What came of a plan, as one document.
#[must_use]
pub fn outcome_document(plan: &Plan, outcome: &Outcome, elapsed: Duration, verb: Verb) -> Value {
    let done: Vec<_> = outcome
        .timed()
        .map(|(address, action, took)| timed(address, action, took))
        .collect();
    let slowest: Vec<_> = slowest_chain(plan, outcome)
        .into_iter()
        .map(|(step, took)| timed(&step.address, step.action, took))
        .collect();
    let failed: Vec<_> = outcome
        .failed
        .iter()
        .map(|failure| {
            json!({
                "address": failure.address,
                "action": failure.action,
                "made": failure.made,
                "cause": failure.error.to_string(),
                "code": Some(failure.error.code()).filter(|code| !code.is_empty()),
                "remedy": failure.error.remedy(),
                "request_id": failure.error.request_id(),
                "holders": failure.error.holders(),
            })
        })
        .collect();
    let mut waiting = Vec::new();
    for Waiting { because, steps } in not_started(plan, outcome) {
        for (address, action) in steps {
            waiting.push(json!({ "address": address, "action": action, "because": because }));
        }
    }
    json!({
        "format_version": FORMAT_VERSION,
        "document": "outcome",
        "of": verb.name(),
        "stack": plan.stack,
        "place": plan.place,
        "complete": outcome.is_complete(),
        "interrupted": outcome.interrupted,
        "elapsed_ms": milliseconds(elapsed),
        "slowest_chain": slowest,
        "totals": counts(plan, outcome),
        "done": done,
        "failed": failed,
        "not_started": waiting,
        "left_out": left_out::count(plan),
        "withheld": switch_text::withheld_array(&outcome.withheld),
        "trouble": outcome.trouble.as_ref().map(ToString::to_string),
        "stopped_by": outcome.stopped_by.as_ref().map(ToString::to_string),
        "facts": facts(&outcome.facts),
    })
}

fn timed(address: &Address, action: Action, took: Duration) -> Value {
    json!({ "address": address, "action": action, "elapsed_ms": milliseconds(took) })
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// What a plan will take on AWS, as a guess; null where it takes no time.
#[must_use]
pub fn estimate(plan: &Plan, registry: Registry) -> Value {
    let Estimate {
        takes,
        chain,
        slowest,
    } = crate::plan::estimate(plan, registry);
    let address = |step: &Step| plan.steps.node(*step).address.to_string();
    let chain: Vec<_> = chain.iter().map(address).collect();
    slowest.map_or(Value::Null, |slowest| {
        json!({ "seconds": takes.as_secs(), "slowest": address(&slowest), "chain": chain })
    })
}

/// What is known of each node that exists, by its address.
fn facts(facts: &BTreeMap<Address, Attributes>) -> Map<String, Value> {
    let there = facts.iter().filter(|(_, known)| known.text("id").is_some());
    there
        .map(|(address, known)| {
            let mut known = values(known);
            known.retain(|_, value| *value != UNKNOWN);
            (address.to_string(), known.into())
        })
        .collect()
}

/// An event as one document. `left` is how long the whole run may still take,
/// `usual` up to how long such a step usually takes.
#[must_use]
pub fn event_document(
    event: &Event,
    now: Timestamp,
    left: Option<Duration>,
    usual: Option<Duration>,
) -> Value {
    let mut document = Map::new();
    document.insert("format_version".to_owned(), FORMAT_VERSION.into());
    document.insert("time".to_owned(), now.to_string().into());
    // An event always becomes an object; were it none, its absence is seen.
    if let Ok(Value::Object(event)) = serde_json::to_value(event) {
        document.extend(event);
    }
    for (name, duration) in [("left_ms", left), ("usual_ms", usual)] {
        document.insert(name.to_owned(), duration.map(milliseconds).into());
    }
    Value::Object(document)
}

#[cfg(test)]
mod tests;
