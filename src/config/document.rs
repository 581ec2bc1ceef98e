//! The plan file's text as a tree that knows where everything stands.
//!
//! The TOML parser's own tree borrows from the text, sorts by key and is shaped
//! for deserialising. This one keeps the order of the file and says of every
//! value which bytes it is, which is all that the rest of the parser needs.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::model::{Diagnostic, Span};

/// Deeper than any document needs, and far from the end of the call stack.
const DEEPEST: usize = 40;

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    /// The bytes of the value; of a table with a header, those of the header.
    pub span: Span,
    /// What it is.
    pub holds: Holds,
}

/// What a value is.
#[derive(Debug, Clone)]
pub(crate) enum Holds {
    Text(String),
    Integer(i64),
    Bool(bool),
    List(Vec<Item>),
    Table(Table),
    /// Something that no field takes, and what to call it.
    Other(&'static str),
}

/// Named values in the order of the file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Table {
    pub entries: Vec<Entry>,
}

/// One named value.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub key: String,
    pub key_span: Span,
    pub item: Item,
    /// Whether it is a table written with a `[header]` of its own.
    pub headed: bool,
}

impl Entry {
    /// Where a reader looks for it: at its header, or at its key.
    pub(crate) fn place(&self) -> Span {
        if self.headed {
            self.item.span.clone()
        } else {
            self.key_span.clone()
        }
    }
}

impl Table {
    /// A value by name.
    pub(crate) fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }
}

impl Holds {
    /// What to call it in a sentence.
    pub(crate) fn noun(&self) -> &'static str {
        match self {
            Self::Text(_) => "a text",
            Self::Integer(_) => "a number",
            Self::Bool(_) => "a boolean",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
            Self::Other(noun) => noun,
        }
    }

    /// The table, if it is one.
    pub(crate) fn as_table(&self) -> Option<&Table> {
        match self {
            Self::Table(table) => Some(table),
            _ => None,
        }
    }
}

/// Copies the parser's tree.
pub(crate) fn tree(root: &DeTable<'_>, text: &str, problems: &mut Vec<Diagnostic>) -> Table {
    table(root, text, 0, problems)
}

fn table(map: &DeTable<'_>, text: &str, depth: usize, problems: &mut Vec<Diagnostic>) -> Table {
    let mut entries: Vec<Entry> = map
        .iter()
        .map(|(key, value)| {
            let item = item(value, text, depth + 1, problems);
            Entry {
                key: key.get_ref().to_string(),
                key_span: key.span(),
                headed: matches!(item.holds, Holds::Table(_) | Holds::List(_))
                    && item.span.start < key.span().start
                    && text
                        .get(item.span.clone())
                        .is_some_and(|header| header.starts_with('[')),
                item,
            }
        })
        .collect();
    entries.sort_by_key(|entry| entry.key_span.start);
    Table { entries }
}

fn item(
    value: &Spanned<DeValue<'_>>,
    text: &str,
    depth: usize,
    problems: &mut Vec<Diagnostic>,
) -> Item {
    let holds = match value.get_ref() {
        DeValue::Array(_) | DeValue::Table(_) if depth > DEEPEST => {
            problems.push(
                Diagnostic::error(value.span(), "nested too deeply")
                    .because(format!("no plan needs more than {DEEPEST} levels")),
            );
            Holds::Other("something nested too deeply")
        }
        DeValue::String(string) => Holds::Text(string.to_string()),
        DeValue::Integer(digits) => i64::from_str_radix(digits.as_str(), digits.radix())
            .map_or(Holds::Other("a number beyond 64 bits"), Holds::Integer),
        DeValue::Float(_) => Holds::Other("a fraction"),
        DeValue::Boolean(value) => Holds::Bool(*value),
        DeValue::Datetime(_) => Holds::Other("a date"),
        DeValue::Array(items) => Holds::List(
            items
                .iter()
                .map(|value| item(value, text, depth + 1, problems))
                .collect(),
        ),
        DeValue::Table(map) => Holds::Table(table(map, text, depth, problems)),
    };
    Item {
        span: value.span(),
        holds,
    }
}
