//! A state or journal that cannot be trusted is refused by every verb, with what
//! to do about it, and is left as it is to the byte.

use std::fs;
use std::path::{Path, PathBuf};

use s3net::model::Place;
use s3net::state::{Opened, Store};
use serde_json::{Value, json};

use crate::lab::{Lab, Ran};

pub const SMALL: &str = "[stack]\nname = \"small\"\nregion = \"ap-northeast-1\"\n\n\
    [vpc.main]\ncidr = \"10.0.0.0/16\"\n\n\
    [route_table.main]\nvpc = \"main\"\n";

/// A small stack, applied.
pub fn built() -> Lab {
    let lab = Lab::new();
    lab.write(SMALL);
    lab.apply().exits(0);
    lab
}

/// The journal beside the state.
pub fn journal_of(lab: &Lab) -> PathBuf {
    lab.state("small").with_file_name("journal.jsonl")
}

/// Every verb that reads state.
const VERBS: &[(&str, &[&str])] = &[
    ("plan", &[]),
    ("apply", &["--auto-approve"]),
    ("destroy", &["--auto-approve"]),
    ("drift", &[]),
    ("graph", &[]),
];

/// Each verb refuses a file, and says all that is to be said.
#[track_caller]
fn is_refused(lab: &Lab, path: &Path, says: &[&str]) {
    let before = fs::read(path).unwrap();
    lab.calls();
    for (verb, more) in VERBS {
        let ran = lab.verb(verb, more).exits(1);
        tells(&ran, says);
        assert_eq!(fs::read(path).unwrap(), before, "`{verb}` wrote it");
    }
    for verb in ["list", "show"] {
        let more: &[&str] = if verb == "show" { &["vpc.main"] } else { &[] };
        let args = [&["state", verb, "plan.toml"][..], more, &["--local"]].concat();
        tells(&lab.run(&args).exits(1), says);
        assert_eq!(fs::read(path).unwrap(), before, "`state {verb}` wrote it");
    }
    // Nothing but who we are was asked.
    let calls = lab.calls();
    let calls: Vec<_> = calls["counts"].as_object().unwrap().keys().collect();
    assert_eq!(calls, ["sts:GetCallerIdentity"]);
}

#[track_caller]
fn tells(ran: &Ran, says: &[&str]) {
    assert!(ran.out.is_empty(), "{}", ran.out);
    let flat = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
    for text in [&["error:", "cause:", "hint:"][..], says].concat() {
        assert!(flat.contains(text), "`{text}` is not in\n{}", ran.err);
    }
}

/// The state, with something changed.
fn changed(lab: &Lab, change: impl Fn(&mut Value)) {
    let path = lab.state("small");
    let mut state: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    change(&mut state);
    fs::write(path, serde_json::to_vec_pretty(&state).unwrap()).unwrap();
}

#[test]
fn a_damaged_state_is_refused_and_kept() {
    let lab = built();
    let path = lab.state("small");
    let whole = fs::read(&path).unwrap();
    let rebuild = "s3net state rebuild";
    for damage in [
        b"".to_vec(),
        b"\xff\x00 no state".to_vec(),
        b"[]".to_vec(),
        whole[..whole.len() / 2].to_vec(),
    ] {
        fs::write(&path, damage).unwrap();
        is_refused(&lab, &path, &["state.json is damaged", rebuild]);
    }
    fs::write(&path, &whole).unwrap();
    changed(&lab, |state| {
        state["nodes"] = json!({ "not an address": {} })
    });
    is_refused(&lab, &path, &["state.json is damaged", rebuild]);
    fs::write(&path, &whole).unwrap();
    lab.destroy().exits(0);
}

/// What is changed in a state, and what is said of it.
type Case<'c> = (fn(&mut Value), &'c [&'c str]);

#[test]
fn a_state_of_elsewhere_or_of_the_future_is_refused_and_kept() {
    let lab = built();
    let path = lab.state("small");
    let whole = fs::read(&path).unwrap();
    let cases: [Case<'_>; 4] = [
        (
            |state| state["format_version"] = 99.into(),
            &["format 99", "use the s3net that wrote it"],
        ),
        (
            |state| state["stack"] = "another".into(),
            &["is another stack's", "`another`, not of `small`"],
        ),
        (
            |state| state["place"]["account"] = "111122223333".into(),
            &["another account or region", "111122223333", &lab.account],
        ),
        (
            |state| state["place"]["region"] = "eu-west-1".into(),
            &["another account or region", "eu-west-1"],
        ),
    ];
    for (change, says) in cases {
        changed(&lab, change);
        is_refused(&lab, &path, says);
        // Nor does a rebuild replace what is somebody else's.
        let before = fs::read(&path).unwrap();
        let args = ["state", "rebuild", "plan.toml", "--local", "--auto-approve"];
        tells(&lab.run(&args).exits(1), says);
        assert_eq!(fs::read(&path).unwrap(), before);
        fs::write(&path, &whole).unwrap();
    }
    lab.destroy().exits(0);
}

/// Begins a journal that says this of itself.
async fn begun(lab: &Lab, change: impl FnOnce(&mut Opened)) {
    let state = fs::read(lab.state("small")).ok();
    let state: Value = serde_json::from_slice(&state.unwrap_or(b"{}".to_vec())).unwrap();
    let text = |name: &str| state[name].as_str().unwrap_or("none").to_owned();
    let mut opened = Opened {
        format_version: 1,
        stack: "small".into(),
        place: Place {
            account: lab.account.clone(),
            region: "ap-northeast-1".into(),
        },
        lineage: text("lineage"),
        serial: 1,
        command: "s3net apply".into(),
        at: "2026-11-22T02:00:00Z".parse().unwrap(),
    };
    change(&mut opened);
    let folder = lab.folder.path().join("state").join("small");
    let store = Store::in_folder(&folder, "local");
    store.begin_journal(opened).await.unwrap();
}

#[tokio::test]
async fn a_journal_that_cannot_be_trusted_is_refused_and_kept() {
    let lab = built();
    let path = journal_of(&lab);
    let rebuild = "s3net state rebuild";
    for damage in [&b"rubbish\n"[..], b"\xff\n", b"0123456789abcdef {}\n"] {
        fs::write(&path, damage).unwrap();
        is_refused(
            &lab,
            &path,
            &["journal.jsonl is damaged in line 1", rebuild],
        );
    }
    begun(&lab, |opened| opened.format_version = 99).await;
    is_refused(&lab, &path, &["format 99", "use the s3net that wrote it"]);
    begun(&lab, |opened| opened.stack = "another".into()).await;
    is_refused(&lab, &path, &["is another stack's", "`another`"]);
    begun(&lab, |opened| opened.lineage = "other".into()).await;
    is_refused(&lab, &path, &["of another history", rebuild]);
    begun(&lab, |opened| opened.place.account = "111122223333".into()).await;
    is_refused(&lab, &path, &["do not belong together", rebuild]);
    // Without a snapshot the journal alone says whose it is.
    let state = lab.state("small");
    let whole = fs::read(&state).unwrap();
    fs::remove_file(&state).unwrap();
    begun(&lab, |opened| opened.place.account = "111122223333".into()).await;
    is_refused(&lab, &path, &["another account or region", "111122223333"]);
    begun(&lab, |opened| opened.place.region = "eu-west-1".into()).await;
    is_refused(&lab, &path, &["another account or region", "eu-west-1"]);
    assert!(!state.exists());
    fs::write(&state, whole).unwrap();
    fs::remove_file(&path).unwrap();
    lab.destroy().exits(0);
}
