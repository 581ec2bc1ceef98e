//! Reads what lives: every kind at once, each in as few calls as AWS allows.
//!
//! The only part between the file and the plan that makes calls. After a run that
//! was interrupted it looks until it is certain what became of that run's calls:
//!
//! ```text
//! refresh ─► all seen that must be? ── yes ──► what became of the open calls
//!    ▲                │
//!    └─ a little later┘ no, and AWS may still show it
//! ```

mod expected;
mod expiring;
mod rebuild;
mod resume;

use std::collections::BTreeMap;

use futures_util::future::try_join_all;

use crate::aws::adoption::Adoptions;
use crate::aws::{Aws, CallError, SharedReads};
use crate::kind::{Kind, Live, Query, Registry, Scope, Stack, Wanted};
use crate::model::adoption::{Owner, Sighting};
use crate::model::{Address, Place, tags};
use crate::state::{OpenCall, Snapshot};

pub use expected::{Expected, expected, refresh_until_seen};
pub use expiring::{Aged, Marked, Verdict, aged, marked};
pub use rebuild::{Rebuilt, rebuilt, strays};
pub use resume::{Became, Resumed, what_became};

/// What a refresh found.
#[derive(Debug, Default)]
pub struct Refreshed {
    /// The stack's live objects.
    pub live: Vec<Live>,
    /// What `[existing]` tables found.
    pub existing: BTreeMap<Address, Live>,
    /// What was found of each object to adopt, by the node that it is to be.
    pub sightings: BTreeMap<Address, Sighting>,
}

/// Why a refresh did not come to an end.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// A read failed. That never means that something is gone.
    #[error("{kind} cannot be read: {source}")]
    Read {
        /// The kind that was read.
        kind: &'static str,
        /// AWS's answer.
        source: CallError,
    },
    /// A look-up found nothing or too much.
    #[error("{address} finds {}", found_text(ids))]
    NotOne {
        /// The look-up.
        address: Address,
        /// The ids of what it found.
        ids: Vec<String>,
    },
}

fn found_text(ids: &[String]) -> String {
    if ids.is_empty() {
        "nothing".to_owned()
    } else {
        format!("{} objects: {}", ids.len(), ids.join(", "))
    }
}

impl RefreshError {
    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> Option<String> {
        match self {
            Self::Read { source, .. } => source.remedy(),
            Self::NotOne { ids, .. } if ids.is_empty() => {
                Some("check its id, name or tags, and the account and region in use".to_owned())
            }
            Self::NotOne { .. } => {
                Some("state more tags, or an id, so that exactly one is meant".to_owned())
            }
        }
    }
}

/// What to read.
#[derive(Debug)]
pub struct Wish<'a> {
    /// The kinds.
    pub registry: Registry,
    /// The clients.
    pub aws: &'a Aws,
    /// Where the stack lives.
    pub place: &'a Place,
    /// What the file wants.
    pub wanted: &'a Stack,
    /// What the last run knew.
    pub remembered: &'a Snapshot,
    /// What an interrupted run left open.
    pub open: &'a [OpenCall],
    /// What to look up.
    pub look_ups: &'a BTreeMap<Address, Query>,
    /// What to adopt: the node that each is to be, and its id or name.
    pub adoptions: &'a BTreeMap<Address, String>,
    /// Tables that were given another name: from the former one to the one now.
    pub moved: &'a BTreeMap<Address, Address>,
    /// Whether to look for what others have put into our objects also where
    /// that takes a call of its own.
    pub thorough: bool,
}

/// Reads the stack's live objects and makes the look-ups.
///
/// # Errors
/// The first [`RefreshError`].
pub async fn refresh(wish: &Wish<'_>) -> Result<Refreshed, RefreshError> {
    let wanted = hints(wish);
    let shared = SharedReads::adopting(Adoptions::new(wish.adoptions));
    let scope = Scope {
        aws: wish.aws,
        stack: &wish.wanted.name,
        place: wish.place,
        wanted: &wanted,
        shared: &shared,
        thorough: wish.thorough,
    };
    let reads = wish.registry.all().map(|kind| {
        let scope = &scope;
        async move {
            let found = kind.find(scope).await;
            let mut found = found.map_err(read_error(kind))?;
            for object in &mut found {
                object.kind = kind.about().name;
                // A tag that somebody copied from an object of another kind.
                let of_kind = |address: &Address| {
                    let named = wish.registry.of(address).map(|kind| kind.about().name);
                    named == Some(kind.about().name)
                };
                object.address = object.address.take().filter(of_kind);
            }
            Ok(found)
        }
    });
    let look_ups = wish
        .look_ups
        .iter()
        .map(|(address, query)| look_up(wish.registry, &scope, address, query));
    let (live, existing) = tokio::try_join!(try_join_all(reads), try_join_all(look_ups))?;
    let mut sightings = shared.adoptions.seen();
    for sighting in sightings.values_mut() {
        // A stack of the same name in another region is another stack.
        let region = tags::elsewhere(&sighting.tags, &wish.place.region);
        if let (Owner::Stack { name, .. }, Some(region)) = (&mut sighting.owner, region) {
            *name = format!("{name} in {region}");
        }
    }
    let mut live: Vec<Live> = live.into_iter().flatten().collect();
    for object in &mut live {
        let adopted = object.address.as_ref().and_then(|it| sightings.get(it));
        if let Some(sighting) = adopted.filter(|it| it.id == object.id) {
            // The kinds saw the tags that it is to get.
            object.tags.clone_from(&sighting.tags);
        }
    }
    Ok(Refreshed {
        live,
        existing: existing.into_iter().collect(),
        sightings,
    })
}

/// A kind that could not be read.
fn read_error(kind: &dyn Kind) -> impl FnOnce(CallError) -> RefreshError {
    let kind = kind.about().name;
    move |source| RefreshError::Read { kind, source }
}

async fn look_up(
    registry: Registry,
    scope: &Scope<'_>,
    address: &Address,
    query: &Query,
) -> Result<(Address, Live), RefreshError> {
    let not_one = |ids| RefreshError::NotOne {
        address: address.clone(),
        ids,
    };
    let Some(kind) = registry.table(&address.kind) else {
        return Err(not_one(Vec::new()));
    };
    let mut found = match kind.look_up(scope, query).await {
        Ok(found) => found,
        Err(error) if error.is_not_found() => Vec::new(),
        Err(source) => return Err(read_error(kind)(source)),
    };
    match (found.pop(), found.is_empty()) {
        (Some(live), true) => Ok((address.clone(), live)),
        (last, _) => Err(not_one(
            found.into_iter().chain(last).map(|live| live.id).collect(),
        )),
    }
}

/// What the file wants and the state remembers, for finding by natural key.
fn hints(wish: &Wish<'_>) -> BTreeMap<Address, Wanted> {
    let mut hints: BTreeMap<Address, Wanted> = wish
        .remembered
        .nodes
        .iter()
        .map(|(address, node)| {
            let hint = Wanted {
                inputs: node.attributes.clone(),
                id: Some(node.id.clone()),
            };
            (address.clone(), hint)
        })
        .collect();
    for started in wish.open.iter().map(|call| &call.started) {
        // Also without a name: what was begun at the address is ours.
        let hint = hints.entry(started.address.clone()).or_default();
        if let (Some(name), None) = (&started.name, &hint.id) {
            hint.inputs.set("name", name.as_str());
        }
    }
    for (address, node) in &wish.wanted.nodes {
        hints.entry(address.clone()).or_default().inputs = node.inputs.clone();
    }
    // By its tags a renamed table has its former name, and so have its parts.
    for (from, to) in wish.moved {
        for (address, node) in wish.wanted.nodes.iter().filter(|(at, _)| at.table() == *to) {
            let former = Address {
                name: from.name.clone(),
                ..address.clone()
            };
            let hint = hints.entry(former);
            hint.or_insert_with(|| Wanted {
                inputs: node.inputs.clone(),
                id: None,
            });
        }
    }
    hints
}
