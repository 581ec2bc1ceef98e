//! `s3net apply`

use clap::Args;

use super::Exit;
use super::run::{Execution, carry_out, exit};
use crate::report::{self, Verb};

/// Make the live network as the file wants it.
#[derive(Debug, Args)]
pub struct ApplyArgs {
    #[command(flatten)]
    execution: Execution,
}

pub(super) async fn run(args: ApplyArgs) -> Exit {
    let printer = args.execution.printer();
    let prepared = match args.execution.begin(Verb::Apply, &printer).await {
        Ok(prepared) => prepared,
        Err(exit) => return exit,
    };
    let outcome = carry_out(&prepared, &args.execution, Verb::Apply, &printer).await;
    if outcome.is_complete() && !printer.json() {
        let region = &prepared.at.place.region;
        let text = report::outputs(&outcome.facts, region, printer.style());
        if !text.is_empty() {
            printer.data(&text);
        }
    }
    prepared.end(&printer).await;
    exit(&outcome)
}
