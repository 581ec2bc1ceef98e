//! Taking over what others made: from a live VPC to the draft of a plan file.
//!
//! ```text
//! every kind's `standing` ─► gather ─► Gathered ─► draft ─► Draft ─► text
//!        ▲                      │
//!        └── what is referred to and stands in no VPC: addresses, roles, buckets
//! ```
//!
//! Only reads. Nothing is dropped silently: what no table can say is told, in
//! the file and to the user.

mod drafting;
mod gather;
mod referring;
mod tagging;

use crate::aws::CallError;
use crate::draft::Draft;
use crate::kind::Standing;

pub use drafting::{Naming, draft};
pub use gather::gather;

/// What an import found, by kind in the order of the registry.
#[derive(Debug, Default)]
pub struct Gathered {
    /// The VPC's id.
    pub vpc: String,
    /// The objects of each kind.
    pub objects: Vec<(&'static str, Vec<Standing>)>,
    /// What cannot be taken over, a sentence each.
    pub left_out: Vec<String>,
}

/// A draft, and what does not stand in it.
#[derive(Debug)]
pub struct Drafted {
    /// The plan file.
    pub draft: Draft,
    /// What is not in it, a sentence each. It stands in the file too.
    pub left_out: Vec<String>,
}

/// Why an import did not come to an end.
#[derive(Debug, thiserror::Error)]
pub enum TakeoverError {
    /// A read failed. That never means that there is nothing.
    #[error("{what} cannot be read: {source}")]
    Read {
        /// What was read.
        what: String,
        /// AWS's answer.
        source: CallError,
    },
    /// There is no such VPC.
    #[error("there is no VPC {0} here")]
    NoVpc(String),
    /// The VPC is a stack's already.
    #[error("VPC {vpc} is s3net's already: it belongs to stack {stack}")]
    Taken {
        /// The VPC.
        vpc: String,
        /// The stack that its tags name.
        stack: String,
    },
}

impl TakeoverError {
    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> Option<String> {
        match self {
            Self::Read { source, .. } => source.remedy(),
            Self::NoVpc(_) => Some("check the id, and the account and region in use".to_owned()),
            Self::Taken { .. } => {
                Some("use that stack's plan file, or let the stack forget the VPC first".to_owned())
            }
        }
    }
}
