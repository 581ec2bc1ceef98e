//! Which route a packet takes: the longest prefix, and between equals a route
//! that somebody made before one of a prefix list before one that was propagated
//! (Amazon VPC user guide, "Route priority").

use ipnet::{IpNet, Ipv4Net};

use super::blocks::{Claim, winners};
use super::index::{Index, Keyed};
use super::verdict::Rule;
use crate::model::network::{
    Destination, GatewayEndpoint, Route, RouteTable, Subnet, Via, short_service,
};

/// Where packets go.
#[derive(Debug)]
pub(super) struct Packets<'t> {
    /// The blocks in which the address lies.
    pub blocks: &'t [IpNet],
    /// The whole name of the service that the blocks are of, for public ones.
    pub service: Option<&'t str>,
}

/// What a route goes by.
#[derive(Debug, Clone, Copy)]
pub(super) enum Target<'a> {
    /// It stays in the VPC.
    Local,
    /// A gateway endpoint's own route.
    Endpoint(Keyed<'a, GatewayEndpoint>),
    /// A route of the table.
    Route(&'a Route),
}

/// A route that claims a block.
#[derive(Debug, Clone, Copy)]
struct Entry<'a> {
    block: IpNet,
    rank: u8,
    target: Target<'a>,
}

impl Claim for Entry<'_> {
    fn block(&self) -> IpNet {
        self.block
    }

    fn rank(&self) -> u8 {
        self.rank
    }
}

/// Which way a table sends packets.
#[derive(Debug)]
pub(super) enum Choice<'a> {
    /// All of them this way.
    One(Target<'a>),
    /// No route takes them.
    None,
    /// Some of them one way and some another, or nobody knows: why.
    Unclear(String),
}

const STATIC: u8 = 0;
const LISTED: u8 = 1;
const PROPAGATED: u8 = 2;

/// Chooses.
pub(super) fn choose<'a>(
    index: &Index<'a>,
    (key, table): Keyed<'a, RouteTable>,
    packets: &Packets<'_>,
) -> Choice<'a> {
    let mut claims = Claims {
        entries: local(index, table),
        whole: Vec::new(),
    };
    for endpoint in index.gateway_endpoints_of(key) {
        of_endpoint(index, *endpoint, packets, &mut claims);
    }
    let mut unread = None;
    for route in &table.routes {
        if !of_route(index, route, packets, &mut claims) {
            unread = Some(route);
        }
    }
    if let Some(Route {
        to: Destination::PrefixList(list),
        ..
    }) = unread
    {
        return Choice::Unclear(format!(
            "a route to prefix list {} stands there, whose blocks are not known",
            index.network.label(list)
        ));
    }
    decided(index, &claims, packets.blocks)
}

/// What the routes of a table claim of some packets.
struct Claims<'a> {
    entries: Vec<Entry<'a>>,
    /// The ranks and targets of those that claim just the packets' own blocks, each
    /// of them: a service's many blocks need not be written out for that.
    whole: Vec<(u8, Target<'a>)>,
}

impl<'a> Claims<'a> {
    /// Those that have to do with a block.
    fn on(&self, block: IpNet) -> Vec<Entry<'a>> {
        let touching =
            |entry: &&Entry<'a>| entry.block.contains(&block) || block.contains(&entry.block);
        let own = self.whole.iter().map(|(rank, target)| Entry {
            block,
            rank: *rank,
            target: *target,
        });
        let written = self.entries.iter().filter(touching).copied();
        written.chain(own).collect()
    }
}

fn decided<'a>(index: &Index<'a>, claims: &Claims<'a>, blocks: &[IpNet]) -> Choice<'a> {
    let mut targets: Vec<Target<'a>> = Vec::new();
    let mut nowhere = false;
    for block in blocks {
        let entries = claims.on(*block);
        let entries: Vec<&Entry<'a>> = entries.iter().collect();
        let (found, unclaimed) = winners(*block, &entries);
        nowhere |= unclaimed;
        for entry in found {
            if !targets.iter().any(|it| same(*it, entry.target)) {
                targets.push(entry.target);
            }
        }
    }
    match (targets.as_slice(), nowhere) {
        ([], _) => Choice::None,
        ([one], false) => Choice::One(*one),
        (several, _) => {
            let mut ways: Vec<String> = several.iter().map(|it| words(index, *it)).collect();
            if nowhere {
                ways.push("nowhere".to_owned());
            }
            Choice::Unclear(format!(
                "some of its addresses go by {}",
                ways.join(", others by ")
            ))
        }
    }
}

/// A VPC's own blocks never leave it.
fn local<'a>(index: &Index<'a>, table: &RouteTable) -> Vec<Entry<'a>> {
    let vpc = index.network.vpcs.get(&table.vpc);
    let blocks = vpc.into_iter().flat_map(|vpc| &vpc.blocks);
    let entry = |block: &Ipv4Net| Entry {
        block: IpNet::V4(*block),
        rank: STATIC,
        target: Target::Local,
    };
    blocks.map(entry).collect()
}

/// A gateway endpoint's route leads to its service's addresses in its region,
/// and to nothing else.
fn of_endpoint<'a>(
    index: &Index<'a>,
    endpoint: Keyed<'a, GatewayEndpoint>,
    packets: &Packets<'_>,
    claims: &mut Claims<'a>,
) {
    let target = Target::Endpoint(endpoint);
    match packets.service {
        Some(service) if service == endpoint.1.service => claims.whole.push((LISTED, target)),
        // Another region's or another service's addresses are not among its own.
        Some(_) => {}
        None => {
            let blocks = index.listed(&endpoint.1.service).unwrap_or_default();
            let entry = |block| Entry {
                block,
                rank: LISTED,
                target,
            };
            claims.entries.extend(blocks.into_iter().map(entry));
        }
    }
}

/// What a route claims; false where that is not known.
fn of_route<'a>(
    index: &Index<'a>,
    route: &'a Route,
    packets: &Packets<'_>,
    claims: &mut Claims<'a>,
) -> bool {
    let target = match route.via {
        Via::Local => Target::Local,
        _ => Target::Route(route),
    };
    let rank = match (route.propagated, &route.to) {
        (true, _) => PROPAGATED,
        (false, Destination::PrefixList(_)) => LISTED,
        (false, Destination::Block(_)) => STATIC,
    };
    let entry = |block| Entry {
        block,
        rank,
        target,
    };
    match &route.to {
        Destination::Block(block) => claims.entries.push(entry(*block)),
        Destination::PrefixList(list) => match index.list(list) {
            Some((name, _)) if packets.service == Some(name) => claims.whole.push((rank, target)),
            Some((_, blocks)) => claims.entries.extend(blocks.into_iter().map(entry)),
            None => return false,
        },
    }
    true
}

fn same(one: Target<'_>, other: Target<'_>) -> bool {
    match (one, other) {
        (Target::Local, Target::Local) => true,
        (Target::Endpoint(one), Target::Endpoint(other)) => one.0 == other.0,
        (Target::Route(one), Target::Route(other)) => {
            one.via == other.via && one.blackhole == other.blackhole
        }
        _ => false,
    }
}

/// What a target is called.
pub(super) fn words(index: &Index<'_>, target: Target<'_>) -> String {
    let label = |key: &str| index.network.label(key).to_owned();
    match target {
        Target::Local => "the VPC itself".to_owned(),
        Target::Endpoint((key, _)) => label(key),
        Target::Route(route) if route.blackhole => "a black hole".to_owned(),
        Target::Route(route) => match &route.via {
            Via::Local => "the VPC itself".to_owned(),
            Via::InternetGateway(key)
            | Via::NatGateway(key)
            | Via::Instance(key)
            | Via::Other(key) => label(key),
        },
    }
}

/// The rule that a choice rests on.
pub(super) fn rule(
    index: &Index<'_>,
    (key, table): Keyed<'_, RouteTable>,
    target: Target<'_>,
) -> Rule {
    let label = index.network.label(key);
    match target {
        Target::Local => {
            let vpc = index.network.vpcs.get(&table.vpc);
            let blocks = vpc.into_iter().flat_map(|vpc| &vpc.blocks);
            let blocks: Vec<String> = blocks.map(ToString::to_string).collect();
            Rule::new(
                format!("{label}: {} → local", blocks.join(", ")),
                table.spot.as_ref(),
            )
        }
        Target::Endpoint((_, endpoint)) => Rule::new(
            format!(
                "{label}: {}'s prefix list → {}",
                short_service(&endpoint.service),
                words(index, target)
            ),
            endpoint.spot.as_ref(),
        ),
        Target::Route(route) => {
            let to = match &route.to {
                Destination::Block(block) => block.to_string(),
                Destination::PrefixList(list) => index.network.label(list).to_owned(),
            };
            let gone = if route.blackhole { " (black hole)" } else { "" };
            let via = match &route.via {
                Via::Local => "local".to_owned(),
                Via::InternetGateway(key)
                | Via::NatGateway(key)
                | Via::Instance(key)
                | Via::Other(key) => index.network.label(key).to_owned(),
            };
            Rule::new(format!("{label}: {to} → {via}{gone}"), route.spot.as_ref())
        }
    }
}

/// The name of the table that steers a subnet, for problems.
pub(super) fn table_words(index: &Index<'_>, subnet: &Subnet, key: &str) -> String {
    let label = index.network.label(key);
    match subnet.route_table {
        Some(_) => label.to_owned(),
        None => format!(
            "the main route table of {}",
            index.network.label(&subnet.vpc)
        ),
    }
}
