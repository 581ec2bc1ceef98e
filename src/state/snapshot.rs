//! The snapshot: every node that the last run left behind.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::duration::passed;
use crate::model::lifetime::Term;
use crate::model::secrecy::sealed_on_disk;
use crate::model::{Address, Attributes, Place, Tags};

/// The version of the snapshot's form that this program writes. It reads this
/// one and older ones, and refuses newer ones.
pub const FORMAT_VERSION: u32 = 2;

/// What the last run knew of a stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    /// See [`FORMAT_VERSION`].
    pub format_version: u32,
    /// The stack's name.
    pub stack: String,
    /// The account and region that it lives in; none before the first apply.
    pub place: Option<Place>,
    /// Tells this stack's history from another of the same name.
    pub lineage: String,
    /// Grows with every write.
    pub serial: u64,
    /// The nodes.
    pub nodes: BTreeMap<Address, Remembered>,
    /// How often each address has been created, deleted ones included: it goes
    /// into client tokens, so that a new object never gets a dead one's token.
    pub generations: BTreeMap<Address, u32>,
    /// The lifetime that the last run gave the stack, if it did. What counts are
    /// the tags; this tells that the file states another length now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifetime: Option<Term>,
}

/// What the last run knew of one node.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remembered {
    /// AWS's id.
    pub id: String,
    /// Its inputs as they were sent, and its outputs. Of those that may hold
    /// secrets only a hash is written.
    #[serde(serialize_with = "sealed_on_disk")]
    pub attributes: Attributes,
    /// The tags that we wrote.
    pub tags: Tags,
    /// Whether the run was left before it was at rest: made, and not waited for.
    #[serde(default)]
    pub unsettled: bool,
    /// When it was made, where we made it: AWS may not show it at once.
    #[serde(default)]
    pub made: Option<Timestamp>,
    /// Whether a plan that would destroy it is refused.
    #[serde(default)]
    pub prevent_destroy: bool,
    /// Whether it is forgotten, not destroyed, when it leaves the file.
    #[serde(default)]
    pub forget_on_remove: bool,
}

impl Remembered {
    /// Whether AWS may not show it yet, since it was made less than
    /// `consistency` ago.
    #[must_use]
    pub fn may_be_unseen(&self, now: Timestamp, consistency: Duration) -> bool {
        let made = self.made;
        made.is_some_and(|made| passed(made, now) < consistency)
    }
}

impl Snapshot {
    /// The snapshot of a stack that has never been applied.
    #[must_use]
    pub fn new(stack: &str) -> Self {
        Self {
            format_version: FORMAT_VERSION,
            stack: stack.to_owned(),
            place: None,
            lineage: uuid::Uuid::new_v4().to_string(),
            serial: 0,
            nodes: BTreeMap::new(),
            generations: BTreeMap::new(),
            lifetime: None,
        }
    }

    /// The generation that the next creation at an address will have.
    #[must_use]
    pub fn next_generation(&self, address: &Address) -> u32 {
        self.generations.get(address).copied().unwrap_or(0) + 1
    }

    /// Forgets the node at an address, unless another object stands there by now.
    pub fn forget(&mut self, address: &Address, id: Option<&str>) {
        let same = |node: &Remembered| id.is_none_or(|id| node.id == id);
        if self.nodes.get(address).is_some_and(same) {
            self.nodes.remove(address);
        }
    }
}
