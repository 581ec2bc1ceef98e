//! Whom a statement names.

use super::*;
use crate::model::policy::parse;

const ACCOUNT: &str = "111122223333";

fn session(whole: bool, name: Option<&str>) -> Principal {
    Principal::Session {
        role: format!("arn:aws:iam::{ACCOUNT}:role/app"),
        whole,
        session: name.map(str::to_owned),
    }
}

fn user() -> Principal {
    Principal::User {
        arn: format!("arn:aws:iam::{ACCOUNT}:user/team/anna"),
    }
}

/// How a principal is named: the ways that are certain, and in brackets those
/// that are not.
fn named(principal: &Principal, element: &str, at_gateway: bool) -> String {
    let element = parse(&format!(r#"{{"Principal":{element}}}"#)).unwrap();
    let naming = principal.named_by(&element.as_map().unwrap()["Principal"], at_gateway);
    let ways = [
        ("everybody", naming.everybody),
        ("itself", naming.itself),
        ("role", naming.role),
        ("account", naming.account),
        ("otherwise", naming.otherwise),
    ];
    let ways = ways.into_iter().filter_map(|(way, answer)| match answer {
        Answer::Yes => Some(way.to_owned()),
        Answer::No => None,
        Answer::Perhaps(_) => Some(format!("({way})")),
    });
    ways.collect::<Vec<_>>().join(" ")
}

#[test]
fn a_session_is_named_in_four_ways() {
    let app = session(true, Some("me"));
    for (element, expected) in [
        (r#""*""#, "everybody"),
        (r#"{"AWS":"*"}"#, "everybody"),
        (r#"{"AWS":"arn:aws:iam::111122223333:role/app"}"#, "role"),
        (
            r#"{"AWS":["arn:aws:sts::111122223333:assumed-role/app/me"]}"#,
            "itself",
        ),
        (
            r#"{"AWS":"arn:aws:sts::111122223333:assumed-role/app/you"}"#,
            "",
        ),
        (r#"{"AWS":"111122223333"}"#, "account"),
        (r#"{"AWS":"arn:aws:iam::111122223333:root"}"#, "account"),
        (r#"{"AWS":"arn:aws:iam::444455556666:root"}"#, ""),
        (r#"{"AWS":"arn:aws:iam::111122223333:role/ops/app"}"#, ""),
        (r#"{"AWS":"arn:aws:iam::111122223333:role/*"}"#, "(role)"),
        (r#"{"AWS":"arn:aws:iam::111122223333:user/*"}"#, ""),
        (r#"{"AWS":"AROAEXAMPLE"}"#, "(otherwise)"),
        (r#"{"Service":"ec2.amazonaws.com"}"#, ""),
        (r#"{"Federated":"cognito-identity.amazonaws.com"}"#, ""),
        (r#"{"CanonicalUser":"79a5"}"#, "(otherwise)"),
        (r#"{"Robot":"x"}"#, "(otherwise)"),
        (r#"{"AWS":[{}]}"#, "(otherwise)"),
        (r#""111122223333""#, "(otherwise)"),
        ("null", "(otherwise)"),
    ] {
        assert_eq!(named(&app, element, false), expected, "{element}");
    }
}

#[test]
fn what_is_not_known_of_a_principal_leaves_it_open() {
    let with_path = r#"{"AWS":"arn:aws:iam::111122223333:role/ops/app"}"#;
    let plain = r#"{"AWS":"arn:aws:iam::111122223333:role/app"}"#;
    let of_session = r#"{"AWS":"arn:aws:sts::111122223333:assumed-role/app/me"}"#;
    assert_eq!(named(&session(false, None), with_path, false), "(role)");
    assert_eq!(named(&session(false, None), plain, false), "(role)");
    assert_eq!(named(&session(true, None), of_session, false), "(itself)");
    let nobody_knows = Principal::Somebody { account: None };
    let of_account = Principal::Somebody {
        account: Some(ACCOUNT.to_owned()),
    };
    assert_eq!(named(&of_account, plain, false), "(itself)");
    assert_eq!(
        named(&of_account, r#"{"AWS":"111122223333"}"#, false),
        "account"
    );
    assert_eq!(named(&of_account, r#"{"AWS":"444455556666"}"#, false), "");
    assert_eq!(
        named(&nobody_knows, r#"{"AWS":"444455556666"}"#, false),
        "(account)"
    );
}

#[test]
fn others_than_sessions() {
    let by_name = r#"{"AWS":"arn:aws:iam::111122223333:user/team/anna"}"#;
    assert_eq!(named(&user(), by_name, false), "itself");
    let root = Principal::Root {
        account: ACCOUNT.to_owned(),
    };
    assert_eq!(named(&root, r#"{"AWS":"111122223333"}"#, false), "account");
    assert_eq!(
        named(&Principal::Anonymous, r#"{"AWS":"111122223333"}"#, false),
        ""
    );
    assert_eq!(
        named(&Principal::Anonymous, r#"{"AWS":"*"}"#, false),
        "everybody"
    );
}

#[test]
fn a_gateway_endpoint_knows_accounts_by_their_root_user() {
    let root = Principal::Root {
        account: ACCOUNT.to_owned(),
    };
    let account = r#"{"AWS":"111122223333"}"#;
    let role = r#"{"AWS":"arn:aws:iam::111122223333:role/app"}"#;
    let app = session(true, None);
    assert_eq!(named(&root, account, true), "itself");
    assert_eq!(named(&app, account, true), "");
    assert_eq!(named(&app, role, true), "(otherwise)");
    assert_eq!(named(&app, r#""*""#, true), "everybody");
}

#[test]
fn references_are_followed_after_apply() {
    use crate::model::{Piece, Reference};
    let reference = Reference::id(s3net_address());
    let template = Value::Template(vec![
        Piece::Text("arn:aws:iam::".into()),
        Piece::Account,
        Piece::Text(":role/app".into()),
    ]);
    let app = session(true, None);
    let of = |value: Value| app.named_by(&Value::Map([("AWS".to_owned(), value)].into()), false);
    assert!(!of(Value::Reference(reference)).role.doubts().is_empty());
    assert!(!of(template.clone()).role.doubts().is_empty());
    assert!(
        of(Value::Reference(Reference::id(s3net_address())))
            .everybody
            .is_no()
    );
    assert!(!of(Value::Unknown).everybody.doubts().is_empty());
    let other = Principal::User {
        arn: format!("arn:aws:iam::{ACCOUNT}:user/anna"),
    };
    let naming = other.named_by(&Value::Map([("AWS".to_owned(), template)].into()), false);
    assert!(naming.any().is_no(), "{naming:?}");
}

fn s3net_address() -> crate::model::Address {
    "role.app".parse().unwrap()
}
