//! Traces of small networks made by hand.

mod ahead;
mod doors;
mod growth;
mod judged;
mod names;
mod networks;
mod walls;

use super::{Door, Goal, Naming, Origin, Question, Stage, Symptom, Trace, Tracer, Verdict};
use crate::model::network::Network;

fn ask(network: &Network, from: &str, to: &str) -> Trace {
    ask_by(network, from, to, Naming::Usual)
}

fn ask_by(network: &Network, from: &str, to: &str, naming: Naming) -> Trace {
    let from = match network.instances.contains_key(from) {
        true => Origin::Instance(from.into()),
        false => Origin::Subnet(from.into()),
    };
    let to = match network.buckets.contains_key(to) {
        true => Goal::Bucket(to.into()),
        false => Goal::Service(to.into()),
    };
    Tracer::new(network).trace(&Question {
        naming,
        action: None,
        ..Question::new(from, to)
    })
}

fn blocked(trace: &Trace) -> (Stage, Symptom) {
    match &trace.verdict {
        Verdict::Blocked(block) => (block.stage, block.symptom),
        other => panic!("not blocked but {other:?}: {trace:#?}"),
    }
}

fn door(trace: &Trace) -> &Door {
    trace
        .door()
        .unwrap_or_else(|| panic!("no door: {trace:#?}"))
}
