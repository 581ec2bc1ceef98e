//! What drift looks like at 80 columns, without colour.

use std::collections::BTreeSet;

use super::*;
use crate::model::{Place, Value};
use crate::plan::{Basis, FieldDrift, TagDrift};
use crate::report::drift_json::drift_document;
use crate::report::samples::{address, document, registry};

fn empty() -> Drift {
    Drift {
        stack: "three-ways".into(),
        place: Place {
            account: "123456789012".into(),
            region: "ap-northeast-1".into(),
        },
        compared: 36,
        by_file: 0,
        objects: Vec::new(),
        foreign: Vec::new(),
        unfinished: BTreeSet::new(),
        names: BTreeMap::from([
            ("rtb-a".to_owned(), address("route_table.a")),
            ("rtb-b".to_owned(), address("route_table.b")),
        ]),
    }
}

fn object(at: &str, id: &str, happened: Happened) -> Drifted {
    Drifted {
        address: address(at),
        id: id.into(),
        happened,
        basis: Basis::State,
        fields: Vec::new(),
        tags: Vec::new(),
        broken: None,
    }
}

fn field(name: &str, before: Value, after: Value) -> FieldDrift {
    FieldDrift {
        field: name.into(),
        before,
        after: Some(after),
        ignored: false,
        wanted: false,
    }
}

fn stranger(within: &str, noun: &'static str, what: &str, owner: Option<&str>) -> Stranger {
    let what = Foreign::new(&address(within), noun, what).owned_by(owner.map(str::to_owned));
    Stranger {
        what,
        id: "x-1".into(),
    }
}

fn tag(key: &str, before: Option<&str>, after: Option<&str>) -> TagDrift {
    TagDrift {
        key: key.into(),
        before: before.map(str::to_owned),
        after: after.map(str::to_owned),
    }
}

/// A little of everything.
fn much() -> Drift {
    let policy = |actions: &str| {
        document(&format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":"*",
            "Action":{actions},"Resource":["arn:aws:s3:::saa-03-003"]}}]}}"#
        ))
    };
    let mut endpoint = object("gateway_endpoint.s3", "vpce-0a1b", Happened::Changed);
    endpoint.fields = vec![
        field(
            "route_tables",
            Value::texts(["rtb-a"]),
            Value::texts(["rtb-b", "rtb-stranger"]),
        ),
        field(
            "policy",
            policy(r#"["s3:GetObject"]"#),
            policy(r#"["s3:*"]"#),
        ),
    ];
    let mut subnet = object("subnet.private-2", "subnet-2", Happened::Changed);
    subnet.fields = vec![field("cidr", "10.0.2.0/24".into(), "10.0.3.0/24".into())];
    subnet.fields[0].wanted = true;
    subnet.tags = vec![
        tag("CostCentre", None, Some("7")),
        tag(
            "Name",
            Some("three-ways-private-2"),
            Some("somebody's own subnet"),
        ),
        tag("Project", Some("three-ways"), None),
    ];
    let mut ignored = object("subnet.private-10", "subnet-10", Happened::Changed);
    ignored.fields = vec![field("zone", "a".into(), "c".into())];
    ignored.fields[0].ignored = true;
    let mut instance = object("instance.one", "i-0a1b", Happened::Changed);
    instance.fields = vec![field("user_data", "password=hunter2".into(), "x".into())];
    let mut table = object(
        "route_table.a/route:0.0.0.0/0",
        "rtb-a:0",
        Happened::Changed,
    );
    table.fields = vec![field("via", "nat-0a1b".into(), "igw-0a1b".into())];
    let renewed = Happened::Renewed("rtbassoc-1".into());
    Drift {
        objects: vec![
            endpoint,
            instance,
            object("route_table.a/association:private-2", "rtbassoc-2", renewed),
            table,
            object("route_table.b", "rtb-b", Happened::Gone),
            object("route_table.b/association:x", "rtbassoc-9", Happened::Gone),
            object("route_table.b/route:0.0.0.0/0", "rtb-b:0", Happened::Gone),
            ignored,
            subnet,
            object("vpc.strange", "vpc-9", Happened::Appeared),
        ],
        foreign: vec![
            stranger(
                "route_table.a",
                "route",
                "10.9.0.0/16 via pcx-0a1b2c3d4e5f60718",
                None,
            ),
            stranger(
                "subnet.private-2",
                "ingress rule",
                "tcp 22, 203.0.113.0/24, \"let me in from the office for a moment\"",
                Some("CloudFormation stack web"),
            ),
        ],
        unfinished: BTreeSet::from([address("vpc.main")]),
        ..empty()
    }
}

fn text(drifted: &Drift) -> String {
    drift(drifted, registry(), Style::PLAIN, false)
}

#[test]
fn a_little_of_everything() {
    let text = text(&much());
    for line in text.lines() {
        assert!(columns(line) <= 80 && line == line.trim_end(), "{line}");
    }
    assert!(!text.contains("hunter2"));
    insta::assert_snapshot!(text);
}

#[test]
fn nothing() {
    let mut ignored = empty();
    let mut subnet = object("subnet.private-10", "subnet-10", Happened::Changed);
    subnet.fields = vec![field("zone", "a".into(), "c".into())];
    subnet.fields[0].ignored = true;
    ignored.objects = vec![subnet];
    let stateless = Drift {
        by_file: 36,
        ..empty()
    };
    let never = Drift {
        compared: 0,
        ..empty()
    };
    let all = [empty(), ignored, stateless, never];
    insta::assert_snapshot!(all.each_ref().map(text).join("----\n"));
}

#[test]
fn colour_changes_no_letter() {
    let colored = Style {
        color: true,
        ..Style::PLAIN
    };
    let painted = drift(&much(), registry(), colored, false);
    assert!(painted.contains('\u{1b}'));
    let plain = anstream::adapter::strip_str(&painted).to_string();
    assert_eq!(plain, text(&much()));
}

#[test]
fn a_document() {
    let document = drift_document(&much());
    assert!(!document.to_string().contains("hunter2"));
    insta::assert_snapshot!(serde_json::to_string_pretty(&document).unwrap());
}

#[test]
fn a_plan_says_by_the_way_what_it_leaves_alone() {
    let of = |within: &str, noun| Foreign::new(&address(within), noun, "x");
    let said = |foreign: &[Foreign]| left_alone(foreign).unwrap();
    assert_eq!(left_alone(&[]), None);
    let route = of("route_table.a", "route");
    assert_eq!(
        said(std::slice::from_ref(&route)),
        "1 foreign route in route_table.a is left alone: `s3net drift` shows what others did."
    );
    assert!(said(&[route.clone(), route.clone()]).starts_with("2 foreign routes in"));
    let rule = of("security_group.a", "ingress rule");
    assert!(said(&[route, rule]).starts_with("2 foreign things in 2 objects are left"));
}
