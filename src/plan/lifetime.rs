//! When a stack's lifetime ends. Pure: what time it is comes in from outside.
//!
//! ```text
//! first apply ──────────────────────────────► the end
//!      │ later applies: new objects get the same end
//!      │ another `ttl`, or --renew: it begins anew
//!      ▼
//! s3net:expires-at on every object ─► the next plan, also where state is lost
//! ```
//!
//! Where objects disagree (a renewal was interrupted) the latest moment counts,
//! as it does for `s3net reap`, and the others are brought to it. What no
//! lifetime of this length can have come to (somebody else's tag, or a longer
//! `ttl` of an earlier file) does not count.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::outcome::{Plan, PlannedStep, World};
use crate::model::lifetime::{CLOCKS_APART, Term, end_of, read, written};
use crate::model::{Action, Tags, tags};

/// How long a lifetime that nothing carries yet is remembered. The calls of a
/// run that was killed at its start are then made again with the same tags:
/// AWS refuses a client token that comes back with others.
const UNSEEN: Duration = Duration::from_secs(900);

/// How long the stack is to live, and what time it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LifetimeWish {
    /// How long, where the file says so.
    pub ttl: Option<Duration>,
    /// What time it is.
    pub now: Timestamp,
    /// When it is to end.
    pub ending: Ending,
}

/// When a stack's lifetime is to end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Ending {
    /// When it does so far.
    #[default]
    Kept,
    /// It is to begin anew.
    Anew,
    /// At the moment that a saved plan was shown with.
    At(Timestamp),
}

/// What a plan makes of the stack's lifetime.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lifetime {
    /// The lifetime as it will be; none where it is taken back.
    pub term: Option<Term>,
    /// When it ends by what lives so far, where that says anything.
    pub before: Option<Timestamp>,
    /// When the plan was made.
    pub now: Timestamp,
}

impl Lifetime {
    /// The tag's value on every object, where there is to be one.
    pub(super) fn tag(&self) -> Option<String> {
        self.term.map(|term| written(term.until))
    }

    /// How much is left; none where it is over.
    #[must_use]
    pub fn left(&self) -> Option<Duration> {
        let until = self.term?.until;
        let left = Duration::try_from(until - self.now).ok();
        left.filter(|left| !left.is_zero())
    }
}

/// What becomes of the stack's lifetime; none where nothing is to be said.
pub(super) fn lifetime(world: &World<'_>) -> Option<Lifetime> {
    let LifetimeWish { ttl, now, ending } = world.wishes.lifetime.filter(|_| !world.destroy)?;
    let own = || {
        world
            .live
            .iter()
            .filter(|live| live.own_address().is_some())
    };
    let lives = own().any(|live| !live.tags.is_empty());
    let carried = || own().filter_map(|live| read(live.tags.get(tags::EXPIRES_AT)?, now));
    let before = carried().max();
    let Some(ttl) = ttl else {
        let taken_back = Lifetime {
            term: None,
            before,
            now,
        };
        return before.map(|_| taken_back);
    };
    let latest = end_of(end_of(now, ttl), CLOCKS_APART);
    let ttl_seconds = ttl.as_secs();
    let remembered = world.remembered.lifetime;
    let changed = remembered.is_some_and(|term| term.ttl_seconds != ttl_seconds);
    let kept = match ending {
        Ending::At(promised) => Some(promised),
        Ending::Anew => None,
        Ending::Kept if changed => None,
        Ending::Kept => {
            let is_young = |until| until + UNSEEN > end_of(now, ttl);
            let noted = remembered.map(|term| term.until);
            let noted = noted.filter(|until| lives || is_young(*until));
            carried().chain(noted).filter(|end| *end <= latest).max()
        }
    };
    Some(Lifetime {
        term: Some(Term {
            ttl_seconds,
            until: kept.unwrap_or_else(|| end_of(now, ttl)),
        }),
        before,
        now,
    })
}

/// All tags of an object: the file's, and the end of the lifetime. What AWS keeps
/// no tags on has none.
pub(super) fn with_end(stated: &Tags, tagged: bool, end: Option<&String>) -> Tags {
    let mut all = stated.clone();
    if let Some(end) = end.filter(|_| tagged) {
        all.insert(tags::EXPIRES_AT.to_owned(), end.clone());
    }
    all
}

impl PlannedStep {
    /// Whether nothing is done but to write the end of the lifetime, or to take
    /// it off. That is the stack's change, and not worth a word for each object.
    #[must_use]
    pub fn is_only_lifetime(&self) -> bool {
        self.action == Action::Update
            && self.differences.is_empty()
            && self.tag_change.is_only_of(tags::EXPIRES_AT)
    }
}

impl Plan {
    /// How many objects that exist have the end of their lifetime written, or
    /// taken off.
    #[must_use]
    pub fn lifetimes_changed(&self) -> usize {
        let steps = self.steps.nodes().map(|(_, step)| step);
        let updates = steps.filter(|step| step.action == Action::Update);
        let touched = updates.filter(|step| step.tag_change.touches(tags::EXPIRES_AT));
        touched.count()
    }
}

#[cfg(test)]
mod tests;
