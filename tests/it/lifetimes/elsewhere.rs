//! `reap` from a region that is not, or may not be, that of a stack.

use super::{HERE, PAST, apply_at, flat};
use crate::lab::{Lab, Ran, endpoint, leftovers};

/// A role belongs to no region, and its end is not that of the network which was
/// renewed.
#[tokio::test]
async fn a_look_from_another_region_leaves_a_living_stack_s_role_alone() {
    let lab = Lab::with_plan("three-ways.toml");
    lab.edit(
        "name = \"three-ways\"\n",
        "name = \"three-ways\"\nttl = \"2h\"\n",
    );
    apply_at(&lab, PAST).exits(0);
    let renewal = ["--renew", "--target", "vpc.main", "--auto-approve"];
    lab.verb("apply", &renewal).exits(0);
    let aws = lab.aws().await;
    let mut before = leftovers(&aws).await;
    before.sort();
    let roles = aws.iam.list_roles().send().await.unwrap();
    let role = roles.roles()[0].role_name().to_owned();

    // Another machine, behind the old end and before the new one.
    let elsewhere = tempfile::TempDir::new().unwrap();
    let from = |region: &str, more: &[&str]| -> Ran {
        let mut args = vec!["reap", "--local", "--region", region];
        args.extend(more);
        let mut command = lab.command(&args);
        command
            .current_dir(elsewhere.path())
            .output()
            .unwrap()
            .into()
    };
    let all = ["--destroy", "--auto-approve"];
    let ran = from("us-east-1", &all).exits(0);
    assert!(ran.err.contains("No stack in us-east-1"), "{}", ran.err);
    let here = from(HERE, &[]).exits(0);
    assert!(here.out.contains("1 h 59 min left"), "{}", here.out);

    // One that was made before there was such a tag.
    let untag = aws.iam.untag_role().role_name(&role);
    untag.tag_keys("s3net:region").send().await.unwrap();
    let untag = aws.iam.untag_instance_profile();
    let untag = untag.instance_profile_name(&role).tag_keys("s3net:region");
    untag.send().await.unwrap();
    let ran = from("us-east-1", &all).exits(0);
    let told = flat(&ran.out);
    for said in [
        "three-ways not clear, so it is left alone",
        "from us-east-1 nothing but its role is seen, which belongs to no region",
        "`s3net destroy FILE`",
    ] {
        assert!(told.contains(said), "{said}: {told}");
    }
    let mut after = leftovers(&aws).await;
    after.sort();
    assert_eq!(after, before);
    lab.destroy().exits(0);
    assert_eq!(leftovers(&aws).await, Vec::<String>::new());
}

/// There is no file that could state a region.
#[test]
fn without_a_region_the_hint_is_one_that_can_be_followed() {
    let lab = Lab::new();
    endpoint();
    let mut command = lab.command(&["reap", "--local"]);
    command.env("AWS_CONFIG_FILE", "/dev/null");
    command.env("AWS_EC2_METADATA_DISABLED", "true");
    let ran = Ran::from(command.output().unwrap()).exits(1);
    assert!(ran.err.contains("pass --region"), "{}", ran.err);
    assert!(!ran.err.contains("[stack]"), "{}", ran.err);
}
