//! What zones and records are told as.

use super::*;
use aws_sdk_route53::types::builders::ResourceRecordSetBuilder;
use aws_sdk_route53::types::{AliasTarget, HostedZoneOwner, ResourceRecord};

use crate::model::network::InterfaceEndpoint;

const OUR_ACCOUNT: &str = "111122223333";

fn network() -> Network {
    let endpoint = InterfaceEndpoint {
        vpc: "vpc-1".into(),
        service: "com.amazonaws.eu-west-1.s3".into(),
        subnets: BTreeMap::new(),
        security_groups: BTreeSet::new(),
        private_dns: false,
        only_inbound: false,
        dns_name: None,
        policy: Known::Is(None),
        broken: None,
        spot: None,
    };
    let mut network = Network::default();
    network
        .interface_endpoints
        .insert("vpce-0a1b".into(), endpoint);
    network.vpcs.insert("vpc-1".into(), Default::default());
    network
}

fn zone(id: &str, name: &str, owner: HostedZoneOwner) -> HostedZoneSummary {
    let zone = HostedZoneSummary::builder().hosted_zone_id(id).name(name);
    zone.owner(owner).build().unwrap()
}

fn of_account(account: &str) -> HostedZoneOwner {
    HostedZoneOwner::builder().owning_account(account).build()
}

fn record(name: &str, kind: RrType) -> ResourceRecordSetBuilder {
    ResourceRecordSet::builder().name(name).r#type(kind)
}

fn alias(name: &str, to: &str) -> ResourceRecordSet {
    let target = AliasTarget::builder().hosted_zone_id("Z").dns_name(to);
    let target = target.evaluate_target_health(false).build().unwrap();
    record(name, RrType::A)
        .alias_target(target)
        .build()
        .unwrap()
}

fn valued(name: &str, kind: RrType, value: &str) -> ResourceRecordSet {
    let value = ResourceRecord::builder().value(value).build().unwrap();
    record(name, kind).resource_records(value).build().unwrap()
}

#[test]
fn records_are_told_by_what_they_lead_to() {
    let own = "vpce-0a1b-c2d3.s3.eu-west-1.vpce.amazonaws.com";
    let records = [
        alias("Data.example.com.", &format!("{own}.")),
        alias("\\052.data.example.com.", &format!("\\052.{own}.")),
        alias(
            "zonal.example.com.",
            "vpce-0a1b-c2d3-eu-west-1a.s3.eu-west-1.vpce.amazonaws.com.",
        ),
        alias(
            "other.example.com.",
            "vpce-9f9f-c2d3.s3.eu-west-1.vpce.amazonaws.com.",
        ),
        alias("lb.example.com.", "lb-1.eu-west-1.elb.amazonaws.com."),
        valued("c.example.com.", RrType::Cname, "Elsewhere.example.com."),
        valued("six.example.com.", RrType::Aaaa, "2001:db8::1"),
        valued("example.com.", RrType::Ns, "ns-1.example.com."),
    ];
    let told = told(&network(), &records);
    let targets: Vec<(&str, &RecordTarget)> = told
        .iter()
        .map(|it| (it.name.as_str(), &it.target))
        .collect();
    let endpoint = RecordTarget::Endpoint("vpce-0a1b".into());
    let name = |name: &str| RecordTarget::Name(name.into());
    let address = RecordTarget::Addresses(vec!["2001:db8::1".parse().unwrap()]);
    assert_eq!(
        targets,
        [
            ("data.example.com", &endpoint),
            ("*.data.example.com", &endpoint),
            ("zonal.example.com", &endpoint),
            (
                "other.example.com",
                &name("vpce-9f9f-c2d3.s3.eu-west-1.vpce.amazonaws.com")
            ),
            ("lb.example.com", &name("lb-1.eu-west-1.elb.amazonaws.com")),
            ("c.example.com", &name("elsewhere.example.com")),
            ("six.example.com", &address),
        ]
    );
    let ipv4: Vec<bool> = told.iter().map(|it| it.ipv4).collect();
    assert_eq!(ipv4, [true, true, true, true, true, true, false]);
}

fn told_of(
    zones: Known<Vec<HostedZoneSummary>>,
    records: Known<Vec<ResourceRecordSet>>,
) -> Network {
    let found = Zones {
        of_vpcs: vec![("vpc-1".into(), zones)],
        records: BTreeMap::from([("Z1".into(), records)]),
        tags: BTreeMap::new(),
        account: OUR_ACCOUNT.into(),
    };
    let mut network = network();
    let mut gaps = Gaps::default();
    tell(&mut network, &mut gaps, found);
    gaps.tell(&mut network);
    network
}

#[test]
fn zones_are_told_by_whose_they_are() {
    let service = HostedZoneOwner::builder().owning_service("vpce.amazonaws.com");
    let zones = vec![
        zone(
            "/hostedzone/Z1",
            "data.s3.eu-west-1.amazonaws.com.",
            of_account(OUR_ACCOUNT),
        ),
        zone("Z2", "s3.eu-west-1.amazonaws.com.", service.build()),
        zone(
            "Z3",
            "ssm.eu-west-1.amazonaws.com.",
            of_account("999999999999"),
        ),
    ];
    let network = told_of(Known::Is(zones), Known::Is(Vec::new()));
    assert!(network.private_zones.keys().eq(["Z1", "Z3"]));
    let ours = &network.private_zones["Z1"];
    assert_eq!(ours.name, "data.s3.eu-west-1.amazonaws.com");
    let theirs = &network.private_zones["Z3"];
    assert_eq!(
        network.unread.get("Z3").map(String::as_str),
        Some(
            "the private zone ssm.eu-west-1.amazonaws.com is of account 999999999999, \
             which alone can read its records"
        )
    );
    for zone in [ours, theirs] {
        assert!(zone.vpcs.iter().eq(["vpc-1"]));
    }
    assert_eq!(network.unread.len(), 1);
}

#[test]
fn records_that_may_not_be_read_are_not_an_empty_zone() {
    let zones = vec![zone("Z1", "amazonaws.com.", of_account(OUR_ACCOUNT))];
    let network = told_of(Known::Is(zones), Known::Not("no".into()));
    assert!(network.private_zones.contains_key("Z1"));
    assert_eq!(
        network.unread["Z1"],
        "the credentials may not read the records of the private zone amazonaws.com"
    );
}

#[test]
fn a_vpc_whose_zones_may_not_be_listed_is_not_told() {
    let network = told_of(Known::Not("no".into()), Known::Is(Vec::new()));
    assert!(network.vpcs.is_empty());
    assert_eq!(network.unread["vpc-1"], "no");
}
