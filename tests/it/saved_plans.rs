//! `plan --out`, `show` and `apply PLAN`: what was shown is done, or nothing is.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::lab::{Lab, Ran, endpoint, leftovers};
use crate::state_files::SMALL;

mod refusals;

/// The saved plan of a laboratory.
const PLAN: &str = "lab.s3plan";

/// A small stack that is not applied yet.
fn small() -> Lab {
    let lab = Lab::new();
    lab.write(SMALL);
    lab
}

fn file(lab: &Lab) -> PathBuf {
    lab.folder.path().join(PLAN)
}

/// Saves the plan of `plan.toml`.
fn save(lab: &Lab, more: &[&str]) -> Ran {
    lab.verb("plan", &[&["--out", PLAN][..], more].concat())
}

/// Carries the saved plan out.
fn carry_out(lab: &Lab, more: &[&str]) -> Ran {
    endpoint();
    lab.run(&[&["apply", PLAN, "--local"][..], more].concat())
}

fn show(lab: &Lab, more: &[&str]) -> Ran {
    lab.run(&[&["show", PLAN][..], more].concat())
}

/// Nothing on AWS was changed since the calls were last asked for.
#[track_caller]
pub fn only_reads(lab: &Lab) {
    let calls = lab.calls();
    for (call, count) in calls["counts"].as_object().unwrap() {
        let operation = call.split(':').nth(1).unwrap();
        let reads = ["Describe", "Get", "List", "Head"];
        let reads = reads.iter().any(|verb| operation.starts_with(verb));
        assert!(reads, "{call} was called {count} times");
    }
}

/// The saved plan is refused without a change, and these words say why.
#[track_caller]
fn is_refused(lab: &Lab, more: &[&str], says: &[&str]) {
    lab.calls();
    let ran = carry_out(lab, more).exits(1);
    for text in says {
        let flat = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(text), "`{text}` is not in\n{}", ran.err);
    }
    assert!(ran.err.contains("hint:"), "{}", ran.err);
    only_reads(lab);
}

#[tokio::test]
async fn a_plan_is_saved_shown_as_it_was_and_carried_out_once() {
    let lab = Lab::with_plan("three-ways.toml");
    let planned = save(&lab, &["--detailed-exitcode"]).exits(2);
    assert!(
        planned.err.contains("Saved as lab.s3plan."),
        "{}",
        planned.err
    );
    let mode = fs::metadata(file(&lab)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let full = lab.verb("plan", &["--full"]).exits(0);
    let json = lab.verb("plan", &["--json"]).exits(0);
    lab.calls();
    let shown = show(&lab, &[]).exits(0);
    assert_eq!(shown.out, planned.out);
    assert!(shown.out.contains("Ways that change:"), "{}", shown.out);
    assert!(shown.out.contains("3 expectations hold."), "{}", shown.out);
    assert!(shown.err.contains("from plan.toml"), "{}", shown.err);
    assert_eq!(show(&lab, &["--full"]).exits(0).out, full.out);
    let document = |text: &str| serde_json::from_str::<Value>(text.trim()).unwrap();
    let shown = document(&show(&lab, &["--json"]).exits(0).out);
    assert_eq!(shown, document(&json.out));
    // Nobody was asked for any of that.
    assert_eq!(lab.calls()["counts"], json!({}));

    let ran = carry_out(&lab, &[]).exits(0);
    assert!(ran.err.contains("created"), "{}", ran.err);
    lab.plan().exits(0);
    is_refused(
        &lab,
        &[],
        &[
            "the saved plan is stale",
            "there was no state when it was saved, and now there is one",
        ],
    );

    let planned = save(&lab, &["--destroy", "--detailed-exitcode"]).exits(2);
    assert_eq!(show(&lab, &[]).exits(0).out, planned.out);
    let ran = carry_out(&lab, &[]).exits(0);
    assert!(ran.err.contains("Nothing is left of"), "{}", ran.err);
    assert_eq!(leftovers(&lab.aws().await).await, Vec::<String>::new());
}

#[test]
fn a_plan_of_changes_and_replacements_is_carried_out() {
    let lab = Lab::with_plan("three-ways.toml");
    lab.apply().exits(0);
    lab.edit("HTTPS from the instances to the endpoint", "HTTPS from all");
    lab.edit("cidr = \"10.0.3.0/24\"", "cidr = \"10.0.9.0/24\"");
    let planned = save(&lab, &["--detailed-exitcode"]).exits(2);
    assert!(
        planned.out.contains("-/+") && planned.out.contains("+/-"),
        "{}",
        planned.out
    );
    assert_eq!(show(&lab, &[]).exits(0).out, planned.out);
    assert_eq!(
        show(&lab, &[]).exits(0).err.matches("warning:").count(),
        planned.err.matches("warning:").count(),
        "{}",
        planned.err
    );
    carry_out(&lab, &[]).exits(0);
    lab.plan().exits(0);
    // A plan without a change is saved too, and does nothing.
    save(&lab, &["--detailed-exitcode"]).exits(0);
    lab.calls();
    carry_out(&lab, &[]).exits(0);
    only_reads(&lab);
    lab.destroy().exits(0);
}

#[test]
fn a_secret_is_in_no_saved_plan_and_must_be_given_again() {
    let lab = Lab::with_plan("single-bucket-base.toml");
    lab.edit("[variables]\n", "[variables]\npassword = \"none\"\n");
    lab.edit(
        "[instance.private]\n",
        "[instance.private]\nuser_data = \"PASSWORD=${var.password}\"\n",
    );
    let secret = "password=hunter2-of-the-lab";
    save(&lab, &["--var", secret]).exits(0);
    let kept = fs::read_to_string(file(&lab)).unwrap();
    assert!(!kept.contains("hunter2"));
    let shown = show(&lab, &["--full"]).exits(0);
    assert!(shown.out.contains("user_data") && !shown.out.contains("hunter2"));
    is_refused(
        &lab,
        &[],
        &["`password` must be given again", "S3NET_VAR_password"],
    );
    let wrong = ["--var", "password=other"];
    is_refused(&lab, &wrong, &["`password` has another value"]);
    let ran = lab
        .command(&["apply", PLAN, "--local"])
        .env("S3NET_VAR_password", "hunter2-of-the-lab")
        .output()
        .unwrap();
    Ran::from(ran).exits(0);
    let ran = lab.verb("plan", &["--detailed-exitcode", "--var", secret]);
    ran.exits(0);
    lab.verb("destroy", &["--auto-approve", "--var", secret])
        .exits(0);
}

#[test]
fn a_plan_of_a_part_is_carried_out_for_that_part() {
    let lab = small();
    let planned = save(&lab, &["--target", "vpc.main"]).exits(0);
    assert!(planned.out.contains("Plan: 1 to create"), "{}", planned.out);
    assert_eq!(show(&lab, &[]).exits(0).out, planned.out);
    is_refused(
        &lab,
        &["--exclude", "vpc.main"],
        &["another part of the stack"],
    );
    carry_out(&lab, &[]).exits(0);
    let rest = lab.plan().exits(2);
    assert!(rest.out.contains("Plan: 1 to create"), "{}", rest.out);
    let ran = lab.verb("plan", &["--refresh-only", "--target", "vpc.main"]);
    assert!(ran.exits(1).err.contains("cannot be used with"));
    lab.destroy().exits(0);
}

#[test]
fn a_plan_whose_expectation_fails_is_not_saved() {
    let lab = Lab::with_plan("three-ways.toml");
    lab.edit(
        "via = \"interface_endpoint.s3\"",
        "via = \"gateway_endpoint.s3\"",
    );
    let ran = save(&lab, &["--detailed-exitcode"]).exits(3);
    assert!(!file(&lab).exists(), "{}", ran.err);
}

#[test]
fn exit_codes_are_as_the_table_says() {
    let lab = small();
    let codes = |more: &[&str]| {
        let detailed = [more, &["--detailed-exitcode"]].concat();
        (
            lab.verb("plan", more).code,
            lab.verb("plan", &detailed).code,
        )
    };
    let refresh = ["--refresh-only"];
    assert_eq!(codes(&[]), (0, 2));
    assert_eq!(codes(&["--destroy"]), (0, 0));
    assert_eq!(codes(&refresh), (0, 0));
    lab.apply().exits(0);
    assert_eq!(codes(&[]), (0, 0));
    assert_eq!(codes(&["--destroy"]), (0, 2));
    assert_eq!(codes(&refresh), (0, 0));
    let state = lab.state("small");
    let text = fs::read_to_string(&state).unwrap();
    fs::write(&state, text.replace("small-main", "other-main")).unwrap();
    assert_eq!(codes(&refresh), (0, 2));
    fs::write(&state, "rubbish").unwrap();
    for more in [&[][..], &["--destroy"], &refresh] {
        assert_eq!(codes(more), (1, 1));
    }
    fs::write(&state, text).unwrap();
    // A mistake on the command line is not taken for pending changes.
    lab.run(&["plan", "--detailed-exitcode"]).exits(1);
    lab.run(&["plan", "--help"]).exits(0);
    lab.destroy().exits(0);
}
