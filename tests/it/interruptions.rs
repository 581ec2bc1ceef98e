//! A run that is asked to stop, and a run that is ended: what it says, what it
//! leaves, and how the next one goes on.

use std::process::{Child, Command};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::lab::{Lab, Ran, leftovers};

/// Sends a signal, such as `INT`.
fn signal(child: &Child, name: &str) {
    let kill = format!("kill -{name} {}", child.id());
    Command::new("sh").args(["-c", &kill]).status().unwrap();
}

fn ended(child: Child) -> Ran {
    Ran::from(child.wait_with_output().unwrap())
}

/// Waits until something is so.
fn until(what: impl Fn() -> bool) {
    let start = Instant::now();
    while !what() {
        assert!(start.elapsed() < Duration::from_secs(60), "it never came");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// What the journal says, line by line, without the checksums.
fn journal(lab: &Lab) -> Vec<serde_json::Value> {
    let path = lab.state("three-ways").with_file_name("journal.jsonl");
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let lines = text.lines().filter_map(|line| line.split_once(' '));
    lines
        .filter_map(|(_, json)| serde_json::from_str(json).ok())
        .collect()
}

/// Whether the endpoint has got a call that it has not answered yet.
fn under_way(lab: &Lab, call: &str) -> bool {
    let calls = lab.calls_under_way();
    calls.iter().any(|it| it == call)
}

/// Whether the journal has the id of a node that nobody has waited for yet.
fn made(lab: &Lab, address: &str) -> bool {
    let journal = journal(lab);
    let started = journal.iter().find(|record| record["address"] == address);
    let Some(call) = started.map(|record| &record["call"]) else {
        return false;
    };
    journal
        .iter()
        .any(|record| record["record"] == "made" && record["call"] == *call)
}

fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn a_wait_that_is_broken_off_goes_on_in_the_next_run() {
    let lab = Lab::with_plan("three-ways.toml");
    lab.settings(json!({ "pending_seconds": { "nat_gateway": 8 } }));
    let child = lab.start("apply");
    // It waits for the NAT gateway; asked once, it goes on waiting; asked
    // twice, it stops and keeps what it has.
    until(|| made(&lab, "nat_gateway.main"));
    for _ in 0..2 {
        signal(&child, "INT");
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    let ran = ended(child).exits(130);
    assert!(ran.err.contains("again"), "{}", ran.err);
    assert!(journal(&lab).is_empty(), "all that was begun is known");
    lab.apply().exits(0);
    lab.plan().exits(0);
    let aws = lab.aws().await;
    let nats = aws.ec2.describe_nat_gateways().send().await.unwrap();
    let living = nats.nat_gateways().iter();
    let living = living.filter(|n| n.state().map(|s| s.as_str()) == Some("available"));
    assert_eq!(living.count(), 1);
    lab.destroy().exits(0);
}

#[test]
fn the_first_wish_to_stop_lets_calls_in_flight_finish_and_saves() {
    for name in ["INT", "TERM"] {
        let lab = Lab::with_plan("three-ways.toml");
        lab.settings(json!({ "latency_ms": 300 }));
        let child = lab.start("apply");
        until(|| made(&lab, "vpc.main"));
        signal(&child, name);
        let ran = ended(child).exits(130);
        let text = flat(&ran.err);
        for part in [
            "because you asked to stop",
            "What is done is saved",
            "`s3net apply` again",
        ] {
            assert!(text.contains(part), "`{part}` is not in\n{}", ran.err);
        }
        assert!(!text.contains("36 created"), "{}", ran.err);
        assert!(journal(&lab).is_empty(), "all that was begun is known");
        lab.settings(json!({ "latency_ms": 0 }));
        lab.apply().exits(0);
        lab.plan().exits(0);
        lab.destroy().exits(0);
    }
}

#[tokio::test]
async fn the_third_wish_ends_it_at_once_and_the_journal_tells_the_next_run() {
    let lab = Lab::with_plan("three-ways.toml");
    // A call for what needs nothing is on its way, and stays unanswered.
    lab.fault(json!({ "action": "ec2:AllocateAddress", "delay": 15 }));
    let mut child = lab.start("apply");
    until(|| under_way(&lab, "ec2:AllocateAddress"));
    // Signals that a busy machine delivers late are delivered as one.
    while child.try_wait().unwrap().is_none() && under_way(&lab, "ec2:AllocateAddress") {
        signal(&child, "INT");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let ran = ended(child).exits(130);
    assert!(
        under_way(&lab, "ec2:AllocateAddress"),
        "it waited for an answer"
    );
    let text = flat(&ran.err);
    for part in ["ended at once", "elastic_ip.nat", "`s3net apply` again"] {
        assert!(text.contains(part), "`{part}` is not in\n{}", ran.err);
    }
    // The endpoint does what it was asked for, whether anybody listens or not.
    until(|| !under_way(&lab, "ec2:AllocateAddress"));

    // A plan tells, and changes nothing; so does one for programs.
    let before = journal(&lab);
    let plan = lab.plan().exits(2);
    let adopted = "adopted elastic_ip.nat (eipalloc-";
    assert!(flat(&plan.err).contains(adopted), "{}", plan.err);
    let documents = lab.verb("plan", &["--json"]).exits(0).out;
    let resumed = documents
        .lines()
        .map(|line| line.parse::<serde_json::Value>().unwrap());
    let mut resumed = resumed.filter(|document| document["document"] == "resumed");
    let calls = resumed.next().expect("a document of it")["calls"].clone();
    assert!(
        calls
            .as_array()
            .unwrap()
            .iter()
            .any(|call| { call["address"] == "elastic_ip.nat" && call["became"] == "adopted" })
    );
    assert_eq!(journal(&lab), before);

    let next = lab.apply().exits(0);
    let text = flat(&next.err);
    assert!(text.contains(adopted), "{}", next.err);
    assert!(
        text.contains("created by the interrupted run of "),
        "{}",
        next.err
    );
    assert!(journal(&lab).is_empty());
    lab.plan().exits(0);
    let aws = lab.aws().await;
    let addresses = aws.ec2.describe_addresses().send().await.unwrap();
    assert_eq!(addresses.addresses().len(), 1, "one, and paid for once");
    lab.destroy().exits(0);
    assert!(leftovers(&aws).await.is_empty());
}

#[tokio::test]
async fn a_destroy_takes_down_what_a_killed_run_made_and_never_noted() {
    let lab = Lab::with_plan("three-ways.toml");
    lab.settings(json!({ "latency_ms": 700 }));
    let mut child = lab.start("apply");
    until(|| journal(&lab).iter().any(|r| r["address"] == "bucket.data"));
    child.kill().unwrap();
    let _ = child.wait();
    tokio::time::sleep(Duration::from_secs(1)).await;
    lab.settings(json!({ "latency_ms": 0 }));
    let ran = lab.destroy().exits(0);
    assert!(flat(&ran.err).contains("interrupted run of"), "{}", ran.err);
    assert!(leftovers(&lab.aws().await).await.is_empty());
    assert!(journal(&lab).is_empty());
}

#[test]
fn a_plan_beside_a_run_says_that_one_is_under_way() {
    let lab = Lab::with_plan("three-ways.toml");
    lab.settings(json!({ "latency_ms": 300 }));
    let child = lab.start("apply");
    until(|| made(&lab, "vpc.main"));
    let plan = lab.plan();
    assert!(
        flat(&plan.err).contains("a run is under way"),
        "{}",
        plan.err
    );
    assert!(!plan.err.contains("interrupted"), "{}", plan.err);
    ended(child).exits(0);
    lab.settings(json!({ "latency_ms": 0 }));
    lab.plan().exits(0);
    lab.destroy().exits(0);
}

#[test]
fn a_torn_last_line_is_dropped_and_other_damage_stops_the_run() {
    let lab = Lab::with_plan("three-ways.toml");
    lab.settings(json!({ "latency_ms": 300 }));
    let mut child = lab.start("apply");
    until(|| made(&lab, "vpc.main"));
    child.kill().unwrap();
    let _ = child.wait();
    lab.settings(json!({ "latency_ms": 0 }));
    let path = lab.state("three-ways").with_file_name("journal.jsonl");
    let whole = std::fs::read(&path).unwrap();

    // A line in the middle was changed.
    let mut damaged = whole.clone();
    let second = whole.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    damaged[second + 30] ^= 1;
    std::fs::write(&path, &damaged).unwrap();
    lab.calls();
    for verb in ["plan", "apply", "destroy"] {
        let more: &[&str] = if verb == "plan" {
            &[]
        } else {
            &["--auto-approve"]
        };
        let ran = lab.verb(verb, more).exits(1);
        let text = flat(&ran.err);
        for part in ["journal.jsonl is damaged in line 2", "nothing was changed"] {
            assert!(text.contains(part), "`{part}` is not in\n{}", ran.err);
        }
    }
    assert_eq!(std::fs::read(&path).unwrap(), damaged, "left as it was");

    // The last line was torn.
    let mut torn = whole.clone();
    torn.extend(b"0123456789abcdef {\"record\":\"sett");
    std::fs::write(&path, torn).unwrap();
    lab.apply().exits(0);
    lab.plan().exits(0);
    lab.destroy().exits(0);
}
