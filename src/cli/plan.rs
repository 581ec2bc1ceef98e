//! `s3net plan`

use clap::Args;

use super::arguments::{Output, Source, Target};
use super::prepare::{Purpose, prepare};
use super::{Exit, lockout, outlook};

/// Show what apply would do, and touch nothing.
#[derive(Debug, Args)]
pub struct PlanArgs {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    output: Output,
    /// Show every field of what is created, also those at their defaults.
    #[arg(long)]
    full: bool,
    /// Show what destroy would do.
    #[arg(long)]
    destroy: bool,
    /// Exit with 2 where changes are pending.
    #[arg(long)]
    detailed_exitcode: bool,
}

pub(super) async fn run(args: PlanArgs) -> Exit {
    let printer = args.output.printer();
    let purpose = Purpose {
        lock: None,
        destroy: args.destroy,
    };
    let prepared = match prepare(&args.source, &args.target, purpose, &printer).await {
        Ok(prepared) => prepared,
        Err(problem) => return problem.tell(&printer),
    };
    let outlook = outlook::of_plan(&prepared, args.destroy, &printer).await;
    outlook.shown(&prepared, &printer, args.full);
    lockout::warned(&prepared, &printer);
    let expected = outlook.expected(&prepared.at.desired, &printer);
    if printer.lost_output() {
        return Exit::Error;
    }
    if expected != Exit::Done {
        expected
    } else if args.detailed_exitcode && !prepared.plan.is_empty() {
        Exit::Pending
    } else {
        Exit::Done
    }
}
