//! Why state cannot be kept.

use super::{FORMAT_VERSION, Held};
use crate::aws::CallError;

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
    /// S3 refuses, or does not answer.
    #[error("{name} cannot be {doing}: {reason}")]
    S3 {
        /// The object.
        name: String,
        /// "read", "written" or "removed".
        doing: &'static str,
        /// What S3 says.
        reason: String,
        /// What to do.
        remedy: String,
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
    /// The lock's holder lives, and the lock ends with it.
    #[error("the lock cannot be taken from a process that lives: {0}")]
    Alive(Held),
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

    /// S3's refusal to read or write an object of the state below `right`.
    #[must_use]
    pub fn of_call(name: &str, right: &str, doing: &'static str, error: &CallError) -> Self {
        let remedy = match error.code() {
            "NoSuchBucket" => "make the bucket, with versioning on, or change `state` under \
                 [stack], --state or S3NET_STATE"
                .to_owned(),
            "AccessDenied" => format!(
                "grant s3:ListBucket on the bucket, and s3:GetObject, s3:PutObject and \
                 s3:DeleteObject on {right}*, to the credentials in use"
            ),
            _ => error.remedy().unwrap_or_else(|| {
                "see to it, then run again: what AWS has is found by its tags".to_owned()
            }),
        };
        Self::S3 {
            name: name.to_owned(),
            doing,
            reason: match error.request_id() {
                Some(id) => format!("{error} (request {id})"),
                None => error.to_string(),
            },
            remedy,
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
            Self::S3 { remedy, .. } => remedy.clone(),
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
            Self::Alive(held) => format!(
                "end process {} on {}, and its lock ends with it",
                held.pid, held.host
            ),
            Self::LockLost { .. } => {
                "see who runs now, then run again: what AWS has is found by its tags".to_owned()
            }
        }
    }
}
