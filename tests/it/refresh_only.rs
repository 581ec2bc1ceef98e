//! `--refresh-only`: the state learns what lives, and AWS is left alone.

use std::fs;

use serde_json::Value;

use crate::drift::behind::Behind;
use crate::drift::{built, document};
use crate::lab::Lab;
use crate::saved_plans::only_reads;

/// The last line of standard output as a document.
#[track_caller]
fn last(text: &str) -> Value {
    serde_json::from_str(text.lines().last().unwrap()).unwrap()
}

fn state(lab: &Lab) -> Value {
    serde_json::from_str(&fs::read_to_string(lab.state("three-ways")).unwrap()).unwrap()
}

#[tokio::test]
async fn drift_falls_silent_and_the_repair_is_planned_as_before() {
    let lab = built();
    let behind = Behind::new(&lab).await;
    behind.change_ours().await;
    let planned = lab.plan().exits(2);
    let told = document(&lab, 2);
    let before = state(&lab);

    // Nobody is there to approve: nothing is written.
    let ran = lab.verb("apply", &["--refresh-only"]).exits(1);
    assert!(ran.err.contains("--auto-approve"), "{}", ran.err);
    assert_eq!(state(&lab), before);

    let shown = lab
        .verb("plan", &["--refresh-only", "--detailed-exitcode"])
        .exits(2);
    let end = "State: 6 to remember as they live, 3 to forget. Nothing on AWS changes.";
    assert!(shown.out.contains(end), "{}", shown.out);
    assert!(
        shown.out.contains("\"three-ways-main\" → \"theirs\""),
        "{}",
        shown.out
    );
    let ran = lab.verb("plan", &["--refresh-only", "--json"]).exits(0);
    let listed = last(&ran.out);
    assert_eq!(listed["document"], "refresh");
    assert_eq!(listed["objects"], told["objects"]);
    let gone = listed["forget"].as_array().unwrap();
    assert!(
        gone.contains(&"route_table.private-1/route:0.0.0.0/0".into()),
        "{gone:?}"
    );
    assert_eq!(state(&lab), before);

    lab.calls();
    let ran = lab
        .verb("apply", &["--refresh-only", "--auto-approve"])
        .exits(0);
    only_reads(&lab);
    assert_eq!(ran.out, shown.out);
    assert!(ran.err.contains("Written: "), "{}", ran.err);
    let after = state(&lab);
    assert_eq!(after["serial"], before["serial"].as_u64().unwrap() + 1);
    assert_eq!(after["lineage"], before["lineage"]);
    let count = |state: &Value| state["nodes"].as_object().unwrap().len();
    assert_eq!(count(&after), count(&before) - 3);
    assert_eq!(after["nodes"]["vpc.main"]["tags"]["Name"], "theirs");
    // What each address has been is not forgotten: it goes into client tokens.
    assert_eq!(after["generations"], before["generations"]);

    document(&lab, 0);
    lab.verb("plan", &["--refresh-only", "--detailed-exitcode"])
        .exits(0);
    // The file still wants what it wanted.
    assert_eq!(lab.plan().exits(2).out, planned.out);
    lab.apply().exits(0);
    lab.plan().exits(0);
    document(&lab, 0);
    lab.destroy().exits(0);
}

#[tokio::test]
async fn what_others_added_does_not_become_ours() {
    let lab = built();
    let behind = Behind::new(&lab).await;
    behind.add_theirs().await;
    let before = state(&lab);
    lab.calls();
    let ran = lab
        .verb("apply", &["--refresh-only", "--auto-approve", "--json"])
        .exits(0);
    only_reads(&lab);
    let ended = last(&ran.out);
    assert_eq!(
        (&ended["document"], &ended["written"]),
        (&"refreshed".into(), &false.into())
    );
    assert_eq!(ended["serial"], before["serial"]);
    assert_eq!(state(&lab), before);
    // They stay, and are told.
    lab.plan().exits(0);
    document(&lab, 2);
    behind.sees_theirs().await;
    behind.remove_theirs().await;
    lab.destroy().exits(0);
}

#[tokio::test]
async fn a_refresh_is_saved_shown_and_carried_out() {
    let lab = built();
    let behind = Behind::new(&lab).await;
    behind.change_ours().await;
    let shown = lab
        .verb("plan", &["--refresh-only", "--out", "lab.s3plan"])
        .exits(0);
    lab.calls();
    let again = lab.run(&["show", "lab.s3plan"]).exits(0);
    assert_eq!(again.out, shown.out);
    assert_eq!(lab.calls()["counts"], serde_json::json!({}));
    let apply = || lab.run(&["apply", "lab.s3plan", "--local"]);
    behind.add_theirs().await;
    let ran = apply().exits(1);
    let flat = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("subnet.private-2 differs"), "{}", ran.err);
    behind.remove_theirs().await;
    lab.verb("plan", &["--refresh-only", "--out", "lab.s3plan"])
        .exits(0);
    lab.calls();
    apply().exits(0);
    only_reads(&lab);
    document(&lab, 0);
    let ran = apply().exits(1);
    assert!(ran.err.contains("the state has moved on"), "{}", ran.err);
    lab.apply().exits(0);
    lab.destroy().exits(0);
}

#[test]
fn a_state_that_was_lost_learns_everything() {
    let lab = built();
    let before = state(&lab);
    fs::remove_file(lab.state("three-ways")).unwrap();
    let ran = lab
        .verb("apply", &["--refresh-only", "--auto-approve"])
        .exits(0);
    assert!(ran.out.contains("State: 38 to remember"), "{}", ran.out);
    let after = state(&lab);
    let ids = |state: &Value| {
        let nodes = state["nodes"].as_object().unwrap().iter();
        nodes
            .map(|(at, node)| (at.clone(), node["id"].clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(&after), ids(&before));
    lab.plan().exits(0);
    document(&lab, 0);
    lab.destroy().exits(0);
}
