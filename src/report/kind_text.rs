//! Kinds as text: the list of them, and one in full.
//!
//! The same descriptions that check a file and compare a network are what a
//! user reads here, so they cannot disagree.

use std::fmt::Write;

use super::fitting::wrapped;
use super::style::{Ink, Style};
use crate::kind::{Default, Field, Kind, OnChange, PolicyUse, Registry, Type};

const TAGS: Field = Field::new(
    "tags",
    Type::Map(&Type::Text),
    "Tags beside those of [stack] and s3net's own.",
);
const LIFECYCLE: Field = Field::new(
    "lifecycle",
    Type::Object(&LIFECYCLE_FIELDS),
    "What may become of it.",
);
pub(super) const LIFECYCLE_FIELDS: [Field; 4] = [
    Field::new(
        "prevent_destroy",
        Type::Bool,
        "Refuse every plan that would destroy it.",
    ),
    Field::new(
        "create_before_destroy",
        Type::Bool,
        "Make a replacement beside the old one.",
    ),
    Field::new(
        "ignore",
        Type::Set(&Type::Text),
        "Fields that are left as AWS has them.",
    ),
    Field::new(
        "on_remove",
        Type::OneOf(&["destroy", "forget"]),
        "What becomes of it when its table is taken out.",
    ),
];

/// Every kind that a file can have tables of, a line each.
#[must_use]
pub fn list(registry: Registry, style: Style) -> String {
    let width = registry.names().map(str::len).max().unwrap_or(0);
    let mut text = String::new();
    for about in registry.tables().map(Kind::about) {
        let name = format!("{:width$}", about.name);
        let _ = write!(text, "{}  ", style.paint(Ink::Strong, &name));
        hang(&mut text, about.summary, width + 2, style);
    }
    text
}

/// One kind: its fields, its outputs, and an example.
#[must_use]
pub fn describe(kind: &dyn Kind, style: Style) -> String {
    let about = kind.about();
    let mut text = format!(
        "{}\n",
        style.paint(Ink::Strong, &format!("[{}.<name>]", about.name))
    );
    indent(&mut text, about.summary, 0, style);
    text.push_str("\nFields\n");
    describe_fields(&mut text, kind.fields(), 2, style);
    if !kind.outputs().is_empty() {
        text.push_str("\nOutputs, beside its id and fields\n");
        for output in kind.outputs() {
            let _ = writeln!(text, "  {}", style.paint(Ink::Strong, output.name));
            indent(&mut text, output.doc, 6, style);
        }
    }
    text.push_str("\nFields of every table\n");
    describe_fields(&mut text, of_every_table(kind), 2, style);
    let _ = write!(text, "\nExample\n\n{}", about.example);
    text
}

/// Fields below each other, and those of the tables that they hold below them.
fn describe_fields(text: &mut String, fields: &[Field], column: usize, style: Style) {
    for field in fields.iter().filter(|field| !field.hidden) {
        let name = style.paint(Ink::Strong, field.name);
        let _ = write!(text, "{:column$}{name}  ", "");
        hang(text, &holds(&field.holds), column + 4, style);
        let doc = format!("{}{}", field.doc, notes(field));
        indent(text, &doc, column + 4, style);
        describe_fields(text, inner(&field.holds), column + 4, style);
    }
}

/// What a table takes of whatever kind it is.
pub(super) fn of_every_table(kind: &dyn Kind) -> &'static [Field] {
    match kind.about().tagged {
        true => &[TAGS, LIFECYCLE],
        false => &[LIFECYCLE],
    }
}

/// The fields of the tables that a field holds.
pub(super) fn inner(holds: &Type) -> &'static [Field] {
    match holds {
        Type::Object(fields) => fields,
        Type::List(item) | Type::Set(item) | Type::Map(item) => inner(item),
        _ => &[],
    }
}

/// Writes text from where the line is, further lines under its beginning.
fn hang(text: &mut String, words: &str, column: usize, style: Style) {
    let lines = wrapped(words, style.width.saturating_sub(column));
    let _ = writeln!(text, "{}", lines.join(&format!("\n{:column$}", "")));
}

fn indent(text: &mut String, words: &str, column: usize, style: Style) {
    let _ = write!(text, "{:column$}", "");
    hang(text, words, column, style);
}

fn notes(field: &Field) -> String {
    let mut notes = String::new();
    if field.required {
        notes.push_str(" Required.");
    }
    match field.default {
        Default::Unmanaged => {}
        Default::Bool(value) => {
            let _ = write!(notes, " Default {value}.");
        }
        Default::Integer(value) => {
            let _ = write!(notes, " Default {value}.");
        }
        Default::Text(value) => {
            let _ = write!(notes, " Default \"{value}\".");
        }
        Default::Empty => notes.push_str(" Default empty."),
    }
    if let OnChange::Replace(_) = field.on_change {
        notes.push_str(" A change replaces it.");
    }
    notes
}

/// What a field holds, in words.
pub(super) fn holds(holds: &Type) -> String {
    match holds {
        Type::Text | Type::CaselessText => "text".to_owned(),
        Type::DnsName => "DNS name".to_owned(),
        Type::OneOf(choices) => format!("one of {}", choices.join(", ")),
        Type::Bool => "true or false".to_owned(),
        Type::Integer(low, high) => format!("number, {low} to {high}"),
        Type::Cidr4(low, high) => format!("IPv4 block, /{low} to /{high}"),
        Type::Cidr => "IP block".to_owned(),
        Type::Zone => "zone, such as \"a\"".to_owned(),
        Type::Reference { kinds, .. } => format!("name of {}", kinds.join(", ")),
        Type::List(item) => format!("list of {}", self::holds(item)),
        Type::Set(item) => format!("set of {}", self::holds(item)),
        Type::Object(fields) => {
            let names: Vec<_> = fields.iter().map(|field| field.name).collect();
            format!("{{ {} }}", names.join(", "))
        }
        Type::Map(item) => format!("names with {}", self::holds(item)),
        Type::Policy(PolicyUse::Resource) => {
            "policy: a document, { file }, or { allow_buckets, actions }".to_owned()
        }
        Type::Policy(PolicyUse::Identity) => {
            "policy: a document, { file }, or { allow, deny, on }".to_owned()
        }
        Type::Policy(PolicyUse::Trust) => "policy: a document, or { file }".to_owned(),
    }
}
