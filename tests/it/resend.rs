//! Calls whose answers are lost: nothing is made twice, nothing is left behind.
//!
//! For every creating call of three-ways that takes no client token, the
//! endpoint loses the first one in each of four ways. The same run must end as
//! if nothing had happened.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::lab::{Lab, leftovers};

/// How a call's answer is lost.
#[derive(Debug, Clone, Copy)]
struct Loss {
    name: &'static str,
    /// Whether AWS has carried the call out.
    after: bool,
    /// Whether the connection is closed instead of answered with status 500.
    drop: bool,
}

const LOSSES: &[Loss] = &[
    Loss {
        name: "connection lost before",
        after: false,
        drop: true,
    },
    Loss {
        name: "connection lost after",
        after: true,
        drop: true,
    },
    Loss {
        name: "status 500 before",
        after: false,
        drop: false,
    },
    Loss {
        name: "status 500 after",
        after: true,
        drop: false,
    },
];

/// The creating calls of three-ways without a client token, and how many each
/// of them an undisturbed run sends.
const CREATES: &[(&str, u64)] = &[
    ("ec2:CreateVpc", 1),
    ("ec2:CreateSubnet", 4),
    ("ec2:CreateInternetGateway", 1),
    ("ec2:AttachInternetGateway", 1),
    ("ec2:AllocateAddress", 1),
    ("ec2:CreateRoute", 2),
    ("ec2:AssociateRouteTable", 4),
    ("ec2:CreateSecurityGroup", 2),
    ("ec2:AuthorizeSecurityGroupIngress", 1),
    ("s3:CreateBucket", 1),
    ("iam:CreateRole", 1),
    ("iam:CreateInstanceProfile", 1),
];

/// Creating calls that carry a token, which the SDK may send again by itself.
const WITH_TOKEN: &[(&str, u64)] = &[
    ("ec2:CreateNatGateway", 1),
    ("ec2:CreateRouteTable", 4),
    ("ec2:CreateVpcEndpoint", 2),
    ("ec2:RunInstances", 3),
];

fn counts(calls: &Value) -> BTreeMap<String, u64> {
    let counts = calls["counts"].as_object().unwrap();
    let counts = counts.iter();
    counts
        .map(|(name, count)| (name.clone(), count.as_u64().unwrap()))
        .collect()
}

/// How many objects the account holds.
fn objects(lab: &Lab) -> usize {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async { leftovers(&lab.aws().await).await.len() })
}

/// Three-ways with the first call of an action lost, from apply to destroy;
/// `undisturbed` is what AWS holds after an apply without a loss.
fn survives(action: &str, expected: u64, loss: Loss, undisturbed: usize) {
    let lab = Lab::with_plan("three-ways.toml");
    lab.fault(json!({
        "action": action, "drop": loss.drop, "after": loss.after, "status": 500,
    }));
    // The endpoint shows at once what it made, so nobody need wait for it.
    let ran = lab.verb("apply", &["--auto-approve", "--consistency", "0"]);
    let what = format!("{action}, {}", loss.name);
    assert_eq!(ran.code, 0, "{what}\n{}\n{}", ran.out, ran.err);
    let sent = counts(&lab.calls())[action];
    assert_eq!(sent, expected, "{what}: sent");
    assert_eq!(objects(&lab), undisturbed, "{what}: objects");
    let plan = lab.plan();
    assert_eq!(plan.code, 0, "{what}: the plan is not empty\n{}", plan.out);
    lab.destroy().exits(0);
    assert_eq!(objects(&lab), 0, "{what}: left behind");
}

/// What AWS holds after an undisturbed apply, and that the table is complete.
fn undisturbed() -> usize {
    static COUNT: std::sync::OnceLock<usize> = std::sync::OnceLock::new();
    *COUNT.get_or_init(|| {
        let lab = Lab::with_plan("three-ways.toml");
        lab.apply().exits(0);
        let sent = counts(&lab.calls());
        for (action, count) in CREATES.iter().chain(WITH_TOKEN) {
            assert_eq!(sent.get(*action), Some(count), "{action}");
        }
        for action in sent.keys().filter(|it| !it.ends_with("(dry run)")) {
            let (_, name) = action.split_once(':').unwrap();
            let listed = CREATES.iter().chain(WITH_TOKEN);
            let makes = [
                "Create",
                "Allocate",
                "Attach",
                "Associate",
                "Authorize",
                "Run",
            ]
            .iter()
            .any(|start| name.starts_with(start));
            // To attach a policy or write a tag again does nothing new.
            let twice = ["AttachRolePolicy", "CreateTags"].contains(&name);
            assert!(
                !makes || twice || listed.into_iter().any(|(it, _)| it == action),
                "{action} is in no table"
            );
        }
        let count = objects(&lab);
        lab.destroy().exits(0);
        count
    })
}

/// One after the other, every kind of loss of the creating calls that `fits`.
fn all_survive(fits: impl Fn(usize) -> bool) {
    let undisturbed = undisturbed();
    for (index, (action, count)) in CREATES.iter().enumerate() {
        if fits(index) {
            for loss in LOSSES {
                // What was carried out is found and not sent again.
                let expected = count + u64::from(!loss.after);
                survives(action, expected, *loss, undisturbed);
            }
        }
    }
}

// Two halves, which run side by side.

#[test]
fn a_lost_answer_makes_nothing_twice_in_the_first_half() {
    all_survive(|index| index % 2 == 0);
}

#[test]
fn a_lost_answer_makes_nothing_twice_in_the_second_half() {
    all_survive(|index| index % 2 == 1);
}

#[test]
fn calls_with_a_token_are_sent_again_and_make_one_object() {
    let undisturbed = undisturbed();
    for (action, count) in WITH_TOKEN {
        for loss in LOSSES.iter().filter(|loss| loss.after) {
            survives(action, count + 1, *loss, undisturbed);
        }
    }
}

/// Three-ways while AWS shows nothing for `seconds` after its creation.
fn with_lag(seconds: u64) -> Lab {
    let lab = Lab::with_plan("three-ways.toml");
    lab.settings(json!({ "visible_after_seconds": seconds }));
    lab
}

#[test]
fn what_is_not_shown_yet_is_waited_for_and_not_made_twice() {
    let undisturbed = undisturbed();
    // Of each sort one: known by its mark alone, by a key, by its name.
    for action in ["ec2:CreateVpc", "ec2:CreateSubnet", "iam:CreateRole"] {
        let lab = with_lag(2);
        lab.fault(json!({ "action": action, "drop": true, "after": true }));
        let ran = lab.verb("apply", &["--auto-approve", "--consistency", "20"]);
        assert_eq!(ran.code, 0, "{action}\n{}\n{}", ran.out, ran.err);
        let log = lab.calls();
        let name = action.split(':').nth(1).unwrap();
        let entries = log["log"].as_array().unwrap().iter();
        let done = entries.filter(|it| it["action"] == name && it["error"].is_null());
        let lost = 1;
        let expected = CREATES.iter().find(|(it, _)| *it == action).unwrap().1;
        assert_eq!(done.count() as u64 + lost, expected, "{action}");
        lab.settings(json!({ "visible_after_seconds": 0 }));
        assert_eq!(objects(&lab), undisturbed, "{action}");
        lab.plan().exits(0);
        lab.destroy().exits(0);
        assert_eq!(objects(&lab), 0, "{action}");
    }
}

#[test]
fn a_vpc_is_made_again_only_when_aws_must_have_shown_the_first() {
    let lab = with_lag(1);
    lab.fault(json!({ "action": "ec2:CreateVpc", "drop": true }));
    lab.verb("apply", &["--auto-approve", "--consistency", "3"])
        .exits(0);
    let log = lab.calls();
    let at = |entry: &Value, field: &str| entry[field].as_f64().unwrap();
    let entries = log["log"].as_array().unwrap().iter();
    let creates: Vec<_> = entries.filter(|it| it["action"] == "CreateVpc").collect();
    assert_eq!(creates.len(), 2);
    let gap = at(creates[1], "start_ms") - at(creates[0], "end_ms");
    assert!(gap >= 2_900.0, "made again after {gap} ms");
    lab.settings(json!({ "visible_after_seconds": 0 }));
    lab.destroy().exits(0);
    assert_eq!(objects(&lab), 0);
}
