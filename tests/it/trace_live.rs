//! The trace of a plan, before anything is there, against the trace of the
//! account after apply: of every example, and of random stacks.
//!
//! ```text
//!  plan file ─► trace --all ───────────────────────────┐
//!      └─► apply to the local endpoint ─► trace --live ─┴─► the same ways
//! ```
//!
//! Random stacks are the golden systems with random choices for their options.
//! Three are tried; `S3NET_TRACE_STACKS` asks for more and `S3NET_TRACE_SEED` for
//! others.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::golden::{Case, System, offline, systems};
use crate::lab::Lab;

/// What must be alike of a way, by labels.
type Way = Vec<(String, String)>;

/// A pair of ends.
type Ends = (String, String);

/// The ways of a matrix, in what a plan and an account must agree on.
///
/// What may differ, since only an account has it: ids, the addresses and the host
/// names that apply gives (`source`, `host`, `needs`), and where the file says
/// what (`spot`).
#[track_caller]
fn ways(ran: &str) -> BTreeMap<Ends, Way> {
    let document: Value = serde_json::from_str(ran.trim()).unwrap();
    assert_eq!(document["document"], "trace_matrix");
    let traces = document["traces"].as_array().unwrap().iter();
    let told = traces.map(|trace| {
        let end = |which: &str| {
            trace["question"][which]["label"]
                .as_str()
                .unwrap()
                .to_owned()
        };
        ((end("from"), end("to")), way(trace))
    });
    told.collect()
}

fn way(trace: &Value) -> Way {
    let mut found: Way = Vec::new();
    let mut say = |what: &str, value: &Value| found.push((what.to_owned(), value.to_string()));
    say("naming", &trace["naming"]);
    say("answer", &trace["answer"]["kind"]);
    say("answered by", &trace["answer"]["of"]["label"]);
    say("door", &trace["way"]["door"]["label"]);
    say("private", &trace["way"]["private"]);
    say("source", &trace["way"]["source"]["kind"]);
    say("reachable", &trace["reachable"]);
    say("stage", &trace["block"]["stage"]);
    say("symptom", &trace["block"]["symptom"]);
    if trace["instead_of"].is_object() {
        let usual = way(&trace["instead_of"]).into_iter();
        found.extend(usual.map(|(what, value)| (format!("usual {what}"), value)));
    }
    found
}

/// Every way of a laboratory's plan, with these options.
#[track_caller]
fn all(lab: &Lab, more: &[&str]) -> BTreeMap<Ends, Way> {
    let args = [&["--all", "--json"], more].concat();
    ways(&lab.verb("trace", &args).exits(0).out)
}

/// Asserts that a plan's ways are those of the account after apply; gives how many
/// there are.
#[track_caller]
fn assert_same_after_apply(lab: &Lab) -> usize {
    let names = [&[][..], &["--name", "bucket"], &["--name", "endpoint"]];
    let before = names.map(|name| all(lab, name));
    lab.apply().exits(0);
    let mut count = 0;
    for (name, before) in names.into_iter().zip(before) {
        let after = all(lab, &[name, &["--live"]].concat());
        let ends = |of: &BTreeMap<Ends, Way>| of.keys().cloned().collect::<Vec<_>>();
        assert_eq!(ends(&before), ends(&after), "{}", lab.text());
        for (ends, way) in &before {
            assert_eq!(way, &after[ends], "{ends:?} {name:?}\n{}", lab.text());
        }
        count += before.len();
    }
    lab.destroy().exits(0);
    count
}

#[test]
fn three_ways_go_the_ways_that_the_file_told() {
    let count = assert_same_after_apply(&Lab::with_plan("three-ways.toml"));
    assert_eq!(count, 3 * 7);
}

#[test]
fn three_patterns_go_the_ways_that_the_file_told() {
    let count = assert_same_after_apply(&Lab::with_plan("three-patterns.toml"));
    assert_eq!(count, 3 * 6 * 4);
}

#[test]
fn the_shared_network_goes_the_ways_that_the_file_told() {
    let count = assert_same_after_apply(&Lab::with_plan("single-bucket-base.toml"));
    assert_eq!(count, 3 * 4);
}

/// A stack in a network that is there already cannot know all of it before, so
/// what it says for certain is what is compared.
#[test]
fn a_stack_beside_another_is_certain_of_nothing_that_is_otherwise() {
    let base = Lab::with_plan("single-bucket-base.toml");
    base.apply().exits(0);
    let beside = Lab {
        account: base.account.clone(),
        ..Lab::with_plan("single-bucket.toml")
    };
    let before = all(&beside, &["--planned"]);
    beside.apply().exits(0);
    let after = all(&beside, &["--live"]);
    assert!(!before.is_empty());
    for (ends, way) in &before {
        let unknown = ("reachable".to_owned(), "null".to_owned());
        if !way.contains(&unknown) {
            assert_eq!(Some(way), after.get(ends), "{ends:?}");
        }
    }
    // The private instance goes to the one bucket by the endpoint, the public one
    // is refused there.
    let works = |from: &str| {
        let mut found = after.iter();
        let found = found.find(|((it, to), _)| it == from && to.contains("data"));
        let (_, way) = found.unwrap_or_else(|| panic!("{:?}", after.keys()));
        way.iter()
            .find(|(what, _)| what == "reachable")
            .unwrap()
            .1
            .clone()
    };
    let instances: Vec<String> = after.keys().map(|(from, _)| from.clone()).collect();
    let named = |part: &str| {
        let mut found = instances.iter();
        let found = found.find(|it| it.contains("instance") && it.contains(part));
        found.unwrap_or_else(|| panic!("{instances:?}")).clone()
    };
    assert_eq!(works(&named("private")), "true");
    assert_eq!(works(&named("public")), "false");
    beside.destroy().exits(0);
    base.destroy().exits(0);
}

/// Numbers that look random and are the same for a seed (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut it = self.0;
        it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let count = u64::try_from(count).unwrap();
        usize::try_from((it ^ (it >> 31)) % count).unwrap()
    }
}

/// A golden system with a random choice for each option, of those that a plan
/// file can say by itself.
fn random_plan(systems: &[(String, System)], dice: &mut Dice) -> String {
    loop {
        let (_, system) = &systems[dice.below(systems.len())];
        let mut case = Case::default();
        for (option, choices) in &system.option {
            let names: Vec<&String> = choices
                .iter()
                .filter(|(_, choice)| choice.values().all(|it| it.as_str().is_some()))
                .map(|(name, _)| name)
                .collect();
            let chosen = names[dice.below(names.len())];
            case.settings.insert(option.clone(), chosen.clone());
        }
        let (plan, _) = system.scene(&case.settings);
        // An own policy of an account that is not there, and lists that nobody
        // made, cannot be applied.
        let strange = ["policy/own", "pl-0a1b2c3d"];
        if offline(&plan).is_ok() && !strange.iter().any(|it| plan.contains(it)) {
            return plan;
        }
    }
}

#[test]
fn random_stacks_go_the_ways_that_their_files_told() {
    let number = |name: &str, other: u64| {
        let stated = std::env::var(name).ok();
        stated.and_then(|it| it.parse().ok()).unwrap_or(other)
    };
    let (stacks, seed) = (
        number("S3NET_TRACE_STACKS", 3),
        number("S3NET_TRACE_SEED", 4),
    );
    let systems = systems();
    let mut dice = Dice(seed);
    let mut count = 0;
    for _ in 0..stacks {
        let lab = Lab::new();
        let plan = random_plan(&systems, &mut dice);
        // Bucket names are everybody's.
        let own = format!("{}-", lab.account);
        let mut text = plan.clone();
        for bucket in [
            "golden-",
            "three-patterns-data",
            "three-patterns-other",
            "saa-03-003",
        ] {
            text = text.replace(bucket, &format!("{own}{bucket}"));
        }
        for bucket in [
            "another-bucket",
            "single-bucket-data",
            "other-bucket",
            "investigation-data",
        ] {
            text = text.replace(&format!("\"{bucket}"), &format!("\"{own}{bucket}"));
        }
        lab.write(&text);
        count += assert_same_after_apply(&lab);
    }
    println!("{count} ways of {stacks} random stacks are as their files told");
    assert!(count > 0);
}
