//! Whole networks: a sound one, of which any part may be a random one instead.
//!
//! Networks of random parts alone hardly ever lead anywhere, and properties of ways
//! would hold of nothing.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use s3net::model::network::{
    Bucket, BucketPolicy, GatewayEndpoint, Instance, InterfaceEndpoint, InternetGateway, Known,
    NamedPolicy, NatGateway, Network, Peer, Ports, Protocol, PublicAddress, Role, Route,
    RouteTable, SecurityGroup, SecurityGroupRule, Subnet, Via, Vpc,
};
use s3net::model::{Place, policy};

use super::filters::*;
use super::networks::*;

const SERVICE: &str = "com.amazonaws.ap-northeast-1.s3";

fn route(via: Via) -> Route {
    Route {
        to: s3net::model::network::Destination::Block("0.0.0.0/0".parse().unwrap()),
        via,
        blackhole: false,
        propagated: false,
        spot: None,
    }
}

fn allow(ports: Ports, peer: Peer) -> SecurityGroupRule {
    SecurityGroupRule {
        protocol: Protocol::Tcp,
        ports,
        peer,
        spot: None,
    }
}

/// One VPC: subnet 1 by NAT, 2 by gateway endpoint, 3 public with the NAT gateway
/// and the interface endpoint in it; an instance in 1 and in 2.
fn sound() -> Network {
    let keyed = |key: &str| key.to_owned();
    let set = |keys: &[&str]| -> BTreeSet<String> { keys.iter().map(|it| keyed(it)).collect() };
    let subnet = |block: &str, table: &str| Subnet {
        vpc: keyed("vpc-1"),
        block: block.parse().unwrap(),
        zone: None,
        route_table: Some(keyed(table)),
        network_acl: None,
        maps_public_addresses: false,
        spot: None,
    };
    let table = |routes| RouteTable {
        vpc: keyed("vpc-1"),
        routes,
        ..RouteTable::default()
    };
    let instance = |subnet: &str| Instance {
        subnet: keyed(subnet),
        security_groups: set(&["sg-1"]),
        role: Known::Is(Some(keyed("r"))),
        ..Instance::default()
    };
    let everywhere = || Peer::Block("0.0.0.0/0".parse().unwrap());
    let group = |ingress| SecurityGroup {
        vpc: keyed("vpc-1"),
        ingress,
        egress: vec![allow(Ports::ALL, everywhere())],
        spot: None,
    };
    let vpc = Vpc {
        blocks: vec!["10.0.0.0/16".parse().unwrap()],
        dns_support: true,
        dns_hostnames: true,
        default_group: None,
        spot: None,
    };
    let nat = NatGateway {
        subnet: keyed("subnet-3"),
        public: true,
        address: PublicAddress::Some,
        broken: None,
        spot: None,
    };
    let gateway = GatewayEndpoint {
        vpc: keyed("vpc-1"),
        service: keyed(SERVICE),
        route_tables: set(&["rtb-2"]),
        policy: Known::Is(None),
        broken: None,
        spot: None,
    };
    let interface = InterfaceEndpoint {
        vpc: keyed("vpc-1"),
        service: keyed(SERVICE),
        subnets: BTreeMap::from([(keyed("subnet-3"), None)]),
        security_groups: set(&["sg-2"]),
        private_dns: false,
        only_inbound: false,
        dns_name: Some(keyed("vpce-1-abc.s3.ap-northeast-1.vpce.amazonaws.com")),
        policy: Known::Is(None),
        broken: None,
        spot: None,
    };
    let own = NamedPolicy {
        name: keyed("all"),
        document: Known::Is(policy::document(vec![
            policy::allow_everything_of_ones_own(),
        ])),
        spot: None,
    };
    let bucket = Bucket {
        name: keyed("data"),
        region: Known::Is(keyed(REGION)),
        account: Known::Is(keyed(ACCOUNT)),
        policy: BucketPolicy::default(),
        block: Known::default(),
        spot: None,
    };
    Network {
        place: Place {
            account: keyed(ACCOUNT),
            region: keyed(REGION),
        },
        vpcs: BTreeMap::from([(keyed("vpc-1"), vpc)]),
        subnets: BTreeMap::from([
            (keyed("subnet-1"), subnet("10.0.1.0/24", "rtb-1")),
            (keyed("subnet-2"), subnet("10.0.2.0/24", "rtb-2")),
            (keyed("subnet-3"), subnet("10.0.3.0/24", "rtb-3")),
        ]),
        route_tables: BTreeMap::from([
            (
                keyed("rtb-1"),
                table(vec![route(Via::NatGateway(keyed("nat-1")))]),
            ),
            (keyed("rtb-2"), table(Vec::new())),
            (
                keyed("rtb-3"),
                table(vec![route(Via::InternetGateway(keyed("igw-1")))]),
            ),
        ]),
        internet_gateways: BTreeMap::from([(
            keyed("igw-1"),
            InternetGateway {
                vpc: Some(keyed("vpc-1")),
                spot: None,
            },
        )]),
        nat_gateways: BTreeMap::from([(keyed("nat-1"), nat)]),
        gateway_endpoints: BTreeMap::from([(keyed("vpce-g1"), gateway)]),
        interface_endpoints: BTreeMap::from([(keyed("vpce-i1"), interface)]),
        security_groups: BTreeMap::from([
            (keyed("sg-1"), group(Vec::new())),
            (
                keyed("sg-2"),
                group(vec![allow(Ports::HTTPS, Peer::Group(keyed("sg-1")))]),
            ),
        ]),
        instances: BTreeMap::from([
            (keyed("i-1"), instance("subnet-1")),
            (keyed("i-2"), instance("subnet-2")),
        ]),
        buckets: BTreeMap::from([(keyed("data"), bucket)]),
        roles: BTreeMap::from([(
            keyed("r"),
            Role {
                arn: ROLE.to_owned(),
                policies: vec![own],
                ..Role::default()
            },
        )]),
        ..Network::default()
    }
}

/// Random things with these keys, which take the place of sound ones; mostly none.
fn seldom<T: std::fmt::Debug>(
    keys: &'static [&'static str],
    of: impl Strategy<Value = T>,
) -> impl Strategy<Value = BTreeMap<String, T>> {
    let some = btree_map(key(keys), of, 1..=keys.len());
    option::weighted(0.25, some).prop_map(Option::unwrap_or_default)
}

/// A network.
pub fn network() -> impl Strategy<Value = Network> {
    let places = (
        seldom(&["vpc-1", "vpc-2"], vpc()),
        seldom(&["subnet-1", "subnet-2", "subnet-3"], subnet()),
        seldom(&["rtb-1", "rtb-2", "rtb-3"], table()),
        seldom(&["nat-1", "nat-2"], nat()),
        option::weighted(0.1, option::of(vpc_key())),
        seldom(&["acl-1"], acl()),
    );
    let doors = (
        seldom(&["vpce-g1", "vpce-g2"], gateway()),
        seldom(&["vpce-i1", "vpce-i2"], interface()),
        seldom(&["sg-1", "sg-2"], group()),
        seldom(&["pl-s3", "pl-own"], list()),
        seldom(&["z-1", "z-2", "z-3"], zone()),
    );
    let policies = (
        option::weighted(0.5, super::documents::known_document()),
        option::weighted(0.3, super::documents::known_document()),
        vec(named(super::documents::identity_document()), 0..2),
        option::weighted(0.3, role()),
    );
    let callers = (
        seldom(&["i-1", "i-2"], instance()),
        seldom(&["data", "other", "dotted.name"], bucket()),
        policies,
    );
    (places, doors, callers, 0_usize..4).prop_map(|(places, doors, callers, gone)| {
        let (vpcs, subnets, tables, nats, attached, acls) = places;
        let (gateways, interfaces, groups, lists, zones) = doors;
        let (instances, buckets, (of_endpoints, of_bucket, of_role, role)) = callers;
        let mut it = sound();
        it.vpcs.extend(vpcs);
        it.subnets.extend(subnets);
        it.route_tables.extend(tables);
        it.nat_gateways.extend(nats);
        if let Some(vpc) = attached {
            it.internet_gateways.get_mut("igw-1").unwrap().vpc = vpc;
        }
        it.network_acls.extend(acls);
        it.gateway_endpoints.extend(gateways);
        it.interface_endpoints.extend(interfaces);
        it.security_groups.extend(groups);
        it.prefix_lists.extend(lists);
        it.private_zones.extend(zones);
        it.instances.extend(instances);
        it.buckets.extend(buckets);
        for (name, bucket) in &mut it.buckets {
            bucket.name.clone_from(name);
        }
        if let Some(policy) = of_endpoints {
            for endpoint in it.gateway_endpoints.values_mut() {
                endpoint.policy = policy.clone();
            }
            for endpoint in it.interface_endpoints.values_mut() {
                endpoint.policy = policy.clone();
            }
        }
        if let (Some(policy), Some(bucket)) = (of_bucket, it.buckets.get_mut("data")) {
            bucket.policy.document = policy;
        }
        match (role, it.roles.get_mut("r")) {
            (Some(other), Some(role)) => *role = other,
            (None, Some(role)) => role.policies.extend(of_role),
            _ => {}
        }
        // Now and then something is not there at all.
        match gone {
            1 => drop(it.vpcs.remove("vpc-2")),
            2 => drop(it.prefix_lists.remove("pl-own")),
            _ => {}
        }
        it
    })
}
