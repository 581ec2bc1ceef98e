//! Policy documents: when two of them mean the same, how they are built, and
//! what they allow.
//!
//! AWS gives a document back in its own words: keys in another order, a list of
//! one as a text, an account's id as its root's ARN. Comparing the texts would
//! show a change on every plan, so both sides are brought to one form first.
//!
//! ```text
//! wanted ─► canonical ─┐
//!                      ├─ equal?
//! live   ─► canonical ─┘
//! ```
//!
//! What they allow is judged by [`judge`], from everything that is known of a
//! request; a bucket policy that would shut its own writer out is found by
//! [`lockouts`].
//!
//! ```text
//!  text ─► pattern ─► operator ─► condition ─┐
//!  principal ─► naming ──────────────────────┼─► statement ─► document ─► judge
//!  variables, keys ──────────────────────────┘                       └─► lockouts
//! ```
//!
//! `Sid`, `Id` and `Version` count: AWS keeps them as they are written, and
//! `Version` changes what a document means. One that states none has the old one
//! (IAM user guide, "IAM JSON policy elements: Version").

mod answer;
mod case;
mod comparison;
mod conditions;
mod denial;
mod document;
mod judge;
mod keys;
mod lockout;
mod naming;
mod operators;
mod principal;
mod public;
mod request;
mod sameness;
mod statement;
mod text;
mod variables;

use super::Value;

pub use answer::{Answer, Doubt};
pub use denial::{Denial, Element, Near, Part};
pub use document::{PolicyKind, Source, StatementName};
pub use judge::{Decisive, Judgement, Opinion, Policies, Says, hear, judge, opinions};
pub use keys::{Holds, Keys};
pub use lockout::{Caller, Lockout, lockouts};
pub use principal::Principal;
pub use public::is_public;
pub use request::{ANY_OBJECT, Request};
pub use sameness::{same, versioned};

/// The version of the policy language that has variables; AWS recommends it
/// for every new document (IAM user guide, "Version").
pub const VERSION: &str = "2012-10-17";

/// The version of a document that states none: it has no variables.
pub const VERSION_OF_OLD: &str = "2008-10-17";

/// Why a text is no policy document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// It is not JSON; the text is the JSON parser's reason.
    #[error("not JSON: {0}")]
    NotJson(String),
    /// It is JSON, but not an object.
    #[error("a policy document is a JSON object, `{{ \"Version\": …, \"Statement\": … }}`")]
    NotAnObject,
}

/// A document from its JSON text.
///
/// # Errors
/// [`PolicyError`] where the text is not a JSON object.
pub fn parse(text: &str) -> Result<Value, PolicyError> {
    let json: serde_json::Value =
        serde_json::from_str(text).map_err(|error| PolicyError::NotJson(error.to_string()))?;
    match Value::from_json(&json) {
        document @ Value::Map(_) => Ok(document),
        _ => Err(PolicyError::NotAnObject),
    }
}

/// A document as JSON without white space, which counts against AWS's limits.
#[must_use]
pub fn to_json_text(document: &Value) -> String {
    document.to_json().to_string()
}

/// A document of these statements.
#[must_use]
pub fn document(statements: Vec<Value>) -> Value {
    map([
        ("Version", VERSION.into()),
        ("Statement", Value::List(statements)),
    ])
}

/// The trust policy that lets a service, such as `ec2.amazonaws.com`, take a role.
#[must_use]
pub fn trust_of_service(principal: &str) -> Value {
    document(vec![map([
        ("Effect", "Allow".into()),
        ("Principal", map([("Service", principal.into())])),
        ("Action", "sts:AssumeRole".into()),
    ])])
}

/// The statement that allows everything to everybody: what an endpoint without a
/// policy of its own has (Amazon VPC user guide, "Default endpoint policy").
#[must_use]
pub fn allow_everything() -> Value {
    map([
        ("Effect", "Allow".into()),
        ("Principal", "*".into()),
        ("Action", "*".into()),
        ("Resource", "*".into()),
    ])
}

/// The statement that allows whoever has it everything: as a role's or user's own.
#[must_use]
pub fn allow_everything_of_ones_own() -> Value {
    map([
        ("Effect", "Allow".into()),
        ("Action", "*".into()),
        ("Resource", "*".into()),
    ])
}

/// The statement that refuses every call to a bucket and its objects that does
/// not come over TLS (S3 user guide, "Restrict access to only HTTPS requests").
#[must_use]
pub fn refuse_without_tls(bucket: Value, objects: Value) -> Value {
    let insecure = map([("Bool", map([("aws:SecureTransport", "false".into())]))]);
    map([
        ("Sid", "RefuseWithoutTls".into()),
        ("Effect", "Deny".into()),
        ("Principal", "*".into()),
        ("Action", "s3:*".into()),
        ("Resource", Value::List(vec![bucket, objects])),
        ("Condition", insecure),
    ])
}

/// The document with one more statement, which gives up its `Sid` if that is
/// taken: within a document each may stand once. What is no document stays.
#[must_use]
pub fn with_statement(document: &Value, mut statement: Value) -> Value {
    let Value::Map(entries) = document else {
        return document.clone();
    };
    let mut statements = as_list(entries.get("Statement"));
    if let Value::Map(fields) = &mut statement
        && let Some(sid) = fields.get("Sid").cloned()
        && statements.iter().any(|it| field(it, "Sid") == Some(&sid))
    {
        fields.remove("Sid");
    }
    statements.push(statement);
    let mut entries = entries.clone();
    entries.insert("Statement".to_owned(), Value::List(statements));
    Value::Map(entries)
}

/// The elements of a document, in the order of AWS's own documentation (IAM user
/// guide, "Grammar of the IAM JSON policy language").
pub const DOCUMENT_ELEMENTS: &[&str] = &["Version", "Id", "Statement"];

/// The elements of a statement, likewise.
pub const STATEMENT_ELEMENTS: &[&str] = &[
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

/// Where an element stands among the others; what AWS does not know comes last.
#[must_use]
pub fn place_of_element(element: &str) -> usize {
    let mut known = DOCUMENT_ELEMENTS.iter().chain(STATEMENT_ELEMENTS);
    let place = known.position(|known| *known == element);
    place.unwrap_or(DOCUMENT_ELEMENTS.len() + STATEMENT_ELEMENTS.len())
}

/// The statements of a document; a single one counts as a list of one.
#[must_use]
pub fn statements(document: &Value) -> Vec<Value> {
    as_list(field(document, "Statement"))
}

/// The values of a statement's element, such as `Resource`, one or several.
#[must_use]
pub fn values(statement: &Value, element: &str) -> Vec<Value> {
    as_list(field(statement, element))
}

/// Those values of a statement's element that are texts.
#[must_use]
pub fn texts(statement: &Value, element: &str) -> Vec<String> {
    let values = values(statement, element);
    values.iter().filter_map(Value::to_text).collect()
}

/// Every principal that a document names: ARNs, account ids, services, `*`.
#[must_use]
pub fn principals(document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for statement in statements(document) {
        for element in ["Principal", "NotPrincipal"] {
            match field(&statement, element) {
                Some(Value::Map(by_type)) => {
                    let values = by_type.values().flat_map(|value| as_list(Some(value)));
                    found.extend(values.filter_map(|value| value.to_text()));
                }
                _ => found.extend(texts(&statement, element)),
            }
        }
    }
    found
}

fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Map(
        entries
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect(),
    )
}

fn field<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    value.as_map()?.get(name)
}

fn as_list(value: Option<&Value>) -> Vec<Value> {
    match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::List(items)) => items.clone(),
        Some(single) => vec![single.clone()],
    }
}

/// The values of an element; a single one counts as a list of one.
fn items(value: Option<&Value>) -> Vec<&Value> {
    match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::List(items)) => items.iter().collect(),
        Some(single) => vec![single],
    }
}

/// Whether a value is known only after apply.
const fn is_later(value: &Value) -> bool {
    matches!(
        value,
        Value::Unknown | Value::Reference(_) | Value::Template(_)
    )
}

/// A value for people.
fn shown(value: &Value) -> String {
    match value.to_json() {
        serde_json::Value::String(text) => text,
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests;
