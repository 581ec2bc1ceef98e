//! State: what the last run knew, on disk.
//!
//! State is a cache. Live AWS is the truth and tags are the memory; what only
//! state keeps is the stack's lineage and generations (for client tokens), the
//! tags an earlier run wrote (so that a removed one can be told from a foreign
//! one), and outputs that a read does not repeat.
//!
//! ```text
//! state/<stack>/state.json    the snapshot, 0600, written whole and renamed
//! state/<stack>/lock          held by the run that may write it
//! ```

mod file;
mod lock;
mod snapshot;

pub use file::{Store, StoreError};
pub use lock::{Held, Lock};
pub use snapshot::{FORMAT_VERSION, Remembered, Snapshot};
