//! `s3net kinds`

use clap::Args;
use clap_complete::engine::ArgValueCompleter;

use super::Exit;
use super::arguments::Output;
use super::completing::kinds;
use super::problem::Problem;
use crate::kinds::registry;
use crate::model::diagnostic::did_you_mean;
use crate::report::kind_text;

/// List the kinds, or describe one of them.
#[derive(Debug, Args)]
pub struct KindsArgs {
    /// The kind to describe.
    #[arg(value_name = "KIND", add = ArgValueCompleter::new(kinds))]
    kind: Option<String>,
}

pub(super) fn run(args: &KindsArgs) -> Exit {
    let printer = Output::default().printer();
    let registry = registry();
    let Some(name) = &args.kind else {
        printer.data(&kind_text::list(registry, printer.style()));
        return Exit::of_output(&printer);
    };
    match registry.table(name) {
        Some(kind) => {
            printer.data(&kind_text::describe(kind, printer.style()));
            Exit::of_output(&printer)
        }
        None => {
            let problem = Problem::new(format!("there is no kind `{name}`"));
            match did_you_mean(name, registry.names()) {
                Some(near) => problem.remedy(format!("did you mean `{near}`?")),
                None => problem.remedy("`s3net kinds` lists them"),
            }
            .tell(&printer)
        }
    }
}
