//! Examples from AWS's documentation, and rewritings that must not count.

use std::collections::BTreeMap;

use super::*;
use crate::model::{Address, Piece, Reference};
use proptest::prelude::*;

fn read(text: &str) -> Value {
    parse(text).unwrap()
}

fn one(statement: &str) -> Value {
    read(&format!(
        r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#
    ))
}

#[test]
fn white_space_and_key_order_do_not_count() {
    let a = read("{\n \"Statement\": [], \"Version\": \"2012-10-17\" }");
    let b = read(r#"{"Version":"2012-10-17","Statement":[]}"#);
    assert!(same(&a, &b));
}

#[test]
fn a_single_statement_is_a_list_of_one() {
    let inner = r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#;
    let a = read(&format!(r#"{{"Statement":{inner}}}"#));
    let b = read(&format!(r#"{{"Statement":[{inner}]}}"#));
    assert!(same(&a, &b));
}

#[test]
fn an_account_is_its_root() {
    let of = |principal: &str| {
        one(&format!(
            r#"{{"Effect":"allow","Principal":{{"AWS":{principal}}},"Action":"sts:AssumeRole"}}"#
        ))
    };
    let id = of(r#""123456789012""#);
    assert!(same(&id, &of(r#"["arn:aws:iam::123456789012:root"]"#)));
    assert!(same(&id, &of(r#""arn:aws-cn:iam::123456789012:root""#)));
    assert!(!same(&id, &of(r#""arn:aws:iam::123456789012:role/root""#)));
    assert!(!same(&id, &of(r#""123456789013""#)));
}

#[test]
fn everybody_has_two_names_in_resource_policies_only() {
    let of = |principal: &str, resource: &str| {
        one(&format!(
            r#"{{"Effect":"Deny","Principal":{principal},"Action":"*"{resource}}}"#
        ))
    };
    let resource = r#","Resource":"*""#;
    let star = of(r#""*""#, resource);
    assert!(same(&star, &of(r#"{"AWS":["*"]}"#, resource)));
    assert!(!same(&star, &of(r#"{"Service":"*"}"#, resource)));
    assert!(!same(&of(r#""*""#, ""), &of(r#"{"AWS":"*"}"#, "")));
}

#[test]
fn condition_values_are_texts_in_any_order() {
    let of = |values: &str| {
        one(&format!(
            r#"{{"Effect":"Deny","Action":"*","Resource":"*","Condition":{{"Bool":{{"k":{values}}}}}}}"#
        ))
    };
    assert!(same(&of("false"), &of(r#"["false"]"#)));
    assert!(same(&of("[5, 6]"), &of(r#"["6", "5"]"#)));
    assert!(!same(&of("false"), &of("true")));
}

#[test]
fn sid_id_and_version_count() {
    let plain = one(r#"{"Effect":"Allow","Action":"a:b","Resource":"*"}"#);
    let sid = one(r#"{"Sid":"x","Effect":"Allow","Action":"a:b","Resource":"*"}"#);
    assert!(!same(&plain, &sid));
    let old = read(&to_json_text(&plain).replace("2012-10-17", "2008-10-17"));
    assert!(!same(&plain, &old));
    // One that states none has the old one, in which nothing is a variable.
    let none = read(&to_json_text(&old).replace(r#","Version":"2008-10-17""#, ""));
    assert_eq!(none.as_map().map(BTreeMap::len), Some(1));
    assert!(same(&none, &old) && !same(&none, &plain));
    assert_eq!(versioned(&none), old);
    assert_eq!(versioned(&plain), plain);
    let id = read(&to_json_text(&plain).replace("{\"Statement", "{\"Id\":\"i\",\"Statement"));
    assert!(!same(&plain, &id));
}

#[test]
fn nothing_is_an_empty_document() {
    assert!(same(&read("{}"), &Value::Null));
    assert!(!same(&read("{}"), &trust_of_service("ec2.amazonaws.com")));
}

#[test]
fn what_is_not_known_yet_is_never_the_same() {
    let unknown = document(vec![map([("Resource", Value::Unknown)])]);
    assert!(!same(&unknown, &unknown));
}

#[test]
fn only_objects_are_documents() {
    assert_eq!(parse("[]"), Err(PolicyError::NotAnObject));
    assert!(matches!(parse("{"), Err(PolicyError::NotJson(_))));
}

#[test]
fn a_statement_is_added_to_one_or_several() {
    let arn = Value::Reference(Reference {
        target: Address::new("bucket", "data"),
        attribute: "arn".into(),
    });
    let tls = refuse_without_tls(arn, Value::Template(vec![Piece::Text("x".into())]));
    let single = read(r#"{"Statement":{"Sid":"RefuseWithoutTls","Effect":"Allow"}}"#);
    let both = statements(&with_statement(&single, tls.clone()));
    assert_eq!(both.len(), 2);
    assert_eq!(field(&both[1], "Sid"), None);
    let alone = statements(&with_statement(&document(vec![]), tls));
    assert_eq!(texts(&alone[0], "Sid"), ["RefuseWithoutTls"]);
    assert_eq!(with_statement(&Value::Unknown, Value::Null), Value::Unknown);
}

#[test]
fn principals_of_every_kind_are_found() {
    let document = read(
        r#"{"Statement":[
            {"Principal":"*"},
            {"Principal":{"AWS":["arn:aws:iam::1:role/a","2"],"Service":"ec2.amazonaws.com"}},
            {"NotPrincipal":{"AWS":"3"}}]}"#,
    );
    let mut found = principals(&document);
    found.sort();
    let expected = ["*", "2", "3", "arn:aws:iam::1:role/a", "ec2.amazonaws.com"];
    assert_eq!(found, expected);
}

/// Small numbers from a seed, so that a rewriting is repeatable.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }

    fn shuffle(&mut self, items: &mut [Value]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.roll(i + 1));
        }
    }

    /// The same values: shuffled, a single one with or without its list.
    fn values(&mut self, value: &Value) -> Value {
        let mut items = as_list(Some(value));
        self.shuffle(&mut items);
        if items.len() == 1 && self.roll(2) == 0 {
            return items.remove(0);
        }
        if self.roll(3) == 0 {
            items.push(items[0].clone());
        }
        Value::List(items)
    }

    fn rewrite(&mut self, document: &Value) -> Value {
        let mut entries = document.as_map().unwrap().clone();
        let mut statements: Vec<Value> = statements(document)
            .iter()
            .map(|it| self.statement(it))
            .collect();
        self.shuffle(&mut statements);
        let statements = if statements.len() == 1 && self.roll(2) == 0 {
            statements.remove(0)
        } else {
            Value::List(statements)
        };
        entries.insert("Statement".into(), statements);
        Value::Map(entries)
    }

    fn statement(&mut self, statement: &Value) -> Value {
        let entries = statement.as_map().unwrap().iter();
        let rewritten = entries.map(|(key, value)| {
            let value = match key.as_str() {
                "Effect" if self.roll(2) == 0 => {
                    value.as_text().unwrap().to_ascii_uppercase().into()
                }
                "Action" | "Resource" => self.values(value),
                "Principal" => self.principal(value),
                "Condition" => {
                    let keys = field(value, "StringEquals").unwrap().as_map().unwrap();
                    let keys = keys.iter().map(|(k, v)| (k.clone(), self.values(v)));
                    map([("StringEquals", Value::Map(keys.collect()))])
                }
                _ => value.clone(),
            };
            (key.clone(), value)
        });
        Value::Map(rewritten.collect())
    }

    fn principal(&mut self, principal: &Value) -> Value {
        let items = as_list(field(principal, "AWS")).into_iter().map(|item| {
            let text = item.as_text().unwrap().to_owned();
            match self.roll(2) {
                0 if text != "*" => format!("arn:aws:iam::{text}:root").into(),
                _ => Value::String(text),
            }
        });
        let items = Value::List(items.collect());
        if items == Value::texts(["*"]) && self.roll(2) == 0 {
            return "*".into();
        }
        map([("AWS", self.values(&items))])
    }
}

fn some(pattern: &'static str) -> impl Strategy<Value = Value> {
    prop::collection::vec(pattern, 1..4).prop_map(Value::texts)
}

fn any_statement() -> impl Strategy<Value = Value> {
    let principal = prop_oneof![Just(Value::texts(["*"])), some("[0-9]{12}")];
    (
        prop_oneof![Just("Allow"), Just("Deny")],
        some("s3:[A-C]"),
        some("arn:[a-c]"),
        principal,
        prop::option::of(some("[a-c]|[0-9]|true")),
        prop::option::of("[A-Z]{3}"),
    )
        .prop_map(|(effect, action, resource, principal, condition, sid)| {
            let mut statement = BTreeMap::from([
                ("Effect".to_owned(), Value::from(effect)),
                ("Action".to_owned(), action),
                ("Resource".to_owned(), resource),
                ("Principal".to_owned(), map([("AWS", principal)])),
            ]);
            if let Some(values) = condition {
                let keys = map([("aws:k", values)]);
                statement.insert("Condition".into(), map([("StringEquals", keys)]));
            }
            if let Some(sid) = sid {
                statement.insert("Sid".into(), sid.into());
            }
            Value::Map(statement)
        })
}

fn any_document() -> impl Strategy<Value = Value> {
    prop::collection::vec(any_statement(), 1..4).prop_map(document)
}

proptest! {
    #[test]
    fn a_rewritten_document_is_the_same(document in any_document(), seed in any::<u64>()) {
        let rewritten = Dice(seed).rewrite(&document);
        prop_assert!(same(&document, &document));
        prop_assert!(same(&document, &rewritten), "{rewritten:?}");
        prop_assert!(same(&rewritten, &document));
    }

    #[test]
    fn a_document_survives_its_text(document in any_document()) {
        prop_assert_eq!(parse(&to_json_text(&document)).unwrap(), document);
    }

    #[test]
    fn another_action_is_never_the_same(
        document in any_document(), seed in any::<u64>(), which in any::<prop::sample::Index>(),
    ) {
        let mut dice = Dice(seed);
        let mut changed = statements(&document);
        let index = which.index(changed.len());
        let Value::Map(fields) = &mut changed[index] else { unreachable!() };
        let mut actions = as_list(fields.get("Action"));
        match dice.roll(2) {
            0 => actions.push("s3:Another".into()),
            _ => actions[0] = "s3:Another".into(),
        }
        fields.insert("Action".into(), Value::List(actions));
        let changed = dice.rewrite(&super::document(changed));
        prop_assert!(!same(&document, &changed));
        prop_assert!(!same(&changed, &document));
    }
}
