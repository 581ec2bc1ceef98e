//! The shape of a whole policy document.
//!
//! AWS refuses a document with a misspelt element with one word,
//! `MalformedPolicy`. The grammar is small and public (IAM user guide, "Grammar
//! of the IAM JSON policy language"), so mistakes are told here.

use std::collections::BTreeMap;

use super::document::Item;
use super::fields::list_of;
use super::policies::VERSION;
use super::reading::Found;
use crate::kind::PolicyUse;
use crate::model::diagnostic::did_you_mean;
use crate::model::policy::{DOCUMENT_ELEMENTS, STATEMENT_ELEMENTS};
use crate::model::{Diagnostic, Span, Value};

/// One document on its way through the checks.
pub(crate) struct DocumentCheck<'a> {
    /// What it is attached to.
    pub used: PolicyUse,
    /// Where the field stands.
    pub item: &'a Item,
    /// The field's path.
    pub path: &'a str,
}

impl DocumentCheck<'_> {
    /// The document with its version, or nothing once its problems are told.
    pub(crate) fn check(&self, document: Value, found: &mut Found) -> Option<Value> {
        let before = found.problems.len();
        let Value::Map(mut document) = document else {
            return found.problem(self.error("", found, "a policy is a table of elements"));
        };
        self.unknown("", &document, DOCUMENT_ELEMENTS, found);
        match document.get("Version") {
            None => {
                document.insert("Version".to_owned(), Value::text(VERSION));
            }
            Some(Value::String(text)) if text == VERSION || text == "2008-10-17" => {}
            Some(_) => {
                let problem = self
                    .error(".Version", found, "no such version of the policy language")
                    .remedy(format!("write `Version = \"{VERSION}\"`, or leave it out"));
                found.problems.push(problem);
            }
        }
        match document.get("Statement") {
            Some(Value::Map(statement)) => self.statement(".Statement", statement, found),
            Some(Value::List(statements)) if !statements.is_empty() => {
                for (index, statement) in statements.iter().enumerate() {
                    let place = format!(".Statement[{index}]");
                    match statement {
                        Value::Map(statement) => self.statement(&place, statement, found),
                        _ => {
                            let problem = self.error(&place, found, "a statement is a table");
                            found.problems.push(problem);
                        }
                    }
                }
            }
            Some(_) => {
                let problem = self.error(
                    ".Statement",
                    found,
                    "`Statement` is a list of tables, at least one",
                );
                found.problems.push(problem);
            }
            None => {
                let problem = self.error("", found, "the policy has no `Statement`");
                found.problems.push(problem);
            }
        }
        (found.problems.len() == before).then_some(Value::Map(document))
    }

    fn statement(&self, at: &str, statement: &BTreeMap<String, Value>, found: &mut Found) {
        self.unknown(at, statement, STATEMENT_ELEMENTS, found);
        let has = |name: &str| statement.contains_key(name);
        // What a misspelt element was meant to be is not missing too.
        let misspelt = |name: &str| {
            let mut unknown = statement
                .keys()
                .filter(|key| !STATEMENT_ELEMENTS.contains(&key.as_str()));
            unknown.any(|key| meant(key, STATEMENT_ELEMENTS) == Some(name))
        };
        match statement.get("Effect") {
            Some(Value::String(effect)) if effect == "Allow" || effect == "Deny" => {}
            Some(_) => {
                let problem = self
                    .error(&format!("{at}.Effect"), found, "no such effect")
                    .remedy("write `Effect = \"Allow\"` or `Effect = \"Deny\"`");
                found.problems.push(problem);
            }
            None if misspelt("Effect") => {}
            None => self.lacks(at, "Effect", "say `Effect = \"Allow\"` or \"Deny\"", found),
        }
        if !has("Action") && !has("NotAction") && !misspelt("Action") {
            self.lacks(
                at,
                "Action",
                "say what it is about: `Action = [\"s3:GetObject\"]`",
                found,
            );
        }
        let principal = ["Principal", "NotPrincipal"]
            .into_iter()
            .find(|name| has(name));
        let resource = ["Resource", "NotResource"]
            .into_iter()
            .find(|name| has(name));
        match (self.used, principal) {
            (PolicyUse::Identity, Some(name)) => self.surplus(
                at,
                name,
                "a role's policy is about the role itself, so it names no principal",
                found,
            ),
            (PolicyUse::Resource | PolicyUse::Trust, None) if !misspelt("Principal") => self.lacks(
                at,
                "Principal",
                "say whom it is about: `Principal = \"*\"`, or `{ Service = \"ec2.amazonaws.com\" }`",
                found,
            ),
            _ => {}
        }
        match (self.used, resource) {
            (PolicyUse::Trust, Some(name)) => self.surplus(
                at,
                name,
                "a trust policy is about the role itself, so it names no resource",
                found,
            ),
            (PolicyUse::Resource | PolicyUse::Identity, None) if !misspelt("Resource") => {
                self.lacks(
                    at,
                    "Resource",
                    "say on what: `Resource = \"*\"`, or a list of ARNs",
                    found,
                );
            }
            _ => {}
        }
    }

    fn unknown(
        &self,
        at: &str,
        table: &BTreeMap<String, Value>,
        known: &[&str],
        found: &mut Found,
    ) {
        for key in table.keys().filter(|key| !known.contains(&key.as_str())) {
            let what = if at.is_empty() {
                "a policy"
            } else {
                "a statement"
            };
            let problem = self.error(
                &format!("{at}.{key}"),
                found,
                &format!("{what} has no element `{key}`"),
            );
            let near = meant(key, known);
            found.problems.push(match near {
                Some(near) => problem.remedy(format!("did you mean `{near}`?")),
                None => problem.remedy(format!(
                    "it has {}",
                    list_of(known.iter().map(|name| format!("`{name}`")), "and")
                )),
            });
        }
    }

    fn lacks(&self, at: &str, element: &str, remedy: &str, found: &mut Found) {
        let problem = self
            .error(at, found, &format!("a statement without `{element}`"))
            .remedy(remedy);
        found.problems.push(problem);
    }

    fn surplus(&self, at: &str, element: &str, cause: &str, found: &mut Found) {
        let problem = self
            .error(
                &format!("{at}.{element}"),
                found,
                &format!("`{element}` cannot stand here"),
            )
            .because(cause)
            .remedy("remove it");
        found.problems.push(problem);
    }

    /// An error at an element; at the whole field where the document stands in
    /// a file or is JSON.
    fn error(&self, at: &str, found: &Found, problem: &str) -> Diagnostic {
        let span: Option<&Span> = found.spans.get(&format!("{}{at}", self.path));
        match span {
            Some(span) => Diagnostic::error(span.clone(), problem),
            None if at.is_empty() => Diagnostic::error(self.item.span.clone(), problem),
            None => Diagnostic::error(self.item.span.clone(), problem)
                .here(format!("at {}", at.trim_start_matches('.'))),
        }
    }
}

/// The element that a misspelt one was meant to be.
fn meant<'k>(key: &str, known: &[&'k str]) -> Option<&'k str> {
    let capital = known.iter().find(|name| name.eq_ignore_ascii_case(key));
    capital
        .copied()
        .or_else(|| did_you_mean(key, known.iter().copied()))
}
