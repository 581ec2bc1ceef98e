//! Events: what a run tells whoever listens, and the words it uses.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Address, Holder};

/// What a plan does with one node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Nothing: it is as wanted.
    Keep,
    /// Make it.
    Create,
    /// Make what others made ours, and change it in place where it differs.
    Adopt,
    /// Change it in place.
    Update,
    /// Delete it.
    Delete,
    /// Remember it no longer, and leave it alone.
    Forget,
}

impl Action {
    /// The word for doing it, as in "creating".
    #[must_use]
    pub fn doing(self) -> &'static str {
        match self {
            Self::Keep => "keeping",
            Self::Create => "creating",
            Self::Adopt => "adopting",
            Self::Update => "changing",
            Self::Delete => "deleting",
            Self::Forget => "forgetting",
        }
    }

    /// The word for having done it, as in "created".
    #[must_use]
    pub fn done(self) -> &'static str {
        match self {
            Self::Keep => "kept",
            Self::Create => "created",
            Self::Adopt => "adopted",
            Self::Update => "changed",
            Self::Delete => "deleted",
            Self::Forget => "forgotten",
        }
    }
}

/// One thing that happened during apply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A step has begun.
    Started {
        /// The node.
        address: Address,
        /// What is done with it.
        action: Action,
    },
    /// A step waits for AWS.
    Waiting {
        /// The node.
        address: Address,
        /// For what, with AWS's word for its state.
        what: String,
        /// Since when.
        #[serde(rename = "elapsed_ms", serialize_with = "milliseconds")]
        elapsed: Duration,
    },
    /// AWS refuses a delete because others hold the object; the step goes on
    /// trying for a while.
    Held {
        /// The node.
        address: Address,
        /// AWS's id of what is held.
        id: String,
        /// Who holds it: those that need the user first, none where nobody is
        /// seen.
        holders: Vec<Holder>,
        /// Since when.
        #[serde(rename = "elapsed_ms", serialize_with = "milliseconds")]
        elapsed: Duration,
    },
    /// A step is done.
    Finished {
        /// The node.
        address: Address,
        /// What was done with it.
        action: Action,
        /// AWS's id of it.
        id: Option<String>,
        /// How long it took.
        #[serde(rename = "elapsed_ms", serialize_with = "milliseconds")]
        elapsed: Duration,
    },
    /// A step failed; what depends on it will not start.
    Failed {
        /// The node.
        address: Address,
        /// What was to be done with it.
        action: Action,
        /// What AWS said.
        cause: String,
        /// What to do.
        remedy: Option<String>,
        /// AWS's id of the request.
        request_id: Option<String>,
        /// How long it took.
        #[serde(rename = "elapsed_ms", serialize_with = "milliseconds")]
        elapsed: Duration,
    },
    /// A step will not start, because what it needs failed.
    Barred {
        /// The node.
        address: Address,
        /// What was to be done with it.
        action: Action,
        /// The node that failed.
        because: Address,
    },
    /// It is asked whether a new way works, before the old one goes.
    Asking {
        /// The new door.
        new: Address,
        /// The door that stays until then.
        old: Address,
        /// What is waited for, where the way was found to work.
        waits_for: Option<String>,
        /// Since when.
        #[serde(rename = "elapsed_ms", serialize_with = "milliseconds")]
        elapsed: Duration,
    },
    /// It is known whether a new way works.
    Asked {
        /// The new door.
        new: Address,
        /// The door that goes, or stays.
        old: Address,
        /// Whether it does.
        works: bool,
        /// How long the answer took.
        #[serde(rename = "elapsed_ms", serialize_with = "milliseconds")]
        elapsed: Duration,
    },
    /// The user asked to stop: nothing new starts.
    Stopping {
        /// How many steps are in flight.
        in_flight: usize,
    },
}

fn milliseconds<S: serde::Serializer>(duration: &Duration, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_u64(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}
