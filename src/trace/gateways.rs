//! The two gateways to the internet: one for machines with a public address of
//! their own, one that lends its own.

use super::edges;
use super::index::{Index, Keyed};
use super::path::{Start, not_known, refuse_broken};
use super::routes::{Choice, Packets, Target, choose, rule, table_words, words as target_words};
use super::verdict::{Door, Rule, SourceAddress, Stage, Way};
use super::walk::{Refusal, Walk};
use crate::model::network::{InternetGateway, Key, NatGateway, PublicAddress, Route, Spot, Via};

/// Makes sure that an internet gateway stands on the VPC.
pub(super) fn attached<'a>(
    index: &Index<'a>,
    key: &str,
    vpc: &str,
    walk: &mut Walk,
) -> Option<&'a InternetGateway> {
    let Some(gateway) = index.network.internet_gateways.get(key) else {
        return not_known(index, key, walk);
    };
    if gateway.vpc.as_deref() == Some(vpc) {
        return Some(gateway);
    }
    let (label, vpc) = (index.network.label(key), index.network.label(vpc));
    let refusal = Refusal::time_out(format!("{label} is not attached to {vpc}"))
        .at(gateway.spot.clone())
        .remedy(format!("attach {label} to {vpc}"));
    walk.no(
        Stage::Route,
        format!("goes to {label}"),
        Vec::new(),
        refusal,
    );
    None
}

/// An internet gateway serves only what has a public address of its own.
pub(super) fn by_internet_gateway(
    index: &Index<'_>,
    start: Start<'_>,
    key: &Key,
    walk: &mut Walk,
) -> Option<Way> {
    let label = index.network.label(key);
    let address = match start.instance {
        Some((_, instance)) => instance.public_address,
        None => {
            if !start.subnet.1.maps_public_addresses {
                walk.assume("the machine has a public address");
            }
            PublicAddress::Some
        }
    };
    let source = match address {
        PublicAddress::Is(address) => SourceAddress::Public(Some(address)),
        PublicAddress::Some => SourceAddress::Public(None),
        PublicAddress::None => {
            let machine = start.label(index);
            let spot = start.instance.and_then(|(_, it)| it.spot.clone());
            let refusal = Refusal::time_out(format!(
                "{machine} has no public address, and {label} serves only what has one"
            ))
            .at(spot.map(|mut spot| {
                spot.field = "public_ip";
                spot
            }))
            .remedy(format!(
                "set `public_ip = true` on {machine}, or route its subnet to a NAT gateway or \
                 an endpoint"
            ));
            walk.no(
                Stage::Route,
                format!("goes to {label}"),
                Vec::new(),
                refusal,
            );
            return None;
        }
    };
    walk.yes(
        Stage::Route,
        format!("{label} leads to the internet"),
        Vec::new(),
    );
    Some(Way {
        door: Door::InternetGateway(key.clone()),
        source,
        private: false,
    })
}

/// A NAT gateway sends on by the table of its own subnet.
pub(super) fn by_nat_gateway<'a>(
    index: &Index<'a>,
    start: Start<'a>,
    (key, gateway): Keyed<'a, NatGateway>,
    packets: &Packets<'_>,
    walk: &mut Walk,
) -> Option<Way> {
    let label = index.network.label(key).to_owned();
    let stop = |walk: &mut Walk, problem: String, remedy: String, spot: Option<Spot>| {
        let refusal = Refusal::time_out(problem).at(spot).remedy(remedy);
        walk.no(
            Stage::Route,
            format!("goes to {label}"),
            Vec::new(),
            refusal,
        );
    };
    if let Some(broken) = &gateway.broken {
        refuse_broken(index, key, broken, gateway.spot.as_ref(), walk);
        return None;
    }
    if !gateway.public {
        stop(
            walk,
            format!("{label} is a private one, which leads to other networks only"),
            format!("set `connectivity = \"public\"` on {label}"),
            gateway.spot.clone(),
        );
        return None;
    }
    let Some(subnet) = index.network.subnets.get_key_value(&gateway.subnet) else {
        return not_known(index, &gateway.subnet, walk);
    };
    let Some(table) = index.table_of(subnet.1) else {
        return not_known(index, subnet.0, walk);
    };
    edges::between(index, start.subnet, subnet, walk);
    let words = table_words(index, subnet.1, table.0);
    let rules = |target| -> Vec<Rule> { vec![rule(index, table, target)] };
    let choice = choose(index, table, packets);
    let Choice::One(target) = choice else {
        match choice {
            Choice::Unclear(why) => walk.unknown(
                Stage::Route,
                format!("{label} sends packets several ways"),
                Vec::new(),
                format!("{words}: {why}"),
            ),
            _ => stop(
                walk,
                format!("{words}, which steers {label}, has no route to the internet"),
                format!("add a route from {words} to an internet gateway"),
                table.1.spot.clone(),
            ),
        }
        return None;
    };
    match target {
        Target::Route(Route {
            via: Via::InternetGateway(gateway_key),
            blackhole: false,
            ..
        }) => {
            attached(index, gateway_key, &subnet.1.vpc, walk)?;
            let address = match gateway.address {
                PublicAddress::Is(address) => Some(address),
                _ => None,
            };
            let shown = address.map_or_else(
                || "its public address".to_owned(),
                |address| address.to_string(),
            );
            let text = format!(
                "{label} sends on as {shown}, by {}",
                index.network.label(gateway_key)
            );
            walk.yes(Stage::Route, text, rules(target));
            let blocks = packets.blocks;
            edges::of_nat_gateway(index, subnet, blocks, walk);
            Some(Way {
                door: Door::NatGateway(key.clone()),
                source: SourceAddress::Public(address),
                private: false,
            })
        }
        Target::Route(Route {
            blackhole: true, ..
        }) => {
            stop(
                walk,
                format!("{words}, which steers {label}, sends it into a black hole"),
                "point that route to an internet gateway".to_owned(),
                table.1.spot.clone(),
            );
            None
        }
        Target::Route(Route {
            via: Via::NatGateway(_),
            ..
        }) => {
            stop(
                walk,
                format!("{label} stands in a subnet that goes by a NAT gateway itself"),
                format!("put {label} into a subnet with a route to an internet gateway"),
                gateway.spot.clone(),
            );
            None
        }
        _ => {
            let next = target_words(index, target);
            walk.unknown(
                Stage::Route,
                format!("{label} sends on by {next}"),
                rules(target),
                format!(
                    "{words} leads {label} to {next}, and AWS does not say that a NAT gateway \
                     can send traffic there"
                ),
            );
            None
        }
    }
}
