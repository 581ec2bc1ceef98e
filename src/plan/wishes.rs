//! What the user asks of a plan beside the network itself: what was renamed,
//! what is to be adopted or let go, and which part of the stack is meant.
//!
//! ```text
//!  command line ─┐
//!                ├─► Wishes ─► World ─► plan
//!  file ─────────┘
//! ```

use super::selection::Selection;

/// What the user asks beside the network.
#[derive(Debug, Clone, Default)]
pub struct Wishes {
    /// Which part of the stack is meant, and what is to be made anew.
    pub selection: Selection,
}

/// For a plan of the file alone.
pub static NO_WISHES: Wishes = Wishes {
    selection: Selection::ALL,
};
