//! What a kind is given for one step of a plan.

use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::Aws;
use crate::model::{Address, Holder, Place, Tags, tags};

/// Hears what is waited for, and since when.
type Listener = Arc<dyn Fn(&str, Duration) + Send + Sync>;
/// Hears of an object's id and who holds it, and since when.
type HolderListener = Arc<dyn Fn(&str, &[Holder], Duration) + Send + Sync>;

/// How a step tells what it waits for, and hears that it should stop waiting.
#[derive(Clone)]
pub struct Pulse {
    waiting: Listener,
    held: HolderListener,
    /// Cancelled when waits are to end.
    pub stop: CancellationToken,
}

impl std::fmt::Debug for Pulse {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Pulse").finish_non_exhaustive()
    }
}

impl Pulse {
    /// A pulse that calls `waiting` with what is waited for and since when.
    #[must_use]
    pub fn new(
        stop: CancellationToken,
        waiting: impl Fn(&str, Duration) + Send + Sync + 'static,
    ) -> Self {
        Self {
            waiting: Arc::new(waiting),
            held: Arc::new(|_, _, _| {}),
            stop,
        }
    }

    /// The pulse with somebody who hears who holds what is to be deleted.
    #[must_use]
    pub fn on_held(
        mut self,
        held: impl Fn(&str, &[Holder], Duration) + Send + Sync + 'static,
    ) -> Self {
        self.held = Arc::new(held);
        self
    }

    /// A pulse that nobody listens to, for reads.
    #[must_use]
    pub fn silent() -> Self {
        Self::new(CancellationToken::new(), |_, _| {})
    }

    /// Says what is waited for.
    pub fn waiting(&self, what: &str, elapsed: Duration) {
        (self.waiting)(what, elapsed);
    }

    /// Says who holds what is to be deleted: at once, and when that changes.
    pub fn held(&self, id: &str, holders: &[Holder], elapsed: Duration) {
        (self.held)(id, holders, elapsed);
    }
}

/// What a kind is given for one step of a plan.
#[derive(Debug)]
pub struct Call<'a> {
    /// The clients.
    pub aws: &'a Aws,
    /// Where the stack lives.
    pub place: &'a Place,
    /// The stack's name.
    pub stack: &'a str,
    /// The node.
    pub address: &'a Address,
    /// Every tag that the object is to carry, ours included.
    pub tags: &'a Tags,
    /// A client token: the same for the same node, generation and inputs, also
    /// after a restart. At most 64 ASCII characters.
    pub token: &'a str,
    /// Progress and cancellation.
    pub pulse: &'a Pulse,
    /// The ids that this run created, for which not-found means "not yet".
    pub created: &'a Mutex<HashSet<String>>,
    /// The ids that this run is still to delete: what they hold is waited for.
    pub leaving: &'a Mutex<BTreeSet<String>>,
}

/// How much of a token marks an object: 80 bits.
const MARK: usize = 20;

impl Call<'_> {
    /// What marks the object of this very creation: the end of the token.
    #[must_use]
    pub fn mark(&self) -> &str {
        let start = self.token.len().saturating_sub(MARK);
        self.token.get(start..).unwrap_or(self.token)
    }

    /// The tags with which an object is made that takes no client token: the
    /// mark of its creation beside all others.
    #[must_use]
    pub fn marked_tags(&self) -> Tags {
        let mut marked = self.tags.clone();
        marked.insert(tags::TOKEN.to_owned(), self.mark().to_owned());
        marked
    }

    /// The tags with which an object is made that belongs to no region: that of
    /// its stack beside all others.
    #[must_use]
    pub fn tags_with_region(&self) -> Tags {
        let mut tags = self.tags.clone();
        tags.insert(tags::REGION.to_owned(), self.place.region.clone());
        tags
    }

    /// Whether an object's tags say that this very creation made it, or that it
    /// is this node's and from a time before creations were marked.
    #[must_use]
    pub fn made(&self, found: &Tags) -> bool {
        let is = |key: &str, value: &str| found.get(key).is_some_and(|it| it == value);
        is(tags::STACK, self.stack)
            && is(tags::ADDRESS, &self.address.to_string())
            && (is(tags::TOKEN, self.mark()) || !found.contains_key(tags::TOKEN))
    }

    /// Whether any of the ids that this run created stands in a text, such as
    /// the message of a not-found answer.
    #[must_use]
    pub fn created_one_named_in(&self, text: &str) -> bool {
        self.created
            .lock()
            .is_ok_and(|ids| ids.iter().any(|id| text.contains(id.as_str())))
    }
}
