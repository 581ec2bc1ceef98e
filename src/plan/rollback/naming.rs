//! Ids in texts: a policy or a rule that names what is made again.
//!
//! `aws:SourceVpce = "vpce-0a1b"` names an endpoint that will have another id.
//! Such an id, a host name made of it, and a public address become references
//! where they stand; the new object's own take their place.

use std::net::Ipv4Addr;

use crate::kind::{Live, Registry};
use crate::model::{Address, Attributes, Piece, Reference, Value};

/// What is named, and by what.
pub(super) struct Names {
    /// The longest first: a host name holds the id that it is made of.
    names: Vec<(String, Reference)>,
}

impl Names {
    /// The names of objects that are to be made again.
    pub(super) fn of<'a>(
        registry: Registry,
        objects: impl Iterator<Item = &'a (&'a Address, &'a Live)>,
    ) -> Self {
        let mut names: Vec<(String, Reference)> = Vec::new();
        for (address, object) in objects.filter(|(address, _)| address.part.is_none()) {
            let Some(kind) = registry.of(address) else {
                continue;
            };
            let id = object.id.as_str();
            // A name that the file chose is the same again.
            if kind.certain_id(&object.attributes).is_some() || !id.contains('-') {
                continue;
            }
            let mut name = |text: &str, attribute: &str| {
                if names.iter().all(|(known, _)| known != text) {
                    let reference = Reference {
                        target: (*address).clone(),
                        attribute: attribute.to_owned(),
                    };
                    names.push((text.to_owned(), reference));
                }
            };
            name(id, "id");
            for output in kind.outputs() {
                let text = object.attributes.text(output.name);
                let own = |text: &&str| text.contains(id) || is_public(text);
                if let Some(text) = text.filter(own) {
                    name(text, output.name);
                }
            }
        }
        names.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
        Self { names }
    }

    /// A node's inputs with references for these names.
    pub(super) fn found_in(&self, node: &Address, inputs: Attributes) -> Attributes {
        let names: Vec<&(String, Reference)> = self
            .names
            .iter()
            // A node does not wait for itself.
            .filter(|(_, reference)| reference.target != *node)
            .collect();
        if names.is_empty() {
            return inputs;
        }
        let all = inputs.0.into_iter();
        all.map(|(field, value)| (field, found(&names, value)))
            .collect()
    }
}

fn found(names: &[&(String, Reference)], value: Value) -> Value {
    match value {
        Value::String(text) => in_text(names, text),
        Value::List(items) => {
            Value::List(items.into_iter().map(|item| found(names, item)).collect())
        }
        Value::Map(map) => Value::Map(
            map.into_iter()
                .map(|(key, value)| (key, found(names, value)))
                .collect(),
        ),
        other => other,
    }
}

fn in_text(names: &[&(String, Reference)], text: String) -> Value {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut rest = text.as_str();
    while let Some((place, name, reference)) = first(names, rest) {
        if place > 0 {
            pieces.push(Piece::Text(rest[..place].to_owned()));
        }
        pieces.push(Piece::Reference(reference.clone()));
        rest = &rest[place + name.len()..];
    }
    if pieces.is_empty() {
        return Value::String(text);
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest.to_owned()));
    }
    match pieces.as_slice() {
        [Piece::Reference(whole)] => Value::Reference(whole.clone()),
        _ => Value::Template(pieces),
    }
}

/// The name that comes first in a text, as a word of its own.
fn first<'n>(
    names: &[&'n (String, Reference)],
    text: &str,
) -> Option<(usize, &'n str, &'n Reference)> {
    let inside = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric());
    let stands = |place: usize, name: &str| {
        !inside(text[..place].chars().next_back())
            && !inside(text[place + name.len()..].chars().next())
    };
    let found = names.iter().filter_map(|(name, reference)| {
        let mut places = text.match_indices(name.as_str());
        let (place, _) = places.find(|(place, _)| stands(*place, name))?;
        Some((place, name.as_str(), reference))
    });
    // Of two that begin at one place, the longer.
    found.min_by_key(|(place, name, _)| (*place, std::cmp::Reverse(name.len())))
}

/// Whether a text is an address of the internet.
fn is_public(text: &str) -> bool {
    text.parse::<Ipv4Addr>()
        .is_ok_and(|address| !address.is_private() && !address.is_link_local())
}
