//! Credentials that expire in the middle of a run: it stops, everything is
//! saved, and the next run goes on.

use serde_json::json;

use super::{ends_well, nothing_left, objects, refusals, says, undisturbed};
use crate::lab::Lab;

const NEVER: &str = "never";

fn expire_after(lab: &Lab, calls: impl Into<serde_json::Value>) {
    lab.settings(json!({ "credentials_expire_after_calls": calls.into() }));
}

#[test]
fn an_apply_whose_credentials_expire_is_gone_on_with() {
    // Fifteen calls are the plan's own, and some forty those of the preflight.
    for calls in [62, 76, 96] {
        let lab = Lab::with_plan("three-ways.toml");
        expire_after(&lab, calls);
        let cut = lab.apply().exits(1);
        says(&cut, "renew the credentials");
        says(&cut, "What is done is saved.");
        let seen = refusals(&lab);
        let expired = |name: &&String| name.contains("Expired");
        let expired: usize = seen.keys().filter(expired).map(|name| seen[name]).sum();
        // It does not ask again and again.
        assert!((1..=40).contains(&expired), "{seen:?}");
        let refused = lab.plan().exits(1);
        says(&refused, "renew the credentials");
        expire_after(&lab, NEVER);
        lab.apply().exits(0);
        assert_eq!(objects(&lab), undisturbed(), "after {calls} calls");
        ends_well(&lab);
    }
}

#[test]
fn credentials_that_expire_before_the_first_change_are_told_then() {
    let lab = Lab::with_plan("three-ways.toml");
    expire_after(&lab, 20);
    let cut = lab.apply().exits(1);
    says(&cut, "renew the credentials");
    says(&cut, "so nothing was begun");
    expire_after(&lab, NEVER);
    nothing_left(&lab);
}

#[test]
fn a_destroy_whose_credentials_expire_is_gone_on_with() {
    for calls in [30, 45] {
        let lab = Lab::with_plan("three-ways.toml");
        lab.apply().exits(0);
        lab.plan().exits(0);
        expire_after(&lab, calls);
        let cut = lab.destroy().exits(1);
        says(&cut, "renew the credentials");
        expire_after(&lab, NEVER);
        lab.destroy().exits(0);
        nothing_left(&lab);
    }
}
