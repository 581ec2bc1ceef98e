//! `apply --rollback-on-failure`: a run that fails in the middle of an update is
//! taken back, and AWS is as it was.

mod adopted;
mod killed;
mod picture;

use std::process::Stdio;

use serde_json::{Value, json};

use crate::lab::{Lab, Ran, endpoint, leftovers};
use picture::{picture, without_ids};

const ROLLBACK: [&str; 2] = ["--auto-approve", "--rollback-on-failure"];

/// A VPC with a subnet and a group.
const SMALL: &str = r#"
[stack]
name = "small"
region = "ap-northeast-1"

[vpc.main]
cidr = "10.0.0.0/16"

[security_group.one]
vpc = "main"
lifecycle = { prevent_destroy = true }

[subnet.one]
vpc = "main"
cidr = "10.0.0.0/24"
zone = "a"
"#;

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Runtime::new().unwrap().block_on(work)
}

fn refuse(lab: &Lab, action: &str) {
    lab.fault(json!({
        "action": action, "status": 403, "code": "UnauthorizedOperation",
        "message": "You are not authorized to perform this operation."
    }));
}

#[track_caller]
fn says(text: &str, part: &str) {
    let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        flat(text).contains(&flat(part)),
        "`{part}` is not in\n{text}"
    );
}

#[track_caller]
fn nothing_left(lab: &Lab) {
    let left = block_on(async { leftovers(&lab.aws().await).await });
    assert!(left.is_empty(), "left: {left:?}");
}

/// Three ways, applied, and then a file that adds, changes and takes away:
/// way three goes, and AWS refuses to delete the last of it, its subnet.
fn edited() -> Lab {
    let lab = Lab::with_plan("three-ways.toml");
    lab.expect_nothing();
    lab.apply().exits(0);
    for (from, to) in [
        (
            "tags = { Project = \"three-ways\" }",
            "tags = { Project = \"other\", Owner = \"net\" }",
        ),
        (
            "route_tables = [\"private-2\"]",
            "route_tables = [\"private-1\", \"private-2\"]",
        ),
        ("allow = [\"s3:*\"]", "allow = [\"s3:GetObject\"]"),
    ] {
        lab.edit(from, to);
    }
    for table in [
        "subnet.private-3",
        "route_table.private-3",
        "interface_endpoint.s3",
        "security_group.endpoint",
        "instance.three",
    ] {
        take_out(&lab, table);
    }
    let more = "\n[subnet.extra]\nvpc = \"main\"\ncidr = \"10.0.9.0/24\"\nzone = \"a\"\n\
                lifecycle = { prevent_destroy = true }\n\n\
                [security_group.extra]\nvpc = \"main\"\n\
                ingress = [{ protocol = \"tcp\", port = 443, from = \"security_group.instance\" }]\n";
    lab.write(&(lab.text() + more));
    lab
}

/// Takes a table out of the file.
fn take_out(lab: &Lab, table: &str) {
    let text = lab.text();
    let header = format!("[{table}]\n");
    let (before, rest) = text.split_once(&header).expect("the table is there");
    let after = rest.find("\n[").map_or("", |place| &rest[place..]);
    lab.write(&(before.to_owned() + after));
}

fn documents(ran: &Ran, name: &str) -> Vec<Value> {
    let lines = ran.out.lines();
    let all = lines.map(|line| serde_json::from_str::<Value>(line).unwrap());
    all.filter(|it| it["document"] == name).collect()
}

#[test]
fn a_run_that_fails_in_the_middle_of_an_update_is_taken_back_whole() {
    let lab = edited();
    let before = block_on(async { picture(&lab.aws().await).await });
    let planned = lab.verb("plan", &[]).exits(0).out;
    refuse(&lab, "ec2:DeleteSubnet");
    let ran = lab.verb("apply", &ROLLBACK).exits(1);
    // It was far: something was made, changed and deleted.
    says(&ran.err, "subnet.private-3 was not deleted");
    says(&ran.err, "Apply failed after");
    for done in [
        "+ subnet.extra",
        "- instance.three",
        "~ gateway_endpoint.s3",
    ] {
        assert!(ran.err.contains(done), "{done}: {}", ran.err);
    }
    says(
        &ran.err,
        "a rollback could not bring back everything that this plan deletes: instance.three",
    );
    says(
        &ran.out,
        "Rolling back: three-ways goes back to what it was before this run.",
    );
    says(&ran.err, "Rollback complete in");
    says(
        &ran.err,
        "Rolled back: three-ways is as it was before this run, but for instance.three \
         (its disk, and what ran on it).",
    );
    // What the failed run would have advised is not the advice now.
    assert!(!ran.err.contains("it goes on from here"), "{}", ran.err);

    let after = block_on(async { picture(&lab.aws().await).await });
    assert_eq!(before, after);
    let again = lab.verb("plan", &[]).exits(0).out;
    assert_eq!(without_ids(&planned), without_ids(&again));
    // And the file can be had another time.
    lab.apply().exits(0);
    lab.plan().exits(0);
    lab.edit("lifecycle = { prevent_destroy = true }\n", "");
    lab.destroy().exits(0);
    nothing_left(&lab);
}

#[test]
fn a_rollback_is_told_in_documents() {
    let lab = edited();
    refuse(&lab, "ec2:DeleteSubnet");
    let ran = lab.verb(
        "apply",
        &["--auto-approve", "--rollback-on-failure", "--json"],
    );
    let ran = ran.exits(1);
    let rollback = documents(&ran, "rollback");
    assert_eq!(rollback.len(), 1);
    assert_eq!(
        rollback[0]["lost"],
        json!([{ "address": "instance.three", "what": "its disk, and what ran on it" }])
    );
    let made: Vec<&str> = rollback[0]["changes"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|change| change["action"] == "create" && change["part"] == Value::Null)
        .map(|change| change["address"].as_str().unwrap())
        .collect();
    assert_eq!(made.len(), 4, "{made:?}");
    let ends: Vec<_> = documents(&ran, "outcome")
        .iter()
        .map(|it| (it["of"].clone(), it["complete"].clone()))
        .collect();
    assert_eq!(
        ends,
        [
            (json!("apply"), json!(false)),
            (json!("rollback"), json!(true))
        ]
    );
    lab.edit("lifecycle = { prevent_destroy = true }\n", "");
    lab.destroy().exits(0);
}

#[test]
fn what_a_first_run_made_goes_although_the_file_guards_it() {
    let lab = Lab::new();
    lab.write(SMALL);
    refuse(&lab, "ec2:CreateSubnet");
    let ran = lab.verb("apply", &ROLLBACK).exits(1);
    says(&ran.err, "subnet.one was not created");
    says(&ran.err, "Rollback complete in");
    nothing_left(&lab);
    lab.apply().exits(0);
    // From now on it is guarded.
    lab.destroy().exits(1);
}

#[test]
fn a_run_that_changed_nothing_has_nothing_to_take_back() {
    let lab = Lab::new();
    lab.write(SMALL);
    refuse(&lab, "ec2:CreateVpc");
    let ran = lab.verb("apply", &ROLLBACK).exits(1);
    says(
        &ran.err,
        "Nothing to roll back: this run has changed nothing.",
    );
    nothing_left(&lab);
}

#[test]
fn a_rollback_that_fails_says_what_is_left_and_the_next_run_goes_on() {
    let lab = Lab::new();
    lab.write(SMALL);
    refuse(&lab, "ec2:CreateSubnet");
    refuse(&lab, "ec2:DeleteVpc");
    let ran = lab.verb("apply", &ROLLBACK).exits(1);
    says(&ran.err, "vpc.main was not deleted");
    says(&ran.err, "Rollback failed after");
    says(&ran.err, "the rollback did not get through");
    lab.apply().exits(0);
    lab.plan().exits(0);
    lab.edit("lifecycle = { prevent_destroy = true }", "");
    lab.apply().exits(0);
    lab.destroy().exits(0);
    nothing_left(&lab);
}

#[test]
fn what_the_run_left_to_itself_gets_our_tags_again_and_the_plan_says_so() {
    let lab = Lab::new();
    lab.write(SMALL);
    lab.edit("prevent_destroy = true", "on_remove = \"forget\"");
    lab.apply().exits(0);
    take_out(&lab, "security_group.one");
    let more = "\n[subnet.two]\nvpc = \"main\"\ncidr = \"10.0.2.0/24\"\nzone = \"a\"\n";
    lab.write(&(lab.text() + more));
    refuse(&lab, "ec2:CreateSubnet");
    let ran = lab.verb("apply", &ROLLBACK).exits(1);
    says(&ran.err, ". security_group.one");
    let (_, back) = ran.out.split_once("Rolling back:").unwrap();
    says(back, "~ security_group.one");
    says(back, "tags: s3net's own are put on again");
}

#[test]
fn a_rollback_that_cannot_begin_says_how_to_go_back() {
    let lab = Lab::new();
    lab.write(SMALL);
    lab.fault(json!({
        "action": "ec2:CreateSubnet", "delay": 3, "status": 403,
        "code": "UnauthorizedOperation", "message": "You are not authorized."
    }));
    let mut args = vec!["apply", "plan.toml", "--local"];
    args.extend(ROLLBACK);
    endpoint();
    let mut command = lab.command(&args);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    let mut seen = String::new();
    while !seen.contains("CreateSecurityGroup\"") {
        std::thread::sleep(std::time::Duration::from_millis(100));
        seen += &lab.calls()["counts"].to_string();
    }
    lab.fault(json!({
        "action": "ec2:DescribeVpcs", "times": 99, "status": 400, "code": "RequestExpired",
        "message": "Request has expired."
    }));
    let ran = Ran::from(child.wait_with_output().unwrap()).exits(1);
    says(&ran.err, "the run is not rolled back: the live network");
    says(
        &ran.err,
        "then run again, which goes on to what the file wants; to go back, apply the former file",
    );
}

#[test]
fn an_interrupted_run_is_not_taken_back() {
    let lab = Lab::new();
    lab.write(SMALL);
    // It fails as well, a while after the user has asked to stop.
    lab.fault(json!({
        "action": "ec2:CreateSubnet", "delay": 4, "status": 403,
        "code": "UnauthorizedOperation", "message": "You are not authorized."
    }));
    let args = ["apply", "plan.toml", "--local"];
    endpoint();
    let child = lab
        .command(&[&args[..], &ROLLBACK].concat())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut seen = String::new();
    while !seen.contains("CreateSecurityGroup\"") {
        std::thread::sleep(std::time::Duration::from_millis(100));
        seen += &lab.calls()["counts"].to_string();
    }
    let id = child.id().to_string();
    let sent = std::process::Command::new("kill")
        .args(["-INT", &id])
        .status();
    assert!(sent.unwrap().success());
    let ran = Ran::from(child.wait_with_output().unwrap()).exits(130);
    says(&ran.err, "Apply interrupted after");
    assert!(!ran.out.contains("Rolling back"), "{}", ran.out);
    lab.apply().exits(0);
    lab.plan().exits(0);
}

/// What a run has adopted is let go again, and not destroyed.
#[test]
fn what_was_adopted_is_others_again() {
    let lab = Lab::new();
    endpoint();
    let tags = |id: &str| {
        block_on(async {
            let ec2 = lab.aws().await.ec2;
            let vpcs = ec2.describe_vpcs().vpc_ids(id).send().await.unwrap();
            let tags = vpcs.vpcs()[0].tags().iter();
            tags.map(|tag| format!("{:?}={:?}", tag.key(), tag.value()))
                .collect::<std::collections::BTreeSet<_>>()
        })
    };
    let vpc = block_on(async {
        let ec2 = lab.aws().await.ec2;
        let name = aws_sdk_ec2::types::Tag::builder().key("Name").value("old");
        let of_vpc = aws_sdk_ec2::types::TagSpecification::builder()
            .resource_type(aws_sdk_ec2::types::ResourceType::Vpc)
            .tags(name.build());
        let made = ec2.create_vpc().cidr_block("10.0.0.0/16");
        let made = made
            .tag_specifications(of_vpc.build())
            .send()
            .await
            .unwrap();
        made.vpc().unwrap().vpc_id().unwrap().to_owned()
    });
    let before = tags(&vpc);
    lab.write(&format!(
        "{SMALL}\n[[import]]\nto = \"vpc.main\"\nid = \"{vpc}\"\n"
    ));
    let planned = lab.plan().exits(2).out;
    says(&planned, "1 to adopt");
    refuse(&lab, "ec2:CreateSubnet");
    lab.verb("apply", &ROLLBACK).exits(1);
    assert_eq!(tags(&vpc), before);
    assert_eq!(lab.plan().exits(2).out, planned);
    // And once nothing stands in the way, it is adopted.
    lab.apply().exits(0);
    lab.plan().exits(0);
    assert_ne!(tags(&vpc), before);
}
