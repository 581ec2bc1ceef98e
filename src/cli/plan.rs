//! `s3net plan`

use std::path::PathBuf;

use clap::Args;

use super::arguments::{Output, Source, Target};
use super::prepare::{Purpose, prepare};
use super::selection::{Anew, Part, note_replacements};
use super::{Exit, lockout, outlook, preflight, refresh_only, saved};
use crate::plan::saved::{Asked, Content};
use crate::report::{Occasion, Printer};

/// Show what apply would do, and touch nothing.
#[derive(Debug, Args)]
pub struct PlanArgs {
    #[command(flatten)]
    pub(super) source: Source,
    #[command(flatten)]
    pub(super) target: Target,
    #[command(flatten)]
    output: Output,
    /// Show every field of what is created, also those at their defaults.
    #[arg(long)]
    pub(super) full: bool,
    #[command(flatten)]
    part: Part,
    #[command(flatten)]
    anew: Anew,
    /// Show what destroy would do.
    #[arg(long, conflicts_with_all = ["replace", "renew"])]
    destroy: bool,
    /// Show what differs from the state, as `apply --refresh-only` would write it.
    #[arg(long, conflicts_with_all = ["destroy", "target", "exclude", "replace"])]
    refresh_only: bool,
    /// Save the plan, for `show` and `apply`.
    #[arg(long, value_name = "PLAN")]
    pub(super) out: Option<PathBuf>,
    /// Ask AWS what of it would fail: permissions, quotas, names.
    #[arg(long)]
    preflight: bool,
    /// Exit with 2 where changes are pending.
    #[arg(long)]
    detailed_exitcode: bool,
}

pub(super) async fn run(args: PlanArgs) -> Exit {
    let printer = args.output.printer();
    if let Some(out) = &args.out
        && let Err(problem) = saved::writable(out)
    {
        return problem.tell(&printer);
    }
    let exit = match args.refresh_only {
        true => refresh_only::plan(&args, &printer).await,
        false => planned(&args, &printer).await,
    };
    match exit {
        Exit::Pending if !args.detailed_exitcode => Exit::Done,
        exit => exit,
    }
}

/// Plans, and says whether changes are pending.
async fn planned(args: &PlanArgs, printer: &Printer) -> Exit {
    let purpose = Purpose {
        lock: None,
        destroy: args.destroy,
        ending: args.anew.ending(),
    };
    let selection = args.part.and(&args.anew);
    let prepared = prepare(&args.source, &args.target, purpose, selection, printer).await;
    let mut prepared = match prepared {
        Ok(prepared) => prepared,
        Err(problem) => return problem.tell(printer),
    };
    let outlook = outlook::of_plan(&mut prepared, args.destroy, printer).await;
    outlook.shown(&prepared, printer, Occasion::Made { full: args.full });
    note_replacements(&prepared, printer);
    lockout::warned(&prepared, printer);
    let expected = outlook.expected(&prepared.at.desired, printer);
    let fails = args.preflight && preflight::told(&prepared, true, printer).await.fails();
    if printer.lost_output() || fails {
        return Exit::Error;
    }
    if expected != Exit::Done {
        return expected;
    }
    if let Some(out) = &args.out {
        let asked = Asked {
            destroy: args.destroy,
            selection: prepared.wishes.selection.clone(),
        };
        let content = Content::Graph(Box::new(prepared.plan.clone()));
        let beside = saved::Beside::of(&outlook, &prepared, lockout::warnings(&prepared));
        let bound = saved::bound(&args.source, &args.target, &prepared.at, &prepared.kept);
        let written = bound.and_then(|bound| saved::save(out, bound, asked, content, &beside));
        match written {
            Ok(()) => saved::tell_saved(out, printer),
            Err(problem) => return problem.tell(printer),
        }
    }
    match prepared.plan.is_empty() {
        true => Exit::Done,
        false => Exit::Pending,
    }
}
