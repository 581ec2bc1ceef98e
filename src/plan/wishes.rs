//! What the user asks of a plan beside the network itself: what was renamed,
//! what is to be adopted or let go, and which part of the stack is meant.
//!
//! ```text
//!  command line ─┐
//!                ├─► Wishes ─► World ─► plan
//!  file ─────────┘
//! ```

use std::collections::BTreeMap;

use super::lifetime::LifetimeWish;
use super::selection::Selection;
use crate::model::Address;
use crate::model::adoption::Sighting;

/// What the user asks beside the network.
#[derive(Debug, Clone, Default)]
pub struct Wishes {
    /// Which part of the stack is meant, and what is to be made anew.
    pub selection: Selection,
    /// How long the stack is to live, and what time it is. Without it, nothing
    /// is said of a lifetime.
    pub lifetime: Option<LifetimeWish>,
    /// The objects of others that become nodes of the stack, by the node that
    /// each is to be.
    pub adopted: BTreeMap<Address, Adoption>,
    /// Tables that were given another name: from the former one to the one now.
    pub moved: BTreeMap<Address, Address>,
    /// Tables that left the file, and whether their objects are to be destroyed.
    /// Those that are not are left to themselves also where everything is to go.
    pub removed: BTreeMap<Address, bool>,
}

/// An object that is to be adopted.
#[derive(Debug, Clone, Default)]
pub struct Adoption {
    /// AWS's id of it as the user gives it, or the name that AWS knows it by.
    pub id: String,
    /// What was found of it; none where there is no such object.
    pub sighting: Option<Sighting>,
    /// Whether an `[[import]]` of the file says so, and not the command line.
    pub in_file: bool,
}

/// For a plan of the file alone.
pub static NO_WISHES: Wishes = Wishes {
    selection: Selection::ALL,
    lifetime: None,
    adopted: BTreeMap::new(),
    moved: BTreeMap::new(),
    removed: BTreeMap::new(),
};

#[cfg(test)]
mod tests;
