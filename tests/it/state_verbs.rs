//! `s3net state list`, `show` and `rebuild`.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::lab::{Lab, Ran};
use crate::state_files::{SMALL, built, journal_of};

/// A verb of `s3net state`, on `plan.toml`.
fn state(lab: &Lab, verb: &str, more: &[&str]) -> Ran {
    let variable = format!("bucket={}", lab.bucket());
    let mut args = vec!["state", verb, "plan.toml", "--local"];
    if lab.text().contains("${var.bucket}") {
        args.extend(["--var", &variable]);
    }
    args.extend(more);
    crate::lab::endpoint();
    lab.run(&args)
}

fn rebuild(lab: &Lab) -> Ran {
    state(lab, "rebuild", &["--auto-approve"])
}

/// The copies that rebuilds have made, oldest first.
fn copies(lab: &Lab, stack: &str) -> Vec<PathBuf> {
    let folder = lab.state(stack).parent().unwrap().to_owned();
    let files = fs::read_dir(folder).unwrap();
    let mut copies: Vec<PathBuf> = files
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "backup"))
        .collect();
    copies.sort();
    copies
}

fn read(path: &PathBuf) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

#[test]
fn a_state_is_listed_and_shown() {
    let lab = Lab::new();
    lab.write(SMALL);
    let ran = state(&lab, "list", &[]).exits(0);
    assert!(
        ran.out.is_empty() && ran.err.contains("remembers nothing"),
        "{ran:?}"
    );
    lab.apply().exits(0);
    lab.calls();
    let ran = state(&lab, "list", &[]).exits(0);
    let listed: Vec<&str> = ran.out.lines().collect();
    assert!(
        listed[0].starts_with("vpc.main          vpc-"),
        "{}",
        ran.out
    );
    assert!(
        listed[1].starts_with("route_table.main  rtb-"),
        "{}",
        ran.out
    );
    let ran = state(&lab, "list", &["--json"]).exits(0);
    let document: Value = serde_json::from_str(ran.out.trim()).unwrap();
    assert_eq!(document["document"], "state");
    assert_eq!(document["nodes"].as_array().unwrap().len(), 2);
    let ran = state(&lab, "show", &["vpc.main"]).exits(0);
    for text in [
        "cidr",
        "\"10.0.0.0/16\"",
        "tags written by s3net",
        "s3net:stack",
    ] {
        assert!(ran.out.contains(text), "`{text}` is not in\n{}", ran.out);
    }
    let ran = state(&lab, "show", &["vpc.main", "--json"]).exits(0);
    let document: Value = serde_json::from_str(ran.out.trim()).unwrap();
    assert_eq!(document["attributes"]["cidr"], "10.0.0.0/16");
    let ran = state(&lab, "show", &["vpc.mian"]).exits(1);
    assert!(ran.err.contains("did you mean vpc.main?"), "{}", ran.err);
    let calls = lab.calls();
    let calls: Vec<_> = calls["counts"].as_object().unwrap().keys().collect();
    assert_eq!(calls, ["sts:GetCallerIdentity"]);
    lab.destroy().exits(0);
}

#[test]
fn a_lost_state_is_rebuilt_and_the_plan_is_empty() {
    let lab = crate::drift::built();
    let path = lab.state("three-ways");
    let before = read(&path);
    fs::remove_file(&path).unwrap();
    let ran = rebuild(&lab).exits(0);
    assert!(
        ran.err.contains("38 objects of three-ways live"),
        "{}",
        ran.err
    );
    assert!(copies(&lab, "three-ways").is_empty());
    let after = read(&path);
    let ids = |state: &Value| {
        let nodes = state["nodes"].as_object().unwrap().iter();
        let id = |node: &Value| node["id"].as_str().unwrap().to_owned();
        nodes
            .map(|(at, node)| (at.clone(), id(node)))
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(&after), ids(&before));
    assert_ne!(after["lineage"], before["lineage"]);
    assert_eq!(after["place"], before["place"]);
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    lab.plan().exits(0);
    lab.verb("drift", &[]).exits(0);
    lab.apply().exits(0);
    lab.destroy().exits(0);
}

#[test]
fn damaged_files_are_replaced_and_kept() {
    let lab = built();
    let (path, journal) = (lab.state("small"), journal_of(&lab));
    fs::write(&path, b"\xffno state").unwrap();
    lab.plan().exits(1);
    // Nobody approves: nothing is touched.
    let ran = state(&lab, "rebuild", &[]).exits(1);
    assert!(ran.err.contains("--auto-approve"), "{}", ran.err);
    assert_eq!(fs::read(&path).unwrap(), b"\xffno state");
    assert!(copies(&lab, "small").is_empty());

    let ran = rebuild(&lab).exits(0);
    assert!(ran.err.contains("kept as"), "{}", ran.err);
    let kept = copies(&lab, "small");
    assert_eq!(kept.len(), 1);
    assert_eq!(fs::read(&kept[0]).unwrap(), b"\xffno state");
    lab.plan().exits(0);

    let before = fs::read(&path).unwrap();
    fs::write(&journal, b"no journal\n").unwrap();
    lab.plan().exits(1);
    rebuild(&lab).exits(0);
    assert!(!journal.exists());
    let kept = copies(&lab, "small");
    let texts: Vec<_> = kept.iter().map(|path| fs::read(path).unwrap()).collect();
    assert_eq!(kept.len(), 3, "{kept:?}");
    assert!(texts.contains(&before) && texts.contains(&b"no journal\n".to_vec()));
    lab.plan().exits(0);
    lab.destroy().exits(0);
}

#[test]
fn a_bucket_whose_table_left_the_file_is_found_again() {
    let lab = built();
    let bucket = format!("\n[bucket.data]\nname = \"{}\"\n", lab.bucket());
    lab.write(&format!("{SMALL}{bucket}"));
    lab.apply().exits(0);
    lab.write(SMALL);
    fs::remove_file(lab.state("small")).unwrap();
    // Neither file nor state names it now.
    lab.plan().exits(0);
    let ran = rebuild(&lab).exits(0);
    assert!(ran.out.contains(&lab.bucket()), "{}", ran.out);
    let plan = lab.plan().exits(2);
    assert!(plan.out.contains("1 to destroy"), "{}", plan.out);
    lab.apply().exits(0);
    lab.plan().exits(0);
    lab.destroy().exits(0);
}

#[test]
fn without_the_right_to_list_buckets_a_rebuild_says_what_it_may_miss() {
    let lab = built();
    lab.fault(serde_json::json!({
        "action": "s3:ListBuckets", "nth": 1, "times": 9, "status": 403,
        "code": "AccessDenied", "message": "no"
    }));
    fs::remove_file(lab.state("small")).unwrap();
    let ran = rebuild(&lab).exits(0);
    assert!(
        ran.err.contains("could not be looked through"),
        "{}",
        ran.err
    );
    lab.plan().exits(0);
    lab.destroy().exits(0);
}

#[test]
fn a_rebuild_waits_for_no_other_run() {
    let lab = built();
    let path = lab.state("small");
    let lock = path.with_file_name("lock");
    let lock = fs::File::options().write(true).open(lock).unwrap();
    lock.lock().unwrap();
    let before = fs::read(&path).unwrap();
    rebuild(&lab).exits(4);
    assert_eq!(fs::read(&path).unwrap(), before);
    lock.unlock().unwrap();
    lab.destroy().exits(0);
}
