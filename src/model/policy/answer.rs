//! Yes, no, or perhaps: what can be said of a statement before AWS says it.
//!
//! The three combine as Kleene's logic has it, so that what cannot be known
//! never decides, and does not count where it cannot change the outcome:
//!
//! | | and | or |
//! |---|---|---|
//! | no, perhaps | no | perhaps |
//! | yes, perhaps | perhaps | yes |

use super::document::StatementName;

/// Whether something holds for a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// It cannot be known, and why.
    Perhaps(Vec<Doubt>),
}

/// Why something cannot be known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Doubt {
    /// The document that it is about, by its name.
    pub source: Option<String>,
    /// The statement.
    pub statement: Option<StatementName>,
    /// Why, as a sentence fragment: "aws:PrincipalOrgID is not known before the
    /// call is made".
    pub why: String,
}

impl Doubt {
    /// A doubt that belongs to no document yet.
    #[must_use]
    pub fn new(why: impl Into<String>) -> Self {
        Self {
            source: None,
            statement: None,
            why: why.into(),
        }
    }
}

impl std::fmt::Display for Doubt {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.statement, &self.source) {
            (Some(statement), Some(source)) => {
                write!(out, "{statement} of the {source}: {}", self.why)
            }
            (None, Some(source)) => write!(out, "the {source}: {}", self.why),
            (Some(statement), None) => write!(out, "{statement}: {}", self.why),
            (None, None) => out.write_str(&self.why),
        }
    }
}

impl From<bool> for Answer {
    fn from(holds: bool) -> Self {
        match holds {
            true => Self::Yes,
            false => Self::No,
        }
    }
}

impl Answer {
    /// Not known, for this reason.
    #[must_use]
    pub fn perhaps(why: impl Into<String>) -> Self {
        Self::Perhaps(vec![Doubt::new(why)])
    }

    /// Whether it certainly holds.
    #[must_use]
    pub const fn is_yes(&self) -> bool {
        matches!(self, Self::Yes)
    }

    /// Whether it certainly does not hold.
    #[must_use]
    pub const fn is_no(&self) -> bool {
        matches!(self, Self::No)
    }

    /// Why it is not known; nothing where it is.
    #[must_use]
    pub fn doubts(&self) -> &[Doubt] {
        match self {
            Self::Perhaps(doubts) => doubts,
            Self::Yes | Self::No => &[],
        }
    }

    /// Whether the opposite holds.
    #[must_use]
    pub fn negated(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            perhaps => perhaps,
        }
    }

    /// Whether both hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Yes, other) | (other, Self::Yes) => other,
            (Self::Perhaps(one), Self::Perhaps(more)) => Self::Perhaps(joined(one, more)),
        }
    }

    /// Whether one of the two holds.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Yes, _) | (_, Self::Yes) => Self::Yes,
            (Self::No, other) | (other, Self::No) => other,
            (Self::Perhaps(one), Self::Perhaps(more)) => Self::Perhaps(joined(one, more)),
        }
    }

    /// Whether all hold; of none, yes.
    #[must_use]
    pub fn all(answers: impl IntoIterator<Item = Self>) -> Self {
        answers.into_iter().fold(Self::Yes, Self::and)
    }

    /// Whether one of them holds; of none, no.
    #[must_use]
    pub fn any(answers: impl IntoIterator<Item = Self>) -> Self {
        answers.into_iter().fold(Self::No, Self::or)
    }

    /// What holds whichever of several worlds is the true one: theirs where they
    /// agree, else not known for this reason.
    #[must_use]
    pub fn whichever(answers: impl IntoIterator<Item = Self>, why: &str) -> Self {
        let mut answers = answers.into_iter();
        let Some(mut agreed) = answers.next() else {
            return Self::perhaps(why);
        };
        for answer in answers {
            agreed = match (agreed, answer) {
                (Self::Yes, Self::Yes) => Self::Yes,
                (Self::No, Self::No) => Self::No,
                (Self::Perhaps(one), Self::Perhaps(more)) => Self::Perhaps(joined(one, more)),
                (Self::Perhaps(doubts), _) | (_, Self::Perhaps(doubts)) => Self::Perhaps(doubts),
                _ => Self::perhaps(why),
            };
        }
        agreed
    }

    /// The same, with every doubt ascribed to a statement of a document.
    #[must_use]
    pub fn of(self, source: &str, statement: Option<&StatementName>) -> Self {
        match self {
            Self::Perhaps(doubts) => Self::Perhaps(
                doubts
                    .into_iter()
                    .map(|doubt| Doubt {
                        source: Some(source.to_owned()),
                        statement: statement.cloned(),
                        why: doubt.why,
                    })
                    .collect(),
            ),
            known => known,
        }
    }
}

fn joined(mut one: Vec<Doubt>, more: Vec<Doubt>) -> Vec<Doubt> {
    for doubt in more {
        if !one.contains(&doubt) {
            one.push(doubt);
        }
    }
    one
}

#[cfg(test)]
mod tests {
    use super::*;

    fn perhaps() -> Answer {
        Answer::perhaps("why")
    }

    #[test]
    fn what_is_not_known_never_decides() {
        assert_eq!(Answer::No.and(perhaps()), Answer::No);
        assert_eq!(Answer::Yes.and(perhaps()), perhaps());
        assert_eq!(Answer::Yes.or(perhaps()), Answer::Yes);
        assert_eq!(Answer::No.or(perhaps()), perhaps());
        assert_eq!(perhaps().negated(), perhaps());
        assert_eq!(Answer::all([]), Answer::Yes);
        assert_eq!(Answer::any([]), Answer::No);
        let twice = perhaps().and(perhaps());
        assert_eq!(twice, perhaps(), "one doubt is told once");
        let other = Answer::perhaps("other");
        assert_eq!(perhaps().or(other).doubts().len(), 2);
    }

    #[test]
    fn worlds_that_differ_leave_it_open() {
        let whichever = |answers: [Answer; 2]| Answer::whichever(answers, "it differs");
        assert_eq!(whichever([Answer::Yes, Answer::Yes]), Answer::Yes);
        assert_eq!(
            whichever([Answer::Yes, Answer::No]),
            Answer::perhaps("it differs")
        );
        assert_eq!(whichever([Answer::No, perhaps()]), perhaps());
    }
}
