//! Whether a bucket policy would shut out whoever is about to write it.
//!
//! A policy that refuses all that does not come through an endpoint refuses
//! s3net and the console too: neither can then read, change or delete it. Only
//! the account's root user still can (Amazon S3 user guide, "Bucket policies",
//! and DeleteBucketPolicy).
//!
//! ```text
//!  Deny ─► of the policy's own actions? ─► on the bucket? ─► this caller?
//!                                                              │
//!                          its conditions, for this caller  ◄──┘
//!                            all match ─────────────► shuts the caller out
//!                            one cannot match ──────► does not
//!                            one cannot be known ───► may, where everybody is meant
//!                                                     and the network decides
//! ```
//!
//! Only what really refuses the caller counts: what cannot be known here, such
//! as the organisation of the account, is told of only beside a condition on
//! the network, which the caller is known not to meet.

use super::conditions::{Met, conditions};
use super::{field, statements, texts, values};
use crate::model::Value;

/// Who makes the calls, as GetCallerIdentity tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Caller {
    /// The account.
    pub account: String,
    /// The ARN: a user's, an assumed role's session's, or the root's.
    pub arn: String,
    /// The unique id, which is what `aws:userid` holds.
    pub user_id: String,
}

/// A statement that shuts the caller out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lockout {
    /// Which statement: its Sid, or its number.
    pub statement: String,
    /// The actions it takes away.
    pub actions: Vec<&'static str>,
    /// Whether that is certain; else a condition cannot be judged here.
    pub certain: bool,
}

/// What it takes to see, to mend and to take back a bucket's policy.
const ACTIONS: [&str; 3] = [
    "s3:GetBucketPolicy",
    "s3:PutBucketPolicy",
    "s3:DeleteBucketPolicy",
];

/// Whom a statement means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meant {
    Everybody,
    TheCaller,
    Others,
}

impl Caller {
    /// Whether it is an account's root user, whom no bucket policy can keep
    /// from deleting it.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.arn.ends_with(":root")
    }

    /// The ARNs to name in `aws:PrincipalArn`; of a role's session the role's,
    /// without a path and with any.
    #[must_use]
    pub fn principal_arns(&self) -> Vec<String> {
        let (arn, whole) = self.principal();
        let with_path = arn.replace(":role/", ":role/*/");
        match whole {
            true => vec![arn],
            false => vec![arn, with_path],
        }
    }

    /// What `aws:PrincipalArn` holds: of a role's session the role, and whether
    /// that is the whole of it. A session's ARN leaves out the role's path (IAM
    /// user guide, "aws:PrincipalArn").
    pub(super) fn principal(&self) -> (String, bool) {
        let parts: Vec<&str> = self.arn.splitn(6, ':').collect();
        match parts[..] {
            ["arn", partition, "sts", _, account, rest] => {
                let mut rest = rest.split('/');
                match (rest.next(), rest.next()) {
                    (Some("assumed-role"), Some(role)) => {
                        (format!("arn:{partition}:iam::{account}:role/{role}"), false)
                    }
                    _ => (self.arn.clone(), true),
                }
            }
            _ => (self.arn.clone(), true),
        }
    }

    /// Whether an ARN or pattern names the caller, as far as that can be told:
    /// a role's path may be any.
    pub(super) fn is_named_by(&self, pattern: &str) -> bool {
        let (principal, whole) = self.principal();
        if matches(pattern, &principal) || matches(pattern, &self.arn) {
            return true;
        }
        let Some((head, name)) = principal.rsplit_once('/').filter(|_| !whole) else {
            return false;
        };
        let Some((path, last)) = pattern.rsplit_once('/') else {
            return false;
        };
        matches(last, name) && (path.starts_with(head) || path.contains('*'))
    }
}

/// The statements of a bucket's policy that would shut the caller out of the
/// policy itself. `arn` is the bucket's, where it is known.
#[must_use]
pub fn lockouts(document: &Value, arn: Option<&str>, caller: &Caller) -> Vec<Lockout> {
    if caller.is_root() {
        return Vec::new();
    }
    let statements = statements(document).into_iter().enumerate();
    statements
        .filter_map(|(index, statement)| judged(index, &statement, arn, caller))
        .collect()
}

fn judged(index: usize, statement: &Value, arn: Option<&str>, caller: &Caller) -> Option<Lockout> {
    let denies = texts(statement, "Effect");
    if !denies.iter().any(|it| it.eq_ignore_ascii_case("deny")) || !is_on(statement, arn) {
        return None;
    }
    let actions: Vec<_> = ACTIONS
        .into_iter()
        .filter(|it| takes(statement, it))
        .collect();
    let meant = meant(statement, caller);
    if actions.is_empty() || meant == Meant::Others {
        return None;
    }
    let certain = match conditions(field(statement, "Condition"), caller) {
        Met::Yes => true,
        Met::Perhaps { by_network: true } if meant == Meant::Everybody => false,
        Met::Perhaps { .. } | Met::No => return None,
    };
    let statement = match texts(statement, "Sid").first() {
        Some(sid) => format!("statement `{sid}`"),
        None => format!("statement {}", index + 1),
    };
    Some(Lockout {
        statement,
        actions,
        certain,
    })
}

/// Whether a statement is about this action.
fn takes(statement: &Value, action: &str) -> bool {
    let named = |element: &str| {
        let patterns = texts(statement, element);
        let action = action.to_ascii_lowercase();
        let mut patterns = patterns.iter().map(|it| it.to_ascii_lowercase());
        patterns.any(|pattern| matches(&pattern, &action))
    };
    if field(statement, "NotAction").is_some() {
        !named("NotAction")
    } else {
        named("Action")
    }
}

/// Whether a statement is about the bucket itself, and not only its objects.
fn is_on(statement: &Value, arn: Option<&str>) -> bool {
    let covers = |resource: &Value| match (resource, arn) {
        (Value::String(pattern), Some(arn)) => matches(pattern, arn),
        (Value::String(pattern), None) => pattern == "*" || !pattern.contains('/'),
        // Not known yet: a bucket's own ARN, or with `/*` its objects.
        (Value::Template(_), _) => !resource.to_json().to_string().contains('/'),
        _ => true,
    };
    let any = |element: &str| values(statement, element).iter().any(covers);
    if field(statement, "NotResource").is_some() {
        !any("NotResource")
    } else {
        any("Resource")
    }
}

fn meant(statement: &Value, caller: &Caller) -> Meant {
    let is_caller = |name: &str| name == caller.account || caller.is_named_by(name);
    let of_account = |name: &str| {
        let root = name.strip_suffix(":root");
        root.is_some_and(|it| it.ends_with(&format!("::{}", caller.account)))
    };
    if let Some(spared) = field(statement, "NotPrincipal") {
        let names = named(spared);
        let spared = names.iter().any(|it| it == "*" || is_caller(it));
        return if spared {
            Meant::Others
        } else {
            Meant::Everybody
        };
    }
    let Some(principal) = field(statement, "Principal") else {
        return Meant::Others;
    };
    let names = named(principal);
    if names.iter().any(|it| it == "*") {
        Meant::Everybody
    } else if names.iter().any(|it| is_caller(it) || of_account(it)) {
        Meant::TheCaller
    } else {
        Meant::Others
    }
}

/// The AWS principals that an element names; services and the like are not
/// who calls here.
fn named(principal: &Value) -> Vec<String> {
    match principal {
        Value::Map(by_type) => by_type.get("AWS").map_or_else(Vec::new, |value| {
            let items = super::as_list(Some(value));
            items.iter().filter_map(Value::to_text).collect()
        }),
        other => super::as_list(Some(other))
            .iter()
            .filter_map(Value::to_text)
            .collect(),
    }
}

/// Whether a text fits a pattern in which `*` stands for any characters and `?`
/// for one (IAM user guide, "String condition operators").
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(&c) if c == '?' || Some(&c) == text.get(t) => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, seen)) => {
                    star = Some((at, seen + 1));
                    p = at + 1;
                    t = seen + 1;
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(p).all(|c| *c == '*')
}

#[cfg(test)]
mod tests;
