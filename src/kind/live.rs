//! What lives in the account, as the planner sees it.

use std::collections::BTreeMap;

use super::Foreign;
use crate::aws::{Aws, SharedReads};
use crate::model::{Address, Attributes, Place, Tags};

/// One object that AWS told of.
#[derive(Debug, Clone, Default)]
pub struct Live {
    /// The name of the kind that found it; refresh notes it.
    pub kind: &'static str,
    /// The node it is, by its tags or by its natural key.
    pub address: Option<Address>,
    /// AWS's id of it, or the natural key where AWS gives none.
    pub id: String,
    /// Its fields (same names and forms as the plan file's) and outputs.
    pub attributes: Attributes,
    /// Its tags, without those of AWS itself.
    pub tags: Tags,
    /// Why it can only be replaced, where it is beyond repair
    /// (a NAT gateway that failed).
    pub broken: Option<String>,
    /// What it is where it is not ours, and only stands in an object of ours. It
    /// is never deleted. One with an address may become the node that a file
    /// wants there; the others are not even changed.
    pub foreign: Option<Foreign>,
}

impl Live {
    /// An object known by its tags.
    #[must_use]
    pub fn tagged(id: impl Into<String>, tags: Tags, attributes: Attributes) -> Self {
        Self {
            address: tags
                .get(crate::model::tags::ADDRESS)
                .and_then(|text| text.parse().ok()),
            id: id.into(),
            attributes,
            tags,
            ..Self::default()
        }
    }

    /// The same with attributes, for something of others that counts in a trace.
    #[must_use]
    pub fn showing(mut self, attributes: Attributes) -> Self {
        self.attributes = attributes;
        self
    }

    /// Something of others that stands in an object of ours.
    #[must_use]
    pub fn foreign(id: impl Into<String>, what: Foreign) -> Self {
        Self {
            id: id.into(),
            foreign: Some(what),
            ..Self::default()
        }
    }

    /// The node that it is, if it is ours.
    #[must_use]
    pub fn own_address(&self) -> Option<&Address> {
        self.address.as_ref().filter(|_| self.foreign.is_none())
    }

    /// An object without tags, known by its natural key.
    #[must_use]
    pub fn keyed(address: Address, id: impl Into<String>, attributes: Attributes) -> Self {
        Self {
            address: Some(address),
            id: id.into(),
            attributes,
            ..Self::default()
        }
    }
}

/// What a read may rely on.
#[derive(Debug)]
pub struct Scope<'a> {
    /// The clients.
    pub aws: &'a Aws,
    /// The stack's name.
    pub stack: &'a str,
    /// Where it lives.
    pub place: &'a Place,
    /// The nodes that the file wants or the state remembers, for kinds whose
    /// objects can be found by natural key only.
    pub wanted: &'a BTreeMap<Address, Wanted>,
    /// Reads that several kinds need, made once.
    pub shared: &'a SharedReads,
    /// Whether what others have put into our objects is looked for also where
    /// that takes a call of its own.
    pub thorough: bool,
}

/// A node that the file wants or the state remembers.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The inputs; references in them are not resolved.
    pub inputs: Attributes,
    /// The id that the state remembers.
    pub id: Option<String>,
}

impl Scope<'_> {
    /// Whether the state remembers an object of a table's parts by this id,
    /// under whatever address.
    #[must_use]
    pub fn remembers(&self, kind: &str, label: &str, id: &str) -> bool {
        self.wanted_of(kind, label)
            .any(|(_, wanted)| wanted.id.as_deref() == Some(id))
    }

    /// The wanted nodes whose table is of one kind (parts have their label).
    pub fn wanted_of<'s>(
        &'s self,
        kind: &'s str,
        label: &'s str,
    ) -> impl Iterator<Item = (&'s Address, &'s Wanted)> {
        self.wanted
            .iter()
            .filter(move |(address, _)| address.kind == kind && address.label() == label)
    }
}

/// What an `[existing.<kind>.<name>]` table says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// An AWS id.
    pub id: Option<String>,
    /// AWS's own name of it, where the kind has one (buckets, roles, zones).
    pub name: Option<String>,
    /// Tags that it must have.
    pub tags: Tags,
    /// The VPC that it must stand in; no plan file says that, an import does.
    pub vpc: Option<String>,
}
