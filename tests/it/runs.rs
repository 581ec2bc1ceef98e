//! How a run goes when something comes between: failures, signals, locks, the
//! wrong account, what is not ours.

use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::lab::{Lab, Ran, leftovers};

#[test]
fn a_failed_node_stops_only_what_depends_on_it_and_the_next_run_goes_on() {
    let lab = Lab::with_plan("three-ways.toml");
    lab.fault(json!({
        "action": "ec2:CreateNatGateway", "nth": 1, "times": 1, "status": 400,
        "code": "NatGatewayLimitExceeded", "message": "The maximum number of NAT gateways has been reached."
    }));
    let failed = lab.apply().exits(1);
    for text in [
        "nat_gateway.main",
        "NatGatewayLimitExceeded",
        "raise the quota",
        "35 created",
        "route_table.private-1/route:0.0.0.0/0",
    ] {
        let flat = failed.err.split_whitespace().collect::<Vec<_>>().join(" ");
        let whole = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if text == "35 created" {
            // The NAT gateway and the route through it are missing.
            assert!(flat.contains("34 created"), "{}", failed.err);
        } else {
            assert!(flat.contains(&whole), "`{text}` is not in\n{}", failed.err);
        }
    }
    let next = lab.apply().exits(0);
    assert!(next.err.contains("2 created"), "{}", next.err);
    lab.plan().exits(0);
    lab.destroy().exits(0);
}

#[test]
fn a_second_run_is_refused_and_told_who_holds_the_lock() {
    let lab = Lab::with_plan("three-ways.toml");
    lab.settings(json!({ "latency_ms": 200 }));
    let bucket = format!("bucket={}", lab.bucket());
    let args = [
        "apply",
        "plan.toml",
        "--local",
        "--auto-approve",
        "--var",
        &bucket,
    ];
    let child = lab
        .command(&args)
        .stderr(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let start = Instant::now();
    while !lab.state("three-ways").exists() && start.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(20));
    }
    let second = lab.destroy().exits(4);
    assert!(second.err.contains("s3net apply"), "{}", second.err);
    assert!(
        second.err.contains(&child.id().to_string()),
        "{}",
        second.err
    );
    Ran::from(child.wait_with_output().unwrap()).exits(0);
    lab.settings(json!({ "latency_ms": 0 }));
    lab.destroy().exits(0);
}

#[test]
fn another_account_is_refused_before_any_call_that_changes() {
    let lab = Lab::with_plan("three-ways.toml");
    lab.edit(
        "region = \"ap-northeast-1\"",
        "region = \"ap-northeast-1\"\naccount = \"111122223333\"",
    );
    let url = crate::lab::endpoint();
    let bucket = format!("bucket={}", lab.bucket());
    let ran: Ran = lab
        .command(&["plan", "plan.toml", "--endpoint-url", url, "--var", &bucket])
        .env("AWS_ACCESS_KEY_ID", &lab.account)
        .env("AWS_SECRET_ACCESS_KEY", "secret")
        .output()
        .unwrap()
        .into();
    let ran = ran.exits(1);
    assert!(ran.err.contains("111122223333"), "{}", ran.err);
}

#[test]
fn the_usual_environment_of_aws_tools_serves() {
    let lab = Lab::with_plan("three-ways.toml");
    let bucket = format!("bucket={}", lab.bucket());
    let with_environment = |args: &[&str]| -> Ran {
        lab.command(args)
            .env("AWS_ACCESS_KEY_ID", &lab.account)
            .env("AWS_SECRET_ACCESS_KEY", "secret")
            .env("AWS_ENDPOINT_URL", crate::lab::endpoint())
            .output()
            .unwrap()
            .into()
    };
    with_environment(&["apply", "plan.toml", "--auto-approve", "--var", &bucket]).exits(0);
    with_environment(&["plan", "plan.toml", "--detailed-exitcode", "--var", &bucket]).exits(0);
    with_environment(&["destroy", "plan.toml", "--auto-approve", "--var", &bucket]).exits(0);
}

#[test]
fn json_is_one_document_a_line_and_says_its_version() {
    let lab = Lab::with_plan("three-ways.toml");
    let ran = lab.verb("apply", &["--auto-approve", "--json"]).exits(0);
    let mut lines = 0;
    for line in ran.out.lines() {
        let json: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(json["format_version"].is_string(), "{line}");
        lines += 1;
    }
    assert!(lines > 36, "{}", ran.out);
    lab.destroy().exits(0);
}

#[test]
fn without_a_terminal_nothing_changes_unless_it_is_approved() {
    let lab = Lab::with_plan("three-ways.toml");
    let ran = lab.verb("apply", &[]).exits(1);
    assert!(ran.err.contains("--auto-approve"), "{}", ran.err);
    lab.plan().exits(2);
}

#[test]
fn a_damaged_state_is_named_and_left_as_it_is() {
    let lab = Lab::with_plan("three-ways.toml");
    let path = lab.state("three-ways");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, "{ \"format_version\": 1, ").unwrap();
    let ran = lab.apply().exits(1);
    assert!(ran.err.contains("damaged"), "{}", ran.err);
    assert_eq!(
        std::fs::read_to_string(&path).unwrap(),
        "{ \"format_version\": 1, "
    );
}

#[tokio::test]
async fn a_bucket_with_files_in_it_goes_only_where_the_file_says_so() {
    let lab = Lab::new();
    let plan = |force: bool| {
        format!(
            "[stack]\nname = \"files\"\nregion = \"ap-northeast-1\"\n\n\
             [bucket.data]\nname = \"{}\"\nversioning = true\nforce_destroy = {force}\n",
            lab.bucket()
        )
    };
    lab.write(&plan(false));
    lab.apply().exits(0);
    let s3 = lab.aws().await.s3;
    for _ in 0..2 {
        let body = aws_sdk_s3::primitives::ByteStream::from_static(b"x");
        s3.put_object()
            .bucket(lab.bucket())
            .key("a")
            .body(body)
            .send()
            .await
            .unwrap();
    }
    let ran = lab.destroy().exits(1);
    assert!(ran.err.contains("force_destroy"), "{}", ran.err);
    lab.write(&plan(true));
    lab.apply().exits(0);
    lab.destroy().exits(0);
    assert!(leftovers(&lab.aws().await).await.is_empty());
}
