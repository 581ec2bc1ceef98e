//! `s3net apply`

use clap::Args;

use super::prepare::Prepared;
use super::run::{Execution, carry_out, exit};
use super::selection::Anew;
use super::{Exit, destroy, refresh_only, saved};
use crate::plan::saved::Content;
use crate::report::{self, Printer, Verb, left_out};

/// Make the live network as the file wants it, or carry out a saved plan.
#[derive(Debug, Args)]
pub struct ApplyArgs {
    #[command(flatten)]
    execution: Execution,
    #[command(flatten)]
    anew: Anew,
    /// Write into the state what lives by now, and change nothing on AWS.
    #[arg(long, conflicts_with_all = ["target", "exclude", "replace"])]
    refresh_only: bool,
}

pub(super) async fn run(args: ApplyArgs) -> Exit {
    let printer = args.execution.printer();
    if saved::is_one(args.execution.file()) {
        return of_saved(args, &printer).await;
    }
    if args.refresh_only {
        return refresh_only::apply(&args.execution, None, &printer).await;
    }
    let begun = args.execution.begin(Verb::Apply, &args.anew, &printer);
    match begun.await {
        Ok(prepared) => applied(prepared, &args.execution, &printer).await,
        Err(exit) => exit,
    }
}

async fn applied(prepared: Prepared, execution: &Execution, printer: &Printer) -> Exit {
    let outcome = carry_out(&prepared, execution.parallelism(), Verb::Apply, printer).await;
    if outcome.is_complete() && !printer.json() {
        let region = &prepared.at.place.region;
        let text = report::outputs(&outcome.facts, region, printer.style());
        if !text.is_empty() {
            printer.data(&text);
        }
    }
    if outcome.is_complete()
        && !prepared.plan.is_empty()
        && let Some(text) = left_out::reminder(&prepared.plan)
    {
        printer.note(&text);
    }
    prepared.end(printer).await;
    exit(&outcome)
}

/// Carries out a saved plan, if it still is what would be planned.
async fn of_saved(args: ApplyArgs, printer: &Printer) -> Exit {
    let opened = saved::opened(args.execution.file());
    let begun = opened.and_then(|plan| {
        saved::same_part(&plan, &args.execution.part.and(&args.anew))?;
        let execution = saved::execution(&args.execution, args.refresh_only, &plan)?;
        Ok((plan, execution))
    });
    let (plan, execution) = match begun {
        Ok(begun) => begun,
        Err(problem) => return problem.tell(printer),
    };
    let verb = match (&plan.content, plan.asked.destroy) {
        (Content::Refresh(drift, _), _) => {
            return refresh_only::apply(&execution, Some((&plan, drift)), printer).await;
        }
        (Content::Graph(_), true) => Verb::Destroy,
        (Content::Graph(_), false) => Verb::Apply,
    };
    let as_saved = |prepared: &Prepared| saved::unchanged(&plan, prepared);
    let wanted = (plan.asked.selection.clone(), saved::ending(&plan));
    let begun = execution.begin_if(verb, wanted, &as_saved, printer);
    let prepared = match begun.await {
        Ok(prepared) => prepared,
        Err(exit) => return exit,
    };
    match verb {
        Verb::Apply => applied(prepared, &execution, printer).await,
        Verb::Destroy | Verb::Reap => destroy::destroyed(prepared, &execution, printer).await,
    }
}
