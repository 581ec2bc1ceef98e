//! The journal: what a run is about to do, written before it does it.
//!
//! A kill can come at any moment. What AWS was asked to make must then be found
//! again, so every step is in the journal before its first mutating call, and the
//! id is there as soon as AWS has told it. The journal is a log, and the snapshot
//! its checkpoint: a run begins with a checkpoint and an empty journal, and ends
//! with a checkpoint and none.
//!
//! ```text
//! checkpoint ─► opened ─► started, made, settled … ─► checkpoint ─► removed
//!                   │
//!                   └─ kill: the next run replays it over the old checkpoint
//! ```
//!
//! One record a line: a checksum over all that went before, and JSON. So a line
//! that was changed, lost or moved is noticed. Only the last line may be torn,
//! by a kill in the middle of a write: it is dropped, since nothing was done on
//! its word yet.

mod lines;
mod record;
mod replay;
mod writer;

pub use lines::{Parsed, parse};
pub use record::{JOURNAL_VERSION, Opened, Record, Started};
pub use replay::{OpenCall, Replayed, replay};
pub use writer::Journal;

#[cfg(test)]
mod tests;
