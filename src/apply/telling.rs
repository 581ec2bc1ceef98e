//! What a step tells on its way: what it waits for, who holds what it is to
//! delete, and that it failed.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::engine::Sink;
use crate::aws::{CallError, Pulse};
use crate::model::Event;
use crate::plan::PlannedStep;

/// How a step says what it waits for, and who holds what it is to delete.
pub(super) fn pulse(step: &PlannedStep, sink: &Sink, stop: CancellationToken) -> Pulse {
    let (waits, address) = (sink.clone(), step.address.clone());
    let waiting = move |what: &str, elapsed| {
        (waits)(Event::Waiting {
            address: address.clone(),
            what: what.to_owned(),
            elapsed,
        });
    };
    let (holds, address) = (sink.clone(), step.address.clone());
    Pulse::new(stop, waiting).on_held(move |id, holders, elapsed| {
        (holds)(Event::Held {
            address: address.clone(),
            id: id.to_owned(),
            holders: holders.to_vec(),
            elapsed,
        });
    })
}

/// That a step failed, and why.
pub(super) fn failed(step: &PlannedStep, error: &CallError, elapsed: Duration) -> Event {
    Event::Failed {
        address: step.address.clone(),
        action: step.action,
        cause: error.to_string(),
        remedy: error.remedy(),
        request_id: error.request_id().map(str::to_owned),
        elapsed,
    }
}
