//! A directed acyclic graph over petgraph that knows nothing of AWS.
//!
//! Edges run from what must come first to what comes after it and carry a
//! reason. Three things are asked of it: is there a cycle, and which; in which
//! order; and, while a run goes on, what can start now ([`Frontier`]).
//!
//! ```text
//!   vpc ──"refers to it"──► subnet ──► nat_gateway
//!    │                                    ▲
//!    └──► attachment ──"AWS wants …"──────┘
//! ```

mod dag;
mod form;
mod frontier;
mod paint;

pub use dag::{Cycle, Dag, Step};
pub use frontier::Frontier;
pub use paint::{dot, mermaid};
