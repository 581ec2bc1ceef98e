//! The network itself: VPC, subnets, gateways, addresses.

use super::note::Weight;
use super::properties::{Context, Properties, Taken};
use super::tables::Tables;
use crate::model::Value;

pub(super) fn vpc(cx: &mut Context<'_>, p: &mut Properties<'_>, tables: &mut Tables) {
    let Some(address) = cx.address.clone() else {
        return;
    };
    p.copy(
        cx,
        tables,
        &[
            ("CidrBlock", "cidr"),
            ("EnableDnsSupport", "dns_support"),
            ("EnableDnsHostnames", "dns_hostnames"),
            ("InstanceTenancy", "tenancy"),
        ],
    );
    // Templates that do not say it mean the opposite of plan files that do not.
    if tables.at(&address).fields.get("dns_hostnames").is_none() {
        tables.set(&address, "dns_hostnames", Value::Bool(false));
    }
    p.tags(cx, tables, "Tags");
}

pub(super) fn subnet(cx: &mut Context<'_>, p: &mut Properties<'_>, tables: &mut Tables) {
    if let Some(zone) = p
        .peek("AvailabilityZone")
        .filter(|it| it.calls("Fn::GetAZs"))
    {
        let text = "which zones the account has is not asked: check the letter";
        cx.note(Weight::Changed, zone.line, "AvailabilityZone", text);
    }
    p.copy(
        cx,
        tables,
        &[
            ("VpcId", "vpc"),
            ("CidrBlock", "cidr"),
            ("AvailabilityZone", "zone"),
            ("MapPublicIpOnLaunch", "map_public_ip"),
        ],
    );
    p.tags(cx, tables, "Tags");
}

pub(super) fn internet_gateway(cx: &mut Context<'_>, p: &mut Properties<'_>, tables: &mut Tables) {
    p.tags(cx, tables, "Tags");
}

pub(super) fn gateway_attachment(
    cx: &mut Context<'_>,
    p: &mut Properties<'_>,
    tables: &mut Tables,
) {
    let gateway = p.take(cx, "InternetGatewayId");
    match gateway.as_ref().map(|taken| taken.value.as_target()) {
        Some(Some(gateway)) if gateway.kind == "internet_gateway" => {
            let gateway = gateway.clone();
            cx.address = Some(gateway.clone());
            if let Some(vpc) = p.take(cx, "VpcId") {
                cx.put(tables, &gateway, "vpc", vpc);
            }
        }
        Some(_) => {
            p.take(cx, "VpcId");
            cx.left(cx.line, "", "the gateway is not one of this template");
        }
        None => {
            p.take(cx, "VpcId");
            p.take(cx, "VpnGatewayId");
            cx.left(cx.line, "", "it attaches no internet gateway");
        }
    }
}

pub(super) fn elastic_ip(cx: &mut Context<'_>, p: &mut Properties<'_>, tables: &mut Tables) {
    p.only(cx, "Domain", &["vpc"]);
    p.tags(cx, tables, "Tags");
}

pub(super) fn nat_gateway(cx: &mut Context<'_>, p: &mut Properties<'_>, tables: &mut Tables) {
    p.copy(
        cx,
        tables,
        &[
            ("SubnetId", "subnet"),
            ("ConnectivityType", "connectivity"),
            ("PrivateIpAddress", "private_ip"),
        ],
    );
    if let (Some(taken), Some(address)) = (p.take(cx, "AllocationId"), cx.address.clone()) {
        address_of(cx, tables, &address, taken);
    }
    p.tags(cx, tables, "Tags");
}

/// The Elastic IP of a NAT gateway.
fn address_of(
    cx: &mut Context<'_>,
    tables: &mut Tables,
    gateway: &crate::model::Address,
    taken: Taken,
) {
    // `Ref` of an address is its number, and AWS refuses that here.
    if let Value::Reference(reference) = &taken.value
        && reference.attribute == "public_ip"
    {
        cx.note(
            Weight::Changed,
            taken.line,
            &taken.path,
            "taken for the allocation id, which `GetAtt` gives",
        );
        let id = super::value::attribute(reference.target.clone(), "id");
        let taken = Taken { value: id, ..taken };
        cx.put(tables, gateway, "elastic_ip", taken);
        return;
    }
    cx.put(tables, gateway, "elastic_ip", taken);
}
