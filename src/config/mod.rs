//! From a plan file to a desired stack, with all of its problems at once.
//!
//! ```text
//!  text ──► syntax ──► document ──► [variables] ──► [stack] ──► declarations
//!             │       (a tree with                                │ every name
//!             │        its places)                                ▼ is known
//!             │                    fields ◄── values ◄─┬─ interpolation
//!             │                      │                 ├─ references
//!             │                      ▼                 ├─ cidrs
//!             │      kind.expand ► nodes               └─ policies
//!             ▼                      ▼
//!        Diagnostics ◄──────────── checks ──► Desired { stack, existing, … }
//! ```
//!
//! Nothing here asks AWS: a file with mistakes is refused before any call. A
//! problem never hides another one, and one mistake gives one problem: a table
//! that cannot be read whole is *damaged*, and what may follow from that is not told.

mod checks;
mod cidrs;
mod damage;
mod declarations;
mod document;
mod existing;
mod expectations;
mod fields;
mod given;
mod imports;
mod interpolation;
mod lifecycle;
mod lifetime;
mod load;
mod moves;
mod nodes;
mod policies;
mod policy_document;
mod policy_shorthands;
mod reading;
mod references;
mod stack_table;
mod state_bucket;
mod substitution;
mod syntax;
mod tags;
mod values;
mod variables;
mod wrong_types;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::kind::{Query, Stack};
use crate::model::network::Spot;
use crate::model::{Address, Diagnostic, Expectation, Span, StateLocation};

pub use given::Given;
pub use imports::could_be;
pub use load::{LoadError, load, parse};
pub use state_bucket::made_by;

/// A plan's text and what to call it when it is drawn.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// The file's name as the user gave it.
    pub name: String,
    /// What is in it.
    pub text: String,
}

/// What a run says beside the file.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Values of variables: `--var name=value`, and `S3NET_VAR_name` for those
    /// that the command line leaves out.
    pub variables: BTreeMap<String, String>,
    /// Which of them the environment alone sets. The file need not declare
    /// those: the environment may serve other files too.
    pub from_environment: BTreeSet<String>,
    /// The region of the AWS environment, for files that state none.
    pub region: Option<String>,
}

/// What became of a plan file.
#[derive(Debug)]
pub struct Loaded {
    /// The text, for drawing the diagnostics.
    pub source: Source,
    /// Every problem, in the order of the file.
    pub diagnostics: Vec<Diagnostic>,
    /// What is wanted; nothing if any problem is an error.
    pub desired: Option<Desired>,
}

/// What a plan file wants.
#[derive(Debug)]
pub struct Desired {
    /// The nodes: tables and their parts, with complete tags.
    pub stack: Stack,
    /// The region, if the file states it.
    pub region: Option<String>,
    /// The account, if the file states it.
    pub account: Option<String>,
    /// Where state is to be kept, if the file states it. A folder is relative to
    /// the working folder.
    pub state: Option<StateLocation>,
    /// How long the stack is to live, if the file states it.
    pub ttl: Option<Duration>,
    /// The look-ups, by [`Address::existing`].
    pub existing: BTreeMap<Address, Existing>,
    /// What the network is expected to do, in the order of the file.
    pub expectations: Vec<Expectation>,
    /// The objects of others that become nodes of the stack.
    pub imports: Vec<Import>,
    /// The tables that were given another name; each leads to a table of the file.
    pub moved: Vec<Moved>,
    /// The tables that left the file in a way that the file itself says.
    pub removed: Vec<Removed>,
    /// The text, for drawing what is said of it later.
    pub source: Source,
    /// The SHA-256 of the file's text, in hexadecimal.
    pub text_hash: String,
    /// The variables that the run gives a value to; the others have their
    /// defaults.
    pub given: BTreeMap<String, Given>,
}

impl Desired {
    /// A stack of which nothing is wanted, and no file known.
    #[must_use]
    pub fn nothing(name: &str, region: &str) -> Self {
        Self {
            stack: Stack {
                name: name.to_owned(),
                region: region.to_owned(),
                ..Stack::default()
            },
            region: Some(region.to_owned()),
            account: None,
            state: None,
            ttl: None,
            given: BTreeMap::new(),
            existing: BTreeMap::new(),
            imports: Vec::new(),
            moved: Vec::new(),
            removed: Vec::new(),
            expectations: Vec::new(),
            source: Source::default(),
            text_hash: String::new(),
        }
    }

    /// The tables that were given another name: from the former one to the one now.
    #[must_use]
    pub fn new_names(&self) -> BTreeMap<Address, Address> {
        let moved = self.moved.iter();
        moved.map(|it| (it.from.clone(), it.to.clone())).collect()
    }

    /// Where the file says a fact of a network: the field, or the header of the
    /// table that leaves it out or looks it up. Nothing for what it does not say.
    #[must_use]
    pub fn place_of(&self, spot: &Spot) -> Option<Span> {
        let table = spot.address.table();
        if let Some(existing) = self.existing.get(&table) {
            return Some(existing.span.clone());
        }
        let of_table = Spot {
            address: table,
            field: spot.field,
        };
        let found = self.stack.place_of(spot);
        found.or_else(|| self.stack.place_of(&of_table))
    }

    /// The line of the file that says it, from 1.
    #[must_use]
    pub fn line_of(&self, spot: &Spot) -> Option<usize> {
        let start = self.place_of(spot)?.start;
        let before = self.source.text.as_bytes().get(..start)?;
        Some(1 + before.iter().filter(|byte| **byte == b'\n').count())
    }
}

/// One `[[import]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// The table that adopts it.
    pub to: Address,
    /// AWS's id of it; of buckets, roles and zones also its name.
    pub id: String,
    /// Where it stands.
    pub span: Span,
}

/// One `[[moved]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// The table's former name.
    pub from: Address,
    /// Its name now.
    pub to: Address,
    /// Where it stands.
    pub span: Span,
}

/// One `[[removed]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removed {
    /// The table that left the file.
    pub from: Address,
    /// Whether its object is destroyed; it is forgotten otherwise.
    pub destroy: bool,
    /// Where it stands.
    pub span: Span,
}

/// One `[existing.<kind>.<name>]` table.
#[derive(Debug, Clone)]
pub struct Existing {
    /// How to find it.
    pub query: Query,
    /// Where its header stands.
    pub span: Span,
}
