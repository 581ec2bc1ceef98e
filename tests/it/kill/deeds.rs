//! Killed while tags change hands: renames, adoptions, and objects let go.
//!
//! Tags are the memory, so a run that dies between two of them leaves half of
//! what it meant under the old name and half under the new one. The next run
//! must see both for what they are.

use std::collections::BTreeMap;
use std::process::Stdio;

use serde_json::Value;

use super::proxy::{At, Blow, Moment, Proxy};
use crate::lab::{Lab, Ran, endpoint};

const FILE: &str = r#"
[stack]
name = "deeds"
region = "ap-northeast-1"

[vpc.old]
cidr = "10.0.0.0/16"

[subnet.one]
vpc = "old"
cidr = "10.0.1.0/24"
zone = "a"

[route_table.old]
vpc = "old"
subnets = ["one"]

[security_group.old]
vpc = "old"
ingress = [{ port = 443, from = "self" }]
egress = []
"#;

const TABLES: [&str; 4] = [
    "vpc.old",
    "subnet.one",
    "route_table.old",
    "security_group.old",
];

/// A stack that is built and that calls by way of a proxy.
struct Deeds(Lab);

impl Deeds {
    fn built() -> Self {
        let deeds = Self(Lab::new());
        deeds.0.write(FILE);
        deeds
            .run(&["apply", "plan.toml", "--auto-approve"])
            .exits(0);
        deeds
    }

    fn command(&self, args: &[&str], url: &str) -> std::process::Command {
        let mut command = self.0.command(args);
        command
            .env("AWS_ACCESS_KEY_ID", &self.0.account)
            .env("AWS_SECRET_ACCESS_KEY", "secret")
            .env("AWS_ENDPOINT_URL", url)
            .env("S3NET_CONSISTENCY", "0")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn run(&self, args: &[&str]) -> Ran {
        self.command(args, endpoint()).output().unwrap().into()
    }

    /// Runs a command that is killed, or not; gives the proxy.
    fn struck(&self, args: &[&str], blow: Option<Blow>) -> (Proxy, Ran) {
        let proxy = Proxy::before(endpoint(), blow);
        let child = self.command(args, &proxy.url).spawn().unwrap();
        proxy.aim_at(child.id());
        let ran = Ran::from(child.wait_with_output().unwrap());
        (proxy, ran)
    }

    fn ids(&self) -> BTreeMap<String, String> {
        let path = self.0.folder.path().join("state/deeds/state.json");
        let state: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let nodes = state["nodes"].as_object().unwrap().iter();
        let id = |node: &Value| node["id"].as_str().unwrap().to_owned();
        nodes.map(|(at, node)| (at.clone(), id(node))).collect()
    }

    /// How many objects carry the stack's tag.
    fn tagged(&self) -> u64 {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let key = aws_sdk_ec2::types::Filter::builder()
                .name("key")
                .values("s3net:stack");
            let tags = self.0.aws().await.ec2.describe_tags().filters(key.build());
            tags.send().await.unwrap().tags().len() as u64
        })
    }

    /// Lets go of every table.
    fn forget(&self) -> Vec<&'static str> {
        let start = ["state", "forget", "plan.toml"];
        start
            .into_iter()
            .chain(TABLES)
            .chain(["--auto-approve"])
            .collect()
    }
}

const APPLY: [&str; 3] = ["apply", "plan.toml", "--auto-approve"];

/// Kills a command at each of its mutating calls, before it leaves and after it
/// is done; `ready` makes a stack ready for it, and `judge` hears what it was.
fn each(
    args: &[&str],
    ready: impl Fn() -> (Deeds, BTreeMap<String, String>),
    judge: impl Fn(&Deeds, &BTreeMap<String, String>, &str),
) {
    let (deeds, _) = ready();
    let (proxy, ran) = deeds.struck(args, None);
    ran.exits(0);
    let calls = proxy.mutating().len();
    assert!(calls > 3, "{:?}", proxy.mutating());
    for call in 1..=calls {
        // Every second call is killed before it leaves, the others when done.
        let moment = [Moment::Before, Moment::After][call % 2];
        let (deeds, before) = ready();
        let blow = Blow {
            at: At::Call(call),
            moment,
        };
        let (proxy, ran) = deeds.struck(args, Some(blow));
        let at = format!(
            "{} ({moment:?} call {call})",
            proxy.struck().unwrap_or_default()
        );
        assert_eq!(ran.code, -1, "killed at {at}\n{}", ran.err);
        judge(&deeds, &before, &at);
    }
}

fn empty_plan(deeds: &Deeds, at: &str) {
    let plan = deeds.run(&["plan", "plan.toml", "--detailed-exitcode"]);
    assert_eq!(
        plan.code, 0,
        "after {at}, not empty:\n{}{}",
        plan.out, plan.err
    );
}

#[test]
fn a_rename_that_is_killed_is_gone_on_with() {
    let ready = || {
        let deeds = Deeds::built();
        let moves = TABLES
            .iter()
            .filter(|table| table.ends_with("old"))
            .map(|table| {
                let new = table.replace("old", "new");
                format!("\n[[moved]]\nfrom = \"{table}\"\nto = \"{new}\"\n")
            });
        deeds
            .0
            .write(&(FILE.replace("old", "new") + &moves.collect::<String>()));
        let before = deeds.ids();
        (deeds, before)
    };
    each(&APPLY, ready, |deeds, before, at| {
        let next = deeds.run(&APPLY);
        assert_eq!(next.code, 0, "after {at}:\n{}\n{}", next.out, next.err);
        let renamed = before
            .iter()
            .map(|(a, id)| (a.replace("old", "new"), id.clone()));
        assert_eq!(deeds.ids(), renamed.collect(), "after {at}");
        empty_plan(deeds, at);
    });
}

#[test]
fn an_adoption_that_is_killed_is_gone_on_with() {
    let ready = || {
        let deeds = Deeds::built();
        let before = deeds.ids();
        deeds.run(&deeds.forget()).exits(0);
        let imports = TABLES.iter().map(|table| {
            format!(
                "\n[[import]]\nto = \"{table}\"\nid = \"{}\"\n",
                before[*table]
            )
        });
        deeds
            .0
            .write(&(FILE.to_owned() + &imports.collect::<String>()));
        (deeds, before)
    };
    each(&APPLY, ready, |deeds, before, at| {
        // What is not ours yet is never destroyed as if it were.
        let plan = deeds
            .run(&["plan", "plan.toml", "--destroy", "--json"])
            .exits(0);
        let plan: Value = serde_json::from_str(plan.out.lines().last().unwrap()).unwrap();
        // The association has no tag: it goes with its table.
        let most = deeds.tagged() + 1;
        let goes = plan["totals"]["delete"].as_u64().unwrap();
        assert!(goes <= most, "after {at}: {goes} go, {most} are ours");
        let next = deeds.run(&APPLY);
        assert_eq!(next.code, 0, "after {at}:\n{}\n{}", next.out, next.err);
        assert_eq!(&deeds.ids(), before, "after {at}");
        empty_plan(deeds, at);
    });
}

#[test]
fn letting_go_that_is_killed_is_gone_on_with() {
    let ready = || {
        let deeds = Deeds::built();
        let before = deeds.ids();
        (deeds, before)
    };
    let forget = ready().0.forget();
    each(&forget, ready, |deeds, before, at| {
        // Some are gone from memory by now, and are not to be named again.
        for table in TABLES {
            let ran = deeds.run(&["state", "forget", "plan.toml", table, "--auto-approve"]);
            let gone = ran.err.contains(&format!("the stack has no {table}"));
            assert!(ran.code == 0 || gone, "after {at}:\n{}", ran.err);
        }
        assert!(deeds.ids().is_empty(), "after {at}: {:?}", deeds.ids());
        // Nothing of ours is left, and nothing is lost.
        let swept = deeds.run(&["destroy", "plan.toml", "--auto-approve"]);
        assert_eq!(swept.code, 0, "after {at}:\n{}", swept.err);
        let aws = tokio::runtime::Runtime::new().unwrap();
        aws.block_on(async {
            let vpcs = deeds.0.aws().await.ec2;
            let vpcs = vpcs.describe_vpcs().vpc_ids(&before["vpc.old"]);
            let vpc = vpcs.send().await.unwrap();
            assert_eq!(vpc.vpcs().len(), 1, "after {at}");
        });
    });
}
