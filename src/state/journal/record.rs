//! What stands in a journal.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::super::Remembered;
use crate::model::{Action, Address, Place};

/// The version of the journal's form that this program writes.
pub const JOURNAL_VERSION: u32 = 2;

/// One line of a journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
pub enum Record {
    /// A run begins. The first line, and only the first.
    Opened(Opened),
    /// A step's first mutating call is about to be made.
    Started(Started),
    /// AWS has told the id of what it made. Nothing has been waited for.
    Made {
        /// The step.
        call: u64,
        /// When.
        at: Timestamp,
        /// What is to be remembered.
        node: Remembered,
    },
    /// The step is done.
    Settled {
        /// The step.
        call: u64,
        /// What is to be remembered; none where the object is gone or forgotten.
        node: Option<Remembered>,
    },
    /// The step failed, and nobody needs to look what became of it.
    Failed {
        /// The step.
        call: u64,
        /// AWS's code, or a word for it.
        reason: String,
    },
}

/// Who writes a journal, and over which checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opened {
    /// See [`JOURNAL_VERSION`].
    pub format_version: u32,
    /// The stack's name.
    pub stack: String,
    /// Where it lives.
    pub place: Place,
    /// The stack's history.
    pub lineage: String,
    /// The checkpoint's serial.
    pub serial: u64,
    /// The command, such as `s3net apply`.
    pub command: String,
    /// When the run began.
    pub at: Timestamp,
}

/// A step that is about to begin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Started {
    /// The step's number in this run.
    pub call: u64,
    /// When.
    pub at: Timestamp,
    /// The node.
    pub address: Address,
    /// What is to be done with it.
    pub action: Action,
    /// Which creation at this address it is.
    pub generation: u32,
    /// The client token: the same after a restart. A hash of the stack's history,
    /// the address, the generation and the parameters.
    pub token: String,
    /// A hash of the parameters alone.
    pub parameters: String,
    /// The object's id, where it exists already.
    pub id: Option<String>,
    /// The name that we chose, for what AWS finds by name only.
    pub name: Option<String>,
}
