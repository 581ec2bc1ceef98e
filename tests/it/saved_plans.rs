//! `plan --out`, `show` and `apply PLAN`: what was shown is done, or nothing is.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::lab::{Lab, Ran, endpoint, leftovers};
use crate::state_files::{SMALL, journal_of};

/// The saved plan of a laboratory.
const PLAN: &str = "lab.s3plan";

/// A small stack that is not applied yet.
fn small() -> Lab {
    let lab = Lab::new();
    lab.write(SMALL);
    lab
}

fn file(lab: &Lab) -> PathBuf {
    lab.folder.path().join(PLAN)
}

/// Saves the plan of `plan.toml`.
fn save(lab: &Lab, more: &[&str]) -> Ran {
    lab.verb("plan", &[&["--out", PLAN][..], more].concat())
}

/// Carries the saved plan out.
fn carry_out(lab: &Lab, more: &[&str]) -> Ran {
    endpoint();
    lab.run(&[&["apply", PLAN, "--local"][..], more].concat())
}

fn show(lab: &Lab, more: &[&str]) -> Ran {
    lab.run(&[&["show", PLAN][..], more].concat())
}

/// Nothing on AWS was changed since the calls were last asked for.
#[track_caller]
pub fn only_reads(lab: &Lab) {
    let calls = lab.calls();
    for (call, count) in calls["counts"].as_object().unwrap() {
        let operation = call.split(':').nth(1).unwrap();
        let reads = ["Describe", "Get", "List", "Head"];
        let reads = reads.iter().any(|verb| operation.starts_with(verb));
        assert!(reads, "{call} was called {count} times");
    }
}

/// The saved plan is refused without a change, and these words say why.
#[track_caller]
fn is_refused(lab: &Lab, more: &[&str], says: &[&str]) {
    lab.calls();
    let ran = carry_out(lab, more).exits(1);
    for text in says {
        let flat = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(text), "`{text}` is not in\n{}", ran.err);
    }
    assert!(ran.err.contains("hint:"), "{}", ran.err);
    only_reads(lab);
}

#[tokio::test]
async fn a_plan_is_saved_shown_as_it_was_and_carried_out_once() {
    let lab = Lab::with_plan("three-ways.toml");
    let planned = save(&lab, &["--detailed-exitcode"]).exits(2);
    assert!(
        planned.err.contains("Saved as lab.s3plan."),
        "{}",
        planned.err
    );
    let mode = fs::metadata(file(&lab)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let full = lab.verb("plan", &["--full"]).exits(0);
    let json = lab.verb("plan", &["--json"]).exits(0);
    lab.calls();
    let shown = show(&lab, &[]).exits(0);
    assert_eq!(shown.out, planned.out);
    assert!(shown.out.contains("Ways that change:"), "{}", shown.out);
    assert!(shown.out.contains("3 expectations hold."), "{}", shown.out);
    assert!(shown.err.contains("from plan.toml"), "{}", shown.err);
    assert_eq!(show(&lab, &["--full"]).exits(0).out, full.out);
    let document = |text: &str| serde_json::from_str::<Value>(text.trim()).unwrap();
    let shown = document(&show(&lab, &["--json"]).exits(0).out);
    assert_eq!(shown, document(&json.out));
    // Nobody was asked for any of that.
    assert_eq!(lab.calls()["counts"], json!({}));

    let ran = carry_out(&lab, &[]).exits(0);
    assert!(ran.err.contains("created"), "{}", ran.err);
    lab.plan().exits(0);
    is_refused(
        &lab,
        &[],
        &[
            "the saved plan is stale",
            "there was no state when it was saved, and now there is one",
        ],
    );

    let planned = save(&lab, &["--destroy", "--detailed-exitcode"]).exits(2);
    assert_eq!(show(&lab, &[]).exits(0).out, planned.out);
    let ran = carry_out(&lab, &[]).exits(0);
    assert!(ran.err.contains("Nothing is left of"), "{}", ran.err);
    assert_eq!(leftovers(&lab.aws().await).await, Vec::<String>::new());
}

#[test]
fn a_plan_of_changes_and_replacements_is_carried_out() {
    let lab = Lab::with_plan("three-ways.toml");
    lab.apply().exits(0);
    lab.edit("HTTPS from the instances to the endpoint", "HTTPS from all");
    lab.edit("cidr = \"10.0.3.0/24\"", "cidr = \"10.0.9.0/24\"");
    let planned = save(&lab, &["--detailed-exitcode"]).exits(2);
    assert!(
        planned.out.contains("-/+") && planned.out.contains("+/-"),
        "{}",
        planned.out
    );
    assert_eq!(show(&lab, &[]).exits(0).out, planned.out);
    assert_eq!(
        show(&lab, &[]).exits(0).err.matches("warning:").count(),
        planned.err.matches("warning:").count(),
        "{}",
        planned.err
    );
    carry_out(&lab, &[]).exits(0);
    lab.plan().exits(0);
    // A plan without a change is saved too, and does nothing.
    save(&lab, &["--detailed-exitcode"]).exits(0);
    lab.calls();
    carry_out(&lab, &[]).exits(0);
    only_reads(&lab);
    lab.destroy().exits(0);
}

#[test]
fn a_stale_plan_is_refused_with_the_reason() {
    let lab = small();
    lab.apply().exits(0);
    lab.edit("10.0.0.0/16\"\n", "10.0.0.0/16\"\ndns_hostnames = false\n");
    save(&lab, &[]).exits(0);
    let text = lab.text();
    lab.edit("dns_hostnames", "# or not?\ndns_hostnames");
    is_refused(&lab, &[], &["stale", "plan.toml has changed since"]);
    fs::remove_file(lab.folder.path().join("plan.toml")).unwrap();
    is_refused(&lab, &[], &["plan.toml cannot be read", "in the folder"]);
    lab.write(&text);

    let path = lab.state("small");
    let state = fs::read_to_string(&path).unwrap();
    fs::write(&path, state.replace("\"serial\": 2", "\"serial\": 5")).unwrap();
    is_refused(
        &lab,
        &[],
        &["it had serial 2 when the plan was saved, and has 5 now"],
    );
    let mut other: Value = serde_json::from_str(&state).unwrap();
    other["lineage"] = "another".into();
    fs::write(&path, other.to_string()).unwrap();
    is_refused(&lab, &[], &["of another history"]);
    let mut other: Value = serde_json::from_str(&state).unwrap();
    other["generations"]["vpc.main"] = 7.into();
    fs::write(&path, other.to_string()).unwrap();
    is_refused(&lab, &[], &["of the same serial holds other things"]);
    fs::remove_file(&path).unwrap();
    is_refused(&lab, &[], &["the state that it was made from is gone"]);
    fs::write(&path, state).unwrap();

    carry_out(&lab, &[]).exits(0);
    lab.plan().exits(0);
    is_refused(&lab, &[], &["the state has moved on"]);
    lab.destroy().exits(0);
}

#[tokio::test]
async fn what_aws_has_become_since_is_noticed() {
    let lab = small();
    lab.apply().exits(0);
    lab.edit(
        "[route_table.main]\n",
        "[route_table.main]\ntags = { Team = \"ours\" }\n",
    );
    save(&lab, &[]).exits(0);
    let aws = lab.aws().await;
    let vpcs = aws.ec2.describe_vpcs().send().await.unwrap();
    let vpcs = vpcs
        .vpcs()
        .iter()
        .filter(|vpc| vpc.is_default() != Some(true));
    let vpc = vpcs.filter_map(|vpc| vpc.vpc_id()).next().unwrap();
    let names = |value: bool| {
        let value = aws_sdk_ec2::types::AttributeBooleanValue::builder().value(value);
        let request = aws.ec2.modify_vpc_attribute().vpc_id(vpc);
        request.enable_dns_hostnames(value.build()).send()
    };
    names(false).await.unwrap();
    is_refused(
        &lab,
        &[],
        &["vpc.main was to stay as it is and is now to be changed"],
    );
    let ran = carry_out(&lab, &["--json"]).exits(1);
    let error: Value = serde_json::from_str(ran.out.lines().last().unwrap()).unwrap();
    assert_eq!(error["document"], "error");
    // When it is as it was, so is the plan.
    names(true).await.unwrap();
    carry_out(&lab, &[]).exits(0);
    lab.plan().exits(0);
    lab.destroy().exits(0);
}

#[test]
fn a_foreign_plan_is_refused_with_the_reason() {
    let lab = small();
    save(&lab, &[]).exits(0);
    let ran = lab.run(&["apply", PLAN]).exits(1);
    assert!(ran.err.contains("pass --local"), "{}", ran.err);
    is_refused(
        &lab,
        &["--region", "eu-west-1"],
        &["is for region ap-northeast-1"],
    );
    is_refused(&lab, &["--var", "x=1"], &["was made without --var x=…"]);
    is_refused(&lab, &["--refresh-only"], &["changes AWS"]);
    let other = Lab::new();
    let ran = lab
        .command(&["apply", PLAN, "--local"])
        .env("S3NET_LOCAL_ACCOUNT", &other.account)
        .output()
        .unwrap();
    let ran = Ran::from(ran).exits(1);
    assert!(ran.err.contains("another account or region"), "{}", ran.err);
    assert!(ran.err.contains(&other.account), "{}", ran.err);
    only_reads(&other);
    // Other verbs want the plan file.
    for verb in ["plan", "destroy", "validate"] {
        let ran = lab.run(&[verb, PLAN]).exits(1);
        assert!(
            ran.err.contains("is a saved plan, not a plan file"),
            "{}",
            ran.err
        );
    }
    carry_out(&lab, &[]).exits(0);
    lab.destroy().exits(0);
}

#[test]
fn an_interrupted_run_makes_a_plan_stale_and_can_be_planned_on() {
    let lab = small();
    save(&lab, &[]).exits(0);
    lab.settings(json!({ "latency_ms": 700 }));
    let mut child = lab.start("apply");
    let journal = journal_of(&lab);
    for _ in 0..600 {
        let text = fs::read_to_string(&journal).unwrap_or_default();
        if text.contains("\"made\"") {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    lab.settings(json!({ "latency_ms": 0 }));
    assert!(journal.exists());
    is_refused(&lab, &[], &["stale"]);
    // A plan of what is left is carried out, and ends the run.
    save(&lab, &[]).exits(0);
    carry_out(&lab, &[]).exits(0);
    assert!(!journal.exists());
    lab.plan().exits(0);
    lab.destroy().exits(0);
}

#[test]
fn a_secret_is_in_no_saved_plan_and_must_be_given_again() {
    let lab = Lab::with_plan("single-bucket-base.toml");
    lab.edit("[variables]\n", "[variables]\npassword = \"none\"\n");
    lab.edit(
        "[instance.private]\n",
        "[instance.private]\nuser_data = \"PASSWORD=${var.password}\"\n",
    );
    let secret = "password=hunter2-of-the-lab";
    save(&lab, &["--var", secret]).exits(0);
    let kept = fs::read_to_string(file(&lab)).unwrap();
    assert!(!kept.contains("hunter2"));
    let shown = show(&lab, &["--full"]).exits(0);
    assert!(shown.out.contains("user_data") && !shown.out.contains("hunter2"));
    is_refused(
        &lab,
        &[],
        &["`password` must be given again", "S3NET_VAR_password"],
    );
    let wrong = ["--var", "password=other"];
    is_refused(&lab, &wrong, &["`password` has another value"]);
    let ran = lab
        .command(&["apply", PLAN, "--local"])
        .env("S3NET_VAR_password", "hunter2-of-the-lab")
        .output()
        .unwrap();
    Ran::from(ran).exits(0);
    let ran = lab.verb("plan", &["--detailed-exitcode", "--var", secret]);
    ran.exits(0);
    lab.verb("destroy", &["--auto-approve", "--var", secret])
        .exits(0);
}

#[test]
fn a_file_that_is_damaged_or_something_else_is_refused_and_never_overwritten() {
    let lab = small();
    save(&lab, &[]).exits(0);
    let sound = fs::read(file(&lab)).unwrap();
    let refused = |bytes: &[u8], says: &str| {
        fs::write(file(&lab), bytes).unwrap();
        is_refused(&lab, &[], &[says]);
        let ran = show(&lab, &[]).exits(1);
        assert!(ran.err.contains(says), "{}", ran.err);
        assert_eq!(fs::read(file(&lab)).unwrap(), bytes);
    };
    refused(&sound[..sound.len() / 2], "is damaged");
    refused(b"", "is no saved plan");
    refused(b"{\"stack\":1}", "is no saved plan");
    refused(&[&sound[..], b"\n"].concat(), "is damaged");
    let text = String::from_utf8(sound.clone()).unwrap();
    refused(
        text.replace("10.0.0.0", "10.9.0.0").as_bytes(),
        "is damaged",
    );
    refused(text.replacen(":1,", ":7,", 1).as_bytes(), "has format 7");
    let ran = lab.run(&["show", "nowhere.s3plan"]).exits(1);
    assert!(ran.err.contains("cannot be read"), "{}", ran.err);
    // A damaged plan may be replaced, and anything else may not.
    fs::write(file(&lab), &sound[..100]).unwrap();
    save(&lab, &[]).exits(0);
    let plan = lab.text();
    for (out, says) in [
        ("plan.toml", "would be lost"),
        ("no/such.s3plan", "no folder"),
    ] {
        let ran = lab.verb("plan", &["--out", out]).exits(1);
        assert!(ran.err.contains(says), "{}", ran.err);
    }
    assert_eq!(lab.text(), plan);
}

#[test]
fn a_plan_of_a_part_is_carried_out_for_that_part() {
    let lab = small();
    let planned = save(&lab, &["--target", "vpc.main"]).exits(0);
    assert!(planned.out.contains("Plan: 1 to create"), "{}", planned.out);
    assert_eq!(show(&lab, &[]).exits(0).out, planned.out);
    is_refused(
        &lab,
        &["--exclude", "vpc.main"],
        &["another part of the stack"],
    );
    carry_out(&lab, &[]).exits(0);
    let rest = lab.plan().exits(2);
    assert!(rest.out.contains("Plan: 1 to create"), "{}", rest.out);
    let ran = lab.verb("plan", &["--refresh-only", "--target", "vpc.main"]);
    assert_eq!(ran.code, 2, "{}", ran.err);
    lab.destroy().exits(0);
}

#[test]
fn a_plan_whose_expectation_fails_is_not_saved() {
    let lab = Lab::with_plan("three-ways.toml");
    lab.edit(
        "via = \"interface_endpoint.s3\"",
        "via = \"gateway_endpoint.s3\"",
    );
    let ran = save(&lab, &["--detailed-exitcode"]).exits(3);
    assert!(!file(&lab).exists(), "{}", ran.err);
}

#[test]
fn exit_codes_are_as_the_table_says() {
    let lab = small();
    let codes = |more: &[&str]| {
        let detailed = [more, &["--detailed-exitcode"]].concat();
        (
            lab.verb("plan", more).code,
            lab.verb("plan", &detailed).code,
        )
    };
    let refresh = ["--refresh-only"];
    assert_eq!(codes(&[]), (0, 2));
    assert_eq!(codes(&["--destroy"]), (0, 0));
    assert_eq!(codes(&refresh), (0, 0));
    lab.apply().exits(0);
    assert_eq!(codes(&[]), (0, 0));
    assert_eq!(codes(&["--destroy"]), (0, 2));
    assert_eq!(codes(&refresh), (0, 0));
    let state = lab.state("small");
    let text = fs::read_to_string(&state).unwrap();
    fs::write(&state, text.replace("small-main", "other-main")).unwrap();
    assert_eq!(codes(&refresh), (0, 2));
    fs::write(&state, "rubbish").unwrap();
    for more in [&[][..], &["--destroy"], &refresh] {
        assert_eq!(codes(more), (1, 1));
    }
    fs::write(&state, text).unwrap();
    lab.destroy().exits(0);
}
