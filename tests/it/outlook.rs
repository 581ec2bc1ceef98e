//! What a plan says of traffic: ways that change, connections that break, traps.

use serde_json::{Value, json};

use crate::lab::Lab;

fn document(out: &str) -> Value {
    serde_json::from_str(out.lines().next().unwrap()).unwrap()
}

#[test]
fn a_way_that_moves_from_nat_to_a_gateway_endpoint_is_shown_with_its_price() {
    let lab = Lab::with_plan("three-ways.toml");
    lab.expect_nothing();
    let first = lab.verb("plan", &[]).exits(0);
    let told = "instance.three → bucket.data: none ⇒ interface endpoint by its own name";
    assert!(first.out.contains(told), "{}", first.out);
    // Without an expectation that says so, S3 by NAT is a trap.
    assert!(
        first
            .err
            .contains("S3 traffic of subnet.private-1 goes through nat_gateway.main")
    );
    lab.apply().exits(0);
    let nothing = lab.verb("plan", &[]).exits(0);
    assert!(!nothing.out.contains("Ways that change"), "{}", nothing.out);

    lab.edit(
        "route_tables = [\"private-2\"]",
        "route_tables = [\"private-1\", \"private-2\"]",
    );
    let plan = lab.verb("plan", &[]).exits(0);
    let line = "subnet.private-1 → bucket.data: NAT gateway ⇒ gateway endpoint (0.062";
    assert!(plan.out.contains(line), "{}", plan.out);
    assert!(
        plan.err
            .contains("open connections to S3 from subnet.private-1")
    );
    assert!(!plan.err.contains("goes through nat_gateway.main"));
    let plan = document(&lab.verb("plan", &["--json"]).exits(0).out);
    let side = |kind: &str, name: &str, price: &str| {
        json!({
            "reachable": "yes",
            "why": null,
            "door": { "kind": kind, "name": name },
            "by_endpoint_name": false,
            "usd_per_gb": price,
        })
    };
    assert_eq!(
        plan["path_changes"],
        json!([{
            "from": "subnet.private-1",
            "to": "bucket.data",
            "before": side("nat_gateway", "nat_gateway.main", "0.062"),
            "after": side("gateway_endpoint", "gateway_endpoint.s3", "0"),
            "breaks_connections": true,
        }])
    );
    assert_eq!(plan["traps"], json!([]));
    lab.apply().exits(0);
    lab.destroy().exits(0);
}

#[test]
fn a_network_within_an_existing_one_is_seen_whole() {
    let lab = Lab::with_plan("single-bucket-base.toml");
    lab.apply().exits(0);
    let base = lab.text();
    lab.write(&std::fs::read_to_string(crate::lab::plans().join("single-bucket.toml")).unwrap());
    let plan = lab.verb("plan", &[]).exits(0);
    for line in [
        "instance.private → existing.bucket.data: blocked ⇒ interface endpoint",
        "instance.public → existing.bucket.data: internet gateway ⇒ blocked",
    ] {
        assert!(plan.out.contains(line), "{}", plan.out);
    }
    let traced = lab.verb(
        "trace",
        &[
            "existing.subnet.private",
            "existing.bucket.data",
            "--planned",
        ],
    );
    let traced = traced.exits(0);
    let why = "depends on whether the machine is a member of existing.security_group.private";
    let flat = traced.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains(why), "{}", traced.out);
    lab.apply().exits(0);
    lab.destroy().exits(0);
    lab.write(&base);
    lab.destroy().exits(0);
}
