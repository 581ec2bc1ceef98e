//! The gate before the old way: what it waits for, who ends it early, what it can
//! read; and a switch that is taken back.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::json;

use super::*;
use crate::lab::endpoint;

const ASKS_AGAIN: [&str; 2] = ["DescribeNetworkAcls", "DeleteRoute"];

/// The gateway endpoint gives way to a name that leads to the interface endpoint.
fn from_gateway_to_names() -> Lab {
    let lab = three_ways();
    take_out(&lab, "gateway_endpoint.s3");
    lab.write(
        &(lab.text()
            + "\n[private_zone.data]\n\
               name = \"${bucket.data.name}.s3.${region}.amazonaws.com\"\nvpcs = [\"main\"]\n\n\
               [alias_record.data]\nzone = \"data\"\ntarget = \"interface_endpoint.s3\"\n"),
    );
    lab
}

/// An apply in documents, for an AWS that shows what it has so much later.
fn apply_in_documents(lab: &Lab, consistency: &str) -> Child {
    let bucket = format!("bucket={}", lab.bucket());
    endpoint();
    let args = ["apply", "plan.toml", "--local", "--var", &bucket];
    let mut command = lab.command(&[&args[..], &["--auto-approve", "--json"]].concat());
    command.env("S3NET_CONSISTENCY", consistency);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// Reads documents until one is as wanted.
fn read_until(out: &mut BufReader<ChildStdout>, wanted: impl Fn(&Value) -> bool) {
    let mut line = String::new();
    loop {
        line.clear();
        assert_ne!(out.read_line(&mut line).unwrap(), 0, "it never came");
        crate::documents::hold(&line);
        if wanted(&serde_json::from_str(&line).unwrap()) {
            return;
        }
    }
}

/// Ends a run when one of its documents comes; its exit code.
fn ended_at(lab: &Lab, signal: &str, wanted: impl Fn(&Value) -> bool) -> Option<i32> {
    let mut child = apply_in_documents(lab, "60");
    let mut out = BufReader::new(child.stdout.take().unwrap());
    read_until(&mut out, wanted);
    let id = child.id().to_string();
    let sent = Command::new("kill").args([signal, &id]).status();
    assert!(sent.unwrap().success());
    std::io::copy(&mut out, &mut std::io::sink()).unwrap();
    child.wait().unwrap().code()
}

#[test]
fn a_run_that_is_ended_while_it_asks_leaves_the_old_way_and_the_next_asks_again() {
    for (signal, code) in [("-INT", Some(130)), ("-KILL", None)] {
        let lab = from_nat_to_gateway();
        walled(&lab, true);
        let ended = ended_at(&lab, signal, |it| it["event"] == "asking");
        assert_eq!(ended, code, "{signal}");
        assert_eq!(old_way(&lab), (vec!["available".to_owned()], true));
        walled(&lab, false);
        log(&lab);
        lab.apply().exits(0);
        let log = log(&lab);
        in_order(&log, &ASKS_AGAIN);
        none_before(&log, &["DeleteRoute"], "DescribeNetworkAcls");
        assert_eq!(old_way(&lab), (vec!["deleted".to_owned()], false));
        lab.plan().exits(0);
    }
}

#[test]
fn what_fails_after_the_moment_of_change_is_asked_about_again() {
    let lab = from_nat_to_gateway();
    lab.fault(json!({
        "action": "ec2:DeleteRoute", "status": 403, "code": "UnauthorizedOperation",
        "message": "You are not authorized to perform this operation."
    }));
    lab.apply().exits(1);
    assert_eq!(old_way(&lab), (vec!["available".to_owned()], true));
    log(&lab);
    lab.apply().exits(0);
    let log = log(&lab);
    in_order(&log, &ASKS_AGAIN);
    none_before(
        &log,
        &["DeleteRoute", "DeleteNatGateway"],
        "DescribeNetworkAcls",
    );
    assert_eq!(old_way(&lab), (vec!["deleted".to_owned()], false));
}

#[test]
fn the_old_door_stays_until_answers_that_name_it_have_run_out() {
    let lab = from_gateway_to_names();
    // Names move, and connections stay: none break at that moment.
    let plan = lab.verb("plan", &[]).exits(0);
    says(&plan.out, "open connections stay with gateway_endpoint.s3");
    let (_, breaking) = plan.err.split_once("open connections to S3 from").unwrap();
    let (breaking, _) = breaking.split_once("break").unwrap();
    assert!(!breaking.contains("instance.two"), "{breaking}");

    let ran = Ran::from(apply_in_documents(&lab, "3").wait_with_output().unwrap());
    let ran = ran.exits(0);
    crate::documents::hold(&ran.out);
    let documents: Vec<Value> = ran
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let place = |wanted: &dyn Fn(&Value) -> bool| documents.iter().position(wanted);
    let of = |event: &str| {
        let events = documents.iter().filter(|it| it["event"] == event);
        events.collect::<Vec<_>>()
    };
    let waits: Vec<&Value> = of("asking").iter().map(|it| &it["waits_for"]).collect();
    assert_eq!(waits, [&Value::Null, &json!("DNS answers to run out")]);
    let asked = of("asked");
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0]["works"], true);
    assert_eq!(asked[0]["new"], "interface_endpoint.s3");
    assert_eq!(asked[0]["old"], "gateway_endpoint.s3");
    assert!(asked[0]["elapsed_ms"].as_u64() >= Some(3000), "{asked:?}");
    let answered = place(&|it| it["event"] == "asked");
    let goes = place(&|it| it["event"] == "started" && it["address"] == "gateway_endpoint.s3");
    assert!(answered < goes, "{answered:?} {goes:?}");
    lab.plan().exits(0);
}

#[test]
fn whoever_does_not_wait_for_answers_to_run_out_keeps_the_old_door() {
    let lab = from_gateway_to_names();
    let code = ended_at(&lab, "-INT", |it| {
        it["waits_for"] == "DNS answers to run out"
    });
    assert_eq!(code, Some(130));
    let plan = lab.verb("plan", &[]).exits(0);
    says(&plan.out, "calls go by interface_endpoint.s3 already");
    log(&lab);
    let ran = lab.apply().exits(0);
    in_order(&log(&lab), &["DescribeNetworkAcls", "DeleteVpcEndpoints"]);
    says(
        &ran.err,
        "interface_endpoint.s3 asking whether the new way works",
    );
    says(&ran.err, "interface_endpoint.s3 the new way works, after");
    lab.plan().exits(0);
}

#[test]
fn a_switch_is_taken_back_without_a_gap_too() {
    let lab = from_nat_to_gateway();
    let before = lab.text();
    lab.write(&(before + "\n[role.late]\nservice = \"ec2\"\n"));
    lab.fault(json!({
        "action": "iam:CreateRole", "status": 403, "code": "AccessDenied",
        "message": "You are not authorized to perform this operation."
    }));
    log(&lab);
    let args = ["--auto-approve", "--rollback-on-failure"];
    let ran = lab.verb("apply", &args).exits(1);
    let (_, back) = ran.out.split_once("Rolling back:").unwrap();
    says(
        back,
        "subnet.private-1 → bucket.data: gateway_endpoint.s3 ⇒ nat_gateway.main",
    );
    says(
        back,
        "moment of change: when gateway_endpoint.s3 is changed",
    );
    // Nothing withholds the way back.
    assert!(!back.contains("when a trace"), "{back}");
    in_order(
        &log(&lab),
        &[
            "ModifyVpcEndpoint",
            "DeleteNatGateway",
            "CreateNatGateway",
            "CreateRoute",
            "ModifyVpcEndpoint",
        ],
    );
    let (states, routed) = old_way(&lab);
    assert!(states.contains(&"available".to_owned()) && routed);
}

#[test]
fn preflight_tells_what_the_gate_may_not_read() {
    let lab = from_nat_to_gateway();
    let clear = lab.verb("plan", &["--preflight"]).exits(0);
    says(&clear.err, "Preflight: nothing stands in the way");
    lab.settings(json!({ "deny": { "ec2:DescribeNetworkAcls": "on" } }));
    let told = lab.verb("plan", &["--preflight"]).exits(0);
    for text in [
        "Preflight: 1 thing may fail.",
        "warning: whether the way by gateway_endpoint.s3 works cannot be found out, so \
         nat_gateway.main would stay (nat_gateway.main)",
        "cause: the credentials may not read network ACLs",
        "with --no-verify, nobody is asked and nat_gateway.main goes regardless",
    ] {
        says(&told.err, text);
    }
    let told = lab.verb("plan", &["--preflight", "--json"]).exits(0);
    assert!(told.out.contains("\"check\":\"way\""), "{}", told.out);
    let ran = lab.apply().exits(1);
    says(&ran.err, "the subnet's network ACL could not be read");
    assert!(!ran.err.contains("(unread)"), "{}", ran.err);
}
