//! Second ways: where a call goes once its door is gone.
//!
//! ```text
//!  subnet ─┬─► gateway endpoint ─► bucket      its way
//!          └─► NAT gateway ──────► bucket      its second way, as long as it is there
//! ```
//!
//! A plan that takes the second way away leaves nothing to fall back upon, so
//! somebody should look first whether the first one works. That is so too where
//! a way has moved already, and its old door was left for want of a proof.

use std::collections::{BTreeMap, BTreeSet};

use super::difference::{Ends, are_too_large, of_every_call};
use super::{Door, Naming, Origin, Question, Trace, Tracer, Verdict};
use crate::model::network::{Network, RecordTarget, Via};

/// A second way that will be gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecondWay {
    /// From where, by its label.
    pub from: String,
    /// To which bucket, by its label.
    pub to: String,
    /// The door by which calls go, now and afterwards, with its label for its key.
    pub first: Door,
    /// The door that goes, likewise.
    pub second: Door,
}

/// The second ways that work in one network and are not there in the other, where
/// calls go by the same door in both. An instance is told of with its subnet.
#[must_use]
pub fn second_ways_lost(before: &Network, after: &Network) -> Vec<SecondWay> {
    if are_too_large(before, after) {
        return Vec::new();
    }
    let (was, will) = (ways(before), ways(after));
    let stays = |ends: &&Ends| {
        will.get(*ends)
            .is_some_and(|later| later.door == was[*ends].door)
    };
    let alike: BTreeSet<&Ends> = was.keys().filter(stays).collect();
    let had = seconds(before, &was, &alike);
    let has = seconds(after, &will, &alike);
    let mut lost: Vec<SecondWay> = Vec::new();
    // Subnets come first, so that their instances find them.
    for of_instance in [false, true] {
        for (ends, second) in &had {
            let asked = &was[*ends];
            let subnet = match &asked.question.from {
                Origin::Instance(key) => before.instances.get(key).map(|it| &it.subnet),
                _ => None,
            };
            if subnet.is_some() != of_instance || has.get(*ends) == Some(second) {
                continue;
            }
            let way = |from: &str| SecondWay {
                from: from.to_owned(),
                to: ends.1.clone(),
                first: asked.door.clone(),
                second: second.clone(),
            };
            if subnet.is_none_or(|key| !lost.contains(&way(before.label(key)))) {
                lost.push(way(&ends.0));
            }
        }
    }
    lost
}

/// The network as it will be when a door is gone.
#[must_use]
pub fn without_door(network: &Network, door: &str) -> Network {
    let mut without = network.clone();
    without.gateway_endpoints.remove(door);
    let names: BTreeSet<String> = without
        .interface_endpoints
        .remove(door)
        .and_then(|endpoint| endpoint.dns_name)
        .into_iter()
        .collect();
    for table in without.route_tables.values_mut() {
        table.routes.retain(|route| {
            !matches!(&route.via, Via::NatGateway(key) | Via::InternetGateway(key) if key == door)
        });
    }
    let leads = |target: &RecordTarget| match target {
        RecordTarget::Endpoint(key) => key == door,
        RecordTarget::Name(name) => names.iter().any(|own| name.ends_with(own.as_str())),
        RecordTarget::Addresses(_) => false,
    };
    without.private_zones.retain(|_, zone| {
        let had = zone.records.len();
        zone.records.retain(|record| !leads(&record.target));
        // A zone that only led to the door goes with it.
        had == zone.records.len() || !zone.records.is_empty()
    });
    without
}

/// A call that works.
struct Asked {
    question: Question,
    /// AWS's id of its door, or what stands for it.
    key: String,
    /// The door with its label for its key.
    door: Door,
}

/// The calls that work by S3's usual name.
fn ways(network: &Network) -> BTreeMap<Ends, Asked> {
    of_every_call(network, |trace| {
        let door = working(&trace)?;
        Some(Asked {
            key: door.key().to_owned(),
            door: door.labelled(network),
            question: trace.question,
        })
    })
}

/// The door of a call that works, unless the client must ask for it by name.
fn working(trace: &Trace) -> Option<&Door> {
    let works = trace.verdict == Verdict::Reachable && trace.naming != Naming::Endpoint;
    trace.door().filter(|_| works)
}

/// By which doors these calls would go without theirs, with labels for keys.
fn seconds<'e>(
    network: &Network,
    ways: &BTreeMap<Ends, Asked>,
    among: &BTreeSet<&'e Ends>,
) -> BTreeMap<&'e Ends, Door> {
    let mut by_door: BTreeMap<&str, Vec<(&'e Ends, &Asked)>> = BTreeMap::new();
    for ends in among {
        if let Some(asked) = ways.get(*ends) {
            by_door.entry(&asked.key).or_default().push((*ends, asked));
        }
    }
    let mut found = BTreeMap::new();
    for (door, calls) in by_door {
        let without = without_door(network, door);
        let tracer = Tracer::new(&without);
        for (ends, asked) in calls {
            let trace = tracer.trace(&asked.question);
            if let Some(second) = working(&trace).filter(|second| second.key() != door) {
                found.insert(ends, second.labelled(network));
            }
        }
    }
    found
}
