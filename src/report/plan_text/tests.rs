//! What plans look like at 80 columns, without colour.

mod lengths;

use super::*;
use crate::model::{Action, Value, tags};
use crate::report::Verb;
use crate::report::samples::{
    Sample, document, id_of, ids_of, new_endpoints, new_network, registry,
};

const SHORT: Occasion = Occasion::Made { full: false };
const FULL: Occasion = Occasion::Made { full: true };

fn text(sample: &Sample) -> String {
    plan(&sample.plan(), registry(), Style::PLAIN, SHORT)
}

/// No line has more than 80 columns.
#[track_caller]
fn fits(text: &str) {
    for line in text.lines() {
        assert!(
            crate::report::fitting::columns(line) <= 80,
            "{line}\n\n{text}"
        );
    }
}

const ONE_BUCKET: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Sid":"OneBucket","Effect":"Allow","Principal":"*","Action":["s3:GetObject","s3:ListBucket"],
     "Resource":["arn:aws:s3:::saa-03-003","arn:aws:s3:::saa-03-003/*"]},
    {"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::secret"],
     "Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}"#;

/// The same, with an action more, and in the words of AWS.
const ONE_BUCKET_MORE: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Sid":"OneBucket","Effect":"Allow","Principal":"*",
     "Action":["s3:ListBucket","s3:GetObject","s3:PutObject"],
     "Resource":["arn:aws:s3:::saa-03-003","arn:aws:s3:::saa-03-003/*"]},
    {"Effect":"Deny","Principal":"*","Action":["s3:*"],"Resource":"arn:aws:s3:::secret",
     "Condition":{"Bool":{"aws:SecureTransport":["false"]}}}]}"#;

#[test]
fn create() {
    insta::assert_snapshot!(text(&new_endpoints()));
}

#[test]
fn create_in_full() {
    let text = plan(&new_network().plan(), registry(), Style::PLAIN, FULL);
    insta::assert_snapshot!(text);
}

#[test]
fn lines_fit_and_secrets_stay() {
    for full in [false, true] {
        let occasion = Occasion::Made { full };
        let text = plan(&new_endpoints().plan(), registry(), Style::PLAIN, occasion);
        assert!(
            !text.contains("hunter2") && !text.contains('\u{1b}'),
            "{text}"
        );
        for line in text.lines() {
            assert!(
                full || crate::report::fitting::columns(line) <= 80,
                "{line}"
            );
            assert_eq!(line, line.trim_end());
        }
    }
}

#[test]
fn colour_changes_no_letter() {
    let colored = Style {
        color: true,
        ..Style::PLAIN
    };
    let sample = new_endpoints();
    let painted = plan(&sample.plan(), registry(), colored, SHORT);
    assert!(painted.contains('\u{1b}'));
    let plain = anstream::adapter::strip_str(&painted).to_string();
    assert_eq!(plain, text(&sample));
}

#[test]
fn update() {
    let sample = Sample::new()
        .wants(
            "gateway_endpoint.s3",
            [
                ("service", "s3".into()),
                ("route_tables", ids_of(&["route_table.a", "route_table.b"])),
                ("policy", document(ONE_BUCKET_MORE)),
            ],
        )
        .has(
            "gateway_endpoint.s3",
            "vpce-0a1b2c3d4e5f60718",
            [
                ("service", "s3".into()),
                ("route_tables", Value::texts(["rtb-b"])),
                ("policy", document(ONE_BUCKET)),
            ],
        )
        .wants("route_table.a", [])
        .tagged("route_table.a", "Owner", "network team")
        .has("route_table.a", "rtb-a", [])
        .wants("route_table.b", [])
        .has("route_table.b", "rtb-b", [])
        .wants(
            "route_table.b/route:0.0.0.0/0",
            [("to", "0.0.0.0/0".into()), ("via", "nat-2222".into())],
        )
        .has(
            "route_table.b/route:0.0.0.0/0",
            "rtb-b_0.0.0.0/0",
            [("to", "0.0.0.0/0".into()), ("via", "nat-1111".into())],
        )
        .wants(
            "instance.one",
            [
                ("type", "t3.small".into()),
                ("user_data", "echo new".into()),
            ],
        )
        .has(
            "instance.one",
            "i-0123456789abcdef0",
            [
                ("type", "t3.micro".into()),
                ("user_data", "echo old".into()),
            ],
        );
    insta::assert_snapshot!(text(&sample));
}

#[test]
fn update_of_what_is_long() {
    let groups: Vec<_> = (1..=6)
        .map(|n| format!("security_group.tier-{n}"))
        .collect();
    let wanted: Vec<_> = groups.iter().skip(1).map(String::as_str).collect();
    let mut sample = Sample::new()
        .wants(
            "interface_endpoint.s3",
            [("security_groups", ids_of(&wanted))],
        )
        .has(
            "interface_endpoint.s3",
            "vpce-1",
            [(
                "security_groups",
                Value::texts((1..=5).map(|n| format!("sg-{n}"))),
            )],
        );
    for (index, group) in groups.iter().enumerate() {
        sample = sample.wants(group, []);
        if index < 5 {
            sample = sample.has(group, &format!("sg-{}", index + 1), []);
        }
    }
    let long = "a description that goes on and on until it no longer fits on one line of text";
    let sample = sample
        .wants(
            "security_group.tier-6/ingress:tcp:443:self",
            [("description", format!("{long}, twice").into())],
        )
        .has(
            "security_group.tier-6/ingress:tcp:443:self",
            "sgr-1",
            [("description", long.into())],
        );
    insta::assert_snapshot!(text(&sample));
}

fn with_live_network() -> Sample {
    new_network()
        .has(
            "vpc.main",
            "vpc-0a1b2c3d4e5f60718",
            [("cidr", "10.0.0.0/16".into())],
        )
        .has(
            "subnet.private-10",
            "subnet-10",
            [
                ("vpc", "vpc-0a1b2c3d4e5f60718".into()),
                ("cidr", "10.0.10.0/24".into()),
                ("zone", "ap-northeast-1d".into()),
            ],
        )
        .has(
            "route_table.private",
            "rtb-0a1b",
            [("vpc", "vpc-0a1b2c3d4e5f60718".into())],
        )
        .has(
            "route_table.private/association:private-2",
            "rtbassoc-1",
            [
                ("route_table", "rtb-0a1b".into()),
                ("subnet", "subnet-2".into()),
            ],
        )
        .has(
            "route_table.private/route:0.0.0.0/0",
            "rtb-0a1b_0.0.0.0/0",
            [
                ("route_table", "rtb-0a1b".into()),
                ("to", "0.0.0.0/0".into()),
                ("via", "nat-0a1b2c3d4e5f60718".into()),
            ],
        )
}

#[test]
fn replace_with_the_old_one_first() {
    let sample = with_live_network().has(
        "subnet.private-2",
        "subnet-2",
        [
            ("vpc", "vpc-0a1b2c3d4e5f60718".into()),
            ("cidr", "10.0.9.0/24".into()),
            ("zone", "ap-northeast-1a".into()),
        ],
    );
    insta::assert_snapshot!(text(&sample));
}

#[test]
fn replace_of_a_whole_network() {
    let sample = with_live_network()
        .has(
            "subnet.private-2",
            "subnet-2",
            [
                ("vpc", "vpc-0a1b2c3d4e5f60718".into()),
                ("cidr", "10.0.2.0/24".into()),
                ("zone", "ap-northeast-1c".into()),
            ],
        )
        .wants(
            "vpc.main",
            [("cidr", "10.1.0.0/16".into()), ("dns_support", true.into())],
        );
    insta::assert_snapshot!(text(&sample));
}

#[test]
fn replace_with_the_new_one_first() {
    let sample = Sample::new()
        .wants(
            "security_group.endpoint",
            [("description", "HTTPS from the instances".into())],
        )
        .has(
            "security_group.endpoint",
            "sg-0a1b2c3d4e5f60718",
            [("description", "HTTPS".into())],
        )
        .wants(
            "interface_endpoint.s3",
            [("security_groups", ids_of(&["security_group.endpoint"]))],
        )
        .has(
            "interface_endpoint.s3",
            "vpce-1",
            [("security_groups", Value::texts(["sg-0a1b2c3d4e5f60718"]))],
        );
    insta::assert_snapshot!(text(&sample));
}

#[test]
fn replace_of_what_is_broken() {
    let sample = Sample::new()
        .wants("instance.one", [("type", "t3.micro".into())])
        .has("instance.one", "i-1", [("type", "t3.micro".into())])
        .broken("Server.InternalError: Internal error on launch");
    insta::assert_snapshot!(text(&sample));
}

#[test]
fn destroy() {
    let mut sample = with_live_network()
        .has(
            "subnet.private-2",
            "subnet-2",
            [("vpc", "vpc-0a1b2c3d4e5f60718".into())],
        )
        .has("bucket.data", "saa-03-003", [("name", "saa-03-003".into())]);
    sample.destroy = true;
    insta::assert_snapshot!(text(&sample));
}

#[test]
fn some_of_it_goes() {
    let sample = Sample::new()
        .wants("route_table.private", [])
        .has("route_table.private", "rtb-0a1b", [])
        .has(
            "route_table.private/route:10.0.0.0/8",
            "rtb-0a1b_10.0.0.0/8",
            [],
        )
        .wants("subnet.a", [])
        .has("subnet.a", "subnet-1", [])
        .has("subnet.a", "subnet-2", [])
        // It lies in the one that goes.
        .wants("instance.one", [("subnet", id_of("subnet.a"))])
        .has("instance.one", "i-1", [("subnet", "subnet-2".into())])
        .has("bucket.old", "old-data", []);
    insta::assert_snapshot!(text(&sample));
}

#[test]
fn nothing_to_do() {
    let sample = Sample::new()
        .wants("subnet.a", [])
        .has("subnet.a", "subnet-1", []);
    insta::assert_snapshot!(text(&sample), @r"
    No changes. The live network is as three-ways wants it: 1 object in
    ap-northeast-1.
    ");
    let mut sample = Sample::new();
    sample.destroy = true;
    insta::assert_snapshot!(text(&sample), @r"
    Nothing to do: nothing of three-ways lives in ap-northeast-1, account
    123456789012.
    ");
}

#[test]
fn left_to_itself_and_renamed() {
    let sample = Sample::new()
        .has("bucket.data", "saa-03-003", [])
        .wants("subnet.a", [])
        .tagged("subnet.a", "Owner", "network team")
        .has("subnet.a", "subnet-1", []);
    let mut plan = sample.plan();
    for place in plan.steps.steps() {
        let step = plan.steps.node_mut(place);
        match step.action {
            Action::Delete => step.action = Action::Forget,
            _ => {
                let renamed = step.address.to_string();
                step.tag_change.set.insert(tags::ADDRESS.into(), renamed);
                step.tag_change.remove.push("Old".into());
            }
        }
    }
    insta::assert_snapshot!(super::plan(&plan, registry(), Style::PLAIN, SHORT));
}

#[test]
fn a_part_of_the_stack() {
    let mut sample = new_endpoints();
    sample.wishes.selection.target = vec!["gateway_endpoint.*".parse().unwrap()];
    insta::assert_snapshot!(text(&sample));
    // All that is left out has a line with --full, and a few have one anyway.
    let part = sample.plan();
    let full = plan(&part, registry(), Style::PLAIN, FULL);
    let symbols = ["  + ", "  ~ ", "  - ", "-/+ "];
    let (_, foot) = full.split_once("Left out").unwrap();
    let named = foot
        .lines()
        .filter(|line| symbols.iter().any(|it| line.starts_with(it)));
    assert_eq!(named.count(), part.left_out.len());
    fits(&text(&sample));
    // A verb that has no such option names the command that has it.
    let begun = Occasion::Begun(Verb::Destroy);
    let begun = plan(&part, registry(), Style::PLAIN, begun);
    let (_, foot) = begun.split_once(" more; ").unwrap();
    let foot = foot.split_whitespace().collect::<Vec<_>>().join(" ");
    let command = "`s3net plan FILE --destroy --target 'gateway_endpoint.*' --full` names them";
    assert!(foot.starts_with(command), "{begun}");
    fits(&begun);
}

#[test]
fn nothing_to_do_for_a_part() {
    let mut sample = new_endpoints();
    sample.wishes.selection.exclude = vec!["*".parse().unwrap()];
    let text = text(&sample);
    assert!(
        text.starts_with("No changes. What was asked for of three-ways"),
        "{text}"
    );
    fits(&text);
    assert!(text.contains("Left out, since * was excluded: "), "{text}");
}
