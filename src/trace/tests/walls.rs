//! What keeps a call out: groups and ACLs.

use super::networks::{everywhere, rule, three_ways};
use super::*;
use crate::model::network::{AclEntry, NetworkAcl, Peer, Ports, PrefixList, Protocol};

fn block(text: &str) -> Peer {
    Peer::Block(text.parse().unwrap())
}

#[test]
fn who_is_not_in_the_group_does_not_get_into_the_endpoint() {
    let mut network = three_ways();
    let trace = ask_by(&network, "i-public", "data", Naming::Endpoint);
    assert!(trace.is_reachable(), "{trace:#?}");
    let instance = network.instances.get_mut("i-public").unwrap();
    instance.security_groups = ["sg-e".to_owned()].into();
    let trace = ask_by(&network, "i-public", "data", Naming::Endpoint);
    assert_eq!(blocked(&trace), (Stage::Filter, Symptom::TimeOut));
    // Of a machine that nobody named, the groups are not known.
    let trace = ask_by(&network, "nat", "data", Naming::Endpoint);
    assert!(matches!(trace.verdict, Verdict::Unknown(_)), "{trace:#?}");
    let group = network.security_groups.get_mut("sg-e").unwrap();
    group.ingress = vec![rule(block("10.0.1.0/24"))];
    let trace = ask_by(&network, "nat", "data", Naming::Endpoint);
    assert!(trace.is_reachable(), "{trace:#?}");
    let trace = ask_by(&network, "gateway", "data", Naming::Endpoint);
    assert_eq!(blocked(&trace), (Stage::Filter, Symptom::TimeOut));
}

#[test]
fn a_machine_must_be_let_out() {
    let mut network = three_ways();
    let egress = |network: &mut Network, rules| {
        network.security_groups.get_mut("sg-i").unwrap().egress = rules;
    };
    egress(&mut network, Vec::new());
    let trace = ask(&network, "i-gateway", "data");
    assert_eq!(blocked(&trace), (Stage::Filter, Symptom::TimeOut));
    network.prefix_lists.insert(
        "pl-1".into(),
        PrefixList {
            name: super::networks::SERVICE.into(),
            blocks: vec!["52.219.0.0/20".parse().unwrap()],
        },
    );
    egress(&mut network, vec![rule(Peer::PrefixList("pl-1".into()))]);
    assert!(ask(&network, "i-gateway", "data").is_reachable());
    // Half of the addresses is neither yes nor no.
    egress(&mut network, vec![rule(block("52.219.0.0/21"))]);
    let trace = ask(&network, "i-gateway", "data");
    assert!(matches!(trace.verdict, Verdict::Unknown(_)), "{trace:#?}");
    let halves = vec![rule(block("52.219.0.0/21")), rule(block("52.219.8.0/21"))];
    egress(&mut network, halves);
    assert!(ask(&network, "i-gateway", "data").is_reachable());
    egress(&mut network, vec![rule(Peer::PrefixList("pl-0".into()))]);
    let trace = ask(&network, "i-gateway", "data");
    assert!(matches!(trace.verdict, Verdict::Unknown(_)), "{trace:#?}");
}

#[test]
fn an_acl_is_asked_both_ways() {
    let entry = |number, egress, allow, ports| AclEntry {
        number,
        egress,
        allow,
        protocol: Protocol::Tcp,
        ports,
        block: "0.0.0.0/0".parse().unwrap(),
    };
    let ephemeral = Ports {
        from: 1024,
        to: 65535,
    };
    let both = vec![
        entry(100, true, true, Ports::HTTPS),
        entry(100, false, true, ephemeral),
    ];
    let mut network = three_ways();
    let with = |network: &mut Network, entries: Vec<AclEntry>| {
        let acl = NetworkAcl {
            vpc: "vpc-1".into(),
            entries,
        };
        network.network_acls.insert("acl-1".into(), acl);
        network.subnets.get_mut("gateway").unwrap().network_acl = Some("acl-1".into());
    };
    with(&mut network, both.clone());
    assert!(ask(&network, "i-gateway", "data").is_reachable());
    with(&mut network, both[..1].to_vec());
    let trace = ask(&network, "i-gateway", "data");
    assert_eq!(blocked(&trace), (Stage::Filter, Symptom::TimeOut));
    let mut narrow = both.clone();
    narrow[1].ports = Ports {
        from: 1024,
        to: 40000,
    };
    with(&mut network, narrow);
    let trace = ask(&network, "i-gateway", "data");
    assert!(matches!(trace.verdict, Verdict::Unknown(_)), "{trace:#?}");
    // The lowest number decides.
    let mut first = both.clone();
    first.push(entry(50, true, false, Ports::ALL));
    with(&mut network, first);
    let trace = ask(&network, "i-gateway", "data");
    assert_eq!(blocked(&trace), (Stage::Filter, Symptom::TimeOut));
}

#[test]
fn a_refusal_says_what_would_open_it() {
    let mut network = three_ways();
    network
        .security_groups
        .get_mut("sg-e")
        .unwrap()
        .ingress
        .clear();
    let trace = ask_by(&network, "i-interface", "data", Naming::Endpoint);
    let Verdict::Blocked(block) = &trace.verdict else {
        panic!("{trace:#?}");
    };
    let remedy = block.remedy.as_deref().unwrap();
    assert_eq!(remedy, "allow port 443 from sg-i in `ingress` of sg-e");
    let group = network.security_groups.get_mut("sg-e").unwrap();
    group.ingress = vec![everywhere()];
    assert!(ask_by(&network, "i-interface", "data", Naming::Endpoint).is_reachable());
}
