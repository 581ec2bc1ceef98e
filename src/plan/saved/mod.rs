//! Saved plans: what was shown is what is carried out, or nothing is.
//!
//! ```text
//!  Plan ──sealed──► SavedPlan ──write──► bytes ──read──► SavedPlan ──► show
//!                                                          │
//!  Plan, made anew from the same file and today's account ─┴─ deviations ─► apply
//! ```
//!
//! A saved plan is not carried out itself. `apply` plans anew and holds the new
//! execution graph against the saved one, step by step and edge by edge: only
//! where nothing deviates does it go on, with the new one. So nothing in the file
//! needs to be secret, nobody can smuggle a step in, and whatever changed on AWS
//! since is noticed before the first call.
//!
//! | format | s3net | what is new |
//! |---|---|---|
//! | 1 | 0.1 | the first |

mod deviations;
mod form;
mod seal;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Drift, Learned, Plan, Selection};
use crate::model::Place;

pub use deviations::{Deviation, Lesson, What, deviations, drift_deviations, learned_deviations};
pub use form::{FORMAT_VERSION, SavedPlanError, begins, is_one, read, write};
pub use seal::{hash_of, hash_of_text, sealed_drift, sealed_plan};

/// A plan that waits to be carried out.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedPlan {
    /// When it was made.
    pub at: Timestamp,
    /// The version of the s3net that made it.
    pub by: String,
    /// What it holds for, and nothing else.
    pub bound: Bound,
    /// What the user asked for.
    pub asked: Asked,
    /// What is to be done.
    pub content: Content,
    /// What is shown beside it, which the planner knows nothing of.
    pub beside: Value,
}

/// What a saved plan holds for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bound {
    /// The stack's name.
    pub stack: String,
    /// The account and region.
    pub place: Place,
    /// Whether it is for the local endpoint.
    pub local: bool,
    /// The plan file's path, as it was given.
    pub file: String,
    /// The SHA-256 of its text, in hexadecimal.
    pub text_hash: String,
    /// The variables that the run gave a value to.
    pub variables: BTreeMap<String, Stated>,
    /// The state.
    pub state: BoundState,
}

/// What a saved plan keeps of a variable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stated {
    /// Its value.
    Value(String),
    /// Only the SHA-256 of its value, in hexadecimal: it goes into a field that is
    /// never shown.
    Sha256(String),
}

/// The state that a saved plan was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BoundState {
    /// Where the run said that it is; none where the file or the default says.
    pub location: Option<String>,
    /// Its history; none where there was no state.
    pub lineage: Option<String>,
    /// Its serial.
    pub serial: u64,
    /// The SHA-256 of what it remembers, with what an interrupted run did.
    pub content: String,
}

/// What the user asked for beside the network.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Whether everything is to go.
    pub destroy: bool,
    /// Which part of the stack was meant.
    pub selection: Selection,
}

/// What is to be done.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// An execution graph is to be run.
    Graph(Box<Plan>),
    /// The state is to remember what lives, and AWS is left alone.
    Refresh(Box<Drift>, Learned),
}

#[cfg(test)]
mod tests;
