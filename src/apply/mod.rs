//! The engine: runs an execution graph and decides nothing.
//!
//! ```text
//!             ┌────────────── dispatcher ──────────────┐
//!  Plan ────► │ frontier ─► start ─► in flight ─► done │ ──► Outcome
//!             │     ▲                    │             │
//!             │     └──── finish/fail ◄──┘             │ ──► events
//!             └──────────────┬─────────────────────────┘
//!                            ▼
//!                     ledger ─► journal, state
//! ```
//!
//! One dispatcher owns all decisions about what runs; steps only make calls and
//! report. A step is in the journal before its call, and an id before anything is
//! waited for. A step that fails bars what comes after it and nothing else. A
//! step behind a gate waits until somebody has found that a new way works.

mod addresses;
mod cancel;
mod engine;
mod gates;
mod hanging;
mod ledger;
mod memories;
mod step;
mod telling;
mod token;

pub use cancel::Cancel;
pub use engine::{Failure, Outcome, Run, Sink, apply};
pub use gates::{Unproven, Verifier, Waits, Withheld};
