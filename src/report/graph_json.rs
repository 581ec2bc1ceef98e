//! The execution graph, for programs: its steps, and which comes before which.

use serde_json::{Value, json};

use super::json::FORMAT_VERSION;
use super::left_out;
use crate::graph::Step;
use crate::plan::{Plan, PlannedStep};

/// A plan's graph as one document. What is made anew has two steps at one
/// address, so the orders name steps by number.
#[must_use]
pub fn document(plan: &Plan) -> Value {
    let orders = plan.steps.edges().map(|(first, then, reason)| {
        json!({
            "first": first.index(),
            "then": then.index(),
            "reason": reason.to_string(),
        })
    });
    json!({
        "format_version": FORMAT_VERSION,
        "document": "graph",
        "stack": plan.stack,
        "place": plan.place,
        "selection": left_out::selection(&plan.selection),
        "steps": plan.steps.nodes().map(step).collect::<Vec<_>>(),
        "orders": orders.collect::<Vec<_>>(),
    })
}

fn step((number, step): (Step, &PlannedStep)) -> Value {
    json!({
        "step": number.index(),
        "address": step.address,
        "kind": step.address.kind,
        "part": step.address.part.as_ref().map(|part| &part.label),
        "action": step.action,
        "replaces": step.replace,
        "id": step.id,
    })
}
