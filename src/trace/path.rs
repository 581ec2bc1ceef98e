//! The way of packets: from a machine, by route tables, to a door.
//!
//! ```text
//!  subnet's table ─► local ───────────────► interface endpoint
//!                 ─► its prefix list ─────► gateway endpoint
//!                 ─► internet gateway ────► attached? public address? ─► out
//!                 ─► NAT gateway ─► its own subnet's table ─► internet gateway ─► out
//!                 ─► black hole, nothing ─► nowhere
//! ```

use std::collections::BTreeSet;

use ipnet::{IpNet, Ipv4Net};

use super::filters::{Peers, effective_groups};
use super::index::{Index, Keyed};
use super::routes::{Choice, Packets, Target, choose, rule, table_words};
use super::verdict::{Door, SourceAddress, Stage, Way};
use super::walk::{Refusal, Walk};
use super::{edges, gateways};
use crate::model::network::{Instance, Key, Route, Spot, Subnet, Via};

/// Where a call starts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Start<'a> {
    /// The subnet.
    pub subnet: Keyed<'a, Subnet>,
    /// The instance, where one is asked about.
    pub instance: Option<Keyed<'a, Instance>>,
}

impl<'a> Start<'a> {
    /// What it is called.
    pub(super) fn label(&self, index: &Index<'a>) -> String {
        let key = self.instance.map_or(self.subnet.0, |(key, _)| key);
        index.network.label(key).to_owned()
    }

    /// Its address, or its subnet's block.
    pub(super) fn private_source(&self) -> IpNet {
        let address = self.instance.and_then(|(_, it)| it.private_address);
        IpNet::V4(address.map_or(self.subnet.1.block, Ipv4Net::from))
    }

    /// The groups of the machine, where they are known.
    pub(super) fn groups(&self, index: &Index<'a>) -> Option<BTreeSet<Key>> {
        let (_, instance) = self.instance?;
        effective_groups(index, &instance.security_groups, &self.subnet.1.vpc)
    }
}

/// Follows packets to a service's public addresses.
pub(super) fn to_public<'a>(
    index: &Index<'a>,
    start: Start<'a>,
    service: &str,
    walk: &mut Walk,
) -> Option<Way> {
    let blocks = index.blocks_of(service);
    let packets = Packets {
        blocks: &blocks,
        service: Some(service),
    };
    let target = first_route(index, start, &packets, walk)?;
    let way = match target {
        Target::Local => {
            let why = "the VPC's own blocks take some of the service's public addresses";
            walk.unknown(Stage::Route, "stays in the VPC", Vec::new(), why);
            return None;
        }
        Target::Endpoint((key, endpoint)) => {
            if let Some(broken) = &endpoint.broken {
                refuse_broken(index, key, broken, endpoint.spot.as_ref(), walk);
                return None;
            }
            Way {
                door: Door::GatewayEndpoint(key.clone()),
                source: SourceAddress::Private(start.private_source()),
                private: true,
            }
        }
        Target::Route(route) => by_route(index, start, route, &packets, walk)?,
    };
    // A public address of a service is a member of no group.
    let nobody = BTreeSet::new();
    let peers = Peers {
        blocks: &blocks,
        service: Some(service),
        groups: Some(&nobody),
    };
    edges::out_of_machine(index, start, &peers, walk);
    edges::over_the_edge(index, start.subnet, &blocks, walk);
    Some(way)
}

/// Follows packets to addresses that are neither a service's nor an endpoint's.
pub(super) fn to_addresses<'a>(
    index: &Index<'a>,
    start: Start<'a>,
    addresses: &[std::net::IpAddr],
    walk: &mut Walk,
) -> Option<Way> {
    let blocks: Vec<IpNet> = addresses.iter().copied().map(IpNet::from).collect();
    let packets = Packets {
        blocks: &blocks,
        service: None,
    };
    match first_route(index, start, &packets, walk)? {
        Target::Local => {
            let why = "who answers at these addresses is not known";
            walk.unknown(Stage::Route, "stays in the VPC", Vec::new(), why);
            None
        }
        Target::Endpoint((key, _)) => Some(Way {
            door: Door::GatewayEndpoint(key.clone()),
            source: SourceAddress::Private(start.private_source()),
            private: true,
        }),
        Target::Route(route) => by_route(index, start, route, &packets, walk),
    }
}

/// The first route that packets take, told as a hop.
pub(super) fn first_route<'a>(
    index: &Index<'a>,
    start: Start<'a>,
    packets: &Packets<'_>,
    walk: &mut Walk,
) -> Option<Target<'a>> {
    let (_, subnet) = start.subnet;
    let Some(table) = index.table_of(subnet) else {
        let subnet_label = index.network.label(start.subnet.0);
        let table = subnet.route_table.as_ref();
        let unread = |key: &String| index.network.unread.get(key).cloned();
        let why = table
            .and_then(unread)
            .or_else(|| unread(&subnet.vpc))
            .unwrap_or_else(|| format!("the route table of {subnet_label} is not known"));
        walk.unknown(
            Stage::Route,
            format!("leaves {subnet_label}"),
            Vec::new(),
            why,
        );
        return None;
    };
    let label = table_words(index, subnet, table.0);
    match choose(index, table, packets) {
        Choice::One(target) => {
            let text = format!("{label} decides, by the longest prefix");
            walk.yes(Stage::Route, text, vec![rule(index, table, target)]);
            Some(target)
        }
        Choice::None => {
            let spot = table.1.spot.clone();
            let refusal = Refusal::time_out(format!(
                "{label} has no route that leads there, so packets are dropped"
            ))
            .at(spot)
            .remedy(no_route_remedy(index, &label, packets));
            let text = format!("{label} has no route for it");
            walk.no(Stage::Route, text, Vec::new(), refusal);
            None
        }
        Choice::Unclear(why) => {
            let text = format!("{label} sends packets several ways");
            walk.unknown(Stage::Route, text, Vec::new(), format!("{label}: {why}"));
            None
        }
    }
}

fn no_route_remedy(index: &Index<'_>, table: &str, packets: &Packets<'_>) -> String {
    let same = |service: &str| packets.service == Some(service);
    let mut doors = index.network.gateway_endpoints.iter();
    if let Some((key, _)) = doors.find(|(_, it)| same(&it.service)) {
        let label = index.network.label(key);
        return format!("add {table} to `route_tables` of {label}");
    }
    let serves = packets.service.is_some_and(|it| {
        crate::model::network::gateway_service(crate::model::network::short_service(it))
    });
    match serves {
        true => format!("add a gateway endpoint for it with {table} in `route_tables`"),
        false => format!(
            "add an interface endpoint for the service, or a route of {table} to a NAT gateway"
        ),
    }
}

pub(super) fn refuse_broken(
    index: &Index<'_>,
    key: &str,
    broken: &str,
    spot: Option<&Spot>,
    walk: &mut Walk,
) {
    let label = index.network.label(key);
    let refusal = Refusal::time_out(format!("{label} does not work: {broken}"))
        .at(spot.cloned())
        .remedy(format!("replace {label}"));
    walk.no(
        Stage::Route,
        format!("reaches {label}"),
        Vec::new(),
        refusal,
    );
}

/// Follows a route of a table.
fn by_route<'a>(
    index: &Index<'a>,
    start: Start<'a>,
    route: &'a Route,
    packets: &Packets<'_>,
    walk: &mut Walk,
) -> Option<Way> {
    if route.blackhole {
        let refusal = Refusal::time_out("the route's target is gone, so packets are dropped")
            .at(route.spot.clone())
            .remedy("point the route to something that is there");
        walk.no(Stage::Route, "ends in a black hole", Vec::new(), refusal);
        return None;
    }
    match &route.via {
        Via::InternetGateway(key) => {
            gateways::attached(index, key, &start.subnet.1.vpc, walk)?;
            gateways::by_internet_gateway(index, start, key, walk)
        }
        Via::NatGateway(key) => match index.network.nat_gateways.get_key_value(key) {
            Some(gateway) => gateways::by_nat_gateway(index, start, gateway, packets, walk),
            None => not_known(index, key, walk),
        },
        Via::Local => None,
        Via::Instance(key) | Via::Other(key) => {
            let label = index.network.label(key);
            let why = format!("what becomes of packets behind {label} is not known here");
            walk.unknown(Stage::Route, format!("goes to {label}"), Vec::new(), why);
            Some(Way {
                door: Door::Other(key.clone()),
                source: SourceAddress::Unknown,
                private: false,
            })
        }
    }
}

pub(super) fn not_known<T>(index: &Index<'_>, key: &str, walk: &mut Walk) -> Option<T> {
    let label = index.network.label(key);
    walk.unknown(
        Stage::Route,
        format!("goes to {label}"),
        Vec::new(),
        format!("{label} is not known"),
    );
    None
}
