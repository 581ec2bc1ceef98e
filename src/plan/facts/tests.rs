//! What files and accounts become as networks. The kinds are the real ones.

mod changes;
mod picture;
mod samples;
mod unknowns;

use self::picture::picture;
use self::samples::{example, of_text};
use super::trace::{Goal, Origin, Question, Tracer, Verdict};
use super::*;
use crate::model::network::{NamedPolicy, PublicAddress, RecordTarget, Spot, stand_in};

const EXAMPLES: [&str; 3] = [
    "three-ways.toml",
    "three-patterns.toml",
    "single-bucket-base.toml",
];

/// A network of one VPC with everything that a test may want to change.
const LAB: &str = r#"
[stack]
name = "lab"
region = "eu-west-1"
[vpc.main]
cidr = "10.0.0.0/16"
[subnet.a]
vpc = "main"
cidr = "10.0.1.0/24"
zone = "a"
[internet_gateway.main]
vpc = "main"
[elastic_ip.nat]
[nat_gateway.main]
subnet = "a"
elastic_ip = "nat"
[route_table.a]
vpc = "main"
subnets = ["a"]
routes = [{ to = "0.0.0.0/0", via = "internet_gateway.main" }]
[security_group.one]
vpc = "main"
egress = []
[interface_endpoint.s3]
vpc = "main"
service = "s3"
subnets = ["a"]
security_groups = ["one"]
[private_zone.data]
name = "Data.s3.eu-west-1.amazonaws.com"
vpcs = ["main"]
[alias_record.data]
zone = "data"
target = "interface_endpoint.s3"
[bucket.data]
name = "lab-data-${account}"
policy = { Version = "2012-10-17", Statement = [{ Effect = "Deny", Principal = "*", Action = "s3:*", Resource = "${bucket.data.arn}/*", Condition = { StringNotEquals = { "aws:SourceVpce" = "${interface_endpoint.s3.id}" } } }] }
[role.reader]
service = "ec2"
managed_policies = ["AmazonS3ReadOnlyAccess", "arn:aws:iam::123456789012:policy/own"]
[instance.one]
subnet = "a"
role = "reader"
public_ip = true
"#;

/// The same without places in a file.
fn without_spots(network: &Network) -> String {
    let picture = picture(network);
    let lines = picture.lines();
    let bare = lines.map(|line| line.split("  @ ").next().unwrap_or_default());
    bare.collect::<Vec<_>>().join("\n")
}

fn key(address: &str) -> String {
    stand_in(&address.parse().unwrap())
}

#[test]
fn every_example_is_a_network_without_an_account() {
    for name in EXAMPLES.into_iter().chain(["single-bucket.toml"]) {
        let sample = example(name);
        let network = of_file(registry(), &sample.desired.stack, &sample.place);
        insta::assert_snapshot!(name, picture(&network));
        // A plan of a world in which nothing lives says the same.
        if name != "single-bucket.toml" {
            let planned = wanted(&sample.world(), Some(&sample.plan()));
            assert_eq!(picture(&planned), picture(&network));
        }
        assert_eq!(live(&sample.world()).labels.len(), 0);
    }
}

#[test]
fn every_kind_tells_where_it_stands_in_a_file() {
    // Traffic does not meet these by themselves, or settings that a trace asks
    // nothing of.
    let silent = [
        "internet_gateway_attachment",
        "elastic_ip",
        "route_table_association",
        "bucket_public_access_block",
        "bucket_versioning",
        "bucket_encryption",
        "role_instance_profile",
    ];
    let mut told: BTreeSet<&str> = BTreeSet::new();
    for kind in registry().tables() {
        let mut text = kind.about().example.to_owned();
        if !text.contains("[stack]") {
            text = format!("[stack]\nname = \"lab\"\nregion = \"ap-northeast-1\"\n\n{text}");
        }
        let sample = of_text(&text);
        let picture = picture(&wanted(&sample.world(), None));
        let spots = picture.lines().filter_map(|line| line.split_once("  @ "));
        for (_, spot) in spots {
            let address: Address = spot.split(' ').next().unwrap().parse().unwrap();
            told.extend(registry().of(&address).map(|kind| kind.about().name));
        }
    }
    let registry = registry();
    let quiet = registry.all().map(|kind| kind.about().name);
    let quiet: Vec<_> = quiet.filter(|name| !told.contains(name)).collect();
    assert_eq!(quiet, silent);
}

/// By what each instance reaches the bucket, and whether it may read there.
fn ways(network: &Network) -> Vec<String> {
    let tracer = Tracer::new(network);
    let bucket = network.labelled("bucket.data").unwrap();
    let ways = network.instances.keys().map(|key| {
        let goal = Goal::Bucket(bucket.clone());
        let trace = tracer.trace(&Question::new(Origin::Instance(key.clone()), goal));
        let door = trace.way.as_ref().map(|way| network.label(way.door.key()));
        let (label, door) = (network.label(key), door.unwrap_or("nowhere"));
        let works = trace.verdict == Verdict::Reachable;
        format!("{label} by {door}: {works}")
    });
    let mut ways: Vec<String> = ways.collect();
    ways.sort();
    ways
}

#[test]
fn a_file_and_its_account_are_traced_alike() {
    for name in ["three-ways.toml", "three-patterns.toml"] {
        let sample = example(name);
        let before = ways(&wanted(&sample.world(), None));
        let sample = sample.applied();
        assert_eq!(before, ways(&live(&sample.world())), "{name}");
        assert_eq!(before.len(), 3);
    }
    let doors = ways(&wanted(&example("three-ways.toml").world(), None));
    let expected = [
        "instance.one by nat_gateway.main: true",
        "instance.three by interface_endpoint.s3: true",
        "instance.two by gateway_endpoint.s3: true",
    ];
    assert_eq!(doors, expected);
}

#[test]
fn what_is_as_wanted_is_told_alike_from_both_sides() {
    for name in EXAMPLES {
        let sample = example(name).applied();
        let plan = sample.plan();
        assert!(plan.is_empty(), "{:?}", plan.totals());
        let (wanted, live) = (wanted(&sample.world(), Some(&plan)), live(&sample.world()));
        assert_eq!(without_spots(&wanted), without_spots(&live), "{name}");
        assert!(!picture(&live).contains("  @ "));
        let main = |label: &String| !label.starts_with("the ");
        let labels: Vec<_> = wanted.labels.values().filter(|it| main(it)).collect();
        let tables = sample.desired.stack.nodes.keys();
        let tables = tables.filter(|it| it.part.is_none()).count();
        assert_eq!(labels.len(), tables, "{name}");
    }
}

#[test]
fn every_spot_stands_in_the_file() {
    for name in EXAMPLES {
        let sample = example(name);
        let picture = picture(&wanted(&sample.world(), None));
        let spots = picture.lines().filter_map(|line| line.split_once("  @ "));
        let mut count = 0;
        for (_, spot) in spots {
            let spot = Spot {
                address: spot.split(' ').next().unwrap().parse().unwrap(),
                field: "",
            };
            assert!(sample.desired.stack.place_of(&spot).is_some(), "{spot:?}");
            count += 1;
        }
        assert!(count > 10, "{name}: {count}");
    }
}

#[test]
fn a_spot_of_a_field_is_the_field_or_the_header() {
    let sample = of_text(LAB);
    let place = |address: &str, field: &'static str| {
        let spot = Spot {
            address: address.parse().unwrap(),
            field,
        };
        let span = sample.desired.stack.place_of(&spot)?;
        Some(&LAB[span])
    };
    assert_eq!(place("vpc.main", "cidr"), Some("\"10.0.0.0/16\""));
    assert_eq!(place("vpc.main", "dns_support"), Some("[vpc.main]"));
    let route = place("route_table.a/route:0.0.0.0/0", "").unwrap();
    assert!(route.starts_with("{ to"), "{route}");
    assert_eq!(place("vpc.other", ""), None);
}

#[test]
fn a_file_alone_has_stand_ins_everywhere() {
    let sample = of_text(LAB);
    let network = wanted(&sample.world(), None);
    assert_eq!(network.place.account, "(account)");
    let bucket = &network.buckets["lab-data-(account)"];
    assert_eq!(bucket.account, Known::Is("(account)".into()));
    let policy = bucket.policy.document.get().unwrap().as_ref().unwrap();
    let policy = crate::model::policy::to_json_text(policy);
    assert!(
        policy.contains("arn:aws:s3:::lab-data-(account)/*"),
        "{policy}"
    );
    assert!(
        policy.contains("\"vpce-(interface_endpoint.s3)\""),
        "{policy}"
    );
    let role = &network.roles["lab-reader"];
    assert_eq!(role.arn, "arn:aws:iam::(account):role/s3net/lab/lab-reader");
    let known = |policy: &NamedPolicy| (policy.name.clone(), policy.document.get().is_some());
    let policies: Vec<_> = role.policies.iter().map(known).collect();
    let expected = [("AmazonS3ReadOnlyAccess", true), ("own", false)];
    assert_eq!(policies, expected.map(|(name, is)| (name.to_owned(), is)));
    let instance = &network.instances[&key("instance.one")];
    assert_eq!(instance.role, Known::Is(Some("lab-reader".into())));
    assert_eq!(instance.public_address, PublicAddress::Some);
    assert!(instance.security_groups.is_empty());
    let nat = &network.nat_gateways[&key("nat_gateway.main")];
    assert_eq!(nat.address, PublicAddress::Some);
    let endpoint = key("interface_endpoint.s3");
    assert_eq!(network.interface_endpoints[&endpoint].dns_name, None);
    let zone = &network.private_zones[&key("private_zone.data")];
    assert_eq!(zone.name, "data.s3.eu-west-1.amazonaws.com");
    assert_eq!(zone.records[0].name, zone.name);
    assert_eq!(zone.records[0].target, RecordTarget::Endpoint(endpoint));
    let group = &network.vpcs[&key("vpc.main")].default_group;
    assert_eq!(group.as_deref(), Some("sg-default(vpc.main)"));
    assert!(network.unread.is_empty(), "{:?}", network.unread);
}
