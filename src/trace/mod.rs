//! Which way does traffic take, and why not: answered from facts alone.
//!
//! Pure: no call, no clock. The same question gets the same answer of a network
//! that a file wants and of one that lives.
//!
//! ```text
//!  Question ─► name ─► route ─► filters ─► policies ─► Trace
//!              what     longest   groups,    endpoint,    hops, the door,
//!              address  prefix,   ACLs       bucket,      the verdict, what
//!              answers  NAT, IGW  both ways  identity     the client must pass
//! ```
//!
//! Every stage may say yes, no, or that it cannot be known. One no is the
//! verdict; without a no, one unknown is. Nothing is allowed by default.

mod blocks;
mod difference;
mod edges;
mod expectations;
mod filters;
mod gateways;
mod hosts;
mod index;
mod interface_endpoints;
mod names;
mod path;
mod policies;
mod question;
mod ranges;
mod routes;
mod second_way;
pub mod selection;
mod tracer;
mod traps;
mod verdict;
mod walk;

pub use difference::{Passage, PathChange, Works, path_changes};
pub use expectations::{Case, Checked, Miss, Outcome, check, ways_expected};
pub use question::{Goal, Naming, Origin, Question};
pub use second_way::{SecondWay, second_ways_lost, without_door};
pub use tracer::Tracer;
pub use traps::{Trap, TrapKind, traps};
pub use verdict::{
    Answer, Block, Door, Hop, Need, Passes, Rule, SourceAddress, Stage, Symptom, Trace, Verdict,
    Way,
};

#[cfg(test)]
mod tests;
