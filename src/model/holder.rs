//! Holders: what keeps AWS from deleting an object, whose it is, and what is
//! done about it.
//!
//! ```text
//!  instance i-0a1b "web", not made by s3net: left alone, yours to delete
//!  └ what   └ id   └ note └ owner            └ fate
//! ```
//!
//! One form serves the live progress, the final error and the JSON events. What
//! the parts say comes from AWS's answers and from strangers' tags, so nothing
//! in them can end a line or fill a screen.

use std::fmt;

use serde::Serialize;

/// The longest text of somebody else's that is repeated, in characters.
const LONGEST: usize = 100;
/// How many holders are told of one by one; the rest is counted.
pub const TOLD: usize = 8;

/// One object that holds another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Holder {
    /// AWS's noun for it, such as `network interface`.
    pub what: String,
    /// AWS's id of it.
    pub id: String,
    /// What else helps to recognise it: its name, its service, how it holds.
    pub note: Option<String>,
    /// Whose it is.
    pub owner: Owner,
    /// What becomes of it.
    pub fate: Fate,
}

/// Whose an object is, as far as its tags and AWS say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Owner {
    /// This stack's.
    ThisStack {
        /// The address that its tags name.
        address: String,
    },
    /// Another s3net stack's.
    AnotherStack {
        /// That stack.
        stack: String,
        /// The address that its tags name.
        address: String,
    },
    /// A service of AWS put it there.
    Service {
        /// Its name, such as `AWS Lambda`.
        name: String,
    },
    /// It carries no tag of s3net.
    Unknown {
        /// The account it is of, where that is not this stack's.
        account: Option<String>,
    },
}

/// What becomes of a holder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "will", rename_all = "snake_case")]
pub enum Fate {
    /// AWS takes it down by itself; it is waited for.
    Wait,
    /// This very run deletes it; it is waited for.
    DeleteFirst,
    /// s3net leaves it alone: the user decides.
    Ask {
        /// What to do, a sentence fragment after "it is yours to".
        advice: String,
        /// The AWS CLI's command that does it, in lines that fit 72 columns
        /// and can be pasted into a shell.
        command: Option<String>,
    },
}

impl Holder {
    /// Whether it goes without anybody's help, so that waiting serves.
    #[must_use]
    pub fn passes(&self) -> bool {
        !matches!(self.fate, Fate::Ask { .. })
    }

    /// What it is and whose: `instance i-0a1b "web", not made by s3net`.
    #[must_use]
    pub fn named(&self) -> String {
        let note = self.note.as_ref();
        let note = note.map_or_else(String::new, |note| format!(" {note}"));
        format!("{} {}{note}, {}", self.what, self.id, self.owner)
    }

    /// What is to be done about it by the user, in lines; nothing where it
    /// passes.
    #[must_use]
    pub fn remedy(&self) -> Option<String> {
        let Fate::Ask { advice, command } = &self.fate else {
            return None;
        };
        let start = format!("{} {}: {advice}", self.what, self.id);
        Some(match command {
            Some(command) => format!("{start}\n{command}"),
            None => start,
        })
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.named(), self.fate)
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ThisStack { address } => write!(out, "{address} of this stack"),
            Self::AnotherStack { stack, address } => write!(out, "{address} of stack {stack}"),
            Self::Service { name } => write!(out, "put there by {name}"),
            Self::Unknown { account: None } => out.write_str("not made by s3net"),
            Self::Unknown {
                account: Some(account),
            } => write!(out, "of account {account}"),
        }
    }
}

impl fmt::Display for Fate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Wait => "AWS takes it down, so it is waited for",
            Self::DeleteFirst => "this run deletes it, so it is waited for",
            Self::Ask { .. } => "left alone, for you to decide",
        })
    }
}

/// The holders in one line, those that need the user first: the first two, and
/// how many more there are.
#[must_use]
pub fn in_brief(holders: &[Holder]) -> String {
    match holders {
        [] => "something that AWS does not name".to_owned(),
        [one] => one.named(),
        [one, two] => format!("{}; and {}", one.named(), two.named()),
        [one, two, rest @ ..] => {
            let (one, two) = (one.named(), two.named());
            format!("{one}; {two}; and {} more", rest.len())
        }
    }
}

/// The first holder's id, and how many more there are: for a line that is drawn
/// again and again.
#[must_use]
pub fn in_few_words(holders: &[Holder]) -> String {
    match holders {
        [] => "what AWS does not name".to_owned(),
        [one] => format!("{} {}", one.what, one.id),
        [one, rest @ ..] => format!("{} {} and {} more", one.what, one.id, rest.len()),
    }
}

/// The holders a line each, as many as one wants to read.
#[must_use]
pub fn in_lines(holders: &[Holder]) -> Vec<String> {
    let told = holders.iter().take(TOLD);
    let mut lines: Vec<String> = told.map(|holder| format!("- {holder}")).collect();
    if holders.len() > TOLD {
        lines.push(format!("- and {} more", holders.len() - TOLD));
    }
    lines
}

/// What the user is to do about the holders, in lines; nothing where all of
/// them pass.
#[must_use]
pub fn remedy(holders: &[Holder]) -> Option<String> {
    let mut lines = Vec::new();
    for holder in holders.iter().take(TOLD) {
        lines.extend(holder.remedy().map(|remedy| format!("- {remedy}")));
    }
    if lines.is_empty() {
        return None;
    }
    lines.push("Then run again: it goes on from here.".to_owned());
    Some(lines.join("\n"))
}

/// A text of somebody else's in one line, without control characters, and cut
/// with `…` where it is long.
#[must_use]
pub fn clipped(text: &str) -> String {
    let mut clean: String = text
        .chars()
        .take(LONGEST + 1)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if let Some((at, _)) = clean.char_indices().nth(LONGEST) {
        clean.truncate(at);
        clean.push('…');
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn instance() -> Holder {
        Holder {
            what: "instance".into(),
            id: "i-1".into(),
            note: Some("\"web\"".into()),
            owner: Owner::Unknown { account: None },
            fate: Fate::Ask {
                advice: "terminate it, if it may go".into(),
                command: Some("aws ec2 terminate-instances --instance-ids i-1".into()),
            },
        }
    }

    fn with_owner(owner: Owner, fate: Fate) -> Holder {
        Holder {
            owner,
            fate,
            note: None,
            ..instance()
        }
    }

    #[test]
    fn a_holder_says_what_it_is_whose_and_what_becomes_of_it() {
        assert_eq!(
            instance().to_string(),
            "instance i-1 \"web\", not made by s3net: left alone, for you to decide"
        );
        let ours = Owner::ThisStack {
            address: "instance.one".into(),
        };
        let other = Owner::AnotherStack {
            stack: "shop".into(),
            address: "instance.one".into(),
        };
        let lambda = Owner::Service {
            name: "AWS Lambda".into(),
        };
        let account = Owner::Unknown {
            account: Some("111122223333".into()),
        };
        let told = [
            with_owner(ours, Fate::DeleteFirst),
            with_owner(other, Fate::Wait),
            with_owner(lambda, Fate::Wait),
            with_owner(account, Fate::Wait),
        ];
        insta::assert_snapshot!(in_lines(&told).join("\n"), @r"
        - instance i-1, instance.one of this stack: this run deletes it, so it is waited for
        - instance i-1, instance.one of stack shop: AWS takes it down, so it is waited for
        - instance i-1, put there by AWS Lambda: AWS takes it down, so it is waited for
        - instance i-1, of account 111122223333: AWS takes it down, so it is waited for
        ");
        assert_eq!(remedy(&told), None);
    }

    #[test]
    fn many_are_counted() {
        let many = vec![instance(); 12];
        assert_eq!(in_lines(&many).len(), TOLD + 1);
        assert_eq!(in_lines(&many)[TOLD], "- and 4 more");
        assert!(in_brief(&many).ends_with("; and 10 more"));
        assert_eq!(in_brief(&[]), "something that AWS does not name");
        assert_eq!(in_few_words(&many), "instance i-1 and 11 more");
        assert_eq!(in_few_words(&many[..1]), "instance i-1");
    }

    #[test]
    fn the_remedy_has_a_command_for_each() {
        let text = remedy(&[instance()]).unwrap();
        insta::assert_snapshot!(text, @r"
        - instance i-1: terminate it, if it may go
        aws ec2 terminate-instances --instance-ids i-1
        Then run again: it goes on from here.
        ");
    }

    proptest! {
        #[test]
        fn what_others_say_stays_in_one_short_line(text in ".{0,300}") {
            let clean = clipped(&text);
            prop_assert!(clean.chars().count() <= LONGEST + 1);
            prop_assert!(!clean.contains(char::is_control));
        }
    }
}
