//! What the user asks of a plan beside the network itself: what was renamed,
//! what is to be adopted or let go, and which part of the stack is meant.
//!
//! ```text
//!  command line ─┐
//!                ├─► Wishes ─► World ─► plan
//!  file ─────────┘
//! ```

use super::lifetime::LifetimeWish;
use super::selection::Selection;

/// What the user asks beside the network.
#[derive(Debug, Clone, Default)]
pub struct Wishes {
    /// Which part of the stack is meant, and what is to be made anew.
    pub selection: Selection,
    /// How long the stack is to live, and what time it is. Without it, nothing
    /// is said of a lifetime.
    pub lifetime: Option<LifetimeWish>,
}

/// For a plan of the file alone.
pub static NO_WISHES: Wishes = Wishes {
    selection: Selection::ALL,
    lifetime: None,
};
