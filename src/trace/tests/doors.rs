//! Which door is taken.

use super::networks::{SERVICE, route, three_ways};
use super::*;
use crate::model::network::{Destination, PrefixList, PublicAddress, Route, Via};
use crate::trace::{Answer, Need, SourceAddress};

#[test]
fn each_of_the_three_ways_takes_its_door() {
    let network = three_ways();
    let nat = ask(&network, "i-nat", "data");
    assert!(nat.is_reachable(), "{nat:#?}");
    assert_eq!(door(&nat), &Door::NatGateway("nat-1".into()));
    let way = nat.way.as_ref().unwrap();
    let public = SourceAddress::Public(Some("203.0.113.7".parse().unwrap()));
    assert_eq!((way.source, way.private), (public, false));

    let gateway = ask(&network, "i-gateway", "data");
    assert!(gateway.is_reachable(), "{gateway:#?}");
    assert_eq!(door(&gateway), &Door::GatewayEndpoint("vpce-g".into()));
    assert_eq!(gateway.answer, Answer::Public);
    assert!(
        gateway
            .needs
            .contains(&Need::Region("ap-northeast-1".into()))
    );

    let interface = ask(&network, "i-interface", "data");
    assert!(interface.is_reachable(), "{interface:#?}");
    assert_eq!(door(&interface), &Door::InterfaceEndpoint("vpce-i".into()));
    assert_eq!(interface.naming, Naming::Endpoint);
    let url = "https://bucket.vpce-i-abc.s3.ap-northeast-1.vpce.amazonaws.com";
    assert!(interface.needs.contains(&Need::EndpointUrl(url.into())));
    let usual = interface.instead_of.as_ref().unwrap();
    assert_eq!(blocked(usual), (Stage::Route, Symptom::TimeOut));
}

#[test]
fn a_gateway_endpoint_serves_its_own_region_only() {
    let network = three_ways();
    let trace = ask(&network, "i-gateway", "far");
    assert_eq!(blocked(&trace), (Stage::Route, Symptom::TimeOut));
    let nat = ask(&network, "i-nat", "far");
    assert!(nat.is_reachable(), "{nat:#?}");
    // The endpoint's own name serves no bucket of another region.
    let own = ask_by(&network, "i-interface", "far", Naming::Endpoint);
    assert_eq!(blocked(&own), (Stage::Name, Symptom::WrongRegion));
}

#[test]
fn the_prefix_list_wins_over_a_default_route() {
    let mut network = three_ways();
    let endpoint = network.gateway_endpoints.get_mut("vpce-g").unwrap();
    endpoint.route_tables.insert("nat".into());
    let trace = ask(&network, "i-nat", "data");
    assert_eq!(door(&trace), &Door::GatewayEndpoint("vpce-g".into()));
    // And a route to one of S3's blocks, more specific than the list, over both.
    network.prefix_lists.insert(
        "pl-1".into(),
        PrefixList {
            name: SERVICE.into(),
            blocks: vec![
                "52.219.0.0/20".parse().unwrap(),
                "3.5.152.0/21".parse().unwrap(),
            ],
        },
    );
    let table = network.route_tables.get_mut("nat").unwrap();
    table
        .routes
        .push(route("52.219.1.0/24", Via::NatGateway("nat-1".into())));
    let trace = ask(&network, "i-nat", "data");
    let Verdict::Unknown(why) = &trace.verdict else {
        panic!("{trace:#?}");
    };
    assert!(why[0].contains("nat-1"), "{why:?}");
    // A wider one loses to it.
    let table = network.route_tables.get_mut("nat").unwrap();
    table.routes[1] = route("52.192.0.0/11", Via::NatGateway("nat-1".into()));
    let trace = ask(&network, "i-nat", "data");
    assert_eq!(door(&trace), &Door::GatewayEndpoint("vpce-g".into()));
}

#[test]
fn private_dns_never_reaches_the_nat() {
    let mut network = three_ways();
    network
        .interface_endpoints
        .get_mut("vpce-i")
        .unwrap()
        .private_dns = true;
    let trace = ask(&network, "i-nat", "data");
    assert_eq!(trace.answer, Answer::Endpoint("vpce-i".into()));
    assert_eq!(door(&trace), &Door::InterfaceEndpoint("vpce-i".into()));
    // For inbound resolvers only, the VPC's own resolver gives public addresses.
    network
        .interface_endpoints
        .get_mut("vpce-i")
        .unwrap()
        .only_inbound = true;
    let trace = ask(&network, "i-nat", "data");
    assert_eq!(door(&trace), &Door::NatGateway("nat-1".into()));
}

#[test]
fn an_internet_gateway_needs_a_public_address() {
    let mut network = three_ways();
    let trace = ask_by(&network, "i-public", "data", Naming::Bucket);
    assert_eq!(blocked(&trace), (Stage::Route, Symptom::TimeOut));
    let instance = network.instances.get_mut("i-public").unwrap();
    instance.public_address = PublicAddress::Some;
    // The endpoint does not stand in the way of one that has.
    let trace = ask_by(&network, "i-public", "data", Naming::Bucket);
    assert!(trace.is_reachable(), "{trace:#?}");
    assert_eq!(door(&trace), &Door::InternetGateway("igw-1".into()));
    network.internet_gateways.get_mut("igw-1").unwrap().vpc = None;
    let trace = ask_by(&network, "i-public", "data", Naming::Bucket);
    assert_eq!(blocked(&trace), (Stage::Route, Symptom::TimeOut));
}

#[test]
fn a_nat_gateway_is_followed_through_its_own_subnet() {
    let mut network = three_ways();
    network.interface_endpoints.clear();
    let public = network.route_tables.get_mut("public").unwrap();
    let way_out = public.routes.pop().unwrap();
    assert_eq!(blocked(&ask(&network, "i-nat", "data")).0, Stage::Route);
    let gone = Route {
        blackhole: true,
        ..way_out.clone()
    };
    network
        .route_tables
        .get_mut("public")
        .unwrap()
        .routes
        .push(gone);
    assert_eq!(blocked(&ask(&network, "i-nat", "data")).0, Stage::Route);
    network.route_tables.get_mut("public").unwrap().routes = vec![way_out];
    network.nat_gateways.get_mut("nat-1").unwrap().public = false;
    assert_eq!(blocked(&ask(&network, "i-nat", "data")).0, Stage::Route);
    network.nat_gateways.get_mut("nat-1").unwrap().public = true;
    let endpoint = network.gateway_endpoints.get_mut("vpce-g").unwrap();
    endpoint.route_tables.insert("public".into());
    let trace = ask(&network, "i-nat", "data");
    assert!(matches!(trace.verdict, Verdict::Unknown(_)), "{trace:#?}");
}

#[test]
fn a_prefix_list_that_was_not_read_leaves_it_open() {
    let mut network = three_ways();
    let table = network.route_tables.get_mut("nat").unwrap();
    table.routes.push(Route {
        to: Destination::PrefixList("pl-0".into()),
        ..route("0.0.0.0/0", Via::Other("tgw-1".into()))
    });
    let trace = ask(&network, "i-nat", "data");
    assert!(matches!(trace.verdict, Verdict::Unknown(_)), "{trace:#?}");
}

#[test]
fn services_go_by_nat_or_by_private_dns() {
    let mut network = three_ways();
    let trace = ask(&network, "i-nat", "ssm");
    assert!(trace.is_reachable(), "{trace:#?}");
    assert_eq!(trace.host, "ssm.ap-northeast-1.amazonaws.com");
    // S3's gateway endpoint leads to nothing else.
    assert_eq!(blocked(&ask(&network, "i-gateway", "ssm")).0, Stage::Route);
    let mut endpoint = network.interface_endpoints["vpce-i"].clone();
    endpoint.service = "com.amazonaws.ap-northeast-1.ssm".into();
    endpoint.private_dns = true;
    network
        .interface_endpoints
        .insert("vpce-s".into(), endpoint);
    let trace = ask(&network, "i-gateway", "ssm");
    assert!(trace.is_reachable(), "{trace:#?}");
    assert_eq!(door(&trace), &Door::InterfaceEndpoint("vpce-s".into()));
}
