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
///
/// # Errors
/// Why there is none, where that is not told yet.
fn owner(cx: &mut Context<'_>, p: &mut Properties<'_>) -> Result<Address, String> {
    let taken = p.take(cx, "RouteTableId");
    let taken = taken.ok_or("its route table is not known")?;
    match taken.value.as_target() {
        Some(table) if table.kind == "route_table" => {
            cx.address = Some(table.clone());
            Ok(table.clone())
        }
        _ => Err(format!(
            "{} is no route table of this template",
            shown(&taken.value)
        )),
    }
}

pub(super) fn route(cx: &mut Context<'_>, p: &mut Properties<'_>, tables: &mut Tables) {
    part(cx, p, tables, "routes", line_of);
}

pub(super) fn association(cx: &mut Context<'_>, p: &mut Properties<'_>, tables: &mut Tables) {
    part(cx, p, tables, "subnets", subnet_of);
}

/// What a part is in its table.
type Line = fn(&mut Context<'_>, &mut Properties<'_>) -> Result<Value, String>;

/// Adds a part to its table, or says once why it is left out.
fn part(
    cx: &mut Context<'_>,
    p: &mut Properties<'_>,
    tables: &mut Tables,
    field: &str,
    line_of: Line,
) {
    let (before, line) = (cx.notes.len(), cx.line);
    let whole = owner(cx, p).and_then(|table| Ok((table, line_of(cx, p)?)));
    match whole {
        Ok((table, value)) => tables.add(&table, field, value),
        Err(why) => {
            p.rest();
            cx.left_whole(before, line, "", &why);
        }
    }
}

/// A route as its table's line.
fn line_of(cx: &mut Context<'_>, p: &mut Properties<'_>) -> Result<Value, String> {
    let mut first = |names: &[&str]| {
        let found: Vec<Taken> = names.iter().filter_map(|it| p.take(cx, it)).collect();
        found.into_iter().next()
    };
    let (to, via) = (first(DESTINATIONS), first(TARGETS));
    let (Some(to), Some(via)) = (to, via) else {
        let rest = p.rest();
        return Err(match rest.is_empty() {
            true => "where it leads, or by what, is not known".to_owned(),
            false => format!("s3net has no routes by {}", rest.join(", ")),
        });
    };
    let fits = match &via.value {
        Value::Reference(reference) if reference.attribute.is_empty() => true,
        Value::Reference(reference) => {
            VIA.0.contains(&reference.target.kind.as_str()) && reference.attribute == "id"
        }
        Value::String(id) => VIA.1.iter().any(|prefix| id.starts_with(prefix)),
        _ => false,
    };
    match fits {
        true => Ok(map([("to", to.value), ("via", via.value)])),
        false => Err(format!("s3net has no routes by {}", shown(&via.value))),
    }
}

/// The subnet of an association.
fn subnet_of(cx: &mut Context<'_>, p: &mut Properties<'_>) -> Result<Value, String> {
    let taken = p.take(cx, "SubnetId");
    let taken = taken.ok_or("its subnet is not known")?;
    let fits = match &taken.value {
        Value::Reference(reference) => {
            reference.attribute.is_empty()
                || (reference.target.kind == "subnet" && reference.attribute == "id")
        }
        Value::String(id) => id.starts_with("subnet-"),
        _ => false,
    };
    match fits {
        true => Ok(taken.value),
        false => Err(format!("{} is no subnet", shown(&taken.value))),
    }
}
