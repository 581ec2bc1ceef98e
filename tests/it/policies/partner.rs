//! The other evaluator: the crate `iam-rs`, asked the same question.
//!
//! It judges one document for one request and knows no accounts, endpoints or
//! boundaries, and nothing that is not known. Where it is wrong, a [`Quirk`]
//! says so; a document without quirks must be judged alike.

use std::collections::BTreeMap;

use iam_rs::{Arn, Context, ContextValue, Decision, IAMPolicy, IAMRequest};

/// Where `iam-rs` 0.8.0 is known to differ from what AWS documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quirk {
    /// `ArnEquals` takes patterns like `ArnLike`; there it is an exact match.
    ArnEqualsWithWildcard,
    /// Variables are filled into conditions too; there into resources only.
    VariableInCondition,
    /// A variable without a value fits nothing; there it is an empty text.
    VariableWithoutValue,
    /// `${*}` is a star that stands for itself; there it is a key that is missing.
    EscapedStar,
    /// Before version 2012-10-17 there are no variables; there they always are.
    VariableInOldVersion,
    /// A `*` may stand for the service in a resource; there it fits none.
    WildcardForService,
    /// A resource may be the head of an ARN and a `*`; there it is an error.
    HeadOfArn,
    /// An account names all of its users; there its root user only.
    AccountAsPrincipal,
    /// A key of several values under an operator for one is left open here;
    /// there one of them has to fit.
    SeveralValues,
    /// Base 64 counts with regard to case; there it does not.
    BinaryCase,
    /// `*` fits a text that begins with a star; there such a text may not fit.
    StarInResource,
}

/// All of them.
pub const QUIRKS: [Quirk; 11] = [
    Quirk::ArnEqualsWithWildcard,
    Quirk::VariableInCondition,
    Quirk::VariableWithoutValue,
    Quirk::EscapedStar,
    Quirk::VariableInOldVersion,
    Quirk::WildcardForService,
    Quirk::HeadOfArn,
    Quirk::AccountAsPrincipal,
    Quirk::SeveralValues,
    Quirk::BinaryCase,
    Quirk::StarInResource,
];

/// What a key holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Held {
    Text(String),
    Truth(bool),
    Texts(Vec<String>),
}

/// What `iam-rs` decides: `allowed`, `denied`, `silent`, or `error`.
pub fn decides(
    document: &serde_json::Value,
    user: &str,
    action: &str,
    resource: &str,
    keys: &BTreeMap<String, Held>,
) -> &'static str {
    let Ok(policy) = serde_json::from_value::<IAMPolicy>(document.clone()) else {
        return "error";
    };
    let mut context = Context::new();
    for (key, held) in keys {
        let value = match held {
            Held::Text(text) => ContextValue::String(text.clone()),
            Held::Truth(truth) => ContextValue::Boolean(*truth),
            Held::Texts(texts) => ContextValue::StringList(texts.clone()),
        };
        context.insert(key.clone(), value);
    }
    let principal = iam_rs::Principal::Aws(iam_rs::PrincipalId::String(user.to_owned()));
    let request =
        IAMRequest::new_with_context(principal, action, Arn::parse(resource).unwrap(), context);
    match iam_rs::evaluate_policy(&policy, &request) {
        Ok(Decision::Allow) => "allowed",
        Ok(Decision::Deny) => "denied",
        Ok(Decision::NotApplicable) => "silent",
        Err(_) => "error",
    }
}
