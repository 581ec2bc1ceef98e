//! VPC endpoints, both sorts.

use super::note::Weight;
use super::properties::{Context, Properties};
use super::tables::Tables;
use super::value::{is_region, pieces};
use crate::model::{Piece, Value};

/// What AWS calls a service before its own name.
const AWS_SERVICES: &str = "com.amazonaws.";

/// The kind of endpoint that a type stands for; templates that say none mean a
/// gateway.
pub(super) fn kind_of(stated: Option<&str>) -> Option<&'static str> {
    match stated {
        None => Some("gateway_endpoint"),
        Some(text) if text.eq_ignore_ascii_case("Gateway") => Some("gateway_endpoint"),
        Some(text) if text.eq_ignore_ascii_case("Interface") => Some("interface_endpoint"),
        Some(_) => None,
    }
}

pub(super) fn endpoint(cx: &mut Context<'_>, p: &mut Properties<'_>, tables: &mut Tables) {
    let Some(address) = cx.address.clone() else {
        return;
    };
    p.take(cx, "VpcEndpointType");
    if let Some(mut taken) = p.take(cx, "ServiceName") {
        taken.value = short(cx, taken.value);
        cx.put(tables, &address, "service", taken);
    }
    p.copy(
        cx,
        tables,
        &[("VpcId", "vpc"), ("PolicyDocument", "policy")],
    );
    if address.kind == "gateway_endpoint" {
        p.copy(cx, tables, &[("RouteTableIds", "route_tables")]);
        p.only(cx, "PrivateDnsEnabled", &["false"]);
    } else {
        p.copy(
            cx,
            tables,
            &[
                ("SubnetIds", "subnets"),
                ("SecurityGroupIds", "security_groups"),
                ("PrivateDnsEnabled", "private_dns"),
                ("IpAddressType", "ip_address_type"),
            ],
        );
        if tables.at(&address).fields.get("private_dns").is_none() {
            let text = "the template does not say `PrivateDnsEnabled`: off here";
            cx.note(Weight::Changed, cx.line, "", text);
        }
        dns_options(cx, p, tables);
    }
    p.tags(cx, tables, "Tags");
}

fn dns_options(cx: &mut Context<'_>, p: &mut Properties<'_>, tables: &mut Tables) {
    let Some(address) = cx.address.clone() else {
        return;
    };
    let Some(mut options) = p.inside(cx, "DnsOptions") else {
        return;
    };
    options.copy(cx, tables, &[("DnsRecordIpType", "dns_record_ip_type")]);
    match options.text(cx, "PrivateDnsOnlyForInboundResolverEndpoint") {
        Some((text, _)) if text == "OnlyInboundResolver" => tables.set(
            &address,
            "private_dns_only_for_inbound_resolver",
            Value::Bool(true),
        ),
        _ => {}
    }
    options.end(cx);
}

/// A service of the stack's own region by its short name.
fn short(cx: &Context<'_>, value: Value) -> Value {
    let region = cx.world.request.region.as_deref();
    if let (Value::String(text), Some(region)) = (&value, region) {
        let rest = text.strip_prefix(&format!("{AWS_SERVICES}{region}."));
        return rest.map_or_else(|| value.clone(), Value::text);
    }
    let whole = pieces(value.clone()).unwrap_or_default();
    match whole.as_slice() {
        [
            Piece::Text(first),
            Piece::Reference(reference),
            Piece::Text(last),
        ] if first == AWS_SERVICES && is_region(reference) => {
            last.strip_prefix('.').map_or(value, Value::text)
        }
        _ => value,
    }
}
