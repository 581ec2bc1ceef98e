//! Adoption: an object that others made becomes a node of a stack.

use super::{Address, Tags};

/// What was found of an object that is to be adopted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sighting {
    /// AWS's id of it.
    pub id: String,
    /// Whose it is now.
    pub owner: Owner,
    /// The tags that it carries, without those of AWS itself.
    pub tags: Tags,
    /// The ids of others that the same name means.
    pub others: Vec<String>,
}

/// Whose an object is, by its tags.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Owner {
    /// It carries no tag of s3net's: it may be adopted.
    #[default]
    Nobody,
    /// A stack of s3net's.
    Stack {
        /// The stack's name.
        name: String,
        /// The node that it is there, where its tag says one.
        address: Option<Address>,
    },
}
