//! `create_before_destroy`: the new one first, and what cannot stand beside the
//! old one refused at plan.

use crate::lab::Lab;

/// A network whose subnet, group and role can be made anew.
const FILE: &str = r#"
[stack]
name = "beside"
region = "ap-northeast-1"

[vpc.main]
cidr = "10.0.0.0/16"

[subnet.one]
vpc = "main"
cidr = "10.0.1.0/24"
zone = "a"
lifecycle = { create_before_destroy = true }

[route_table.main]
vpc = "main"
subnets = ["one"]

[security_group.web]
vpc = "main"
description = "first"
ingress = [{ port = 443, from = "10.0.0.0/8" }]
lifecycle = { create_before_destroy = true }

[role.app]
service = "ec2"
path = "/one/"
lifecycle = { create_before_destroy = true }
"#;

fn built() -> Lab {
    let lab = Lab::new();
    lab.write(FILE);
    lab.apply().exits(0);
    lab
}

/// What stands in the graph before what, as lines of DOT.
fn graph(lab: &Lab) -> String {
    lab.verb("graph", &[]).exits(0).out
}

#[test]
fn the_new_one_comes_first() {
    let lab = built();
    lab.edit("10.0.1.0/24", "10.0.2.0/24");
    lab.edit("\"first\"", "\"second\"");
    let plan = lab.plan().exits(2);
    for text in [
        "+/- subnet.one",
        "+/- security_group.web",
        "the new one first",
    ] {
        assert!(plan.out.contains(text), "`{text}` is not in\n{}", plan.out);
    }
    assert!(graph(&lab).contains("deleting subnet.one"));
    let ran = lab.apply().exits(0);
    let place = |text: &str| {
        let found = ran.err.lines().position(|line| {
            let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
            line.contains(text)
        });
        found.unwrap_or_else(|| panic!("`{text}` is not in\n{}", ran.err))
    };
    for table in ["subnet.one", "security_group.web"] {
        assert!(place(&format!("+ {table} created")) < place(&format!("- {table} deleted")));
    }
    lab.plan().exits(0);
    // Without it the old one goes first.
    lab.edit(
        "zone = \"a\"\nlifecycle = { create_before_destroy = true }",
        "zone = \"a\"",
    );
    lab.edit("10.0.2.0/24", "10.0.3.0/24");
    let plan = lab.plan().exits(2);
    assert!(plan.out.contains("-/+ subnet.one"), "{}", plan.out);
    lab.apply().exits(0);
    lab.plan().exits(0);
    lab.destroy().exits(0);
}

#[test]
fn what_cannot_stand_beside_the_old_one_is_refused_before_any_change() {
    let lab = built();
    for (from, to, says) in [
        (
            "zone = \"a\"",
            "zone = \"c\"",
            "the blocks 10.0.1.0/24 and 10.0.1.0/24 share addresses",
        ),
        (
            "cidr = \"10.0.1.0/24\"",
            "cidr = \"10.0.0.0/23\"",
            "the blocks 10.0.0.0/23 and 10.0.1.0/24 share addresses",
        ),
        (
            "path = \"/one/\"",
            "path = \"/two/\"",
            "AWS tells them apart by `name`, which both have",
        ),
    ] {
        lab.edit(from, to);
        let ran = lab.apply().exits(1);
        let told = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(told.contains("cannot be made while"), "{}", ran.err);
        assert!(told.contains(says), "`{says}` is not in\n{}", ran.err);
        lab.edit(to, from);
    }
    lab.plan().exits(0);
    // Both changed: they can stand side by side.
    lab.edit(
        "path = \"/one/\"",
        "path = \"/two/\"\nname = \"beside-second\"",
    );
    lab.apply().exits(0);
    lab.plan().exits(0);
}

#[test]
fn what_it_uses_is_made_first_too() {
    let lab = built();
    // The VPC is made anew without a word of its own, because its subnet is to
    // come first.
    lab.edit("cidr = \"10.0.0.0/16\"", "cidr = \"10.8.0.0/16\"");
    lab.edit("10.0.1.0/24", "10.8.1.0/24");
    let plan = lab.plan().exits(2);
    assert!(plan.out.contains("+/- vpc.main"), "{}", plan.out);
    lab.apply().exits(0);
    lab.plan().exits(0);
}

/// Whether one node of a graph comes right before another.
#[track_caller]
fn comes_before(graph: &str, first: &str, then: &str) -> bool {
    let node = |label: &str| {
        let ending = format!(" [label=\"{label}\"];");
        let line = graph.lines().find(|line| line.ends_with(&ending));
        let line = line.unwrap_or_else(|| panic!("`{label}` is not in\n{graph}"));
        line.trim().trim_end_matches(&ending).to_owned()
    };
    let edge = format!("{} -> {} ", node(first), node(then));
    graph.lines().any(|line| line.trim().starts_with(&edge))
}

#[test]
fn a_subnet_moves_to_a_new_route_table_when_that_has_its_routes() {
    let lab = Lab::new();
    lab.write(
        r#"
[stack]
name = "beside"
region = "ap-northeast-1"

[vpc.main]
cidr = "10.0.0.0/16"

[subnet.one]
vpc = "main"
cidr = "10.0.1.0/24"
zone = "a"

[internet_gateway.main]
vpc = "main"

[route_table.main]
vpc = "main"
subnets = ["one"]
routes = [{ to = "0.0.0.0/0", via = "internet_gateway.main" }]
lifecycle = { create_before_destroy = true }

[gateway_endpoint.s3]
vpc = "main"
service = "s3"
route_tables = ["main"]
"#,
    );
    lab.apply().exits(0);
    let graph = lab.verb("graph", &["--replace", "route_table.main"]);
    let graph = graph.exits(0).out;
    let moves = "changing route_table.main/association:one";
    for first in [
        "creating route_table.main/route:0.0.0.0/0",
        "changing gateway_endpoint.s3",
    ] {
        assert!(comes_before(&graph, first, moves), "{first}\n{graph}");
    }
    // What the old table has stays until then.
    let old = "deleting route_table.main/route:0.0.0.0/0";
    assert!(comes_before(&graph, moves, old), "{graph}");
    lab.verb(
        "apply",
        &["--auto-approve", "--replace", "route_table.main"],
    )
    .exits(0);
    lab.plan().exits(0);
    lab.destroy().exits(0);
}

#[test]
fn what_is_left_out_says_that_the_new_one_would_come_first() {
    let lab = built();
    lab.edit("10.0.1.0/24", "10.0.2.0/24");
    let plan = lab.verb("plan", &["--exclude", "subnet.one"]).exits(0);
    assert!(plan.out.contains("+/- subnet.one"), "{}", plan.out);
}
