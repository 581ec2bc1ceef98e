//! `[[expect]]` end to end: what holds, what stops an apply, what programs read.

mod told;

use crate::lab::Lab;

const NETWORK: &str = r#"
[stack]
name = "expect"
region = "ap-northeast-1"

[variables]
bucket = "expect"

[vpc.main]
cidr = "10.0.0.0/16"

[subnet.public]
vpc = "main"
cidr = "10.0.0.0/24"
zone = "a"

[subnet.private-1]
vpc = "main"
cidr = "10.0.1.0/24"
zone = "a"

[subnet.private-2]
vpc = "main"
cidr = "10.0.2.0/24"
zone = "c"

[internet_gateway.main]
vpc = "main"

[route_table.public]
vpc = "main"
subnets = ["public"]
routes = [{ to = "0.0.0.0/0", via = "internet_gateway.main" }]

[route_table.private]
vpc = "main"
subnets = ["private-1", "private-2"]

[gateway_endpoint.s3]
vpc = "main"
service = "s3"
route_tables = ["private"]

[bucket.data]
name = "${var.bucket}"
"#;

const PRIVATE: &str = r#"
[[expect]]
from = "subnet.private-*"
to = "bucket.data"
via = "gateway_endpoint.s3"
private = true

[[expect]]
from = "subnet.private-*"
to = "ssm"
reachable = false
"#;

/// How many calls changed something.
fn changes(lab: &Lab) -> u64 {
    let calls = lab.calls();
    let counts = calls["counts"].as_object().unwrap();
    let reads = ["Describe", "Get", "List", "Head"];
    let changing = counts.iter().filter(|(name, _)| {
        let action = name.split_once(':').map_or(name.as_str(), |(_, it)| it);
        !reads.iter().any(|read| action.starts_with(read))
    });
    changing.map(|(_, count)| count.as_u64().unwrap()).sum()
}

fn documents(out: &str) -> Vec<serde_json::Value> {
    let lines = out.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn what_holds_is_said_in_one_line() {
    let lab = Lab::new();
    lab.write(&format!("{NETWORK}{PRIVATE}"));
    let plan = lab.verb("plan", &[]).exits(0);
    assert!(
        plan.out.ends_with("\n2 expectations hold.\n"),
        "{}",
        plan.out
    );
    lab.verb("plan", &["--detailed-exitcode"]).exits(2);
    let applied = lab.apply().exits(0);
    assert!(applied.out.contains("2 expectations hold.\n"));
    // Of the network that lives it holds as well.
    let plan = lab.plan().exits(0);
    assert!(plan.out.contains("No changes."), "{}", plan.out);
    assert!(plan.out.ends_with("2 expectations hold.\n"), "{}", plan.out);
    let destroyed = lab.destroy().exits(0);
    assert!(!destroyed.out.contains("expectation"), "{}", destroyed.out);
}

#[test]
fn a_broken_one_stops_apply_before_its_first_change() {
    let lab = Lab::new();
    lab.write(&format!("{NETWORK}{PRIVATE}"));
    lab.edit(
        r#"route_tables = ["private"]"#,
        r#"route_tables = ["public"]"#,
    );
    lab.calls();
    let plan = lab.verb("plan", &["--detailed-exitcode"]).exits(3);
    assert!(plan.out.contains("Plan: "), "{}", plan.out);
    let line = lab
        .text()
        .lines()
        .position(|it| it == "[[expect]]")
        .unwrap()
        + 1;
    for said in [
        "error: subnet.private-1 does not reach bucket.data",
        &format!("plan.toml:{line}:1"),
        "cause: the connection times out",
        "help: add route_table.private to `route_tables` of gateway_endpoint.s3",
        "also subnet.private-2 does not reach bucket.data",
        "error: 1 of 2 expectations fails",
    ] {
        assert!(plan.err.contains(said), "{said}\n{}", plan.err);
    }
    assert!(
        plan.err.lines().all(|it| it.chars().count() <= 80),
        "{}",
        plan.err
    );
    let applied = lab.apply().exits(3);
    assert!(
        applied.err.contains("so nothing was begun"),
        "{}",
        applied.err
    );
    assert_eq!(changes(&lab), 0);
    // The lock is given back, and nothing is left to resume.
    lab.edit(
        r#"route_tables = ["public"]"#,
        r#"route_tables = ["private"]"#,
    );
    let applied = lab.apply().exits(0);
    assert!(!applied.err.contains("interrupted"), "{}", applied.err);
    assert!(changes(&lab) > 0);
    lab.destroy().exits(0);
}

#[test]
fn a_change_that_would_break_one_is_not_begun() {
    let lab = Lab::new();
    lab.write(&format!("{NETWORK}{PRIVATE}"));
    lab.apply().exits(0);
    lab.calls();
    lab.edit(
        "service = \"s3\"\n",
        "service = \"s3\"\npolicy = { allow_buckets = [\"other\"] }\n",
    );
    lab.write(&format!(
        "{}\n[bucket.other]\nname = \"${{var.bucket}}-other\"\n",
        lab.text()
    ));
    let applied = lab.apply().exits(3);
    assert!(
        applied.err.contains("cause: AccessDenied"),
        "{}",
        applied.err
    );
    assert!(applied.err.contains("what blocks it"), "{}", applied.err);
    assert_eq!(changes(&lab), 0);
    // It stands in nobody's way when all is to go.
    lab.destroy().exits(0);
}

#[test]
fn programs_read_it_in_the_plans_document() {
    let lab = Lab::new();
    lab.write(&format!("{NETWORK}{PRIVATE}"));
    let plan = lab.verb("plan", &["--json"]).exits(0);
    let read = documents(&plan.out);
    assert_eq!(read.len(), 1);
    let expectations = read[0]["expectations"].as_array().unwrap();
    assert_eq!(expectations.len(), 2);
    assert!(
        expectations
            .iter()
            .all(|it| it["holds"] == true && it["met"] == 2)
    );

    lab.edit(r#"to = "ssm""#, r#"to = "bucket.data""#);
    let applied = lab.verb("apply", &["--auto-approve", "--json"]).exits(3);
    let read = documents(&applied.out);
    let kinds: Vec<&str> = read
        .iter()
        .filter_map(|it| it["document"].as_str())
        .collect();
    assert_eq!(kinds, ["plan", "error"]);
    let failing = &read[0]["expectations"][1]["failing"];
    assert_eq!(failing.as_array().unwrap().len(), 2);
    assert_eq!(failing[0]["from"], "subnet.private-1");
    assert_eq!(failing[0]["misses"][0], "reached");
    assert_eq!(failing[0]["door"], "gateway_endpoint.s3");
    assert_eq!(failing[0]["verdict"], "reachable");
}

#[test]
fn what_cannot_be_known_does_not_hold() {
    let lab = Lab::new();
    let peering = "{ to = \"0.0.0.0/0\", via = \"tgw-0123456789abcdef0\" }";
    let network = NETWORK.replace(
        "subnets = [\"private-1\", \"private-2\"]\n",
        &format!("subnets = [\"private-1\", \"private-2\"]\nroutes = [{peering}]\n"),
    );
    lab.write(&format!("{network}{PRIVATE}"));
    let plan = lab.verb("plan", &[]);
    assert_eq!(plan.code, 3, "{}\n{}", plan.out, plan.err);
    assert!(
        plan.err.contains("whether subnet.private-1 reaches ssm"),
        "{}",
        plan.err
    );
    assert!(plan.err.contains("tgw-0123456789abcdef0"), "{}", plan.err);
    assert!(plan.err.contains("only what is certain"), "{}", plan.err);
}

#[test]
fn every_example_meets_its_own_expectations() {
    for (file, count) in [("three-ways.toml", 3), ("three-patterns.toml", 4)] {
        let lab = Lab::with_plan(file);
        let plan = lab.verb("plan", &[]).exits(0);
        let line = format!("\n{count} expectations hold.\n");
        assert!(plan.out.ends_with(&line), "{file}: {}", plan.out);
    }
}

#[test]
fn validate_only_reads_them() {
    let lab = Lab::new();
    lab.write(&format!("{NETWORK}{PRIVATE}"));
    lab.edit(r#"route_tables = ["private"]"#, "route_tables = []");
    let ran = lab.run(&["validate", "plan.toml"]).exits(0);
    assert!(ran.err.contains("nodes, 2 expectations."), "{}", ran.err);
}
