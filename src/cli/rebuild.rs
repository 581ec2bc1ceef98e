//! `s3net state rebuild`: a new state from what lives.
//!
//! ```text
//! lock ─► read what can be read ─► refresh without memory ─► look for strays
//!                                                               │
//!   remove the journal ◄─ write the new state ◄─ copy the old ◄─┘ ask
//! ```
//!
//! The old files are copied before anything is replaced, damaged or not, and AWS
//! is only read. A kill in between leaves the old state, or the new state beside
//! an old journal, which the next run refuses and another rebuild settles.

use std::collections::BTreeMap;
use std::time::Duration;

use clap::Args;
use jiff::Timestamp;

use super::Exit;
use super::approval::approved;
use super::arguments::{Output, Source, Target};
use super::keeping::{check_place, give_back, other_place, take_lock};
use super::problem::Problem;
use super::reach::{Reached, reach};
use crate::kinds::registry;
use crate::refresh::{Rebuilt, Wish, expected, rebuilt, refresh_until_seen, strays};
use crate::report::{self, Printer, state_text};
use crate::state::{OpenCall, Part, Snapshot, Store, StoreError};

/// How long the account is looked through for what neither file nor state names.
const LOOKING: Duration = Duration::from_secs(120);

/// Make a new state from what lives: by tags and natural keys alone.
#[derive(Debug, Args)]
pub struct RebuildArgs {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    output: Output,
    /// Do not ask before the old state is replaced.
    #[arg(long)]
    auto_approve: bool,
}

pub(super) async fn run(args: RebuildArgs) -> Exit {
    let printer = args.output.printer();
    let reached = match reach(&args.source, &args.target, true, &printer).await {
        Ok(reached) => reached,
        Err(problem) => return problem.tell(&printer),
    };
    let lock = take_lock(
        &reached.store,
        &reached.aws,
        "state rebuild",
        &args.target,
        &printer,
    )
    .await;
    let lock = match lock {
        Ok(lock) => lock,
        Err(problem) => return problem.tell(&printer),
    };
    let ended = rebuild(&args, &reached, &printer).await;
    give_back(Some(lock), &printer).await;
    match ended {
        Ok(exit) => exit,
        Err(problem) => problem.tell(&printer),
    }
}

async fn rebuild(
    args: &RebuildArgs,
    reached: &Reached,
    printer: &Printer,
) -> Result<Exit, Problem> {
    let open = readable(reached, printer).await?;
    let Rebuilt { snapshot, surplus } = from_life(reached, &open, printer).await?;
    for (address, id) in &surplus {
        printer.note(&format!(
            "{id} carries the address of another object, {address}: it is in no state, and \
             the next plan tells what to do about it."
        ));
    }
    if printer.json() {
        printer.document(&state_text::list_document(&snapshot, false));
    } else {
        printer.data(&state_text::list(&snapshot, registry(), printer.style()));
    }
    let count = snapshot.nodes.len();
    let objects = if count == 1 { "object" } else { "objects" };
    printer.note(&format!(
        "{count} {objects} of {} live in {}, account {}.",
        snapshot.stack, reached.place.region, reached.place.account
    ));
    let question = "Make this the state? Only `yes` goes on: ";
    if !args.auto_approve && !approved("the new state", question, printer).await? {
        printer.note("Nothing was changed.");
        return Ok(Exit::Error);
    }
    put_in_place(&reached.store, &snapshot, printer).await?;
    Ok(Exit::of_output(printer))
}

/// Finds out whether there is something that must not be replaced, and what an
/// interrupted run left open, as far as that can be read.
async fn readable(reached: &Reached, printer: &Printer) -> Result<Vec<OpenCall>, Problem> {
    let Reached { store, place, .. } = reached;
    let stack = &reached.desired.stack.name;
    match store.read(stack).await {
        Ok(kept) => {
            check_place(store, &kept, place)?;
            Ok(kept.unclosed.map(|run| run.open).unwrap_or_default())
        }
        Err(error @ (StoreError::Damaged { .. } | StoreError::OtherHistory { .. })) => {
            printer.note(&format!("{error}: it is kept aside."));
            let run = match store.interrupted(stack).await {
                Ok(run) => run,
                Err(StoreError::Damaged { .. }) => None,
                Err(other) => return Err(other.into()),
            };
            match run {
                Some(run) if run.opened.place != *place => Err(other_place(
                    &store.name_of(Part::Journal),
                    &run.opened.place,
                    place,
                )),
                run => Ok(run.map(|run| run.open).unwrap_or_default()),
            }
        }
        Err(other) => Err(other.into()),
    }
}

/// Reads what lives as if there had never been a state.
async fn from_life(
    reached: &Reached,
    open: &[OpenCall],
    printer: &Printer,
) -> Result<Rebuilt, Problem> {
    let wanted = &reached.desired.stack;
    let nothing = Snapshot::new(&wanted.name);
    let moved = reached.desired.new_names();
    let kinds = registry();
    let wish = Wish {
        registry: kinds,
        aws: &reached.aws,
        place: &reached.place,
        wanted,
        remembered: &nothing,
        open,
        look_ups: &BTreeMap::new(),
        adoptions: &BTreeMap::new(),
        moved: &moved,
        thorough: false,
    };
    let waiting = |one: &_, longest| printer.note(&report::resume_text::waiting(one, longest));
    let must_be_seen = expected(kinds, wanted, &nothing, open, true);
    let refreshed = refresh_until_seen(&wish, must_be_seen, &waiting).await?;
    let mut live = refreshed.live;
    match tokio::time::timeout(LOOKING, strays(&wish, &live)).await {
        Ok(Ok(found)) => live.extend(found),
        Ok(Err(error)) => not_looked_through(&error.to_string(), printer),
        Err(_) => {
            let reason = format!("it takes longer than {} s", LOOKING.as_secs());
            not_looked_through(&reason, printer);
        }
    }
    Ok(rebuilt(wanted, &moved, &reached.place, &live))
}

fn not_looked_through(reason: &str, printer: &Printer) {
    printer.warning(
        &format!(
            "the account could not be looked through for buckets and zones of this stack that \
             the file does not name: {reason}"
        ),
        Some("if the table of one has left the file, put it back before you go on"),
    );
}

/// Copies what is there, then puts the new state in its place.
async fn put_in_place(
    store: &Store,
    snapshot: &Snapshot,
    printer: &Printer,
) -> Result<(), Problem> {
    let now = Timestamp::now().strftime("%Y%m%dT%H%M%S%3fZ").to_string();
    for part in [Part::Snapshot, Part::Journal] {
        if let Some(copy) = store.back_up(part, &now).await? {
            printer.note(&format!("The old one is kept as {copy}"));
        }
    }
    store.write(snapshot).await?;
    store.remove_journal().await?;
    printer.note(&format!("Written: {}", store.name()));
    Ok(())
}
