//! The edges that a call crosses: the machine's security groups, and the network
//! ACLs of the subnets that it leaves and enters.

use std::collections::BTreeSet;

use ipnet::IpNet;

use super::filters::{Crossing, Filtered, Peers, Side, acl, groups};
use super::index::{Index, Keyed};
use super::path::Start;
use super::verdict::Stage;
use super::walk::{Refusal, Walk};
use crate::model::network::{Key, Ports, Spot, Subnet};

/// Asks the machine's groups whether HTTPS may go out.
pub(super) fn out_of_machine(
    index: &Index<'_>,
    start: Start<'_>,
    peers: &Peers<'_>,
    walk: &mut Walk,
) {
    let Some((_, instance)) = start.instance else {
        walk.assume("the machine's security groups let HTTPS out");
        return;
    };
    let Some(own) = start.groups(index) else {
        let why = format!(
            "the default security group of {} is not known",
            index.network.label(&start.subnet.1.vpc)
        );
        walk.unknown(Stage::Filter, "the machine's groups", Vec::new(), why);
        return;
    };
    let names = named(index, &own);
    match groups(index, &own, Side::Out, peers) {
        Filtered::Passes(rules) => {
            walk.yes(Stage::Filter, format!("{names} lets HTTPS out"), rules);
        }
        Filtered::Unknown(why) => {
            let text = format!("{names}, outgoing HTTPS");
            walk.unknown(Stage::Filter, text, Vec::new(), why);
        }
        Filtered::Blocks => {
            let spot = own
                .iter()
                .find_map(|key| index.network.security_groups.get(key));
            let refusal = Refusal::time_out(format!("{names} lets no HTTPS out to there"))
                .at(spot
                    .and_then(|group| group.spot.clone())
                    .map(|spot| at_field(spot, "egress"))
                    .or_else(|| instance.spot.clone()))
                .remedy(format!("allow port 443 in `egress` of {names}"));
            walk.no(
                Stage::Filter,
                format!("{names} lets no HTTPS out"),
                Vec::new(),
                refusal,
            );
        }
    }
}

pub(super) fn at_field(mut spot: Spot, field: &'static str) -> Spot {
    spot.field = field;
    spot
}

pub(super) fn named(index: &Index<'_>, groups: &BTreeSet<Key>) -> String {
    let names: Vec<&str> = groups.iter().map(|key| index.network.label(key)).collect();
    names.join(", ")
}

/// Over the edge of the machine's subnet to a public address, and back.
pub(super) fn over_the_edge(
    index: &Index<'_>,
    subnet: Keyed<'_, Subnet>,
    blocks: &[IpNet],
    walk: &mut Walk,
) {
    for (egress, ports, what) in [
        (true, Ports::HTTPS, "the call out"),
        (false, LINUX, "the answer in"),
    ] {
        let crossing = Crossing {
            egress,
            blocks,
            ports,
            what,
        };
        ask_acl(index, subnet, crossing, walk);
    }
}

/// The ports from which Linux calls.
const LINUX: Ports = Ports {
    from: 32768,
    to: 60999,
};

/// From one subnet to another of the VPC, and back; nothing within one.
pub(super) fn between<'a>(
    index: &Index<'a>,
    from: Keyed<'a, Subnet>,
    to: Keyed<'a, Subnet>,
    walk: &mut Walk,
) {
    if from.0 == to.0 {
        return;
    }
    let (near, far) = ([IpNet::V4(from.1.block)], [IpNet::V4(to.1.block)]);
    for (subnet, egress, blocks, ports, what) in [
        (from, true, &far, Ports::HTTPS, "the call out"),
        (to, false, &near, Ports::HTTPS, "the call in"),
        (to, true, &near, LINUX, "the answer out"),
        (from, false, &far, LINUX, "the answer in"),
    ] {
        let crossing = Crossing {
            egress,
            blocks,
            ports,
            what,
        };
        ask_acl(index, subnet, crossing, walk);
    }
}

/// From a NAT gateway's subnet to the internet, and back to any of its ports
/// (Amazon VPC user guide, "NAT gateways": 1024 to 65535).
pub(super) fn of_nat_gateway(
    index: &Index<'_>,
    subnet: Keyed<'_, Subnet>,
    blocks: &[IpNet],
    walk: &mut Walk,
) {
    for (egress, ports, what) in [
        (true, Ports::HTTPS, "the NAT gateway's call out"),
        (false, Ports::EPHEMERAL, "the answer in to the NAT gateway"),
    ] {
        let crossing = Crossing {
            egress,
            blocks,
            ports,
            what,
        };
        ask_acl(index, subnet, crossing, walk);
    }
}

fn ask_acl(index: &Index<'_>, subnet: Keyed<'_, Subnet>, crossing: Crossing<'_>, walk: &mut Walk) {
    let Some(key) = &subnet.1.network_acl else {
        return;
    };
    let label = index.network.label(key);
    let what = crossing.what;
    match acl(index, subnet.1, crossing) {
        Filtered::Passes(rules) => {
            walk.yes(Stage::Filter, format!("{label} lets {what} pass"), rules);
        }
        Filtered::Unknown(why) => {
            walk.unknown(Stage::Filter, format!("{label}, {what}"), Vec::new(), why);
        }
        Filtered::Blocks => {
            let direction = if crossing.egress { "egress" } else { "ingress" };
            let Ports { from, to } = crossing.ports;
            let ports = if from == to {
                format!("port {from}")
            } else {
                format!("ports {from}-{to}")
            };
            let refusal = Refusal::time_out(format!(
                "{label}, the network ACL of {}, does not let {what} pass",
                index.network.label(subnet.0)
            ))
            .remedy(format!("allow tcp {ports} as {direction} in {label}"));
            walk.no(
                Stage::Filter,
                format!("{label} does not let {what} pass"),
                Vec::new(),
                refusal,
            );
        }
    }
}
