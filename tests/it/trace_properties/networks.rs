//! Random parts of networks. There are few keys, blocks and names, so that things meet:
//! tables that subnets share, routes that overlap, zones that shadow each other,
//! and keys that nothing stands behind.

use std::collections::BTreeSet;

use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use s3net::model::Value;
use s3net::model::network::{
    Bucket, BucketPolicy, Destination, GatewayEndpoint, Instance, InterfaceEndpoint, Key, Known,
    NamedPolicy, NatGateway, PrefixList, PrivateZone, PublicAccessBlock, PublicAddress, Record,
    RecordTarget, Role, Route, RouteTable, Subnet, Via, Vpc,
};
use s3net::trace::{Goal, Naming, Origin, Question};

use super::documents::{identity_document, known_document};

pub const REGION: &str = "ap-northeast-1";
pub const ACCOUNT: &str = "123456789012";
pub const ROLE: &str = "arn:aws:iam::123456789012:role/r";
pub const GROUPS: [&str; 3] = ["sg-1", "sg-2", "sg-3"];
const SUBNETS: [&str; 4] = ["subnet-1", "subnet-2", "subnet-3", "subnet-gone"];
const INSTANCES: [&str; 3] = ["i-1", "i-2", "i-gone"];
const BUCKETS: [&str; 4] = ["data", "other", "dotted.name", "strangers"];
const HOSTS: [&str; 7] = [
    "data.s3.ap-northeast-1.amazonaws.com",
    "s3.ap-northeast-1.amazonaws.com",
    "*.s3.ap-northeast-1.amazonaws.com",
    "bucket.vpce-1-abc.s3.ap-northeast-1.vpce.amazonaws.com",
    "loop.example",
    "amazonaws.com",
    "data.s3.amazonaws.com",
];

pub fn key(keys: &'static [&'static str]) -> impl Strategy<Value = Key> {
    select(keys).prop_map(str::to_owned)
}

fn keys(keys: &'static [&'static str]) -> impl Strategy<Value = BTreeSet<Key>> {
    btree_set(key(keys), 0..3)
}

pub fn vpc_key() -> impl Strategy<Value = Key> {
    // Mostly one, so that things stand together.
    prop_oneof![8 => Just("vpc-1"), 1 => Just("vpc-2"), 1 => Just("vpc-gone")]
        .prop_map(str::to_owned)
}

pub fn vpc() -> impl Strategy<Value = Vpc> {
    let block = select(&["10.0.0.0/16", "10.1.0.0/16", "52.219.0.0/16"][..]);
    let group = option::of(key(&GROUPS));
    let on = || prop_oneof![9 => Just(true), 1 => Just(false)];
    let blocks = vec(block.prop_map(|it| it.parse().unwrap()), 0..3);
    (blocks, on(), on(), group).prop_map(|(blocks, dns_support, dns_hostnames, default_group)| {
        Vpc {
            blocks,
            dns_support,
            dns_hostnames,
            default_group,
            spot: None,
        }
    })
}

pub fn subnet() -> impl Strategy<Value = Subnet> {
    let block = select(&["10.0.1.0/24", "10.0.2.0/24", "10.0.3.0/28"][..]);
    let table = option::weighted(0.8, key(&["rtb-1", "rtb-2", "rtb-gone"]));
    let acl = option::weighted(0.3, key(&["acl-1", "acl-gone"]));
    (vpc_key(), block, table, acl, any::<bool>()).prop_map(
        |(vpc, block, route_table, network_acl, maps)| Subnet {
            vpc,
            block: block.parse().unwrap(),
            zone: None,
            route_table,
            network_acl,
            maps_public_addresses: maps,
            spot: None,
        },
    )
}

/// Blocks that cut S3's ranges, the VPC and each other.
pub fn block() -> impl Strategy<Value = ipnet::IpNet> {
    let blocks = [
        "0.0.0.0/0",
        "0.0.0.0/1",
        "128.0.0.0/1",
        "10.0.0.0/8",
        "10.0.1.0/24",
        "10.0.2.0/25",
        "52.219.0.0/16",
        "52.219.0.0/20",
        "52.219.4.0/22",
        "3.5.152.0/21",
        "::/0",
    ];
    select(blocks.to_vec()).prop_map(|it| it.parse().unwrap())
}

pub fn route() -> impl Strategy<Value = Route> {
    let to = prop_oneof![
        9 => block().prop_map(Destination::Block),
        1 => key(&["pl-s3", "pl-own", "pl-gone"]).prop_map(Destination::PrefixList),
    ];
    let via = prop_oneof![
        3 => key(&["igw-1", "igw-gone"]).prop_map(Via::InternetGateway),
        3 => key(&["nat-1", "nat-2", "nat-gone"]).prop_map(Via::NatGateway),
        1 => Just(Via::Other("tgw-1".to_owned())),
        1 => Just(Via::Instance("i-1".to_owned())),
        1 => Just(Via::Local),
    ];
    let seldom = || prop_oneof![9 => Just(false), 1 => Just(true)];
    (to, via, seldom(), seldom()).prop_map(|(to, via, blackhole, propagated)| Route {
        to,
        via,
        blackhole,
        propagated,
        spot: None,
    })
}

pub fn table() -> impl Strategy<Value = RouteTable> {
    (vpc_key(), any::<bool>(), vec(route(), 0..5)).prop_map(|(vpc, main, routes)| RouteTable {
        vpc,
        main,
        routes,
        spot: None,
    })
}

pub fn nat() -> impl Strategy<Value = NatGateway> {
    (key(&SUBNETS), any::<bool>(), public_address()).prop_map(|(subnet, public, address)| {
        NatGateway {
            subnet,
            public,
            address,
            broken: None,
            spot: None,
        }
    })
}

fn public_address() -> impl Strategy<Value = PublicAddress> {
    prop_oneof![
        Just(PublicAddress::None),
        Just(PublicAddress::Some),
        Just(PublicAddress::Is([203, 0, 113, 7].into())),
    ]
}

fn service() -> impl Strategy<Value = String> {
    select(
        &[
            "com.amazonaws.ap-northeast-1.s3",
            "com.amazonaws.ap-northeast-1.dynamodb",
            "com.amazonaws.ap-northeast-1.ssm",
            "com.amazonaws.us-east-1.s3",
            "garbage",
        ][..],
    )
    .prop_map(str::to_owned)
}

pub fn gateway() -> impl Strategy<Value = GatewayEndpoint> {
    let tables = keys(&["rtb-1", "rtb-2", "rtb-gone"]);
    (vpc_key(), service(), tables, known_document()).prop_map(
        |(vpc, service, route_tables, policy)| GatewayEndpoint {
            vpc,
            service,
            route_tables,
            policy,
            broken: None,
            spot: None,
        },
    )
}

pub fn interface() -> impl Strategy<Value = InterfaceEndpoint> {
    let address = option::of((1_u8..9).prop_map(|last| [10, 0, 2, last].into()));
    let subnets = btree_map(key(&SUBNETS[..3]), address, 0..3);
    let name = option::of(Just(
        "vpce-1-abc.s3.ap-northeast-1.vpce.amazonaws.com".to_owned(),
    ));
    let dns = (any::<bool>(), any::<bool>(), name);
    (
        vpc_key(),
        service(),
        subnets,
        keys(&GROUPS),
        dns,
        known_document(),
    )
        .prop_map(
            |(
                vpc,
                service,
                subnets,
                security_groups,
                (private_dns, only_inbound, dns_name),
                policy,
            )| {
                InterfaceEndpoint {
                    vpc,
                    service,
                    subnets,
                    security_groups,
                    private_dns,
                    only_inbound,
                    dns_name,
                    policy,
                    broken: None,
                    spot: None,
                }
            },
        )
}

pub fn instance() -> impl Strategy<Value = Instance> {
    let role = prop_oneof![
        3 => Just(Known::Is(Some("r".to_owned()))),
        1 => Just(Known::Is(None)),
        1 => Just(Known::Is(Some("r-gone".to_owned()))),
        1 => Just(Known::Not("nobody read it".to_owned())),
    ];
    let address = option::of((1_u8..200).prop_map(|last| [10, 0, 1, last].into()));
    (
        key(&SUBNETS),
        keys(&GROUPS),
        role,
        address,
        public_address(),
    )
        .prop_map(
            |(subnet, security_groups, role, private_address, public_address)| Instance {
                subnet,
                security_groups,
                role,
                private_address,
                public_address,
                spot: None,
            },
        )
}

pub fn zone() -> impl Strategy<Value = PrivateZone> {
    let target = prop_oneof![
        2 => key(&["vpce-i1", "vpce-gone"]).prop_map(RecordTarget::Endpoint),
        2 => select(&HOSTS[..]).prop_map(|it| RecordTarget::Name(it.to_owned())),
        1 => Just(RecordTarget::Addresses(vec![[10, 0, 2, 3].into()])),
        1 => Just(RecordTarget::Addresses(Vec::new())),
        1 => Just(RecordTarget::Addresses(vec![std::net::Ipv6Addr::LOCALHOST.into()])),
    ];
    let record =
        (select(&HOSTS[..]), any::<bool>(), target).prop_map(|(name, ipv4, target)| Record {
            name: name.to_owned(),
            ipv4,
            target,
            spot: None,
        });
    let vpcs = keys(&["vpc-1", "vpc-2"]);
    (select(&HOSTS[..]), vpcs, vec(record, 0..4)).prop_map(|(name, vpcs, records)| PrivateZone {
        name: name.to_owned(),
        vpcs,
        records,
        spot: None,
    })
}

pub fn list() -> impl Strategy<Value = PrefixList> {
    let name = select(&["com.amazonaws.ap-northeast-1.s3", "own"][..]);
    (name, vec(block(), 0..4)).prop_map(|(name, blocks)| PrefixList {
        name: name.to_owned(),
        blocks,
    })
}

pub fn named(document: impl Strategy<Value = Value>) -> impl Strategy<Value = NamedPolicy> {
    let document = document.prop_map(Known::Is);
    let document = prop_oneof![
        4 => document,
        1 => Just(Known::Not("nobody read it".to_owned())),
    ];
    document.prop_map(|document| NamedPolicy {
        name: "policy".to_owned(),
        document,
        spot: None,
    })
}

pub fn role() -> impl Strategy<Value = Role> {
    let policies = vec(named(identity_document()), 0..3);
    (policies, option::weighted(0.3, named(identity_document()))).prop_map(
        |(policies, boundary)| Role {
            arn: ROLE.to_owned(),
            policies,
            boundary,
            spot: None,
        },
    )
}

pub fn bucket() -> impl Strategy<Value = Bucket> {
    let or_not = |fact: &str| {
        prop_oneof![
            5 => Just(Known::Is(fact.to_owned())),
            1 => Just(Known::Is("elsewhere".to_owned())),
            1 => Just(Known::Not("nobody read it".to_owned())),
        ]
    };
    let block = any::<bool>().prop_map(|on| PublicAccessBlock {
        restrict_public_buckets: on,
        ..PublicAccessBlock::default()
    });
    let block = prop_oneof![
        4 => block.prop_map(Known::Is),
        1 => Just(Known::Not("nobody read it".to_owned())),
    ];
    (or_not(REGION), or_not(ACCOUNT), known_document(), block).prop_map(
        |(region, account, document, block)| Bucket {
            name: "data".to_owned(),
            region,
            account,
            policy: BucketPolicy {
                document,
                spot: None,
            },
            block,
            spot: None,
        },
    )
}

/// A question that names the way it is called by, for what a client that chooses
/// by itself takes may change with every door that opens.
pub fn question() -> impl Strategy<Value = Question> {
    let from = prop_oneof![
        2 => key(&SUBNETS).prop_map(Origin::Subnet),
        6 => key(&INSTANCES[..2]).prop_map(Origin::Instance),
        1 => key(&INSTANCES).prop_map(Origin::Instance),
    ];
    let to = prop_oneof![
        8 => Just(Goal::Bucket("data".to_owned())),
        2 => key(&BUCKETS).prop_map(Goal::Bucket),
        1 => select(&["s3", "ssm", "dynamodb", "ecr.api", ""][..])
            .prop_map(|it| Goal::Service(it.to_owned())),
    ];
    let naming = prop_oneof![
        6 => Just(Naming::Bucket),
        1 => Just(Naming::Path),
        1 => Just(Naming::Global),
        1 => Just(Naming::Dualstack),
        1 => Just(Naming::AccessPoint),
        1 => Just(Naming::Control),
        1 => select(&HOSTS[..]).prop_map(|it| Naming::Host(it.to_owned())),
    ];
    let actions = [
        "s3:GetObject",
        "s3:GetObject",
        "s3:ListBucket",
        "s3:PutObject",
        "x",
    ];
    let action = option::weighted(0.8, select(actions.to_vec()));
    (from, to, naming, action, any::<bool>()).prop_map(|(from, to, naming, action, tls)| Question {
        naming,
        action: action.map(str::to_owned),
        tls,
        ..Question::new(from, to)
    })
}
