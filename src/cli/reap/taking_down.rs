//! One stack whose lifetime is over is taken down, as `s3net destroy` would.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::super::Exit;
use super::super::approval::approved;
use super::super::destroy::taken_down;
use super::super::keeping::{check_place, give_back, store, take_lock};
use super::super::outlook::Outlook;
use super::super::prepare::{Prepared, tell_all, world};
use super::super::problem::Problem;
use super::super::reach::Reached;
use super::{ReapArgs, Region};
use crate::aws::Aws;
use crate::config::Desired;
use crate::kind::{Live, Query, Stack};
use crate::kinds::registry;
use crate::model::{Address, Place};
use crate::plan::{Wishes, plan};
use crate::refresh::{
    Marked, RefreshError, Refreshed, Verdict, Wish, aged, expected, refresh, refresh_until_seen,
    what_became,
};
use crate::report::{Occasion, Printer, Verb, reap_text, resume_text};
use crate::state::{Kept, OpenCall, Remembered, Snapshot};

/// What became of a stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reaped {
    /// Nothing of it is left.
    Gone,
    /// It was renewed in the meantime.
    Kept,
    /// Another run works on it.
    Locked,
    /// The user said no.
    Declined,
    /// Nobody was there to say yes.
    NobodyToAsk,
    /// Something of it is left.
    Failed,
    /// The user broke off.
    Interrupted,
}

impl Reaped {
    /// The word for programs.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Kept => "kept",
            Self::Locked => "locked",
            Self::Declined | Self::NobodyToAsk => "declined",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
        }
    }

    const fn of(exit: Exit) -> Self {
        match exit {
            Exit::Done => Self::Gone,
            Exit::Locked => Self::Locked,
            Exit::Interrupted => Self::Interrupted,
            Exit::Error | Exit::Pending | Exit::Expectation => Self::Failed,
        }
    }
}

/// Everything that lives of a stack, as far as its tags tell.
pub(super) async fn live_of(
    aws: &Aws,
    place: &Place,
    stack: &Marked,
) -> Result<Vec<Live>, RefreshError> {
    let remembered = with_named(Snapshot::new(&stack.stack), &stack.named);
    let wanted = Desired::nothing(&stack.stack, &place.region).stack;
    let wish = wish(aws, place, &wanted, &remembered, &[]);
    Ok(refresh(&wish).await?.live)
}

fn wish<'a>(
    aws: &'a Aws,
    place: &'a Place,
    wanted: &'a Stack,
    remembered: &'a Snapshot,
    open: &'a [OpenCall],
) -> Wish<'a> {
    static NOTHING: BTreeMap<Address, Query> = BTreeMap::new();
    static NOBODY: BTreeMap<Address, String> = BTreeMap::new();
    static NOTHING_MOVED: BTreeMap<Address, Address> = BTreeMap::new();
    Wish {
        registry: registry(),
        aws,
        place,
        wanted,
        remembered,
        open,
        look_ups: &NOTHING,
        adoptions: &NOBODY,
        moved: &NOTHING_MOVED,
        thorough: false,
    }
}

/// A state that also knows what was found by name: what a refresh cannot find
/// without a name it finds then, with all its parts. A part that has tags and a
/// name of its own (an instance profile) has its table's name, unless the state
/// knows better.
fn with_named(mut snapshot: Snapshot, named: &[Live]) -> Snapshot {
    let kinds = registry();
    for live in named {
        let Some(address) = &live.address else {
            continue;
        };
        let parts = kinds.all().filter_map(|kind| {
            let about = kind.about();
            let part = about.part_of.filter(|part| part.table == address.kind)?;
            let named = about.tagged && kind.natural_key() == ["name"];
            named.then(|| address.part(part.label, ""))
        });
        for address in std::iter::once(address.clone()).chain(parts) {
            let node = || Remembered {
                id: live.id.clone(),
                ..Remembered::default()
            };
            snapshot.nodes.entry(address).or_insert_with(node);
        }
    }
    snapshot
}

/// Takes a stack down, if it is still over once its lock is held. Whatever comes
/// of it has been told.
pub(super) async fn take_down(
    args: &ReapArgs,
    here: &Region,
    stack: &Marked,
    printer: &Printer,
) -> Reaped {
    printer.note(&format!("\nTaking {} down:", stack.stack));
    let reached = match reached(here, stack, printer).await {
        Ok(reached) => reached,
        Err(problem) => return Reaped::of(problem.tell(printer)),
    };
    let lock = take_lock(
        &reached.store,
        &reached.aws,
        Verb::Reap.command(),
        &here.target,
        printer,
    )
    .await;
    let lock = match lock {
        Ok(lock) => lock,
        Err(problem) => return Reaped::of(problem.tell(printer)),
    };
    let (kept, refreshed) = match look(&reached, stack, printer).await {
        Ok(Some(seen)) => seen,
        Ok(None) => {
            give_back(Some(lock), printer).await;
            return Reaped::Kept;
        }
        Err(problem) => {
            give_back(Some(lock), printer).await;
            return Reaped::of(problem.tell(printer));
        }
    };
    let wishes = Wishes::default();
    let plan = match plan(&world(&reached, &kept, &refreshed, &wishes, true)) {
        Ok(plan) => plan,
        Err(errors) => {
            give_back(Some(lock), printer).await;
            return Reaped::of(tell_all(errors, printer).tell(printer));
        }
    };
    let prepared = Prepared {
        at: reached,
        kept,
        refreshed,
        wishes,
        plan,
        lock: Some(lock),
    };
    let reaped = carried_out(args, &prepared, printer).await;
    prepared.end(printer).await;
    reaped
}

/// Shows the plan, asks, and carries it out.
async fn carried_out(args: &ReapArgs, prepared: &Prepared, printer: &Printer) -> Reaped {
    Outlook::default().shown(prepared, printer, Occasion::Begun(Verb::Reap));
    if !args.auto_approve && !prepared.plan.is_empty() {
        let question = "Destroy all of this? Only `yes` goes on: ";
        match approved("the plan", question, printer).await {
            Ok(true) => {}
            Ok(false) => {
                printer.note("Nothing was changed.");
                return Reaped::Declined;
            }
            Err(problem) => {
                return match problem.tell(printer) {
                    Exit::Interrupted => Reaped::Interrupted,
                    _ => Reaped::NobodyToAsk,
                };
            }
        }
    }
    let parallelism = usize::from(args.parallelism);
    Reaped::of(taken_down(prepared, parallelism, Verb::Reap, printer).await)
}

/// A stack of which nothing is wanted, and where its state is.
async fn reached(here: &Region, stack: &Marked, printer: &Printer) -> Result<Reached, Problem> {
    let desired = Desired::nothing(&stack.stack, &here.place.region);
    let store = store(&desired, &here.target, &here.aws, true, printer).await?;
    Ok(Reached {
        desired,
        registry: registry(),
        aws: here.aws.clone(),
        place: here.place.clone(),
        caller: here.caller.clone(),
        store,
    })
}

/// Reads state, where there is any, and what lives; nothing where the stack is
/// not over any more.
async fn look(
    reached: &Reached,
    stack: &Marked,
    printer: &Printer,
) -> Result<Option<(Kept, Refreshed)>, Problem> {
    let Reached {
        desired,
        aws,
        place,
        store,
        ..
    } = reached;
    let mut kept = store.read(&stack.stack).await?;
    check_place(store, &kept, place)?;
    kept.snapshot = with_named(kept.snapshot, &stack.named);
    let open = kept.unclosed.as_ref().map_or(&[][..], |run| &run.open);
    let wanted = &desired.stack;
    let must_be_seen = expected(registry(), wanted, &kept.snapshot, open, true);
    let waiting = |one: &_, longest| printer.note(&resume_text::waiting(one, longest));
    let wish = wish(aws, place, wanted, &kept.snapshot, open);
    let refreshed = refresh_until_seen(&wish, must_be_seen, &waiting).await?;
    if let Some(interrupted) = &kept.unclosed {
        printer.resumed(&what_became(interrupted, &refreshed, aws.consistency()));
    }
    let now = Timestamp::now();
    let again = aged(
        registry(),
        &stack.stack,
        &refreshed.live,
        &place.region,
        now,
    );
    match again.map(|aged| aged.verdict) {
        None | Some(Verdict::Expired(_)) => Ok(Some((kept, refreshed))),
        Some(verdict) => {
            let said = reap_text::said(&verdict).join("; ");
            printer.note(&format!("{} is left alone: {said}.", stack.stack));
            Ok(None)
        }
    }
}
