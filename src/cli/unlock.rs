//! `s3net unlock`

use clap::Args;

use super::Exit;
use super::approval::approved;
use super::arguments::{Output, Source, Target};
use super::keeping::store;
use super::problem::Problem;
use super::reach::{connect, load};
use crate::report::{Printer, state_text};
use crate::state::Held;

/// Take a stack's lock away from a run that is gone.
#[derive(Debug, Args)]
pub struct UnlockArgs {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    output: Output,
    /// Do not ask before the lock is broken.
    #[arg(long)]
    auto_approve: bool,
}

pub(super) async fn run(args: UnlockArgs) -> Exit {
    let printer = args.output.printer();
    match unlock(&args, &printer).await {
        Ok(exit) => exit,
        Err(problem) => problem.tell(&printer),
    }
}

async fn unlock(args: &UnlockArgs, printer: &Printer) -> Result<Exit, Problem> {
    let desired = load(&args.source, args.target.region.as_deref(), printer)?;
    let aws = connect(&desired, &args.target, printer).await?;
    let store = store(&desired, &args.target, &aws, false, printer).await?;
    let stack = &desired.stack.name;
    let Some(held) = store.holder().await? else {
        printer.note(&format!("Nobody holds the lock of {stack}."));
        told(stack, None, false, printer);
        return Ok(Exit::of_output(printer));
    };
    if !store.lock_ends_with_its_holder() {
        printer.note(&format!("The lock of {stack} is held: {held}"));
        let question = "Break it? A run that still goes on will stop. Only `yes` goes on: ";
        if !args.auto_approve && !approved("the end of this lock", question, printer).await? {
            printer.note("Nothing was changed.");
            told(stack, Some(&held), false, printer);
            return Ok(Exit::Error);
        }
    }
    store.unlock(&held).await?;
    printer.note(&format!(
        "The lock of {stack} is broken. The next run finds out what the other one left."
    ));
    told(stack, Some(&held), true, printer);
    Ok(Exit::of_output(printer))
}

/// Tells programs whose lock it is, and whether it is broken.
fn told(stack: &str, held: Option<&Held>, broken: bool, printer: &Printer) {
    if printer.json() {
        printer.document(&state_text::unlock_document(stack, held, broken));
    }
}
