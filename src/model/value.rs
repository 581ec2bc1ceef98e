//! Values: what a field holds, before and after it is known.
//!
//! A field of the plan file may name something that does not exist yet: the id
//! of a VPC to be created, a bucket's ARN inside a policy. Such a value travels
//! through the planner as a [`Value::Reference`] or a [`Value::Template`], is
//! resolved as far as live facts allow (the rest is [`Value::Unknown`], shown
//! as `(known after apply)`), and is plain by the time a call is made.
//!
//! ```text
//! file ──parse──► Reference/Template ──plan──► plain or Unknown ──apply──► plain
//! ```

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Address;

/// What a field holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// Nothing: AWS has no value here.
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A text.
    String(String),
    /// Several values; the field's type says whether their order counts.
    List(Vec<Value>),
    /// Named values, such as a policy document.
    Map(BTreeMap<String, Value>),
    /// An attribute of another node.
    Reference(Reference),
    /// A text with references in it.
    Template(Vec<Piece>),
    /// A value that only apply will know.
    Unknown,
}

/// An attribute of another node, such as `vpc.main`'s `id`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Reference {
    /// The node.
    pub target: Address,
    /// The name of one of its inputs or outputs; `id` is always there.
    pub attribute: String,
}

/// A piece of a text with references in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Piece {
    /// Text as it stands.
    Text(String),
    /// The text of another node's attribute.
    Reference(Reference),
    /// The account's id, which only the account can tell.
    Account,
}

impl Reference {
    /// The `id` of a node.
    #[must_use]
    pub fn id(target: Address) -> Self {
        Self {
            target,
            attribute: "id".to_owned(),
        }
    }
}

impl Value {
    /// A text value.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::String(text.into())
    }

    /// A list of texts.
    #[must_use]
    pub fn texts<T: Into<String>>(texts: impl IntoIterator<Item = T>) -> Self {
        Self::List(texts.into_iter().map(Self::text).collect())
    }

    /// The text, if this is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The boolean, if this is one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The whole number, if this is one.
    #[must_use]
    pub fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Integer(value) => Some(*value),
            _ => None,
        }
    }

    /// The items, if this is a list.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Value]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    /// The named values, if this is a map.
    #[must_use]
    pub fn as_map(&self) -> Option<&BTreeMap<String, Value>> {
        match self {
            Self::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The node this value refers to, if it is a plain reference.
    #[must_use]
    pub fn as_target(&self) -> Option<&Address> {
        match self {
            Self::Reference(reference) => Some(&reference.target),
            _ => None,
        }
    }

    /// Whether any part of the value is known only after apply.
    #[must_use]
    pub fn has_unknown(&self) -> bool {
        match self {
            Self::Unknown => true,
            Self::List(items) => items.iter().any(Self::has_unknown),
            Self::Map(map) => map.values().any(Self::has_unknown),
            _ => false,
        }
    }

    /// Calls `visit` with every reference inside the value.
    pub fn each_reference<'a>(&'a self, visit: &mut impl FnMut(&'a Reference)) {
        match self {
            Self::Reference(reference) => visit(reference),
            Self::Template(pieces) => {
                for piece in pieces {
                    if let Piece::Reference(reference) = piece {
                        visit(reference);
                    }
                }
            }
            Self::List(items) => items.iter().for_each(|item| item.each_reference(visit)),
            Self::Map(map) => map.values().for_each(|item| item.each_reference(visit)),
            _ => {}
        }
    }

    /// Replaces references by what `known` says of them; what it does not know
    /// becomes [`Value::Unknown`]. `account` is the account's id, if known.
    #[must_use]
    pub fn resolve(
        &self,
        account: Option<&str>,
        known: &impl Fn(&Reference) -> Option<Value>,
    ) -> Value {
        match self {
            Self::Reference(reference) => known(reference).unwrap_or(Self::Unknown),
            Self::Template(pieces) => {
                let mut text = String::new();
                for piece in pieces {
                    let resolved = match piece {
                        Piece::Text(part) => Some(part.clone()),
                        Piece::Account => account.map(str::to_owned),
                        Piece::Reference(reference) => known(reference).and_then(|v| v.to_text()),
                    };
                    match resolved {
                        Some(part) => text.push_str(&part),
                        None => return Self::Unknown,
                    }
                }
                Self::String(text)
            }
            Self::List(items) => Self::List(
                items
                    .iter()
                    .map(|item| item.resolve(account, known))
                    .collect(),
            ),
            Self::Map(map) => Self::Map(
                map.iter()
                    .map(|(key, item)| (key.clone(), item.resolve(account, known)))
                    .collect(),
            ),
            other => other.clone(),
        }
    }

    /// The text form of a text, number or boolean; nothing for the rest.
    #[must_use]
    pub fn to_text(&self) -> Option<String> {
        match self {
            Self::String(text) => Some(text.clone()),
            Self::Integer(number) => Some(number.to_string()),
            Self::Bool(value) => Some(value.to_string()),
            _ => None,
        }
    }

    /// The value as JSON; what is not known yet stands as its display text.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Bool(value) => (*value).into(),
            Self::Integer(value) => (*value).into(),
            Self::String(text) => text.as_str().into(),
            Self::List(items) => items.iter().map(Self::to_json).collect(),
            Self::Map(map) => serde_json::Value::Object(
                map.iter()
                    .map(|(key, item)| (key.clone(), item.to_json()))
                    .collect(),
            ),
            Self::Reference(reference) => {
                format!("${{{}.{}}}", reference.target, reference.attribute).into()
            }
            Self::Template(pieces) => pieces
                .iter()
                .map(|piece| match piece {
                    Piece::Text(text) => text.clone(),
                    Piece::Account => "${account}".to_owned(),
                    Piece::Reference(r) => format!("${{{}.{}}}", r.target, r.attribute),
                })
                .collect::<String>()
                .into(),
            Self::Unknown => "(known after apply)".into(),
        }
    }

    /// A value from JSON; fractions, which no field of ours has, become text.
    #[must_use]
    pub fn from_json(json: &serde_json::Value) -> Self {
        match json {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(value) => Self::Bool(*value),
            serde_json::Value::Number(number) => number
                .as_i64()
                .map_or_else(|| Self::String(number.to_string()), Self::Integer),
            serde_json::Value::String(text) => Self::String(text.clone()),
            serde_json::Value::Array(items) => {
                Self::List(items.iter().map(Self::from_json).collect())
            }
            serde_json::Value::Object(map) => Self::Map(
                map.iter()
                    .map(|(key, item)| (key.clone(), Self::from_json(item)))
                    .collect(),
            ),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<Vec<Value>> for Value {
    fn from(items: Vec<Value>) -> Self {
        Self::List(items)
    }
}

impl From<Reference> for Value {
    fn from(reference: Reference) -> Self {
        Self::Reference(reference)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_unknown_until_every_piece_is_known() {
        let vpc = Reference::id(Address::new("vpc", "main"));
        let value = Value::Template(vec![
            Piece::Text("in ".into()),
            Piece::Reference(vpc.clone()),
            Piece::Account,
        ]);
        let nothing = |_: &Reference| None;
        assert_eq!(value.resolve(Some("1"), &nothing), Value::Unknown);
        let known = |r: &Reference| (*r == vpc).then(|| Value::text("vpc-1"));
        assert_eq!(value.resolve(Some("1"), &known), Value::text("in vpc-11"));
        assert_eq!(value.resolve(None, &known), Value::Unknown);
    }
}
