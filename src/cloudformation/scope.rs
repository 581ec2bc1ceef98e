//! Templates and what their names mean: one scope for the root template and one
//! for each nested stack.
//!
//! ```text
//! scope 0  root.yaml      parameters: --parameter, else their defaults
//!   ├── 1  network.yaml   parameters: what root.yaml passes
//!   └── 2  endpoints.yaml
//! ```

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::node::{Entry, Holds, Node};
use super::note::Weight;
use super::types::{self, Becomes};
use super::value::{joined, pieces};
use super::{Request, intrinsics};
use crate::model::images::alias_of;
use crate::model::{Address, Piece, Value};

/// How many steps one import may take; a template with the most resources that
/// AWS allows needs some ten thousand.
const MOST_STEPS: u32 = 500_000;
/// How long a chain of values that need each other may be.
const LONGEST_CHAIN: usize = 60;

/// Why a value cannot be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// The line of the template.
    pub line: usize,
    /// The reason, a sentence fragment.
    pub text: String,
}

impl Fault {
    pub(super) fn at(node: &Node, text: impl Into<String>) -> Self {
        Self {
            line: node.line,
            text: text.into(),
        }
    }
}

/// Why a resource is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Gone {
    /// The reason, a sentence fragment.
    pub why: String,
    /// How much it matters: what the template itself does not want is no loss.
    pub weight: Weight,
}

impl Gone {
    /// Something of the template that the file then lacks.
    pub(super) fn left(why: impl Into<String>) -> Self {
        Self {
            why: why.into(),
            weight: Weight::Left,
        }
    }
}

/// One template in its place.
#[derive(Debug)]
pub(super) struct Scope {
    /// The file's name, as notes say it.
    pub file: String,
    /// The folder that nested templates are relative to.
    pub folder: PathBuf,
    /// Where it is, without steps back and forth: one template has one path.
    pub path: PathBuf,
    pub root: Node,
    /// The scope that this one is nested in, and the stack's logical id there.
    pub parent: Option<(usize, String)>,
    /// The scopes of nested stacks, by logical id.
    pub children: BTreeMap<String, usize>,
}

/// A resource's scope and logical id.
pub(super) type Key = (usize, String);

/// All templates of an import, and what is known of them so far.
pub(super) struct World<'a> {
    pub request: &'a Request<'a>,
    pub scopes: Vec<Scope>,
    /// The table that each resource becomes.
    pub addresses: BTreeMap<Key, Address>,
    /// Resources that are left out, and why.
    pub gone: BTreeMap<Key, Gone>,
    /// Variables whose values were needed while importing.
    pub settled: RefCell<BTreeSet<String>>,
    steps: Cell<u32>,
}

impl<'a> World<'a> {
    /// A world of one template.
    pub(super) fn new(request: &'a Request<'a>, root: Scope) -> Self {
        Self {
            request,
            scopes: vec![root],
            addresses: BTreeMap::new(),
            gone: BTreeMap::new(),
            settled: RefCell::default(),
            steps: Cell::new(0),
        }
    }

    /// A section of a template, such as `Resources`.
    pub(super) fn section(&self, scope: usize, name: &str) -> &[Entry] {
        let root = self.scopes.get(scope).map(|scope| &scope.root);
        let section = root.and_then(|root| root.get(name));
        section.map(Node::entries).unwrap_or_default()
    }

    /// An entry of a section.
    pub(super) fn entry(&self, scope: usize, section: &str, name: &str) -> Option<&Entry> {
        let mut entries = self.section(scope, section).iter();
        entries.find(|entry| entry.key == name)
    }

    /// What a node means in its scope. [`Value::Null`] is what is to be left out.
    pub(super) fn value(&self, scope: usize, node: &Node, depth: usize) -> Result<Value, Fault> {
        self.step(node, depth)?;
        match &node.holds {
            Holds::Nothing => Ok(Value::Null),
            Holds::Text(text) => dynamic(node, Value::text(text.as_str())),
            Holds::List(items) => {
                let values = items.iter().map(|item| self.value(scope, item, depth + 1));
                let values: Vec<Value> = values.collect::<Result<_, _>>()?;
                Ok(values
                    .into_iter()
                    .filter(|it| *it != Value::Null)
                    .collect::<Vec<_>>()
                    .into())
            }
            Holds::Map(entries) => {
                let mut map = BTreeMap::new();
                for entry in entries {
                    if intrinsics::is_call(&entry.key) {
                        let text = format!("{} is not supported", entry.key);
                        return Err(Fault::at(&entry.node, text));
                    }
                    let value = self.value(scope, &entry.node, depth + 1)?;
                    if value != Value::Null {
                        map.insert(entry.key.clone(), value);
                    }
                }
                Ok(Value::Map(map))
            }
            Holds::Call(name, with) => intrinsics::call(self, scope, name, with, depth + 1),
        }
    }

    /// Counts a step; refuses to go in circles, or to go on for ever.
    pub(super) fn step(&self, node: &Node, depth: usize) -> Result<(), Fault> {
        self.steps.set(self.steps.get().saturating_add(1));
        if depth > LONGEST_CHAIN || self.steps.get() > MOST_STEPS {
            let text = "its value goes in circles, or through too many others";
            return Err(Fault::at(node, text));
        }
        Ok(())
    }

    /// What `Ref` of a name means: a parameter, or a resource's own value.
    pub(super) fn named(
        &self,
        scope: usize,
        name: &str,
        node: &Node,
        depth: usize,
    ) -> Result<Value, Fault> {
        match self.parameter(scope, name, node, depth) {
            Some(value) => value,
            None => self.resource(scope, name, "", node, depth),
        }
    }

    /// What a resource gives: its own value for an empty attribute.
    pub(super) fn resource(
        &self,
        scope: usize,
        id: &str,
        attribute: &str,
        node: &Node,
        depth: usize,
    ) -> Result<Value, Fault> {
        let Some(resource) = self.entry(scope, "Resources", id) else {
            let what = if attribute.is_empty() {
                "parameter or resource"
            } else {
                "resource"
            };
            return Err(Fault::at(node, format!("the template has no {what} {id}")));
        };
        let key = (scope, id.to_owned());
        if self.gone.contains_key(&key) {
            return Err(Fault::at(node, format!("{id} is not taken over")));
        }
        let named = resource
            .node
            .get("Type")
            .and_then(Node::text)
            .unwrap_or_default();
        let Some(kind) = types::of(named) else {
            return Err(Fault::at(node, format!("{id} is not taken over")));
        };
        if kind.becomes == Becomes::Stack {
            return self.output(scope, id, attribute, node, depth);
        }
        // An instance profile has the name of the role that it is for.
        if kind.name == "AWS::IAM::InstanceProfile" && attribute.is_empty() {
            let roles = resource
                .node
                .get("Properties")
                .and_then(|it| it.get("Roles"));
            let first = roles.and_then(|roles| roles.items().first());
            return match first {
                Some(role) => self.value(scope, role, depth + 1),
                None => Err(Fault::at(node, format!("{id} has no role"))),
            };
        }
        let gives = kind.gives.iter().find(|(name, _)| *name == attribute);
        match (gives, self.addresses.get(&key)) {
            (Some((_, gives)), Some(address)) => Ok(gives.of(address)),
            _ if attribute.is_empty() => Err(Fault::at(
                node,
                format!("a plan file has no name for the value of {id}"),
            )),
            _ => Err(Fault::at(
                node,
                format!("a plan file has no name for {id}.{attribute}"),
            )),
        }
    }

    /// An output of a nested stack.
    fn output(
        &self,
        scope: usize,
        id: &str,
        attribute: &str,
        node: &Node,
        depth: usize,
    ) -> Result<Value, Fault> {
        let name = attribute.strip_prefix("Outputs.").ok_or_else(|| {
            Fault::at(
                node,
                format!("{id} is a nested stack, and only its outputs have values"),
            )
        })?;
        let child = self.scopes.get(scope).and_then(|it| it.children.get(id));
        let output = child.and_then(|child| Some((*child, self.entry(*child, "Outputs", name)?)));
        let value = output.and_then(|(child, entry)| Some((child, entry.node.get("Value")?)));
        match value {
            Some((child, value)) => self.value(child, value, depth + 1),
            None => Err(Fault::at(
                node,
                format!("the nested stack {id} has no output {name}"),
            )),
        }
    }
}

/// What opens a dynamic reference.
pub(super) const DYNAMIC: &str = "{{resolve:";

/// `{{resolve:…}}`: a public parameter is one whose image is wanted; the rest is
/// known to AWS only, wherever in a text it stands.
pub(super) fn dynamic(node: &Node, value: Value) -> Result<Value, Fault> {
    let texts = match &value {
        Value::String(text) => vec![text.as_str()],
        Value::Template(pieces) => pieces.iter().filter_map(text_of).collect(),
        _ => Vec::new(),
    };
    let mut found = texts.iter().filter_map(|text| text.split_once(DYNAMIC));
    let Some((_, rest)) = found.next() else {
        return Ok(value);
    };
    let whole = value.as_text().and_then(|text| {
        let inside = text.strip_prefix("{{resolve:ssm:")?;
        inside.strip_suffix("}}")
    });
    match whole {
        Some(path) if path.starts_with("/aws/service/") => {
            let path = path.split(':').next().unwrap_or(path);
            Ok(Value::text(alias_of(path).unwrap_or(path)))
        }
        _ => {
            let service = rest.split(':').next().unwrap_or_default();
            Err(Fault::at(
                node,
                format!("a dynamic reference ({service}) is not taken over"),
            ))
        }
    }
}

fn text_of(piece: &Piece) -> Option<&str> {
    match piece {
        Piece::Text(text) => Some(text),
        Piece::Reference(_) | Piece::Account => None,
    }
}

/// Texts with something between them.
pub(super) fn joined_by(items: Vec<Value>, between: &str) -> Option<Value> {
    let mut all = Vec::new();
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            all.push(Piece::Text(between.to_owned()));
        }
        all.extend(pieces(item)?);
    }
    joined(all)
}
