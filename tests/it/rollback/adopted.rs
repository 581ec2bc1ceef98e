//! What a run has adopted is others' again, whatever ends the rollback: no run
//! after it takes it for ours, and none deletes it.

use std::collections::BTreeMap;

use super::killed::{direct, killed_at};
use super::*;
use crate::adoption::Found;
use crate::kill::proxy::Moment;

/// A file that adopts all that somebody has built, and makes one subnet more.
fn adopting(lab: &Lab) -> Found {
    let found = block_on(async { Found::build(&lab.aws().await, &lab.bucket()).await });
    let late = "[subnet.late]\nvpc = \"main\"\ncidr = \"10.0.2.0/24\"\nzone = \"a\"\n";
    lab.write(&format!("{}\n{late}", found.file(&lab.bucket())));
    found
}

/// The file as it would be had nothing been adopted.
fn without_imports(lab: &Lab) {
    let text = lab.text();
    lab.write(text.split_once("[[import]]").unwrap().0);
}

/// Which of somebody's objects are there, and whether they bear a tag of ours.
fn there(lab: &Lab, found: &Found) -> BTreeMap<&'static str, bool> {
    block_on(async {
        let aws = lab.aws().await;
        let mut there = BTreeMap::new();
        let ours = |key: Option<&str>| key.is_some_and(|key| key.starts_with("s3net:"));
        for vpc in aws.ec2.describe_vpcs().send().await.unwrap().vpcs() {
            if vpc.vpc_id() == Some(&found.vpc) {
                there.insert("vpc", vpc.tags().iter().any(|tag| ours(tag.key())));
            }
        }
        if let Ok(role) = aws.iam.get_role().role_name("office").send().await {
            let tags = role.role.unwrap().tags.unwrap_or_default();
            there.insert("role", tags.iter().any(|tag| ours(Some(tag.key()))));
        }
        let bucket = lab.bucket();
        if aws.s3.head_bucket().bucket(&bucket).send().await.is_ok() {
            let tags = aws.s3.get_bucket_tagging().bucket(&bucket).send().await;
            let tags = tags.map(|it| it.tag_set).unwrap_or_default();
            there.insert("bucket", tags.iter().any(|tag| ours(Some(tag.key()))));
        }
        there
    })
}

fn listed(lab: &Lab) -> String {
    lab.run(&["state", "list", "plan.toml", "--local"])
        .exits(0)
        .out
}

#[test]
fn the_state_knows_nothing_of_it_afterwards_and_destroy_leaves_it() {
    let lab = Lab::new();
    let found = adopting(&lab);
    let before = listed(&lab);
    let bare = BTreeMap::from([("bucket", false), ("role", false), ("vpc", false)]);
    assert_eq!(there(&lab, &found), bare);
    refuse(&lab, "ec2:CreateSubnet");
    let args = [&ROLLBACK[..], &["--parallelism", "1"]].concat();
    let ran = lab.verb("apply", &args).exits(1);
    says(
        &ran.out,
        "given back: s3net takes its tags off and forgets it",
    );
    says(
        &ran.err,
        "Rolled back: adopting is as it was before this run.",
    );
    assert_eq!(there(&lab, &found), bare);
    assert_eq!(listed(&lab), before);
    let text = lab.text();
    without_imports(&lab);
    lab.calls();
    lab.destroy().exits(0);
    let calls = lab.calls()["counts"].to_string();
    assert!(!calls.contains("Delete"), "{calls}");
    assert_eq!(there(&lab, &found), bare);
    // Once nothing stands in the way, all of it is adopted.
    lab.write(&text);
    lab.apply().exits(0);
    lab.plan().exits(0);
}

#[test]
fn a_run_that_adopted_nothing_leaves_nothing_of_others_in_the_state() {
    let lab = Lab::new();
    let found = adopting(&lab);
    let text = lab.text();
    let (_, bucket) = text.split_once("[bucket.data]").unwrap();
    let (bucket, _) = bucket.split_once("[[import]]").unwrap();
    lab.write(&format!(
        "[stack]\nname = \"adopting\"\nregion = \"ap-northeast-1\"\n\n\
         [bucket.data]{bucket}[[import]]\nto = \"bucket.data\"\nid = \"{}\"\n",
        lab.bucket()
    ));
    let before = listed(&lab);
    refuse(&lab, "s3:PutBucketTagging");
    let ran = lab.verb("apply", &ROLLBACK).exits(1);
    says(&ran.err, "Nothing to roll back");
    assert_eq!(listed(&lab), before);
    assert!(!there(&lab, &found)["bucket"]);
}

#[test]
fn what_a_killed_rollback_has_given_back_is_not_taken_for_ours() {
    for moment in [Moment::Before, Moment::After] {
        let lab = Lab::new();
        let found = adopting(&lab);
        refuse(&lab, "ec2:CreateSubnet");
        killed_at(&lab, "UntagRole", moment);
        let bare = there(&lab, &found);
        assert_eq!(bare.len(), 3, "{bare:?}");
        assert_eq!(bare["role"], moment == Moment::Before);
        without_imports(&lab);
        // What was given back may hold what was not yet: then that stays as well.
        let ran = direct(&lab, "destroy", &["--auto-approve"]);
        assert!([0, 1].contains(&ran.code), "{}", ran.err);
        let left = there(&lab, &found);
        for (what, _) in bare.iter().filter(|(_, bears_ours)| !**bears_ours) {
            assert!(left.contains_key(what), "{what} was others': {left:?}");
        }
    }
}

/// A part bears our tag for a moment longer than its table.
#[test]
fn a_profile_is_others_again_with_its_role() {
    for moment in [Moment::Before, Moment::After] {
        let lab = Lab::new();
        let profiles = || {
            block_on(async {
                let iam = lab.aws().await.iam;
                let found = iam.list_instance_profiles().send().await.unwrap();
                found.instance_profiles().len()
            })
        };
        block_on(async {
            let iam = lab.aws().await.iam;
            let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
                "Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
            let role = iam.create_role().role_name("office");
            role.assume_role_policy_document(trust)
                .send()
                .await
                .unwrap();
            let profile = iam
                .create_instance_profile()
                .instance_profile_name("office");
            profile.send().await.unwrap();
            let both = iam.add_role_to_instance_profile().role_name("office");
            both.instance_profile_name("office").send().await.unwrap();
        });
        let head = "[stack]\nname = \"adopting\"\nregion = \"ap-northeast-1\"\n\n";
        lab.write(&format!(
            "{head}[role.office]\nservice = \"ec2\"\nname = \"office\"\npath = \"/\"\n\n\
             [vpc.main]\ncidr = \"10.0.0.0/16\"\n\n[subnet.late]\nvpc = \"main\"\n\
             cidr = \"10.0.2.0/24\"\nzone = \"a\"\n\n\
             [[import]]\nto = \"role.office\"\nid = \"office\"\n"
        ));
        // The run is to have adopted both by then.
        lab.fault(json!({
            "action": "ec2:CreateSubnet", "delay": 2, "status": 403,
            "code": "UnauthorizedOperation", "message": "You are not authorized."
        }));
        killed_at(&lab, "UntagRole", moment);
        lab.write(head);
        let ran = direct(&lab, "apply", &["--auto-approve"]).exits(0);
        assert!(!ran.err.contains("instance_profile"), "{}", ran.err);
        assert_eq!(profiles(), 1, "{moment:?}: {}", ran.err);
    }
}
