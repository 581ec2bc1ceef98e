//! `[[expect]]`: what the network is for.
//!
//! ```text
//!  texts ─► interpolated ─► names and wildcards ─► addresses ─► contradictions
//!                             (names.rs)                        (contradictions.rs)
//! ```
//!
//! A wildcard stands for tables of the file, so that what it means does not
//! depend on what lives. One that fits nothing is a mistake: it would hold
//! whatever the network does.

mod contradictions;
mod names;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::document::{Entry, Holds, Item, Table};
use super::fields::{list_of, unknown_key};
use super::interpolation::has_expression;
use super::reading::{Found, Reading};
use crate::kind::Type;
use crate::model::diagnostic::did_you_mean;
use crate::model::expectation::{Doorway, Target};
use crate::model::{Address, Diagnostic, Expectation, Piece, Span, Value};

const KEYS: &[&str] = &[
    "from",
    "to",
    "via",
    "not_via",
    "reachable",
    "private",
    "action",
    "name",
    "object",
];

/// The words for names that a client can call, beside whole host names.
const NAMINGS: &[&str] = &[
    "usual",
    "bucket",
    "path",
    "global",
    "dualstack",
    "endpoint",
    "accesspoint",
    "control",
];

/// A text of a table once its interpolations are filled in.
struct Said {
    means: Means,
    span: Span,
}

enum Means {
    Text(String),
    /// A value of this table which only AWS, or a kind's default, will tell.
    Of(Address),
}

impl Reading<'_> {
    /// Reads every `[[expect]]`; those with a mistake are left out.
    pub(crate) fn expectations(
        &self,
        root: &Table,
        problems: &mut Vec<Diagnostic>,
    ) -> Vec<Expectation> {
        let Some(entry) = root.get("expect") else {
            return Vec::new();
        };
        let Holds::List(items) = &entry.item.holds else {
            problems.push(
                Diagnostic::error(entry.place(), "expectations are a list")
                    .because("there may be several")
                    .remedy("write `[[expect]]`, with two brackets"),
            );
            return Vec::new();
        };
        let mut found = Found::default();
        let read = items.iter().filter_map(|item| match &item.holds {
            Holds::Table(table) => self.expectation(table, item.span.clone(), &mut found),
            other => found.problem(
                Diagnostic::error(
                    item.span.clone(),
                    format!("an expectation is a table, not {}", other.noun()),
                )
                .remedy("write `[[expect]]`, and below it `from` and `to`"),
            ),
        });
        let read = read.collect();
        problems.append(&mut found.problems);
        read
    }

    fn expectation(&self, table: &Table, span: Span, found: &mut Found) -> Option<Expectation> {
        let before = found.problems.len();
        let mut meant: Vec<&str> = Vec::new();
        for entry in &table.entries {
            if !KEYS.contains(&entry.key.as_str()) {
                meant.extend(did_you_mean(&entry.key, KEYS.iter().copied()));
                let problem = unknown_key(&entry.key, entry.place(), "[[expect]]", KEYS);
                found.problems.push(problem);
            }
        }
        for (key, sample) in [("from", "instance.*"), ("to", "bucket.*")] {
            if table.get(key).is_none() && !self.broken && !meant.contains(&key) {
                found.problems.push(
                    Diagnostic::error(span.clone(), format!("[[expect]] needs `{key}`"))
                        .remedy(format!("add `{key} = \"{sample}\"`, for example")),
                );
            }
        }
        let spans = table.entries.iter();
        let spans: BTreeMap<String, Span> = spans
            .map(|entry| (entry.key.clone(), entry.item.span.clone()))
            .collect();
        let flag = |key: &str, found: &mut Found| {
            let entry = table.get(key)?;
            self.flag(entry, found)
        };
        let read = Expectation {
            from: self.each(table, "from", found, Self::origins),
            to: self.each(table, "to", found, Self::targets),
            via: self.each(table, "via", found, Self::doorways),
            not_via: self.each(table, "not_via", found, Self::doorways),
            reachable: flag("reachable", found).unwrap_or(true),
            private: flag("private", found),
            actions: self.each(table, "action", found, Self::action),
            naming: self.one(table, "name", found, Self::naming),
            object: self.one(table, "object", found, |_, text, _| Ok(text.to_owned())),
            span,
            spans,
        };
        if found.problems.len() > before {
            return None;
        }
        contradictions::of(&read, &mut found.problems);
        (found.problems.len() == before).then_some(read)
    }

    fn flag(&self, entry: &Entry, found: &mut Found) -> Option<bool> {
        let wrong = || self.wrong_type(&Type::Bool, &entry.item, &entry.key);
        match &entry.item.holds {
            Holds::Bool(value) => Some(*value),
            Holds::Text(raw) if has_expression(raw) => {
                let value = self.text(raw, &entry.item, false, found)?;
                let read = value.to_text().and_then(|text| text.parse().ok());
                read.or_else(|| found.problem(wrong()))
            }
            _ => found.problem(wrong()),
        }
    }

    /// What each text of a key names; a text alone is a list of one.
    fn each<T: Ord + Clone>(
        &self,
        table: &Table,
        key: &str,
        found: &mut Found,
        read: impl Fn(&Self, &Said) -> Result<Vec<T>, Box<Diagnostic>>,
    ) -> Vec<T> {
        let Some(entry) = table.get(key) else {
            return Vec::new();
        };
        let alone = std::slice::from_ref(&entry.item);
        let items = match &entry.item.holds {
            Holds::List(items) if items.is_empty() => {
                found.problems.push(
                    Diagnostic::error(entry.item.span.clone(), format!("`{key}` names nothing"))
                        .remedy(format!("name something, or leave `{key}` out")),
                );
                return Vec::new();
            }
            Holds::List(items) => items.as_slice(),
            _ => alone,
        };
        let mut all: Vec<T> = Vec::new();
        for item in items {
            let Some(said) = self.said(item, key, found) else {
                continue;
            };
            match read(self, &said) {
                // Several names may mean the same.
                Ok(some) => all.extend(some),
                Err(_) if self.broken => {}
                Err(problem) => found.problems.push(*problem),
            }
        }
        let mut seen = std::collections::BTreeSet::new();
        all.retain(|one| seen.insert(one.clone()));
        all
    }

    /// What the one text of a key means.
    fn one(
        &self,
        table: &Table,
        key: &str,
        found: &mut Found,
        read: impl Fn(&Self, &str, Span) -> Result<String, Box<Diagnostic>>,
    ) -> Option<String> {
        let entry = table.get(key)?;
        let said = self.said(&entry.item, key, found)?;
        let span = said.span.clone();
        let text = match known(said, key) {
            Ok(text) => text,
            Err(problem) => return found.problem(*problem),
        };
        match read(self, &text, span) {
            Ok(text) => Some(text),
            Err(problem) => found.problem(*problem),
        }
    }

    /// A text with its interpolations filled in.
    fn said(&self, item: &Item, key: &str, found: &mut Found) -> Option<Said> {
        let span = item.span.clone();
        let Holds::Text(raw) = &item.holds else {
            return found.problem(Diagnostic::error(
                span,
                format!(
                    "`{key}` must be a text or a list of texts, not {}",
                    item.holds.noun()
                ),
            ));
        };
        let value = self.text(raw, item, false, found)?;
        let means = match &value {
            Value::Reference(reference) => Means::Of(reference.target.clone()),
            Value::Template(pieces) => match pieces.as_slice() {
                // The name of a bucket that only AWS will tell.
                [Piece::Text(scheme), Piece::Reference(reference)] if scheme == "s3://" => {
                    Means::Of(reference.target.clone())
                }
                _ => return found.problem(not_known(span, key)),
            },
            other => match other.to_text() {
                Some(text) => Means::Text(text),
                None => {
                    return found.problem(
                        Diagnostic::error(span, format!("`{key}` must be a text"))
                            .because("the interpolation stands for several values"),
                    );
                }
            },
        };
        Some(Said { means, span })
    }

    fn action(&self, said: &Said) -> Result<Vec<String>, Box<Diagnostic>> {
        let span = said.span.clone();
        let Means::Text(text) = &said.means else {
            return Err(Box::new(not_known(span, "action")));
        };
        let plain = |word: &str| {
            !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        match text.split_once(':') {
            Some((service, name)) if plain(service) && plain(name) => Ok(vec![text.clone()]),
            Some((_, name)) if name.contains('*') => Err(Box::new(
                Diagnostic::error(span, "an expectation is of single actions")
                    .because("what holds of one action may not hold of another")
                    .remedy("list them: `action = [\"s3:GetObject\", \"s3:PutObject\"]`"),
            )),
            None if plain(text) => Err(Box::new(
                Diagnostic::error(span, format!("`{text}` does not say of which service"))
                    .remedy(format!("write \"s3:{text}\"")),
            )),
            _ => Err(Box::new(
                Diagnostic::error(span, format!("`{text}` is no action"))
                    .remedy("write one such as \"s3:PutObject\""),
            )),
        }
    }

    fn naming(&self, text: &str, span: Span) -> Result<String, Box<Diagnostic>> {
        let text = text.to_ascii_lowercase();
        if NAMINGS.contains(&text.as_str()) || is_host(&text) {
            return Ok(text);
        }
        let problem = Diagnostic::error(span, format!("no way of naming is called `{text}`"));
        let words = list_of(NAMINGS.iter().map(|word| format!("\"{word}\"")), "and");
        Err(Box::new(
            match did_you_mean(&text, NAMINGS.iter().copied()) {
                Some(near) => problem.remedy(format!("did you mean \"{near}\"?")),
                None => problem.remedy(format!("there are {words}, or write a whole host name")),
            },
        ))
    }
}

/// The text, unless only AWS will tell it.
fn known(said: Said, key: &str) -> Result<String, Box<Diagnostic>> {
    match said.means {
        Means::Text(text) => Ok(text),
        Means::Of(_) => Err(Box::new(not_known(said.span, key))),
    }
}

fn not_known(span: Span, key: &str) -> Diagnostic {
    let remedy = match key {
        "from" | "to" | "via" | "not_via" => "name the table itself, such as \"bucket.data\"",
        _ => "write it out, or take it from a variable",
    };
    Diagnostic::error(span, format!("what `{key}` says is not known yet"))
        .because("expectations are checked before anything is made, and AWS tells this later")
        .remedy(remedy)
}

fn is_host(text: &str) -> bool {
    let labels: Vec<&str> = text.split('.').collect();
    let sound = |label: &&str| {
        !label.is_empty()
            && label.len() <= 63
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    labels.len() > 1 && text.len() <= 253 && labels.iter().all(sound)
}
