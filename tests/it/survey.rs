//! Surveys of networks that live on the local endpoint: which facts they give,
//! by how many calls, and what they say of what they may not read.

mod by_hand;
mod refused;

use std::collections::{BTreeMap, BTreeSet};

use s3net::aws::Aws;
use s3net::aws::survey::{Area, survey};
use s3net::model::network::{
    Destination, Known, Network, Peer, Ports, Protocol, PublicAddress, RecordTarget, Via,
};
use s3net::model::{Place, policy};
use serde_json::json;

use crate::lab::Lab;

/// The key that a label stands for.
#[track_caller]
fn key<'n>(network: &'n Network, label: &str) -> &'n String {
    let key = network.labelled(label);
    key.unwrap_or_else(|| panic!("no {label} in {:#?}", network.labels))
}

async fn only_vpc(aws: &Aws) -> String {
    let vpcs = aws.ec2.describe_vpcs().send().await.unwrap();
    let mut vpcs = vpcs
        .vpcs()
        .iter()
        .filter(|it| it.is_default() != Some(true));
    let id = vpcs.next().unwrap().vpc_id().unwrap().to_owned();
    assert!(vpcs.next().is_none());
    id
}

async fn place(aws: &Aws) -> Place {
    aws.place().await.unwrap()
}

/// The calls since the last time, by `service:Action`.
fn counts(lab: &Lab) -> BTreeMap<String, u64> {
    let calls = lab.calls();
    let counts = calls["counts"].as_object().unwrap();
    let counts = counts.iter();
    counts
        .map(|(name, count)| (name.clone(), count.as_u64().unwrap()))
        .collect()
}

fn one(id: &str) -> BTreeSet<String> {
    BTreeSet::from([id.to_owned()])
}

/// Three-ways, applied, and what a survey of its VPC, bucket and all gives.
async fn three_ways(lab: &Lab) -> (Aws, Network) {
    lab.apply().exits(0);
    let aws = lab.aws().await;
    let area = Area {
        vpcs: one(&only_vpc(&aws).await),
        buckets: one(&lab.bucket()),
        ..Area::default()
    };
    let place = place(&aws).await;
    lab.calls();
    let network = survey(&aws, &place, &area).await.unwrap();
    (aws, network)
}

#[tokio::test]
async fn three_ways_is_told_with_the_least_calls() {
    let lab = Lab::with_plan("three-ways.toml");
    let (_, network) = three_ways(&lab).await;
    let counts = counts(&lab);
    let once = [
        "ec2:DescribeVpcs",
        "ec2:DescribeSubnets",
        "ec2:DescribeRouteTables",
        "ec2:DescribeInternetGateways",
        "ec2:DescribeNatGateways",
        "ec2:DescribeVpcEndpoints",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeNetworkAcls",
        "ec2:DescribeInstances",
        "ec2:DescribePrefixLists",
        "route53:ListHostedZonesByVPC",
        // Three instances have one profile, which has one role.
        "iam:GetInstanceProfile",
        "iam:GetRole",
        "iam:ListRolePolicies",
        "iam:GetRolePolicy",
        "iam:ListAttachedRolePolicies",
        "iam:GetPolicy",
        "iam:GetPolicyVersion",
        "s3:HeadBucket",
        "s3:GetBucketPolicy",
        "s3:GetPublicAccessBlock",
    ];
    let mut expected: BTreeMap<String, u64> = once.map(|name| (name.to_owned(), 1)).into();
    expected.insert("ec2:DescribeVpcAttribute".to_owned(), 2);
    // All of them read, and these are all.
    assert_eq!(counts, expected);

    let vpc = &network.vpcs[key(&network, "vpc.main")];
    assert_eq!(vpc.blocks, ["10.0.0.0/16".parse().unwrap()]);
    assert!(vpc.dns_support && vpc.dns_hostnames);
    let default = vpc.default_group.as_ref().unwrap();
    assert!(network.security_groups.contains_key(default));
    assert_eq!(network.subnets.len(), 4);
    assert!(network.unread.is_empty(), "{:?}", network.unread);
    assert_eq!(network.place.account, lab.account);

    the_three_ways_are_there(&network);
    groups_and_callers_are_there(&network, &lab.bucket());
}

fn the_three_ways_are_there(network: &Network) {
    let table_of = |subnet: &str| {
        let subnet = &network.subnets[key(network, subnet)];
        let (key, table) = network.table_of(subnet).unwrap();
        (network.label(key), table)
    };
    let everywhere = Destination::Block("0.0.0.0/0".parse().unwrap());
    let nat_key = key(network, "nat_gateway.main");
    let igw_key = key(network, "internet_gateway.main");
    for (subnet, table, via) in [
        (
            "subnet.public",
            "route_table.public",
            Some(Via::InternetGateway(igw_key.clone())),
        ),
        (
            "subnet.private-1",
            "route_table.private-1",
            Some(Via::NatGateway(nat_key.clone())),
        ),
        ("subnet.private-2", "route_table.private-2", None),
        ("subnet.private-3", "route_table.private-3", None),
    ] {
        let (label, told) = table_of(subnet);
        assert_eq!(label, table);
        let routes: Vec<_> = told.routes.iter().map(|it| (&it.to, &it.via)).collect();
        let wanted: Vec<_> = via.iter().map(|via| (&everywhere, via)).collect();
        assert_eq!(routes, wanted, "{subnet}");
        assert!(told.routes.iter().all(|it| !it.blackhole && !it.propagated));
    }
    let main: Vec<_> = network.route_tables.values().filter(|it| it.main).collect();
    assert_eq!(main.len(), 1);

    let nat = &network.nat_gateways[nat_key];
    assert_eq!(&nat.subnet, key(network, "subnet.public"));
    assert!(nat.public && nat.broken.is_none());
    assert!(matches!(nat.address, PublicAddress::Is(_)));
    let vpc = key(network, "vpc.main");
    assert_eq!(network.internet_gateways[igw_key].vpc.as_ref(), Some(vpc));

    let gateway = &network.gateway_endpoints[key(network, "gateway_endpoint.s3")];
    assert_eq!(gateway.service, "com.amazonaws.ap-northeast-1.s3");
    let tables: Vec<&str> = gateway
        .route_tables
        .iter()
        .map(|it| network.label(it))
        .collect();
    assert_eq!(tables, ["route_table.private-2"]);
    assert_eq!(gateway.policy, Known::Is(None));
    assert_eq!(gateway.broken, None);

    let interface = &network.interface_endpoints[key(network, "interface_endpoint.s3")];
    let subnet = key(network, "subnet.private-3");
    let block = network.subnets[subnet].block;
    let addresses: Vec<_> = interface.subnets.iter().collect();
    let [(inside, Some(address))] = addresses.as_slice() else {
        panic!("{addresses:?}");
    };
    assert!(*inside == subnet && block.contains(address));
    assert!(!interface.private_dns && !interface.only_inbound);
    let name = interface.dns_name.as_deref().unwrap();
    let id = key(network, "interface_endpoint.s3");
    assert!(name.starts_with(&format!("{id}-")), "{name}");
    assert!(
        name.ends_with(".s3.ap-northeast-1.vpce.amazonaws.com"),
        "{name}"
    );

    let lists: BTreeSet<&str> = network
        .prefix_lists
        .values()
        .map(|it| it.name.as_str())
        .collect();
    assert!(
        lists.contains("com.amazonaws.ap-northeast-1.s3"),
        "{lists:?}"
    );
    assert!(
        network
            .prefix_lists
            .values()
            .all(|it| !it.blocks.is_empty())
    );
}

fn groups_and_callers_are_there(network: &Network, bucket: &str) {
    let group = key(network, "security_group.instance");
    let endpoint = &network.security_groups[key(network, "security_group.endpoint")];
    let [rule] = endpoint.ingress.as_slice() else {
        panic!("{:?}", endpoint.ingress);
    };
    assert_eq!(rule.peer, Peer::Group(group.clone()));
    assert_eq!((rule.protocol, rule.ports), (Protocol::Tcp, Ports::HTTPS));
    // Nobody has touched the VPC's default ACL, which is as good as none.
    assert!(network.network_acls.is_empty());

    for (instance, subnet) in [
        ("instance.one", "subnet.private-1"),
        ("instance.two", "subnet.private-2"),
        ("instance.three", "subnet.private-3"),
    ] {
        let told = &network.instances[key(network, instance)];
        assert_eq!(&told.subnet, key(network, subnet));
        assert!(told.security_groups.iter().eq([group]));
        assert_eq!(told.public_address, PublicAddress::None);
        let block = network.subnets[&told.subnet].block;
        assert!(block.contains(&told.private_address.unwrap()));
        assert_eq!(
            told.role.get().unwrap().as_ref(),
            Some(key(network, "role.instance"))
        );
    }
    let role = &network.roles[key(network, "role.instance")];
    let names: Vec<&str> = role.policies.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["inline policy s3", "AmazonSSMManagedInstanceCore"]);
    for named in &role.policies {
        let document = named.document.get().unwrap();
        assert!(!policy::statements(document).is_empty(), "{}", named.name);
    }
    assert_eq!(role.boundary, None);
    assert!(role.arn.starts_with("arn:aws:iam::"), "{}", role.arn);

    let bucket = &network.buckets[bucket];
    assert_eq!(bucket.region, Known::Is("ap-northeast-1".to_owned()));
    assert_eq!(bucket.account, Known::Is(network.place.account.clone()));
    assert!(bucket.block.get().unwrap().restrict_public_buckets);
    assert!(matches!(network.account_block, Known::Not(_)));
}

#[tokio::test]
async fn an_instance_leads_to_all_of_its_vpc_and_nothing_is_written() {
    let lab = Lab::with_plan("three-ways.toml");
    let (aws, before) = three_ways(&lab).await;
    let area = Area {
        instances: one(key(&before, "instance.two")),
        subnets: one(key(&before, "subnet.public")),
        ..Area::default()
    };
    let place = place(&aws).await;
    lab.calls();
    let network = survey(&aws, &place, &area).await.unwrap();
    let counts = counts(&lab);
    // One look-up of each sort of id, and no bucket was asked for.
    assert_eq!(counts["ec2:DescribeInstances"], 2);
    assert_eq!(counts["ec2:DescribeSubnets"], 2);
    assert!(
        !counts.keys().any(|name| name.starts_with("s3:")),
        "{counts:?}"
    );
    let reads = ["Describe", "Get", "List", "Head"];
    for name in counts.keys() {
        let action = name.split_once(':').unwrap().1;
        assert!(reads.iter().any(|read| action.starts_with(read)), "{name}");
    }
    let without_buckets = Network {
        buckets: BTreeMap::new(),
        ..before
    };
    assert_eq!(network, without_buckets);
}

#[tokio::test]
async fn the_single_buckets_zone_leads_to_its_endpoint() {
    let lab = Lab::with_plan("single-bucket-base.toml");
    lab.apply().exits(0);
    lab.write(&std::fs::read_to_string(crate::lab::plans().join("single-bucket.toml")).unwrap());
    lab.apply().exits(0);
    let aws = lab.aws().await;
    let area = Area {
        vpcs: one(&only_vpc(&aws).await),
        ..Area::default()
    };
    let place = place(&aws).await;
    lab.calls();
    let network = survey(&aws, &place, &area).await.unwrap();
    let counts = counts(&lab);
    for name in [
        "ListHostedZonesByVPC",
        "ListResourceRecordSets",
        "ListTagsForResources",
    ] {
        assert_eq!(counts[&format!("route53:{name}")], 1, "{name}");
    }

    let zone = &network.private_zones[key(&network, "private_zone.data")];
    assert!(zone.name.ends_with(".s3.ap-northeast-1.amazonaws.com"));
    assert!(zone.vpcs.iter().eq(network.vpcs.keys()));
    let [record] = zone.records.as_slice() else {
        panic!("{:?}", zone.records);
    };
    let endpoint = key(&network, "interface_endpoint.s3");
    assert_eq!(record.name, zone.name);
    assert_eq!(record.target, RecordTarget::Endpoint(endpoint.clone()));
    assert!(record.ipv4);
    // What the file makes no egress rule for has none.
    let group = &network.security_groups[key(&network, "security_group.endpoint")];
    assert!(group.egress.is_empty());
    assert!(network.unread.is_empty());
}
