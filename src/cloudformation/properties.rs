//! A resource's properties, each taken once: what nobody takes is told.

use std::collections::BTreeMap;

use super::fitting::fit;
use super::node::{Holds, Node};
use super::note::{Note, Weight};
use super::scope::{Fault, Key, World};
use super::tables::Tables;
use super::value::truth;
use crate::kind::Registry;
use crate::model::tags::{self, AWS_PREFIX, PREFIX};
use crate::model::{Address, Value};

/// A resource on its way into the draft.
pub(super) struct Context<'w> {
    pub world: &'w World<'w>,
    pub registry: Registry,
    pub scope: usize,
    /// Its logical id.
    pub id: String,
    /// The name of its type.
    pub named: &'static str,
    /// The line where it begins.
    pub line: usize,
    /// The table that it becomes, or that its notes belong to.
    pub address: Option<Address>,
    pub notes: &'w mut Vec<Note>,
}

impl Context<'_> {
    /// The resource's scope and logical id.
    pub(super) fn key(&self) -> Key {
        (self.scope, self.id.clone())
    }

    /// Says that something of it is not taken over.
    pub(super) fn left(&mut self, line: usize, path: &str, why: impl Into<String>) {
        self.note(Weight::Left, line, path, why);
    }

    /// Says once that something as a whole is not taken over: for the first reason
    /// that was told since there were `before` notes, else for `why`.
    pub(super) fn left_whole(&mut self, before: usize, line: usize, path: &str, why: &str) {
        let told = self.notes.iter().skip(before);
        let why = match told.into_iter().find(|it| it.weight == Weight::Left) {
            Some(first) => format!("{} ({})", first.text, first.subject),
            None => why.to_owned(),
        };
        self.notes.truncate(before);
        self.left(line, path, why);
    }

    /// Says something of it. `path` is the property's, empty for the resource.
    pub(super) fn note(
        &mut self,
        weight: Weight,
        line: usize,
        path: &str,
        text: impl Into<String>,
    ) {
        let subject = match path.is_empty() {
            true => format!("{} ({})", self.id, self.named),
            false => format!("{}.{path}", self.id),
        };
        let file = self.world.scopes.get(self.scope).map(|it| it.file.clone());
        self.notes.push(Note {
            weight,
            file: file.unwrap_or_default(),
            line,
            subject,
            text: text.into(),
            table: self.address.clone(),
        });
    }

    /// A value, or a note why there is none.
    pub(super) fn value(&mut self, path: &str, node: &Node) -> Option<Value> {
        match self.world.value(self.scope, node, 0) {
            Ok(Value::Null) => None,
            Ok(value) => Some(value),
            Err(Fault { line, text }) => {
                self.left(line, path, text);
                None
            }
        }
    }

    /// Puts a value into a field of a table, if it fits.
    pub(super) fn put(
        &mut self,
        tables: &mut Tables,
        address: &Address,
        field: &str,
        taken: Taken,
    ) {
        let kind = self.registry.table(&address.kind);
        let known = kind.and_then(|kind| kind.fields().iter().find(|it| it.name == field));
        let Some(known) = known else { return };
        match fit(self.world, &known.holds, taken.value) {
            Ok(value) => tables.set(address, field, value),
            Err(why) => self.left(taken.line, &taken.path, why),
        }
    }
}

/// A property's value and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Taken {
    pub value: Value,
    pub line: usize,
    /// The property's path.
    pub path: String,
}

/// What a property holds: as the template has it, or worked out already.
#[derive(Debug, Clone)]
enum Held<'n> {
    Node(&'n Node),
    Value(Value),
}

/// The properties of a resource, or of a property that has its own.
#[derive(Debug, Clone)]
pub(super) struct Properties<'n> {
    path: String,
    left: BTreeMap<String, (usize, Held<'n>)>,
}

impl<'n> Properties<'n> {
    /// Those of a node.
    pub(super) fn of(node: Option<&'n Node>, path: &str) -> Self {
        let entries = node.map(Node::entries).unwrap_or_default();
        let held = entries
            .iter()
            .map(|entry| (entry.key.clone(), (entry.line, Held::Node(&entry.node))));
        Self {
            path: path.to_owned(),
            left: held.collect(),
        }
    }

    fn of_value(value: Value, line: usize, path: &str) -> Self {
        let entries = super::value::entries(value).into_iter();
        Self {
            path: path.to_owned(),
            left: entries
                .map(|(key, value)| (key, (line, Held::Value(value))))
                .collect(),
        }
    }

    /// Where they stand: empty for those of the resource itself.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// Takes all that nobody has taken; gives its names.
    pub(super) fn rest(&mut self) -> Vec<String> {
        std::mem::take(&mut self.left).into_keys().collect()
    }

    fn path_of(&self, name: &str) -> String {
        match self.path.is_empty() {
            true => name.to_owned(),
            false => format!("{}.{name}", self.path),
        }
    }

    /// Takes a property as the template has it.
    pub(super) fn node(&mut self, name: &str) -> Option<&'n Node> {
        match self.left.get(name) {
            Some((_, Held::Node(node))) => {
                let node = *node;
                self.left.remove(name);
                Some(node)
            }
            _ => None,
        }
    }

    /// Takes a property's value; why there is none is noted.
    pub(super) fn take(&mut self, cx: &mut Context<'_>, name: &str) -> Option<Taken> {
        let (line, held) = self.left.remove(name)?;
        let path = self.path_of(name);
        let value = match held {
            Held::Node(node) => cx.value(&path, node)?,
            Held::Value(value) => value,
        };
        Some(Taken { value, line, path })
    }

    /// Takes a property's text with every word settled.
    pub(super) fn text(&mut self, cx: &mut Context<'_>, name: &str) -> Option<(String, usize)> {
        let taken = self.take(cx, name)?;
        let place = Node {
            line: taken.line,
            span: 0..0,
            holds: Holds::Nothing,
        };
        match cx.world.settled_text(&place, taken.value, 0) {
            Ok(text) => Some((text, taken.line)),
            Err(fault) => {
                cx.left(taken.line, &taken.path, fault.text);
                None
            }
        }
    }

    /// Takes a truth with every word settled.
    pub(super) fn truth(&mut self, cx: &mut Context<'_>, name: &str) -> Option<bool> {
        let path = self.path_of(name);
        let (text, line) = self.text(cx, name)?;
        let value = truth(&text);
        if value.is_none() {
            cx.left(line, &path, format!("`{text}` is neither true nor false"));
        }
        value
    }

    /// Copies properties into fields of the resource's own table.
    pub(super) fn copy(
        &mut self,
        cx: &mut Context<'_>,
        tables: &mut Tables,
        pairs: &[(&str, &str)],
    ) {
        let Some(address) = cx.address.clone() else {
            return;
        };
        for (property, field) in pairs {
            if let Some(taken) = self.take(cx, property) {
                cx.put(tables, &address, field, taken);
            }
        }
    }

    /// Takes a property that says what is so anyway; anything else is noted.
    pub(super) fn only(&mut self, cx: &mut Context<'_>, name: &str, usual: &[&str]) {
        let path = self.path_of(name);
        if let Some((text, line)) = self.text(cx, name)
            && !usual.iter().any(|it| it.eq_ignore_ascii_case(&text))
        {
            cx.left(line, &path, format!("`{text}` has no counterpart"));
        }
    }

    /// Takes a property that has properties of its own.
    pub(super) fn inside(&mut self, cx: &mut Context<'_>, name: &str) -> Option<Self> {
        let path = self.path_of(name);
        if let Some((_, Held::Node(node))) = self.left.get(name)
            && matches!(node.holds, Holds::Map(_))
        {
            return self.node(name).map(|node| Self::of(Some(node), &path));
        }
        let taken = self.take(cx, name)?;
        Some(Self::of_value(taken.value, taken.line, &path))
    }

    /// Takes a list whose items have properties of their own; with the line of
    /// each.
    pub(super) fn each(&mut self, cx: &mut Context<'_>, name: &str) -> Vec<(Self, usize)> {
        let path = self.path_of(name);
        if let Some((_, Held::Node(node))) = self.left.get(name)
            && matches!(node.holds, Holds::List(_) | Holds::Map(_))
        {
            let nodes = self.node(name).map(Node::items).unwrap_or_default();
            let items = nodes.iter().enumerate();
            return items
                .filter_map(|(index, node)| {
                    let path = format!("{path}[{index}]");
                    if matches!(node.holds, Holds::Map(_)) {
                        return Some((Self::of(Some(node), &path), node.line));
                    }
                    let value = cx.value(&path, node)?;
                    Some((Self::of_value(value, node.line, &path), node.line))
                })
                .collect();
        }
        let Some(taken) = self.take(cx, name) else {
            return Vec::new();
        };
        let items = match taken.value {
            Value::List(items) => items,
            one => vec![one],
        };
        let items = items.into_iter().enumerate();
        items
            .map(|(index, value)| {
                let path = format!("{path}[{index}]");
                (Self::of_value(value, taken.line, &path), taken.line)
            })
            .collect()
    }

    /// Takes the values of a list, each by itself, so that one that cannot be had
    /// does not take the others with it.
    pub(super) fn each_value(&mut self, cx: &mut Context<'_>, name: &str) -> Vec<Value> {
        let path = self.path_of(name);
        let values: Vec<Value> = match self.node(name) {
            Some(node) => node
                .items()
                .iter()
                .filter_map(|it| cx.value(&path, it))
                .collect(),
            None => self
                .take(cx, name)
                .map(|taken| taken.value)
                .into_iter()
                .collect(),
        };
        let flat = values.into_iter().map(|value| match value {
            Value::List(items) => items,
            one => vec![one],
        });
        flat.flatten().collect()
    }

    /// A property as the template has it, without taking it.
    pub(super) fn peek(&self, name: &str) -> Option<&'n Node> {
        match self.left.get(name) {
            Some((_, Held::Node(node))) => Some(node),
            _ => None,
        }
    }

    /// Takes `Tags`. Their values are settled: a tag must be known before
    /// anything exists.
    pub(super) fn tags(&mut self, cx: &mut Context<'_>, tables: &mut Tables, name: &str) {
        let Some(address) = cx.address.clone() else {
            return;
        };
        for (mut tag, _) in self.each(cx, name) {
            let key = tag.text(cx, "Key");
            if let (Some((key, line)), Some((value, _))) = (key, tag.text(cx, "Value")) {
                let path = format!("{name}.{key}");
                if key.to_ascii_lowercase().starts_with(AWS_PREFIX) || key.starts_with(PREFIX) {
                    cx.left(line, &path, "this key is not for users");
                } else if tags::can_be_stated(&key, &value) {
                    tables.at(&address).tags.insert(key, value);
                } else {
                    let why = format!("a plan file cannot say `{value}`: {}", tags::ALLOWED);
                    cx.left(line, &path, why);
                }
            }
            tag.end(cx);
        }
    }

    /// Notes everything that nobody has taken.
    pub(super) fn end(self, cx: &mut Context<'_>) {
        for (name, (line, _)) in &self.left {
            let path = self.path_of(name);
            cx.left(*line, &path, "s3net has no such setting");
        }
    }
}
