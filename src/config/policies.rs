//! Policy documents and their shorthands.
//!
//! ```toml
//! policy = { file = "policies/one-bucket.json" }        # relative to the plan file
//! policy = '{"Version": "2012-10-17", "Statement": []}' # JSON
//! policy = { Statement = [{ Effect = "Allow", … }] }    # the document as TOML
//! policy = { allow_buckets = ["data"] }                 # endpoints and buckets
//! policy = { allow = ["s3:*"], on = ["bucket.data"] }   # roles
//! ```
//!
//! All become one document with references in it. `${…}` works in all of them;
//! IAM's own variables (`${aws:username}`) stay as they are.

use super::document::{Holds, Item, Table};
use super::fields::unknown_key;
use super::policy_document::DocumentCheck;
use super::reading::{Found, Reading};
use crate::kind::PolicyUse;
use crate::model::{Diagnostic, Value};

/// The version of the policy language that documents without one get: the
/// current one (IAM user guide, "IAM JSON policy elements: Version").
pub(crate) const VERSION: &str = "2012-10-17";

impl Reading<'_> {
    /// The document that a policy field stands for.
    pub(crate) fn policy(
        &self,
        used: PolicyUse,
        item: &Item,
        path: &str,
        found: &mut Found,
    ) -> Option<Value> {
        let document = match &item.holds {
            Holds::Text(raw) => self.policy_text(raw, item, path, found)?,
            Holds::Table(table) => match form(table) {
                Form::File => self.policy_file(table, item, found)?,
                Form::Buckets if used == PolicyUse::Resource => {
                    return self.allow_buckets(table, found);
                }
                Form::Actions if used == PolicyUse::Identity => {
                    return self.allow_actions(table, item, found);
                }
                Form::Document => self.policy_table(table, path, found)?,
                Form::Buckets | Form::Actions | Form::Unknown => {
                    return found.problem(no_form(used, table, item, path));
                }
            },
            other => {
                return found.problem(
                    Diagnostic::error(
                        item.span.clone(),
                        format!("`{path}` must be a policy, not {}", other.noun()),
                    )
                    .remedy(ways(used)),
                );
            }
        };
        DocumentCheck { used, item, path }.check(document, found)
    }

    /// A document written as JSON in the plan file.
    fn policy_text(&self, raw: &str, item: &Item, path: &str, found: &mut Found) -> Option<Value> {
        let json = if raw.trim_start().starts_with('{') {
            raw.to_owned()
        } else {
            match self.text(raw, item, true, found)? {
                Value::String(text) => text,
                _ => {
                    return found.problem(
                        Diagnostic::error(
                            item.span.clone(),
                            format!("`{path}` must be known before apply"),
                        )
                        .because("a policy's text is checked now")
                        .remedy("use references inside the document, not in place of it"),
                    );
                }
            }
        };
        match serde_json::from_str(&json) {
            Ok(json) => self.policy_json(&json, item, found),
            Err(error) => found.problem(
                Diagnostic::error(item.span.clone(), format!("`{path}` is not JSON"))
                    .because(error.to_string())
                    .remedy(
                        "write the document as TOML, or name a file: `{ file = \"policy.json\" }`",
                    ),
            ),
        }
    }

    fn policy_file(&self, table: &Table, item: &Item, found: &mut Found) -> Option<Value> {
        let mut sound = true;
        for entry in &table.entries {
            if entry.key != "file" {
                sound = false;
                let problem = unknown_key(&entry.key, entry.place(), "a policy file", &["file"]);
                found.problems.push(problem);
            }
        }
        let entry = table.get("file")?;
        let Holds::Text(raw) = &entry.item.holds else {
            return found.problem(Diagnostic::error(
                entry.item.span.clone(),
                format!("`file` must be a path, not {}", entry.item.holds.noun()),
            ));
        };
        let span = entry.item.span.clone();
        let Value::String(name) = self.text(raw, &entry.item, false, found)? else {
            return found.problem(Diagnostic::error(
                span,
                "the file's name must be known before apply",
            ));
        };
        let path = std::path::Path::new(&name);
        if path.is_absolute() || name.is_empty() {
            return found.problem(
                Diagnostic::error(span, "a policy's path is relative to the plan file")
                    .because("the plan then works wherever its folder lies")
                    .remedy("write a path such as \"policies/one-bucket.json\""),
            );
        }
        let text = match std::fs::read_to_string(self.folder.join(path)) {
            Ok(text) => text,
            Err(error) => {
                return found.problem(
                    Diagnostic::error(span, format!("`{name}` cannot be read"))
                        .because(error.to_string())
                        .remedy("the path is relative to the plan file's folder"),
                );
            }
        };
        match serde_json::from_str(&text) {
            Ok(json) => self.policy_json(&json, item, found).filter(|_| sound),
            Err(error) => found.problem(
                Diagnostic::error(span, format!("`{name}` is not JSON")).because(error.to_string()),
            ),
        }
    }

    /// JSON as a value, its texts interpolated.
    fn policy_json(
        &self,
        json: &serde_json::Value,
        item: &Item,
        found: &mut Found,
    ) -> Option<Value> {
        match json {
            serde_json::Value::String(text) => self.text(text, item, true, found),
            serde_json::Value::Array(items) => items
                .iter()
                .map(|json| self.policy_json(json, item, found))
                .collect::<Option<Vec<_>>>()
                .map(Value::List),
            serde_json::Value::Object(map) => map
                .iter()
                .map(|(key, json)| Some((key.clone(), self.policy_json(json, item, found)?)))
                .collect::<Option<_>>()
                .map(Value::Map),
            other => Some(Value::from_json(other)),
        }
    }

    /// TOML as a value, its texts interpolated.
    fn policy_table(&self, table: &Table, path: &str, found: &mut Found) -> Option<Value> {
        let mut values = Vec::with_capacity(table.entries.len());
        for entry in &table.entries {
            let value = self.policy_value(&entry.item, &format!("{path}.{}", entry.key), found);
            values.push(value.map(|value| (entry.key.clone(), value)));
        }
        values.into_iter().collect::<Option<_>>().map(Value::Map)
    }

    fn policy_value(&self, item: &Item, path: &str, found: &mut Found) -> Option<Value> {
        found.spans.insert(path.to_owned(), item.span.clone());
        match &item.holds {
            Holds::Text(raw) => self.text(raw, item, true, found),
            Holds::Integer(number) => Some(Value::Integer(*number)),
            Holds::Bool(value) => Some(Value::Bool(*value)),
            Holds::List(items) => {
                let values: Vec<_> = items
                    .iter()
                    .enumerate()
                    .map(|(index, item)| {
                        self.policy_value(item, &format!("{path}[{index}]"), found)
                    })
                    .collect();
                values
                    .into_iter()
                    .collect::<Option<Vec<_>>>()
                    .map(Value::List)
            }
            Holds::Table(table) => self.policy_table(table, path, found),
            Holds::Other(noun) => found.problem(
                Diagnostic::error(item.span.clone(), format!("a policy cannot hold {noun}"))
                    .remedy("put it into quotes"),
            ),
        }
    }
}

/// The ways to write a policy as a table.
enum Form {
    File,
    Buckets,
    Actions,
    Document,
    Unknown,
}

fn form(table: &Table) -> Form {
    let has = |keys: &[&str]| keys.iter().any(|key| table.get(key).is_some());
    if has(&["file"]) {
        Form::File
    } else if has(&["Statement", "Version", "Id"]) {
        Form::Document
    } else if has(&["allow_buckets"]) {
        Form::Buckets
    } else if has(&["allow", "deny", "on"]) {
        Form::Actions
    } else {
        Form::Unknown
    }
}

/// A table that is no way to write this policy.
fn no_form(used: PolicyUse, table: &Table, item: &Item, path: &str) -> Diagnostic {
    let known: &[&str] = match used {
        PolicyUse::Resource => &["allow_buckets", "actions", "file", "Version", "Statement"],
        PolicyUse::Identity => &["allow", "deny", "on", "file", "Version", "Statement"],
        PolicyUse::Trust => &["file", "Version", "Statement"],
    };
    match table.entries.first() {
        Some(entry) => {
            let near = crate::model::diagnostic::did_you_mean(&entry.key, known.iter().copied());
            let problem = Diagnostic::error(
                entry.place(),
                format!("`{path}` cannot be written with `{}`", entry.key),
            );
            match near {
                Some(near) if near != entry.key => {
                    problem.remedy(format!("did you mean `{near}`?"))
                }
                _ => problem.remedy(ways(used)),
            }
        }
        None => {
            Diagnostic::error(item.span.clone(), format!("`{path}` is empty")).remedy(ways(used))
        }
    }
}

/// How a policy can be written.
fn ways(used: PolicyUse) -> &'static str {
    match used {
        PolicyUse::Resource => {
            "write `{ allow_buckets = [\"data\"] }`, `{ file = \"policy.json\" }`, \
             or the whole document with `Statement`"
        }
        PolicyUse::Identity => {
            "write `{ allow = [\"s3:GetObject\"], on = [\"bucket.data\"] }`, \
             `{ file = \"policy.json\" }`, or the whole document with `Statement`"
        }
        PolicyUse::Trust => {
            "write `{ file = \"trust.json\" }`, or the whole document with `Statement`"
        }
    }
}

#[cfg(test)]
mod tests;
