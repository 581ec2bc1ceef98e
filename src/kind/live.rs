//! What lives in the account, as the planner sees it.

use std::collections::BTreeMap;

use crate::aws::{Aws, SharedReads};
use crate::model::{Address, Attributes, Place, Tags};

/// One object that AWS told of.
#[derive(Debug, Clone, Default)]
pub struct Live {
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
            broken: None,
        }
    }

    /// An object without tags, known by its natural key.
    #[must_use]
    pub fn keyed(address: Address, id: impl Into<String>, attributes: Attributes) -> Self {
        Self {
            address: Some(address),
            id: id.into(),
            attributes,
            tags: Tags::new(),
            broken: None,
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
}
