//! Addresses: how a person, a tag and the state file name one node.
//!
//! A table of the plan file stands for one or more nodes of the graph, so an
//! address has up to two levels:
//!
//! ```text
//! subnet.private-1                        the table [subnet.private-1]
//! route_table.public/route:0.0.0.0/0      a part of [route_table.public]
//! bucket.data/policy                      a part without a key
//! existing.vpc.shared                     a look-up, never changed
//! ```
//!
//! The text form uses only characters that AWS allows in a tag value, needs no
//! quoting in a shell, and is what `s3net:address` holds.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The name of one node of a stack.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address {
    /// The table's kind, such as `route_table`.
    pub kind: String,
    /// The table's name, such as `public`.
    pub name: String,
    /// Which part of the table, where it stands for several nodes.
    pub part: Option<Part>,
    /// True for an `[existing.<kind>.<name>]` look-up.
    pub existing: bool,
}

/// One of the several nodes that a table stands for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Part {
    /// What the part is to its table, such as `route`.
    pub label: String,
    /// Tells parts with one label apart; empty where there is only one.
    pub key: String,
}

impl Address {
    /// The address of the table `[kind.name]`.
    #[must_use]
    pub fn new(kind: &str, name: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            name: name.to_owned(),
            part: None,
            existing: false,
        }
    }

    /// The address of the look-up `[existing.kind.name]`.
    #[must_use]
    pub fn existing(kind: &str, name: &str) -> Self {
        Self {
            existing: true,
            ..Self::new(kind, name)
        }
    }

    /// The address of a part of this address's table.
    #[must_use]
    pub fn part(&self, label: &str, key: &str) -> Self {
        Self {
            part: Some(Part {
                label: label.to_owned(),
                key: key.to_owned(),
            }),
            ..self.clone()
        }
    }

    /// The address of the table that this address is, or is a part of.
    #[must_use]
    pub fn table(&self) -> Self {
        Self {
            part: None,
            ..self.clone()
        }
    }

    /// The address once tables have other names: `moved` leads from the former
    /// ones to those of now. The parts whose keys name a table (a rule names a
    /// group) get its new one too.
    #[must_use]
    pub fn moved(mut self, moved: &BTreeMap<Self, Self>) -> Self {
        if let Some(to) = moved.get(&self.table()) {
            self.name.clone_from(&to.name);
        }
        if let Some(part) = self.part.as_mut().filter(|part| part.key.contains('.')) {
            let named = |piece: &str| {
                let table: Self = piece.parse().ok()?;
                moved.get(&table).map(ToString::to_string)
            };
            let pieces = part.key.split(':');
            let pieces = pieces.map(|piece| named(piece).unwrap_or_else(|| piece.to_owned()));
            part.key = pieces.collect::<Vec<_>>().join(":");
        }
        self
    }

    /// The label of the part, or an empty string for the table itself.
    #[must_use]
    pub fn label(&self) -> &str {
        self.part.as_ref().map_or("", |part| &part.label)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.existing {
            out.write_str("existing.")?;
        }
        write!(out, "{}.{}", self.kind, self.name)?;
        if let Some(part) = &self.part {
            write!(out, "/{}", part.label)?;
            if !part.key.is_empty() {
                write!(out, ":{}", part.key)?;
            }
        }
        Ok(())
    }
}

/// Why a text is no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an address: expected `kind.name`, such as `subnet.private-1`")]
pub struct AddressError(pub String);

/// Whether a text can be a table's name: letters, digits, `-` and `_`.
#[must_use]
pub fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 64
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let error = || AddressError(text.to_owned());
        let (table, part) = match text.split_once('/') {
            Some((table, part)) => (table, Some(part)),
            None => (text, None),
        };
        let (table, existing) = match table.strip_prefix("existing.") {
            Some(rest) => (rest, true),
            None => (table, false),
        };
        let (kind, name) = table.split_once('.').ok_or_else(error)?;
        if !is_name(kind) || !is_name(name) {
            return Err(error());
        }
        let part = match part {
            None => None,
            Some(part) => {
                let (label, key) = part.split_once(':').unwrap_or((part, ""));
                if !is_name(label) {
                    return Err(error());
                }
                Some(Part {
                    label: label.to_owned(),
                    key: key.to_owned(),
                })
            }
        };
        Ok(Self {
            kind: kind.to_owned(),
            name: name.to_owned(),
            part,
            existing,
        })
    }
}

impl TryFrom<String> for Address {
    type Error = AddressError;

    fn try_from(text: String) -> Result<Self, AddressError> {
        text.parse()
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_forms_round_trip() {
        for text in [
            "subnet.private-1",
            "route_table.public/route:0.0.0.0/0",
            "route_table.public/route:::/0",
            "bucket.data/policy",
            "existing.vpc.shared",
        ] {
            let address: Address = text.parse().unwrap();
            assert_eq!(address.to_string(), text);
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            "subnet",
            "subnet.",
            ".x",
            "a b.c",
            "subnet.a/",
            "subnet.a/:k",
        ] {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_gives_an_address_or_an_error(text in ".{0,40}") {
            if let Ok(address) = text.parse::<Address>() {
                let again: Address = address.to_string().parse().unwrap();
                prop_assert_eq!(address, again);
            }
        }
    }
}
