//! Toy kinds over a cloud in memory, to prove the engine without any endpoint.
//!
//! ```text
//!  Lab ── plan, apply, destroy ──► s3net's planner and engine
//!   │                                   │ Kind
//!   │                                   ▼
//!   └──── faults, log, gauge ────► Cloud ◄── Toy (net, leaf, link, …)
//! ```
//!
//! The planner and the engine are the real ones. The cloud keeps the rules that
//! AWS keeps: what is referred to must exist, what is held cannot go, names are
//! unique, and a token makes one object. It notes every call, so that a test
//! can hold the order, and can be told to refuse a call or to lose its answer.

#![expect(clippy::expect_used, reason = "a toy that breaks ends the test")]

pub mod cloud;
pub mod kinds;
pub mod lab;
pub mod log;
pub mod nature;
pub mod pretend;
pub mod stacks;

pub use kinds::REGISTRY;
