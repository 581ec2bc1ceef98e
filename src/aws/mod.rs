//! The way to AWS: clients, errors, waits, retries, tags and shared reads.
//!
//! This is the only place that builds SDK clients, and with `kinds` the only
//! one that names SDK types. Whether calls go to a real account or to the
//! local endpoint is decided in [`connect`] and known nowhere else.

mod call;
mod connect;
mod error;
mod holders;
pub mod reads;
pub mod tagging;
mod wait;

pub use call::{Call, Pulse};
pub use connect::{Aws, ConnectError, Connection};
pub use error::{CallError, on};
pub use reads::SharedReads;
pub use wait::{PROPAGATION, Seen, brief};
