//! Trouble on order: what a user asks the local endpoint to do badly.
//!
//! A *setting* holds until it is changed (`visible_after_seconds=5`), a *fault*
//! strikes certain calls and is then spent (`ec2:CreateVpc,nth=2,drop`). Both
//! are the endpoint's own words, listed in `endpoint/README.md`; it says what
//! is wrong with them. Here they are only brought into JSON and sent.

use std::env;
use std::str::FromStr;

use serde_json::{Map, Value, json};

use super::account::VARIABLE;
use super::admin::{self, AdminError};
use super::endpoint::Endpoint;
use super::{LocalError, account};

/// One order, as the user wrote it and as the endpoint takes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// What the user wrote.
    pub text: String,
    /// What is sent.
    wish: Map<String, Value>,
    /// The route that takes it.
    route: &'static str,
}

/// `NAME=VALUE` or `NAME.KIND=VALUE`, on the command line.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting(pub Order);

/// A JSON object, or `ACTION,NAME=VALUE,FLAG…`, on the command line.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault(pub Order);

impl FromStr for Setting {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = text
            .split_once('=')
            .ok_or("a setting is NAME=VALUE, such as latency_ms=40")?;
        let (name, value) = match name.split_once('.') {
            Some((name, kind)) => (name, json!({ kind: value })),
            None => (name, json!(value)),
        };
        Ok(Self(Order {
            text: text.to_owned(),
            wish: Map::from_iter([(name.to_owned(), value)]),
            route: "settings",
        }))
    }
}

impl FromStr for Fault {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wish = if text.trim_start().starts_with('{') {
            serde_json::from_str(text).map_err(|error| format!("no JSON object: {error}"))?
        } else {
            short_form(text)?
        };
        Ok(Self(Order {
            text: text.to_owned(),
            wish,
            route: "fault",
        }))
    }
}

/// `ec2:CreateVpc,nth=2,code=RequestLimitExceeded,status=503` or
/// `ec2:CreateVpc,drop,after`. A message with a comma needs the JSON form.
fn short_form(text: &str) -> Result<Map<String, Value>, String> {
    let mut parts = text.split(',').map(str::trim);
    let action = parts.next().unwrap_or_default();
    let fits = |letter: char| letter.is_ascii_alphanumeric() || ":*".contains(letter);
    if action.is_empty() || !action.chars().all(fits) {
        return Err("a fault begins with an action, such as ec2:CreateVpc".to_owned());
    }
    let mut wish = Map::from_iter([("action".to_owned(), json!(action))]);
    for part in parts.filter(|part| !part.is_empty()) {
        let (name, value) = match part.split_once('=') {
            Some((name, value)) => (name, word(value)),
            None => (part, Value::Bool(true)),
        };
        if wish.insert(name.to_owned(), value).is_some() {
            return Err(format!("{name} stands twice"));
        }
    }
    Ok(wish)
}

/// `true` and `false` are what they say; numbers the endpoint reads itself.
fn word(text: &str) -> Value {
    match text {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ => json!(text),
    }
}

/// Whom orders are for: the account that `S3NET_LOCAL_ACCOUNT` names, else,
/// with none, everybody.
///
/// # Errors
/// [`LocalError::BadAccount`].
pub fn whose() -> Result<Option<String>, LocalError> {
    match env::var_os(VARIABLE) {
        Some(text) if !text.is_empty() => account().map(Some),
        _ => Ok(None),
    }
}

/// Sends an order. A fault that names an account keeps it.
///
/// # Errors
/// [`LocalError::Order`] with what the endpoint says.
pub async fn order(
    endpoint: &Endpoint,
    order: &Order,
    whose: Option<&str>,
) -> Result<(), LocalError> {
    let mut wish = order.wish.clone();
    if let Some(account) = whose {
        wish.entry("account").or_insert_with(|| json!(account));
    }
    let port = endpoint.port();
    let sent = admin::post(port, order.route, &Value::Object(wish)).await;
    sent.map_err(|error| LocalError::Order {
        text: order.text.clone(),
        reason: match error {
            AdminError::Refused(reason) => reason,
            other => other.to_string(),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> Result<Value, String> {
        text.parse::<Fault>()
            .map(|fault| Value::Object(fault.0.wish))
    }

    #[test]
    fn a_fault_in_short_is_the_same_as_in_json() {
        assert_eq!(
            fault("ec2:CreateVpc,nth=2,code=RequestLimitExceeded,status=503").unwrap(),
            json!({"action": "ec2:CreateVpc", "nth": "2", "code": "RequestLimitExceeded",
                   "status": "503"})
        );
        assert_eq!(
            fault("CreateVpc, drop, after").unwrap(),
            fault(r#"{"action": "CreateVpc", "drop": true, "after": true}"#).unwrap()
        );
        for wrong in ["", ",drop", "nth=2", "{", "[1]", "CreateVpc,nth=1,nth=2"] {
            assert!(fault(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_setting_has_a_name_and_perhaps_a_kind() {
        let wish = |text: &str| {
            text.parse::<Setting>()
                .map(|setting| Value::Object(setting.0.wish))
        };
        assert_eq!(wish("latency_ms=40"), Ok(json!({"latency_ms": "40"})));
        assert_eq!(
            wish("throttle.ec2:CreateVpc=2/0.5"),
            Ok(json!({"throttle": {"ec2:CreateVpc": "2/0.5"}}))
        );
        assert!(wish("latency_ms").is_err());
    }
}
