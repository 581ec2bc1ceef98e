//! How the ways of a network change: the path diff beside a plan's steps.
//!
//! Each subnet is asked about each bucket, before and after, and told of where
//! the answers differ. Instances are told of where they fare otherwise than
//! their subnet does. Things are known by their labels, since what is replaced
//! has another key afterwards.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Door, Goal, Naming, Origin, Question, Trace, Tracer, Verdict};
use crate::model::network::Network;

/// A way that is another after an apply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathChange {
    /// From where, by its label.
    pub from: String,
    /// To which bucket, by its label.
    pub to: String,
    /// How it goes now; nothing where one of the two ends is not there.
    pub before: Option<Passage>,
    /// How it will go; nothing where one of the two ends goes.
    pub after: Option<Passage>,
}

/// How a call goes, in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passage {
    /// The door, with labels for keys.
    pub door: Option<Door>,
    /// Whether it works.
    pub works: Works,
    /// Whether the client must call an endpoint's own name.
    pub by_endpoint_name: bool,
}

/// Whether a call works, in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Works {
    /// It does.
    Yes,
    /// It does not: what blocks it.
    No(String),
    /// It cannot be known: why.
    Unknown(String),
}

impl Works {
    const fn rank(&self) -> u8 {
        match self {
            Self::Yes => 0,
            Self::No(_) => 1,
            Self::Unknown(_) => 2,
        }
    }
}

impl Passage {
    /// A trace in short, with labels for keys.
    #[must_use]
    pub fn of(trace: &Trace, network: &Network) -> Self {
        let works = match &trace.verdict {
            Verdict::Reachable => Works::Yes,
            Verdict::Blocked(block) => Works::No(block.problem.clone()),
            Verdict::Unknown(why) => Works::Unknown(why.join("; ")),
        };
        Self {
            door: trace.door().map(|door| door.labelled(network)),
            works,
            by_endpoint_name: trace.naming == Naming::Endpoint,
        }
    }

    /// Whether two calls go the same way.
    fn same_as(&self, other: &Self) -> bool {
        self.door == other.door && self.works.rank() == other.works.rank()
    }
}

impl PathChange {
    /// Whether connections that are open now will break: packets of a way that
    /// works leave by another door (Amazon VPC user guide, "Gateway endpoints":
    /// a changed source address drops open connections).
    #[must_use]
    pub fn breaks_connections(&self) -> bool {
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => {
                before.works == Works::Yes && before.door.is_some() && before.door != after.door
            }
            _ => false,
        }
    }
}

impl Door {
    /// The same door with its label for its key.
    #[must_use]
    pub fn labelled(&self, network: &Network) -> Self {
        let label = network.label(self.key()).to_owned();
        match self {
            Self::InternetGateway(_) => Self::InternetGateway(label),
            Self::NatGateway(_) => Self::NatGateway(label),
            Self::GatewayEndpoint(_) => Self::GatewayEndpoint(label),
            Self::InterfaceEndpoint(_) => Self::InterfaceEndpoint(label),
            Self::Other(_) => Self::Other(label),
        }
    }
}

/// From where to which bucket, by their labels.
pub(super) type Ends = (String, String);

/// What changes between two networks, in the order of labels; nothing where
/// either is too large for a person to read it.
#[must_use]
pub fn path_changes(before: &Network, after: &Network) -> Vec<PathChange> {
    if are_too_large(before, after) {
        return Vec::new();
    }
    let (mut old, mut new) = (passages(before), passages(after));
    let mut ends: Vec<Ends> = old.keys().chain(new.keys()).cloned().collect();
    ends.sort();
    ends.dedup();
    let changes = ends.into_iter().filter_map(|ends| {
        let (before, after) = (old.remove(&ends), new.remove(&ends));
        let same = match (&before, &after) {
            (Some(before), Some(after)) => before.same_as(after),
            (None, None) => true,
            _ => false,
        };
        let (from, to) = ends;
        (!same).then_some(PathChange {
            from,
            to,
            before,
            after,
        })
    });
    // An instance that changes as its subnet does is told with it.
    let changes: Vec<PathChange> = changes.collect();
    let told_with = |change: &PathChange| {
        let networks = [after, before];
        let subnet = networks.iter().find_map(|it| subnet_of(it, &change.from))?;
        changes
            .iter()
            .find(|it| it.from == subnet && it.to == change.to)
    };
    let kept = changes
        .iter()
        .filter(|change| told_with(change).is_none_or(|subnet| !alike(subnet, change)))
        .filter(|change| !(is_open(change) && speaks_for(after, &change.from)));
    kept.cloned().collect()
}

/// Whether it cannot be known how a call will go.
fn is_open(change: &PathChange) -> bool {
    let after = change.after.as_ref();
    after.is_some_and(|it| matches!(it.works, Works::Unknown(_)))
}

/// Whether instances stand in a subnet, whose groups are known, to be told of in
/// its place.
fn speaks_for(network: &Network, label: &str) -> bool {
    let mut instances = network.instances.values();
    instances.any(|it| network.label(&it.subnet) == label)
}

/// Whether an instance changes as its subnet does; of a subnet alone it is not
/// known what the groups of a machine let pass, so an answer stands for it.
fn alike(subnet: &PathChange, instance: &PathChange) -> bool {
    let one = |subnet: &Option<Passage>, instance: &Option<Passage>| match (subnet, instance) {
        (Some(subnet), Some(instance)) => subnet.same_as(instance),
        (None, None) => true,
        // The instance comes or goes while its subnet stays.
        _ => false,
    };
    one(&subnet.before, &instance.before) && one(&subnet.after, &instance.after)
}

fn subnet_of(network: &Network, instance: &str) -> Option<String> {
    let mut instances = network.instances.iter();
    let (_, found) = instances.find(|(key, _)| network.label(key) == instance)?;
    Some(network.label(&found.subnet).to_owned())
}

/// The most pairs of origin and bucket that are compared: beyond it, what a
/// person could read is long past.
const MOST: usize = 100_000;

/// Whether there is more to compare than a person would read.
pub(super) fn are_too_large(before: &Network, after: &Network) -> bool {
    pairs(before).max(pairs(after)) > MOST
}

/// How many pairs of origin and bucket there are.
fn pairs(network: &Network) -> usize {
    let origins = network.subnets.len() + network.instances.len();
    origins.saturating_mul(network.buckets.len())
}

/// How every subnet and instance gets to every bucket.
fn passages(network: &Network) -> BTreeMap<Ends, Passage> {
    of_every_call(network, |trace| Some(Passage::of(&trace, network)))
}

/// What `tell` makes of the traces from every subnet and instance to every bucket;
/// nothing of those of which it tells nothing.
pub(super) fn of_every_call<T>(
    network: &Network,
    tell: impl Fn(Trace) -> Option<T>,
) -> BTreeMap<Ends, T> {
    let tracer = Tracer::new(network);
    let subnets = network
        .subnets
        .keys()
        .map(|key| (key, Origin::Subnet(key.clone())));
    let instances = network
        .instances
        .keys()
        .map(|key| (key, Origin::Instance(key.clone())));
    let mut found = BTreeMap::new();
    for (from, origin) in subnets.chain(instances) {
        for to in network.buckets.keys() {
            let question = Question::new(origin.clone(), Goal::Bucket(to.clone()));
            if let Some(told) = tell(tracer.trace(&question)) {
                let ends = (network.label(from).to_owned(), network.label(to).to_owned());
                found.insert(ends, told);
            }
        }
    }
    found
}
