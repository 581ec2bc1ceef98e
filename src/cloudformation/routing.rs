//! Route tables: routes and associations are lines of their tables.

use super::fitting::shown;
use super::properties::{Context, Properties, Taken};
use super::tables::Tables;
use super::value::map;
use crate::model::{Address, Value};

/// Where a route may lead, as a template names it.
const DESTINATIONS: &[&str] = &[
    "DestinationCidrBlock",
    "DestinationIpv6CidrBlock",
    "DestinationPrefixListId",
];

/// By what a route may lead there.
const TARGETS: &[&str] = &[
    "GatewayId",
    "NatGatewayId",
    "InstanceId",
    "NetworkInterfaceId",
    "TransitGatewayId",
    "VpcPeeringConnectionId",
];

/// The kinds that a route of ours may go by, and the ids.
const VIA: (&[&str], &[&str]) = (
    &["internet_gateway", "nat_gateway", "instance"],
    &["igw-", "nat-", "i-", "eni-", "vgw-", "tgw-", "pcx-"],
);

pub(super) fn route_table(cx: &mut Context<'_>, p: &mut Properties<'_>, tables: &mut Tables) {
    p.copy(cx, tables, &[("VpcId", "vpc")]);
    p.tags(cx, tables, "Tags");
}

/// The table of this template that a part belongs to.
fn owner(cx: &mut Context<'_>, p: &mut Properties<'_>) -> Option<Address> {
    let taken = p.take(cx, "RouteTableId")?;
    match taken.value.as_target() {
        Some(table) if table.kind == "route_table" => {
            cx.address = Some(table.clone());
            Some(table.clone())
        }
        _ => {
            cx.left(
                taken.line,
                &taken.path,
                format!("{} is no route table of this template", shown(&taken.value)),
            );
            None
        }
    }
}

pub(super) fn route(cx: &mut Context<'_>, p: &mut Properties<'_>, tables: &mut Tables) {
    let table = owner(cx, p);
    let to: Vec<Taken> = DESTINATIONS
        .iter()
        .filter_map(|it| p.take(cx, it))
        .collect();
    let via: Vec<Taken> = TARGETS.iter().filter_map(|it| p.take(cx, it)).collect();
    let Some(table) = table else { return };
    let (Some(to), Some(via)) = (to.into_iter().next(), via.into_iter().next()) else {
        cx.left(
            cx.line,
            "",
            "s3net has no route of this sort, or not all of it is known",
        );
        return;
    };
    let fits = match &via.value {
        Value::Reference(reference) if reference.attribute.is_empty() => true,
        Value::Reference(reference) => {
            VIA.0.contains(&reference.target.kind.as_str()) && reference.attribute == "id"
        }
        Value::String(id) => VIA.1.iter().any(|prefix| id.starts_with(prefix)),
        _ => false,
    };
    if !fits {
        let why = format!("s3net has no routes by {}", shown(&via.value));
        cx.left(via.line, &via.path, why);
        return;
    }
    let route = map([("to", to.value), ("via", via.value)]);
    tables.add(&table, "routes", route);
}

pub(super) fn association(cx: &mut Context<'_>, p: &mut Properties<'_>, tables: &mut Tables) {
    let table = owner(cx, p);
    let subnet = p.take(cx, "SubnetId");
    if let (Some(table), Some(taken)) = (table, subnet) {
        let fits = match &taken.value {
            Value::Reference(reference) => {
                reference.attribute.is_empty()
                    || (reference.target.kind == "subnet" && reference.attribute == "id")
            }
            Value::String(id) => id.starts_with("subnet-"),
            _ => false,
        };
        match fits {
            true => tables.add(&table, "subnets", taken.value),
            false => cx.left(
                taken.line,
                &taken.path,
                format!("{} is no subnet", shown(&taken.value)),
            ),
        }
    }
}
