//! What names stand for.

use super::networks::three_ways;
use super::*;
use crate::model::network::{PrivateZone, Record, RecordTarget};
use crate::trace::Answer;

const S3: &str = "s3.ap-northeast-1.amazonaws.com";

fn zone(name: &str, records: &[&str]) -> PrivateZone {
    let record = |name: &&str| Record {
        name: (*name).to_owned(),
        ipv4: true,
        target: RecordTarget::Endpoint("vpce-i".into()),
        spot: None,
    };
    PrivateZone {
        name: name.to_owned(),
        vpcs: std::collections::BTreeSet::from(["vpc-1".into()]),
        records: records.iter().map(record).collect(),
        spot: None,
    }
}

#[test]
fn a_zone_for_one_bucket_moves_that_bucket_alone() {
    let mut network = three_ways();
    let name = format!("data.{S3}");
    network
        .private_zones
        .insert("Z1".into(), zone(&name, &[&name]));
    let trace = ask(&network, "i-interface", "data");
    assert!(trace.is_reachable(), "{trace:#?}");
    assert_eq!(trace.naming, Naming::Bucket);
    assert_eq!(trace.answer, Answer::Endpoint("vpce-i".into()));
    assert_eq!(ask(&network, "i-nat", "far").answer, Answer::Public);
    // Called by path, the zone is not asked.
    let path = ask_by(&network, "i-nat", "data", Naming::Path);
    assert_eq!(path.answer, Answer::Public);
}

#[test]
fn a_zone_without_the_name_does_not_fall_back() {
    let mut network = three_ways();
    network
        .interface_endpoints
        .get_mut("vpce-i")
        .unwrap()
        .subnets
        .clear();
    network.private_zones.insert("Z1".into(), zone(S3, &[S3]));
    let trace = ask(&network, "i-nat", "data");
    assert_eq!(blocked(&trace), (Stage::Name, Symptom::NameNotFound));
    assert_eq!(trace.answer, Answer::NoName("Z1".into()));
    let wildcard = format!("*.{S3}");
    network
        .private_zones
        .insert("Z1".into(), zone(S3, &[S3, &wildcard]));
    let trace = ask(&network, "i-nat", "data");
    assert_eq!(trace.answer, Answer::Endpoint("vpce-i".into()));
}

#[test]
fn the_most_specific_zone_answers_alone() {
    let mut network = three_ways();
    network
        .interface_endpoints
        .get_mut("vpce-i")
        .unwrap()
        .private_dns = true;
    let name = format!("data.{S3}");
    network.private_zones.insert("Z1".into(), zone(&name, &[]));
    let trace = ask_by(&network, "i-nat", "data", Naming::Bucket);
    assert_eq!(trace.answer, Answer::NoName("Z1".into()));
    // Of one name, nobody says which wins.
    network.private_zones.insert("Z1".into(), zone(S3, &[S3]));
    let trace = ask_by(&network, "i-nat", "data", Naming::Bucket);
    assert_eq!(trace.answer, Answer::Unknown);
}

#[test]
fn both_dns_attributes_are_needed() {
    let mut network = three_ways();
    network
        .interface_endpoints
        .get_mut("vpce-i")
        .unwrap()
        .private_dns = true;
    network.vpcs.get_mut("vpc-1").unwrap().dns_hostnames = false;
    assert_eq!(ask(&network, "i-nat", "data").answer, Answer::Public);
    network.vpcs.get_mut("vpc-1").unwrap().dns_support = false;
    let trace = ask(&network, "i-nat", "data");
    assert_eq!(trace.answer, Answer::NoResolver);
    assert_eq!(blocked(&trace), (Stage::Name, Symptom::NameNotFound));
}

#[test]
fn a_wildcard_stands_for_what_the_zone_does_not_have() {
    let mut network = three_ways();
    let (wildcard, other) = (format!("*.{S3}"), format!("deep.other.{S3}"));
    network
        .private_zones
        .insert("Z1".into(), zone(S3, &[&wildcard, &other]));
    assert_eq!(
        ask(&network, "i-nat", "data").answer,
        Answer::Endpoint("vpce-i".into())
    );
    // `other` exists since something stands below it, so the wildcard is not for it.
    let host = Naming::Host(format!("other.{S3}"));
    let trace = ask_by(&network, "i-nat", "data", host);
    assert_eq!(trace.answer, Answer::NoName("Z1".into()));
}

#[test]
fn names_that_the_endpoint_does_not_serve() {
    let mut network = three_ways();
    network
        .interface_endpoints
        .get_mut("vpce-i")
        .unwrap()
        .private_dns = true;
    for naming in [Naming::Global, Naming::Dualstack] {
        let trace = ask_by(&network, "i-nat", "data", naming.clone());
        assert_eq!(trace.answer, Answer::Public, "{naming}");
    }
    let dotted = network.buckets["data"].clone();
    let dotted = crate::model::network::Bucket {
        name: "my.data".into(),
        ..dotted
    };
    network.buckets.insert("my.data".into(), dotted);
    let trace = ask_by(&network, "i-nat", "my.data", Naming::Bucket);
    assert_eq!(blocked(&trace), (Stage::Name, Symptom::CertificateMismatch));
    let trace = ask(&network, "i-nat", "my.data");
    assert_eq!(trace.naming, Naming::Path);
    assert!(trace.is_reachable(), "{trace:#?}");
}

#[test]
fn a_zone_whose_records_are_not_known_leaves_the_answer_open() {
    let mut network = three_ways();
    network.private_zones.insert("Z1".into(), zone(S3, &[]));
    network.unread.insert("Z1".into(), "nobody may look".into());
    let trace = ask(&network, "i-nat", "data");
    assert_eq!(trace.answer, Answer::Unknown);
    assert!(
        matches!(&trace.verdict, Verdict::Unknown(why) if why.iter().any(|it| it.contains("nobody may look"))),
        "{:?}",
        trace.verdict
    );
}
