//! What routes, tables and gateways are told as.

use super::*;
use aws_sdk_ec2::types::builders::RouteBuilder;
use ipnet::IpNet;

use crate::model::network::Subnet;

fn everywhere() -> RouteBuilder {
    ec2::Route::builder().destination_cidr_block("0.0.0.0/0")
}

fn told(route: RouteBuilder) -> Option<Route> {
    route_of(&route.build(), &BTreeSet::from(["nat-regional"])).unwrap()
}

#[test]
fn a_route_goes_by_what_aws_names() {
    let via = |route: RouteBuilder| told(route).unwrap().via;
    assert_eq!(
        via(everywhere().gateway_id("igw-1")),
        Via::InternetGateway("igw-1".into())
    );
    assert_eq!(
        via(everywhere().nat_gateway_id("nat-1")),
        Via::NatGateway("nat-1".into())
    );
    assert_eq!(
        via(everywhere().nat_gateway_id("nat-regional")),
        Via::Other("nat-regional".into())
    );
    let instance = everywhere()
        .instance_id("i-1")
        .network_interface_id("eni-1");
    assert_eq!(via(instance), Via::Instance("i-1".into()));
    for (other, id) in [
        (everywhere().gateway_id("vgw-1"), "vgw-1"),
        (everywhere().gateway_id("vpce-1"), "vpce-1"),
        (everywhere().transit_gateway_id("tgw-1"), "tgw-1"),
        (everywhere().network_interface_id("eni-1"), "eni-1"),
        (everywhere().vpc_peering_connection_id("pcx-1"), "pcx-1"),
        (
            everywhere().gateway_id(""),
            "something that AWS does not name",
        ),
    ] {
        assert_eq!(via(other), Via::Other(id.into()));
    }
}

#[test]
fn what_is_not_a_route_of_its_own_is_not_told() {
    let local = ec2::Route::builder()
        .destination_cidr_block("10.0.0.0/16")
        .gateway_id("local");
    assert_eq!(told(local), None);
    let list = || ec2::Route::builder().destination_prefix_list_id("pl-1");
    assert_eq!(told(list().gateway_id("vpce-1")), None);
    let by_nat = told(list().nat_gateway_id("nat-1")).unwrap();
    assert_eq!(by_nat.to, Destination::PrefixList("pl-1".into()));
}

#[test]
fn state_and_origin_are_told() {
    let plain = told(everywhere().nat_gateway_id("nat-1")).unwrap();
    assert!(!plain.blackhole && !plain.propagated);
    let gone = everywhere()
        .nat_gateway_id("nat-1")
        .state(ec2::RouteState::Blackhole);
    assert!(told(gone).unwrap().blackhole);
    let propagated = everywhere()
        .gateway_id("vgw-1")
        .origin(ec2::RouteOrigin::EnableVgwRoutePropagation);
    assert!(told(propagated).unwrap().propagated);
    let version_6 = ec2::Route::builder()
        .destination_ipv6_cidr_block("::/0")
        .egress_only_internet_gateway_id("eigw-1");
    let everywhere: IpNet = "::/0".parse().unwrap();
    assert_eq!(told(version_6).unwrap().to, Destination::Block(everywhere));
}

#[test]
fn a_route_to_nowhere_is_an_error() {
    for route in [
        ec2::Route::builder().nat_gateway_id("nat-1"),
        everywhere().destination_cidr_block("everywhere"),
    ] {
        assert!(route_of(&route.build(), &BTreeSet::new()).is_err());
    }
}

#[test]
fn associations_that_are_over_give_no_table() {
    let association = |subnet: &str, state: &str| {
        let state = ec2::RouteTableAssociationState::builder().state(state.into());
        ec2::RouteTableAssociation::builder()
            .subnet_id(subnet)
            .association_state(state.build())
            .build()
    };
    let main = ec2::RouteTableAssociation::builder().main(true).build();
    let table = |id: &str| {
        ec2::RouteTable::builder()
            .route_table_id(id)
            .vpc_id("vpc-1")
    };
    let tables = [
        table("rtb-main").associations(main).build(),
        table("rtb-1")
            .associations(association("subnet-1", "associated"))
            .associations(association("subnet-2", "failed"))
            .build(),
    ];
    let mut network = Network::default();
    for id in ["subnet-1", "subnet-2"] {
        let subnet = Subnet {
            vpc: "vpc-1".into(),
            block: "10.0.0.0/24".parse().unwrap(),
            zone: None,
            route_table: None,
            network_acl: None,
            maps_public_addresses: false,
            spot: None,
        };
        network.subnets.insert(id.into(), subnet);
    }
    tell_tables(&mut network, &tables, &[]).unwrap();
    let table_of = |id: &str| network.table_of(&network.subnets[id]).unwrap().0.as_str();
    assert_eq!(table_of("subnet-1"), "rtb-1");
    assert_eq!(table_of("subnet-2"), "rtb-main");
}

#[test]
fn nat_gateways_are_told_with_what_is_wrong_with_them() {
    let nat = |id: &str, state: ec2::NatGatewayState| {
        let address = ec2::NatGatewayAddress::builder().public_ip("203.0.113.9");
        ec2::NatGateway::builder()
            .nat_gateway_id(id)
            .subnet_id("subnet-1")
            .state(state)
            .nat_gateway_addresses(address.build())
    };
    let nats = [
        nat("nat-1", ec2::NatGatewayState::Available).build(),
        nat("nat-2", ec2::NatGatewayState::Failed)
            .failure_code("Gateway.NotAttached")
            .failure_message("no gateway")
            .build(),
        nat("nat-3", ec2::NatGatewayState::Deleted).build(),
        nat("nat-4", ec2::NatGatewayState::Available)
            .connectivity_type(ec2::ConnectivityType::Private)
            .build(),
        nat("nat-5", ec2::NatGatewayState::Deleting).build(),
    ];
    let mut network = Network::default();
    tell_nat_gateways(&mut network, &nats).unwrap();
    let known: Vec<&str> = network.nat_gateways.keys().map(String::as_str).collect();
    assert_eq!(known, ["nat-1", "nat-2", "nat-4", "nat-5"]);
    let nats = &network.nat_gateways;
    let address = "203.0.113.9".parse().unwrap();
    assert_eq!(nats["nat-1"].address, PublicAddress::Is(address));
    assert_eq!(nats["nat-1"].broken, None);
    assert_eq!(
        nats["nat-2"].broken.as_deref(),
        Some("its state is failed: Gateway.NotAttached: no gateway")
    );
    assert!(!nats["nat-4"].public);
    assert_eq!(nats["nat-4"].address, PublicAddress::None);
    assert_eq!(
        nats["nat-5"].broken.as_deref(),
        Some("its state is deleting")
    );
}

#[test]
fn an_internet_gateway_that_is_let_go_leads_nowhere() {
    let gateway = |id: &str, state: &str| {
        let attachment = ec2::InternetGatewayAttachment::builder()
            .vpc_id("vpc-1")
            .state(state.into());
        ec2::InternetGateway::builder()
            .internet_gateway_id(id)
            .attachments(attachment.build())
            .build()
    };
    let mut network = Network::default();
    let gateways = [gateway("igw-1", "available"), gateway("igw-2", "detaching")];
    tell_internet_gateways(&mut network, &gateways);
    assert_eq!(
        network.internet_gateways["igw-1"].vpc.as_deref(),
        Some("vpc-1")
    );
    assert_eq!(network.internet_gateways["igw-2"].vpc, None);
}
