//! One document, for one request: which statements allow it and which deny it.

use super::answer::Answer;
use super::naming::Naming;
use super::request::Asked;
use super::statement::Reading;
use super::{field, items};
use crate::model::Value;
use crate::model::network::Known;

/// A document and what to call it.
#[derive(Debug, Clone)]
pub struct Source<'a> {
    /// Its name for people, which fits after "the": "endpoint policy of
    /// gateway_endpoint.s3".
    pub name: String,
    /// The document, which may hold values that only apply will know; or why it
    /// is not known.
    pub document: Known<&'a Value>,
}

impl<'a> Source<'a> {
    /// A document that is known.
    #[must_use]
    pub fn new(name: impl Into<String>, document: &'a Value) -> Self {
        Self {
            name: name.into(),
            document: Known::Is(document),
        }
    }
}

/// What a document is for; also the order in which they are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PolicyKind {
    /// The policy of an interface endpoint on the way.
    InterfaceEndpoint,
    /// The policy of a gateway endpoint on the way.
    GatewayEndpoint,
    /// The policy of the resource, such as a bucket's.
    Resource,
    /// The switches that keep the public out of a bucket; no document.
    PublicAccessBlock,
    /// A policy of the role or user.
    Identity,
    /// The policy that bounds a role or user.
    Boundary,
}

/// Which statement of a document: its number, and its Sid if it has one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct StatementName {
    /// The number, from 1.
    pub number: usize,
    /// The Sid.
    pub sid: Option<String>,
}

impl std::fmt::Display for StatementName {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.sid {
            Some(sid) => write!(out, "statement `{sid}`"),
            None => write!(out, "statement {}", self.number),
        }
    }
}

/// A statement of a document, read for a request.
pub(super) struct Statement<'a> {
    pub name: StatementName,
    pub value: &'a Value,
    pub reading: Reading,
}

/// A document, read for a request.
pub(super) struct Document<'a> {
    pub source: &'a str,
    pub kind: PolicyKind,
    pub statements: Vec<Statement<'a>>,
    /// Whether it says more than its statements; perhaps, where it is not known.
    odd: Answer,
}

/// As what a statement has to name who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum As {
    /// In any way.
    Anyhow,
    /// As everybody.
    Everybody,
    /// As itself or as everybody.
    Itself,
    /// As the role.
    Role,
}

impl<'a> Document<'a> {
    pub(super) fn read(source: &'a Source<'_>, kind: PolicyKind, asked: &Asked<'_>) -> Self {
        let (statements, odd) = match &source.document {
            Known::Is(document) => listed(document),
            Known::Not(why) => (Vec::new(), Answer::perhaps(why)),
        };
        let version = match &source.document {
            Known::Is(document) => field(document, "Version"),
            Known::Not(_) => None,
        };
        let statements = statements.into_iter().enumerate();
        let statements = statements.map(|(index, value)| Statement {
            name: named(index, value),
            value,
            reading: Reading::of(value, version, kind, asked),
        });
        Self {
            source: &source.name,
            kind,
            statements: statements.collect(),
            odd: odd.of(&source.name, None),
        }
    }

    /// Whether it refuses the request.
    pub(super) fn denies(&self) -> Answer {
        let denying = self.statements.iter().map(|it| self.denied_by(it));
        Answer::any(denying).or(self.odd.clone())
    }

    fn denied_by(&self, statement: &Statement<'_>) -> Answer {
        let reading = &statement.reading;
        let denies = reading.denies.clone().and(reading.fits());
        denies.of(self.source, Some(&statement.name))
    }

    /// Whether it allows the request to who asks, named like this.
    pub(super) fn allows(&self, named: As) -> Answer {
        let allowing = self.statements.iter().map(|it| self.allowed_by(it, named));
        Answer::any(allowing).or(self.odd.clone())
    }

    fn allowed_by(&self, statement: &Statement<'_>, named: As) -> Answer {
        let reading = &statement.reading;
        let allows = reading.allows.clone().and(reading.fits());
        let allows = allows.and(named.of(&reading.naming));
        allows.of(self.source, Some(&statement.name))
    }

    /// The statements that certainly refuse the request.
    pub(super) fn denying(&self) -> impl Iterator<Item = &Statement<'a>> {
        let statements = self.statements.iter();
        statements.filter(|it| self.denied_by(it).is_yes())
    }

    /// The first statement that certainly allows the request.
    pub(super) fn allowing(&self, named: As) -> Option<&Statement<'a>> {
        let mut statements = self.statements.iter();
        statements.find(|it| self.allowed_by(it, named).is_yes())
    }
}

impl As {
    fn of(self, naming: &Naming) -> Answer {
        match self {
            Self::Anyhow => Answer::Yes,
            Self::Everybody => naming.everybody.clone(),
            // What cannot be judged may be it.
            Self::Itself => Answer::any(
                [&naming.everybody, &naming.itself, &naming.otherwise]
                    .into_iter()
                    .cloned(),
            ),
            Self::Role => naming.role.clone(),
        }
    }
}

/// The statements of a document, and whether there may be more to it.
pub(super) fn listed(document: &Value) -> (Vec<&Value>, Answer) {
    let nothing = |odd: Answer| (Vec::new(), odd);
    match document {
        Value::Null => nothing(Answer::No),
        Value::Map(elements) if elements.is_empty() => nothing(Answer::No),
        Value::Map(elements) => match elements.get("Statement") {
            Some(statements) if super::is_later(statements) => {
                nothing(Answer::perhaps("it is known only after apply"))
            }
            Some(statements) => (items(Some(statements)), Answer::No),
            None => nothing(Answer::perhaps("it has no statements")),
        },
        other if super::is_later(other) => nothing(Answer::perhaps("it is known only after apply")),
        _ => nothing(Answer::perhaps("it is no policy document")),
    }
}

/// What a statement is called.
pub(super) fn named(index: usize, statement: &Value) -> StatementName {
    let sid = field(statement, "Sid").and_then(Value::to_text);
    StatementName {
        number: index + 1,
        sid,
    }
}
