//! How long a run takes: the estimate before it, what is left while it goes on,
//! and what it waited for afterwards.

use serde_json::{Value, json};

use crate::lab::Lab;

fn documents(out: &str) -> Vec<Value> {
    let lines = out.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn a_run_says_what_is_left_and_what_it_waited_for() {
    let lab = Lab::with_plan("three-ways.toml");
    let told = lab.plan().exits(2);
    let estimate = told.out.lines().find(|line| line.starts_with("On AWS"));
    let estimate = estimate.unwrap();
    assert!(
        estimate.ends_with("nat_gateway.main takes longest."),
        "{estimate}"
    );

    lab.settings(json!({ "pending_seconds": { "nat_gateway": 4 } }));
    let ran = lab.verb("apply", &["--auto-approve", "--json"]).exits(0);
    let documents = documents(&ran.out);
    let plan = &documents[0];
    assert_eq!(plan["estimate"]["slowest"], "nat_gateway.main");
    let chain = plan["estimate"]["chain"].as_array().unwrap();
    let place = |address: &str| chain.iter().position(|it| it == address).unwrap();
    assert!(place("vpc.main") < place("nat_gateway.main"), "{chain:?}");
    let seconds = plan["estimate"]["seconds"].as_u64().unwrap();
    assert!((120..300).contains(&seconds), "{seconds}");

    let events: Vec<&Value> = documents.iter().filter(|d| !d["event"].is_null()).collect();
    let nat = events
        .iter()
        .find(|event| event["event"] == "started" && event["address"] == "nat_gateway.main");
    assert_eq!(nat.unwrap()["usual_ms"], 180_000);
    let left: Vec<u64> = events
        .iter()
        .map(|e| e["left_ms"].as_u64().unwrap())
        .collect();
    assert!(left[0] >= 120_000, "{left:?}");
    assert_eq!(left.last(), Some(&0));

    let outcome = documents.last().unwrap();
    assert_eq!(outcome["document"], "outcome");
    let done = outcome["done"].as_array().unwrap();
    let created = outcome["totals"]["created"].as_u64().unwrap();
    assert_eq!(done.len() as u64, created);
    let took = |address: &str| {
        let step = done.iter().find(|step| step["address"] == address);
        step.unwrap()["elapsed_ms"].as_u64().unwrap()
    };
    assert!(took("nat_gateway.main") >= 3_000, "{outcome}");
    let chain = outcome["slowest_chain"].as_array().unwrap();
    assert!(
        chain
            .iter()
            .any(|step| step["address"] == "nat_gateway.main")
    );
    let sum: u64 = chain
        .iter()
        .map(|step| step["elapsed_ms"].as_u64().unwrap())
        .sum();
    let elapsed = outcome["elapsed_ms"].as_u64().unwrap();
    assert!(sum <= elapsed, "{sum} of {elapsed}");
    assert!(sum >= took("nat_gateway.main"), "{outcome}");

    // Nothing to do takes no time.
    let same = lab.verb("plan", &["--json"]).exits(0);
    let same: Value = serde_json::from_str(same.out.trim()).unwrap();
    assert_eq!(same["estimate"], Value::Null);
    lab.destroy().exits(0);
}
