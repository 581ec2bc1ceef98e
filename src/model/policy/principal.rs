//! Who makes a request, and what follows from that for its condition keys.
//!
//! A request of a role is made by one of its sessions: `aws:PrincipalArn` holds
//! the role's ARN, `aws:userid` ends in the session's name, and there is no
//! `aws:username` (IAM user guide, "AWS global condition context keys").

use super::keys::Held;
use super::text::Text;
use crate::model::network::ACCOUNT_STAND_IN;

/// Who makes a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// A session of a role.
    Session {
        /// The role's ARN.
        role: String,
        /// Whether that ARN has the role's path; a session's ARN leaves it out.
        whole: bool,
        /// The session's name, if it is known.
        session: Option<String>,
    },
    /// A user, by its ARN.
    User {
        /// The ARN.
        arn: String,
    },
    /// An account's root user.
    Root {
        /// The account.
        account: String,
    },
    /// Nobody that AWS knows: the request is not signed.
    Anonymous,
    /// Somebody of an account; which role or user is not known.
    Somebody {
        /// The account, if it is known.
        account: Option<String>,
    },
}

impl Principal {
    /// Of which account it is, if that is known.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        let account = match self {
            Self::Session { role, .. } => role.split(':').nth(4)?,
            Self::User { arn } => arn.split(':').nth(4)?,
            Self::Root { account } => account,
            Self::Somebody { account } => account.as_deref()?,
            Self::Anonymous => return None,
        };
        is_account(account).then_some(account)
    }

    /// Its ARN, as `aws:PrincipalArn` holds it: of a session the role's.
    #[must_use]
    pub fn arn(&self) -> Option<String> {
        match self {
            Self::Session { role, .. } => Some(role.clone()),
            Self::User { arn } => Some(arn.clone()),
            Self::Root { account } => Some(format!("arn:aws:iam::{account}:root")),
            Self::Anonymous | Self::Somebody { .. } => None,
        }
    }

    /// The ARNs that `aws:PrincipalArn` may hold.
    pub(super) fn arns(&self) -> Vec<Text> {
        match self {
            Self::Session { role, whole, .. } => {
                let plain = arn_text(role);
                let with_path = role.rsplit_once('/').filter(|_| !whole);
                let with_path = with_path.map(|(head, name)| {
                    let mut text = arn_text(head);
                    text.push_known("/");
                    text.push_anything();
                    text.push_known("/");
                    text.push_known(name);
                    text
                });
                std::iter::once(plain).chain(with_path).collect()
            }
            Self::User { arn } => vec![arn_text(arn)],
            Self::Root { account } => {
                // The partition does not follow from an account.
                let mut text = Text::known("arn:");
                text.push_word();
                text.push_known(&format!(":iam::{account}:root"));
                vec![text]
            }
            Self::Somebody { account } => {
                let mut text = Text::known("arn:");
                text.push_word();
                text.push_known(":iam::");
                match account {
                    Some(account) => text.push_known(account),
                    None => text.push_word(),
                }
                text.push_known(":");
                text.push_anything();
                vec![text]
            }
            Self::Anonymous => Vec::new(),
        }
    }

    /// The ARN of a role's session, as far as it is known.
    pub(super) fn session_arn(&self) -> Option<Text> {
        let Self::Session { role, session, .. } = self else {
            return None;
        };
        let (head, resource) = role.split_once(":role/")?;
        let name = resource.rsplit('/').next().unwrap_or(resource);
        let head = head.replacen(":iam:", ":sts:", 1);
        let mut text = arn_text(&format!("{head}:assumed-role/{name}/"));
        match session {
            Some(session) => text.push_known(session),
            None => text.push_word(),
        }
        Some(text)
    }

    /// What a condition key holds because of who asks; nothing of keys that do
    /// not follow from that (IAM user guide, "AWS global condition context keys",
    /// "Properties of the principal").
    pub(super) fn held(&self, key: &str) -> Option<Held> {
        let unknown = || Held::Unknown("who asks is not known".to_owned());
        Some(match key {
            "aws:principalarn" => match self {
                Self::Anonymous => Held::Missing,
                other => Held::OneOf(other.arns()),
            },
            "aws:principalaccount" => match (self, self.account()) {
                (Self::Anonymous, _) => return None,
                (_, Some(account)) => Held::text(account),
                _ => Held::Something,
            },
            "aws:principaltype" => match self {
                Self::Session { .. } => Held::text("AssumedRole"),
                Self::User { arn } if arn.contains(":user/") => Held::text("User"),
                Self::User { arn } if arn.contains(":federated-user/") => {
                    Held::text("FederatedUser")
                }
                Self::Root { .. } => Held::text("Account"),
                Self::Anonymous => Held::text("Anonymous"),
                Self::User { .. } | Self::Somebody { .. } => Held::Something,
            },
            "aws:username" => match self {
                Self::User { arn } => match arn.split_once(":user/") {
                    Some((_, name)) => Held::text(name.rsplit('/').next().unwrap_or(name)),
                    None => Held::Missing,
                },
                Self::Somebody { .. } => unknown(),
                Self::Session { .. } | Self::Root { .. } | Self::Anonymous => Held::Missing,
            },
            "aws:userid" => match self {
                Self::Session { session, .. } => {
                    let mut text = Text::known("AROA");
                    text.push_word();
                    text.push_known(":");
                    match session {
                        Some(session) => text.push_known(session),
                        None => text.push_word(),
                    }
                    Held::Texts(vec![text])
                }
                Self::Root { account } => Held::text(account),
                Self::Anonymous => return None,
                Self::User { .. } | Self::Somebody { .. } => Held::Something,
            },
            "aws:principalisawsservice" => Held::text("false"),
            "aws:principalservicename" | "aws:principalservicenameslist" => Held::Missing,
            "aws:principalorgid" | "aws:principalorgpaths" if *self == Self::Anonymous => {
                Held::Missing
            }
            key if key.starts_with("aws:principaltag/") && *self == Self::Anonymous => {
                Held::Missing
            }
            _ => return None,
        })
    }
}

/// Whether a text is an account's id, or stands in for the one that only AWS can
/// tell.
pub(super) fn is_account(text: &str) -> bool {
    let id = text.len() == 12 && text.chars().all(|c| c.is_ascii_digit());
    id || text == ACCOUNT_STAND_IN
}

/// An ARN as a text; a part that should be an account and is none is not known.
fn arn_text(arn: &str) -> Text {
    let mut text = Text::default();
    for (at, part) in arn.splitn(6, ':').enumerate() {
        if at > 0 {
            text.push_known(":");
        }
        match at {
            4 if !is_account(part) => text.push_word(),
            _ => text.push_known(part),
        }
    }
    text
}
