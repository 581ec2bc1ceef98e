//! What goes into a plan and what comes out of it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::lifetime::Lifetime;
use super::selection::{LeftOut, Selection};
use super::switch::Switch;
use super::wishes::Wishes;
use crate::graph::Dag;
use crate::kind::{Foreign, Lifecycle, Live, Registry, Stack};
use crate::model::tags::TagChange;
use crate::model::{Action, Address, AddressPattern, Attributes, Place, Tags, Value};
use crate::state::Snapshot;

/// Why something goes where all goes.
pub(super) const EVERYTHING: &str = "everything is to go";

/// All that a plan depends on.
#[derive(Debug, Clone)]
pub struct World<'a> {
    /// The kinds.
    pub registry: Registry,
    /// Where the stack lives.
    pub place: &'a Place,
    /// What the file wants.
    pub wanted: &'a Stack,
    /// What `[existing]` tables found.
    pub existing: &'a BTreeMap<Address, Live>,
    /// What lives.
    pub live: &'a [Live],
    /// What the last run knew.
    pub remembered: &'a Snapshot,
    /// Whether everything is to go. The file then serves for lifecycles only.
    pub destroy: bool,
    /// What the user asks beside the network.
    pub wishes: &'a Wishes,
}

/// Why a step comes before another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason(pub Cow<'static, str>);

impl fmt::Display for Reason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// One field that is to change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Difference {
    /// The field's name.
    pub field: String,
    /// What AWS has; none where it has nothing there.
    pub before: Option<Value>,
    /// What is wanted, as far as it is known.
    pub after: Value,
    /// Why the object must be made anew for it, where it must.
    pub replaces: Option<Cow<'static, str>>,
}

/// One step of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedStep {
    /// The node.
    pub address: Address,
    /// What is done with it.
    pub action: Action,
    /// Why it is made anew, where it is: the node then has a delete step and a
    /// create step.
    pub replace: Option<String>,
    /// The address that the object's tags name so far, where that is another.
    pub was: Option<Address>,
    /// AWS's id of the object that exists.
    pub id: Option<String>,
    /// What is wanted; references in it are resolved as the run goes.
    pub inputs: Attributes,
    /// What is wanted, as far as it is known now.
    pub preview: Attributes,
    /// What AWS says of the object that exists.
    pub live: Attributes,
    /// The fields that change.
    pub differences: Vec<Difference>,
    /// Every tag that it is to carry.
    pub tags: Tags,
    /// The tags that change.
    pub tag_change: TagChange,
    /// What the user says of its life.
    pub lifecycle: Lifecycle,
    /// Which creation at this address it is.
    pub generation: u32,
    /// True where the step needs no call, since its table's delete does it.
    pub implied: bool,
    /// Whether the object is others' again once this is done, so that the state
    /// forgets it: a rollback gives back what the run had adopted. No saved plan
    /// is a rollback's.
    #[serde(skip)]
    pub given_back: bool,
}

impl PlannedStep {
    /// Whether it takes an object away from the stack.
    #[must_use]
    pub fn goes(&self) -> bool {
        matches!(self.action, Action::Delete | Action::Forget)
    }
}

/// How many nodes meet which fate. A replaced node counts once, as replaced.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Nodes to create.
    pub create: usize,
    /// Objects of others that become nodes.
    pub adopt: usize,
    /// Nodes to change in place.
    pub update: usize,
    /// Nodes to make anew.
    pub replace: usize,
    /// Nodes to delete.
    pub delete: usize,
    /// Nodes to forget.
    pub forget: usize,
    /// Nodes that stay as they are.
    pub keep: usize,
    /// Nodes of which nothing changes but the end of their lifetime.
    pub lifetime: usize,
}

/// What a run will do.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The stack's name.
    pub stack: String,
    /// Where it lives.
    pub place: Place,
    /// The steps and which comes before which.
    pub steps: Dag<PlannedStep, Reason>,
    /// What is known of nodes and look-ups before the first step.
    pub facts: BTreeMap<Address, Attributes>,
    /// What others have put into objects of ours, which is left alone. Empty
    /// where everything goes.
    pub foreign: Vec<Foreign>,
    /// Which part of the stack it is for.
    pub selection: Selection,
    /// What a plan for all of the stack would do as well. It stays as it lives.
    pub left_out: Vec<LeftOut>,
    /// What becomes of the stack's lifetime, where it has one.
    pub lifetime: Option<Lifetime>,
    /// The ways that change their doors, and how. A trace finds them anew for a
    /// plan that was saved.
    #[serde(skip)]
    pub switches: Vec<Switch>,
}

impl Plan {
    /// How many nodes meet which fate.
    #[must_use]
    pub fn totals(&self) -> Totals {
        Totals::of(self.steps.nodes().map(|(_, step)| step))
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps
            .nodes()
            .all(|(_, step)| step.action == Action::Keep)
    }
}

impl Totals {
    /// Counts steps.
    pub fn of<'s>(steps: impl Iterator<Item = &'s PlannedStep>) -> Self {
        let mut totals = Self::default();
        for step in steps {
            match (step.action, step.replace.is_some()) {
                (Action::Create, true) => totals.replace += 1,
                (Action::Delete, true) => {}
                (Action::Create, false) => totals.create += 1,
                (Action::Adopt, _) => totals.adopt += 1,
                (Action::Update, _) if step.is_only_lifetime() => totals.lifetime += 1,
                (Action::Update, _) => totals.update += 1,
                (Action::Delete, false) => totals.delete += 1,
                (Action::Forget, _) => totals.forget += 1,
                (Action::Keep, _) => totals.keep += 1,
            }
        }
        totals
    }

    /// How many nodes do not stay as they are.
    #[must_use]
    pub fn changes(&self) -> usize {
        let Self {
            create,
            adopt,
            update,
            replace,
            delete,
            forget,
            keep: _,
            lifetime: _,
        } = self;
        create + adopt + update + replace + delete + forget
    }
}

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The user forbids it.
    #[error("{address} would be destroyed, and its `prevent_destroy` forbids that")]
    Prevented {
        /// The node.
        address: Address,
        /// Why it would be destroyed.
        reason: String,
    },
    /// What the user wants adopted cannot be, or not without a loss.
    #[error("{address} cannot adopt {id}: {reason}")]
    Unadoptable {
        /// The node that it was to be.
        address: Box<Address>,
        /// AWS's id of the object, or its name.
        id: String,
        /// Why not.
        reason: String,
        /// What to do.
        remedy: String,
    },
    /// A table's new name is not free.
    #[error("{from} cannot become {to}: {reason}")]
    Unmovable {
        /// Its former name.
        from: Address,
        /// The new one.
        to: Address,
        /// Why not.
        reason: String,
        /// What to do.
        remedy: String,
    },
    /// What is to be made before the old one goes cannot stand beside it.
    #[error("{address} cannot be made while {id} is there: {reason}")]
    NoRoomBeside {
        /// The node.
        address: Address,
        /// AWS's id of the object that is in its way.
        id: String,
        /// Why.
        reason: String,
        /// Whether a `create_before_destroy` wants that order. Otherwise something
        /// that stays needs the old one until the new one is there.
        wished: bool,
        /// What that is, where it is known.
        user: Option<Address>,
    },
    /// What only one can have is not free when another is to take it.
    #[error("{taker} cannot take what {holder} has: {reason}")]
    Contended {
        /// The node that is to take it.
        taker: Box<Address>,
        /// The node that has it.
        holder: Box<Address>,
        /// Why only one can have it.
        reason: String,
        /// Why it is not free.
        cause: String,
        /// What to do.
        remedy: String,
    },
    /// Steps wait for each other.
    #[error("these steps wait for each other: {}", super::named(circle))]
    Circle {
        /// The nodes, in order.
        circle: Vec<Address>,
    },
    /// A pattern of the selection means nothing.
    #[error("nothing is called `{pattern}`: not in the file, and not among what lives")]
    FitsNothing {
        /// The pattern.
        pattern: AddressPattern,
        /// What may have been meant.
        near: Option<String>,
    },
    /// The file refers to a look-up that found nothing, or a kind is unknown.
    #[error("{0}")]
    Unusable(String),
}

impl PlanError {
    /// Why it is so, where that is more than the problem itself says.
    #[must_use]
    pub fn cause(&self) -> Option<String> {
        match self {
            Self::NoRoomBeside {
                address,
                wished: false,
                user: Some(user),
                ..
            } => Some(format!(
                "{user} stays, and needs the old {address} until the new one is there"
            )),
            Self::Contended { cause, .. } => Some(cause.clone()),
            _ => None,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> Option<String> {
        match self {
            Self::Prevented { address, reason } if reason == EVERYTHING => Some(format!(
                "{reason}; take `prevent_destroy` away first if that is wanted, or keep it: \
                 `s3net destroy FILE --exclude {}`",
                address.table()
            )),
            Self::Prevented { reason, .. } => Some(format!(
                "{reason}; take `prevent_destroy` away first if that is wanted"
            )),
            Self::Unadoptable { remedy, .. }
            | Self::Unmovable { remedy, .. }
            | Self::Contended { remedy, .. } => Some(remedy.clone()),
            Self::NoRoomBeside { wished: true, .. } => Some(
                "state another one, or take `create_before_destroy` away, so that the old \
                 object goes first"
                    .to_owned(),
            ),
            Self::NoRoomBeside { address, user, .. } => Some(format!(
                "state another one; or it takes two runs: first apply the file without {}, and \
                 with nothing that uses it{}, then the file as it stands",
                address.table(),
                user.as_ref()
                    .map(Address::table)
                    .filter(|user| *user != address.table())
                    .map_or_else(String::new, |user| format!(" ({user})"))
            )),
            Self::Circle { .. } => {
                Some("apply the change in two goes, one resource at a time".to_owned())
            }
            Self::FitsNothing { near, .. } => Some(match near {
                Some(near) => format!("did you mean {near}?"),
                None => "`s3net state list` and the file say what there is".to_owned(),
            }),
            Self::Unusable(_) => None,
        }
    }
}
