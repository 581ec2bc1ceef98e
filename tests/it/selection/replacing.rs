//! `--replace`: what works is made anew all the same.

use super::{NETWORK, addresses, planned};
use crate::lab::Lab;

#[test]
fn what_is_asked_for_anew_is_made_anew() {
    let lab = Lab::new();
    lab.write(NETWORK);
    lab.apply().exits(0);
    let plan = planned(&lab, &["--replace", "gateway_endpoint.s3"]);
    assert_eq!(addresses(&plan, "changes"), ["gateway_endpoint.s3"]);
    assert_eq!(
        plan["changes"][0]["replace"]["reason"],
        "asked for by --replace"
    );
    let old = plan["changes"][0]["id"].as_str().unwrap().to_owned();
    let text = lab
        .verb("plan", &["--replace", "gateway_endpoint.s3"])
        .exits(0)
        .out;
    assert!(text.contains("replace: asked for by --replace"), "{text}");
    let flags = ["--auto-approve", "--replace", "gateway_endpoint.s3"];
    lab.verb("apply", &flags).exits(0);
    lab.plan().exits(0);
    let state = std::fs::read_to_string(lab.state("parts")).unwrap();
    assert!(!state.contains(&old), "{old} is gone");

    // A group takes its rules along, and what must stay stays.
    let plan = planned(&lab, &["--replace", "security_group.web"]);
    let changed = addresses(&plan, "changes");
    assert!(
        changed
            .iter()
            .all(|it| it.starts_with("security_group.web")),
        "{changed:?}"
    );
    assert!(changed.len() > 1, "{changed:?}");
    lab.edit(
        "description = \"HTTPS\"",
        "description = \"HTTPS\"\nlifecycle = { prevent_destroy = true }",
    );
    let refused = lab
        .verb("plan", &["--replace", "security_group.web"])
        .exits(1);
    assert!(
        refused.err.contains("asked for by --replace"),
        "{}",
        refused.err
    );
    lab.edit("\nlifecycle = { prevent_destroy = true }", "");

    // What is not there yet is made.
    lab.write(&format!(
        "{NETWORK}\n[subnet.late]\nvpc = \"main\"\ncidr = \"10.0.9.0/24\"\nzone = \"a\"\n"
    ));
    let plan = lab.verb("plan", &["--replace", "subnet.late"]).exits(0);
    assert!(
        plan.err.contains("subnet.late does not exist yet"),
        "{}",
        plan.err
    );
    assert!(
        plan.out
            .contains("Plan: 1 to create, 0 to change, 0 to replace"),
        "{}",
        plan.out
    );
    lab.destroy().exits(0);
}
