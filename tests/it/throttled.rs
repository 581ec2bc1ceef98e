//! AWS asks to slow down: nothing fails, and nothing is made twice.
//!
//! The great one takes minutes and is left out of the usual run:
//!
//! ```text
//! cargo test --test it throttled -- --ignored --nocapture
//! ```

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Instant;

use serde_json::{Value, json};

use crate::lab::{Lab, leftovers};

/// A stack of `vpcs` VPCs with `subnets` subnets each; every subnet has a route
/// table of its own, and every second one a security group with one rule. Each
/// subnet is four nodes with its table and association; `addresses` Elastic IPs
/// come on top.
fn network(vpcs: usize, subnets: usize, addresses: usize) -> String {
    let mut text = "[stack]\nname = \"wide\"\nregion = \"ap-northeast-1\"\n".to_owned();
    for v in 0..vpcs {
        let _ = write!(
            text,
            "[vpc.v{v}]\ncidr = \"10.{v}.0.0/16\"\n[internet_gateway.g{v}]\nvpc = \"v{v}\"\n"
        );
        for s in 0..subnets {
            let _ = write!(
                text,
                "[subnet.v{v}s{s}]\nvpc = \"v{v}\"\ncidr = \"10.{v}.{s}.0/24\"\nzone = \"a\"\n\
                 [route_table.v{v}s{s}]\nvpc = \"v{v}\"\nsubnets = [\"v{v}s{s}\"]\n\
                 routes = [{{ to = \"0.0.0.0/0\", via = \"internet_gateway.g{v}\" }}]\n"
            );
            if s % 2 == 0 {
                let _ = write!(
                    text,
                    "[security_group.v{v}s{s}]\nvpc = \"v{v}\"\n\
                     ingress = [{{ port = 443, from = \"10.{v}.0.0/16\" }}]\n"
                );
            }
        }
    }
    for address in 0..addresses {
        let _ = writeln!(text, "[elastic_ip.a{address}]");
    }
    text
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(work)
}

/// How often each action was answered with success, and how often throttled.
fn ends(calls: &Value) -> (BTreeMap<String, usize>, BTreeMap<String, usize>) {
    let (mut done, mut throttled) = (BTreeMap::new(), BTreeMap::new());
    for entry in calls["log"].as_array().unwrap() {
        let name = entry["action"].as_str().unwrap().to_owned();
        match entry["error"].as_str() {
            None => *done.entry(name).or_insert(0) += 1,
            Some("RequestLimitExceeded" | "Throttling") => *throttled.entry(name).or_insert(0) += 1,
            Some(_) => {}
        }
    }
    (done, throttled)
}

#[test]
fn throttled_creations_all_succeed_and_none_is_made_twice() {
    let lab = Lab::new();
    lab.write(&network(1, 30, 0));
    // A twentieth of AWS's patience, so that the test is short.
    lab.settings(json!({"throttle": {"ec2:CreateSubnet": "3/6", "ec2:CreateRouteTable": "3/6"}}));
    lab.apply().exits(0);
    let (done, throttled) = ends(&lab.calls());
    assert_eq!(done["CreateSubnet"], 30);
    assert_eq!(done["CreateRouteTable"], 30);
    assert!(throttled["CreateSubnet"] >= 1, "the bucket was too large");
    // What was learnt from the first throttles spares the others.
    let refused = throttled["CreateSubnet"] + throttled["CreateRouteTable"];
    assert!(refused < 60, "{refused} calls were throttled");
    lab.settings(json!({"throttle": "off"}));
    lab.plan().exits(0);
    lab.destroy().exits(0);
    assert!(run(async { leftovers(&lab.aws().await).await }).is_empty());
}

#[test]
fn more_throttles_in_a_row_than_the_sdk_would_bear_are_outlasted() {
    let lab = Lab::new();
    lab.write(
        "[stack]\nname = \"lab\"\nregion = \"ap-northeast-1\"\n[vpc.a]\ncidr = \"10.0.0.0/16\"\n",
    );
    lab.fault(json!({
        "action": "ec2:CreateVpc", "times": 12, "code": "RequestLimitExceeded", "status": 503,
    }));
    lab.settings(json!({"throttle": "off"}));
    lab.apply().exits(0);
    let calls = lab.calls();
    assert_eq!(calls["counts"]["ec2:CreateVpc"], 13);
    lab.destroy().exits(0);
}

#[test]
#[ignore = "it keeps to AWS's published rates, which takes minutes"]
fn five_hundred_nodes_under_ec2s_published_buckets_do_not_fail() {
    let lab = Lab::new();
    // 4 VPCs and gateways with attachments, 100 subnets, tables, associations
    // and routes, 52 groups with two rules each, 20 addresses: 588 nodes.
    lab.write(&network(4, 25, 20));
    lab.settings(json!({"throttle": "on"}));
    let start = Instant::now();
    let ran = lab.apply().exits(0);
    let apply = start.elapsed();
    let (done, throttled) = ends(&lab.calls());
    assert_eq!(done["CreateSubnet"], 100);
    assert_eq!(done["AllocateAddress"], 20);
    println!("{}\napply {apply:.0?}, throttled {throttled:?}", ran.out);
    lab.plan().exits(0);
    let start = Instant::now();
    lab.destroy().exits(0);
    let (_, throttled) = ends(&lab.calls());
    println!("destroy {:.0?}, throttled {throttled:?}", start.elapsed());
    lab.settings(json!({"throttle": "off"}));
    assert!(run(async { leftovers(&lab.aws().await).await }).is_empty());
}

#[test]
#[ignore = "it keeps to AWS's published rates, which takes minutes"]
fn five_hundred_addresses_under_ec2s_published_buckets_do_not_fail() {
    let lab = Lab::new();
    lab.write(&network(0, 0, 500));
    lab.settings(json!({"throttle": "on"}));
    let start = Instant::now();
    lab.verb("apply", &["--auto-approve", "--parallelism", "64"])
        .exits(0);
    let (done, throttled) = ends(&lab.calls());
    assert_eq!(done["AllocateAddress"], 500);
    println!("apply {:.0?}, throttled {throttled:?}", start.elapsed());
    let start = Instant::now();
    lab.destroy().exits(0);
    let (_, throttled) = ends(&lab.calls());
    println!("destroy {:.0?}, throttled {throttled:?}", start.elapsed());
    lab.settings(json!({"throttle": "off"}));
    assert!(run(async { leftovers(&lab.aws().await).await }).is_empty());
}
