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

use super::answer::Answer;
use super::conditions::Condition;
use super::document::{PolicyKind, listed, named};
use super::keys::{Holds, Keys};
use super::principal::Principal;
use super::request::{Asked, Request};
use super::statement::{self, Reading};
use super::text::Text;
use super::{field, is_later, items};
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

/// The keys that say through which endpoint, VPC or private address a call came.
const NETWORK: [&str; 3] = ["aws:SourceVpce", "aws:SourceVpc", "aws:VpcSourceIp"];

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
    fn principal(&self) -> (String, bool) {
        match Principal::from(self) {
            Principal::Session { role, whole, .. } => (role, whole),
            _ => (self.arn.clone(), true),
        }
    }

    /// What it asks, from outside every VPC and over TLS.
    fn request(&self, arn: Option<&str>) -> Request {
        let keys = Keys::new()
            .without(&NETWORK)
            .without(&["aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast"])
            .with_text("aws:userid", &self.user_id)
            .with_text("aws:PrincipalAccount", &self.account)
            .with_text("aws:SecureTransport", "true")
            .with_text("aws:ViaAWSService", "false")
            .with("aws:SourceIp", Holds::Something);
        Request {
            action: ACTIONS[0].to_owned(),
            resource: arn.map(str::to_owned),
            principal: self.into(),
            keys,
        }
    }
}

impl From<&Caller> for Principal {
    fn from(caller: &Caller) -> Self {
        let parts: Vec<&str> = caller.arn.splitn(6, ':').collect();
        let user = || Self::User {
            arn: caller.arn.clone(),
        };
        match parts[..] {
            ["arn", _, "iam", _, account, "root"] => Self::Root {
                account: account.to_owned(),
            },
            ["arn", partition, "sts", _, account, rest] => {
                let mut rest = rest.split('/');
                match (rest.next(), rest.next()) {
                    (Some("assumed-role"), Some(role)) => Self::Session {
                        role: format!("arn:{partition}:iam::{account}:role/{role}"),
                        whole: false,
                        session: rest.next().map(str::to_owned),
                    },
                    _ => user(),
                }
            }
            _ => user(),
        }
    }
}

/// The statements of a bucket's policy that would shut the caller out of the
/// policy itself. `arn` is the bucket's, where it is known.
#[must_use]
pub fn lockouts(document: &Value, arn: Option<&str>, caller: &Caller) -> Vec<Lockout> {
    if caller.is_root() {
        return Vec::new();
    }
    let request = caller.request(arn);
    let mut asked = Asked::new(&request);
    if arn.is_none() {
        asked.resource = some_bucket();
    }
    let (statements, _) = listed(document);
    let statements = statements.into_iter().enumerate();
    statements
        .filter_map(|(index, value)| {
            let version = field(document, "Version");
            let reading = Reading::of(value, version, PolicyKind::Resource, &asked);
            let certain = shuts_out(value, &reading)?;
            let actions = taken(value, &asked);
            (!actions.is_empty()).then(|| Lockout {
                statement: named(index, value).to_string(),
                actions,
                certain,
            })
        })
        .collect()
}

/// The ARN of a bucket whose name is not known.
fn some_bucket() -> Text {
    let mut text = Text::known("arn:");
    text.push_word();
    text.push_known(":s3:::");
    text.push_word();
    text
}

/// The actions that a statement is certainly about.
fn taken(statement: &Value, asked: &Asked<'_>) -> Vec<&'static str> {
    let is_about = |action: &&&str| {
        let asked = Asked {
            action_name: action,
            action: Text::known(action).lower(),
            resource: Text::default(),
            resource_name: String::new(),
            principal: asked.principal,
            keys: asked.keys,
        };
        statement::action(statement, &asked).is_yes()
    };
    ACTIONS.iter().filter(is_about).copied().collect()
}

/// Whether a statement shuts the caller out: certainly, perhaps, or not at all.
fn shuts_out(statement: &Value, reading: &Reading) -> Option<bool> {
    // A name that is not known may be the bucket's own.
    let on_bucket = match field(statement, "NotResource") {
        Some(_) => reading.resource.is_yes(),
        None => !reading.resource.is_no(),
    };
    if !reading.denies.is_yes() || !on_bucket {
        return None;
    }
    let meant = meant(statement, reading);
    let (mut open, mut by_network) = (false, false);
    for condition in &reading.conditions {
        match &condition.answer {
            Answer::No => return None,
            // One that may except the caller is taken to do so.
            Answer::Perhaps(_) if may_except(condition) => return None,
            Answer::Perhaps(_) => open = true,
            Answer::Yes => by_network |= is_of_network(condition),
        }
    }
    match (meant, open) {
        (Meant::Others, _) => None,
        (_, false) => Some(true),
        (Meant::Everybody, true) if by_network => Some(false),
        (_, true) => None,
    }
}

fn is_of_network(condition: &Condition) -> bool {
    let mut keys = NETWORK.iter();
    keys.any(|key| key.eq_ignore_ascii_case(&condition.key))
}

/// Whether only the path of the caller's role keeps a condition from being
/// judged.
fn may_except(condition: &Condition) -> bool {
    condition.negated && condition.key.eq_ignore_ascii_case("aws:PrincipalArn")
}

fn meant(statement: &Value, reading: &Reading) -> Meant {
    if field(statement, "NotPrincipal").is_some() {
        return match reading.principal {
            Answer::Yes => Meant::Everybody,
            Answer::No | Answer::Perhaps(_) => Meant::Others,
        };
    }
    let Some(principal) = field(statement, "Principal") else {
        return Meant::Others;
    };
    let naming = &reading.naming;
    let named = [&naming.itself, &naming.role, &naming.account];
    // What is not known yet names nobody for certain; a role's path is known to
    // whoever wrote it.
    let later = principal.as_map().is_some_and(|kinds| {
        let mut names = kinds.values().flat_map(|names| items(Some(names)));
        names.any(is_later)
    });
    if naming.everybody.is_yes() {
        Meant::Everybody
    } else if named.iter().any(|it| it.is_yes()) || (!later && !naming.role.is_no()) {
        Meant::TheCaller
    } else {
        Meant::Others
    }
}

#[cfg(test)]
mod tests;
