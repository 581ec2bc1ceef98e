//! Whether a bucket's policy opens it to the public.
//!
//! S3 holds a policy for public unless each of its allowances is for fixed
//! principals, or holds everybody to a fixed value of a key that its owner
//! controls (Amazon S3 user guide, "Blocking public access", "The meaning of
//! public"). A fixed value has no wildcard and no policy variable, and a range
//! of addresses is not too wide.

use ipnet::IpNet;

use super::answer::Answer;
use super::comparison::Compare;
use super::document::listed;
use super::operators::{Operator, Set, Test};
use super::{field, is_later, items};
use crate::model::Value;

/// The keys whose fixed values keep the public out.
const FIXED: [&str; 13] = [
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "aws:sourceip",
];

/// Whether S3 holds a bucket's policy for public.
#[must_use]
pub fn is_public(document: &Value) -> Answer {
    let (statements, odd) = listed(document);
    Answer::any(statements.into_iter().map(opens)).or(odd)
}

fn opens(statement: &Value) -> Answer {
    let allows = match field(statement, "Effect") {
        Some(Value::String(effect)) => Answer::from(effect.eq_ignore_ascii_case("allow")),
        _ => Answer::perhaps("its effect is not known"),
    };
    let narrowed = match field(statement, "Condition") {
        None => Answer::No,
        Some(condition) => match condition.as_map() {
            None => Answer::perhaps("its conditions are not known"),
            Some(operators) => Answer::any(operators.iter().map(|(name, keys)| {
                let Some(keys) = keys.as_map() else {
                    return Answer::perhaps("its conditions are not known");
                };
                Answer::any(keys.iter().map(|(key, values)| narrows(name, key, values)))
            })),
        },
    };
    allows
        .and(names_everybody(statement))
        .and(narrowed.negated())
}

/// Whether it is for more than fixed principals.
fn names_everybody(statement: &Value) -> Answer {
    if field(statement, "NotPrincipal").is_some() {
        return Answer::Yes;
    }
    let star = |name: &Value| match name {
        Value::String(text) => Answer::from(text.contains('*')),
        Value::Unknown => Answer::perhaps("its principal is known only after apply"),
        _ => Answer::No,
    };
    match field(statement, "Principal") {
        Some(Value::Map(kinds)) => {
            let names = kinds.values().flat_map(|names| items(Some(names)));
            Answer::any(names.map(star))
        }
        Some(name) => star(name),
        None => Answer::perhaps("it has no `Principal`"),
    }
}

/// Whether a condition holds everybody to fixed values.
fn narrows(operator: &str, key: &str, values: &Value) -> Answer {
    let (Some(operator), key) = (Operator::parse(operator), key.to_ascii_lowercase()) else {
        return Answer::perhaps("its conditions are not known");
    };
    let Test::Compare(compare) = operator.test else {
        return Answer::No;
    };
    let loose = operator.negated || operator.if_exists || operator.set == Some(Set::Every);
    let by_address = matches!(compare, Compare::IpAddress);
    if loose || !FIXED.contains(&key.as_str()) || by_address != (key == "aws:sourceip") {
        return Answer::No;
    }
    let patterns = matches!(compare, Compare::Like | Compare::Arn);
    let values = items(Some(values));
    let fixed = values.iter().map(|value| match value {
        Value::String(text) if by_address => narrow(text),
        Value::String(text) if text.contains("${") => Answer::No,
        Value::String(text) if patterns && text.contains(['*', '?']) => partly(&key, text),
        Value::Unknown => Answer::perhaps("a condition's value is known only after apply"),
        value if by_address && is_later(value) => {
            Answer::perhaps("a condition's value is known only after apply")
        }
        _ => Answer::Yes,
    });
    Answer::from(!values.is_empty()).and(Answer::all(fixed))
}

/// Whether a pattern is as good as a fixed value.
fn partly(key: &str, pattern: &str) -> Answer {
    let account = pattern.split(':').nth(4).unwrap_or_default();
    match key {
        // An access point's name may be open as long as its account is not.
        "s3:dataaccesspointarn" => Answer::from(super::principal::is_account(account)),
        _ if super::principal::is_account(account) => {
            Answer::perhaps("whether S3 holds a pattern of one account for fixed")
        }
        _ => Answer::No,
    }
}

/// Whether a range of addresses is narrow enough: at most a /8 of IPv4 or a /32
/// of IPv6, or private.
fn narrow(text: &str) -> Answer {
    let net = text
        .parse::<IpNet>()
        .ok()
        .or_else(|| text.parse::<std::net::IpAddr>().ok().map(IpNet::from));
    match net {
        Some(IpNet::V4(net)) => Answer::from(net.prefix_len() >= 8 || net.network().is_private()),
        Some(IpNet::V6(net)) => Answer::from(net.prefix_len() >= 32),
        None => Answer::perhaps("a condition's value is no address range"),
    }
}

#[cfg(test)]
mod tests;
