//! Random groups and ACLs.

use proptest::collection::vec;
use proptest::prelude::*;
use s3net::model::network::{
    AclEntry, NetworkAcl, Peer, Ports, Protocol, SecurityGroup, SecurityGroupRule,
};

use super::networks::{GROUPS, block, key, vpc_key};

fn ports() -> impl Strategy<Value = Ports> {
    prop_oneof![
        3 => Just(Ports::ALL),
        3 => Just(Ports::HTTPS),
        1 => Just(Ports::EPHEMERAL),
        1 => Just(Ports { from: 80, to: 80 }),
        1 => Just(Ports { from: 500, to: 400 }),
    ]
}

fn protocol() -> impl Strategy<Value = Protocol> {
    prop_oneof![
        3 => Just(Protocol::All),
        3 => Just(Protocol::Tcp),
        1 => Just(Protocol::Other)
    ]
}

pub fn rule() -> impl Strategy<Value = SecurityGroupRule> {
    let peer = prop_oneof![
        5 => block().prop_map(Peer::Block),
        1 => key(&["pl-s3", "pl-own", "pl-gone"]).prop_map(Peer::PrefixList),
        3 => key(&GROUPS).prop_map(Peer::Group),
    ];
    (protocol(), ports(), peer).prop_map(|(protocol, ports, peer)| SecurityGroupRule {
        protocol,
        ports,
        peer,
        spot: None,
    })
}

/// A rule that lets everything pass.
pub fn every_rule() -> impl Strategy<Value = SecurityGroupRule> {
    Just(SecurityGroupRule {
        protocol: Protocol::All,
        ports: Ports::ALL,
        peer: Peer::Block(ipnet::Ipv4Net::default().into()),
        spot: None,
    })
}

pub fn group() -> impl Strategy<Value = SecurityGroup> {
    (vpc_key(), vec(rule(), 0..4), vec(rule(), 0..4)).prop_map(|(vpc, ingress, egress)| {
        SecurityGroup {
            vpc,
            ingress,
            egress,
            spot: None,
        }
    })
}

pub fn acl() -> impl Strategy<Value = NetworkAcl> {
    let on = any::<bool>;
    let entry = (1_u32..5, on(), on(), protocol(), ports(), block()).prop_map(
        |(number, egress, allow, protocol, ports, block)| AclEntry {
            number,
            egress,
            allow,
            protocol,
            ports,
            block,
        },
    );
    (vpc_key(), vec(entry, 0..6)).prop_map(|(vpc, entries)| NetworkAcl { vpc, entries })
}
