//! Too many calls: EC2's token buckets, Route 53's five a second, and one change
//! at a time for each hosted zone and endpoint.

use std::fmt::Write;

use aws_sdk_ec2::types::Filter;
use serde_json::json;

use super::{ENDPOINT, block_on, ends_well, lab, refusals};
use crate::lab::Lab;

/// Two records in a private zone, each a change of its own.
const ZONE: &str = r#"
[private_zone.data]
name = "data.internal"
vpcs = ["main"]

[alias_record.apex]
zone = "data"
target = "interface_endpoint.s3"

[alias_record.other]
zone = "data"
name = "other.data.internal"
target = "interface_endpoint.s3"
"#;

#[test]
fn ec2_throttling_fails_no_node() {
    let mut subnets = String::new();
    for number in 1..=6 {
        let zone = ["a", "c", "d"][number % 3];
        write!(
            subnets,
            "\n[subnet.more-{number}]\nvpc = \"main\"\ncidr = \"10.0.{number}.0/24\"\nzone = \"{zone}\"\n"
        )
        .unwrap();
    }
    let lab = lab(&[&subnets]);
    lab.settings(json!({ "throttle": {
        "ec2:CreateSubnet": "2/1", "ec2:DescribeSubnets": "2/1", "ec2:DeleteSubnet": "2/1"
    } }));
    lab.apply().exits(0);
    let seen = refusals(&lab);
    assert!(
        seen.contains_key("CreateSubnet RequestLimitExceeded"),
        "{seen:?}"
    );
    let subnets = block_on(async {
        let ours = Filter::builder().name("tag:s3net:stack").values("faults");
        let asked = lab.aws().await.ec2.describe_subnets().filters(ours.build());
        asked.send().await
    });
    assert_eq!(subnets.unwrap().subnets().len(), 7);
    ends_well(&lab);
}

#[test]
fn route_53_throttling_fails_no_node() {
    let lab = lab(&[ENDPOINT, ZONE]);
    lab.settings(json!({ "throttle": { "route53:*": "2/2" } }));
    lab.apply().exits(0);
    let seen = refusals(&lab);
    assert!(
        seen.keys().any(|name| name.ends_with(" Throttling")),
        "{seen:?}"
    );
    ends_well(&lab);
}

#[test]
fn a_zone_that_still_works_on_a_change_is_waited_for() {
    let lab = lab(&[ENDPOINT, ZONE]);
    lab.settings(json!({ "zone_change_seconds": 1 }));
    lab.apply().exits(0);
    let seen = refusals(&lab);
    let prior = "ChangeResourceRecordSets PriorRequestNotComplete";
    assert!(seen.contains_key(prior), "{seen:?}");
    ends_well(&lab);
}

#[test]
fn an_endpoint_that_is_being_changed_is_waited_for() {
    let lab = lab(&[ENDPOINT]);
    lab.apply().exits(0);
    lab.settings(json!({ "modifying_seconds": 3 }));
    // Somebody changes it by hand, and so nobody else may for a while.
    block_on(drift(&lab));
    lab.apply().exits(0);
    let seen = refusals(&lab);
    let busy = "ModifyVpcEndpoint OperationInProgress";
    assert!(seen.contains_key(busy), "{seen:?}");
    ends_well(&lab);
}

async fn drift(lab: &Lab) {
    let ec2 = lab.aws().await.ec2;
    let endpoints = ec2.describe_vpc_endpoints().send().await.unwrap();
    let id = endpoints.vpc_endpoints()[0].vpc_endpoint_id().unwrap();
    let policy = json!({ "Statement": [
        { "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*" }
    ] });
    let change = ec2.modify_vpc_endpoint().vpc_endpoint_id(id);
    let change = change.policy_document(policy.to_string());
    change.send().await.unwrap();
}
