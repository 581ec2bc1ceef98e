//! What files and accounts become as networks. The kinds are the real ones.

mod picture;
mod samples;

use proptest::prelude::*;

use self::picture::picture;
use self::samples::{Sample, example, of_text};
use super::*;
use crate::kind::Foreign;
use crate::model::network::{
    Destination, NamedPolicy, Peer, PublicAddress, RecordTarget, Route, Spot, Via, stand_in,
};
use crate::model::{Attributes, Tags, Value};

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
        let network = wanted(&sample.world(), None);
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

#[test]
fn without_egress_a_group_lets_everything_out_and_with_none_nothing() {
    let open = LAB.replace("egress = []\n", "");
    let rules = |text: &str| {
        let sample = of_text(text);
        let network = wanted(&sample.world(), None);
        network.security_groups[&key("security_group.one")]
            .egress
            .len()
    };
    assert_eq!((rules(LAB), rules(&open)), (0, 1));
    // AWS's own rule, where the file takes it over and it has no tags yet.
    let mut sample = of_text(&open).applied();
    let group = sample
        .live
        .iter_mut()
        .find(|it| it.kind == "security_group");
    group.unwrap().attributes.set("default_egress", true);
    for network in [live(&sample.world()), wanted(&sample.world(), None)] {
        let group = &network.security_groups[&sample.id("security_group.one")];
        assert_eq!(group.egress.len(), 1, "{group:?}");
    }
    // It goes with the next apply.
    let sample = sample.with_file(LAB);
    let plan = sample.plan();
    let id = sample.id("security_group.one");
    let egress = |network: Network| network.security_groups[&id].egress.len();
    assert_eq!(egress(live(&sample.world())), 1);
    assert_eq!(egress(wanted(&sample.world(), Some(&plan))), 0);
}

#[test]
fn what_is_made_anew_has_a_stand_in_and_those_who_name_it_follow() {
    let sample = of_text(LAB).applied();
    let moved = LAB.replace("service = \"s3\"", "service = \"ssm\"");
    let (old, sample) = (sample.id("interface_endpoint.s3"), sample.with_file(&moved));
    let network = wanted(&sample.world(), Some(&sample.plan()));
    let new = key("interface_endpoint.s3");
    assert!(!network.interface_endpoints.contains_key(&old));
    assert_eq!(network.interface_endpoints[&new].vpc, sample.id("vpc.main"));
    let zone = &network.private_zones[&sample.id("private_zone.data")];
    assert_eq!(zone.records[0].target, RecordTarget::Endpoint(new.clone()));
    let bucket = &network.buckets["lab-data-123456789012"];
    let policy = bucket.policy.document.get().unwrap().as_ref().unwrap();
    let policy = crate::model::policy::to_json_text(policy);
    assert!(policy.contains(&format!("\"{new}\"")), "{policy}");
    let before = live(&sample.world());
    assert!(before.interface_endpoints.contains_key(&old));
    let nat = |network: &Network| network.nat_gateways[&sample.id("nat_gateway.main")].address;
    let address = PublicAddress::Is("192.0.2.1".parse().unwrap());
    assert_eq!((nat(&before), nat(&network)), (address, address));
}

#[test]
fn what_leaves_the_file_is_gone_unless_it_is_forgotten() {
    let nat = "[nat_gateway.main]\nsubnet = \"a\"\nelastic_ip = \"nat\"\n";
    let kept = "[nat_gateway.main]\nsubnet = \"a\"\nelastic_ip = \"nat\"\n\
                lifecycle = { on_remove = \"forget\" }\n";
    let after = |before: &str| {
        let sample = of_text(before).applied().with_file(&LAB.replace(nat, ""));
        let network = wanted(&sample.world(), Some(&sample.plan()));
        let id = sample.id("nat_gateway.main");
        network
            .nat_gateways
            .get(&id)
            .map(|it| (network.label(&id).to_owned(), it.clone()))
    };
    assert_eq!(after(LAB), None);
    let (label, gateway) = after(&LAB.replace(nat, kept)).unwrap();
    assert_eq!(label, "nat_gateway.main");
    assert_eq!(gateway.spot, None);
    let sample = of_text(LAB).applied();
    let everything = World {
        destroy: true,
        ..sample.world()
    };
    let plan = crate::plan::plan(&everything).unwrap();
    assert!(wanted(&everything, Some(&plan)).vpcs.is_empty());
}

/// A route of others in the table, and a rule of others in the group.
fn with_strangers(mut sample: Sample) -> Sample {
    let (table, group) = (sample.id("route_table.a"), sample.id("security_group.one"));
    let (at, of) = (
        "route_table.a".parse().unwrap(),
        "security_group.one".parse().unwrap(),
    );
    let route = Attributes::new()
        .with("route_table", table.as_str())
        .with("to", "10.9.0.0/16")
        .with("via", "nat-9 (black hole)");
    let rule = Attributes::new()
        .with("security_group", group.as_str())
        .with("protocol", "tcp")
        .with("from_port", 443_i64)
        .with("to_port", 443_i64)
        .with("prefix_list", "pl-9");
    let mut add = |kind: &'static str, what: Foreign, attributes: Attributes| {
        let id = format!("{table}/{kind}");
        let foreign = Live::foreign(id, what).showing(attributes);
        sample.live.push(Live { kind, ..foreign });
    };
    add("route", Foreign::new(&at, "route", "x"), route);
    add(
        "security_group_egress_rule",
        Foreign::new(&of, "rule", "x"),
        rule,
    );
    sample
}

#[test]
fn what_others_put_into_our_objects_counts_as_long_as_these_stay() {
    let sample = with_strangers(of_text(LAB).applied());
    let (table, group) = (sample.id("route_table.a"), sample.id("security_group.one"));
    let plan = sample.plan();
    let foreign = Route {
        to: Destination::Block("10.9.0.0/16".parse().unwrap()),
        via: Via::NatGateway("nat-9".into()),
        blackhole: true,
        propagated: false,
        spot: None,
    };
    for network in [live(&sample.world()), wanted(&sample.world(), Some(&plan))] {
        let routes = &network.route_tables[&table].routes;
        assert!(routes.len() == 2 && routes.contains(&foreign), "{routes:?}");
        let egress = &network.security_groups[&group].egress;
        assert_eq!(egress[0].peer, Peer::PrefixList("pl-9".into()));
        let why = &network.unread["nat-9"];
        assert!(why.starts_with("the facts of nat-9"), "{why}");
    }
    // A table that is made anew has none of it.
    let elsewhere = LAB.replace(
        "[vpc.main]\ncidr = \"10.0.0.0/16\"",
        "[vpc.main]\ncidr = \"10.0.0.0/17\"",
    );
    let sample = sample.with_file(&elsewhere);
    let network = wanted(&sample.world(), Some(&sample.plan()));
    assert_eq!(network.route_tables[&key("route_table.a")].routes.len(), 1);
    assert!(!network.route_tables.contains_key(&table));
}

#[test]
fn a_look_up_is_known_as_far_as_it_was_read() {
    let text = r#"
[stack]
name = "lab"
region = "eu-west-1"
[existing.vpc.shared]
id = "vpc-0a"
[existing.subnet.one]
id = "subnet-0a"
[existing.subnet.two]
id = "subnet-0b"
[existing.security_group.all]
id = "sg-0a"
[existing.role.ops]
name = "ops"
[route_table.own]
vpc = "existing.vpc.shared"
subnets = ["existing.subnet.two"]
[instance.one]
subnet = "existing.subnet.one"
security_groups = ["existing.security_group.all"]
role = "existing.role.ops"
[instance.two]
subnet = "subnet-0c0c0c0c"
"#;
    let mut sample = of_text(text);
    let offline = wanted(&sample.world(), None);
    let vpc = offline.labelled("existing.vpc.shared").unwrap();
    assert_eq!(vpc, "vpc-(existing.vpc.shared)");
    assert_eq!(
        offline.instances[&key("instance.one")].subnet,
        "subnet-(existing.subnet.one)"
    );
    let unread: Vec<&str> = offline.unread.keys().map(String::as_str).collect();
    let expected = [
        "(existing.role.ops)",
        "sg-(existing.security_group.all)",
        "subnet-(existing.subnet.one)",
        "subnet-(existing.subnet.two)",
        "subnet-0c0c0c0c",
        "vpc-(existing.vpc.shared)",
    ];
    assert_eq!(unread, expected);
    assert_eq!(
        offline.unread[vpc],
        "the facts of existing.vpc.shared are not in the file; `--live` reads them"
    );
    let mut look_up = |address: &str, id: &str, attributes: Attributes| {
        let found = Live::tagged(id, Tags::new(), attributes);
        sample.existing.insert(address.parse().unwrap(), found);
    };
    let block = |cidr: &str| Attributes::new().with("cidr", cidr).with("vpc", "vpc-0a");
    look_up("existing.vpc.shared", "vpc-0a", block("10.0.0.0/16"));
    look_up("existing.subnet.one", "subnet-0a", block("10.0.1.0/24"));
    look_up("existing.subnet.two", "subnet-0b", block("10.0.2.0/24"));
    look_up("existing.security_group.all", "sg-0a", block("10.0.0.0/8"));
    let arn = Attributes::new().with("arn", "arn:aws:iam::1:role/ops");
    look_up("existing.role.ops", "ops", arn);
    let found = wanted(&sample.world(), Some(&sample.plan()));
    assert_eq!(found.vpcs["vpc-0a"].default_group, None);
    assert_eq!(found.label("vpc-0a"), "existing.vpc.shared");
    let table = |subnet: &str| {
        found
            .table_of(&found.subnets[subnet])
            .map(|it| it.0.clone())
    };
    assert_eq!(table("subnet-0a"), None);
    assert_eq!(table("subnet-0b"), Some(key("route_table.own")));
    let unread: Vec<&str> = found.unread.keys().map(String::as_str).collect();
    assert_eq!(
        unread,
        ["rtb-of(subnet-0a)", "sg-0a", "subnet-0c0c0c0c", "vpc-0a"]
    );
    let one = &found.instances[&key("instance.one")];
    assert_eq!(one.role, Known::Is(Some("ops".into())));
    let document = &found.roles["ops"].policies[0].document;
    assert!(document.get().is_none());
}

proptest! {
    #[test]
    fn telling_does_not_depend_on_the_order_of_reads(seed in any::<u64>(), twice in any::<bool>()) {
        let mut sample = with_strangers(of_text(LAB).applied());
        let plan = sample.plan();
        let ordered = (picture(&live(&sample.world())), picture(&wanted(&sample.world(), Some(&plan))));
        if twice {
            // Between two pages a read may give an object again.
            let again = sample.live[seed as usize % sample.live.len()].clone();
            sample.live.push(again);
        }
        let mut state = seed;
        for place in (1..sample.live.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            sample.live.swap(place, (state >> 33) as usize % (place + 1));
        }
        prop_assert_eq!(picture(&live(&sample.world())), ordered.0);
        let plan = sample.plan();
        prop_assert_eq!(picture(&wanted(&sample.world(), Some(&plan))), ordered.1);
    }
}

#[test]
fn a_policy_with_what_only_apply_knows_stays_undecided() {
    let text = LAB.replace(
        "\"aws:SourceVpce\" = \"${interface_endpoint.s3.id}\"",
        "\"aws:SourceIp\" = \"${elastic_ip.nat.public_ip}/32\"",
    );
    let sample = of_text(&text);
    let network = wanted(&sample.world(), None);
    let document = &network.buckets["lab-data-(account)"].policy.document;
    let document: &Value = document.get().unwrap().as_ref().unwrap();
    assert!(document.has_unknown());
}
