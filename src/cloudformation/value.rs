//! Texts with symbols in them: putting together, taking apart.
//!
//! What a template says becomes [`Value`]s as a draft has them: references to
//! tables, and words such as `${var.x}` and `${region}`.

use std::collections::BTreeMap;

use crate::draft;
use crate::model::{Address, Piece, Reference, Value};

/// Longer texts are refused: one that doubles at every level would fill the
/// memory. AWS's own largest text of ours, user data, holds 16 KiB.
const LONGEST: usize = 64 * 1024;

/// The attributes whose texts never hold what a template splits at.
const PLAIN_ATTRIBUTES: &[&str] = &["id", "dns_name", "hosted_zone_id"];

/// The pieces of a text; nothing for what is no text.
pub(super) fn pieces(value: Value) -> Option<Vec<Piece>> {
    match value {
        Value::Reference(reference) => Some(vec![Piece::Reference(reference)]),
        Value::Template(pieces) => Some(pieces),
        other => other.to_text().map(|text| vec![Piece::Text(text)]),
    }
}

/// Pieces as the plainest value that holds them; nothing for a text that is too
/// long.
pub(super) fn joined(pieces: impl IntoIterator<Item = Piece>) -> Option<Value> {
    let mut merged: Vec<Piece> = Vec::new();
    let mut length = 0_usize;
    for piece in pieces {
        length += match &piece {
            Piece::Text(text) => text.len(),
            Piece::Reference(_) | Piece::Account => 12,
        };
        if length > LONGEST {
            return None;
        }
        match (merged.last_mut(), piece) {
            (Some(Piece::Text(text)), Piece::Text(more)) => text.push_str(&more),
            (_, Piece::Text(text)) if text.is_empty() => {}
            (_, piece) => merged.push(piece),
        }
    }
    Some(match merged.as_slice() {
        [] => Value::text(""),
        [Piece::Text(text)] => Value::text(text.as_str()),
        [Piece::Reference(reference)] => Value::Reference(reference.clone()),
        _ => Value::Template(merged),
    })
}

/// A text cut at every `at`; nothing where a symbol may hide one.
pub(super) fn split(value: Value, at: &str) -> Option<Vec<Value>> {
    let mut parts: Vec<Vec<Piece>> = vec![Vec::new()];
    for piece in pieces(value)? {
        match piece {
            Piece::Text(text) => {
                let mut cuts = text.split(at);
                if let (Some(first), Some(last)) = (cuts.next(), parts.last_mut()) {
                    last.push(Piece::Text(first.to_owned()));
                }
                parts.extend(cuts.map(|cut| vec![Piece::Text(cut.to_owned())]));
            }
            Piece::Reference(reference) if hides_nothing(&reference) => {
                parts.last_mut()?.push(Piece::Reference(reference));
            }
            Piece::Reference(_) | Piece::Account => return None,
        }
    }
    parts.into_iter().map(joined).collect()
}

fn hides_nothing(reference: &Reference) -> bool {
    is_region(reference) || PLAIN_ATTRIBUTES.contains(&reference.attribute.as_str())
}

/// An attribute of a table.
pub(super) fn attribute(address: Address, attribute: &str) -> Value {
    Value::Reference(Reference {
        target: address,
        attribute: attribute.to_owned(),
    })
}

/// Whether a reference is the word `${region}`.
pub(super) fn is_region(reference: &Reference) -> bool {
    draft::region() == Value::Reference(reference.clone())
}

/// The name of the variable that a reference is the word of.
pub(super) fn variable_of(reference: &Reference) -> Option<&str> {
    let name = reference.target.name.strip_prefix("var.")?;
    (draft::variable(name) == Value::Reference(reference.clone())).then_some(name)
}

/// The variables in a value.
pub(super) fn variables_in(value: &Value) -> Vec<String> {
    let mut names = Vec::new();
    value.each_reference(&mut |reference| {
        names.extend(variable_of(reference).map(str::to_owned));
    });
    names
}

/// A map from pairs.
pub(super) fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    let entries = entries.into_iter();
    Value::Map(
        entries
            .map(|(key, value)| (key.to_owned(), value))
            .collect(),
    )
}

/// The entries of a map; none for anything else.
pub(super) fn entries(value: Value) -> BTreeMap<String, Value> {
    match value {
        Value::Map(map) => map,
        _ => BTreeMap::new(),
    }
}

/// A value as a plan file would write it inside a text.
pub(super) fn in_words(value: &Value) -> String {
    match value {
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(in_words).collect();
            items.join(", ")
        }
        other => pieces(other.clone())
            .unwrap_or_default()
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => text.clone(),
                Piece::Account => "${account}".to_owned(),
                Piece::Reference(reference) if reference.attribute.is_empty() => {
                    format!("${{{}}}", reference.target.name)
                }
                Piece::Reference(reference) => {
                    format!("${{{}.{}}}", reference.target, reference.attribute)
                }
            })
            .collect(),
    }
}

/// A truth, as templates write it.
pub(super) fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" => Some(true),
        "false" | "no" | "off" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_are_split_only_where_they_hide_nothing() {
        let endpoint = || Address::new("interface_endpoint", "s3");
        let entry = joined(
            [
                pieces(attribute(endpoint(), "hosted_zone_id")).unwrap(),
                vec![Piece::Text(":".into())],
                pieces(attribute(endpoint(), "dns_name")).unwrap(),
            ]
            .concat(),
        )
        .unwrap();
        let parts = split(entry, ":").unwrap();
        assert_eq!(parts[0], attribute(endpoint(), "hosted_zone_id"));
        assert_eq!(parts[1], attribute(endpoint(), "dns_name"));
        assert_eq!(split(draft::variable("x"), ":"), None);
        let plain = split(Value::text("a,b,,c"), ",").unwrap();
        assert_eq!(plain, ["a", "b", "", "c"].map(Value::text));
    }

    #[test]
    fn pieces_join_to_the_plainest_value() {
        let text = |text: &str| Piece::Text(text.to_owned());
        assert_eq!(joined([text("a"), text("b")]), Some(Value::text("ab")));
        assert_eq!(joined([]), Some(Value::text("")));
        assert_eq!(joined([text(&"x".repeat(LONGEST + 1))]), None);
        let alone = joined(pieces(draft::region()).unwrap());
        assert_eq!(alone, Some(draft::region()));
    }
}
