//! The fields of one table: which there are, which are missing, which are
//! nobody's.

use super::document::{Entry, Table};
use super::reading::{Found, Reading};
use crate::kind::{Default, Field, Type};
use crate::model::diagnostic::did_you_mean;
use crate::model::{Attributes, Diagnostic, Span, Value};

/// What the fields of one table hold.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    /// The values that are sound, defaults included.
    pub values: Attributes,
    /// Whether a field that the table needs is missing or unsound.
    pub damaged: bool,
    /// Where the values that are sound stand.
    pub sound: Vec<Span>,
}

impl Reading<'_> {
    /// Reads the fields of a table. `subject` names it in problems, `place` is
    /// where its missing fields are shown, `prefix` goes before field names in
    /// paths, and `others` are keys that are read elsewhere.
    pub(crate) fn fields(
        &self,
        fields: &'static [Field],
        table: &Table,
        naming: &Naming<'_>,
        found: &mut Found,
    ) -> Fields {
        let mut read = Fields::default();
        // What a misspelt key was meant to be is not missing too.
        let mut meant: Vec<&str> = Vec::new();
        for entry in &table.entries {
            if naming.others.contains(&entry.key.as_str()) {
                continue;
            }
            let stated = fields.iter().filter(|field| !field.hidden);
            let Some(field) = stated.clone().find(|field| field.name == entry.key) else {
                let mut known: Vec<&str> = stated.map(|field| field.name).collect();
                known.extend(naming.others);
                meant.extend(did_you_mean(&entry.key, known.iter().copied()));
                let problem = unknown_key(&entry.key, entry.place(), naming.subject, &known);
                found.problems.push(problem);
                continue;
            };
            let path = format!("{}{}", naming.prefix, field.name);
            match self.value(&field.holds, &entry.item, &path, found) {
                Some(value) => {
                    read.values.set(field.name, value);
                    read.sound.push(entry.item.span.clone());
                }
                None => read.damaged = true,
            }
        }
        for field in fields {
            if table.get(field.name).is_some() {
                continue;
            }
            if field.required {
                read.damaged = true;
                if !self.broken && !meant.contains(&field.name) {
                    found.problems.push(self.missing(field, naming));
                }
            } else if let Some(value) = default(field) {
                read.values.set(field.name, value);
            }
        }
        read
    }

    fn missing(&self, field: &Field, naming: &Naming<'_>) -> Diagnostic {
        let doc = field.doc.trim_end_matches('.');
        Diagnostic::error(
            naming.place.clone(),
            format!("{} needs `{}`", naming.subject, field.name),
        )
        .because(format!("`{}` is {}", field.name, decapitalised(doc)))
        .remedy(format!(
            "add `{} = {}`",
            field.name,
            self.sample(&field.holds)
        ))
    }

    /// A value as a user might write it.
    pub(crate) fn sample(&self, holds: &Type) -> String {
        match holds {
            Type::Cidr4(..) | Type::Cidr => "\"10.0.0.0/16\"".to_owned(),
            Type::Zone => "\"a\"".to_owned(),
            Type::Bool => "true".to_owned(),
            Type::Integer(from, _) => from.to_string(),
            Type::OneOf(choices) => format!("\"{}\"", choices.first().unwrap_or(&"…")),
            Type::DnsName => "\"example.internal\"".to_owned(),
            Type::Reference { kinds, .. } => {
                let declared = self
                    .tables
                    .keys()
                    .find(|address| kinds.contains(&address.kind.as_str()));
                match (declared, *kinds) {
                    (Some(address), [_]) => format!("\"{}\"", address.name),
                    (Some(address), _) => format!("\"{address}\""),
                    (None, _) => "\"…\"".to_owned(),
                }
            }
            Type::List(of) | Type::Set(of) => format!("[{}]", self.sample(of)),
            Type::Object(fields) => {
                let needed = fields
                    .iter()
                    .filter(|field| field.required)
                    .map(|field| format!("{} = {}", field.name, self.sample(&field.holds)));
                format!("{{ {} }}", needed.collect::<Vec<_>>().join(", "))
            }
            Type::Map(_) | Type::Policy(_) => "{ … }".to_owned(),
            Type::Text | Type::CaselessText => "\"…\"".to_owned(),
        }
    }
}

/// How a table is called in problems and paths.
pub(crate) struct Naming<'a> {
    /// Such as `[vpc.main]` or `routes[0]`.
    pub subject: &'a str,
    /// Where its missing fields are shown.
    pub place: Span,
    /// Goes before field names in paths.
    pub prefix: &'a str,
    /// Keys that are read elsewhere.
    pub others: &'a [&'a str],
}

/// What an absent field means, where it means something.
pub(crate) fn default(field: &Field) -> Option<Value> {
    match field.default {
        Default::Unmanaged => None,
        Default::Bool(value) => Some(Value::Bool(value)),
        Default::Integer(number) => Some(Value::Integer(number)),
        Default::Text(text) => Some(Value::text(text)),
        Default::Empty => Some(Value::List(Vec::new())),
    }
}

/// A key that nothing reads.
pub(crate) fn unknown_key(key: &str, place: Span, subject: &str, known: &[&str]) -> Diagnostic {
    let problem = Diagnostic::error(place, format!("{subject} has no field `{key}`"));
    match did_you_mean(key, known.iter().copied()) {
        Some(near) => problem.remedy(format!("did you mean `{near}`?")),
        None => problem.remedy(format!(
            "it takes {}",
            list_of(known.iter().map(|name| format!("`{name}`")), "and")
        )),
    }
}

/// The table that an entry holds, or a problem that says how to write one.
pub(crate) fn table_of<'t>(
    entry: &'t Entry,
    subject: &str,
    sample: &str,
    found: &mut Found,
) -> Option<&'t Table> {
    entry.item.holds.as_table().or_else(|| {
        found.problem(
            Diagnostic::error(
                entry.item.span.clone(),
                format!("{subject} must be a table, not {}", entry.item.holds.noun()),
            )
            .remedy(format!("write `{sample}`")),
        )
    })
}

/// Things in a sentence: "a, b and c".
pub(crate) fn list_of(items: impl Iterator<Item = String>, word: &str) -> String {
    let items: Vec<String> = items.collect();
    match items.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [many @ .., last] => format!("{} {word} {last}", many.join(", ")),
    }
}

/// The text with a small first letter, unless it begins with an abbreviation.
fn decapitalised(text: &str) -> String {
    let mut letters = text.chars();
    match (letters.next(), letters.next()) {
        (Some(first), Some(second)) if !second.is_uppercase() => {
            first.to_lowercase().chain(text.chars().skip(1)).collect()
        }
        _ => text.to_owned(),
    }
}
