//! Laws that hold for any documents: more allowances never close, more denials
//! never open, and what is certain stays so when the unknown becomes known.

use proptest::prelude::*;

use super::*;
use crate::model::network::PublicAccessBlock;
use crate::model::policy::{Holds, Keys, Principal, document, parse, with_statement};
use crate::model::{Piece, Reference, Value};

const ROLE: &str = "arn:aws:iam::111122223333:role/app";

fn word(judgement: &Judgement) -> &'static str {
    match judgement {
        Judgement::Allowed { .. } => "allowed",
        Judgement::Denied(_) => "denied",
        Judgement::Unknown { .. } => "unknown",
    }
}

fn any_principal() -> impl Strategy<Value = Principal> {
    let session = |account: &str, whole| Principal::Session {
        role: format!("arn:aws:iam::{account}:role/app"),
        whole,
        session: whole.then(|| "me".to_owned()),
    };
    prop::sample::select(vec![
        session("111122223333", true),
        session("111122223333", false),
        session("444455556666", true),
        Principal::User {
            arn: "arn:aws:iam::111122223333:user/anna".into(),
        },
        Principal::Root {
            account: "111122223333".into(),
        },
        Principal::Anonymous,
        Principal::Somebody {
            account: Some("111122223333".into()),
        },
        Principal::Somebody { account: None },
    ])
}

/// Conditions over three keys; `aws:a` is the one that is known or not.
fn any_condition() -> impl Strategy<Value = Value> {
    let operator = prop::sample::select(vec![
        "StringEquals",
        "StringNotEquals",
        "StringLike",
        "StringNotLikeIfExists",
        "StringEqualsIfExists",
        "ForAllValues:StringLike",
        "ForAnyValue:StringNotEquals",
        "Null",
        "ArnLike",
        "IpAddress",
        "Bool",
        "StringIs",
    ]);
    let values = prop::collection::vec(
        r"[xy*]|true|\$\{aws:[ab]\}|\$\{aws:a, 'x'\}|10.0.0.0/8",
        1..3,
    );
    (operator, "aws:[ab]|aws:PrincipalArn", values).prop_map(|(operator, key, values)| {
        let keys = [(key, Value::texts(values))].into();
        Value::Map([(operator.to_owned(), Value::Map(keys))].into())
    })
}

fn any_statement(effect: &'static str, principals: bool) -> impl Strategy<Value = Value> {
    let action = "s3:(Get|Put)(Object|\\*)|\\*";
    let resource = "arn:aws:s3:::(data|other)/(\\*|k|\\$\\{aws:a\\})|\\*";
    let principal = prop::sample::select(vec![
        "*",
        ROLE,
        "111122223333",
        "444455556666",
        "arn:aws:sts::111122223333:assumed-role/app/me",
        "arn:aws:iam::111122223333:user/anna",
    ]);
    (
        (any::<bool>(), action),
        (any::<bool>(), resource),
        (prop::bool::weighted(0.1), principal),
        prop::option::of(any_condition()),
    )
        .prop_map(move |(action, resource, principal, condition)| {
            let mut statement: std::collections::BTreeMap<String, Value> =
                [("Effect".to_owned(), Value::from(effect))].into();
            let mut put = |(negated, value): (bool, Value), name: &str| {
                let name = if negated {
                    format!("Not{name}")
                } else {
                    name.to_owned()
                };
                statement.insert(name, value);
            };
            put((action.0, action.1.into()), "Action");
            put((resource.0, resource.1.into()), "Resource");
            if principals {
                let names = Value::Map([("AWS".to_owned(), principal.1.into())].into());
                put((principal.0, names), "Principal");
            }
            if let Some(condition) = condition {
                put((false, condition), "Condition");
            }
            Value::Map(statement)
        })
}

fn any_document(principals: bool) -> impl Strategy<Value = Value> {
    let statement = prop_oneof![
        3 => any_statement("Allow", principals),
        1 => any_statement("Deny", principals),
    ];
    prop::collection::vec(statement, 0..4).prop_map(document)
}

/// The documents of a case; they outlive the policies that point to them.
#[derive(Debug, Clone)]
struct Documents {
    identity: Option<Value>,
    boundary: Option<Value>,
    endpoint: Option<Value>,
    resource: Option<Value>,
    at_gateway: bool,
    owner: Option<String>,
    restrict: bool,
    lists: bool,
}

impl Documents {
    fn judge(&self, request: &Request) -> Judgement {
        let source = |name: &str, it: &'static str| format!("{name}{it}");
        let policies = Policies {
            identity: self
                .identity
                .as_ref()
                .map(|it| vec![Source::new(source("identity", " policy"), it)]),
            boundary: self.boundary.as_ref().map(|it| Source::new("boundary", it)),
            endpoint: self
                .endpoint
                .as_ref()
                .map(|it| Source::new("endpoint policy", it)),
            at_gateway: self.at_gateway,
            resource: self
                .resource
                .as_ref()
                .map(|it| Source::new("bucket policy", it)),
            resource_account: self.owner.clone(),
            bucket_block: Known::Is(PublicAccessBlock {
                restrict_public_buckets: self.restrict,
                ..PublicAccessBlock::default()
            }),
            lists_count: self.lists,
            ..Policies::default()
        };
        let judgement = judge(&policies, request);
        // Whatever was decided can be told.
        if let Judgement::Denied(denial) = &judgement {
            assert!(!denial.problem().is_empty() && !denial.remedy().is_empty());
        }
        if let Judgement::Unknown { why } = &judgement {
            assert!(!why.is_empty(), "what is not known has a reason");
        }
        let _ = opinions(&policies, request);
        judgement
    }

    fn all(&self) -> Vec<fn(&mut Self) -> &mut Option<Value>> {
        vec![
            |it| &mut it.identity,
            |it| &mut it.boundary,
            |it| &mut it.endpoint,
            |it| &mut it.resource,
        ]
    }
}

fn any_documents() -> impl Strategy<Value = Documents> {
    (
        prop::option::weighted(0.9, any_document(false)),
        prop::option::weighted(0.3, any_document(false)),
        prop::option::weighted(0.5, any_document(true)),
        prop::option::weighted(0.7, any_document(true)),
        any::<bool>(),
        prop::option::weighted(0.9, Just("111122223333".to_owned())),
        any::<bool>(),
        prop::bool::weighted(0.2),
    )
        .prop_map(
            |(identity, boundary, endpoint, resource, at_gateway, owner, restrict, lists)| {
                Documents {
                    identity,
                    boundary,
                    endpoint,
                    resource,
                    at_gateway,
                    owner,
                    restrict,
                    lists,
                }
            },
        )
}

fn request(principal: Principal, a: Holds, b: Option<&str>) -> Request {
    Request {
        action: "s3:GetObject".into(),
        resource: Some("arn:aws:s3:::data/k".into()),
        principal,
        keys: Keys::new()
            .with("aws:a", a)
            .with("aws:b", b.map_or(Holds::Missing, Holds::text)),
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Integer),
        "[a-z*?:/${}'(),.]{0,12}|Allow|Deny|\\*|s3:\\*|2012-10-17".prop_map(Value::String),
        Just(Value::Unknown),
        Just(Value::Reference(Reference::id("role.app".parse().unwrap()))),
        Just(Value::Template(vec![
            Piece::Account,
            Piece::Text("/*".into())
        ])),
    ];
    leaf.prop_recursive(5, 64, 6, |inner| {
        let key = "Version|Statement|Sid|Effect|(Not)?(Principal|Action|Resource)|Condition|AWS\
                   |StringLike|Bool|Null|IpAddress|DateEquals|aws:[ab]|[a-z]{0,4}";
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
            prop::collection::btree_map(key, inner, 0..6).prop_map(Value::Map),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn any_shape_gives_an_answer(
        one in any_value(), statement in any_value(), principal in any_principal(),
        text in ".{0,40}",
    ) {
        let documents = Documents {
            identity: Some(document(vec![statement.clone()])),
            boundary: None,
            endpoint: Some(one),
            resource: Some(with_statement(&document(vec![]), statement)),
            at_gateway: true,
            owner: None,
            restrict: true,
            lists: true,
        };
        documents.judge(&request(principal.clone(), Holds::Something, None));
        let odd = Request { action: text.clone(), resource: Some(text), ..request(principal, Holds::Texts(vec![]), None) };
        documents.judge(&odd);
    }

    #[test]
    fn an_allowance_more_never_closes(
        documents in any_documents(), principal in any_principal(),
        statement in any_statement("Allow", true), which in 0..4usize,
    ) {
        let request = request(principal, Holds::text("x"), Some("y"));
        let before = documents.judge(&request);
        let mut more = documents.clone();
        let place = documents.all()[which](&mut more);
        // A policy of a role names nobody; and a boundary that was not there shuts.
        let Some(there) = place else { return Ok(()) };
        let mut statement = statement;
        if which < 2 && let Value::Map(elements) = &mut statement {
            elements.remove("Principal");
            elements.remove("NotPrincipal");
        }
        *there = with_statement(there, statement.clone());
        let after = more.judge(&request);
        // To open a bucket to the public is what the block closes again, and a
        // statement that cannot be judged decides nothing.
        let public = which == 3 && documents.restrict;
        if word(&before) == "allowed" && !public {
            prop_assert_eq!(word(&after), "allowed", "{:?}", statement);
        }
        if let (Judgement::Denied(denial), Judgement::Denied(_) | Judgement::Unknown { .. }) = (&before, &after) {
            prop_assert!(!denial.explicit || word(&after) == "denied");
        }
    }

    #[test]
    fn a_denial_more_never_opens(
        documents in any_documents(), principal in any_principal(),
        statement in any_statement("Deny", true), which in 0..4usize,
    ) {
        let request = request(principal, Holds::text("x"), Some("y"));
        let before = documents.judge(&request);
        let mut more = documents.clone();
        let place = documents.all()[which](&mut more);
        let mut statement = statement;
        if which < 2 && let Value::Map(elements) = &mut statement {
            elements.remove("Principal");
            elements.remove("NotPrincipal");
        }
        let Some(there) = place else { return Ok(()) };
        *there = with_statement(there, statement.clone());
        let after = more.judge(&request);
        match word(&before) {
            "denied" => prop_assert_eq!(word(&after), "denied", "{:?}", statement),
            "unknown" => prop_assert_ne!(word(&after), "allowed", "{:?}", statement),
            _ => {}
        }
    }

    #[test]
    fn a_certain_answer_holds_for_every_value_of_an_unknown_key(
        documents in any_documents(), principal in any_principal(),
        value in prop::option::of("[xyz]|true|10.1.1.1|arn:aws:iam::111122223333:role/app"),
    ) {
        let ask = |a: Holds| word(&documents.judge(&request(principal.clone(), a, Some("y"))));
        let known = match value {
            Some(text) => Holds::text(text),
            None => Holds::Missing,
        };
        let unknown = ask(Holds::Unknown("nobody knows".into()));
        if unknown != "unknown" {
            prop_assert_eq!(unknown, ask(Holds::Something));
            prop_assert_eq!(unknown, ask(known.clone()));
        }
        let there = ask(Holds::Something);
        if there != "unknown" && known != Holds::Missing {
            prop_assert_eq!(there, ask(known));
        }
    }

    #[test]
    fn a_certain_answer_about_somebody_holds_for_everybody_of_the_account(
        documents in any_documents(), which in 0..3usize,
    ) {
        let account = "111122223333".to_owned();
        let ask = |principal| word(&documents.judge(&request(principal, Holds::text("x"), None)));
        let somebody = ask(Principal::Somebody { account: Some(account.clone()) });
        let one = match which {
            0 => Principal::Session { role: ROLE.into(), whole: true, session: Some("me".into()) },
            1 => Principal::User { arn: format!("arn:aws:iam::{account}:user/anna") },
            _ => Principal::Session { role: ROLE.into(), whole: false, session: None },
        };
        if somebody != "unknown" && ask(one.clone()) != "unknown" {
            prop_assert_eq!(somebody, ask(one));
        }
    }
}

#[test]
fn each_document_says_what_it_thinks() {
    let read = |text: &str| parse(text).unwrap();
    let allow = read(
        r#"{"Version":"2012-10-17","Statement":{"Sid":"All","Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}"#,
    );
    let deny = read(
        r#"{"Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:Get*","Resource":"*"}]}"#,
    );
    let none = read(r#"{"Statement":[]}"#);
    let policies = Policies {
        identity: Some(vec![Source::new("inline policy s3", &none)]),
        endpoint: Some(Source::new("endpoint policy", &allow)),
        resource: Some(Source::new("bucket policy", &deny)),
        boundary: Some(Source {
            name: "boundary".into(),
            document: Known::Not("it could not be read".into()),
        }),
        ..Policies::default()
    };
    let asked = request(
        Principal::Session {
            role: ROLE.into(),
            whole: true,
            session: None,
        },
        Holds::Missing,
        None,
    );
    let said: Vec<(String, String)> = opinions(&policies, &asked)
        .into_iter()
        .map(|it| {
            let says = match it.says {
                Says::Allows(statement) => format!("allows: {statement}"),
                Says::Denies(statement) => format!("denies: {statement}"),
                Says::Nothing => "nothing".to_owned(),
                Says::Unknown(doubts) => doubts[0].to_string(),
            };
            (it.source, says)
        })
        .collect();
    let expected = [
        ("endpoint policy", "allows: statement `All`"),
        ("bucket policy", "denies: statement 1"),
        ("inline policy s3", "nothing"),
        ("boundary", "the boundary: it could not be read"),
    ];
    let expected = expected.map(|(one, other)| (one.to_owned(), other.to_owned()));
    assert_eq!(said, expected);
}
