//! A plan file on its way to text: what an import or a converter found, as the
//! file that a person would have written.
//!
//! ```text
//!  live VPC ───────┐
//!                  ├──► Draft ──text──► plan file ──config──► the same tables
//!  CloudFormation ─┘
//! ```
//!
//! A [`Draft`] holds tables in the words of the registry: fields as a plan file
//! has them, with [`Value::Reference`] for what refers to another table. The
//! text says as little as it can: fields at their defaults are left out, a
//! reference is a bare name where one kind fits, a zone is its letter.
//!
//! One thing cannot be written: a `$` right before a reference (`$${…}` means
//! the characters `${`). It can only stand in a variable.

mod escaping;
mod layout;
mod names;
mod policies;
mod text;
mod values;

use std::collections::BTreeMap;

use crate::kind::{Lifecycle, Query};
use crate::model::{Address, Attributes, Reference, Tags, Value};

pub use names::{Names, sound, sound_name};

/// A plan file before it is text.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// What stands above everything, a line each.
    pub comments: Vec<String>,
    /// `[stack]`.
    pub stack: DraftStack,
    /// `[variables]`, in this order.
    pub variables: Vec<DraftVariable>,
    /// `[existing.<kind>.<name>]`, by [`Address::existing`].
    pub existing: Vec<DraftLookUp>,
    /// The tables. The text has them in the order of the registry, and those of
    /// one kind in this order.
    pub tables: Vec<DraftTable>,
    /// `[[import]]`: which object of AWS each table is to adopt.
    pub imports: Vec<(Address, String)>,
}

/// `[stack]`.
#[derive(Debug, Clone, Default)]
pub struct DraftStack {
    /// The stack's name.
    pub name: String,
    /// Where it lives, if the file is to say so.
    pub region: Option<String>,
    /// The account, if the file is to say so.
    pub account: Option<String>,
    /// The tags of everything in it.
    pub tags: Tags,
}

/// A line of `[variables]`.
#[derive(Debug, Clone)]
pub struct DraftVariable {
    /// Its name.
    pub name: String,
    /// What it is where nobody says otherwise: a text, number or boolean.
    pub default: Value,
    /// What stands above it.
    pub comments: Vec<String>,
}

/// An `[existing.<kind>.<name>]` table.
#[derive(Debug, Clone)]
pub struct DraftLookUp {
    /// Its address.
    pub address: Address,
    /// How it is found.
    pub query: Query,
    /// What stands above it.
    pub comments: Vec<String>,
}

/// A table of a kind.
#[derive(Debug, Clone)]
pub struct DraftTable {
    /// Its address.
    pub address: Address,
    /// What stands above it, a line each.
    pub comments: Vec<String>,
    /// Its fields by name. The text has them in the order of the kind.
    pub fields: Attributes,
    /// What stands behind a field, by the field's name.
    pub remarks: BTreeMap<String, String>,
    /// Its own tags.
    pub tags: Tags,
    /// What is said of its life.
    pub lifecycle: Lifecycle,
}

impl DraftTable {
    /// A table with nothing in it.
    #[must_use]
    pub fn new(address: Address) -> Self {
        Self {
            address,
            comments: Vec::new(),
            fields: Attributes::new(),
            remarks: BTreeMap::new(),
            tags: Tags::new(),
            lifecycle: Lifecycle::default(),
        }
    }
}

/// The kind of the words that no table has, in a reference.
const WORD: &str = "var";

/// `${var.<name>}` as a value of a draft, alone or as a piece of a template.
#[must_use]
pub fn variable(name: &str) -> Value {
    Value::Reference(word(&format!("var.{name}")))
}

/// `${region}` as a value of a draft.
#[must_use]
pub fn region() -> Value {
    Value::Reference(word("region"))
}

/// `${stack.name}` as a value of a draft.
#[must_use]
pub fn stack_name() -> Value {
    Value::Reference(word("stack.name"))
}

/// A word of interpolation that is no attribute of a table.
fn word(path: &str) -> Reference {
    Reference {
        target: Address::new(WORD, path),
        attribute: String::new(),
    }
}

/// What stands between `${` and `}` for a reference.
fn expression(reference: &Reference) -> String {
    match reference.target.kind.as_str() {
        WORD => reference.target.name.clone(),
        _ => format!("{}.{}", reference.target, reference.attribute),
    }
}
