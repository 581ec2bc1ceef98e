//! A stack as kinds see it: nodes by address, with references between them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::model::network::Spot;
use crate::model::tags::NAME;
use crate::model::{Address, Attributes, Diagnostic, Span, Tags, Value};

/// What the user says of a node's life.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lifecycle {
    /// A plan that would destroy the node is refused.
    pub prevent_destroy: bool,
    /// Fields whose difference from live is not mended.
    pub ignore: Vec<String>,
    /// When the table leaves the file, the object is forgotten, not destroyed: by an
    /// apply, and by a destroy that comes before one. A destroy of a file that still
    /// has the table destroys it.
    pub forget_on_remove: bool,
    /// A new object is made before the old one goes.
    #[serde(default)]
    pub create_before_destroy: bool,
}

/// One node of a stack: wanted by the file, or found alive.
#[derive(Debug, Clone, Default)]
pub struct Node {
    /// Its inputs; what belongs to other nodes stands as references.
    pub inputs: Attributes,
    /// The tags it is to carry, ours included; empty where AWS keeps none.
    pub tags: Tags,
    /// Whether the file states no `Name`, so that the one among the tags is what
    /// s3net calls a thing that it makes. What is there already keeps its own.
    pub default_name: bool,
    /// What the user says of its life.
    pub lifecycle: Lifecycle,
    /// The inputs that the file leaves out, that follow from the table's name,
    /// and that cannot change: an object that is there keeps its own.
    pub derived: BTreeSet<String>,
    /// Where its table's header stands in the file; empty for live nodes.
    pub span: Span,
    /// Where its fields stand in the file, by name (`cidr`, `routes[0].to`).
    pub spans: BTreeMap<String, Span>,
}

impl Node {
    /// Whether a tag of the object that lives is one that we wrote, as far as
    /// the file can tell: it states the key. A `Name` that nobody states is ours
    /// only where it is the default one.
    #[must_use]
    pub fn has_written(&self, key: &str, value: &str) -> bool {
        let wanted = self.tags.get(key);
        wanted.is_some_and(|wanted| key != NAME || !self.default_name || wanted == value)
    }

    /// Where a field stands, or the table's header where the file leaves it out.
    #[must_use]
    pub fn span_of(&self, field: &str) -> Span {
        self.spans
            .get(field)
            .cloned()
            .unwrap_or_else(|| self.span.clone())
    }
}

/// The nodes of one stack.
#[derive(Debug, Clone, Default)]
pub struct Stack {
    /// The stack's name.
    pub name: String,
    /// The region's name.
    pub region: String,
    /// The nodes by address.
    pub nodes: BTreeMap<Address, Node>,
    /// What the file says is there already: the tables that `[[import]]` adopts,
    /// and what it looks up. What stands around them, no file tells.
    pub there_already: BTreeSet<Address>,
}

impl Stack {
    /// The node at an address.
    #[must_use]
    pub fn get(&self, address: &Address) -> Option<&Node> {
        self.nodes.get(address)
    }

    /// Where the file says a fact of a network: the field, or the header of the
    /// table that leaves it out. Nothing for what the file does not say.
    #[must_use]
    pub fn place_of(&self, spot: &Spot) -> Option<Span> {
        let node = self.nodes.get(&spot.address)?;
        let span = match spot.field {
            "" => node.span.clone(),
            field => node.span_of(field),
        };
        (!span.is_empty()).then_some(span)
    }

    /// The nodes of one table kind, without their parts.
    pub fn of_kind<'s>(&'s self, kind: &'s str) -> impl Iterator<Item = (&'s Address, &'s Node)> {
        self.parts_of_kind(kind, "")
    }

    /// The parts with one label of every table of a kind.
    pub fn parts_of_kind<'s>(
        &'s self,
        kind: &'s str,
        label: &'s str,
    ) -> impl Iterator<Item = (&'s Address, &'s Node)> {
        // Addresses sort by kind first.
        self.nodes
            .range(Address::new(kind, "")..)
            .take_while(move |(address, _)| address.kind == kind)
            .filter(move |(address, _)| address.label() == label)
    }

    /// The nodes of one kind whose field refers to `target`.
    pub fn referring<'s>(
        &'s self,
        kind: &'s str,
        field: &'s str,
        target: &'s Address,
    ) -> impl Iterator<Item = (&'s Address, &'s Node)> {
        self.of_kind(kind)
            .filter(move |(_, node)| node.inputs.target(field) == Some(target))
    }
}

/// An order that AWS demands: this node is made after `after`, and destroyed
/// before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The node that must be there first.
    pub after: Address,
    /// Why, as a sentence fragment.
    pub reason: &'static str,
}

/// A table of the plan file on its way to becoming nodes.
#[derive(Debug)]
pub struct Declared {
    /// The table's address.
    pub address: Address,
    /// The stack's name.
    pub stack: String,
    /// The region's name.
    pub region: String,
    /// Its fields with defaults filled in. Fields that are marked as expanded
    /// are taken away after `expand`.
    pub inputs: Attributes,
    /// Where its fields stand in the file.
    pub spans: BTreeMap<String, Span>,
    /// Where its header stands.
    pub span: Span,
    /// Tags that the kind itself wants on the object, beside the file's.
    pub tags: Tags,
    /// The nodes that it stands for beside its own.
    pub parts: Vec<DeclaredPart>,
    /// What is wrong with it.
    pub problems: Vec<Diagnostic>,
}

/// A part that `expand` split off.
#[derive(Debug)]
pub struct DeclaredPart {
    /// Its address.
    pub address: Address,
    /// Its fields.
    pub inputs: Attributes,
    /// Where it stands in the file.
    pub span: Span,
}

impl Declared {
    /// Splits off a part. `field` is the path of what it comes from, for its
    /// place in the file. A second part with the same key is a problem.
    pub fn part(&mut self, label: &str, key: &str, field: &str, inputs: Attributes) {
        let address = self.address.part(label, key);
        let span = self.span_of(field);
        if let Some(twin) = self.parts.iter().find(|part| part.address == address) {
            self.problems.push(
                Diagnostic::error(span, format!("`{key}` stands twice in {}", self.address))
                    .here("the second")
                    .also(twin.span.clone(), "the first")
                    .remedy("remove one of them"),
            );
            return;
        }
        self.parts.push(DeclaredPart {
            address,
            inputs,
            span,
        });
    }

    /// A reference to the table's own id, for its parts.
    #[must_use]
    pub fn own_id(&self) -> Value {
        Value::Reference(crate::model::Reference::id(self.address.clone()))
    }

    /// Where a field stands, or the table's header where the file leaves it out.
    #[must_use]
    pub fn span_of(&self, field: &str) -> Span {
        self.spans
            .get(field)
            .cloned()
            .unwrap_or_else(|| self.span.clone())
    }
}
