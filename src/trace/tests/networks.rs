//! The three ways of the reference systems, side by side in one VPC.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::Place;
use crate::model::network::{
    Bucket, BucketPolicy, Destination, GatewayEndpoint, Instance, InterfaceEndpoint,
    InternetGateway, Known, NatGateway, Network, Peer, Ports, Protocol, PublicAddress, Route,
    RouteTable, SecurityGroup, SecurityGroupRule, Subnet, Via, Vpc,
};

pub const SERVICE: &str = "com.amazonaws.ap-northeast-1.s3";

pub fn route(to: &str, via: Via) -> Route {
    Route {
        to: Destination::Block(to.parse().unwrap()),
        via,
        blackhole: false,
        propagated: false,
        spot: None,
    }
}

pub fn rule(peer: Peer) -> SecurityGroupRule {
    SecurityGroupRule {
        protocol: Protocol::Tcp,
        ports: Ports::HTTPS,
        peer,
        spot: None,
    }
}

pub fn everywhere() -> SecurityGroupRule {
    SecurityGroupRule {
        protocol: Protocol::All,
        ports: Ports::ALL,
        peer: Peer::Block("0.0.0.0/0".parse().unwrap()),
        spot: None,
    }
}

fn subnet(block: &str, table: &str) -> Subnet {
    Subnet {
        vpc: "vpc-1".into(),
        block: block.parse().unwrap(),
        zone: None,
        route_table: Some(table.into()),
        network_acl: None,
        maps_public_addresses: false,
        spot: None,
    }
}

fn table(routes: Vec<Route>) -> RouteTable {
    RouteTable {
        vpc: "vpc-1".into(),
        routes,
        ..RouteTable::default()
    }
}

fn instance(subnet: &str) -> Instance {
    Instance {
        subnet: subnet.into(),
        security_groups: BTreeSet::from(["sg-i".into()]),
        ..Instance::default()
    }
}

/// One VPC with a public subnet and three private ones: by NAT gateway, by
/// gateway endpoint and by interface endpoint; an instance in each.
pub fn three_ways() -> Network {
    let mut it = Network {
        place: Place {
            account: "123456789012".into(),
            region: "ap-northeast-1".into(),
        },
        ..Network::default()
    };
    it.vpcs.insert(
        "vpc-1".into(),
        Vpc {
            blocks: vec!["10.0.0.0/16".parse().unwrap()],
            dns_support: true,
            dns_hostnames: true,
            default_group: None,
            spot: None,
        },
    );
    for (name, block) in [
        ("public", "10.0.0.0/24"),
        ("nat", "10.0.1.0/24"),
        ("gateway", "10.0.2.0/24"),
        ("interface", "10.0.3.0/24"),
    ] {
        it.subnets.insert(name.into(), subnet(block, name));
        it.instances.insert(format!("i-{name}"), instance(name));
    }
    let out = |via| table(vec![route("0.0.0.0/0", via)]);
    it.route_tables = BTreeMap::from([
        ("public".into(), out(Via::InternetGateway("igw-1".into()))),
        ("nat".into(), out(Via::NatGateway("nat-1".into()))),
        ("gateway".into(), table(Vec::new())),
        ("interface".into(), table(Vec::new())),
    ]);
    it.internet_gateways.insert(
        "igw-1".into(),
        InternetGateway {
            vpc: Some("vpc-1".into()),
            spot: None,
        },
    );
    it.nat_gateways.insert(
        "nat-1".into(),
        NatGateway {
            subnet: "public".into(),
            public: true,
            address: PublicAddress::Is("203.0.113.7".parse().unwrap()),
            broken: None,
            spot: None,
        },
    );
    it.gateway_endpoints.insert(
        "vpce-g".into(),
        GatewayEndpoint {
            vpc: "vpc-1".into(),
            service: SERVICE.into(),
            route_tables: BTreeSet::from(["gateway".into()]),
            policy: Known::Is(None),
            broken: None,
            spot: None,
        },
    );
    it.interface_endpoints.insert(
        "vpce-i".into(),
        InterfaceEndpoint {
            vpc: "vpc-1".into(),
            service: SERVICE.into(),
            subnets: BTreeMap::from([("interface".into(), Some("10.0.3.9".parse().unwrap()))]),
            security_groups: BTreeSet::from(["sg-e".into()]),
            private_dns: false,
            only_inbound: false,
            dns_name: Some("vpce-i-abc.s3.ap-northeast-1.vpce.amazonaws.com".into()),
            policy: Known::Is(None),
            broken: None,
            spot: None,
        },
    );
    it.security_groups.insert(
        "sg-i".into(),
        SecurityGroup {
            vpc: "vpc-1".into(),
            egress: vec![everywhere()],
            ..SecurityGroup::default()
        },
    );
    it.security_groups.insert(
        "sg-e".into(),
        SecurityGroup {
            vpc: "vpc-1".into(),
            ingress: vec![rule(Peer::Group("sg-i".into()))],
            egress: vec![everywhere()],
            spot: None,
        },
    );
    for (name, region) in [("data", "ap-northeast-1"), ("far", "us-east-1")] {
        it.buckets.insert(
            name.into(),
            Bucket {
                name: name.into(),
                region: Known::Is(region.into()),
                account: Known::Is("123456789012".into()),
                policy: BucketPolicy::default(),
                block: Known::default(),
                spot: None,
            },
        );
    }
    it
}
