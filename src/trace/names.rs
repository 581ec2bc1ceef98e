//! What a name stands for inside a VPC.
//!
//! ```text
//!  resolver off? ─────────────────────────────► nobody answers
//!  private zones and private DNS ─► the most specific one that matches
//!      has the name ─► its target (an alias or CNAME is asked on)
//!      has it not   ─► no such name: there is no falling back
//!  none matches ─► an endpoint's own name ─► its private addresses
//!                  else the service's public addresses
//! ```
//!
//! Private zones and private DNS work where both DNS attributes of the VPC are
//! on (Amazon Route 53 developer guide, "Private hosted zones"; AWS PrivateLink
//! guide, "Private DNS").

use std::net::IpAddr;

use super::hosts;
use super::index::{Index, Keyed};
use super::verdict::{Answer, Rule};
use crate::model::network::{
    InterfaceEndpoint, Key, PrivateZone, Record, RecordTarget, Vpc, short_service,
};

/// What a name stands for, and why.
#[derive(Debug)]
pub(super) struct Resolved<'a> {
    pub answer: Answer,
    pub leads: Leads<'a>,
    pub text: String,
    pub rules: Vec<Rule>,
    /// Zones that would answer too, were this one not there.
    pub shadows: Vec<&'a Key>,
}

/// Where packets to the name go.
#[derive(Debug)]
pub(super) enum Leads<'a> {
    /// To the service's public addresses.
    Public,
    /// To an interface endpoint.
    Endpoint(Keyed<'a, InterfaceEndpoint>),
    /// To these addresses.
    Addresses(Vec<IpAddr>),
    /// Nowhere.
    Nowhere,
    /// It cannot be told: why.
    Unknown(String),
}

/// Something that answers for a name and all names below it.
enum Authority<'a> {
    Zone(Keyed<'a, PrivateZone>),
    Endpoint(Keyed<'a, InterfaceEndpoint>, String),
}

impl Authority<'_> {
    fn name(&self) -> &str {
        match self {
            Self::Zone((_, zone)) => &zone.name,
            Self::Endpoint(_, name) => name,
        }
    }

    fn key(&self) -> &Key {
        match self {
            Self::Zone((key, _)) => key,
            Self::Endpoint((key, _), _) => key,
        }
    }
}

/// How often a record may point on.
const LONGEST_CHAIN: usize = 8;

/// Resolves a host name in a VPC.
pub(super) fn resolve<'a>(index: &Index<'a>, vpc: (&str, &'a Vpc), host: &str) -> Resolved<'a> {
    let (key, attributes) = vpc;
    if !attributes.dns_support {
        let spot = attributes.spot.clone().map(|mut spot| {
            spot.field = "dns_support";
            spot
        });
        return Resolved {
            answer: Answer::NoResolver,
            leads: Leads::Nowhere,
            text: format!(
                "{host}: the resolver of {} is off",
                index.network.label(key)
            ),
            rules: vec![Rule::new("dns_support = false", spot.as_ref())],
            shadows: Vec::new(),
        };
    }
    let mut rules = Vec::new();
    let mut name = host.to_owned();
    for _ in 0..LONGEST_CHAIN {
        let authorities = authorities(index, key, attributes, &name);
        let Some(step) = ask(index, &authorities, &name, &mut rules) else {
            return in_public(index, host, &name, rules, attributes);
        };
        match step {
            Step::Found(mut resolved) => {
                resolved.text = format!("{host}: {}", resolved.text);
                resolved.rules = rules;
                resolved.shadows = shadowed(&authorities);
                return resolved;
            }
            Step::AskOn(next) => name = next,
        }
    }
    Resolved {
        answer: Answer::Unknown,
        leads: Leads::Unknown(format!("the records of {host} point on and on")),
        text: format!("{host}: a chain of records without an end"),
        rules,
        shadows: Vec::new(),
    }
}

/// Everything in a VPC that answers for a name, the most specific first.
fn authorities<'a>(
    index: &Index<'a>,
    vpc: &str,
    attributes: &Vpc,
    host: &str,
) -> Vec<Authority<'a>> {
    if !attributes.dns_hostnames {
        return Vec::new();
    }
    let zones = index.zones_of(vpc).iter().copied().map(Authority::Zone);
    let endpoints = index.interface_endpoints_of(vpc).iter();
    let private = endpoints.filter(|(_, it)| it.private_dns && !it.only_inbound);
    let names = private.flat_map(|entry| {
        let names = hosts::private_names(entry.1).into_iter();
        names.map(|name| Authority::Endpoint(*entry, name))
    });
    let mut found: Vec<Authority<'a>> = zones
        .chain(names)
        .filter(|authority| is_below(host, authority.name()))
        .collect();
    found.sort_by_key(|authority| std::cmp::Reverse(authority.name().len()));
    found
}

/// Whether a name is a zone's own or below it.
pub(super) fn is_below(host: &str, zone: &str) -> bool {
    host == zone
        || host
            .strip_suffix(zone)
            .is_some_and(|before| before.ends_with('.'))
}

fn shadowed<'a>(authorities: &[Authority<'a>]) -> Vec<&'a Key> {
    let others = authorities.iter().skip(1);
    others
        .map(|authority| match authority {
            Authority::Zone((key, _)) => *key,
            Authority::Endpoint((key, _), _) => *key,
        })
        .collect()
}

enum Step<'a> {
    Found(Resolved<'a>),
    AskOn(String),
}

/// Asks the most specific authority; nothing where there is none.
fn ask<'a>(
    index: &Index<'a>,
    authorities: &[Authority<'a>],
    host: &str,
    rules: &mut Vec<Rule>,
) -> Option<Step<'a>> {
    let first = authorities.first()?;
    if let Some(second) = authorities.get(1)
        && second.name() == first.name()
        && second.key() != first.key()
    {
        let network = index.network;
        let (one, other) = (network.label(first.key()), network.label(second.key()));
        return Some(Step::Found(plain(
            Answer::Unknown,
            Leads::Unknown(format!(
                "{one} and {other} both answer for {}, and AWS does not say which wins",
                first.name()
            )),
            format!("{one} and {other} both answer for {}", first.name()),
        )));
    }
    match first {
        Authority::Endpoint(endpoint, name) => {
            let label = index.network.label(endpoint.0);
            rules.push(Rule::new(
                format!("private DNS of {label} answers for {name}"),
                endpoint.1.spot.as_ref(),
            ));
            Some(Step::Found(to_endpoint(index, *endpoint)))
        }
        Authority::Zone(zone) => Some(ask_zone(index, *zone, host, rules)),
    }
}

/// Asks one private zone, which answers for every name below its own.
fn ask_zone<'a>(
    index: &Index<'a>,
    (key, zone): Keyed<'a, PrivateZone>,
    host: &str,
    rules: &mut Vec<Rule>,
) -> Step<'a> {
    let label = index.network.label(key);
    if let Some(why) = index.network.unread.get(key) {
        return Step::Found(plain(
            Answer::Unknown,
            Leads::Unknown(why.clone()),
            format!("{label} answers for {}", zone.name),
        ));
    }
    let Some(record) = record(zone, host) else {
        // A look-up of a zone does not read its records.
        if let Some(why) = index.network.unread.get(key) {
            return Step::Found(plain(
                Answer::Unknown,
                Leads::Unknown(why.clone()),
                format!("{label} answers for it"),
            ));
        }
        rules.push(Rule::new(
            format!("{label} answers for {} and has no such name", zone.name),
            zone.spot.as_ref(),
        ));
        return Step::Found(plain(
            Answer::NoName(key.clone()),
            Leads::Nowhere,
            format!("no such name (NXDOMAIN) in {label}"),
        ));
    };
    rules.push(Rule::new(
        format!("{label} has {}", record.name),
        record.spot.as_ref(),
    ));
    match &record.target {
        _ if !record.ipv4 => Step::Found(plain(
            Answer::NoName(key.clone()),
            Leads::Nowhere,
            format!("{label} has no IPv4 address for it"),
        )),
        RecordTarget::Endpoint(endpoint) => {
            match index.network.interface_endpoints.get_key_value(endpoint) {
                Some(endpoint) => Step::Found(to_endpoint(index, endpoint)),
                None => Step::Found(plain(
                    Answer::Unknown,
                    Leads::Unknown(index.network.why_unknown(endpoint)),
                    format!("leads to {}", index.network.label(endpoint)),
                )),
            }
        }
        RecordTarget::Name(next) => Step::AskOn(next.clone()),
        RecordTarget::Addresses(addresses) => {
            let holder = index.network.interface_endpoints.iter().find(|(_, it)| {
                let mut own = it.subnets.values().flatten().map(|it| IpAddr::V4(*it));
                own.any(|address| addresses.contains(&address))
            });
            Step::Found(match holder {
                Some(endpoint) => to_endpoint(index, endpoint),
                None => plain(
                    Answer::Addresses,
                    Leads::Addresses(addresses.clone()),
                    listed(addresses),
                ),
            })
        }
    }
}

fn listed(addresses: &[IpAddr]) -> String {
    let texts: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    texts.join(", ")
}

/// The record that answers for a name: its own, or the wildcard of the closest
/// name above it that the zone has (RFC 4592).
fn record<'a>(zone: &'a PrivateZone, host: &str) -> Option<&'a Record> {
    let best_of = |name: &str| {
        let mut records = zone.records.iter().filter(|it| it.name == name);
        let first = records.next()?;
        // An A record answers even where an AAAA stands beside it.
        Some(if first.ipv4 {
            first
        } else {
            records.find(|it| it.ipv4).unwrap_or(first)
        })
    };
    if let Some(record) = best_of(host) {
        return Some(record);
    }
    let exists = |name: &str| {
        let mut names = zone.records.iter().map(|it| it.name.as_str());
        name == zone.name || names.any(|it| is_below(it, name))
    };
    // A name that only has names below it is there too, without an address.
    if exists(host) {
        return None;
    }
    let mut above = host;
    loop {
        above = above.split_once('.')?.1;
        if !is_below(above, &zone.name) {
            return None;
        }
        if let Some(record) = best_of(&format!("*.{above}")) {
            return Some(record);
        }
        if exists(above) {
            return None;
        }
    }
}

/// What public DNS says: an endpoint's own name leads to its private addresses,
/// every other name of AWS to public ones.
fn in_public<'a>(
    index: &Index<'a>,
    host: &str,
    name: &str,
    rules: Vec<Rule>,
    attributes: &Vpc,
) -> Resolved<'a> {
    let mut resolved = if let Some(id) = hosts::endpoint_id(name) {
        match index.network.interface_endpoints.get_key_value(id) {
            Some(endpoint) => to_endpoint(index, endpoint),
            None => plain(
                Answer::Unknown,
                Leads::Unknown(format!("{id} is an endpoint that is not known here")),
                format!("private addresses of {id}"),
            ),
        }
    } else if name.ends_with(".amazonaws.com") || name.ends_with(".amazonaws.com.cn") {
        plain(Answer::Public, Leads::Public, "public addresses".to_owned())
    } else {
        plain(
            Answer::Unknown,
            Leads::Unknown(format!(
                "{name} is no name of AWS and of no private zone here"
            )),
            format!("what public DNS says of {name}"),
        )
    };
    resolved.text = format!("{host}: {}", resolved.text);
    resolved.rules = rules;
    if !attributes.dns_hostnames {
        let spot = attributes.spot.clone().map(|mut spot| {
            spot.field = "dns_hostnames";
            spot
        });
        let text = "dns_hostnames = false: private zones and private DNS are not asked";
        resolved.rules.push(Rule::new(text, spot.as_ref()));
    }
    resolved
}

/// What an endpoint's own name stands for, known or not.
pub(super) fn own_name<'a>(
    index: &Index<'a>,
    endpoint: Keyed<'a, InterfaceEndpoint>,
    host: &str,
) -> Resolved<'a> {
    let mut resolved = to_endpoint(index, endpoint);
    resolved.text = format!("{host}: {}", resolved.text);
    resolved
}

fn to_endpoint<'a>(index: &Index<'a>, endpoint: Keyed<'a, InterfaceEndpoint>) -> Resolved<'a> {
    let label = index.network.label(endpoint.0);
    let known: Vec<IpAddr> = endpoint
        .1
        .subnets
        .values()
        .flatten()
        .map(|it| IpAddr::V4(*it))
        .collect();
    let which = match known.is_empty() {
        true => format!("private addresses of {label}"),
        false => format!("{}, private, of {label}", listed(&known)),
    };
    plain(
        Answer::Endpoint(endpoint.0.clone()),
        Leads::Endpoint(endpoint),
        which,
    )
}

fn plain(answer: Answer, leads: Leads<'_>, text: String) -> Resolved<'_> {
    Resolved {
        answer,
        leads,
        text,
        rules: Vec::new(),
        shadows: Vec::new(),
    }
}

/// The interface endpoints of a VPC for a service of a region.
pub(super) fn endpoints_for<'a>(
    index: &Index<'a>,
    vpc: &str,
    service: &str,
) -> Vec<Keyed<'a, InterfaceEndpoint>> {
    let short = short_service(service);
    let endpoints = index.interface_endpoints_of(vpc).iter().copied();
    endpoints
        .filter(|(_, it)| short_service(&it.service) == short)
        .collect()
}
