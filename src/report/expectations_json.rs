//! What came of the file's expectations, for programs.
//!
//! The array stands in the plan's document, and in one of its own where a file
//! is checked without a plan. A failing case has its trace in short.

use serde_json::{Value, json};

use super::expectations_text::sentence;
use super::json::FORMAT_VERSION;
use crate::config::Desired;
use crate::model::Expectation;
use crate::trace::{Case, Checked, Miss, Outcome, Passes, Stage, Verdict};

/// What came of each expectation, in the order of the file. `waiting` says which
/// of them fail only because a part of the plan is left out.
#[must_use]
pub fn array(desired: &Desired, checked: &[Checked], waiting: &[bool]) -> Value {
    let waiting = waiting.iter().copied().chain(std::iter::repeat(false));
    let each = desired.expectations.iter().zip(checked).zip(waiting);
    each.map(|((expectation, checked), waits)| {
        let text = &desired.source.text;
        one(text, expectation, checked, waits)
    })
    .collect()
}

/// A document of its own.
#[must_use]
pub fn document(desired: &Desired, checked: &[Checked]) -> Value {
    json!({
        "format_version": FORMAT_VERSION,
        "document": "expectations",
        "stack": desired.stack.name,
        "holds": checked.iter().all(Checked::holds),
        "expectations": array(desired, checked, &[]),
    })
}

fn one(text: &str, expectation: &Expectation, checked: &Checked, waits: bool) -> Value {
    let before = text.get(..expectation.span.start).unwrap_or_default();
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    json!({
        "line": line,
        "from": expectation.from,
        "to": texts(&expectation.to),
        "via": texts(&expectation.via),
        "not_via": texts(&expectation.not_via),
        "reachable": expectation.reachable,
        "private": expectation.private,
        "action": expectation.actions,
        "name": expectation.naming,
        "object": expectation.object,
        "holds": checked.holds(),
        "waits": waits,
        "met": checked.met,
        "failing": checked.failing.iter().map(|it| failing(expectation, it)).collect::<Vec<_>>(),
    })
}

fn texts(names: &[impl ToString]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

fn failing(expectation: &Expectation, case: &Case) -> Value {
    let trace = &case.trace;
    let (outcome, misses, why) = match &case.outcome {
        Outcome::Met => ("met", Vec::new(), &[][..]),
        Outcome::Broken(misses) => ("broken", misses.iter().map(miss).collect(), &[][..]),
        Outcome::Unknown(why) => ("unknown", Vec::new(), why.as_slice()),
    };
    let (verdict, blocked_by) = match &trace.verdict {
        Verdict::Reachable => ("reachable", None),
        Verdict::Blocked(block) => ("blocked", Some(&block.problem)),
        Verdict::Unknown(_) => ("unknown", None),
    };
    let hops = trace.hops.iter().map(|hop| {
        json!({
            "stage": match hop.stage {
                Stage::Name => "name",
                Stage::Route => "route",
                Stage::Filter => "filter",
                Stage::Policy => "policy",
            },
            "text": hop.text,
            "passes": match hop.passes {
                Passes::Yes => "yes",
                Passes::No => "no",
                Passes::Unknown(_) => "unknown",
            },
        })
    });
    json!({
        "from": case.from,
        "to": case.to.to_string(),
        "action": case.action,
        "outcome": outcome,
        "misses": misses,
        "why": why,
        "problem": sentence(expectation, case),
        "remedy": case.remedy,
        "verdict": verdict,
        "blocked_by": blocked_by,
        "host": trace.host,
        "door": case.door,
        "door_kind": trace.door().map(|door| door.kind()).filter(|kind| !kind.is_empty()),
        "private": trace.way.as_ref().map(|way| way.private),
        "hops": hops.collect::<Vec<_>>(),
    })
}

const fn miss(miss: &Miss) -> &'static str {
    match miss {
        Miss::Blocked => "blocked",
        Miss::Reached => "reached",
        Miss::OtherDoor => "other_door",
        Miss::ForbiddenDoor => "forbidden_door",
        Miss::Public => "public",
        Miss::Private => "private",
    }
}
