//! What people type, and what is meant.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::model::network::{
    Bucket, BucketPolicy, GatewayEndpoint, Instance, Known, Role, Subnet, Vpc,
};

fn network() -> Network {
    let mut network = Network::default();
    let labels = [
        ("vpc-(vpc.main)", "vpc.main"),
        ("subnet-(subnet.private-1)", "subnet.private-1"),
        ("subnet-0a1b2c3d", "existing.subnet.shared"),
        ("(instance.one)", "instance.one"),
        ("(bucket.data)", "bucket.data"),
        ("(role.instance)", "role.instance"),
    ];
    network.labels = labels.map(|(k, l)| (k.into(), l.into())).into();
    network.vpcs = BTreeMap::from([("vpc-(vpc.main)".into(), Vpc::default())]);
    for (key, vpc) in [
        ("subnet-(subnet.private-1)", "vpc-(vpc.main)"),
        ("subnet-0a1b2c3d", "vpc-1"),
    ] {
        let subnet = Subnet {
            vpc: vpc.into(),
            block: "10.0.1.0/24".parse().unwrap(),
            zone: None,
            route_table: None,
            network_acl: None,
            maps_public_addresses: false,
            spot: None,
        };
        network.subnets.insert(key.into(), subnet);
    }
    let instance = Instance {
        subnet: "subnet-(subnet.private-1)".into(),
        ..Instance::default()
    };
    network.instances.insert("(instance.one)".into(), instance);
    let bucket = Bucket {
        name: "saa-03-003".into(),
        region: Known::Is("ap-northeast-1".into()),
        account: Known::Is(String::new()),
        policy: BucketPolicy::default(),
        block: Known::default(),
        spot: None,
    };
    network.buckets.insert("(bucket.data)".into(), bucket);
    network
        .roles
        .insert("(role.instance)".into(), Role::default());
    network.gateway_endpoints.insert(
        "vpce-1".into(),
        GatewayEndpoint {
            vpc: "vpc-(vpc.main)".into(),
            service: "com.amazonaws.ap-northeast-1.s3".into(),
            route_tables: BTreeSet::new(),
            policy: Known::default(),
            broken: None,
            spot: None,
        },
    );
    network
}

fn instance(key: &str) -> Origin {
    Origin::Instance(key.into())
}

fn subnet(key: &str) -> Origin {
    Origin::Subnet(key.into())
}

fn bucket(key: &str) -> Goal {
    Goal::Bucket(key.into())
}

fn service(name: &str) -> Goal {
    Goal::Service(name.into())
}

#[test]
fn origins_have_addresses_ids_and_patterns() {
    let network = network();
    let found = |text: &str| origins(&network, text).unwrap();
    assert_eq!(found("instance.one"), [instance("(instance.one)")]);
    assert_eq!(
        found("subnet.private-1"),
        [subnet("subnet-(subnet.private-1)")]
    );
    assert_eq!(found("subnet-0a1b2c3d"), [subnet("subnet-0a1b2c3d")]);
    assert_eq!(found("subnet.shared"), [subnet("subnet-0a1b2c3d")]);
    assert_eq!(found("existing.subnet.shared"), found("subnet.shared"));
    assert_eq!(found("subnet.*").len(), 2);
    assert_eq!(found("*").len(), 3);
    assert_eq!(
        found("vpc.main"),
        [
            instance("(instance.one)"),
            subnet("subnet-(subnet.private-1)")
        ]
    );
}

#[test]
fn what_is_not_there_is_told_with_what_is() {
    let network = network();
    let near = origins(&network, "instance.on").unwrap_err();
    assert_eq!(
        near.to_string(),
        "no instance and no subnet is called `instance.on`"
    );
    assert_eq!(near.remedy, "did you mean `instance.one`?");
    let far = origins(&network, "zebra").unwrap_err();
    assert_eq!(
        far.remedy,
        "there is instance.one, subnet.private-1, existing.subnet.shared"
    );
    let none = origins(&Network::default(), "zebra").unwrap_err();
    assert_eq!(
        none.remedy,
        "there is no instance and no subnet in this network"
    );
    assert!(origins(&network, "instance.x*").is_err());
}

#[test]
fn goals_are_buckets_and_services() {
    let network = network();
    let found = |text: &str| goals(&network, text).unwrap();
    for text in ["bucket.data", "saa-03-003", "s3://saa-03-003", "bucket.*"] {
        assert_eq!(found(text), [bucket("(bucket.data)")], "{text}");
    }
    assert_eq!(found("s3://elsewhere/"), [bucket("elsewhere")]);
    for text in ["ssm", "com.amazonaws.eu-west-1.ssm"] {
        assert_eq!(found(text), [service("ssm")], "{text}");
    }
    assert_eq!(
        found("com.amazonaws.eu-west-1.brand-new"),
        [service("brand-new")]
    );
    assert_eq!(found("s3"), [service("s3")]);
}

#[test]
fn a_goal_that_is_not_there_is_told_with_what_is() {
    let network = network();
    let remedy = |text: &str| goals(&network, text).unwrap_err().remedy;
    assert!(remedy("bucket.dat").starts_with("did you mean `bucket.data`?"));
    assert_eq!(remedy("smm"), "did you mean the service `ssm`?");
    assert!(remedy("zebra-zebra-zebra").starts_with("there is bucket.data, s3; "));
    assert!(remedy("s3://").starts_with("write s3://NAME"));
    assert!(remedy("s3://saa-03-003/file").contains("--object"));
}

#[test]
fn a_role_is_named_by_its_address_or_arn() {
    let network = network();
    assert_eq!(role(&network, "role.instance").unwrap(), "(role.instance)");
    let arn = "arn:aws:iam::123456789012:role/x";
    assert_eq!(role(&network, arn).unwrap(), arn);
    assert_eq!(
        role(&network, "role.instnace").unwrap_err().remedy,
        "did you mean `role.instance`?"
    );
}

#[test]
fn all_is_every_pair_once() {
    let mut network = network();
    assert_eq!(all_origins(&network).len(), 3);
    assert_eq!(all_goals(&network), [bucket("(bucket.data)")]);
    network.buckets.clear();
    assert_eq!(all_goals(&network), [service("s3")]);
}
