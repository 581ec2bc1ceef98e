//! A template's text as a tree that knows its lines.
//!
//! CloudFormation takes every scalar for a text until a property says otherwise,
//! so there is one sort of scalar here. An intrinsic function is a node of its
//! own, whether written short (`!Ref X`) or long (`{"Ref": "X"}`).

use crate::model::Span;

/// A value of the template and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Node {
    /// The line, from 1.
    pub line: usize,
    /// Its bytes in the file, as far as the parser knows them.
    pub span: Span,
    /// What it is.
    pub holds: Holds,
}

/// What a value is.
#[derive(Debug, Clone)]
pub(super) enum Holds {
    Nothing,
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
    /// An intrinsic function by its long name (`Ref`, `Fn::Sub`), and what it is
    /// called with.
    Call(String, Box<Node>),
}

/// One named value.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub key: String,
    pub line: usize,
    pub node: Node,
}

impl Node {
    /// The entries, if it is a map; none otherwise.
    pub(super) fn entries(&self) -> &[Entry] {
        match &self.holds {
            Holds::Map(entries) => entries,
            _ => &[],
        }
    }

    /// An entry's value by its key.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        let mut entries = self.entries().iter();
        entries.find(|entry| entry.key == key).map(|it| &it.node)
    }

    /// The items, if it is a list; itself as the only one otherwise, as
    /// CloudFormation takes one value for a list of one.
    pub(super) fn items(&self) -> &[Self] {
        match &self.holds {
            Holds::List(items) => items,
            Holds::Nothing => &[],
            _ => std::slice::from_ref(self),
        }
    }

    /// The text, if it is a scalar.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.holds {
            Holds::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether a function is called anywhere in it.
    pub(super) fn calls(&self, function: &str) -> bool {
        match &self.holds {
            Holds::Call(name, with) => name == function || with.calls(function),
            Holds::List(items) => items.iter().any(|item| item.calls(function)),
            Holds::Map(entries) => entries.iter().any(|it| it.node.calls(function)),
            Holds::Nothing | Holds::Text(_) => false,
        }
    }
}
