//! From AWS's ids to the names of tables, by the types of the fields.
//!
//! ```text
//! subnet = "subnet-0a1b"              ─► subnet = "private-1"
//! Resource = "arn:aws:s3:::data/*"    ─► Resource = "${bucket.data.arn}/*"
//! "aws:SourceVpce" = "vpce-0a1b"      ─► "aws:SourceVpce" = "${gateway_endpoint.s3.id}"
//! ```
//!
//! An id that is nobody's here stays, where the field takes one. A policy of a
//! table's own object names buckets only: two objects whose policies name each
//! other could not be made one after the other.

use std::collections::BTreeMap;

use super::gather::Mentions;
use crate::kind::{Field, Type};
use crate::model::{Address, Attributes, Piece, Reference, Value, policy};

/// What of each kind has a table or a look-up, by id.
#[derive(Debug, Default)]
pub(super) struct Known {
    of_kind: BTreeMap<(String, String), Address>,
    /// Of those that AWS gives ids, which no two objects share.
    by_id: BTreeMap<String, Address>,
}

impl Known {
    pub(super) fn add(&mut self, address: &Address, id: &str) {
        let key = (address.kind.clone(), id.to_owned());
        self.of_kind.insert(key, address.clone());
        // Names are no ids: they could be any text.
        if !named(&address.kind) {
            self.by_id.insert(id.to_owned(), address.clone());
        }
    }

    fn get(&self, kind: &str, id: &str) -> Option<&Address> {
        self.of_kind.get(&(kind.to_owned(), id.to_owned()))
    }

    /// The table of an id, whatever its kind.
    pub(super) fn of(&self, id: &str) -> Option<&Address> {
        self.by_id.get(id)
    }
}

/// Whether AWS knows the objects of a kind by a name that people choose.
fn named(kind: &str) -> bool {
    ["bucket", "role"].contains(&kind)
}

/// Notes the ids that fields mention, by kind, and the buckets that policies do.
pub(super) fn mentioned(fields: &[Field], values: &Attributes, all: &mut Mentions) {
    for field in fields {
        if let Some(value) = values.get(field.name) {
            mentioned_in(&field.holds, value, all);
        }
    }
}

fn mentioned_in(holds: &Type, value: &Value, all: &mut Mentions) {
    match (holds, value) {
        (Type::Reference { kinds, literal, .. }, Value::String(id)) => {
            let mut fitting = kinds
                .iter()
                .filter(|kind| named(kind) || !literal.is_empty());
            // A field that takes any text names nobody for certain.
            if let (Some(kind), false) = (fitting.next(), literal.contains(&""))
                && kinds.len() == 1
            {
                all.entry(kind).or_default().insert(id.clone());
            }
        }
        (Type::List(of) | Type::Set(of), Value::List(items)) => {
            items.iter().for_each(|item| mentioned_in(of, item, all));
        }
        (Type::Object(fields), Value::Map(map)) => {
            mentioned(fields, &Attributes(map.clone()), all);
        }
        (Type::Map(of), Value::Map(map)) => {
            map.values().for_each(|value| mentioned_in(of, value, all));
        }
        (Type::Policy(_), document) => each_text(document, &mut |text| {
            if let Some((_, bucket, _)) = bucket_in(text) {
                all.entry("bucket").or_default().insert(bucket.to_owned());
            }
        }),
        _ => {}
    }
}

fn each_text(value: &Value, visit: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => visit(text),
        Value::List(items) => items.iter().for_each(|item| each_text(item, visit)),
        Value::Map(map) => map.values().for_each(|value| each_text(value, visit)),
        _ => {}
    }
}

/// The ARN of a bucket at the beginning of a text, the bucket, and the rest.
fn bucket_in(text: &str) -> Option<(&str, &str, &str)> {
    let rest = text.strip_prefix("arn:aws")?;
    let (partition, rest) = rest.split_once(":s3:::")?;
    if partition.contains([':', '/']) {
        return None;
    }
    let name = rest.split('/').next()?;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    if name.len() < 3 || !name.chars().all(plain) {
        return None;
    }
    let (arn, after) = text.split_at(text.len() - rest.len() + name.len());
    Some((arn, name, after))
}

/// A table's fields with names in place of ids. What cannot stay is taken out;
/// `lost` hears of it.
pub(super) fn renamed(
    own: &Address,
    fields: &[Field],
    values: &Attributes,
    known: &Known,
    lost: &mut Vec<String>,
) -> Attributes {
    let mut renamed = Attributes::new();
    for field in fields {
        let Some(value) = values.get(field.name) else {
            continue;
        };
        let ids = field.expanded;
        match translated(&field.holds, value, own, known, ids, lost) {
            Some(value) => renamed.set(field.name, value),
            None => lost.push(format!("`{}`, {}", field.name, shown(value))),
        }
    }
    renamed
}

fn shown(value: &Value) -> String {
    value
        .to_text()
        .unwrap_or_else(|| value.to_json().to_string())
}

/// A value with names in place of ids; nothing where it cannot stand in a file.
fn translated(
    holds: &Type,
    value: &Value,
    own: &Address,
    known: &Known,
    ids: bool,
    lost: &mut Vec<String>,
) -> Option<Value> {
    Some(match (holds, value) {
        (
            Type::Reference {
                kinds,
                attribute,
                literal,
            },
            Value::String(id),
        ) => {
            let target = kinds.iter().find_map(|kind| known.get(kind, id));
            match target.filter(|target| *target != own) {
                Some(target) => Value::Reference(Reference {
                    target: target.clone(),
                    attribute: (*attribute).to_owned(),
                }),
                None if literal.iter().any(|prefix| id.starts_with(prefix)) => value.clone(),
                None => return None,
            }
        }
        (Type::List(of) | Type::Set(of), Value::List(items)) => {
            let mut kept = Vec::with_capacity(items.len());
            for item in items {
                match translated(of, item, own, known, ids, lost) {
                    Some(item) => kept.push(item),
                    None => lost.push(shown(item)),
                }
            }
            // The order of AWS's ids says nothing to anybody.
            if matches!(holds, Type::Set(_)) {
                kept.sort();
            }
            Value::List(kept)
        }
        (Type::Object(fields), Value::Map(map)) => {
            let mut kept = BTreeMap::new();
            for field in *fields {
                if let Some(value) = map.get(field.name) {
                    let value = translated(&field.holds, value, own, known, ids, lost)?;
                    kept.insert(field.name.to_owned(), value);
                }
            }
            Value::Map(kept)
        }
        (Type::Map(of), Value::Map(map)) => {
            let mut kept = BTreeMap::new();
            for (key, value) in map {
                kept.insert(key.clone(), translated(of, value, own, known, ids, lost)?);
            }
            Value::Map(kept)
        }
        // A file that states no version gets today's.
        (Type::Policy(_), document) => in_policy(&policy::versioned(document), known, ids),
        (_, value) => value.clone(),
    })
}

/// A policy that names the file's buckets, and its other objects where `ids`.
fn in_policy(value: &Value, known: &Known, ids: bool) -> Value {
    match value {
        Value::String(text) => {
            let of_bucket = bucket_in(text)
                .and_then(|(_, name, after)| Some((known.get("bucket", name)?, after)));
            match of_bucket {
                Some((bucket, "")) => attribute(bucket, "arn").into(),
                Some((bucket, after)) => Value::Template(vec![
                    Piece::Reference(attribute(bucket, "arn")),
                    Piece::Text(after.to_owned()),
                ]),
                None => match known.of(text).filter(|_| ids) {
                    Some(target) => attribute(target, "id").into(),
                    None => value.clone(),
                },
            }
        }
        Value::List(items) => {
            Value::List(items.iter().map(|it| in_policy(it, known, ids)).collect())
        }
        Value::Map(map) => Value::Map(
            map.iter()
                .map(|(key, value)| (key.clone(), in_policy(value, known, ids)))
                .collect(),
        ),
        other => other.clone(),
    }
}

fn attribute(target: &Address, attribute: &str) -> Reference {
    Reference {
        target: target.clone(),
        attribute: attribute.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::PolicyUse;

    #[test]
    fn buckets_are_found_in_arns() {
        let of = |text| bucket_in(text).map(|(_, name, after)| (name, after));
        assert_eq!(of("arn:aws:s3:::data"), Some(("data", "")));
        assert_eq!(of("arn:aws-cn:s3:::da.ta/x/*"), Some(("da.ta", "/x/*")));
        for other in [
            "*",
            "arn:aws:s3:::da*",
            "arn:aws:s3:::*/x",
            "arn:aws:iam::1:role/x",
            "arn:aws:s3:eu-west-1:1:accesspoint/x",
        ] {
            assert_eq!(of(other), None, "{other}");
        }
    }

    #[test]
    fn a_policy_without_a_version_keeps_meaning_what_it_means() {
        const FIELDS: &[Field] = &[Field::new("policy", Type::Policy(PolicyUse::Resource), "")];
        let written = |text: &str| {
            let values = Attributes::new().with("policy", policy::parse(text).unwrap());
            let own = Address::new("gateway_endpoint", "s3");
            let known = Known::default();
            renamed(&own, FIELDS, &values, &known, &mut Vec::new())
                .get("policy")
                .cloned()
                .unwrap()
                .to_json()
        };
        assert_eq!(written(r#"{"Statement":[]}"#)["Version"], "2008-10-17");
        assert_eq!(
            written(r#"{"Version":"2012-10-17","Statement":[]}"#)["Version"],
            "2012-10-17"
        );
    }

    #[test]
    fn policies_name_what_the_file_has() {
        let mut known = Known::default();
        known.add(&Address::new("bucket", "data"), "my-data");
        known.add(&Address::new("gateway_endpoint", "s3"), "vpce-1");
        let written = |text: &str, ids| in_policy(&text.into(), &known, ids).to_json();
        assert_eq!(
            written("arn:aws:s3:::my-data/*", false),
            "${bucket.data.arn}/*"
        );
        assert_eq!(written("arn:aws:s3:::other", true), "arn:aws:s3:::other");
        assert_eq!(written("vpce-1", true), "${gateway_endpoint.s3.id}");
        assert_eq!(written("vpce-1", false), "vpce-1");
        // A bucket's name may stand for anything.
        assert_eq!(written("my-data", true), "my-data");
    }
}
