//! Eventual consistency: what was just made is not shown, and not known, for a
//! while; IAM's roles are not known to others for a while.

use serde_json::json;

use super::{NAT, block_on, ends_well, lab, nothing_left, objects, refusals, undisturbed};
use crate::lab::Lab;

/// A role, what it may do, and an instance that has it.
const ROLE: &str = r#"
[role.instance]
service = "ec2"

[security_group.instance]
vpc = "main"
description = "the instance"

[instance.one]
subnet = "one"
security_groups = ["instance"]
role = "instance"
type = "t3.micro"
image = "al2023"
"#;

fn three_ways_with_a_lag_of(seconds: u32) {
    let lab = Lab::with_plan("three-ways.toml");
    lab.settings(json!({ "visible_after_seconds": seconds }));
    lab.apply().exits(0);
    let seen = refusals(&lab);
    let unknown = |name: &&String| name.contains(".NotFound") || name.contains("NoSuch");
    assert!(seen.keys().filter(unknown).count() >= 3, "{seen:?}");
    assert_eq!(objects(&lab), undisturbed());
    ends_well(&lab);
}

#[test]
fn what_is_shown_late_is_waited_for_on_describe_and_on_use() {
    three_ways_with_a_lag_of(4);
}

#[test]
#[ignore = "takes three minutes: every new object is hidden for 30 s"]
fn what_is_shown_thirty_seconds_late_is_waited_for() {
    three_ways_with_a_lag_of(30);
}

/// A run is cut off, and the next one begins while AWS still shows nothing of
/// what the first has made.
#[test]
fn what_a_cut_run_made_and_aws_does_not_show_yet_is_made_once() {
    // The last of them leaves places taken that are not shown: an attachment.
    for calls in [14, 22, 45, 50] {
        let lab = lab(&[NAT]);
        let cut = json!({ "visible_after_seconds": 4, "credentials_expire_after_calls": calls });
        lab.settings(cut);
        lab.apply().exits(1);
        lab.settings(json!({ "credentials_expire_after_calls": null }));
        lab.apply().exits(0);
        let gateways = block_on(async {
            let ec2 = lab.aws().await.ec2;
            let gateways = ec2.describe_internet_gateways().send().await;
            gateways.unwrap().internet_gateways().len()
        });
        assert_eq!(gateways, 1);
        ends_well(&lab);
    }
}

#[test]
fn what_a_cut_run_made_and_aws_does_not_show_yet_is_destroyed() {
    for calls in [14, 22, 45] {
        let lab = lab(&[NAT]);
        let cut = json!({ "visible_after_seconds": 4, "credentials_expire_after_calls": calls });
        lab.settings(cut);
        lab.apply().exits(1);
        lab.settings(json!({ "credentials_expire_after_calls": null }));
        lab.destroy().exits(0);
        // All that there is shows itself now.
        lab.settings(json!({ "visible_after_seconds": 0 }));
        nothing_left(&lab);
    }
}

/// The answer is lost, and what was made is not shown: it is waited for before
/// anything is made again.
#[test]
fn what_was_made_without_an_answer_and_is_shown_late_is_made_once() {
    let lab = lab(&[NAT]);
    lab.settings(json!({ "visible_after_seconds": 4 }));
    let tokenless = [
        "ec2:CreateVpc",
        "ec2:CreateInternetGateway",
        "ec2:AllocateAddress",
        "ec2:CreateSubnet",
    ];
    for action in tokenless {
        lab.fault(json!({ "action": action, "reset": true, "after": true }));
    }
    lab.apply().exits(0);
    let calls = lab.calls();
    for action in &tokenless[..3] {
        assert_eq!(calls["counts"][action], 1, "{action}: {}", calls["counts"]);
    }
    ends_well(&lab);
}

#[test]
fn an_instance_waits_until_ec2_knows_its_profile() {
    let lab = lab(&[ROLE]);
    lab.settings(json!({ "iam_propagation_seconds": 3 }));
    lab.apply().exits(0);
    let seen = refusals(&lab);
    let unknown = "RunInstances InvalidParameterValue";
    assert!(seen.contains_key(unknown), "{seen:?}");
    ends_well(&lab);
}

#[test]
fn a_bucket_policy_waits_until_s3_knows_the_role_in_it() {
    let lab = Lab::new();
    lab.write(
        r#"
[stack]
name = "faults"
region = "ap-northeast-1"

[role.reader]
service = "ec2"

[bucket.data]
name = "@"
policy = { Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = "${role.reader.arn}" }, Action = "s3:GetObject", Resource = "arn:aws:s3:::@/*" }] }
"#
        .replace('@', &lab.bucket())
        .as_str(),
    );
    lab.settings(json!({ "iam_propagation_seconds": 3 }));
    lab.apply().exits(0);
    let seen = refusals(&lab);
    let unknown = "PutBucketPolicy MalformedPolicy";
    assert!(seen.contains_key(unknown), "{seen:?}");
    ends_well(&lab);
}
