//! Two runs on one state, started at once, again and again.

use serde_json::json;

use super::site::{SMALL, Site, ended, flat, signal, wait_until};
use crate::lab::{Lab, Ran};

/// How many rounds must be contested.
const ROUNDS: usize = 20;

/// Races until enough rounds were contested; gives how many there were in all.
fn race(site: &Site) -> usize {
    site.lab.settings(json!({ "latency_ms": 25 }));
    let (mut contested, mut rounds) = (0, 0);
    while contested < ROUNDS {
        rounds += 1;
        assert!(rounds < 3 * ROUNDS, "only {contested} rounds met");
        // Something to do in every round.
        site.lab
            .write(&format!("{SMALL}tags = {{ Round = \"{rounds}\" }}\n"));
        let both: Vec<_> = (0..2)
            .map(|_| site.command("apply", &["--auto-approve"]).spawn().unwrap())
            .collect();
        let ids: Vec<u32> = both.iter().map(std::process::Child::id).collect();
        let ran: Vec<Ran> = both.into_iter().map(ended).collect();
        match [ran[0].code, ran[1].code] {
            // One had ended before the other began.
            [0, 0] => {}
            [0, 4] => contested += loser_names(&ran[1], ids[0]),
            [4, 0] => contested += loser_names(&ran[0], ids[1]),
            _ => panic!("{}\n{}", ran[0].err, ran[1].err),
        }
        assert_eq!(site.vpcs(), 1, "round {rounds}");
    }
    site.lab.settings(json!({ "latency_ms": 0 }));
    site.plan().exits(0);
    rounds
}

fn loser_names(loser: &Ran, winner: u32) -> usize {
    let text = flat(&loser.err);
    // A folder's holder may be just writing its name.
    let named = text.contains(&format!("process {winner}"));
    assert!(named || text.contains("has not said"), "{text}");
    1
}

/// Two runs that wait for each other both do their work.
fn one_after_the_other(site: &Site) {
    for round in 0..3 {
        site.lab
            .write(&format!("{SMALL}tags = {{ Wait = \"{round}\" }}\n"));
        let patient = ["--auto-approve", "--lock-timeout", "120"];
        let both: Vec<_> = (0..2)
            .map(|_| site.command("apply", &patient).spawn().unwrap())
            .collect();
        for child in both {
            ended(child).exits(0);
        }
        site.plan().exits(0);
        assert_eq!(site.vpcs(), 1);
    }
}

#[test]
fn exactly_one_of_two_runs_gets_a_lock_on_s3() {
    let site = Site::small_on_s3();
    let rounds = race(&site);
    one_after_the_other(&site);
    println!("state on S3: {ROUNDS} of {rounds} rounds contested, one winner each, none corrupt");
    let state = site.get("labs/small/state.json").unwrap();
    let state: serde_json::Value = serde_json::from_slice(&state).unwrap();
    assert!(state["serial"].as_u64().unwrap() >= rounds as u64);
    assert_eq!(site.keys(), ["labs/small/state.json"]);
    site.destroy().exits(0);
}

#[test]
fn exactly_one_of_two_runs_gets_a_lock_on_a_folder() {
    let lab = Lab::new();
    lab.write(SMALL);
    let site = Site::in_folder(lab);
    let rounds = race(&site);
    one_after_the_other(&site);
    println!("state in a folder: {ROUNDS} of {rounds} rounds contested, one winner each");
    site.destroy().exits(0);
}

#[test]
fn a_lock_on_a_folder_is_free_the_moment_its_holder_is_killed() {
    let lab = Lab::new();
    lab.write(SMALL);
    let site = Site::in_folder(lab);
    site.lab.settings(json!({ "latency_ms": 150 }));
    let child = site.command("apply", &["--auto-approve"]).spawn().unwrap();
    wait_until(|| site.apply_is_locked());
    signal("KILL", &child);
    drop(ended(child));
    // Without any patience.
    site.lab.settings(json!({ "latency_ms": 0 }));
    site.apply().exits(0);
    assert_eq!(site.vpcs(), 1);
    site.plan().exits(0);
    site.destroy().exits(0);
}

impl Site {
    /// Whether the folder says who holds its lock.
    fn apply_is_locked(&self) -> bool {
        let folder = self.lab.folder.path().join("state/small/local");
        std::fs::read(folder.join("lock")).is_ok_and(|text| !text.is_empty())
    }
}
