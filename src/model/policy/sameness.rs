//! When two documents mean the same to AWS.
//!
//! A document without a version has the old one, in which `${aws:username}` is
//! just text (IAM user guide, "IAM JSON policy elements: Version").

use std::collections::BTreeMap;

use super::{VERSION_OF_OLD, as_list, map};
use crate::model::Value;

const VERSION_ELEMENT: &str = "Version";

/// Whether two documents mean the same to AWS. A document with a value that is
/// not known yet is the same as none.
#[must_use]
pub fn same(one: &Value, other: &Value) -> bool {
    !one.has_unknown() && !other.has_unknown() && canonical(one) == canonical(other)
}

/// The document with the version that it has where it states none. What is no
/// document stays.
#[must_use]
pub fn versioned(document: &Value) -> Value {
    match document {
        Value::Map(entries) if !entries.is_empty() => Value::Map(with_version(entries)),
        other => other.clone(),
    }
}

fn with_version(entries: &BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    let mut entries = entries.clone();
    if entries.get(VERSION_ELEMENT).is_none_or(is_empty) {
        entries.insert(VERSION_ELEMENT.to_owned(), VERSION_OF_OLD.into());
    }
    entries
}

/// The one form of all documents that mean the same.
fn canonical(document: &Value) -> Value {
    let Value::Map(entries) = document else {
        return if is_empty(document) {
            Value::Null
        } else {
            document.clone()
        };
    };
    if entries.is_empty() {
        return Value::Null;
    }
    let entries = with_version(entries);
    rebuilt(&entries, |key, value| match key {
        "Statement" => {
            let mut statements: Vec<Value> = as_list(Some(value)).iter().map(statement).collect();
            statements.sort();
            Value::List(statements)
        }
        _ => value.clone(),
    })
}

fn statement(statement: &Value) -> Value {
    let Value::Map(entries) = statement else {
        return statement.clone();
    };
    // Only of a resource's policy does AWS say that the two ways to name
    // everybody are the same (IAM user guide, "All principals"); a trust
    // policy's statements name no resource.
    let of_resource = entries.contains_key("Resource") || entries.contains_key("NotResource");
    rebuilt(entries, |key, value| match key {
        "Effect" => value
            .as_text()
            .map_or_else(|| value.clone(), |text| text.to_ascii_lowercase().into()),
        "Action" | "NotAction" | "Resource" | "NotResource" => set(value),
        "Principal" | "NotPrincipal" => named(value, of_resource),
        "Condition" => conditions(value),
        _ => value.clone(),
    })
}

/// Unordered values without repetitions; a single one counts as a list of one.
fn set(value: &Value) -> Value {
    let mut items: Vec<Value> = as_list(Some(value))
        .into_iter()
        .map(|item| item.to_text().map_or(item, Value::String))
        .collect();
    items.sort();
    items.dedup();
    Value::List(items)
}

fn named(principal: &Value, of_resource: bool) -> Value {
    match principal {
        Value::Map(by_type) => rebuilt(by_type, |kind, value| {
            let values = as_list(Some(value)).into_iter();
            set(&Value::List(match kind {
                "AWS" => values.map(account).collect(),
                _ => values.collect(),
            }))
        }),
        Value::String(text) if text == "*" && of_resource => map([("AWS", Value::texts(["*"]))]),
        other => set(other),
    }
}

/// An account's root ARN as the account's id, which AWS turns into that ARN.
fn account(principal: Value) -> Value {
    let id = principal.as_text().and_then(|text| {
        let parts: Vec<&str> = text.split(':').collect();
        match parts[..] {
            ["arn", _, "iam", "", id, "root"] => Some(id.to_owned()),
            _ => None,
        }
    });
    id.map_or(principal, Value::String)
}

fn conditions(condition: &Value) -> Value {
    let Value::Map(operators) = condition else {
        return condition.clone();
    };
    rebuilt(operators, |_, keys| match keys {
        Value::Map(keys) => rebuilt(keys, |_, values| set(values)),
        other => other.clone(),
    })
}

/// The map with its values changed and what is empty left out.
fn rebuilt(entries: &BTreeMap<String, Value>, of: impl Fn(&str, &Value) -> Value) -> Value {
    Value::Map(
        entries
            .iter()
            .filter(|(_, value)| !is_empty(value))
            .map(|(key, value)| (key.clone(), of(key, value)))
            .collect(),
    )
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Map(entries) => entries.is_empty(),
        Value::String(text) => text.is_empty(),
        _ => false,
    }
}
