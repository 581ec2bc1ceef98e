//! Route tables and what their routes go by.

use std::collections::BTreeSet;

use aws_sdk_ec2::types as ec2;

use super::super::CallError;
use super::labels;
use super::reads::{block, parsed, said};
use crate::model::network::{
    Destination, InternetGateway, Known, NatGateway, Network, PublicAddress, Route, RouteTable, Via,
};

/// The prefix lists that routes lead to.
pub(super) fn prefix_lists_of(
    tables: &Known<Vec<ec2::RouteTable>>,
) -> impl Iterator<Item = String> {
    let tables = tables.get().into_iter().flatten();
    let routes = tables.flat_map(ec2::RouteTable::routes);
    let theirs = routes.filter(|route| !is_of_a_gateway_endpoint(route));
    theirs.filter_map(|route| route.destination_prefix_list_id().map(str::to_owned))
}

/// Tells route tables, and to subnets which of them is theirs. `nats` are the
/// NAT gateways that are there.
///
/// # Errors
/// An answer that makes no sense.
pub(super) fn tell_tables(
    network: &mut Network,
    tables: &[ec2::RouteTable],
    nats: &[ec2::NatGateway],
) -> Result<(), CallError> {
    let unfollowed: BTreeSet<&str> = nats
        .iter()
        .filter(|nat| nat.subnet_id().is_none())
        .filter_map(|nat| nat.nat_gateway_id())
        .collect();
    for table in tables {
        let id = said(table.route_table_id(), "a route table's id")?;
        let mut facts = RouteTable {
            vpc: said(table.vpc_id(), "a route table's VPC")?.to_owned(),
            ..RouteTable::default()
        };
        for association in table.associations().iter().filter(|it| holds(it)) {
            facts.main |= association.main().unwrap_or_default();
            let subnet = association.subnet_id().unwrap_or_default();
            if let Some(subnet) = network.subnets.get_mut(subnet) {
                subnet.route_table = Some(id.to_owned());
            }
        }
        for route in table.routes() {
            facts.routes.extend(route_of(route, &unfollowed)?);
        }
        labels::put_ec2(network, id, table.tags());
        network.route_tables.insert(id.to_owned(), facts);
    }
    Ok(())
}

/// Whether an association is in force. Some partitions tell no state.
fn holds(association: &ec2::RouteTableAssociation) -> bool {
    use ec2::RouteTableAssociationStateCode::{Disassociated, Failed};
    let state = association.association_state();
    !matches!(
        state.and_then(|it| it.state()),
        Some(Disassociated | Failed)
    )
}

/// A gateway endpoint's own route: the endpoint says which tables it serves.
/// (One of a Gateway Load Balancer leads to a block.)
fn is_of_a_gateway_endpoint(route: &ec2::Route) -> bool {
    route.destination_prefix_list_id().is_some()
        && route.gateway_id().is_some_and(|it| it.starts_with("vpce-"))
}

/// A route; nothing for the local ones, which every VPC's own blocks have, and
/// for those that endpoints make.
fn route_of(route: &ec2::Route, unfollowed: &BTreeSet<&str>) -> Result<Option<Route>, CallError> {
    if route.gateway_id() == Some("local") || is_of_a_gateway_endpoint(route) {
        return Ok(None);
    }
    let to = match route.destination_prefix_list_id() {
        Some(list) => Destination::PrefixList(list.to_owned()),
        None => {
            let text = route.destination_cidr_block();
            let text = text.or(route.destination_ipv6_cidr_block());
            Destination::Block(block(said(text, "a route's destination")?)?)
        }
    };
    Ok(Some(Route {
        to,
        via: via_of(route, unfollowed),
        blackhole: route.state() == Some(&ec2::RouteState::Blackhole),
        propagated: matches!(
            route.origin(),
            Some(ec2::RouteOrigin::EnableVgwRoutePropagation | ec2::RouteOrigin::Advertisement)
        ),
        spot: None,
    }))
}

/// What a route goes by. An instance is shown with its network interface, and
/// what is gone may be shown without any id.
fn via_of(route: &ec2::Route, unfollowed: &BTreeSet<&str>) -> Via {
    let some = |id: Option<&str>| id.filter(|id| !id.is_empty()).map(str::to_owned);
    if let Some(gateway) = some(route.gateway_id()) {
        return match gateway.starts_with("igw-") {
            true => Via::InternetGateway(gateway),
            false => Via::Other(gateway),
        };
    }
    if let Some(nat) = some(route.nat_gateway_id()) {
        return match unfollowed.contains(nat.as_str()) {
            true => Via::Other(nat),
            false => Via::NatGateway(nat),
        };
    }
    if let Some(instance) = some(route.instance_id()) {
        return Via::Instance(instance);
    }
    let others = [
        route.network_interface_id(),
        route.transit_gateway_id(),
        route.vpc_peering_connection_id(),
        route.egress_only_internet_gateway_id(),
        route.local_gateway_id(),
        route.carrier_gateway_id(),
        route.core_network_arn(),
        route.odb_network_arn(),
    ];
    let other = others.into_iter().find_map(some);
    Via::Other(other.unwrap_or_else(|| "something that AWS does not name".to_owned()))
}

/// Tells internet gateways.
pub(super) fn tell_internet_gateways(network: &mut Network, gateways: &[ec2::InternetGateway]) {
    for gateway in gateways {
        let Some(id) = gateway.internet_gateway_id() else {
            continue;
        };
        // AWS says `available` of one that is attached.
        let attached = gateway.attachments().iter().find(|it| {
            let state = it.state().map(ec2::AttachmentStatus::as_str);
            matches!(state, Some("available" | "attached" | "attaching"))
        });
        let facts = InternetGateway {
            vpc: attached.and_then(|it| it.vpc_id()).map(str::to_owned),
            spot: None,
        };
        labels::put_ec2(network, id, gateway.tags());
        network.internet_gateways.insert(id.to_owned(), facts);
    }
}

/// Tells NAT gateways that are there: one that was deleted is shown for an hour
/// more (Amazon VPC user guide, "Delete a NAT gateway"). A regional one stands
/// in no subnet whose table could be followed.
///
/// # Errors
/// An answer that makes no sense.
pub(super) fn tell_nat_gateways(
    network: &mut Network,
    gateways: &[ec2::NatGateway],
) -> Result<(), CallError> {
    for nat in gateways {
        let id = said(nat.nat_gateway_id(), "a NAT gateway's id")?;
        let state = nat.state().map_or("unknown", ec2::NatGatewayState::as_str);
        let Some(subnet) = nat.subnet_id().filter(|_| state != "deleted") else {
            continue;
        };
        let public = nat.connectivity_type() != Some(&ec2::ConnectivityType::Private);
        let facts = NatGateway {
            subnet: subnet.to_owned(),
            public,
            address: match public {
                true => address_of(nat)?,
                false => PublicAddress::None,
            },
            broken: (state != "available").then(|| broken(nat, state)),
            spot: None,
        };
        labels::put_ec2(network, id, nat.tags());
        network.nat_gateways.insert(id.to_owned(), facts);
    }
    Ok(())
}

fn broken(nat: &ec2::NatGateway, state: &str) -> String {
    match (nat.failure_code(), nat.failure_message()) {
        (Some(code), Some(message)) => format!("its state is {state}: {code}: {message}"),
        (Some(reason), None) | (None, Some(reason)) => format!("its state is {state}: {reason}"),
        (None, None) => format!("its state is {state}"),
    }
}

/// The first of its addresses, which is the one that it was made with.
fn address_of(nat: &ec2::NatGateway) -> Result<PublicAddress, CallError> {
    let addresses = nat.nat_gateway_addresses();
    let primary = addresses.iter().find(|it| it.is_primary() == Some(true));
    let first = primary.or(addresses.first());
    public_address(first.and_then(|it| it.public_ip()))
}

/// A public address as AWS gives it.
///
/// # Errors
/// It is none.
pub(super) fn public_address(text: Option<&str>) -> Result<PublicAddress, CallError> {
    match text.filter(|text| !text.is_empty()) {
        Some(text) => parsed(text, "a public address").map(PublicAddress::Is),
        None => Ok(PublicAddress::None),
    }
}

#[cfg(test)]
mod tests;
