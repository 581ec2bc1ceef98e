//! Whether a statement's conditions match a caller from outside every VPC.
//!
//! What a key holds for such a caller is one of three: known, certainly
//! missing, or anybody's guess. A condition is then met, not met, or perhaps
//! met (IAM user guide, "Condition operators" and "Set operators for
//! multi-valued context keys").
//!
//! | key | for s3net |
//! |---|---|
//! | `aws:SourceVpce`, `aws:SourceVpc`, `aws:VpcSourceIp` | missing: it comes by the public endpoint |
//! | `aws:PrincipalArn`, `aws:userid`, `aws:username`, `aws:PrincipalAccount`, `aws:PrincipalType` | by GetCallerIdentity |
//! | `aws:SecureTransport`, `aws:ViaAWSService`, `aws:PrincipalIsAWSService` | true, false, false |
//! | `aws:SourceIp` | there, but not known |
//! | anything else | not known |

use super::lockout::{Caller, matches};
use crate::model::Value;

/// Whether conditions match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Met {
    /// All of them do.
    Yes,
    /// At least one does not.
    No,
    /// At least one cannot be judged, and all others match.
    Perhaps {
        /// Whether one that matches is about the network: the caller does not
        /// come through the endpoint or VPC.
        by_network: bool,
    },
}

/// What a condition key holds for the caller.
enum Holds {
    Text(String),
    /// A principal's ARN, perhaps without its path.
    Principal,
    Missing,
    /// There, with a value that is not known.
    Something,
    Unknown,
}

/// A condition operator without its set operator and its `IfExists`.
struct Operator {
    name: String,
    if_exists: bool,
    for_all: bool,
    for_any: bool,
}

/// The keys that say through which endpoint, VPC or private address a call came.
const NETWORK: [&str; 3] = ["aws:sourcevpce", "aws:sourcevpc", "aws:vpcsourceip"];

/// Judges a statement's `Condition`; none always matches.
pub(super) fn conditions(condition: Option<&Value>, caller: &Caller) -> Met {
    let Some(operators) = condition else {
        return Met::Yes;
    };
    let Some(operators) = operators.as_map() else {
        return Met::Perhaps { by_network: false };
    };
    let (mut open, mut by_network) = (false, false);
    for (operator, keys) in operators {
        let operator = Operator::parse(operator);
        let Some(keys) = keys.as_map() else {
            open = true;
            continue;
        };
        for (key, values) in keys {
            let key = key.to_ascii_lowercase();
            let values = super::as_list(Some(values));
            match operator.met(&key, &values, caller) {
                Some(false) => return Met::No,
                Some(true) => by_network |= NETWORK.contains(&key.as_str()),
                None => open = true,
            }
        }
    }
    match open {
        true => Met::Perhaps { by_network },
        false => Met::Yes,
    }
}

fn held(key: &str, caller: &Caller) -> Holds {
    let (principal, _) = caller.principal();
    match key {
        "aws:principalarn" => Holds::Principal,
        "aws:userid" => Holds::Text(caller.user_id.clone()),
        "aws:principalaccount" => Holds::Text(caller.account.clone()),
        "aws:username" => match principal.split_once(":user/") {
            Some((_, name)) => Holds::Text(name.rsplit('/').next().unwrap_or(name).to_owned()),
            None => Holds::Missing,
        },
        "aws:principaltype" => match principal {
            it if it.contains(":user/") => Holds::Text("User".to_owned()),
            it if it.contains(":role/") => Holds::Text("AssumedRole".to_owned()),
            _ => Holds::Unknown,
        },
        "aws:securetransport" => Holds::Text("true".to_owned()),
        "aws:viaawsservice" | "aws:principalisawsservice" => Holds::Text("false".to_owned()),
        "aws:calledvia" | "aws:calledviafirst" | "aws:calledvialast" => Holds::Missing,
        "aws:sourceip" => Holds::Something,
        key if NETWORK.contains(&key) => Holds::Missing,
        _ => Holds::Unknown,
    }
}

impl Operator {
    fn parse(text: &str) -> Self {
        let text = text.to_ascii_lowercase();
        let (set, name) = text.split_once(':').unwrap_or(("", &text));
        let plain = name.strip_suffix("ifexists");
        Self {
            name: plain.unwrap_or(name).to_owned(),
            if_exists: plain.is_some(),
            for_all: set == "forallvalues",
            for_any: set == "foranyvalue",
        }
    }

    /// Whether it asks for what is not: such an operator matches a missing key.
    fn negates(&self) -> bool {
        self.name.contains("not")
    }

    /// Whether the condition on this key is met; none where that cannot be told.
    fn met(&self, key: &str, values: &[Value], caller: &Caller) -> Option<bool> {
        let holds = held(key, caller);
        if self.name == "null" {
            let wants_missing = values.first()?.to_text()?.eq_ignore_ascii_case("true");
            return match holds {
                Holds::Missing => Some(wants_missing),
                Holds::Unknown => None,
                _ => Some(!wants_missing),
            };
        }
        match holds {
            Holds::Missing if self.if_exists || self.for_all => Some(true),
            Holds::Missing if self.for_any => Some(false),
            Holds::Missing => Some(self.negates()),
            Holds::Unknown | Holds::Something => None,
            Holds::Text(text) => self.compares(values, |value| self.fits(value, &text)),
            // A pattern that fits but for a path, which is not known, may fit.
            Holds::Principal => {
                let (principal, whole) = caller.principal();
                self.compares(values, |value| match self.fits(value, &principal) {
                    Some(false) if !whole && caller.is_named_by(value) => None,
                    other => other,
                })
                // One that may except the caller is taken to do so.
                .or(self.negates().then_some(false))
            }
        }
    }

    /// Whether the value is among these, or for a negated operator is not.
    fn compares(&self, values: &[Value], fits: impl Fn(&str) -> Option<bool>) -> Option<bool> {
        let mut open = false;
        for value in values {
            // A reference or a variable is not known.
            let text = value.to_text().filter(|text| !text.contains("${"));
            match text.as_deref().and_then(&fits) {
                Some(true) => return Some(!self.negates()),
                Some(false) => {}
                None => open = true,
            }
        }
        (!open).then_some(self.negates())
    }

    /// Whether one value fits a text; none for operators that are not known.
    fn fits(&self, value: &str, text: &str) -> Option<bool> {
        match self.name.as_str() {
            "stringequals" | "stringnotequals" => Some(value == text),
            "stringequalsignorecase" | "stringnotequalsignorecase" | "bool" => {
                Some(value.eq_ignore_ascii_case(text))
            }
            "stringlike" | "stringnotlike" | "arnlike" | "arnnotlike" | "arnequals"
            | "arnnotequals" => Some(matches(value, text)),
            _ => None,
        }
    }
}
