//! How long tracing takes: every subnet of a network to one bucket.
//!
//! `cargo bench --bench tracing`. The column of items a second is subnets traced a
//! second: it should not fall as networks grow. Making ready the index is in the
//! time; making the network is not. Everything happens in memory.

use std::collections::{BTreeMap, BTreeSet};

use divan::Bencher;
use divan::counter::ItemsCount;
use ipnet::{IpNet, Ipv4Net};
use s3net::model::network::{
    Bucket, BucketPolicy, Destination, GatewayEndpoint, InterfaceEndpoint, InternetGateway, Known,
    NatGateway, Network, PublicAddress, Route, RouteTable, Subnet, Via, Vpc,
};
use s3net::model::{Place, policy};
use s3net::trace::{Goal, Naming, Origin, Question, Tracer};

const SIZES: &[usize] = &[100, 1_000, 10_000];
/// Subnets of one VPC: AWS allows 200 unless asked for more.
const OF_A_VPC: usize = 200;
const SERVICE: &str = "com.amazonaws.ap-northeast-1.s3";

fn main() {
    divan::main();
}

fn everywhere(via: Via) -> Route {
    Route {
        to: Destination::Block(IpNet::V4(Ipv4Net::default())),
        via,
        blackhole: false,
        propagated: false,
        spot: None,
    }
}

/// A network of so many subnets, two hundred in a VPC: the first is public, the
/// others go by NAT, by gateway endpoint or nowhere, in turn.
fn network(subnets: usize) -> Network {
    let place = Place {
        account: "123456789012".to_owned(),
        region: "ap-northeast-1".to_owned(),
    };
    let bucket = Bucket {
        name: "data".to_owned(),
        region: Known::Is(place.region.clone()),
        account: Known::Is(place.account.clone()),
        policy: BucketPolicy {
            document: Known::Is(Some(policy::document(vec![policy::allow_everything()]))),
            spot: None,
        },
        block: Known::default(),
        spot: None,
    };
    let mut it = Network {
        place,
        buckets: BTreeMap::from([("data".to_owned(), bucket)]),
        ..Network::default()
    };
    for number in 0..subnets {
        let (group, within) = (number / OF_A_VPC, number % OF_A_VPC);
        let vpc = format!("vpc-{group}");
        if within == 0 {
            furnish(&mut it, &vpc);
        }
        let way = match within {
            0 => "public",
            _ => ["nat", "gateway", "none"][within % 3],
        };
        let address = [
            10,
            u8::try_from(group % 256).unwrap_or(0),
            u8::try_from(within).unwrap_or(0),
            0,
        ];
        let subnet = Subnet {
            vpc: vpc.clone(),
            block: Ipv4Net::new_assert(address.into(), 24),
            zone: None,
            route_table: Some(format!("{vpc}-{way}")),
            network_acl: None,
            maps_public_addresses: within == 0,
            spot: None,
        };
        it.subnets.insert(format!("{vpc}-subnet-{within}"), subnet);
    }
    it
}

/// The gateways, tables and endpoints of a VPC.
fn furnish(it: &mut Network, vpc: &str) {
    let named = |what: &str| format!("{vpc}-{what}");
    let own = vpc.to_owned();
    it.vpcs.insert(
        own.clone(),
        Vpc {
            blocks: vec![Ipv4Net::new_assert([10, 0, 0, 0].into(), 8)],
            dns_support: true,
            dns_hostnames: true,
            default_group: None,
            spot: None,
        },
    );
    for (way, routes) in [
        (
            "public",
            vec![everywhere(Via::InternetGateway(named("igw")))],
        ),
        (
            "nat",
            vec![everywhere(Via::NatGateway(named("nat-gateway")))],
        ),
        ("gateway", Vec::new()),
        ("none", Vec::new()),
    ] {
        let table = RouteTable {
            vpc: own.clone(),
            routes,
            ..RouteTable::default()
        };
        it.route_tables.insert(named(way), table);
    }
    it.internet_gateways.insert(
        named("igw"),
        InternetGateway {
            vpc: Some(own.clone()),
            spot: None,
        },
    );
    it.nat_gateways.insert(
        named("nat-gateway"),
        NatGateway {
            subnet: named("subnet-0"),
            public: true,
            address: PublicAddress::Some,
            broken: None,
            spot: None,
        },
    );
    it.gateway_endpoints.insert(
        named("vpce-g"),
        GatewayEndpoint {
            vpc: own.clone(),
            service: SERVICE.to_owned(),
            route_tables: BTreeSet::from([named("gateway")]),
            policy: Known::Is(None),
            broken: None,
            spot: None,
        },
    );
    it.interface_endpoints.insert(
        named("vpce-i"),
        InterfaceEndpoint {
            vpc: own,
            service: SERVICE.to_owned(),
            subnets: BTreeMap::from([(named("subnet-0"), None)]),
            security_groups: BTreeSet::new(),
            private_dns: false,
            only_inbound: false,
            dns_name: None,
            policy: Known::Is(None),
            broken: None,
            spot: None,
        },
    );
}

fn measure(bencher: Bencher<'_, '_>, count: usize, naming: &Naming, action: bool) {
    let network = network(count);
    let questions: Vec<Question> = network
        .subnets
        .keys()
        .map(|key| {
            let to = Goal::Bucket("data".to_owned());
            let mut question = Question::new(Origin::Subnet(key.clone()), to);
            question.naming = naming.clone();
            question.action = question.action.filter(|_| action);
            question
        })
        .collect();
    let trace = || {
        let tracer = Tracer::new(&network);
        let traces = questions.iter().map(|question| tracer.trace(question));
        traces.filter(|trace| trace.way.is_some()).count()
    };
    bencher.counter(ItemsCount::new(count)).bench_local(trace);
}

/// The plain question, as plan's path diff asks it.
#[divan::bench(args = SIZES)]
fn every_subnet_to_a_bucket(bencher: Bencher<'_, '_>, count: usize) {
    measure(bencher, count, &Naming::Usual, true);
}

/// By one name alone.
#[divan::bench(args = SIZES)]
fn by_the_buckets_own_name(bencher: Bencher<'_, '_>, count: usize) {
    measure(bencher, count, &Naming::Bucket, true);
}

/// Without policies.
#[divan::bench(args = SIZES)]
fn the_networks_part_alone(bencher: Bencher<'_, '_>, count: usize) {
    measure(bencher, count, &Naming::Bucket, false);
}
