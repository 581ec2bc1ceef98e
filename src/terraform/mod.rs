//! From a stack to Terraform's configuration: nobody is locked in.
//!
//! ```text
//!  wanted nodes ─► forms ─► expressions ─► HCL ─► main.tf
//!  live objects ─► import ids ───────────────────► imports.tf
//! ```
//!
//! Each kind, parts included, has a line in [`forms`]; one that has none is left
//! out, loudly, so adding a kind needs nothing here. References stay references.
//! What Terraform cannot know by itself, the orders that AWS demands, becomes
//! `depends_on`.
//!
//! Tags are taken over as they live, ours included: Terraform's first plan after
//! the import is then empty, and s3net still knows its own objects until they are
//! destroyed or given up.

mod expressions;
mod form;
mod forms;
mod layout;
mod names;
mod shapes;
mod writing;

use std::collections::BTreeMap;

use crate::kind::{Live, Registry, Stack};
use crate::model::{Address, Place};

pub use writing::export;

/// The file with the import blocks.
pub const IMPORTS: &str = "imports.tf";

/// What is exported.
pub struct Wish<'a> {
    /// The kinds.
    pub registry: Registry,
    /// The network that the file wants.
    pub stack: &'a Stack,
    /// The live objects of the stack, by address; none offline.
    pub live: BTreeMap<&'a Address, &'a Live>,
    /// What `[existing]` tables have found; nothing offline.
    pub existing: &'a BTreeMap<Address, Live>,
    /// Where the stack lives; nothing offline.
    pub place: Option<&'a Place>,
}

/// What became of a stack.
#[derive(Debug, Default)]
pub struct Exported {
    /// The text of each file, by its name.
    pub files: BTreeMap<&'static str, String>,
    /// The resources, in the order of the file.
    pub resources: Vec<Resource>,
    /// The variables that Terraform must be given.
    pub variables: Vec<String>,
    /// What is not in the configuration, and why.
    pub left_out: Vec<(Address, String)>,
}

/// One resource of Terraform's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// What it is here.
    pub address: Address,
    /// What it is there, such as `aws_vpc.main`.
    pub terraform: String,
    /// By what Terraform imports it.
    pub import_id: Option<String>,
}

#[cfg(test)]
mod tests;
