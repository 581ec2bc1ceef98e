//! The three ways one after another: one of them, then the rest, and down again
//! in parts.

use serde_json::Value;

use super::{addresses, planned, tables};
use crate::lab::{Lab, leftovers};

#[tokio::test(flavor = "multi_thread")]
async fn one_way_of_three_and_then_the_rest_and_then_away() {
    let lab = Lab::with_plan("three-ways.toml");
    let way = [
        "--target",
        "instance.two",
        "--target",
        "*.s3",
        "--exclude",
        "interface_endpoint.*",
    ];
    let plan = planned(&lab, &way);
    let changes = addresses(&plan, "changes");
    assert_eq!(
        tables(&changes),
        [
            "bucket.data",
            "gateway_endpoint.s3",
            "instance.two",
            "role.instance",
            "route_table.private-2",
            "security_group.instance",
            "subnet.private-2",
            "vpc.main",
        ]
    );
    let all = planned(&lab, &[]);
    assert_eq!(all["left_out"], serde_json::json!([]));
    let mut both = [changes.clone(), addresses(&plan, "left_out")].concat();
    both.sort();
    assert_eq!(both, addresses(&all, "changes"));
    assert_eq!(
        plan["selection"],
        serde_json::json!({
            "target": ["instance.two", "*.s3"],
            "exclude": ["interface_endpoint.*"],
            "replace": [],
        })
    );
    let because = |address: &str| {
        let mut left = plan["left_out"].as_array().unwrap().iter();
        let left = left.find(|it| it["address"] == address).unwrap();
        left["because"].as_str().unwrap().to_owned()
    };
    assert_eq!(because("interface_endpoint.s3"), "excluded");
    assert_eq!(because("nat_gateway.main"), "not_targeted");

    let applied = lab
        .verb("apply", &[&["--auto-approve"][..], &way].concat())
        .exits(0);
    let left = addresses(&plan, "left_out").len();
    assert!(
        applied
            .err
            .contains("three-ways is not yet as the file wants it"),
        "{}",
        applied.err
    );
    assert!(
        applied.err.contains(&format!("{left} changes were left")),
        "{}",
        applied.err
    );
    let aws = lab.aws().await;
    let subnets = aws.ec2.describe_subnets().send().await.unwrap();
    let ours = subnets.subnets().iter();
    let ours = ours
        .filter(|it| it.cidr_block() == Some("10.0.2.0/24"))
        .count();
    assert_eq!(ours, 1);
    let doors = aws.ec2.describe_vpc_endpoints().send().await.unwrap();
    assert_eq!(doors.vpc_endpoints().len(), 1);

    // The same again has nothing to do, and says what of.
    let again = lab
        .verb("plan", &[&["--detailed-exitcode"][..], &way].concat())
        .exits(0);
    assert!(
        again.out.starts_with("No changes. What was asked for"),
        "{}",
        again.out
    );
    assert!(again.out.contains("Left out, since only"), "{}", again.out);

    let rest = planned(&lab, &[]);
    let names = |of: &Value, array| {
        let mut names = addresses(of, array);
        // What uses the whole changes by it.
        names.retain(|it| it != "route_table.private-2");
        names
    };
    assert_eq!(names(&rest, "changes"), names(&plan, "left_out"));
    lab.apply().exits(0);
    let plan = lab.plan().exits(0);
    assert!(
        plan.out.contains("No changes. The live network is"),
        "{}",
        plan.out
    );
    assert!(plan.out.contains("3 expectations hold."), "{}", plan.out);

    // A door goes with whoever uses it, and nothing else.
    let part = [
        "--auto-approve",
        "--target",
        "instance.*",
        "--target",
        "nat_gateway.main",
    ];
    let gone = lab.verb("destroy", &part).exits(0);
    assert!(gone.err.contains("three-ways is not gone"), "{}", gone.err);
    assert!(!gone.err.contains("Nothing is left"), "{}", gone.err);
    let rest = planned(&lab, &[]);
    let changes = addresses(&rest, "changes");
    assert_eq!(
        changes,
        [
            "instance.one",
            "instance.three",
            "instance.two",
            "nat_gateway.main",
            "route_table.private-1/route:0.0.0.0/0",
        ]
    );
    // All but the bucket, and what the bucket needs.
    let gone = lab
        .verb("destroy", &["--auto-approve", "--exclude", "bucket.data"])
        .exits(0);
    assert!(gone.err.contains("were left as they are"), "{}", gone.err);
    let left = leftovers(&aws).await;
    assert_eq!(left, [lab.bucket()]);
    let gone = lab.destroy().exits(0);
    assert!(
        gone.err.contains("Nothing is left of three-ways"),
        "{}",
        gone.err
    );
    assert_eq!(leftovers(&aws).await, Vec::<String>::new());
}
