//! The local AWS endpoint: what `--local` calls instead of AWS.
//!
//! It is a server process of its own, a Python one (moto with our corrections,
//! see `endpoint/`), whose files travel inside this binary. This module puts
//! it on the machine, starts it, finds it again, and stops it. It is a
//! process of its own so that what a user builds on it outlives a command:
//!
//! ```text
//!   s3net apply --local          s3net plan --local          s3net local stop
//!        │ ensure_running             │ ensure_running            │ stop
//!        ▼                            ▼                           ▼
//!   install ──► start ──► healthy ── reuse ─────────────────►  ended
//!      │          │                   ▲
//!      │          └─ endpoint.json ───┘  url, pid, version
//!      └─ <cache>/endpoint-<fingerprint>/  virtual environment
//! ```
//!
//! Two folders are kept apart ([`Folders`]): the cache, with installations
//! that any number of servers share, and the run folder, with the record and
//! the log of one server. Whoever wants a server of their own takes another
//! run folder.
//!
//! Every step may be killed, or run twice at once: a file lock lets one
//! process at a time install, and one at a time start or stop; an
//! installation counts only when its marker is written last; and a record is
//! believed only when the server at its URL says the same.

mod account;
mod admin;
mod embedded;
mod endpoint;
mod error;
mod folders;
mod installation;
mod lock;
mod process;
mod python;
mod record;
mod server;
mod trouble;

pub use account::{ACCOUNT, SECRET, account};
pub use embedded::version;
pub use endpoint::{
    Endpoint, Reset, Running, Status, Stopped, Wish, ensure_running, reset, start, start_private,
    status, stop,
};
pub use error::LocalError;
pub use folders::Folders;
pub use trouble::{Fault, Order, Setting, order, whose};

/// Where a step that takes long is told: one line, without a full stop.
///
/// `Sync`, so that a future that holds it may move between threads.
pub type Progress<'a> = &'a (dyn Fn(&str) + Sync);
