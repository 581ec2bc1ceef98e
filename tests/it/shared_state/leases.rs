//! Leases that end: a killed holder, a thief, a machine that slept.

use serde_json::{Value, json};

use super::site::{Site, ended, flat, is_part, signal, wait_until};
use crate::lab::{Lab, leftovers};

/// What is put over a lock to steal it.
fn stolen(owner: &str) -> Vec<u8> {
    json!({
        "format_version": 1, "owner": owner, "lease_seconds": 3600, "renewals": 0,
        "holder": {
            "user": "bob", "host": "elsewhere", "pid": 7, "command": "s3net thief",
            "since": "2026-11-22T02:00:00Z"
        }
    })
    .to_string()
    .into_bytes()
}

fn three_ways() -> Site {
    let site = Site::on_s3(Lab::with_plan("three-ways.toml"));
    site.lab.settings(json!({ "latency_ms": 60 }));
    site
}

fn ends_well(site: &Site) {
    site.lab
        .settings(json!({ "latency_ms": 0, "pending_seconds": 0 }));
    site.plan().exits(0);
    assert_eq!(site.vpcs(), 1);
    site.destroy().exits(0);
    assert_eq!(site.keys(), ["labs/three-ways/state.json"]);
    let bucket = site.bucket.clone().unwrap();
    assert_eq!(site.now(leftovers(&site.aws)), [bucket]);
}

#[test]
fn a_killed_holder_is_waited_for_and_then_gone_on_from() {
    let site = three_ways();
    let child = site.applying(12);
    let id = child.id();
    site.wait_for_parts(4);
    signal("KILL", &child);
    drop(ended(child));
    let refused = site.apply().exits(4);
    assert!(refused.err.contains(&id.to_string()), "{}", refused.err);
    let parts = site.keys().iter().filter(|key| is_part(key)).count();
    assert!(parts >= 4);
    let patient = ["--auto-approve", "--lock-timeout", "120"];
    let next = site.run("apply", &patient).exits(0);
    assert!(
        flat(&next.err).contains("waiting for the lock"),
        "{}",
        next.err
    );
    assert!(flat(&next.err).contains("interrupted"), "{}", next.err);
    ends_well(&site);
}

#[test]
fn a_run_whose_lock_is_stolen_stops_and_writes_nothing_more() {
    let site = three_ways();
    site.lab
        .settings(json!({ "pending_seconds": { "nat_gateway": 15 } }));
    let child = site.applying(3);
    site.wait_for_parts(3);
    // It has nothing to write while it waits for the NAT gateway alone.
    let mut before = Vec::new();
    wait_until(|| {
        std::thread::sleep(std::time::Duration::from_secs(1));
        let now = site.keys();
        now == std::mem::replace(&mut before, now.clone())
    });
    site.put("labs/three-ways/lock.json", &stolen("thief"));
    let ran = ended(child).exits(1);
    for text in ["lost its lock", "s3net thief", "bob on elsewhere"] {
        assert!(flat(&ran.err).contains(text), "`{text}`: {}", ran.err);
    }
    let calls = site.lab.calls();
    let log = calls["log"].as_array().unwrap();
    let writes: Vec<&Value> = log
        .iter()
        .filter(|call| call["service"] == "s3")
        .filter(|call| {
            let action = call["action"].as_str().unwrap();
            action.starts_with("PutObject") || action.starts_with("DeleteObject")
        })
        .collect();
    let refused = writes.iter().position(|call| call["status"] == 412);
    let after = &writes[refused.expect("the heartbeat was refused") + 1..];
    assert!(after.is_empty(), "{after:?}");
    let lock = site.get("labs/three-ways/lock.json").unwrap();
    assert_eq!(lock, stolen("thief"));
    site.apply().exits(4);
    site.run("unlock", &["--auto-approve"]).exits(0);
    site.apply().exits(0);
    ends_well(&site);
}

#[test]
fn a_run_that_slept_through_its_lease_does_nothing_when_it_wakes() {
    let site = three_ways();
    let child = site.applying(3);
    site.wait_for_parts(3);
    signal("STOP", &child);
    let patient = ["--auto-approve", "--lock-timeout", "120"];
    site.run("apply", &patient).exits(0);
    let before = site.objects();
    site.lab.calls();
    signal("CONT", &child);
    let ran = ended(child).exits(1);
    assert!(flat(&ran.err).contains("lost its lock"), "{}", ran.err);
    assert_eq!(site.objects(), before);
    ends_well(&site);
}

#[test]
fn a_call_that_waits_while_its_lease_ends_is_not_sent() {
    let site = three_ways();
    site.lab.fault(json!({
        "action": "ec2:AllocateAddress", "times": 4, "code": "RequestLimitExceeded", "status": 503,
    }));
    let child = site.applying(3);
    // The next try is some time away by then.
    wait_until(|| site.lab.faults_to_come() == 0);
    signal("STOP", &child);
    let patient = ["--auto-approve", "--lock-timeout", "120"];
    site.run("apply", &patient).exits(0);
    signal("CONT", &child);
    let ran = ended(child).exits(1);
    assert!(flat(&ran.err).contains("lost its lock"), "{}", ran.err);
    ends_well(&site);
}

#[test]
fn a_lease_is_renewed_for_as_long_as_a_run_goes_on() {
    let site = three_ways();
    site.lab
        .settings(json!({ "pending_seconds": { "nat_gateway": 9 } }));
    let child = site.applying(3);
    wait_until(|| renewals(&site) >= 4);
    // By now the first lease is long over.
    site.apply().exits(4);
    ended(child).exits(0);
    ends_well(&site);
}

fn renewals(site: &Site) -> u64 {
    let lock = site.get("labs/three-ways/lock.json").unwrap_or_default();
    let lock: Value = serde_json::from_slice(&lock).unwrap_or_default();
    lock["renewals"].as_u64().unwrap_or_default()
}
