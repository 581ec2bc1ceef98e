//! `s3net unlock`

use s3net::report::json::FORMAT_VERSION;
use serde_json::{Value, json};

use super::site::{SMALL, Site, ended, flat, signal, wait_until};
use crate::documents::hold;
use crate::lab::{Lab, Ran};

const LOCK: &str = "labs/small/lock.json";

#[test]
fn a_lock_on_s3_is_broken_only_on_approval() {
    let site = Site::small_on_s3();
    let free = site.run("unlock", &["--json"]).exits(0);
    assert!(free.err.contains("Nobody holds"), "{}", free.err);
    let document = |ran: &Ran| -> Value {
        hold(&ran.out);
        serde_json::from_str(ran.out.trim()).unwrap()
    };
    let nobody = json!({
        "format_version": FORMAT_VERSION, "document": "unlock", "stack": "small",
        "held_by": null, "broken": false,
    });
    assert_eq!(document(&free), nobody);
    let lock = json!({
        "format_version": 1, "owner": "o", "lease_seconds": 3000, "renewals": 4,
        "holder": {
            "user": "anna", "host": "build-7", "pid": 4711, "command": "s3net apply",
            "since": "2026-11-22T02:00:00Z"
        }
    });
    site.put(LOCK, lock.to_string().as_bytes());
    let held = site.apply().exits(4);
    assert!(
        flat(&held.err).contains("process 4711 of anna on build-7"),
        "{}",
        held.err
    );
    let asked = site.run("unlock", &[]).exits(1);
    for word in ["4711", "--auto-approve"] {
        assert!(flat(&asked.err).contains(word), "{}", asked.err);
    }
    assert!(site.get(LOCK).is_some());
    let broken = site.run("unlock", &["--auto-approve", "--json"]).exits(0);
    assert!(broken.err.contains("is broken"), "{}", broken.err);
    assert_eq!(document(&broken)["held_by"], lock["holder"]);
    assert_eq!(document(&broken)["broken"], true);
    assert_eq!(site.get(LOCK), None);
    // What nobody can read is broken as well.
    site.put(LOCK, b"garbage");
    site.apply().exits(4);
    site.run("unlock", &["--auto-approve"]).exits(0);
    site.put(LOCK, br#"{ "format_version": 2 }"#);
    let newer = site.apply().exits(1);
    assert!(newer.err.contains("has format 2"), "{}", newer.err);
    site.delete(LOCK);
    site.apply().exits(0);
    site.destroy().exits(0);
}

#[test]
fn a_lock_on_a_folder_is_its_holders_for_as_long_as_that_lives() {
    let lab = Lab::new();
    lab.write(SMALL);
    let site = Site::in_folder(lab);
    site.lab.settings(json!({ "latency_ms": 200 }));
    let child = site.command("apply", &["--auto-approve"]).spawn().unwrap();
    let lock = site.lab.folder.path().join("state/small/local/lock");
    wait_until(|| std::fs::read(&lock).is_ok_and(|text| !text.is_empty()));
    signal("STOP", &child);
    let refused = site.run("unlock", &["--auto-approve"]).exits(4);
    let words = format!("end process {}", child.id());
    assert!(flat(&refused.err).contains(&words), "{}", refused.err);
    signal("KILL", &child);
    drop(ended(child));
    let free = site.run("unlock", &["--auto-approve"]).exits(0);
    assert!(free.err.contains("Nobody holds"), "{}", free.err);
    site.lab.settings(json!({ "latency_ms": 0 }));
    site.apply().exits(0);
    site.destroy().exits(0);
}
