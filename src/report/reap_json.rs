//! Stacks with a lifetime, for programs.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use super::json::FORMAT_VERSION;
use super::reap_text::COSTLY;
use crate::model::Place;
use crate::model::lifetime::written;
use crate::refresh::{Aged, Verdict};

/// What became of a stack that was to be taken down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fate {
    /// The stack's name.
    pub stack: String,
    /// The region that it lived in.
    pub region: String,
    /// `gone`, `kept`, `locked`, `declined`, `failed` or `interrupted`.
    pub result: &'static str,
}

/// The stacks of one place that have a lifetime, as one document.
#[must_use]
pub fn document(place: &Place, stacks: &[&Aged], now: Timestamp) -> Value {
    json!({
        "format_version": FORMAT_VERSION,
        "document": "reap",
        "place": place,
        "now": written(now),
        "stacks": stacks.iter().map(|stack| one(stack)).collect::<Vec<_>>(),
    })
}

fn one(stack: &Aged) -> Value {
    let (status, left, ago, reasons) = match &stack.verdict {
        Verdict::Expired(ago) => ("expired", None, Some(ago.as_secs()), &[][..]),
        Verdict::Alive(left) => ("alive", Some(left.as_secs()), None, &[][..]),
        Verdict::Unclear(reasons) => ("unclear", None, None, reasons.as_slice()),
    };
    let kinds = stack.objects.keys();
    let costly: Vec<_> = kinds
        .filter(|kind| COSTLY.contains(&kind.as_str()))
        .collect();
    json!({
        "stack": stack.stack,
        "status": status,
        "until": stack.until.map(written),
        "left_seconds": left,
        "ended_seconds_ago": ago,
        "reasons": reasons,
        "objects": stack.objects,
        "costly_kinds": costly,
    })
}

/// What became of the stacks that were to be taken down, as one document.
#[must_use]
pub fn reaped_document(fates: &[Fate]) -> Value {
    json!({
        "format_version": FORMAT_VERSION,
        "document": "reaped",
        "stacks": fates,
    })
}
