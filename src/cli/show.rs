//! `s3net show`

use std::path::PathBuf;

use clap::Args;

use super::Exit;
use super::arguments::Output;
use super::problem::Problem;
use super::saved::{self, Beside};
use crate::kinds::registry;
use crate::plan::saved::{Content, SavedPlan};
use crate::plan::{Plan, switch};
use crate::report::{Occasion, Printer, json, paths_text, plan_text, refresh_text, switch_text};

/// Show a saved plan: no account, no call.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// What `s3net plan --out` wrote.
    #[arg(value_name = "PLAN")]
    plan: PathBuf,
    #[command(flatten)]
    output: Output,
    /// Show every field of what is created, also those at their defaults.
    #[arg(long)]
    full: bool,
}

pub(super) fn run(args: &ShowArgs) -> Exit {
    let printer = args.output.printer();
    match shown(args, &printer) {
        Ok(()) if printer.lost_output() => Exit::Error,
        Ok(()) => Exit::Done,
        Err(problem) => problem.tell(&printer),
    }
}

fn shown(args: &ShowArgs, printer: &Printer) -> Result<(), Problem> {
    let saved = saved::opened(&args.plan)?;
    match &saved.content {
        Content::Graph(plan) => graph(args, &saved, plan, printer)?,
        Content::Refresh(drift, learned) if printer.json() => {
            printer.document(&refresh_text::refresh_document(drift, learned));
        }
        Content::Refresh(drift, learned) => {
            let (style, full) = (printer.style(), args.full);
            let text = refresh_text::refresh(drift, learned, registry(), style, full);
            printer.data(&text);
        }
    }
    printer.note(&format!(
        "Saved {} from {}, by s3net {}: `s3net apply {}` carries it out.",
        saved.at.strftime("%Y-%m-%d %H:%M UTC"),
        saved.bound.file,
        saved.by,
        args.plan.display()
    ));
    Ok(())
}

/// Shows a plan as `s3net plan` did.
fn graph(
    args: &ShowArgs,
    saved: &SavedPlan,
    plan: &Plan,
    printer: &Printer,
) -> Result<(), Problem> {
    let beside = Beside::read(&args.plan, saved)?;
    let mut plan = plan.clone();
    switch::arrange(&mut plan, registry(), &beside.ways);
    let plan = &plan;
    if printer.json() {
        printer.document(&json::plan_document(plan, beside.ahead(plan)));
    } else {
        let style = printer.style();
        let mut text = plan_text::plan(plan, registry(), style, Occasion::Read { full: args.full });
        text += &paths_text::changes(&beside.changes, &beside.region, style, args.full);
        text += &switch_text::switches(plan, style);
        printer.data(&text);
        printer.data(&beside.expected);
    }
    for (text, remedy) in &beside.warnings {
        printer.warning(text, remedy.as_deref());
    }
    Ok(())
}
