//! `s3net apply`

use clap::Args;

use super::Exit;
use super::arguments::{Output, Source, Target};
use super::prepare::{Purpose, prepare};
use super::run::{Execution, carry_out, confirmed};
use crate::apply::Outcome;
use crate::report::{self, Verb};

/// Make the live network as the file wants it.
#[derive(Debug, Args)]
pub struct ApplyArgs {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    execution: Execution,
}

pub(super) async fn run(args: ApplyArgs) -> Exit {
    let printer = args.output.printer();
    let purpose = Purpose {
        lock: Some("s3net apply"),
        destroy: false,
    };
    let prepared = match prepare(&args.source, &args.target, purpose, &printer).await {
        Ok(prepared) => prepared,
        Err(problem) => return problem.tell(&printer),
    };
    match confirmed(&prepared, &args.execution, Verb::Apply, &printer) {
        Ok(true) => {}
        Ok(false) => {
            printer.note("Nothing was changed.");
            return Exit::Error;
        }
        Err(problem) => return problem.tell(&printer),
    }
    let outcome = carry_out(&prepared, &args.execution, Verb::Apply, &printer).await;
    if outcome.is_complete() && !printer.json() {
        let region = &prepared.place.region;
        let text = report::outputs(&outcome.facts, region, printer.style());
        if !text.is_empty() {
            printer.data(&text);
        }
    }
    exit(&outcome)
}

/// How a run that ended so exits.
pub(super) fn exit(outcome: &Outcome) -> Exit {
    if outcome.interrupted {
        Exit::Interrupted
    } else if outcome.is_complete() {
        Exit::Done
    } else {
        Exit::Error
    }
}
