//! How ways change, and traps.

use std::collections::BTreeSet;

use super::networks::{route, three_ways};
use super::*;
use crate::model::network::{Known, PrivateZone, Record, RecordTarget, SecurityGroup, Via};
use crate::model::policy;
use crate::trace::{PathChange, TrapKind, Works, path_changes, second_ways_lost, traps};

fn change<'a>(changes: &'a [PathChange], from: &str) -> &'a PathChange {
    let found = changes.iter().find(|it| it.from == from && it.to == "data");
    found.unwrap_or_else(|| panic!("no change of {from}: {changes:#?}"))
}

fn kinds(network: &Network) -> BTreeSet<TrapKind> {
    let found = traps(network, &BTreeSet::new());
    found.into_iter().map(|trap| trap.kind).collect()
}

#[test]
fn a_way_that_moves_to_another_door_is_told_once_for_its_subnet() {
    let before = three_ways();
    let mut after = before.clone();
    let endpoint = after.gateway_endpoints.get_mut("vpce-g").unwrap();
    endpoint.route_tables.insert("nat".into());
    let changes = path_changes(&before, &after);
    assert_eq!(changes.len(), 1, "{changes:#?}");
    let change = change(&changes, "nat");
    assert!(change.breaks_connections());
    let door = |passage: &Option<crate::trace::Passage>| passage.clone().unwrap().door.unwrap();
    assert_eq!(door(&change.before), Door::NatGateway("nat-1".into()));
    assert_eq!(door(&change.after), Door::GatewayEndpoint("vpce-g".into()));
    assert_eq!(path_changes(&before, &before), []);
}

#[test]
fn a_second_way_that_goes_is_told_where_calls_have_moved_already() {
    let mut both = three_ways();
    let endpoint = both.gateway_endpoints.get_mut("vpce-g").unwrap();
    endpoint.route_tables.insert("nat".into());
    assert_eq!(second_ways_lost(&both, &both), []);
    let mut one = both.clone();
    one.route_tables.get_mut("nat").unwrap().routes.clear();
    one.nat_gateways.clear();
    let lost = second_ways_lost(&both, &one);
    let [lost] = &lost[..] else {
        panic!("{lost:#?}");
    };
    assert_eq!(lost.from, "nat");
    assert_eq!(lost.first, Door::GatewayEndpoint("vpce-g".into()));
    assert_eq!(lost.second, Door::NatGateway("nat-1".into()));
    // A way that moves with the plan itself is told as a change.
    let mut before = both.clone();
    let endpoint = before.gateway_endpoints.get_mut("vpce-g").unwrap();
    endpoint.route_tables.remove("nat");
    assert_eq!(second_ways_lost(&before, &one), []);
    // What did not work is nothing to fall back upon.
    let mut dead = both.clone();
    dead.nat_gateways.clear();
    assert_eq!(second_ways_lost(&dead, &one), []);
}

#[test]
fn what_is_made_anew_and_goes_the_same_way_has_not_changed() {
    let before = three_ways();
    let mut after = before.clone();
    let gateway = after.nat_gateways.remove("nat-1").unwrap();
    after.nat_gateways.insert("nat-2".into(), gateway);
    after.route_tables.get_mut("nat").unwrap().routes =
        vec![route("0.0.0.0/0", Via::NatGateway("nat-2".into()))];
    assert_eq!(
        path_changes(&before, &after).len(),
        2,
        "each bucket has another door"
    );
    let (mut named, mut renamed) = (before, after);
    named
        .labels
        .insert("nat-1".into(), "nat_gateway.main".into());
    renamed
        .labels
        .insert("nat-2".into(), "nat_gateway.main".into());
    assert_eq!(path_changes(&named, &renamed), []);
}

#[test]
fn an_instance_is_told_of_where_its_subnet_cannot_speak_for_it() {
    let after = three_ways();
    let changes = path_changes(&Network::default(), &after);
    // Whether a machine gets into the endpoint depends on its groups.
    let instance = change(&changes, "i-interface");
    assert_eq!(instance.after.as_ref().unwrap().works, Works::Yes);
    assert!(instance.after.as_ref().unwrap().by_endpoint_name);
    assert!(
        changes
            .iter()
            .all(|it| it.from != "interface" || it.to != "data")
    );
    assert!(changes.iter().all(|it| !it.breaks_connections()));
    let mut shut = after.clone();
    shut.security_groups
        .get_mut("sg-e")
        .unwrap()
        .ingress
        .clear();
    let changes = path_changes(&after, &shut);
    let Works::No(why) = &change(&changes, "i-interface")
        .after
        .as_ref()
        .unwrap()
        .works
    else {
        panic!("{changes:#?}");
    };
    assert!(why.contains("no route"), "{why}");
}

#[test]
fn s3_by_nat_is_a_trap_unless_it_is_wanted() {
    let network = three_ways();
    let found = traps(&network, &BTreeSet::new());
    let nat: Vec<_> = found
        .iter()
        .filter(|it| it.kind == TrapKind::S3ByNat)
        .collect();
    assert_eq!(nat.len(), 1, "{found:#?}");
    assert_eq!(nat[0].remedy, "add nat to `route_tables` of vpce-g");
    assert_eq!(traps(&network, &BTreeSet::from(["nat".to_owned()])), []);
    let mut mended = network;
    let endpoint = mended.gateway_endpoints.get_mut("vpce-g").unwrap();
    endpoint.route_tables.insert("nat".into());
    assert_eq!(kinds(&mended), BTreeSet::new());
}

#[test]
fn an_endpoint_that_nobody_can_use_is_a_trap() {
    let only = BTreeSet::from([TrapKind::S3ByNat, TrapKind::NobodysEndpoint]);
    let mut unrouted = three_ways();
    unrouted
        .gateway_endpoints
        .get_mut("vpce-g")
        .unwrap()
        .route_tables
        .clear();
    assert_eq!(kinds(&unrouted), only);
    let mut shut = three_ways();
    shut.security_groups
        .insert("sg-e".into(), SecurityGroup::default());
    assert_eq!(kinds(&shut), only);
    let mut nowhere = three_ways();
    nowhere
        .interface_endpoints
        .get_mut("vpce-i")
        .unwrap()
        .subnets
        .clear();
    assert_eq!(kinds(&nowhere), only);
}

#[test]
fn zones_that_do_not_do_what_they_seem_to_are_traps() {
    let s3 = "s3.ap-northeast-1.amazonaws.com";
    let zone = |name: &str, records: &[&str]| PrivateZone {
        name: name.to_owned(),
        vpcs: BTreeSet::from(["vpc-1".into()]),
        records: records
            .iter()
            .map(|name| Record {
                name: (*name).to_owned(),
                ipv4: true,
                target: RecordTarget::Endpoint("vpce-i".into()),
                spot: None,
            })
            .collect(),
        spot: None,
    };
    let of = |zones: &[PrivateZone], change: fn(&mut Network)| {
        let mut network = three_ways();
        for (number, zone) in zones.iter().enumerate() {
            network
                .private_zones
                .insert(format!("Z{number}"), zone.clone());
        }
        change(&mut network);
        let mut kinds = kinds(&network);
        kinds.remove(&TrapKind::S3ByNat);
        kinds.into_iter().collect::<Vec<_>>()
    };
    let (wildcard, data) = (format!("*.{s3}"), format!("data.{s3}"));
    assert_eq!(
        of(&[zone(s3, &[s3])], |_| {}),
        [TrapKind::ZoneWithoutWildcard]
    );
    assert_eq!(of(&[zone(s3, &[s3, &wildcard])], |_| {}), []);
    assert_eq!(of(&[zone(&data, &[&data])], |_| {}), []);
    let hidden = [zone(s3, &[s3, &wildcard, &data]), zone(&data, &[])];
    assert_eq!(of(&hidden, |_| {}), [TrapKind::ShadowedZone]);
    let twice = of(&[zone(s3, &[s3, &wildcard])], |network| {
        network
            .interface_endpoints
            .get_mut("vpce-i")
            .unwrap()
            .private_dns = true;
    });
    assert_eq!(twice, [TrapKind::ShadowedZone]);
    let off = of(&[zone(&data, &[&data])], |network| {
        network.vpcs.get_mut("vpc-1").unwrap().dns_hostnames = false;
    });
    assert_eq!(off, [TrapKind::ZoneNotAsked]);
}

#[test]
fn a_policy_that_keeps_packages_and_agents_out_is_a_trap() {
    let with = |resource: &str| {
        let text = format!(
            r#"{{"Statement":[{{"Effect":"Allow","Principal":"*","Action":"s3:GetObject",
                "Resource":{resource}}}]}}"#
        );
        let mut network = three_ways();
        let endpoint = network.gateway_endpoints.get_mut("vpce-g").unwrap();
        endpoint.policy = Known::Is(Some(policy::parse(&text).unwrap()));
        let mut kinds = kinds(&network);
        kinds.remove(&TrapKind::S3ByNat);
        kinds.into_iter().collect::<Vec<_>>()
    };
    let both = [
        TrapKind::RepositoriesBlocked,
        TrapKind::SystemsManagerBlocked,
    ];
    assert_eq!(with(r#""arn:aws:s3:::data/*""#), both);
    let packages = r#"["arn:aws:s3:::al2023-repos-*","arn:aws:s3:::amazonlinux-2-repos-*"]"#;
    assert_eq!(with(packages), both[1..]);
    assert_eq!(with(r#""*""#), []);
}
