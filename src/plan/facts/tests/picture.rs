//! A network as a text that people can read, for snapshots. Every field of every
//! fact stands in it.

use std::fmt::Debug;

use crate::model::network::*;
use crate::model::{Value, policy};

/// The whole network, one fact a line and what belongs to it below it.
pub(super) fn picture(network: &Network) -> String {
    let mut out = format!(
        "place {} {}\naccount block {}\n",
        network.place.account,
        network.place.region,
        known(&network.account_block, |it| format!("{it:?}"))
    );
    let mut add = |line: String| out.push_str(&(line + "\n"));
    for (key, it) in &network.vpcs {
        add(format!(
            "vpc {key} {} support={} hostnames={} default={}{}",
            list(&it.blocks),
            it.dns_support,
            it.dns_hostnames,
            maybe(it.default_group.as_deref()),
            at(it.spot.as_ref())
        ));
    }
    for (key, it) in &network.subnets {
        add(format!(
            "subnet {key} {} in {} zone={} table={} acl={} maps={}{}",
            it.block,
            it.vpc,
            maybe(it.zone.as_deref()),
            maybe(it.route_table.as_deref()),
            maybe(it.network_acl.as_deref()),
            it.maps_public_addresses,
            at(it.spot.as_ref())
        ));
    }
    for (key, it) in &network.route_tables {
        let main = if it.main { " main" } else { "" };
        add(format!(
            "table {key} of {}{main}{}",
            it.vpc,
            at(it.spot.as_ref())
        ));
        for route in &it.routes {
            add(format!(
                "  {:?} via {:?} blackhole={} propagated={}{}",
                route.to,
                route.via,
                route.blackhole,
                route.propagated,
                at(route.spot.as_ref())
            ));
        }
    }
    for (key, it) in &network.internet_gateways {
        add(format!(
            "internet gateway {key} of {}{}",
            maybe(it.vpc.as_deref()),
            at(it.spot.as_ref())
        ));
    }
    for (key, it) in &network.nat_gateways {
        add(format!(
            "nat gateway {key} in {} public={} {:?} broken={}{}",
            it.subnet,
            it.public,
            it.address,
            maybe(it.broken.as_deref()),
            at(it.spot.as_ref())
        ));
    }
    for (key, it) in &network.gateway_endpoints {
        add(format!(
            "gateway endpoint {key} of {} {} tables=[{}] broken={}{}",
            it.vpc,
            it.service,
            list(&it.route_tables),
            maybe(it.broken.as_deref()),
            at(it.spot.as_ref())
        ));
        add(format!("  policy {}", known(&it.policy, document)));
    }
    for (key, it) in &network.interface_endpoints {
        add(format!(
            "interface endpoint {key} of {} {} {:?} groups=[{}] private_dns={} inbound={} \
             name={} broken={}{}",
            it.vpc,
            it.service,
            it.subnets,
            list(&it.security_groups),
            it.private_dns,
            it.only_inbound,
            maybe(it.dns_name.as_deref()),
            maybe(it.broken.as_deref()),
            at(it.spot.as_ref())
        ));
        add(format!("  policy {}", known(&it.policy, document)));
    }
    for (key, it) in &network.security_groups {
        add(format!("group {key} of {}{}", it.vpc, at(it.spot.as_ref())));
        let ingress = it.ingress.iter().map(|rule| ("in", rule));
        for (way, rule) in ingress.chain(it.egress.iter().map(|rule| ("out", rule))) {
            add(format!(
                "  {way} {:?} {}-{} {:?}{}",
                rule.protocol,
                rule.ports.from,
                rule.ports.to,
                rule.peer,
                at(rule.spot.as_ref())
            ));
        }
    }
    for (key, it) in &network.instances {
        add(format!(
            "instance {key} in {} groups=[{}] role={} {:?} {:?}{}",
            it.subnet,
            list(&it.security_groups),
            known(&it.role, |role| maybe(role.as_deref())),
            it.private_address,
            it.public_address,
            at(it.spot.as_ref())
        ));
    }
    for (key, it) in &network.private_zones {
        add(format!(
            "zone {key} {} vpcs=[{}]{}",
            it.name,
            list(&it.vpcs),
            at(it.spot.as_ref())
        ));
        for record in &it.records {
            add(format!(
                "  {} ipv4={} {:?}{}",
                record.name,
                record.ipv4,
                record.target,
                at(record.spot.as_ref())
            ));
        }
    }
    for (key, it) in &network.buckets {
        add(format!(
            "bucket {key} {} region={} account={}{}",
            it.name,
            known(&it.region, String::clone),
            known(&it.account, String::clone),
            at(it.spot.as_ref())
        ));
        add(format!(
            "  policy {}{}",
            known(&it.policy.document, document),
            at(it.policy.spot.as_ref())
        ));
        add(format!(
            "  block {}",
            known(&it.block, |it| format!("{it:?}"))
        ));
    }
    for (key, it) in &network.roles {
        add(format!("role {key} {}{}", it.arn, at(it.spot.as_ref())));
        let own = it.policies.iter().map(|policy| ("", policy));
        for (what, policy) in own.chain(it.boundary.iter().map(|it| ("boundary ", it))) {
            add(format!(
                "  {what}{} {}{}",
                policy.name,
                known(&policy.document, policy::to_json_text),
                at(policy.spot.as_ref())
            ));
        }
    }
    for (key, label) in &network.labels {
        add(format!("label {key} = {label}"));
    }
    for (key, reason) in &network.unread {
        add(format!("unread {key}: {reason}"));
    }
    assert!(network.network_acls.is_empty() && network.prefix_lists.is_empty());
    out
}

fn at(spot: Option<&Spot>) -> String {
    spot.map_or_else(String::new, |spot| match spot.field {
        "" => format!("  @ {}", spot.address),
        field => format!("  @ {} {field}", spot.address),
    })
}

fn maybe(text: Option<&str>) -> String {
    text.unwrap_or("-").to_owned()
}

fn known<T: Debug>(fact: &Known<T>, show: impl Fn(&T) -> String) -> String {
    match fact {
        Known::Is(fact) => show(fact),
        Known::Not(reason) => format!("? ({reason})"),
    }
}

fn document(policy: &Option<Value>) -> String {
    policy
        .as_ref()
        .map_or_else(|| "-".to_owned(), policy::to_json_text)
}

fn list<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<String> = items.into_iter().map(|it| it.to_string()).collect();
    items.join(" ")
}
