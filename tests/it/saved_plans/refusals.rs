//! A saved plan that is stale, foreign or damaged is refused before any change,
//! and the reason is told.

use std::fs;

use serde_json::{Value, json};

use super::{PLAN, carry_out, file, is_refused, only_reads, save, show, small};
use crate::lab::{Lab, Ran};
use crate::state_files::journal_of;

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

#[test]
fn what_cannot_be_rolled_back_is_not_begun_as_if_it_could() {
    let lab = small();
    lab.apply().exits(0);
    let back = ["--rollback-on-failure"];
    let remedy = "leave --rollback-on-failure out";
    save(&lab, &["--destroy"]).exits(0);
    is_refused(&lab, &back, &["what is gone stays gone", remedy]);
    save(&lab, &["--refresh-only"]).exits(0);
    is_refused(&lab, &back, &["it only writes the state", remedy]);
    assert_eq!(lab.calls()["counts"], json!({}));
    let args = ["--refresh-only", "--rollback-on-failure", "--auto-approve"];
    let ran = lab.verb("apply", &args).exits(1);
    assert!(ran.err.contains("cannot be used with"), "{}", ran.err);
    assert_eq!(lab.calls()["counts"], json!({}));
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
    // A plan file is no saved plan to be made anew: that would overwrite it.
    let ran = lab.run(&["show", "plan.toml"]).exits(1);
    let remedy = "name what `s3net plan --out` wrote";
    assert!(ran.err.contains(remedy), "{}", ran.err);
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
fn a_plan_that_could_not_be_made_any_more_is_stale_first_of_all() {
    let lab = small();
    lab.apply().exits(0);
    let text = lab.text();
    let (without, _) = text.split_once("[route_table.main]").unwrap();
    lab.write(without);
    save(&lab, &["--target", "route_table.main"]).exits(0);
    carry_out(&lab, &[]).exits(0);
    // Nothing is called so by now, and that is not what is wrong.
    is_refused(
        &lab,
        &[],
        &[
            "stale",
            "it had serial 2 when the plan was saved, and has 3 now",
        ],
    );
    lab.destroy().exits(0);
}

#[test]
fn a_state_in_another_place_is_refused() {
    let lab = small();
    save(&lab, &[]).exits(0);
    let elsewhere = ["it is for state, and this run is for elsewhere"];
    is_refused(&lab, &["--state", "elsewhere"], &elsewhere);
    let environment = lab
        .command(&["apply", PLAN, "--local"])
        .env("S3NET_STATE", "elsewhere")
        .output()
        .unwrap();
    let ran = Ran::from(environment).exits(1);
    assert!(ran.err.contains("a state in another place"), "{}", ran.err);
    assert!(!lab.folder.path().join("elsewhere").exists());
    // What was stated need not be stated again, and is not forgotten.
    save(&lab, &["--state", "elsewhere"]).exits(0);
    let here = ["it is for elsewhere, and this run is for state"];
    is_refused(&lab, &["--state", "state"], &here);
    carry_out(&lab, &[]).exits(0);
    assert!(!lab.state("small").exists());
    lab.verb("plan", &["--state", "elsewhere", "--detailed-exitcode"])
        .exits(0);
    // The usual place by its name is no other place.
    save(&lab, &["--destroy"]).exits(0);
    carry_out(&lab, &["--state", "state"]).exits(0);
}

#[test]
fn another_end_of_the_lifetime_is_refused_and_one_that_is_over_too() {
    let lab = small();
    lab.edit("[stack]\n", "[stack]\nttl = \"1h\"\n");
    let at = |now: &str, verb: &str, more: &[&str]| -> Ran {
        let file = if verb == "apply" { PLAN } else { "plan.toml" };
        let mut command = lab.command(&[&[verb, file, "--local"][..], more].concat());
        let ran = command.env("S3NET_NOW", now).output().unwrap();
        Ran::from(ran)
    };
    crate::lab::endpoint();
    let planned = at("2026-11-22T08:00:00Z", "plan", &["--out", PLAN]).exits(0);
    let line = "Lifetime: 1 h from now, until 2026-11-22 09:00 UTC.";
    assert!(planned.out.contains(line), "{}", planned.out);
    // What was saved does not begin when it is shown.
    let shown = show(&lab, &[]).exits(0);
    let line = "Lifetime: 1 h, until 2026-11-22 09:00 UTC.";
    assert!(shown.out.contains(line), "{}", shown.out);
    is_refused(&lab, &["--renew"], &["--renew is part of a plan"]);
    lab.calls();
    for late in ["2026-11-22T09:00:00Z", "2026-11-22T09:30:00Z"] {
        let ran = at(late, "apply", &[]).exits(1);
        let flat = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
        let why = "the lifetime that it was shown with has ended at 2026-11-22 09:00 UTC";
        assert!(flat.contains(why), "{}", ran.err);
    }
    only_reads(&lab);
    let ran = at("2026-11-22T08:20:30Z", "apply", &[]).exits(0);
    let line = "Lifetime: 39 min left, until 2026-11-22 09:00 UTC.";
    assert!(ran.out.contains(line), "{}", ran.out);
    // One that was over when it was saved is as it was shown.
    let late = "2026-11-22T12:00:00Z";
    lab.edit(
        "[route_table.main]",
        "[subnet.a]\nvpc = \"main\"\ncidr = \"10.0.1.0/24\"\nzone = \"a\"\n\n[route_table.main]",
    );
    let planned = at(late, "plan", &["--out", PLAN]).exits(0);
    assert!(planned.out.contains("ended 3 h ago"), "{}", planned.out);
    at(late, "apply", &[]).exits(0);
    // By the real clock too, a lifetime begins with its full length.
    let renewed = lab.verb("plan", &["--renew"]).exits(0);
    assert!(
        renewed.out.contains("Lifetime: 1 h from now,"),
        "{}",
        renewed.out
    );
    lab.destroy().exits(0);
}

#[tokio::test]
async fn a_refresh_that_would_learn_something_else_is_refused() {
    let lab = small();
    lab.apply().exits(0);
    let folder = lab.folder.path().join("state");
    fs::remove_dir_all(&folder).unwrap();
    let planned = save(&lab, &["--refresh-only"]).exits(0);
    assert!(planned.out.contains("2 to remember"), "{}", planned.out);
    let ec2 = lab.aws().await.ec2;
    let tables = ec2.describe_route_tables().send().await.unwrap();
    let ours = tables.route_tables().iter().find(|table| {
        let mut tags = table.tags().iter();
        tags.any(|tag| tag.key() == Some("s3net:address"))
    });
    let id = ours.unwrap().route_table_id().unwrap();
    ec2.delete_route_table()
        .route_table_id(id)
        .send()
        .await
        .unwrap();
    is_refused(
        &lab,
        &[],
        &[
            "stale",
            "the state was to remember route_table.main and is now not to",
        ],
    );
    assert!(!lab.state("small").exists());
    save(&lab, &["--refresh-only"]).exits(0);
    carry_out(&lab, &[]).exits(0);
    assert!(lab.state("small").exists());
    lab.apply().exits(0);
    lab.destroy().exits(0);
}
