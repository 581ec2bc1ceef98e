//! Why state cannot be kept.

use super::{FORMAT_VERSION, Held};

/// Why state cannot be read or written. Names are paths, or URLs on S3.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The operating system, or S3, refuses.
    #[error("{name} cannot be {doing}: {reason}")]
    Io {
        /// The file, folder or object.
        name: String,
        /// "read" or "written".
        doing: &'static str,
        /// Why.
        reason: String,
    },
    /// It is not what it should be. It is left as it is.
    #[error("{name} is damaged{}: {reason}", at_line(*line))]
    Damaged {
        /// The file or object.
        name: String,
        /// The line, counted from 1, where lines matter.
        line: Option<usize>,
        /// What is wrong with it.
        reason: String,
    },
    /// It was written by a newer s3net.
    #[error("{name} has format {found}, and this s3net knows formats up to {FORMAT_VERSION}")]
    Newer {
        /// The file or object.
        name: String,
        /// Its format.
        found: u64,
    },
    /// It belongs to another stack.
    #[error("{name} is of stack `{found}`, not of `{wanted}`")]
    OtherStack {
        /// The file or object.
        name: String,
        /// The stack that it says.
        found: String,
        /// The stack that was asked for.
        wanted: String,
    },
    /// The journal and the snapshot are of two histories.
    #[error("{journal} is of another history of the stack than {snapshot}")]
    OtherHistory {
        /// The journal.
        journal: String,
        /// The snapshot.
        snapshot: String,
    },
    /// Another run holds the lock.
    #[error("another run has locked this stack: {0}")]
    Locked(Held),
    /// The lock was ours and is no longer.
    #[error("this run has lost its lock on {name}: {reason}")]
    LockLost {
        /// The lock.
        name: String,
        /// What is known.
        reason: String,
    },
}

fn at_line(line: Option<usize>) -> String {
    line.map_or_else(String::new, |line| format!(" in line {line}"))
}

impl StoreError {
    /// An error of the operating system.
    #[must_use]
    pub fn io(name: impl Into<String>, doing: &'static str, source: &std::io::Error) -> Self {
        Self::Io {
            name: name.into(),
            doing,
            reason: source.to_string(),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> String {
        match self {
            Self::Io { doing: "read", .. } => "make it readable, then run again".to_owned(),
            Self::Io { .. } => "free some space or make it writable, then run again: \
                 what AWS has is found by its tags"
                .to_owned(),
            Self::Damaged { .. } => "nothing was changed. Restore it from a backup, or run \
                 `s3net state rebuild FILE`: it keeps the damaged one aside and makes a new one \
                 from what AWS has"
                .to_owned(),
            Self::Newer { .. } => "use the s3net that wrote it, or a newer one".to_owned(),
            Self::OtherStack { .. } => {
                "give the stack its own folder, or name the right stack".to_owned()
            }
            Self::OtherHistory { journal, .. } => format!(
                "one of the two was put there by hand; move the wrong one away, or run \
                 `s3net state rebuild FILE`, which keeps both aside. The journal says what an \
                 interrupted run did: `{journal}`"
            ),
            Self::Locked(_) => {
                "wait until it has ended, then run again; or pass --lock-timeout".to_owned()
            }
            Self::LockLost { .. } => {
                "see who runs now, then run again: what AWS has is found by its tags".to_owned()
            }
        }
    }
}
