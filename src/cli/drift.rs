//! `s3net drift`

use std::collections::BTreeSet;

use clap::Args;

use super::Exit;
use super::arguments::{Output, Source, Target};
use super::prepare::{Depth, Purpose, Seen, look, tell_all, world};
use super::problem::Problem;
use crate::model::Address;
use crate::plan::{Drift, Ending, drift};
use crate::report::{Printer, drift_json, drift_text};

/// What the help says beneath the options.
const HELP: &str = "\
It compares what lives with what the last run left, takes no lock, and changes
nothing. What others have put into objects of ours (routes in our tables,
rules in our groups, records in our zones, policies of our roles and buckets)
is shown as foreign; plan and apply leave it alone. What `lifecycle.ignore`
names is shown and does not count.

Exit codes:
  0    no drift, or only what is ignored
  1    an error
  2    drift; foreign things alone are drift too";

/// Show what changed outside s3net since the last run.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub struct DriftArgs {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    output: Output,
    /// Show policies whole.
    #[arg(long)]
    full: bool,
}

pub(super) async fn run(args: DriftArgs) -> Exit {
    let printer = args.output.printer();
    match compared(&args, &printer).await {
        Ok(_) if printer.lost_output() => Exit::Error,
        Ok(drift) if drift.is_any() => Exit::Pending,
        Ok(_) => Exit::Done,
        Err(problem) => problem.tell(&printer),
    }
}

async fn compared(args: &DriftArgs, printer: &Printer) -> Result<Drift, Problem> {
    let purpose = Purpose {
        lock: None,
        destroy: false,
        ending: Ending::Kept,
    };
    let seen = look(
        &args.source,
        &args.target,
        purpose,
        Depth::Thorough,
        printer,
    )
    .await?;
    let world = world(&seen.at, &seen.kept, &seen.refreshed, &seen.wishes, false);
    let found = drift(&world, &left_open(&seen)).map_err(|errors| tell_all(errors, printer))?;
    if printer.json() {
        printer.document(&drift_json::drift_document(&found));
        return Ok(found);
    }
    let text = drift_text::drift(&found, seen.at.registry, printer.style(), args.full);
    printer.data(&text);
    if found.is_any() {
        printer.hint("`s3net plan` shows the way back; what is foreign is left alone");
    }
    Ok(found)
}

/// The nodes whose fate an interrupted run left open.
pub(super) fn left_open(seen: &Seen) -> BTreeSet<Address> {
    let run = seen.kept.unclosed.iter();
    let open = run.flat_map(|run| &run.open);
    open.map(|call| call.started.address.clone()).collect()
}
