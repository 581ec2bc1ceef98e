//! The contract that every AWS kind fulfils.
//!
//! The engine knows no AWS nouns. It asks a [`Kind`] what its fields are, what
//! else a table of it stands for, what lives in the account, and to create,
//! settle, update or delete one object. Everything a kind says as data (its
//! fields) serves many readers: the parser's type checks and did-you-mean, the
//! diff, the replace reasons, the documentation table and the plan's text.
//!
//! ```text
//!            fields, expand, check            find, look_up
//!   file ───────────────────────► Stack ─┐  ┌───────────────── AWS
//!                                        ▼  ▼
//!                          fields, orders, predict, pairs_with
//!                                       plan ──tell──► network facts, for traces
//!                                        │ create → settle, update → settle, delete
//!                                        ▼
//!                                      apply ────────────────► AWS
//! ```
//!
//! # Adding a kind
//!
//! 1. Write `kinds/<kind>.rs` with a unit struct and its [`Kind`] implementation.
//! 2. Add its line to the registry in `kinds/mod.rs`.
//! 3. Run the tests: the contract tests walk the registry and tell what is missing,
//!    such as `tell` for a kind that traffic passes.

mod claim;
mod contract;
mod field;
mod foreign;
mod intent;
mod live;
mod registry;
mod stack;
mod standing;
mod telling;
mod usual;

pub use claim::{Claim, Interface, overlap};
pub use contract::{About, Change, Kind, PartOf};
pub use field::{Default, Field, OnChange, Output, PolicyUse, Type};
pub use foreign::Foreign;
pub use intent::{Counted, Intent, Obstacle};
pub use live::{Live, Query, Scope, Wanted};
pub use registry::Registry;
pub use stack::{Declared, DeclaredPart, Lifecycle, Node, Order, Stack};
pub use standing::{Area, Standing, Standings, in_vpc};
pub use telling::{ARE_NOT_READ, Told};
pub use usual::{Took, Usual};
