//! The shorthands of policies: which buckets, which actions.
//!
//! ```text
//! allow_buckets = ["data"]             Allow s3:* to anybody on the bucket and its objects
//! allow = ["s3:*"], on = ["bucket.x"]  Allow s3:* on the bucket and its objects
//! ```
//!
//! A bucket's own calls (list) name its ARN, its objects' calls (get, put) name
//! `<ARN>/*` (Amazon S3 user guide, "Policies and permissions in Amazon S3"), so a
//! bucket always stands for both.

use std::collections::BTreeMap;

use super::document::{Holds, Item, Table};
use super::fields::{list_of, unknown_key};
use super::policies::VERSION;
use super::reading::{Found, Reading, has_attribute};
use crate::model::diagnostic::did_you_mean;
use crate::model::place::partition;
use crate::model::{Address, Diagnostic, Piece, Reference, Value};

/// The kind whose tables stand for themselves and for what is in them.
const BUCKET: &str = "bucket";

impl Reading<'_> {
    /// `{ allow_buckets = […], actions = […] }`
    pub(crate) fn allow_buckets(&self, table: &Table, found: &mut Found) -> Option<Value> {
        let sound = only(&["allow_buckets", "actions"], table, found);
        let actions = match table.get("actions") {
            Some(entry) => self.actions(&entry.item, "actions", found),
            None => Some(Value::text("s3:*")),
        };
        let buckets = &table.get("allow_buckets")?.item;
        let resources = self.resources(buckets, "allow_buckets", found, |item, text, found| {
            self.bucket(item, text, found)
        });
        let statement = [
            ("Effect", Value::text("Allow")),
            ("Principal", Value::text("*")),
            ("Action", actions?),
            ("Resource", resources?),
        ];
        sound.then(|| document(vec![map(statement)]))
    }

    /// `{ allow = […], deny = […], on = […] }`
    pub(crate) fn allow_actions(
        &self,
        table: &Table,
        item: &Item,
        found: &mut Found,
    ) -> Option<Value> {
        let mut sound = only(&["allow", "deny", "on"], table, found);
        let resources = match table.get("on") {
            Some(entry) => self.resources(&entry.item, "on", found, |item, text, found| {
                self.with_arn(item, text, found)
            }),
            None => found.problem(
                Diagnostic::error(item.span.clone(), "the policy does not say on what")
                    .remedy("add `on = [\"bucket.…\"]`, or `on = [\"*\"]` for everything"),
            ),
        };
        let mut statements = Vec::new();
        for (key, effect) in [("allow", "Allow"), ("deny", "Deny")] {
            let Some(entry) = table.get(key) else {
                continue;
            };
            match (self.actions(&entry.item, key, found), &resources) {
                (Some(actions), Some(resources)) => statements.push(map([
                    ("Effect", Value::text(effect)),
                    ("Action", actions),
                    ("Resource", resources.clone()),
                ])),
                _ => sound = false,
            }
        }
        if table.get("allow").is_none() && table.get("deny").is_none() {
            return found.problem(
                Diagnostic::error(item.span.clone(), "the policy allows and denies nothing")
                    .remedy("add `allow = [\"s3:GetObject\"]`, for example"),
            );
        }
        resources?;
        sound.then(|| document(statements))
    }

    /// A list of actions such as `s3:GetObject`.
    fn actions(&self, item: &Item, key: &str, found: &mut Found) -> Option<Value> {
        let texts = self.texts(item, key, "\"s3:GetObject\"", found)?;
        let mut sound = true;
        for (text, item) in &texts {
            let Value::String(text) = text else { continue };
            let shaped = text == "*"
                || text.split_once(':').is_some_and(|(service, action)| {
                    !service.is_empty() && !action.is_empty() && !action.contains(':')
                });
            if !shaped {
                sound = false;
                found.problems.push(
                    Diagnostic::error(item.span.clone(), format!("`{text}` is not an action"))
                        .remedy("write it as in \"s3:GetObject\" or \"s3:*\""),
                );
            }
        }
        sound.then(|| one_or_many(texts.into_iter().map(|(text, _)| text).collect()))
    }

    /// What a list of things means as `Resource`.
    fn resources(
        &self,
        item: &Item,
        key: &str,
        found: &mut Found,
        mean: impl Fn(&Item, Value, &mut Found) -> Option<Vec<Value>>,
    ) -> Option<Value> {
        let texts = self.texts(item, key, "\"bucket.data\"", found)?;
        let resources: Vec<_> = texts
            .into_iter()
            .map(|(text, item)| mean(item, text, found))
            .collect();
        let resources: Vec<Value> = resources.into_iter().collect::<Option<Vec<_>>>()?.concat();
        Some(one_or_many(resources))
    }

    /// The interpolated texts of a list that is not empty.
    fn texts<'i>(
        &self,
        item: &'i Item,
        key: &str,
        sample: &str,
        found: &mut Found,
    ) -> Option<Vec<(Value, &'i Item)>> {
        let items = match &item.holds {
            Holds::List(items) if !items.is_empty() => items,
            Holds::List(_) => {
                return found.problem(
                    Diagnostic::error(item.span.clone(), format!("`{key}` is empty"))
                        .remedy(format!("write `{key} = [{sample}]`")),
                );
            }
            other => {
                let written = self.file.get(item.span.clone()).unwrap_or_default();
                let shown = match other {
                    Holds::Text(_) => written,
                    _ => sample,
                };
                return found.problem(
                    Diagnostic::error(
                        item.span.clone(),
                        format!("`{key}` must be a list, not {}", other.noun()),
                    )
                    .remedy(format!("write `{key} = [{shown}]`")),
                );
            }
        };
        let texts: Vec<_> = items
            .iter()
            .map(|item| match &item.holds {
                Holds::Text(raw) => self.text(raw, item, true, found).map(|text| (text, item)),
                other => found.problem(Diagnostic::error(
                    item.span.clone(),
                    format!("`{key}` holds texts, not {}", other.noun()),
                )),
            })
            .collect();
        texts.into_iter().collect()
    }

    /// A bucket: by table, by look-up, by ARN, or by its own name.
    fn bucket(&self, item: &Item, text: Value, found: &mut Found) -> Option<Vec<Value>> {
        let text = match text {
            Value::String(text) => text,
            // `${bucket.data.arn}` is an ARN, whatever it will be.
            other => return Some(with_objects(other)),
        };
        if text == "*" {
            return Some(vec![Value::text("*")]);
        }
        if text.starts_with("arn:") {
            return Some(match text.contains('/') {
                true => vec![Value::from(text)],
                false => with_objects(Value::from(text)),
            });
        }
        let address = self
            .address_in(&text)
            .unwrap_or_else(|| self.named(BUCKET, &text));
        if address.kind != BUCKET {
            return found.problem(
                Diagnostic::error(item.span.clone(), format!("{address} is no bucket"))
                    .remedy("name a bucket, as in \"data\""),
            );
        }
        if self.is_declared(&address) {
            return Some(with_objects(arn_of(address)));
        }
        if self.address_in(&text).is_some() {
            return match self.broken {
                true => None,
                false => found.problem(self.dangling(&address, item.span.clone())),
            };
        }
        let names: Vec<&str> = self
            .tables
            .keys()
            .chain(self.existing.keys())
            .filter(|address| address.kind == BUCKET)
            .map(|address| address.name.as_str())
            .collect();
        let near = did_you_mean(&text, names.iter().copied());
        if !could_be_bucket(&text) {
            let problem =
                Diagnostic::error(item.span.clone(), format!("no bucket is called `{text}`"));
            return found.problem(match near {
                Some(near) => problem.remedy(format!("did you mean \"{near}\"?")),
                None if names.is_empty() => problem.remedy("declare one: [bucket.data]"),
                None => problem.remedy(format!(
                    "declared are {}",
                    list_of(names.iter().map(|name| format!("\"{name}\"")), "and")
                )),
            });
        }
        if let Some(near) = near
            && !self.broken
        {
            found.problems.push(
                Diagnostic::warning(
                    item.span.clone(),
                    format!("`{text}` is taken for a bucket outside this file"),
                )
                .because(format!("no table is called [bucket.{text}]"))
                .remedy(format!("did you mean \"{near}\"?")),
            );
        }
        let partition = partition(self.region.as_deref().unwrap_or_default());
        Some(with_objects(Value::from(format!(
            "arn:{partition}:s3:::{text}"
        ))))
    }

    /// Anything with an ARN: by table, by look-up, or the ARN itself.
    fn with_arn(&self, item: &Item, text: Value, found: &mut Found) -> Option<Vec<Value>> {
        let text = match text {
            Value::String(text) => text,
            other => return Some(vec![other]),
        };
        if text == "*" || text.starts_with("arn:") {
            return Some(vec![Value::from(text)]);
        }
        let Some(address) = self.address_in(&text) else {
            let problem = Diagnostic::error(
                item.span.clone(),
                format!("`{text}` is nothing with an ARN"),
            );
            let bucket = self.named(BUCKET, &text);
            return found.problem(match self.is_declared(&bucket) {
                true => problem.remedy(format!("did you mean \"{bucket}\"?")),
                false => problem.remedy("write \"bucket.data\", an ARN, or \"*\" for everything"),
            });
        };
        if !self.is_declared(&address) {
            return match self.broken {
                true => None,
                false => found.problem(self.dangling(&address, item.span.clone())),
            };
        }
        let kind = self.registry.table(&address.kind)?;
        if !has_attribute(kind, "arn") {
            return found.problem(
                Diagnostic::error(item.span.clone(), format!("{address} has no ARN"))
                    .remedy("write \"bucket.data\", an ARN, or \"*\" for everything"),
            );
        }
        Some(if address.kind == BUCKET {
            with_objects(arn_of(address))
        } else {
            vec![arn_of(address)]
        })
    }
}

/// Refuses keys that the shorthand does not have.
fn only(known: &[&str], table: &Table, found: &mut Found) -> bool {
    let mut sound = true;
    for entry in &table.entries {
        if !known.contains(&entry.key.as_str()) {
            sound = false;
            let problem = unknown_key(&entry.key, entry.place(), "this policy", known);
            found.problems.push(problem);
        }
    }
    sound
}

fn arn_of(address: Address) -> Value {
    Value::Reference(Reference {
        target: address,
        attribute: "arn".to_owned(),
    })
}

/// A bucket's ARN, and that of all objects in it.
fn with_objects(arn: Value) -> Vec<Value> {
    let objects = match &arn {
        Value::String(text) => Value::from(format!("{text}/*")),
        Value::Reference(reference) => Value::Template(vec![
            Piece::Reference(reference.clone()),
            Piece::Text("/*".to_owned()),
        ]),
        Value::Template(pieces) => {
            let mut pieces = pieces.clone();
            pieces.push(Piece::Text("/*".to_owned()));
            super::interpolation::joined(pieces)
        }
        other => other.clone(),
    };
    vec![arn, objects]
}

/// Whether a text has the form of a bucket's name (Amazon S3 user guide,
/// "General purpose bucket naming rules").
fn could_be_bucket(text: &str) -> bool {
    (3..=63).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.')
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.ends_with(|c: char| c.is_ascii_alphanumeric())
}

fn one_or_many(mut values: Vec<Value>) -> Value {
    match (values.len(), values.pop()) {
        (1, Some(one)) => one,
        (_, last) => {
            values.extend(last);
            Value::List(values)
        }
    }
}

fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Map(
        entries
            .into_iter()
            .map(|(k, v)| (k.to_owned(), v))
            .collect(),
    )
}

fn document(statements: Vec<Value>) -> Value {
    Value::Map(BTreeMap::from([
        ("Version".to_owned(), Value::text(VERSION)),
        ("Statement".to_owned(), Value::List(statements)),
    ]))
}
