//! `--target`, `--exclude` and `--replace` end to end, and what is told of the
//! rest.

mod completion;
mod expectations;
mod replacing;
mod shells;
mod three_ways;

use serde_json::Value;

use crate::lab::Lab;

/// Two ways from two subnets.
const NETWORK: &str = r#"
[stack]
name = "parts"
region = "ap-northeast-1"

[vpc.main]
cidr = "10.0.0.0/16"

[subnet.one]
vpc = "main"
cidr = "10.0.1.0/24"
zone = "a"

[subnet.two]
vpc = "main"
cidr = "10.0.2.0/24"
zone = "c"

[route_table.one]
vpc = "main"
subnets = ["one"]

[route_table.two]
vpc = "main"
subnets = ["two"]

[gateway_endpoint.s3]
vpc = "main"
service = "s3"
route_tables = ["one"]

[security_group.web]
vpc = "main"
description = "HTTPS"
ingress = [{ protocol = "tcp", port = 443, from = "10.0.0.0/16" }]
"#;

fn documents(out: &str) -> Vec<Value> {
    let lines = out.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The addresses of an array of a plan's document, sorted.
fn addresses(plan: &Value, array: &str) -> Vec<String> {
    let each = plan[array].as_array().unwrap().iter();
    let mut found: Vec<String> = each
        .map(|it| it["address"].as_str().unwrap().to_owned())
        .collect();
    found.sort();
    found
}

/// Only the tables of some addresses.
fn tables(addresses: &[String]) -> Vec<&str> {
    let tables = addresses.iter().filter(|it| !it.contains('/'));
    tables.map(String::as_str).collect()
}

/// The plan's document for some flags.
fn planned(lab: &Lab, flags: &[&str]) -> Value {
    let flags = [&["--json"], flags].concat();
    let plan = lab.verb("plan", &flags).exits(0);
    documents(&plan.out).remove(0)
}

/// The tables that the state remembers, sorted.
fn remembered(lab: &Lab) -> Vec<String> {
    let text = std::fs::read_to_string(lab.state("parts")).unwrap();
    let state: Value = serde_json::from_str(&text).unwrap();
    let nodes = state["nodes"].as_object().unwrap();
    nodes
        .keys()
        .filter(|it| !it.contains('/'))
        .cloned()
        .collect()
}

#[test]
fn what_is_left_out_stays_as_it_lives_and_is_remembered() {
    let lab = Lab::new();
    lab.write(NETWORK);
    lab.apply().exits(0);
    let before = remembered(&lab);
    // One change of each sort: in place, made anew, away, and new.
    lab.edit(
        "route_tables = [\"one\"]",
        "route_tables = [\"one\", \"two\"]",
    );
    lab.edit(
        "description = \"HTTPS\"",
        "description = \"HTTPS from the network\"",
    );
    lab.edit(
        "[subnet.two]\nvpc = \"main\"\ncidr = \"10.0.2.0/24\"\nzone = \"c\"\n",
        "[subnet.three]\nvpc = \"main\"\ncidr = \"10.0.3.0/24\"\nzone = \"c\"\n",
    );
    lab.edit("subnets = [\"two\"]", "subnets = []");
    lab.edit(
        "cidr = \"10.0.1.0/24\"",
        "cidr = \"10.0.1.0/24\"\nmap_public_ip = true",
    );
    let all = planned(&lab, &[]);
    assert_eq!(all["path_changes"].as_array().unwrap().len(), 0);
    let part = ["--target", "subnet.one"];
    let plan = planned(&lab, &part);
    assert_eq!(addresses(&plan, "changes"), ["subnet.one"]);
    let actions: Vec<(String, String)> = plan["left_out"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| it["part"].is_null())
        .map(|it| (it["address"].to_string(), it["action"].to_string()))
        .collect();
    for (address, action) in [
        ("gateway_endpoint.s3", "update"),
        ("security_group.web", "replace"),
        ("subnet.three", "create"),
        ("subnet.two", "delete"),
    ] {
        let one = (format!("\"{address}\""), format!("\"{action}\""));
        assert!(actions.contains(&one), "{one:?} {actions:?}");
    }
    let text = lab.verb("plan", &part).exits(0).out;
    assert!(text.contains("Plan: 0 to create, 1 to change"), "{text}");
    assert!(
        text.contains("Left out, since only subnet.one was asked for: "),
        "{text}"
    );
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
    let full = lab
        .verb("plan", &[&part[..], &["--full"]].concat())
        .exits(0)
        .out;
    for line in [
        "  ~ gateway_endpoint.s3",
        "-/+ security_group.web",
        "  - subnet.two",
    ] {
        assert!(full.contains(line), "{line}\n{full}");
    }

    let ran = lab
        .verb(
            "apply",
            &[&part[..], &["--auto-approve", "--json"]].concat(),
        )
        .exits(0);
    let outcome = documents(&ran.out).pop().unwrap();
    assert_eq!(outcome["document"], "outcome");
    assert_eq!(outcome["totals"]["changed"], 1);
    assert_eq!(
        outcome["left_out"],
        plan["left_out"].as_array().unwrap().len()
    );
    // What is told of them at the end is what lives, and what is not there is
    // not told.
    assert!(outcome["facts"].get("subnet.three").is_none());
    assert_eq!(
        outcome["facts"]["security_group.web"]["description"],
        "HTTPS"
    );
    assert_eq!(remembered(&lab), before);
    lab.apply().exits(0);
    lab.plan().exits(0);
    lab.destroy().exits(0);
}

#[test]
fn a_way_that_is_left_out_is_no_way_that_changes() {
    let lab = Lab::new();
    lab.write(&format!(
        "{NETWORK}\n[variables]\nbucket = \"x\"\n\n[bucket.data]\nname = \"${{var.bucket}}\"\n"
    ));
    lab.apply().exits(0);
    lab.edit(
        "route_tables = [\"one\"]",
        "route_tables = [\"one\", \"two\"]",
    );
    lab.edit(
        "cidr = \"10.0.1.0/24\"",
        "cidr = \"10.0.1.0/24\"\nmap_public_ip = true",
    );
    let ways = |flags: &[&str]| {
        planned(&lab, flags)["path_changes"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(ways(&[]), 1);
    assert_eq!(ways(&["--target", "subnet.one"]), 0);
    assert_eq!(ways(&["--target", "gateway_endpoint.s3"]), 1);
    assert_eq!(ways(&["--exclude", "gateway_endpoint.s3"]), 0);
    assert_eq!(ways(&["--exclude", "subnet.two"]), 1);
    lab.destroy().exits(0);
}

#[test]
fn a_pattern_in_vain_is_told_before_anything_is_done() {
    let lab = Lab::new();
    lab.write(NETWORK);
    lab.calls();
    // Of a kind that there is not, before any call.
    let ran = lab
        .verb("apply", &["--auto-approve", "--target", "subnt.one"])
        .exits(1);
    assert!(
        ran.err.contains("error: there is no kind `subnt`"),
        "{}",
        ran.err
    );
    assert!(
        ran.err.contains("hint:  did you mean subnet?"),
        "{}",
        ran.err
    );
    assert_eq!(lab.calls()["counts"], serde_json::json!({}));
    // Of what is neither in the file nor alive.
    let ran = lab
        .verb("apply", &["--auto-approve", "--exclude", "subnet.ones"])
        .exits(1);
    assert!(
        ran.err.contains("error: nothing is called `subnet.ones`"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("did you mean subnet.one?"), "{}", ran.err);
    // What is none at all never gets that far.
    for text in ["subnet", "existing.vpc.main", "a b"] {
        let ran = lab.verb("plan", &["--replace", text]);
        assert_ne!(ran.code, 0);
        assert!(ran.err.contains(text), "{}", ran.err);
    }
    assert!(!lab.state("parts").exists());
}

#[test]
fn the_graph_is_of_the_part_that_is_meant() {
    let lab = Lab::new();
    lab.write(NETWORK);
    let graph = lab.verb("graph", &["--target", "subnet.one"]).exits(0).out;
    assert!(graph.contains("creating subnet.one"), "{graph}");
    assert!(graph.contains("creating vpc.main"), "{graph}");
    assert!(!graph.contains("subnet.two"), "{graph}");
}
