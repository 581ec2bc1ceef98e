//! The engine: runs an execution graph and decides nothing.
//!
//! ```text
//!             ┌────────────── dispatcher ──────────────┐
//!  Plan ────► │ frontier ─► start ─► in flight ─► done │ ──► Outcome
//!             │     ▲                    │             │
//!             │     └──── finish/fail ◄──┘             │ ──► events
//!             └──────────────┬─────────────────────────┘
//!                            ▼
//!                     ledger ─► state file
//! ```
//!
//! One dispatcher owns all decisions about what runs; steps only make calls and
//! report. An id is in the ledger before anything is waited for. A step that
//! fails bars what comes after it and nothing else.

mod cancel;
mod engine;
mod ledger;
mod step;
mod token;

pub use cancel::Cancel;
pub use engine::{Failure, Outcome, Run, Sink, apply};
