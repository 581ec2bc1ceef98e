//! From the account to a plan: what plan, apply, destroy, graph and drift have in
//! common.
//!
//! ```text
//!   look                              prepare
//! reach ─► lock ─► state ─► refresh ─► plan
//!   │        │        │         │        │
//!   └─ any problem ends here, before a call that changes anything
//! ```

use std::collections::BTreeMap;

use crate::config::Desired;
use crate::kind::Stack;
use crate::model::Address;
use crate::plan::{Adoption, Ending, Plan, PlanError, Selection, Wishes, World, plan};
use crate::refresh::{Refreshed, Wish, expected, refresh_until_seen, what_became};
use crate::report::{self, Printer};
use crate::state::{Kept, Lock, Snapshot};

use super::arguments::{Source, Target};
use super::keeping::{check_place, give_back, take_lock};
use super::lifetime;
use super::problem::Problem;
use super::reach::{Reached, reach};
use super::selection;

/// What a verb wants prepared.
#[derive(Debug, Clone, Copy)]
pub struct Purpose {
    /// The command, for the lock's holder; none takes no lock.
    pub lock: Option<&'static str>,
    /// Whether everything is to go.
    pub destroy: bool,
    /// When the stack's lifetime is to end.
    pub ending: Ending,
}

/// How much of what others did is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// What stands in the answers that a plan needs.
    Usual,
    /// Also what takes calls of its own.
    Thorough,
}

/// What the store holds, and what lives.
pub struct Seen {
    /// The file, the account and the store.
    pub at: Reached,
    /// What the store holds.
    pub kept: Kept,
    /// What lives.
    pub refreshed: Refreshed,
    /// What the user asks beside the network.
    pub wishes: Wishes,
    /// Held until the verb has ended.
    pub lock: Option<Lock>,
}

/// What the store holds, and the plan.
pub struct Prepared {
    /// The file, the account and the store.
    pub at: Reached,
    /// What the store holds.
    pub kept: Kept,
    /// What lives.
    pub refreshed: Refreshed,
    /// What the user asks beside the network.
    pub wishes: Wishes,
    /// The plan.
    pub plan: Plan,
    /// Held until the verb has ended.
    pub lock: Option<Lock>,
}

/// Reads what lives.
///
/// # Errors
/// The [`Problem`] that stands in the way; nothing has been changed then.
pub async fn look(
    source: &Source,
    target: &Target,
    purpose: Purpose,
    depth: Depth,
    printer: &Printer,
) -> Result<Seen, Problem> {
    look_with(source, target, purpose, depth, |_| Ok(()), printer).await
}

/// The same, where the command line asks for something that the file does not
/// say: `edit` puts it there, and may refuse.
///
/// # Errors
/// The [`Problem`] that stands in the way; nothing has been changed then.
pub async fn look_with(
    source: &Source,
    target: &Target,
    purpose: Purpose,
    depth: Depth,
    edit: impl FnOnce(&mut Desired) -> Result<(), Problem>,
    printer: &Printer,
) -> Result<Seen, Problem> {
    let mut reached = reach(source, target, purpose.lock.is_some(), printer).await?;
    edit(&mut reached.desired)?;
    let lifetime = lifetime::wish(&reached.desired, target, purpose.ending)?;
    let lock = match purpose.lock {
        Some(command) => {
            Some(take_lock(&reached.store, &reached.aws, command, target, printer).await?)
        }
        None => None,
    };
    match find_out(&reached, purpose, depth, printer).await {
        Ok((kept, mut refreshed)) => Ok(Seen {
            wishes: {
                let adopts = adopts(purpose, depth);
                let mut wishes = wishes(&reached.desired, adopts, &mut refreshed);
                wishes.lifetime = Some(lifetime);
                if purpose.destroy {
                    stay_when_removed(&reached.desired, &kept.snapshot, &mut wishes);
                }
                wishes
            },
            at: reached,
            kept,
            refreshed,
            lock,
        }),
        Err(problem) => {
            give_back(lock, printer).await;
            Err(problem)
        }
    }
}

/// Reads state and what lives.
async fn find_out(
    reached: &Reached,
    purpose: Purpose,
    depth: Depth,
    printer: &Printer,
) -> Result<(Kept, Refreshed), Problem> {
    let Reached {
        desired,
        registry: kinds,
        aws,
        place,
        store,
        ..
    } = reached;
    let mut kept = store.read(&desired.stack.name).await?;
    check_place(store, &kept, place)?;
    if purpose.lock.is_none()
        && kept.unclosed.is_some()
        && let Some(held) = store.holder().await?
    {
        printer.note(&format!(
            "a run is under way, so this is a look at something that moves: {held}"
        ));
        // Its open calls are its own business.
        kept.unclosed = None;
    }
    let look_ups: BTreeMap<_, _> = match purpose.destroy {
        // What is destroyed needs nothing looked up.
        true => BTreeMap::new(),
        false => desired
            .existing
            .iter()
            .map(|(address, existing)| (address.clone(), existing.query.clone()))
            .collect(),
    };
    let imports = desired.imports.iter();
    let imports = imports.filter(|_| adopts(purpose, depth));
    let adoptions = imports.map(|it| (it.to.clone(), it.id.clone())).collect();
    let wish = Wish {
        registry: *kinds,
        aws,
        place,
        wanted: &desired.stack,
        remembered: &kept.snapshot,
        open: kept.unclosed.as_ref().map_or(&[][..], |run| &run.open),
        look_ups: &look_ups,
        adoptions: &adoptions,
        moved: &desired.new_names(),
        thorough: depth == Depth::Thorough,
    };
    let refreshed = read_live(&wish, purpose.destroy, printer).await?;
    if let Some(interrupted) = &kept.unclosed {
        printer.resumed(&what_became(interrupted, &refreshed, aws.consistency()));
    }
    Ok((kept, refreshed))
}

/// Reads what lives, until all is seen that must be.
async fn read_live(
    wish: &Wish<'_>,
    destroy: bool,
    printer: &Printer,
) -> Result<Refreshed, Problem> {
    let must_be_seen = expected(
        wish.registry,
        wish.wanted,
        wish.remembered,
        wish.open,
        destroy,
    );
    let waiting = |one: &_, longest| printer.note(&report::resume_text::waiting(one, longest));
    Ok(refresh_until_seen(wish, must_be_seen, &waiting).await?)
}

/// Reads state and what lives once more, in the middle of a verb, for another
/// stack than the file's. What was to be adopted is found whether it was or not.
///
/// # Errors
/// The [`Problem`] that stands in the way.
pub async fn look_again(
    reached: &Reached,
    wanted: &Stack,
    wishes: &Wishes,
    printer: &Printer,
) -> Result<(Kept, Refreshed), Problem> {
    let adopted = wishes.adopted.iter();
    let adoptions = adopted.map(|(address, it)| (address.clone(), it.id.clone()));
    let kept = reached.store.read(&wanted.name).await?;
    let wish = Wish {
        registry: reached.registry,
        aws: &reached.aws,
        place: &reached.place,
        wanted,
        remembered: &kept.snapshot,
        open: kept.unclosed.as_ref().map_or(&[][..], |run| &run.open),
        look_ups: &BTreeMap::new(),
        adoptions: &adoptions.collect(),
        moved: &wishes.moved,
        thorough: false,
    };
    let refreshed = read_live(&wish, false, printer).await?;
    Ok((kept, refreshed))
}

/// Whether objects are adopted: drift is about what is ours, and nothing is
/// adopted to be destroyed.
fn adopts(purpose: Purpose, depth: Depth) -> bool {
    !purpose.destroy && depth == Depth::Usual
}

/// What the file asks beside the network, with what was seen of it.
fn wishes(desired: &Desired, adopts: bool, refreshed: &mut Refreshed) -> Wishes {
    let imports = desired.imports.iter().filter(|_| adopts);
    let adopted = imports.map(|import| {
        let adoption = Adoption {
            id: import.id.clone(),
            sighting: refreshed.sightings.remove(&import.to),
            in_file: !import.span.is_empty(),
        };
        (import.to.clone(), adoption)
    });
    let removed = desired.removed.iter();
    Wishes {
        adopted: adopted.collect(),
        moved: desired.new_names(),
        removed: removed.map(|it| (it.from.clone(), it.destroy)).collect(),
        ..Wishes::default()
    }
}

/// What was to be left to itself when its table leaves the file, and whose table
/// has: a destroy in between leaves it as the apply would have.
fn stay_when_removed(desired: &Desired, remembered: &Snapshot, wishes: &mut Wishes) {
    let has_left = |table: &Address| {
        !desired.stack.nodes.contains_key(table) && !wishes.moved.contains_key(table)
    };
    let tables = remembered.nodes.iter();
    let tables = tables.filter(|(at, node)| node.forget_on_remove && at.part.is_none());
    let left: Vec<Address> = tables.map(|(at, _)| at.clone()).filter(has_left).collect();
    for table in left {
        wishes.removed.entry(table).or_insert(false);
    }
}

/// Prepares a plan for a part of the stack, or for all of it.
///
/// # Errors
/// The [`Problem`] that stands in the way; nothing has been changed then.
pub async fn prepare(
    source: &Source,
    target: &Target,
    purpose: Purpose,
    selection: Selection,
    printer: &Printer,
) -> Result<Prepared, Problem> {
    prepare_if(source, target, purpose, selection, &|_| Ok(()), printer).await
}

/// The same, where the state is one that `fit` wants: it is asked before there
/// is a plan, since one that cannot be made would say nothing of the state.
///
/// # Errors
/// The [`Problem`] that stands in the way; nothing has been changed then.
pub async fn prepare_if(
    source: &Source,
    target: &Target,
    purpose: Purpose,
    selection: Selection,
    fit: &(dyn Fn(&Kept) -> Result<(), Problem> + Sync),
    printer: &Printer,
) -> Result<Prepared, Problem> {
    selection::check(&selection)?;
    let seen = look(source, target, purpose, Depth::Usual, printer).await?;
    let Seen {
        at,
        kept,
        refreshed,
        mut wishes,
        lock,
    } = seen;
    wishes.selection = selection;
    if let Err(problem) = fit(&kept) {
        give_back(lock, printer).await;
        return Err(problem);
    }
    match plan(&world(&at, &kept, &refreshed, &wishes, purpose.destroy)) {
        Ok(plan) => Ok(Prepared {
            at,
            kept,
            refreshed,
            wishes,
            plan,
            lock,
        }),
        Err(errors) => {
            give_back(lock, printer).await;
            Err(tell_all(errors, printer))
        }
    }
}

impl Prepared {
    /// Gives the lock back; what was prepared is of no more use.
    pub async fn end(self, printer: &Printer) {
        give_back(self.lock, printer).await;
    }
}

/// All that a plan, or a look at drift, depends on.
pub fn world<'a>(
    at: &'a Reached,
    kept: &'a Kept,
    refreshed: &'a Refreshed,
    wishes: &'a Wishes,
    destroy: bool,
) -> World<'a> {
    World {
        registry: at.registry,
        place: &at.place,
        wanted: &at.desired.stack,
        existing: &refreshed.existing,
        live: &refreshed.live,
        remembered: &kept.snapshot,
        destroy,
        wishes,
    }
}

/// Tells every reason why there is no plan.
pub fn tell_all(errors: Vec<PlanError>, printer: &Printer) -> Problem {
    for error in errors {
        Problem::from(error).tell(printer);
    }
    Problem::told()
}
