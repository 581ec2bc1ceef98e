//! Values by type, as a plan file writes them.

use toml_edit::{Array, InlineTable, Value as Written};

use super::escaping::{escaped, template};
use super::{WORD, expression, policies};
use crate::kind::{Default, Field, Type};
use crate::model::{Reference, Value};

/// What the words of a file depend on.
pub(super) struct Writer<'a> {
    /// The region that the file states: zones of it are written as letters.
    pub region: Option<&'a str>,
}

impl Writer<'_> {
    /// A field's value; nothing where the file need not say it.
    pub(super) fn field(&self, field: &Field, value: &Value) -> Option<Written> {
        (!is_default(field, value)).then(|| self.value(&field.holds, value))?
    }

    fn value(&self, holds: &Type, value: &Value) -> Option<Written> {
        match (holds, value) {
            (Type::Policy(_), _) => policies::written(value),
            (Type::Zone, Value::String(text)) => Some(self.zone(text).into()),
            (Type::List(of) | Type::Set(of), Value::List(items)) => {
                let mut array = Array::new();
                for item in items.iter().filter_map(|item| self.value(of, item)) {
                    array.push_formatted(item);
                }
                Some(array.into())
            }
            (Type::Object(fields), Value::Map(map)) => {
                let mut table = InlineTable::new();
                for field in *fields {
                    let value = map.get(field.name);
                    if let Some(value) = value.and_then(|value| self.field(field, value)) {
                        table.insert(field.name, value);
                    }
                }
                Some(table.into())
            }
            (Type::Map(of), Value::Map(map)) => {
                let mut table = InlineTable::new();
                for (key, value) in map {
                    if let Some(value) = self.value(of, value) {
                        table.insert(key, value);
                    }
                }
                Some(table.into())
            }
            (
                Type::Reference {
                    kinds, attribute, ..
                },
                Value::Reference(reference),
            ) => Some(reference_in(kinds, attribute, reference).into()),
            _ => plain(value, false),
        }
    }

    /// A zone of the stack's region is its letter.
    fn zone(&self, text: &str) -> String {
        let rest = self.region.and_then(|region| text.strip_prefix(region));
        match rest {
            Some(letter) if letter.len() == 1 && letter.bytes().all(|b| b.is_ascii_lowercase()) => {
                letter.to_owned()
            }
            _ => escaped(text, false),
        }
    }
}

/// Whether a value is what the file means where it says nothing.
fn is_default(field: &Field, value: &Value) -> bool {
    if field.required {
        return false;
    }
    match (field.default, value) {
        (_, Value::Null) => true,
        (Default::Bool(default), Value::Bool(value)) => default == *value,
        (Default::Integer(default), Value::Integer(value)) => default == *value,
        (Default::Text(default), Value::String(value)) => default == value,
        (Default::Empty, Value::List(items)) => items.is_empty(),
        _ => false,
    }
}

/// A reference where a field wants one.
fn reference_in(kinds: &[&str], attribute: &str, reference: &Reference) -> String {
    let target = &reference.target;
    let fits = kinds.contains(&target.kind.as_str()) && reference.attribute == attribute;
    match (fits, kinds) {
        (true, [_]) => target.name.clone(),
        (true, _) => format!("{}.{}", target.kind, target.name),
        (false, _) => format!("${{{}}}", expression(reference)),
    }
}

/// A value that needs no type to be written; nothing for what is not there or
/// not known.
pub(super) fn plain(value: &Value, in_policy: bool) -> Option<Written> {
    Some(match value {
        Value::Null | Value::Unknown => return None,
        Value::Bool(value) => (*value).into(),
        Value::Integer(number) => (*number).into(),
        Value::String(text) => escaped(text, in_policy).into(),
        Value::Reference(reference) => format!("${{{}}}", expression(reference)).into(),
        Value::Template(pieces) => template(pieces, in_policy).into(),
        Value::List(items) => {
            let mut array = Array::new();
            for item in items.iter().filter_map(|item| plain(item, in_policy)) {
                array.push_formatted(item);
            }
            array.into()
        }
        Value::Map(map) => {
            let mut table = InlineTable::new();
            for (key, value) in map {
                if let Some(value) = plain(value, in_policy) {
                    table.insert(key, value);
                }
            }
            table.into()
        }
    })
}

/// Whether a reference is a word such as `var.x`, which needs no table.
pub(super) fn is_word(reference: &Reference) -> bool {
    reference.target.kind == WORD
}
