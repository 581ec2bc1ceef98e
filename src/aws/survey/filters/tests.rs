//! What groups and ACLs are told as.

use super::*;
use aws_sdk_ec2::types::builders::{IpPermissionBuilder, NetworkAclEntryBuilder};

use crate::model::network::{Subnet, Vpc};

fn permission(protocol: &str) -> IpPermissionBuilder {
    ec2::IpPermission::builder().ip_protocol(protocol)
}

fn range(block: &str) -> ec2::IpRange {
    ec2::IpRange::builder().cidr_ip(block).build()
}

#[test]
fn one_entry_is_a_rule_for_each_peer() {
    let folded = permission("tcp")
        .from_port(443)
        .to_port(443)
        .ip_ranges(range("10.0.0.0/8"))
        .ip_ranges(range("192.168.0.0/16"))
        .ipv6_ranges(ec2::Ipv6Range::builder().cidr_ipv6("::/0").build())
        .prefix_list_ids(ec2::PrefixListId::builder().prefix_list_id("pl-1").build())
        .user_id_group_pairs(ec2::UserIdGroupPair::builder().group_id("sg-2").build())
        // A group of a peer that is gone.
        .user_id_group_pairs(ec2::UserIdGroupPair::builder().user_id("1").build())
        .build();
    let rules = rules_of(&[folded]).unwrap();
    let peers: Vec<Peer> = rules.iter().map(|rule| rule.peer.clone()).collect();
    assert_eq!(
        peers,
        [
            Peer::Block("10.0.0.0/8".parse().unwrap()),
            Peer::Block("192.168.0.0/16".parse().unwrap()),
            Peer::Block("::/0".parse().unwrap()),
            Peer::PrefixList("pl-1".into()),
            Peer::Group("sg-2".into()),
        ]
    );
    assert!(rules.iter().all(|rule| rule.ports == Ports::HTTPS));
    assert!(rules.iter().all(|rule| rule.protocol == Protocol::Tcp));
}

#[test]
fn ports_are_all_where_aws_names_none() {
    let ports = |protocol: &str, from, to| ports_of(Protocol::named(protocol), from, to);
    for (protocol, from, to) in [
        ("-1", None, None),
        ("-1", Some(-1), Some(-1)),
        ("tcp", None, None),
        ("icmp", Some(8), Some(-1)),
    ] {
        assert_eq!(ports(protocol, from, to).unwrap(), Ports::ALL, "{protocol}");
    }
    let some = Ports { from: 80, to: 443 };
    assert_eq!(ports("6", Some(80), Some(443)).unwrap(), some);
    assert!(ports("tcp", Some(80), Some(70_000)).is_err());
}

#[test]
fn a_vpc_knows_its_default_group() {
    let mut network = Network::default();
    network.vpcs.insert("vpc-1".into(), Vpc::default());
    let group = |id: &str, name: &str| {
        ec2::SecurityGroup::builder()
            .group_id(id)
            .group_name(name)
            .vpc_id("vpc-1")
            .build()
    };
    let groups = [group("sg-1", "web"), group("sg-2", "default")];
    tell_groups(&mut network, &groups).unwrap();
    assert_eq!(network.vpcs["vpc-1"].default_group.as_deref(), Some("sg-2"));
    assert_eq!(network.security_groups.len(), 2);
}

fn entry(number: i32, egress: bool, allow: bool) -> NetworkAclEntryBuilder {
    ec2::NetworkAclEntry::builder()
        .rule_number(number)
        .egress(egress)
        .protocol("-1")
        .cidr_block("0.0.0.0/0")
        .rule_action(match allow {
            true => ec2::RuleAction::Allow,
            false => ec2::RuleAction::Deny,
        })
}

fn subnet() -> Subnet {
    Subnet {
        vpc: "vpc-1".into(),
        block: "10.0.0.0/24".parse().unwrap(),
        zone: None,
        route_table: None,
        network_acl: None,
        maps_public_addresses: false,
        spot: None,
    }
}

fn told(default: bool, entries: Vec<NetworkAclEntryBuilder>) -> Network {
    let mut network = Network::default();
    network.subnets.insert("subnet-1".into(), subnet());
    let association = ec2::NetworkAclAssociation::builder().subnet_id("subnet-1");
    let acl = ec2::NetworkAcl::builder()
        .network_acl_id("acl-1")
        .vpc_id("vpc-1")
        .is_default(default)
        .associations(association.build())
        .set_entries(Some(entries.into_iter().map(|it| it.build()).collect()))
        .build();
    tell_acls(&mut network, &[acl]).unwrap();
    network
}

#[test]
fn an_untouched_default_acl_is_as_good_as_none() {
    let all = || {
        vec![
            entry(100, false, true),
            entry(32767, false, false),
            entry(100, true, true),
            entry(32767, true, false),
        ]
    };
    let untouched = told(true, all());
    assert!(untouched.network_acls.is_empty());
    assert_eq!(untouched.subnets["subnet-1"].network_acl, None);

    let mut touched = all();
    touched.push(entry(90, true, false));
    for (default, entries, count) in [(true, touched, 3), (false, all(), 2)] {
        let network = told(default, entries);
        assert_eq!(network.network_acls["acl-1"].entries.len(), count);
        let of_subnet = network.subnets["subnet-1"].network_acl.as_deref();
        assert_eq!(of_subnet, Some("acl-1"));
    }
}

#[test]
fn entries_keep_their_ports() {
    let range = ec2::PortRange::builder().from(1024).to(65535).build();
    let entry = entry(100, true, true).protocol("6").port_range(range);
    let network = told(false, vec![entry]);
    let entry = network.network_acls["acl-1"].entries[0].clone();
    assert_eq!(entry.ports, Ports::EPHEMERAL);
    assert!(entry.egress && entry.allow && entry.protocol == Protocol::Tcp);
}

#[test]
fn an_acl_that_may_not_be_read_is_not_the_default_one() {
    let mut network = Network::default();
    network.subnets.insert("subnet-1".into(), subnet());
    let mut gaps = Gaps::default();
    tell_acls_unread(&mut network, &mut gaps, "no");
    let acl = network.subnets["subnet-1"].network_acl.as_ref().unwrap();
    assert!(!network.network_acls.contains_key(acl));
}
