//! The way to AWS: clients, errors, waits, retries, tags and shared reads.
//!
//! This is the only place that builds SDK clients, and with `kinds` the only
//! one that names SDK types. Whether calls go to a real account or to the
//! local endpoint is decided in [`connect`] and known nowhere else.

pub mod adoption;
mod attempts;
mod bucket_emptying;
pub mod bucket_settings;
pub mod buckets;
mod call;
mod connect;
mod create_once;
pub mod endpoint_changes;
mod error;
mod expiring;
mod fence;
pub mod holders;
pub mod named;
pub mod objects;
pub mod operations;
pub mod ownership;
mod pace;
mod pacer;
pub mod private_zones;
pub mod quotas;
pub mod reads;
pub mod rehearsal;
pub mod roles;
pub mod route53;
pub mod simulator;
pub mod survey;
mod sweep;
pub mod tagging;
pub mod uncovered;
pub mod vpc_endpoints;
mod wait;

pub use call::{Call, Pulse};
pub use connect::{Aws, ConnectError, Connection};
pub use create_once::{Creation, Made};
pub use error::{CallError, on};
pub use fence::{Fence, Mandate, Standing};
pub use reads::SharedReads;
pub use wait::{PROPAGATION, Seen};
