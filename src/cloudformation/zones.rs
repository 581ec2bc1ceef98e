//! Private hosted zones and the alias records in them.

use super::fitting::shown;
use super::properties::{Context, Properties};
use super::tables::Tables;
use crate::model::{Address, Reference, Value};

pub(super) fn hosted_zone(cx: &mut Context<'_>, p: &mut Properties<'_>, tables: &mut Tables) {
    let Some(address) = cx.address.clone() else {
        return;
    };
    p.copy(cx, tables, &[("Name", "name")]);
    let mut vpcs = Vec::new();
    for (mut vpc, _) in p.each(cx, "VPCs") {
        vpcs.extend(vpc.take(cx, "VPCId").map(|taken| (taken.value, taken.line)));
        // The region of a VPC of the same stack is the stack's.
        vpc.take(cx, "VPCRegion");
        vpc.end(cx);
    }
    for (vpc, line) in vpcs {
        let fits = match &vpc {
            Value::Reference(reference) => {
                reference.attribute.is_empty() || reference.target.kind == "vpc"
            }
            Value::String(id) => id.starts_with("vpc-"),
            _ => false,
        };
        match fits {
            true => tables.add(&address, "vpcs", vpc),
            false => cx.left(line, "VPCs", format!("{} is no VPC", shown(&vpc))),
        }
    }
    if let Some(mut config) = p.inside(cx, "HostedZoneConfig") {
        config.copy(cx, tables, &[("Comment", "comment")]);
        config.end(cx);
    }
    p.tags(cx, tables, "HostedZoneTags");
}

pub(super) fn record_set(cx: &mut Context<'_>, p: &mut Properties<'_>, tables: &mut Tables) {
    if let Some(address) = cx.address.clone() {
        let zone = p.take(cx, "HostedZoneId");
        record(cx, p, tables, &address, zone.map(|it| (it.value, it.line)));
    }
}

pub(super) fn record_set_group(cx: &mut Context<'_>, p: &mut Properties<'_>, tables: &mut Tables) {
    let zone = p.take(cx, "HostedZoneId").map(|it| (it.value, it.line));
    p.only(cx, "Comment", &[]);
    for (index, (mut set, _)) in p.each(cx, "RecordSets").into_iter().enumerate() {
        let name = match index {
            0 => cx.id.clone(),
            more => format!("{}-{}", cx.id, more + 1),
        };
        let address = Address::new("alias_record", &name);
        cx.address = Some(address.clone());
        tables.at(&address);
        tables.origins.insert(address.clone(), (cx.key(), cx.line));
        let own = set.take(cx, "HostedZoneId").map(|it| (it.value, it.line));
        record(cx, &mut set, tables, &address, own.or_else(|| zone.clone()));
        set.end(cx);
    }
}

/// Takes one record over; what leads nowhere of ours stays without a target, and
/// is then left out as a whole.
fn record(
    cx: &mut Context<'_>,
    p: &mut Properties<'_>,
    tables: &mut Tables,
    address: &Address,
    zone: Option<(Value, usize)>,
) {
    match zone {
        Some((Value::Reference(reference), _)) if reference.target.kind == "private_zone" => {
            tables.set(address, "zone", Value::Reference(reference));
        }
        Some((Value::String(id), _)) if id.starts_with('Z') => {
            tables.set(address, "zone", Value::String(id));
        }
        Some((other, line)) => {
            cx.left(
                line,
                "HostedZoneId",
                format!("{} is no private zone", shown(&other)),
            );
        }
        None => {}
    }
    p.copy(cx, tables, &[("Name", "name"), ("Type", "type")]);
    let Some(mut alias) = p.inside(cx, "AliasTarget") else {
        return;
    };
    // It follows from the target.
    alias.take(cx, "HostedZoneId");
    alias.copy(
        cx,
        tables,
        &[("EvaluateTargetHealth", "evaluate_target_health")],
    );
    if let Some(taken) = alias.take(cx, "DNSName") {
        match &taken.value {
            Value::Reference(reference)
                if reference.target.kind == "interface_endpoint"
                    && reference.attribute == "dns_name" =>
            {
                let target = Reference::id(reference.target.clone());
                tables.set(address, "target", Value::Reference(target));
            }
            other => {
                let why = format!("{} is no interface endpoint of this template", shown(other));
                cx.left(taken.line, &taken.path, why);
            }
        }
    }
    alias.end(cx);
}
