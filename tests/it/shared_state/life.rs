//! A stack whose state is on S3, from the first apply to the end.

use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use serde_json::json;

use super::site::{Site, flat, is_part};
use crate::lab::{Lab, leftovers};

#[test]
fn a_stack_lives_with_its_state_on_s3() {
    let site = Site::on_s3(Lab::with_plan("three-ways.toml"));
    let bucket = site.bucket.clone().unwrap();
    site.lab.edit(
        "region = \"ap-northeast-1\"",
        &format!("region = \"ap-northeast-1\"\nstate = \"s3://{bucket}/team\""),
    );
    let run = |verb: &str, more: &[&str]| {
        let mut command = site.command(verb, more);
        let output = command.env_remove("S3NET_STATE").output().unwrap();
        crate::lab::Ran::from(output)
    };
    let first = run("apply", &["--auto-approve"]).exits(0);
    assert!(
        flat(&first.err).contains("with versioning on"),
        "{}",
        first.err
    );
    assert_eq!(site.keys(), ["team/three-ways/state.json"]);
    assert!(!site.lab.folder.path().join("state").exists());
    let versioning = VersioningConfiguration::builder()
        .status(BucketVersioningStatus::Enabled)
        .build();
    let put = site.s3().put_bucket_versioning().bucket(&bucket);
    site.now(put.versioning_configuration(versioning).send())
        .unwrap();
    run("plan", &["--detailed-exitcode"]).exits(0);
    let last = run("destroy", &["--auto-approve"]).exits(0);
    assert!(!flat(&last.err).contains("versioning on"), "{}", last.err);
    assert_eq!(site.keys(), ["team/three-ways/state.json"]);
    // Where a deleted lock leaves a mark behind, it is as free as where it does not.
    run("apply", &["--auto-approve"]).exits(0);
    run("plan", &["--detailed-exitcode"]).exits(0);
    run("destroy", &["--auto-approve"]).exits(0);
    assert_eq!(site.keys(), ["team/three-ways/state.json"]);
    assert_eq!(site.now(leftovers(&site.aws)), [bucket]);
}

#[test]
fn a_failed_step_leaves_no_lock_and_the_next_run_goes_on() {
    let site = Site::small_on_s3();
    site.lab.fault(json!({
        "action": "ec2:CreateVpc", "status": 400, "code": "VpcLimitExceeded",
        "message": "The maximum number of VPCs has been reached."
    }));
    site.apply().exits(1);
    assert!(site.keys().iter().all(|key| key.ends_with("/state.json")));
    // Neither does one that nobody approves.
    site.run("apply", &[]).exits(1);
    assert!(site.keys().iter().all(|key| key.ends_with("/state.json")));
    site.apply().exits(0);
    assert_eq!(site.vpcs(), 1);
    site.plan().exits(0);
}

#[test]
fn an_answer_of_s3_that_is_lost_is_no_refusal() {
    let site = Site::small_on_s3();
    for (number, verb) in (1..=7).flat_map(|n| [(n, "apply"), (n, "destroy")]) {
        site.lab.fault(json!({
            "action": "s3:PutObject", "nth": number, "drop": true, "after": true
        }));
        let ran = site.run(verb, &["--auto-approve"]);
        assert_eq!(ran.code, 0, "{verb} {number}: {}", ran.err);
        let left = site.keys();
        assert_eq!(left, ["labs/small/state.json"], "{verb} {number}");
        assert_eq!(site.vpcs(), usize::from(verb == "apply"));
    }
    site.lab.fault(json!({
        "action": "s3:DeleteObject", "times": 2, "drop": true, "after": true
    }));
    site.apply().exits(0);
    assert_eq!(site.keys(), ["labs/small/state.json"]);
}

#[test]
fn a_journal_that_cannot_be_written_stops_before_the_call() {
    let site = Site::small_on_s3();
    // The lock, the head, the snapshot, the first part, the new head; then the
    // part that says that the step begins.
    site.lab.fault(json!({
        "action": "s3:PutObject", "nth": 6, "status": 403,
        "code": "AccessDenied", "message": "Access Denied"
    }));
    let ran = site.apply().exits(1);
    assert!(flat(&ran.err).contains("s3:PutObject"), "{}", ran.err);
    assert_eq!(site.vpcs(), 0, "{}", ran.err);
    site.apply().exits(0);
    assert_eq!(site.vpcs(), 1);
    assert!(!site.keys().iter().any(|key| is_part(key)));
}
