//! State: what the last run knew, and what a run is about to do.
//!
//! State is a cache. Live AWS is the truth and tags are the memory; what only
//! state keeps is the stack's lineage and generations (for client tokens), the
//! tags an earlier run wrote (so that a removed one can be told from a foreign
//! one), outputs that a read does not repeat, and, while a run is open, which
//! calls it has begun.
//!
//! ```text
//! Store ─┬─ snapshot   every node that the last run left behind
//!        ├─ journal    what the run under way has begun, made and settled
//!        ├─ lock       one run at a time
//!        └─ Backend    where the bytes are: a folder, or a bucket
//! ```

mod backend;
mod bucket;
mod error;
mod folder;
mod holder;
pub mod journal;
mod snapshot;
mod store;

pub use backend::{Backend, Guard, Lock, Part};
pub use bucket::Bucket;
pub use error::StoreError;
pub use folder::Folder;
pub use holder::Held;
pub use journal::{Journal, OpenCall, Opened, Record, Replayed, Started};
pub use snapshot::{FORMAT_VERSION, Remembered, Snapshot};
pub use store::{Kept, Store, parse_snapshot};
