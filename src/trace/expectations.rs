//! Whether a network does what its file expects of it.
//!
//! ```text
//!  expectation ─► each origin × each goal × each action ─► Trace ─► Outcome
//!                                                              met, broken,
//!                                                              or not known
//! ```
//!
//! Only what is certain meets an expectation. A way that is wrong for certain
//! breaks it, also where the verdict at its end is not known.

mod remedies;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use super::question::{Goal, Naming, Origin, Question};
use super::tracer::Tracer;
use super::verdict::{Door, Trace, Verdict};
use crate::model::expectation::{Doorway, Target};
use crate::model::network::{Key, Network, stand_in};
use crate::model::{Address, Expectation};

/// What became of one expectation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// How many of its cases hold.
    pub met: usize,
    /// Those that do not: by origin, goal and action, each in the order of the
    /// file, and what a wildcard stands for by address.
    pub failing: Vec<Case>,
}

/// One origin, one goal and one action that do not meet an expectation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// From where, as the file calls it.
    pub from: Address,
    /// To what, as the file calls it.
    pub to: Target,
    /// What is to be done there, where the expectation says so.
    pub action: Option<String>,
    /// What was found.
    pub trace: Trace,
    /// The door that it takes, as the file calls it.
    pub door: Option<String>,
    /// Why that is not what was expected; never [`Outcome::Met`].
    pub outcome: Outcome,
    /// The smallest change that would do, where there is a small one: a sentence
    /// fragment.
    pub remedy: Option<String>,
}

/// Whether a trace is as expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is.
    Met,
    /// It is not: in what, at least one.
    Broken(Vec<Miss>),
    /// It cannot be known: why, each a sentence fragment.
    Unknown(Vec<String>),
}

/// In what a trace is not as expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Miss {
    /// It does not get there.
    Blocked,
    /// It gets there.
    Reached,
    /// It goes by a door that is not one of `via`.
    OtherDoor,
    /// It goes by a door of `not_via`.
    ForbiddenDoor,
    /// It goes over public addresses.
    Public,
    /// It stays private.
    Private,
}

impl Checked {
    /// Whether the expectation holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.failing.is_empty()
    }
}

/// Checks expectations; what came of each, in the same order.
#[must_use]
pub fn check(expectations: &[Expectation], network: &Network) -> Vec<Checked> {
    if expectations.is_empty() {
        return Vec::new();
    }
    let asking = Asking::new(network);
    let each = expectations.iter();
    each.map(|expectation| asking.check(expectation)).collect()
}

/// The subnets, by label, whose S3 traffic the file wants to go by a NAT gateway:
/// what is expected and holds is no trap.
#[must_use]
pub fn ways_expected(
    expectations: &[Expectation],
    checked: &[Checked],
    network: &Network,
) -> BTreeSet<String> {
    let asking = Asking::new(network);
    let held = expectations
        .iter()
        .zip(checked)
        .filter(|(_, it)| it.holds());
    let by_nat = held.filter(|(it, _)| it.via.iter().any(|door| door.kind() == "nat_gateway"));
    let origins = by_nat.flat_map(|(it, _)| &it.from);
    let subnets = origins.filter_map(|address| {
        let label = address.to_string();
        let key = asking.keys.get(label.as_str())?;
        let subnet = match network.instances.get(*key) {
            Some(instance) => &instance.subnet,
            None => *key,
        };
        Some(network.label(subnet).to_owned())
    });
    subnets.collect()
}

/// A network, and what its things are called.
struct Asking<'a> {
    tracer: Tracer<'a>,
    keys: BTreeMap<&'a str, &'a Key>,
}

impl<'a> Asking<'a> {
    fn new(network: &'a Network) -> Self {
        let labels = network.labels.iter();
        Self {
            tracer: Tracer::new(network),
            keys: labels.map(|(key, label)| (label.as_str(), key)).collect(),
        }
    }

    fn check(&self, expectation: &Expectation) -> Checked {
        let mut checked = Checked::default();
        let mut actions: Vec<Option<&String>> = expectation.actions.iter().map(Some).collect();
        if actions.is_empty() {
            actions.push(None);
        }
        for from in &expectation.from {
            for to in &expectation.to {
                for action in &actions {
                    match self.case(expectation, from, to, *action) {
                        None => checked.met += 1,
                        Some(case) => checked.failing.push(case),
                    }
                }
            }
        }
        checked
    }

    /// One case; nothing where it holds.
    fn case(
        &self,
        expectation: &Expectation,
        from: &Address,
        to: &Target,
        action: Option<&String>,
    ) -> Option<Case> {
        let mut question = Question::new(self.origin(from), self.goal(to));
        // A word that is no word of ours is a host name: nothing can fail here.
        let naming = expectation.naming.as_deref().map(str::parse);
        question.naming = match naming {
            Some(Ok(naming)) => naming,
            None => Naming::Usual,
        };
        question.object.clone_from(&expectation.object);
        if let Some(action) = action {
            question.action = Some(action.clone());
        }
        let trace = self.tracer.trace(&question);
        let outcome = judge(expectation, self.tracer.network(), &trace);
        if outcome == Outcome::Met {
            return None;
        }
        let remedy = self.remedy(expectation, &trace, &outcome);
        let network = self.tracer.network();
        let door = trace.door().map(|door| network.label(door.key()));
        Some(Case {
            door: door.map(str::to_owned),
            from: from.clone(),
            to: to.clone(),
            action: action.cloned(),
            trace,
            outcome,
            remedy,
        })
    }

    fn key(&self, address: &Address) -> Key {
        let known = self.keys.get(address.to_string().as_str());
        // Of what is not there the trace says that it is not known.
        known.map_or_else(|| stand_in(address), |key| (*key).clone())
    }

    fn origin(&self, address: &Address) -> Origin {
        let key = self.key(address);
        match address.kind.as_str() {
            "instance" => Origin::Instance(key),
            _ => Origin::Subnet(key),
        }
    }

    fn goal(&self, target: &Target) -> Goal {
        match target {
            Target::Bucket(address) => Goal::Bucket(self.key(address)),
            Target::Named(name) => {
                let mut buckets = self.tracer.network().buckets.iter();
                let same = buckets.find(|(_, bucket)| bucket.name == *name);
                Goal::Bucket(same.map_or_else(|| name.clone(), |(key, _)| key.clone()))
            }
            Target::Service(name) => Goal::Service(name.clone()),
        }
    }
}

/// Whether a trace is as expected.
fn judge(expectation: &Expectation, network: &Network, trace: &Trace) -> Outcome {
    let mut misses = Vec::new();
    let mut unknown = Vec::new();
    match (&trace.verdict, expectation.reachable) {
        (Verdict::Reachable, true) | (Verdict::Blocked(_), false) => {}
        (Verdict::Reachable, false) => misses.push(Miss::Reached),
        (Verdict::Blocked(_), true) => misses.push(Miss::Blocked),
        (Verdict::Unknown(why), _) => unknown.extend(why.iter().cloned()),
    }
    match &trace.way {
        _ if !asks_for_a_way(expectation) => {}
        Some(way) if matches!(way.door, Door::Other(_)) => {
            let label = network.label(way.door.key());
            unknown.push(format!("by what it goes on behind {label} is not known"));
        }
        Some(way) => {
            let fits = |doorway: &Doorway| leads_by(doorway, &way.door, network);
            if !expectation.via.is_empty() && !expectation.via.iter().any(fits) {
                misses.push(Miss::OtherDoor);
            }
            if expectation.not_via.iter().any(fits) {
                misses.push(Miss::ForbiddenDoor);
            }
            match expectation.private {
                Some(true) if !way.private => misses.push(Miss::Public),
                Some(false) if way.private => misses.push(Miss::Private),
                _ => {}
            }
        }
        None if matches!(trace.verdict, Verdict::Reachable) => {
            unknown.push("by what it goes is not known".to_owned());
        }
        None => {}
    }
    if !misses.is_empty() {
        Outcome::Broken(misses)
    } else if !unknown.is_empty() || matches!(trace.verdict, Verdict::Unknown(_)) {
        unknown.dedup();
        Outcome::Unknown(unknown)
    } else {
        Outcome::Met
    }
}

/// Whether the way matters, beside its end.
fn asks_for_a_way(expectation: &Expectation) -> bool {
    !expectation.via.is_empty() || !expectation.not_via.is_empty() || expectation.private.is_some()
}

/// Whether a door is one that an expectation names.
fn leads_by(doorway: &Doorway, door: &Door, network: &Network) -> bool {
    match doorway {
        Doorway::Kind(kind) => kind == door.kind(),
        Doorway::One(address) => network.label(door.key()) == address.to_string(),
    }
}
