//! The conditions of a statement, for one request.

use super::answer::Answer;
use super::keys::Holds;
use super::operators::Operator;
use super::request::Asked;
use super::variables::Reader;
use crate::model::Value;

/// One key of a statement's `Condition` under one operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Condition {
    /// The operator as it is written.
    pub operator: String,
    /// The key as it is written.
    pub key: String,
    /// The wanted values, for people.
    pub wanted: Vec<String>,
    /// What the request carries.
    pub holds: Holds,
    /// Whether it asks for what is not.
    pub negated: bool,
    /// Whether it is met.
    pub answer: Answer,
}

/// The conditions that a statement puts; all must be met, and none always is.
pub(super) fn conditions(
    condition: Option<&Value>,
    asked: &Asked<'_>,
    reader: Reader<'_>,
) -> Vec<Condition> {
    let Some(condition) = condition else {
        return Vec::new();
    };
    let Some(operators) = condition.as_map() else {
        return vec![odd("", "", "its `Condition` holds no operators")];
    };
    let mut found = Vec::new();
    for (name, keys) in operators {
        let Some(keys) = keys.as_map() else {
            found.push(odd(name, "", "a condition's operator has no keys"));
            continue;
        };
        let operator = Operator::parse(name);
        for (key, values) in keys {
            let Some(operator) = operator else {
                let why = format!("`{name}` is no condition operator");
                found.push(odd(name, key, &why));
                continue;
            };
            let held = asked.held(key);
            let values = super::items(Some(values));
            found.push(Condition {
                operator: name.clone(),
                key: key.clone(),
                wanted: values.iter().map(|it| super::shown(it)).collect(),
                holds: held.shown(),
                negated: operator.negated,
                answer: operator.met(&values, &held, reader),
            });
        }
    }
    found
}

/// A condition that cannot be judged.
fn odd(operator: &str, key: &str, why: &str) -> Condition {
    Condition {
        operator: operator.to_owned(),
        key: key.to_owned(),
        wanted: Vec::new(),
        holds: Holds::Unknown(why.to_owned()),
        negated: false,
        answer: Answer::perhaps(why),
    }
}
