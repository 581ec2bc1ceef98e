//! Random policies over few actions, resources, principals and conditions.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use s3net::model::network::Known;
use s3net::model::{Value, policy};
use serde_json::json;

use super::networks::ROLE;

/// A statement's effect and what it is about.
fn statement(effect: impl Strategy<Value = &'static str>) -> impl Strategy<Value = Value> {
    let actions = ["*", "s3:*", "s3:GetObject", "s3:Get*", "s3:PutObject"];
    let resources = [
        "*",
        "arn:aws:s3:::data",
        "arn:aws:s3:::data/*",
        "arn:aws:s3:::other/*",
        "arn:aws:s3:::*",
    ];
    let principals = [
        json!("*"),
        json!({ "AWS": ROLE }),
        json!({ "AWS": "arn:aws:iam::123456789012:root" }),
        json!({ "AWS": "arn:aws:iam::999999999999:root" }),
    ];
    let conditions = [
        json!(null),
        json!(null),
        json!(null),
        json!(null),
        json!({ "StringEquals": { "aws:SourceVpce": "vpce-g1" } }),
        json!({ "StringNotEquals": { "aws:SourceVpce": "vpce-i1" } }),
        json!({ "StringEquals": { "aws:SourceVpc": "vpc-1" } }),
        json!({ "Bool": { "aws:SecureTransport": "false" } }),
        json!({ "IpAddress": { "aws:SourceIp": "203.0.113.0/24" } }),
        json!({ "NotIpAddress": { "aws:VpcSourceIp": "10.0.1.0/24" } }),
        json!({ "StringEquals": { "aws:PrincipalOrgID": "o-1" } }),
        json!({ "Null": { "aws:SourceVpce": "true" } }),
    ];
    let parts = (
        effect,
        select(actions.to_vec()),
        select(resources.to_vec()),
        select(principals.to_vec()),
        select(conditions.to_vec()),
    );
    parts.prop_map(|(effect, action, resource, principal, condition)| {
        let mut statement = json!({
            "Effect": effect,
            "Action": action,
            "Resource": resource,
            "Principal": principal,
        });
        if !condition.is_null() {
            statement["Condition"] = condition;
        }
        value(&statement)
    })
}

fn value(json: &serde_json::Value) -> Value {
    policy::parse(&json.to_string()).unwrap()
}

/// A statement that allows somebody in particular. One for everybody makes a
/// bucket public, which may close it to other accounts by RestrictPublicBuckets.
pub fn allow() -> impl Strategy<Value = Value> {
    statement(Just("Allow")).prop_map(|statement| {
        let mut map = statement.as_map().unwrap().clone();
        let role = [("AWS".to_owned(), Value::text(ROLE))];
        map.insert(
            "Principal".to_owned(),
            Value::Map(role.into_iter().collect()),
        );
        Value::Map(map)
    })
}

/// A statement as a role's own policy has it, which names nobody.
pub fn of_ones_own(statement: &Value) -> Value {
    let mut map = statement.as_map().unwrap().clone();
    map.remove("Principal");
    Value::Map(map)
}

/// A document of a role.
pub fn identity_document() -> impl Strategy<Value = Value> {
    document().prop_map(|it| {
        let statements = policy::statements(&it);
        policy::document(statements.iter().map(of_ones_own).collect())
    })
}

/// A statement that denies.
pub fn deny() -> impl Strategy<Value = Value> {
    statement(Just("Deny"))
}

/// A document.
pub fn document() -> impl Strategy<Value = Value> {
    let effect = prop_oneof![3 => Just("Allow"), 1 => Just("Deny")];
    vec(statement(effect), 0..4).prop_map(policy::document)
}

/// A document, none, or that nobody knows.
pub fn known_document() -> impl Strategy<Value = Known<Option<Value>>> {
    prop_oneof![
        3 => document().prop_map(|it| Known::Is(Some(it))),
        4 => Just(Known::Is(None)),
        1 => Just(Known::Not("nobody read it".to_owned())),
    ]
}
