//! The trouble that AWS makes, rehearsed at the local endpoint, a test each.
//!
//! Every test ends alike: a further apply where one is needed, a plan that finds
//! nothing to do, and a destroy that leaves nothing. The switches are those of
//! `s3net local start --setting` and `--fault`.

mod connections;
mod consistency;
mod credentials;
mod disk;
mod failed_objects;
mod outside;
mod rates;
mod removal;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::kill::census::census;
use crate::lab::{Lab, Ran, leftovers};

/// A VPC and a subnet: what most stacks here begin with.
const NETWORK: &str = r#"
[stack]
name = "faults"
region = "ap-northeast-1"

[vpc.main]
cidr = "10.0.0.0/16"

[subnet.one]
vpc = "main"
cidr = "10.0.0.0/24"
zone = "a"
"#;

/// A public subnet with a NAT gateway.
const NAT: &str = r#"
[internet_gateway.main]
vpc = "main"

[elastic_ip.nat]

[nat_gateway.main]
subnet = "one"
elastic_ip = "nat"

[route_table.public]
vpc = "main"
subnets = ["one"]
routes = [{ to = "0.0.0.0/0", via = "internet_gateway.main" }]
"#;

/// An interface endpoint with a group.
const ENDPOINT: &str = r#"
[security_group.endpoint]
vpc = "main"
description = "HTTPS"

[interface_endpoint.s3]
vpc = "main"
service = "s3"
subnets = ["one"]
security_groups = ["endpoint"]
private_dns = false
"#;

/// A laboratory for the network with these tables.
fn lab(tables: &[&str]) -> Lab {
    let lab = Lab::new();
    lab.write(&[&[NETWORK], tables].concat().concat());
    lab
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Runtime::new().unwrap().block_on(work)
}

/// What every fault ends with: nothing to do, and then nothing left.
#[track_caller]
fn ends_well(lab: &Lab) {
    lab.plan().exits(0);
    lab.destroy().exits(0);
    nothing_left(lab);
}

#[track_caller]
fn nothing_left(lab: &Lab) {
    let left = block_on(async { leftovers(&lab.aws().await).await });
    assert!(left.is_empty(), "left: {left:?}");
}

/// What the endpoint refused since the last look, and how often, by action and
/// code. The answer to a dry run that would go well is no refusal.
fn refusals(lab: &Lab) -> BTreeMap<String, usize> {
    let calls = lab.calls();
    let mut refusals = BTreeMap::new();
    for call in calls["log"].as_array().unwrap() {
        let code = call["error"].as_str();
        if let Some(code) = code.filter(|code| *code != "DryRunOperation") {
            let name = format!("{} {code}", call["action"].as_str().unwrap());
            *refusals.entry(name).or_default() += 1;
        }
    }
    refusals
}

/// Every object of the account, in words that are alike for stacks alike.
fn objects(lab: &Lab) -> Vec<String> {
    block_on(async { census(&lab.aws().await, &lab.account).await })
}

/// What an undisturbed three-ways is made of.
fn undisturbed() -> &'static [String] {
    static OBJECTS: OnceLock<Vec<String>> = OnceLock::new();
    OBJECTS.get_or_init(|| {
        let lab = Lab::with_plan("three-ways.toml");
        lab.apply().exits(0);
        let objects = objects(&lab);
        lab.destroy().exits(0);
        objects
    })
}

/// A text on one line: where lines are broken depends on their width.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn says(ran: &Ran, part: &str) {
    let (said, part) = (flat(&ran.err), flat(part));
    assert!(said.contains(&part), "`{part}` is not in\n{}", ran.err);
}

/// A run in the background that has shown its plan and goes on.
struct Running {
    child: Child,
    /// What is to be read of its output yet.
    rest: BufReader<std::process::ChildStdout>,
}

impl Running {
    /// Starts a verb on `plan.toml`, and comes back when its plan is shown.
    fn planned(lab: &Lab, verb: &str) -> Self {
        crate::lab::endpoint();
        let args = [verb, "plan.toml", "--local", "--auto-approve"];
        let mut child = lab
            .command(&args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut rest = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        while !line.starts_with("Plan: ") {
            line.clear();
            assert!(rest.read_line(&mut line).unwrap() > 0, "no plan is shown");
        }
        Self { child, rest }
    }

    fn ended(mut self) -> Ran {
        let mut out = String::new();
        self.rest.read_to_string(&mut out).unwrap();
        let mut ran = Ran::from(self.child.wait_with_output().unwrap());
        ran.out = out;
        ran
    }
}

/// Waits until something is so.
#[track_caller]
fn until(what: &str, mut so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !so() {
        assert!(start.elapsed() < Duration::from_secs(60), "never: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Slows an action down, so that something can come between plan and call.
fn slow(lab: &Lab, action: &str) {
    lab.fault(json!({ "action": action, "delay": 3 }));
}
