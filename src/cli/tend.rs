//! Deeds on what s3net remembers: what `import`, `state move` and `state forget`
//! have in common.
//!
//! ```text
//! look (with the lock) ─► plan of one deed ─► shown ─► asked ─► engine
//! ```

use clap::Args;

use super::approval::approved;
use super::arguments::{Output, Source, Target};
use super::prepare::{Depth, Prepared, Purpose, Seen, look_with, tell_all, world};
use super::problem::Problem;
use super::run::{PARALLELISM, carry_out, exit};
use super::{Exit, keeping};
use crate::config::Desired;
use crate::plan::{self, Ending, Tending};
use crate::report::{Occasion, Printer, Verb, json, plan_text};

/// Where, and how.
#[derive(Debug, Clone, Args)]
pub struct TendArgs {
    /// The file, and its variables.
    #[command(flatten)]
    pub source: Source,
    /// How to reach AWS.
    #[command(flatten)]
    pub target: Target,
    /// How to print.
    #[command(flatten)]
    pub output: Output,
    /// Do not ask before the first change.
    #[arg(long)]
    pub auto_approve: bool,
}

/// What is said of a deed.
pub struct Deed {
    /// The command.
    pub verb: Verb,
    /// Where there is nothing to do.
    pub nothing: String,
    /// Where it is done: what may come next.
    pub afterwards: String,
}

/// Does a deed. `edit` changes what the file asks beside the network, `tending`
/// says what is to be done, once it is known what lives.
pub async fn tend<'t>(
    args: TendArgs,
    deed: Deed,
    edit: impl FnOnce(&mut Desired) -> Result<(), Problem>,
    tending: impl FnOnce(&Seen) -> Result<Tending<'t>, Problem>,
) -> Exit {
    let printer = args.output.printer();
    let prepared = match prepared(&args, deed.verb, edit, tending, &printer).await {
        Ok(prepared) => prepared,
        Err(problem) => return problem.tell(&printer),
    };
    let exit = match confirmed(&prepared, &args, &deed, &printer).await {
        Ok(true) => {
            let outcome = carry_out(&prepared, usize::from(PARALLELISM), deed.verb, &printer).await;
            if outcome.is_complete() && !prepared.plan.is_empty() {
                printer.hint(&deed.afterwards);
            }
            exit(&outcome)
        }
        Ok(false) => {
            printer.note("Nothing was changed.");
            Exit::Error
        }
        Err(problem) => problem.tell(&printer),
    };
    prepared.end(&printer).await;
    exit
}

async fn prepared<'t>(
    args: &TendArgs,
    verb: Verb,
    edit: impl FnOnce(&mut Desired) -> Result<(), Problem>,
    tending: impl FnOnce(&Seen) -> Result<Tending<'t>, Problem>,
    printer: &Printer,
) -> Result<Prepared, Problem> {
    let purpose = Purpose {
        lock: Some(verb.command()),
        destroy: false,
        ending: Ending::Kept,
    };
    let (source, target) = (&args.source, &args.target);
    let seen = look_with(source, target, purpose, Depth::Usual, edit, printer).await?;
    let planned = match tending(&seen) {
        Ok(deed) => {
            let Seen {
                at,
                kept,
                refreshed,
                wishes,
                ..
            } = &seen;
            let world = world(at, kept, refreshed, wishes, false);
            plan::tend(&world, &deed).map_err(|errors| tell_all(errors, printer))
        }
        Err(problem) => Err(problem),
    };
    match planned {
        Ok(plan) => Ok(Prepared {
            at: seen.at,
            kept: seen.kept,
            refreshed: seen.refreshed,
            wishes: seen.wishes,
            plan,
            lock: seen.lock,
        }),
        Err(problem) => {
            keeping::give_back(seen.lock, printer).await;
            Err(problem)
        }
    }
}

/// Shows the deed; asks, unless told not to.
async fn confirmed(
    prepared: &Prepared,
    args: &TendArgs,
    deed: &Deed,
    printer: &Printer,
) -> Result<bool, Problem> {
    let plan = &prepared.plan;
    if printer.json() {
        printer.document(&json::plan_document(plan, json::Ahead::default()));
    } else if plan.is_empty() {
        printer.note(&deed.nothing);
    } else {
        printer.data(&plan_text::plan(
            plan,
            prepared.at.registry,
            printer.style(),
            Occasion::Begun(deed.verb),
        ));
    }
    if plan.is_empty() || args.auto_approve {
        return Ok(true);
    }
    approved("this", "Do this? Only `yes` goes on: ", printer).await
}
