//! Traps: networks that work and yet are not what their owner thinks.
//!
//! | trap | what happens |
//! |---|---|
//! | S3 by NAT | every byte is paid for, and a gateway endpoint would be free |
//! | nobody's endpoint | it is paid for, or thought to be used, and no packet takes it |
//! | zone without wildcard | a zone for the whole service has no bucket's name |
//! | shadowed | a more specific zone answers in place of a record |
//! | zone not asked | the VPC's DNS attributes keep it from being asked |
//! | repositories, SSM | an endpoint's policy keeps out what the machine itself needs |

mod needs;

use std::collections::{BTreeMap, BTreeSet};

use super::hosts;
use super::names::is_below;
use super::{Door, Goal, Naming, Origin, Question, Tracer};
use crate::model::network::{Network, Ports, PrivateZone, RecordTarget, Spot};

/// A trap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trap {
    /// Which one.
    pub kind: TrapKind,
    /// What is the matter, as a sentence fragment.
    pub problem: String,
    /// What to do, as a sentence fragment.
    pub remedy: String,
    /// Where the file says it.
    pub spot: Option<Spot>,
}

/// The kinds of traps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TrapKind {
    /// S3 traffic goes by a NAT gateway, and no gateway endpoint takes it.
    S3ByNat,
    /// No packet takes an endpoint.
    NobodysEndpoint,
    /// A zone for the whole service lacks the wildcard for buckets.
    ZoneWithoutWildcard,
    /// A more specific zone answers in place of a record.
    ShadowedZone,
    /// A zone or private DNS that the VPC's DNS attributes switch off.
    ZoneNotAsked,
    /// An endpoint's policy keeps the package repositories out.
    RepositoriesBlocked,
    /// An endpoint's policy keeps Systems Manager out.
    SystemsManagerBlocked,
}

/// Every trap of a network. `accepted` are the subnets, by label, of which their
/// owner says that they go by a NAT gateway.
#[must_use]
pub fn traps(network: &Network, accepted: &BTreeSet<String>) -> Vec<Trap> {
    let mut found = Vec::new();
    let tracer = Tracer::new(network);
    by_nat(network, &tracer, accepted, &mut found);
    nobodys(network, &tracer, &mut found);
    for (key, zone) in &network.private_zones {
        without_wildcard(network, key, zone, &mut found);
        shadowed(network, key, zone, &mut found);
        not_asked(network, key, zone, &mut found);
    }
    needs::blocked(network, &tracer, &mut found);
    found
}

fn s3_of(network: &Network) -> String {
    let callee = hosts::callee(&Goal::Service("s3".into()), &network.place, None);
    callee.service_name()
}

/// Subnets whose S3 traffic a NAT gateway takes, table by table.
fn by_nat<'a>(
    network: &'a Network,
    tracer: &Tracer<'a>,
    accepted: &BTreeSet<String>,
    found: &mut Vec<Trap>,
) {
    let mut tables: BTreeMap<String, (String, BTreeSet<String>, Option<Spot>)> = BTreeMap::new();
    for (key, subnet) in &network.subnets {
        if accepted.contains(network.label(key)) {
            continue;
        }
        let question = Question {
            naming: Naming::Bucket,
            ..Question::new(Origin::Subnet(key.clone()), Goal::Service("s3".into()))
        };
        let trace = tracer.trace(&question);
        if let Some(Door::NatGateway(nat)) = trace.door()
            && let Some((table, it)) = tracer.table_of(subnet)
        {
            let label = network.label(table).to_owned();
            let entry = tables
                .entry(label)
                .or_insert_with(|| (network.label(nat).to_owned(), BTreeSet::new(), None));
            entry.1.insert(network.label(key).to_owned());
            entry.2.clone_from(&it.spot);
        }
    }
    let service = s3_of(network);
    let mut endpoints = network.gateway_endpoints.iter();
    let endpoint = endpoints.find(|(_, it)| it.service == service);
    for (table, (nat, subnets, spot)) in tables {
        let subnets: Vec<String> = subnets.into_iter().collect();
        let remedy = match endpoint {
            Some((key, _)) => format!("add {table} to `route_tables` of {}", network.label(key)),
            None => format!("add a gateway endpoint for s3 with {table} in `route_tables`"),
        };
        found.push(Trap {
            kind: TrapKind::S3ByNat,
            problem: format!(
                "S3 traffic of {} goes through {nat}, which charges for every GB; a gateway \
                 endpoint would take it for nothing",
                subnets.join(", ")
            ),
            remedy,
            spot,
        });
    }
}

/// Endpoints that no packet can take.
fn nobodys<'a>(network: &'a Network, tracer: &Tracer<'a>, found: &mut Vec<Trap>) {
    for (key, endpoint) in &network.gateway_endpoints {
        let used = network.subnets.values().any(|subnet| {
            let table = tracer.table_of(subnet);
            table.is_some_and(|(table, _)| endpoint.route_tables.contains(table))
        });
        if used {
            continue;
        }
        let label = network.label(key);
        let (problem, remedy) = if endpoint.route_tables.is_empty() {
            (
                format!("{label} is in no route table, so no traffic takes it"),
                format!("name the private subnets' tables in `route_tables` of {label}"),
            )
        } else {
            (
                format!("{label} is only in route tables without subnets, so no traffic takes it"),
                "give those tables subnets, or name the tables that have some".to_owned(),
            )
        };
        found.push(Trap {
            kind: TrapKind::NobodysEndpoint,
            problem,
            remedy,
            spot: endpoint.spot.clone(),
        });
    }
    for (key, endpoint) in &network.interface_endpoints {
        let label = network.label(key);
        let groups = endpoint.security_groups.iter();
        let groups: Option<Vec<_>> = groups
            .map(|group| network.security_groups.get(group))
            .collect();
        let closed = groups.is_some_and(|groups| {
            let mut rules = groups.iter().flat_map(|group| &group.ingress);
            !groups.is_empty()
                && !rules.any(|rule| rule.protocol.takes_tcp() && rule.ports.cover(Ports::HTTPS))
        });
        let (problem, remedy) = if endpoint.subnets.is_empty() {
            (
                format!("{label} has no subnet, and so no address"),
                format!("name a subnet in `subnets` of {label}"),
            )
        } else if closed {
            let names: Vec<&str> = endpoint
                .security_groups
                .iter()
                .map(|key| network.label(key))
                .collect();
            let names = names.join(", ");
            (
                format!("{label} lets nobody in: {names} allows no HTTPS"),
                format!("allow port 443 in `ingress` of {names}"),
            )
        } else {
            continue;
        };
        found.push(Trap {
            kind: TrapKind::NobodysEndpoint,
            problem,
            remedy,
            spot: endpoint.spot.clone(),
        });
    }
}

/// Whether a zone's name is the whole service's in a region.
fn covers_service(zone: &PrivateZone) -> bool {
    let mut labels = zone.name.split('.');
    labels.next() == Some("s3")
        && labels.next().is_some()
        && matches!(
            labels.collect::<Vec<_>>()[..],
            ["amazonaws", "com"] | ["amazonaws", "com", "cn"]
        )
}

fn without_wildcard(network: &Network, key: &str, zone: &PrivateZone, found: &mut Vec<Trap>) {
    let wildcard = format!("*.{}", zone.name);
    if !covers_service(zone) || zone.records.iter().any(|record| record.name == wildcard) {
        return;
    }
    let label = network.label(key);
    found.push(Trap {
        kind: TrapKind::ZoneWithoutWildcard,
        problem: format!(
            "{label} answers for all of {} and has no `*` record, so buckets, which are called \
             as BUCKET.{}, are not found",
            zone.name, zone.name
        ),
        remedy: format!("add an alias record named `*` to {label}, beside the apex"),
        spot: zone.spot.clone(),
    });
}

/// Records of a zone that another zone of the same VPC answers for.
fn shadowed(network: &Network, key: &str, zone: &PrivateZone, found: &mut Vec<Trap>) {
    for (other_key, other) in &network.private_zones {
        let specific = other_key != key
            && other.name.len() > zone.name.len()
            && is_below(&other.name, &zone.name)
            && other.vpcs.intersection(&zone.vpcs).next().is_some();
        if !specific {
            continue;
        }
        let mut hidden = zone
            .records
            .iter()
            .filter(|it| is_below(&it.name, &other.name));
        if let Some(record) = hidden.next() {
            let (label, by) = (network.label(key), network.label(other_key));
            found.push(Trap {
                kind: TrapKind::ShadowedZone,
                problem: format!(
                    "{} of {label} is never asked for: {by} is more specific and answers alone",
                    record.name
                ),
                remedy: format!("move the record to {by}, or remove {by}"),
                spot: record.spot.clone().or_else(|| zone.spot.clone()),
            });
        }
    }
    for (endpoint_key, endpoint) in &network.interface_endpoints {
        let in_vpc = zone.vpcs.contains(&endpoint.vpc);
        let names = hosts::private_names(endpoint);
        if in_vpc && endpoint.private_dns && names.contains(&zone.name) {
            let (label, by) = (network.label(key), network.label(endpoint_key));
            found.push(Trap {
                kind: TrapKind::ShadowedZone,
                problem: format!(
                    "{label} and private DNS of {by} both answer for {} in one VPC",
                    zone.name
                ),
                remedy: format!(
                    "keep one of them: set `private_dns = false` on {by}, or remove {label}"
                ),
                spot: zone.spot.clone(),
            });
        }
    }
}

fn not_asked(network: &Network, key: &str, zone: &PrivateZone, found: &mut Vec<Trap>) {
    let leads = |target: &RecordTarget| matches!(target, RecordTarget::Endpoint(_));
    if !zone.records.iter().any(|record| leads(&record.target)) {
        return;
    }
    for vpc_key in &zone.vpcs {
        let Some(vpc) = network.vpcs.get(vpc_key) else {
            continue;
        };
        if vpc.dns_support && vpc.dns_hostnames {
            continue;
        }
        let (label, vpc_label) = (network.label(key), network.label(vpc_key));
        found.push(Trap {
            kind: TrapKind::ZoneNotAsked,
            problem: format!(
                "{label} is not asked in {vpc_label}: private zones need both its DNS attributes"
            ),
            remedy: format!("set `dns_support = true` and `dns_hostnames = true` on {vpc_label}"),
            spot: vpc.spot.clone(),
        });
    }
}
