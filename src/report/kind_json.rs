//! Kinds, for programs: what `s3net kinds` shows people.

use serde_json::{Value, json};

use super::json::FORMAT_VERSION;
use super::kind_text::{holds, inner, of_every_table};
use crate::kind::{Default, Field, Kind, OnChange};

/// Some kinds as one document.
#[must_use]
pub fn document<'k>(kinds: impl Iterator<Item = &'k dyn Kind>) -> Value {
    json!({
        "format_version": FORMAT_VERSION,
        "document": "kinds",
        "kinds": kinds.map(kind).collect::<Vec<_>>(),
    })
}

fn kind(kind: &dyn Kind) -> Value {
    let about = kind.about();
    let outputs = kind.outputs().iter();
    let outputs = outputs.map(|it| json!({ "name": it.name, "about": it.doc }));
    let mut stated = fields(kind.fields());
    stated.extend(fields(of_every_table(kind)));
    json!({
        "kind": about.name,
        "about": about.summary,
        "fields": stated,
        "outputs": outputs.collect::<Vec<_>>(),
        "tagged": about.tagged,
        "example": about.example,
    })
}

fn fields(fields: &[Field]) -> Vec<Value> {
    let stated = fields.iter().filter(|field| !field.hidden);
    stated.map(field).collect()
}

fn field(field: &Field) -> Value {
    let default = match field.default {
        Default::Unmanaged => Value::Null,
        Default::Bool(value) => value.into(),
        Default::Integer(value) => value.into(),
        Default::Text(value) => value.into(),
        Default::Empty => json!([]),
    };
    let replaces = match field.on_change {
        OnChange::Update => None,
        OnChange::Replace(reason) => Some(reason),
    };
    json!({
        "name": field.name,
        "about": field.doc,
        "holds": holds(&field.holds),
        "fields": fields(inner(&field.holds)),
        "required": field.required,
        "default": default,
        "replaces": replaces,
    })
}
