//! Diagnostics: what is wrong with the user's input, where, why, and what to do.
//!
//! They are collected, never thrown at the first: a user sees all problems of a
//! file at once. They are plain data; `report` draws them.

use std::ops::Range;

use serde::Serialize;

/// A byte range of the plan file's text.
pub type Span = Range<usize>;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The run goes on.
    Warning,
    /// The run stops before any call.
    Error,
}

/// A place in the file with a word about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Label {
    /// Which text.
    pub span: Span,
    /// What to say of it.
    pub text: String,
}

/// One problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// The problem in a sentence fragment, lower case, without a full stop.
    pub problem: String,
    /// Why it is a problem, where that is not plain.
    pub cause: Option<String>,
    /// What to do.
    pub remedy: Option<String>,
    /// Where it stands; the first label is the main one.
    pub labels: Vec<Label>,
}

impl Diagnostic {
    /// An error at a place of the file.
    #[must_use]
    pub fn error(span: Span, problem: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            problem: problem.into(),
            cause: None,
            remedy: None,
            labels: vec![Label {
                span,
                text: String::new(),
            }],
        }
    }

    /// A warning at a place of the file.
    #[must_use]
    pub fn warning(span: Span, problem: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(span, problem)
        }
    }

    /// Adds a word under the main place.
    #[must_use]
    pub fn here(mut self, text: impl Into<String>) -> Self {
        if let Some(label) = self.labels.first_mut() {
            label.text = text.into();
        }
        self
    }

    /// Adds a second place.
    #[must_use]
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label {
            span,
            text: text.into(),
        });
        self
    }

    /// Says why it is a problem.
    #[must_use]
    pub fn because(mut self, cause: impl Into<String>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// Whether it stops the run.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// The nearest of `candidates` to what the user typed, if near enough to suggest:
/// a few letters wrong, left out, added or swapped, or the beginning of a longer
/// word.
#[must_use]
pub fn did_you_mean<'a>(
    typed: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (nearness(typed, candidate), candidate))
        .filter(|(nearness, _)| *nearness > 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// How near two words are, from 0 to 1.
fn nearness(typed: &str, candidate: &str) -> f64 {
    let same = strsim::normalized_damerau_levenshtein(typed, candidate);
    if typed.len() >= 3 && candidate.starts_with(typed) {
        same.max(0.65)
    } else {
        same
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_only_what_is_near() {
        let kinds = ["subnet", "route_table", "vpc"];
        assert_eq!(did_you_mean("subent", kinds), Some("subnet"));
        assert_eq!(did_you_mean("vcp", kinds), Some("vpc"));
        assert_eq!(did_you_mean("route", kinds), Some("route_table"));
        assert_eq!(did_you_mean("cidr", ["id"]), None);
        assert_eq!(did_you_mean("zebra", kinds), None);
    }
}
