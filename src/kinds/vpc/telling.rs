//! What a VPC tells of itself, and of what AWS puts into every new one.
//!
//! A new VPC has a main route table with the local route only, and a default
//! security group that lets everything out and its own members in (Amazon VPC
//! user guide, "Subnet route tables" and "Default security groups"). No file
//! can speak of either, and refresh reads neither. The table is told as AWS
//! makes it, before and after the VPC exists; the group only before, since its
//! rules are what people are told to take away.

use crate::kind::{ARE_NOT_READ, Told};
use crate::model::network::{
    Network, Peer, Ports, Protocol, RouteTable, SecurityGroup, SecurityGroupRule, Vpc, is_stand_in,
};

pub(super) fn tell(told: &Told<'_>, network: &mut Network) {
    let inputs = told.attributes;
    let block = inputs.text("cidr").and_then(|it| it.parse().ok());
    let mut vpc = Vpc {
        blocks: block.into_iter().collect(),
        dns_support: inputs.bool("dns_support").unwrap_or(true),
        dns_hostnames: inputs.bool("dns_hostnames").unwrap_or(true),
        default_group: None,
        spot: told.spot(""),
    };
    if told.looked_up() {
        let reason = told.unread("other parts");
        network.unread.insert(told.key.to_owned(), reason);
    } else {
        vpc.default_group = Some(born_with(told, network));
    }
    network.vpcs.insert(told.key.to_owned(), vpc);
}

/// Tells what AWS makes with a VPC; gives the key of its default group.
fn born_with(told: &Told<'_>, network: &mut Network) -> String {
    let vpc = told.address.map(ToString::to_string);
    let vpc = vpc.unwrap_or_else(|| told.key.to_owned());
    let (table, group) = (format!("rtb-main({vpc})"), format!("sg-default({vpc})"));
    let label = format!("the main route table of {vpc}");
    network.labels.insert(table.clone(), label);
    let main = RouteTable {
        vpc: told.key.to_owned(),
        main: true,
        ..RouteTable::default()
    };
    network.route_tables.insert(table, main);
    let everything = |peer| SecurityGroupRule {
        protocol: Protocol::All,
        ports: Ports::ALL,
        peer,
        spot: None,
    };
    let everywhere = "0.0.0.0/0".parse().ok().map(Peer::Block);
    let label = format!("the default security group of {vpc}");
    network.labels.insert(group.clone(), label.clone());
    if !is_stand_in(told.key) {
        let reason = format!("the rules of {label} {ARE_NOT_READ}");
        network.unread.insert(group.clone(), reason);
        return group;
    }
    let default = SecurityGroup {
        vpc: told.key.to_owned(),
        ingress: vec![everything(Peer::Group(group.clone()))],
        egress: everywhere.map(everything).into_iter().collect(),
        spot: None,
    };
    network.security_groups.insert(group.clone(), default);
    group
}
