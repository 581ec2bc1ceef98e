//! Whom a statement names.
//!
//! A statement may name a role's session, the role, its account, or everybody,
//! and in a bucket's own account it makes a difference which (IAM user guide,
//! "Policy evaluation logic for requests within a single account"):
//!
//! | a bucket policy allows | that is |
//! |---|---|
//! | everybody, the session, the user | enough, even past a permissions boundary |
//! | the role | enough as far as the role's boundary allows it |
//! | the account | left to the account's own policies |

use super::answer::Answer;
use super::principal::{Principal, is_account};
use super::text::Text;
use super::variables::Reader;
use crate::model::Value;

/// Whether a statement names who asks, and as what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Naming {
    /// As everybody.
    pub everybody: Answer,
    /// By the very session or user, or as an account's root user.
    pub itself: Answer,
    /// By the role.
    pub role: Answer,
    /// By the account.
    pub account: Answer,
    /// In a way that cannot be judged.
    pub otherwise: Answer,
}

impl Principal {
    /// Whether a `Principal` or `NotPrincipal` names it. Of a gateway endpoint's
    /// policy an account means its root user only, and no other name is taken
    /// (VPC user guide, "Principals for gateway endpoints").
    pub(super) fn named_by(&self, element: &Value, at_gateway: bool) -> Naming {
        let mut naming = Naming::nobody();
        match element {
            Value::String(text) if text == "*" => naming.everybody = Answer::Yes,
            Value::Map(kinds) => {
                for (kind, names) in kinds {
                    for name in super::items(Some(names)) {
                        self.name(&mut naming, kind, name, at_gateway);
                    }
                }
            }
            other => {
                naming.otherwise = match super::is_later(other) {
                    true => Answer::perhaps("its principal is known only after apply"),
                    false => Answer::perhaps("its principal is none that AWS takes"),
                };
            }
        }
        naming
    }

    fn name(&self, naming: &mut Naming, kind: &str, name: &Value, at_gateway: bool) {
        let add = |slot: &mut Answer, answer: Answer| {
            *slot = std::mem::replace(slot, Answer::No).or(answer);
        };
        match kind {
            "AWS" => {}
            // Those are not who asks here.
            "Service" | "Federated" => return,
            "CanonicalUser" if *self == Self::Anonymous => return,
            "CanonicalUser" => {
                let why = "whose canonical user id that is, is not known";
                return add(&mut naming.otherwise, Answer::perhaps(why));
            }
            other => {
                let why = format!("`{other}` is no kind of principal");
                return add(&mut naming.otherwise, Answer::perhaps(why));
            }
        }
        if name.as_text() == Some("*") {
            return add(&mut naming.everybody, Answer::Yes);
        }
        if *self == Self::Anonymous && !super::is_later(name) {
            return;
        }
        let Some(wanted) = Reader::PATTERNS.read(name) else {
            let why = "a principal is neither an ARN nor an account";
            return add(&mut naming.otherwise, Answer::perhaps(why));
        };
        let wildcard = wanted.text.has_wildcard();
        let asked = |answer: Answer| match (answer, &wanted.why) {
            (Answer::Perhaps(_), Some(why)) => Answer::perhaps(why),
            (Answer::Yes, _) if wildcard => {
                Answer::perhaps("AWS takes no wildcard in a part of a principal")
            }
            (answer, _) => answer,
        };
        let (of_account, root) = self.account_named(&wanted.text, name);
        let itself = Answer::any(self.itself().iter().map(|it| wanted.text.fits(it)));
        let role = match self {
            Self::Session { .. } => Answer::whichever(
                self.arns().iter().map(|it| wanted.text.fits(it)),
                "the role's path is not known",
            ),
            _ => Answer::No,
        };
        let by_id = name.as_text().filter(|it| is_unique_id(it));
        if let Some(id) = by_id {
            let why = format!("whose unique id {id} is, is not known");
            add(&mut naming.otherwise, Answer::perhaps(why));
        } else if at_gateway {
            // An account there is its root user, whom anybody else is not.
            let is_root = matches!(self, Self::Root { .. });
            match (is_root, root) {
                (true, _) => add(&mut naming.itself, asked(of_account)),
                (false, true) => {}
                (false, false) => {
                    let named = asked(itself.or(role));
                    let why = "a gateway endpoint's policy takes `*` and accounts as principals";
                    if !named.is_no() {
                        add(&mut naming.otherwise, Answer::perhaps(why));
                    }
                }
            }
        } else {
            add(&mut naming.account, asked(of_account));
            add(&mut naming.itself, asked(itself));
            add(&mut naming.role, asked(role));
        }
        if wanted.why.is_some() && !naming.everybody.is_yes() && is_anything(name) {
            add(&mut naming.everybody, asked(Answer::perhaps("")));
        }
    }

    /// Who it is itself: its session or user.
    fn itself(&self) -> Vec<Text> {
        match self {
            Self::Session { .. } => self.session_arn().into_iter().collect(),
            Self::User { .. } => self.arns(),
            // A user, or a session of some role.
            Self::Somebody { account } => {
                let mut session = Text::known("arn:");
                session.push_word();
                session.push_known(":sts::");
                match account {
                    Some(account) => session.push_known(account),
                    None => session.push_word(),
                }
                session.push_known(":");
                session.push_anything();
                let mut all = self.arns();
                all.push(session);
                all
            }
            Self::Root { .. } | Self::Anonymous => Vec::new(),
        }
    }

    /// Whether a name is that of its account, and whether it is some account's.
    fn account_named(&self, wanted: &Text, name: &Value) -> (Answer, bool) {
        let Some(text) = name.as_text() else {
            let mut root = Text::known("arn:");
            root.push_word();
            root.push_known(":iam::");
            match self.account() {
                Some(account) => root.push_known(account),
                None => root.push_word(),
            }
            root.push_known(":root");
            return (wanted.fits(&root), false);
        };
        let parts: Vec<&str> = text.split(':').collect();
        let account = match parts[..] {
            ["arn", _, "iam", "", account, "root"] => account,
            [account] if is_account(account) => account,
            _ => return (Answer::No, false),
        };
        let named = match self.account() {
            Some(own) => Answer::from(own == account),
            None if *self == Self::Anonymous => Answer::No,
            None => Answer::perhaps("the account of who asks is not known"),
        };
        (named, true)
    }
}

impl Naming {
    /// Nobody is named.
    pub(super) const fn nobody() -> Self {
        Self {
            everybody: Answer::No,
            itself: Answer::No,
            role: Answer::No,
            account: Answer::No,
            otherwise: Answer::No,
        }
    }

    /// Everybody is.
    pub(super) fn everybody() -> Self {
        let mut naming = Self::nobody();
        naming.everybody = Answer::Yes;
        naming
    }

    /// Whether who asks is named in some way.
    pub(super) fn any(&self) -> Answer {
        let ways = [&self.everybody, &self.itself, &self.role, &self.account];
        Answer::any(ways.into_iter().chain([&self.otherwise]).cloned())
    }
}

/// Whether a name is the unique id of a user or role, as AWS shows one that is
/// gone (IAM user guide, "Unique identifiers").
fn is_unique_id(text: &str) -> bool {
    ["AIDA", "AROA"].iter().any(|it| text.starts_with(it)) && !text.contains(':')
}

/// Whether a name that is to come may be `*`.
fn is_anything(name: &Value) -> bool {
    matches!(name, Value::Unknown)
}

#[cfg(test)]
mod tests;
