//! `s3net kinds`

use clap::Args;
use clap_complete::engine::ArgValueCompleter;

use super::Exit;
use super::arguments::Output;
use super::completing::kinds;
use super::problem::Problem;
use crate::kinds::registry;
use crate::model::diagnostic::did_you_mean;
use crate::report::{Printer, kind_json, kind_text};

/// List the kinds, or describe one of them.
#[derive(Debug, Args)]
pub struct KindsArgs {
    /// The kind to describe.
    #[arg(value_name = "KIND", add = ArgValueCompleter::new(kinds))]
    kind: Option<String>,
    #[command(flatten)]
    output: Output,
}

pub(super) fn run(args: &KindsArgs) -> Exit {
    let printer = args.output.printer();
    match &args.kind {
        None => list(&printer),
        Some(name) => match describe(name, &printer) {
            Ok(()) => Exit::of_output(&printer),
            Err(problem) => problem.tell(&printer),
        },
    }
}

fn list(printer: &Printer) -> Exit {
    let registry = registry();
    match printer.json() {
        true => printer.document(&kind_json::document(registry.tables())),
        false => printer.data(&kind_text::list(registry, printer.style())),
    }
    Exit::of_output(printer)
}

fn describe(name: &str, printer: &Printer) -> Result<(), Problem> {
    let registry = registry();
    let Some(kind) = registry.table(name) else {
        let problem = Problem::new(format!("there is no kind `{name}`"));
        return Err(match did_you_mean(name, registry.names()) {
            Some(near) => problem.remedy(format!("did you mean `{near}`?")),
            None => problem.remedy("`s3net kinds` lists them"),
        });
    };
    match printer.json() {
        true => printer.document(&kind_json::document(std::iter::once(kind))),
        false => printer.data(&kind_text::describe(kind, printer.style())),
    }
    Ok(())
}
