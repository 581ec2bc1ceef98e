//! What would fail is told at once, before the first change; and asking changes
//! nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use s3net::aws::Aws;
use s3net::aws::rehearsal::Rehearsals;
use s3net::kind::Intent;
use s3net::kinds::registry;
use s3net::model::tags::TagChange;
use s3net::model::{Action, Address, Attributes, Place, Tags};
use serde_json::{Value, json};

use crate::lab::{Lab, Ran, leftovers};

/// The codes of Service Quotas that the tests set.
const VPCS: &str = "L-F678F1CE";
const ELASTIC_IPS: &str = "L-0263D0A3";

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(work)
}

/// The calls since the last time, by `service:Action`.
fn counts(lab: &Lab) -> BTreeMap<String, u64> {
    let calls = lab.calls();
    let counts = calls["counts"].as_object().unwrap().iter();
    counts
        .map(|(name, count)| (name.clone(), count.as_u64().unwrap()))
        .collect()
}

/// Those calls that change something.
fn changes(counts: &BTreeMap<String, u64>) -> Vec<&String> {
    let reads = ["Describe", "Get", "List", "Head", "Simulate"];
    let asks = |name: &str| {
        let action = name.split(':').nth(1).unwrap();
        action.ends_with("(dry run)") || reads.iter().any(|read| action.starts_with(read))
    };
    counts.keys().filter(|name| !asks(name)).collect()
}

fn dry_runs(counts: &BTreeMap<String, u64>) -> Vec<(&str, u64)> {
    let asked = counts.iter();
    asked
        .filter_map(|(name, count)| Some((name.strip_suffix(" (dry run)")?, *count)))
        .collect()
}

#[track_caller]
fn says(ran: &Ran, texts: &[&str]) {
    let flat = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
    for text in texts {
        assert!(flat.contains(text), "`{text}` is not in\n{}", ran.err);
    }
}

/// The document of a preflight.
fn document(ran: &Ran) -> Value {
    let documents = ran
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    let mut found = documents.filter(|it: &Value| it["document"] == "preflight");
    let document = found
        .next()
        .unwrap_or_else(|| panic!("none in\n{}", ran.out));
    assert!(found.next().is_none(), "two of them");
    document
}

/// A finding as its severity, its check and its first node.
fn in_short(document: &Value) -> Vec<(&str, &str, &str)> {
    let findings = document["findings"].as_array().unwrap().iter();
    findings
        .map(|it| {
            let text = |field: &str| it[field].as_str().unwrap();
            let first = it["addresses"][0].as_str().unwrap_or_default();
            (text("severity"), text("check"), first)
        })
        .collect()
}

#[tokio::test]
async fn every_kind_says_what_it_calls() {
    let aws = Aws::offline("ap-northeast-1");
    let place = Place {
        account: "123456789012".into(),
        region: "ap-northeast-1".into(),
    };
    let known = ["name", "bucket", "role", "zone"];
    let known = known
        .iter()
        .fold(Attributes::new(), |known, field| known.with(field, "x"));
    for kind in registry().all() {
        for action in [Action::Create, Action::Delete] {
            let mut calls = Rehearsals::default();
            let intent = Intent {
                aws: &aws,
                place: &place,
                stack: "lab",
                address: &Address::new(kind.about().name, "x"),
                action,
                wanted: &known,
                live: &known,
                id: Some("x"),
                changed: &BTreeSet::new(),
                tags: &Tags::new(),
                tag_change: &TagChange::default(),
                leaving: &BTreeSet::new(),
                given_room: false,
            };
            kind.rehearse(&intent, &mut calls);
            let name = kind.about().name;
            assert!(!calls.is_empty(), "{name} says nothing of {action:?}");
        }
    }
}

#[test]
fn all_that_would_fail_is_told_at_once_and_nothing_is_made() {
    let lab = Lab::with_plan("three-ways.toml");
    let stranger = Lab::new();
    run(async {
        // Somebody else has the bucket's name, and the account the role's.
        let s3 = stranger.aws().await.s3;
        let place = aws_sdk_s3::types::CreateBucketConfiguration::builder()
            .location_constraint("ap-northeast-1".into())
            .build();
        let bucket = s3.create_bucket().bucket(lab.bucket());
        bucket
            .create_bucket_configuration(place)
            .send()
            .await
            .unwrap();
        let role = lab.aws().await.iam.create_role();
        let role = role.role_name("three-ways-instance");
        let trust = r#"{ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow",
            "Principal": { "Service": "ec2.amazonaws.com" }, "Action": "sts:AssumeRole" }] }"#;
        let role = role.assume_role_policy_document(trust);
        role.send().await.unwrap();
    });
    lab.settings(json!({
        "deny": { "ec2:CreateNatGateway": "on", "iam:CreateInstanceProfile": "on" },
        "quota": { VPCS: 1, ELASTIC_IPS: 0 },
    }));
    lab.calls();
    let refused = lab.apply().exits(1);
    says(
        &refused,
        &[
            "Preflight: 6 things would fail",
            "the credentials may not ec2:CreateNatGateway (nat_gateway.main)",
            "cause: AWS refuses its dry run: You are not authorized to perform this operation.",
            "hint: allow ec2:CreateNatGateway to arn:aws:iam::",
            "the credentials may not iam:CreateInstanceProfile on arn:aws:iam::",
            "by IAM's policy simulator, no policy allows it",
            "2 VPCs in ap-northeast-1 are more than the quota of 1 (vpc.main)",
            "cause: 1 is there, and the plan makes 1",
            "--quota-code L-F678F1CE --desired-value 2",
            "1 Elastic IPs in ap-northeast-1 are more than the quota of 0 (elastic_ip.nat)",
            "is taken (bucket.data)",
            "the account has a role called three-ways-instance already (role.instance)",
            "[existing.role.instance], or take it over: `s3net import FILE role.instance \
             three-ways-instance`",
            "6 things would fail, so nothing was begun",
            "--no-preflight",
        ],
    );
    assert!(!refused.err.contains("Encoded"), "{}", refused.err);
    let counts = counts(&lab);
    assert_eq!(changes(&counts), Vec::<&String>::new());
    assert_eq!(
        run(async { leftovers(&lab.aws().await).await }),
        ["three-ways-instance"]
    );

    let told = lab.verb("apply", &["--auto-approve", "--json"]).exits(1);
    let told = document(&told);
    assert_eq!(told["passed"], false);
    let mut found = in_short(&told);
    found.sort_unstable();
    let expected = [
        ("error", "name", "bucket.data"),
        ("error", "name", "role.instance"),
        ("error", "permission", "nat_gateway.main"),
        ("error", "permission", "role.instance/instance_profile"),
        ("error", "quota", "elastic_ip.nat"),
        ("error", "quota", "vpc.main"),
    ];
    assert_eq!(found, expected);
}

#[test]
fn who_does_not_want_it_meets_the_refusal_itself() {
    let lab = Lab::new();
    lab.write(
        "[stack]\nname = \"lab\"\nregion = \"ap-northeast-1\"\n[vpc.a]\ncidr = \"10.0.0.0/16\"\n",
    );
    lab.settings(json!({ "deny": { "ec2:CreateVpc": "on" } }));
    lab.calls();
    let ran = lab
        .verb("apply", &["--auto-approve", "--no-preflight"])
        .exits(1);
    says(&ran, &["vpc.a was not created", "grant this operation"]);
    let met = counts(&lab);
    assert_eq!(dry_runs(&met), []);
    assert_eq!(met["ec2:CreateVpc"], 1);
    lab.settings(json!({ "deny": { "ec2:CreateVpc": "off" } }));
    lab.apply().exits(0);
    lab.destroy().exits(0);
}

#[test]
fn each_call_is_asked_for_once_and_only_where_there_is_something_to_do() {
    let lab = Lab::new();
    let mut text = "[stack]\nname = \"wide\"\nregion = \"ap-northeast-1\"\n\
                    [vpc.a]\ncidr = \"10.0.0.0/16\"\n"
        .to_owned();
    for number in 0..30 {
        let _ = write!(
            text,
            "[subnet.s{number}]\nvpc = \"a\"\ncidr = \"10.0.{number}.0/24\"\nzone = \"a\"\n\
             [route_table.s{number}]\nvpc = \"a\"\nsubnets = [\"s{number}\"]\n"
        );
    }
    lab.write(&text);
    lab.calls();
    let first = lab.apply().exits(0);
    assert!(!first.err.contains("reflight"), "{}", first.err);
    let asked = counts(&lab);
    let once = [
        ("ec2:AssociateRouteTable", 1),
        ("ec2:CreateRouteTable", 1),
        ("ec2:CreateSubnet", 1),
        ("ec2:CreateVpc", 1),
    ];
    assert_eq!(dry_runs(&asked), once);
    assert_eq!(asked["ec2:CreateSubnet"], 30);
    assert_eq!(asked["iam:SimulatePrincipalPolicy"], 1);
    assert_eq!(asked["servicequotas:ListServiceQuotas"], 1);
    // Nothing to do is nothing to ask.
    lab.apply().exits(0);
    let nothing = counts(&lab);
    assert_eq!(dry_runs(&nothing), []);
    assert!(!nothing.contains_key("servicequotas:ListServiceQuotas"));
    // A plan asks when it is told to.
    lab.plan().exits(0);
    assert_eq!(dry_runs(&counts(&lab)), []);
    // What goes is asked for too, by its own id.
    lab.edit(
        "[subnet.s7]\nvpc = \"a\"\ncidr = \"10.0.7.0/24\"\nzone = \"a\"\n",
        "",
    );
    lab.edit("[route_table.s7]\nvpc = \"a\"\nsubnets = [\"s7\"]\n", "");
    lab.settings(json!({ "deny": { "ec2:DeleteSubnet": "on" } }));
    lab.calls();
    let refused = lab.apply().exits(1);
    says(
        &refused,
        &["may not ec2:DeleteSubnet (subnet.s7)", "1 thing would fail"],
    );
    let kept = counts(&lab);
    assert_eq!(changes(&kept), Vec::<&String>::new());
    lab.settings(json!({ "deny": { "ec2:DeleteSubnet": "off" } }));
    lab.apply().exits(0);
    lab.destroy().exits(0);
}

#[test]
fn a_plan_tells_it_on_request() {
    let lab = Lab::with_plan("three-ways.toml");
    lab.calls();
    let plain = lab.verb("plan", &["--preflight"]).exits(0);
    says(
        &plain,
        &["Preflight: nothing stands in the way (25 actions and 14 quotas asked)."],
    );
    let asked = counts(&lab);
    assert_eq!(changes(&asked), Vec::<&String>::new());
    let total: u64 = asked.values().sum();
    println!("calls of plan --preflight of three-ways: {total}, {asked:#?}");
    let told = lab.verb("plan", &["--preflight", "--json"]).exits(0);
    let told = document(&told);
    assert_eq!(told["passed"], true);
    assert_eq!(told["findings"], json!([]));
    assert!(told["asked"]["actions"].as_u64().unwrap() > 20, "{told}");
    lab.settings(json!({ "deny": { "s3:PutBucketPolicy": "on", "s3:CreateBucket": "on" } }));
    let told = lab.verb("plan", &["--preflight", "--json"]).exits(1);
    let found = document(&told);
    assert!(
        in_short(&found).contains(&("error", "permission", "bucket.data")),
        "{found}"
    );
}

#[test]
fn what_cannot_be_asked_stops_nobody() {
    let lab = Lab::new();
    let mut text = "[stack]\nname = \"five\"\nregion = \"ap-northeast-1\"\n".to_owned();
    for number in 0..5 {
        let _ = write!(text, "[vpc.v{number}]\ncidr = \"10.{number}.0.0/16\"\n");
    }
    lab.write(&text);
    lab.settings(json!({ "deny": {
        "servicequotas:ListServiceQuotas": "on",
        "iam:SimulatePrincipalPolicy": "on",
    } }));
    let ran = lab.verb("apply", &["--auto-approve", "--json"]).exits(0);
    says(
        &ran,
        &[
            "Preflight: 1 thing may fail.",
            "warning: 6 VPCs in ap-northeast-1 are more than AWS's default quota of 5",
            "this account's own quota could not be read and may be higher",
            "note: nobody could be asked about ec2:ModifyVpcAttribute",
        ],
    );
    let told = document(&ran);
    assert_eq!(told["passed"], true);
    let expected = [
        ("warning", "quota", "vpc.v0"),
        ("note", "permission", ""),
        ("note", "quota", ""),
    ];
    assert_eq!(in_short(&told), expected);
    // Only what was answered is counted: a dry run, and no quota.
    assert_eq!(told["asked"], json!({ "actions": 1, "quotas": 0 }));
    lab.settings(json!({ "deny": { "servicequotas:ListServiceQuotas": "off" } }));
    lab.destroy().exits(0);
}

#[test]
fn what_stands_in_an_existing_vpc_is_in_the_way() {
    let lab = Lab::new();
    let (vpc, group, zone) = run(async {
        let aws = lab.aws().await;
        let vpc = aws.ec2.create_vpc().cidr_block("10.0.0.0/16").send().await;
        let vpc = vpc.unwrap().vpc.unwrap().vpc_id.unwrap();
        let subnet = aws.ec2.create_subnet().vpc_id(&vpc);
        subnet.cidr_block("10.0.1.0/24").send().await.unwrap();
        let group = aws.ec2.create_security_group().vpc_id(&vpc);
        let group = group.group_name("web").description("web");
        let group = group.send().await.unwrap().group_id.unwrap();
        let zone = aws_sdk_route53::types::Vpc::builder()
            .vpc_id(&vpc)
            .vpc_region("ap-northeast-1".into())
            .build();
        let zones = aws.route53.create_hosted_zone().name("corp.internal");
        let zones = zones.caller_reference("theirs").vpc(zone);
        let made = zones.send().await.unwrap().hosted_zone.unwrap().id;
        let zone = made.trim_start_matches("/hostedzone/").to_owned();
        (vpc, group, zone)
    });
    lab.write(&format!(
        "[stack]\nname = \"guest\"\nregion = \"ap-northeast-1\"\n\
         [subnet.a]\nvpc = \"{vpc}\"\ncidr = \"10.0.0.0/22\"\nzone = \"a\"\n\
         [subnet.b]\nvpc = \"{vpc}\"\ncidr = \"10.0.8.0/24\"\nzone = \"ap-northeast-1z\"\n\
         [security_group.web]\nvpc = \"{vpc}\"\ngroup_name = \"web\"\n\
         [private_zone.corp]\nname = \"corp.internal\"\nvpcs = [\"{vpc}\"]\n"
    ));
    lab.calls();
    let refused = lab.apply().exits(1);
    says(
        &refused,
        &[
            &format!("10.0.0.0/22 is in use in {vpc} (subnet.a)"),
            "has 10.0.1.0/24 there already",
            "this account has no availability zone ap-northeast-1z (subnet.b)",
            "ap-northeast-1a",
            &format!("{vpc} has a security group called web already (security_group.web)"),
            &format!("{vpc} has a private zone corp.internal. already (private_zone.corp)"),
            &format!("or take it over: `s3net import FILE security_group.web {group}`"),
            &format!("or take it over: `s3net import FILE private_zone.corp {zone}`"),
            "4 things would fail",
        ],
    );
    assert_eq!(changes(&counts(&lab)), Vec::<&String>::new());
}

#[test]
fn a_bucket_that_these_credentials_may_use_can_be_taken_over() {
    let lab = Lab::new();
    run(async {
        let place = aws_sdk_s3::types::CreateBucketConfiguration::builder()
            .location_constraint("ap-northeast-1".into())
            .build();
        let bucket = lab.aws().await.s3.create_bucket().bucket(lab.bucket());
        let made = bucket.create_bucket_configuration(place).send().await;
        made.unwrap();
    });
    let name = lab.bucket();
    lab.write(&format!(
        "[stack]\nname = \"guest\"\nregion = \"ap-northeast-1\"\n\
         [bucket.data]\nname = \"{name}\"\n"
    ));
    let told = lab.verb("plan", &["--preflight"]).exits(1);
    let import = format!("or take it over: `s3net import FILE bucket.data {name}`");
    says(
        &told,
        &["look it up under [existing.bucket.data], ", &import],
    );
}
