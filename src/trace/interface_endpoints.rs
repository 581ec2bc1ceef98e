//! Into an interface endpoint: its addresses lie in subnets of the VPC, and its
//! own security groups decide who gets in.

use std::collections::BTreeSet;

use ipnet::{IpNet, Ipv4Net};

use super::edges::{self, at_field, named};
use super::filters::{Filtered, Peers, Side, effective_groups, groups};
use super::index::{Index, Keyed};
use super::path::{Start, first_route, not_known, refuse_broken};
use super::routes::{Packets, Target, words as target_words};
use super::verdict::{Door, SourceAddress, Stage, Way};
use super::walk::{Refusal, Walk};
use crate::model::network::{InterfaceEndpoint, Key, Subnet};

/// Follows packets to an interface endpoint.
pub(super) fn to_endpoint<'a>(
    index: &Index<'a>,
    start: Start<'a>,
    (key, endpoint): Keyed<'a, InterfaceEndpoint>,
    walk: &mut Walk,
) -> Option<Way> {
    let label = index.network.label(key);
    if let Some(broken) = &endpoint.broken {
        refuse_broken(index, key, broken, endpoint.spot.as_ref(), walk);
        return None;
    }
    let mut places: Vec<(Keyed<'a, Subnet>, IpNet)> = Vec::new();
    for (subnet, address) in &endpoint.subnets {
        match index.network.subnets.get_key_value(subnet) {
            Some(entry) => {
                let block = address.map_or(entry.1.block, Ipv4Net::from);
                places.push((entry, IpNet::V4(block)));
            }
            None => return not_known(index, subnet, walk),
        }
    }
    if places.is_empty() {
        let refusal = Refusal::time_out(format!("{label} has no subnet, and so no address"))
            .at(endpoint.spot.clone())
            .remedy(format!("name a subnet in `subnets` of {label}"));
        walk.no(
            Stage::Route,
            format!("goes to {label}"),
            Vec::new(),
            refusal,
        );
        return None;
    }
    let blocks: Vec<IpNet> = places.iter().map(|(_, block)| *block).collect();
    let packets = Packets {
        blocks: &blocks,
        service: None,
    };
    match first_route(index, start, &packets, walk)? {
        Target::Local => {}
        Target::Route(route) => {
            let next = target_words(index, Target::Route(route));
            let why = format!("packets to {label} go by {next}, and no further can be seen");
            walk.unknown(Stage::Route, format!("goes to {next}"), Vec::new(), why);
            return None;
        }
        Target::Endpoint(_) => return None,
    }
    let own = effective_groups(index, &endpoint.security_groups, &endpoint.vpc);
    let mine = start.groups(index);
    let peers = Peers {
        blocks: &blocks,
        service: None,
        groups: own.as_ref(),
    };
    edges::out_of_machine(index, start, &peers, walk);
    for (subnet, _) in &places {
        edges::between(index, start.subnet, *subnet, walk);
    }
    into_endpoint(
        index,
        start,
        (key, endpoint),
        own.as_ref(),
        mine.as_ref(),
        walk,
    );
    Some(Way {
        door: Door::InterfaceEndpoint(key.clone()),
        source: SourceAddress::Private(start.private_source()),
        private: true,
    })
}

/// Asks the endpoint's groups whether HTTPS may come in.
fn into_endpoint(
    index: &Index<'_>,
    start: Start<'_>,
    (key, endpoint): Keyed<'_, InterfaceEndpoint>,
    own: Option<&BTreeSet<Key>>,
    mine: Option<&BTreeSet<Key>>,
    walk: &mut Walk,
) {
    let label = index.network.label(key);
    let Some(own) = own else {
        let why = format!(
            "the default security group of {} is not known",
            index.network.label(&endpoint.vpc)
        );
        walk.unknown(
            Stage::Filter,
            format!("the groups of {label}"),
            Vec::new(),
            why,
        );
        return;
    };
    let source = [start.private_source()];
    let peers = Peers {
        blocks: &source,
        service: None,
        groups: mine,
    };
    let names = named(index, own);
    match groups(index, own, Side::In, &peers) {
        Filtered::Passes(rules) => {
            let text = format!("{names} lets HTTPS into {label}");
            walk.yes(Stage::Filter, text, rules);
        }
        Filtered::Unknown(why) => {
            let text = format!("{names}, incoming HTTPS of {label}");
            walk.unknown(Stage::Filter, text, Vec::new(), why);
        }
        Filtered::Blocks => {
            let machine = start.label(index);
            let from = match mine.and_then(|groups| groups.iter().next()) {
                Some(group) => index.network.label(group).to_owned(),
                None => start.private_source().to_string(),
            };
            let spot = own
                .iter()
                .find_map(|key| index.network.security_groups.get(key));
            let refusal = Refusal::time_out(format!(
                "{names}, the group of {label}, lets no HTTPS in from {machine}"
            ))
            .at(spot
                .and_then(|group| group.spot.clone())
                .map(|spot| at_field(spot, "ingress")))
            .remedy(format!(
                "allow port 443 from {from} in `ingress` of {names}"
            ));
            let text = format!("{names} lets nothing from {machine} into {label}");
            walk.no(Stage::Filter, text, Vec::new(), refusal);
        }
    }
}
