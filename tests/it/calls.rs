//! How many calls a plan makes, counted at the endpoint.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::lab::Lab;

/// The calls since the last time, by `service:Action`.
fn counts(lab: &Lab) -> BTreeMap<String, u64> {
    let calls = lab.calls();
    calls["counts"]
        .as_object()
        .unwrap_or_else(|| panic!("no counts in {calls}"))
        .iter()
        .map(|(name, count)| (name.clone(), count.as_u64().unwrap()))
        .collect()
}

#[test]
fn a_plan_of_three_ways_makes_at_most_thirty_calls() {
    let lab = Lab::with_plan("three-ways.toml");
    lab.apply().exits(0);
    counts(&lab);
    lab.plan().exits(0);
    let counts = counts(&lab);
    let total: u64 = counts.values().sum();
    assert!(total <= 30, "{total} calls: {counts:#?}");
}

/// Three-ways, once under each of these names, in one file.
fn copies(lab: &Lab, count: usize) -> String {
    let one = std::fs::read_to_string(crate::lab::plans().join("three-ways.toml")).unwrap();
    let (head, tables) = one.split_once("[vpc.main]").unwrap();
    let (head, _) = head.split_once("[variables]").unwrap();
    let tables = format!("[vpc.main]{tables}");
    let names = [
        "main",
        "public",
        "private-1",
        "private-2",
        "private-3",
        "nat",
        "s3",
        "endpoint",
        "instance",
        "data",
        "one",
        "two",
        "three",
    ];
    let mut text = head.to_owned();
    for copy in 0..count {
        let mut part = tables.replace("${var.bucket}", &format!("{}-{copy}", lab.bucket()));
        for name in names {
            for (before, after) in [("\"", "\""), (".", "]"), (".", "\"")] {
                part = part.replace(
                    &format!("{before}{name}{after}"),
                    &format!("{before}{name}-{copy}{after}"),
                );
            }
        }
        // A service is no name.
        part = part.replace(&format!("service = \"s3-{copy}\""), "service = \"s3\"");
        let _ = write!(text, "{part}");
    }
    text
}

#[test]
fn ten_copies_cost_only_what_aws_has_no_batch_for() {
    let lab = Lab::new();
    lab.write(&copies(&lab, 1));
    lab.apply().exits(0);
    counts(&lab);
    lab.plan().exits(0);
    let one = counts(&lab);
    lab.write(&copies(&lab, 10));
    lab.apply().exits(0);
    counts(&lab);
    lab.plan().exits(0);
    let ten = counts(&lab);

    // Reads that AWS offers for one object at a time: a bucket's settings, a
    // role's parts, a VPC's two DNS attributes.
    let single = |name: &str| {
        name.starts_with("s3:") || name.starts_with("iam:") || name == "ec2:DescribeVpcAttribute"
    };
    for (name, count) in &ten {
        let first = one.get(name).copied().unwrap_or(0);
        if single(name) {
            assert!(*count <= first * 10, "{name}: {first} became {count}");
        } else {
            assert_eq!(*count, first, "{name} grows with the stack");
        }
    }
    println!(
        "calls of a plan: one {}, ten {}",
        one.values().sum::<u64>(),
        ten.values().sum::<u64>()
    );
}
