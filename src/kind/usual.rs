//! How long steps usually take on AWS. It is what a plan's estimate is made of,
//! and no promise: nothing that a run does depends on it.

use std::time::Duration;

use crate::model::Action;

/// How long something usually takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Took {
    /// Where it goes well.
    pub shortest: Duration,
    /// Beyond this, it takes longer than usual.
    pub longest: Duration,
}

impl Took {
    /// No time at all.
    pub const NONE: Self = Self::seconds(0, 0);

    /// From so many seconds to so many.
    #[must_use]
    pub const fn seconds(shortest: u64, longest: u64) -> Self {
        Self {
            shortest: Duration::from_secs(shortest),
            longest: Duration::from_secs(longest),
        }
    }

    /// What an estimate counts with.
    #[must_use]
    pub fn middle(self) -> Duration {
        (self.shortest + self.longest) / 2
    }
}

/// How long the steps of a kind usually take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usual {
    /// To make one, until it is at rest.
    pub create: Took,
    /// To change one, until it is at rest.
    pub update: Took,
    /// To delete one, until it is gone.
    pub delete: Took,
}

impl Usual {
    /// A call or two, and no wait that is worth a word.
    pub const QUICK: Self = Self {
        create: Took::seconds(0, 2),
        update: Took::seconds(0, 2),
        delete: Took::seconds(0, 2),
    };

    /// How long a step of one sort takes.
    #[must_use]
    pub fn of(&self, action: Action) -> Took {
        match action {
            Action::Create => self.create,
            Action::Adopt | Action::Update | Action::Forget => self.update,
            Action::Delete => self.delete,
            Action::Keep => Took::NONE,
        }
    }
}
