//! Tags: what the file may write on what it makes, and what we write beside it.
//!
//! ```text
//! [stack] tags  <  the table's tags  <  Name, if nobody stated it
//!               <  the kind's own    <  s3net:stack, s3net:address
//! ```
//!
//! The `Name` that nobody stated is for what s3net makes: what the stack adopts
//! keeps its own.
//!
//! Limits: Amazon EC2 user guide, "Tag your Amazon EC2 resources": 50 tags, keys
//! to 128 and values to 256 characters; letters, digits, spaces and
//! `_ . : / = + - @` are allowed everywhere.

use std::collections::BTreeMap;

use super::document::{Entry, Holds, Item, Table};
use super::fields::table_of;
use super::reading::{Found, Reading};
use crate::model::tags::{ALLOWED, LONGEST_KEY, LONGEST_VALUE, PREFIX, is_allowed};
use crate::model::{Diagnostic, Span, Value};

/// AWS's limit on the tags of one object.
pub(crate) const MOST: usize = 50;

/// Tags as the file states them, each with its place.
pub(crate) type StatedTags = BTreeMap<String, (String, Span)>;

impl Reading<'_> {
    /// The tags of a `tags` entry.
    pub(crate) fn tags(&self, entry: &Entry, found: &mut Found) -> StatedTags {
        let Some(table) = table_of(entry, "`tags`", "tags = { Owner = \"me\" }", found) else {
            return StatedTags::new();
        };
        self.tag_values(table, found)
    }

    fn tag_values(&self, table: &Table, found: &mut Found) -> StatedTags {
        let mut tags = StatedTags::new();
        for entry in &table.entries {
            if let Some(problem) = key_fault(&entry.key, &entry.key_span) {
                found.problems.push(problem);
                continue;
            }
            let Some(text) = self.known_text(&entry.item, "a tag", found) else {
                continue;
            };
            match value_fault(&text) {
                Some(fault) => found.problems.push(
                    Diagnostic::error(
                        entry.item.span.clone(),
                        format!("`{text}` cannot be a tag's value"),
                    )
                    .because(fault),
                ),
                None => {
                    tags.insert(entry.key.clone(), (text, entry.item.span.clone()));
                }
            }
        }
        tags
    }

    /// A text that must be known before anything exists.
    pub(crate) fn known_text(&self, item: &Item, what: &str, found: &mut Found) -> Option<String> {
        let Holds::Text(raw) = &item.holds else {
            let problem = Diagnostic::error(
                item.span.clone(),
                format!("{what} is a text, not {}", item.holds.noun()),
            );
            return found.problem(match &item.holds {
                Holds::Integer(_) | Holds::Bool(_) => {
                    let written = self.file.get(item.span.clone()).unwrap_or_default();
                    problem.remedy(format!("put it into quotes: \"{written}\""))
                }
                _ => problem,
            });
        };
        match self.text(raw, item, false, found)? {
            Value::Reference(_) | Value::Template(_) => found.problem(
                Diagnostic::error(
                    item.span.clone(),
                    format!("{what} must be known before apply"),
                )
                .because("this text needs something that only AWS will tell")
                .remedy("use `${var.…}`, `${stack.name}`, `${region}` or a stated text"),
            ),
            value => value.to_text(),
        }
    }
}

fn key_fault(key: &str, span: &Span) -> Option<Diagnostic> {
    let error = |problem: String| Diagnostic::error(span.clone(), problem);
    if key.to_ascii_lowercase().starts_with("aws:") {
        return Some(
            error(format!("the tag `{key}` belongs to AWS"))
                .because("AWS refuses keys that begin with `aws:`"),
        );
    }
    if key.starts_with(PREFIX) {
        return Some(
            error(format!("the tag `{key}` belongs to s3net"))
                .because("by these tags it finds again what it made"),
        );
    }
    let length = key.chars().count();
    if length == 0 || length > LONGEST_KEY {
        return Some(error("a tag's key has 1 to 128 characters".to_owned()));
    }
    let wrong = key.chars().find(|c| !is_allowed(*c))?;
    Some(
        error(format!("`{key}` cannot be a tag's key"))
            .because(format!("`{wrong}` is not allowed: {ALLOWED}")),
    )
}

/// Why a text cannot be a tag's value.
pub(crate) fn value_fault(value: &str) -> Option<String> {
    if value.chars().count() > LONGEST_VALUE {
        return Some("it has more than 256 characters".to_owned());
    }
    let wrong = value.chars().find(|c| !is_allowed(*c))?;
    Some(format!("`{wrong}` is not allowed: {ALLOWED}"))
}
