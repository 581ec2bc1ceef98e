//! `s3net graph`

use clap::{Args, ValueEnum};

use super::arguments::{Output, Source, Target};
use super::prepare::{Purpose, prepare};
use super::selection::{Anew, Part};
use super::{Exit, outlook};
use crate::graph::{dot, mermaid};
use crate::model::Action;
use crate::plan::PlannedStep;
use crate::report::graph_json;

/// Write the execution graph, with the reason of every order.
#[derive(Debug, Args)]
pub struct GraphArgs {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    output: Output,
    /// In which language: Graphviz's, or Mermaid, which many forges draw.
    #[arg(long, value_enum, default_value_t = Language::Dot, conflicts_with = "json")]
    format: Language,
    #[command(flatten)]
    part: Part,
    #[command(flatten)]
    anew: Anew,
    /// The graph that destroy would run.
    #[arg(long, conflicts_with_all = ["replace", "renew"])]
    destroy: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Language {
    Dot,
    Mermaid,
}

pub(super) async fn run(args: GraphArgs) -> Exit {
    let printer = args.output.printer();
    let purpose = Purpose {
        lock: None,
        destroy: args.destroy,
        ending: args.anew.ending(),
    };
    let selection = args.part.and(&args.anew);
    let prepared = prepare(&args.source, &args.target, purpose, selection, &printer).await;
    let mut prepared = match prepared {
        Ok(prepared) => prepared,
        Err(problem) => return problem.tell(&printer),
    };
    // It adds what ways that change ask for.
    outlook::of_plan(&mut prepared, args.destroy, &printer).await;
    let name = |step: &PlannedStep| match step.action {
        Action::Keep => step.address.to_string(),
        action => format!("{} {}", action.doing(), step.address),
    };
    let steps = &prepared.plan.steps;
    match args.format {
        _ if printer.json() => printer.document(&graph_json::document(&prepared.plan)),
        Language::Dot => printer.data(&dot(steps, name)),
        Language::Mermaid => printer.data(&mermaid(steps, name)),
    }
    Exit::of_output(&printer)
}
