//! `s3net apply`

use clap::Args;

use super::prepare::Prepared;
use super::problem::Problem;
use super::rollback::roll_back;
use super::run::{Execution, carry_out, exit};
use super::selection::Anew;
use super::{Exit, destroy, refresh_only, saved};
use crate::plan::saved::{Content, SavedPlan};
use crate::report::{self, Printer, Verb, left_out};

/// What the help says beneath the options.
const HELP: &str = "\
FILE may be a plan that `s3net plan --out lab.s3plan` has saved: exactly that is
carried out then, without another question, or nothing.";

/// Make the live network as the file wants it, or carry out a saved plan.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub struct ApplyArgs {
    #[command(flatten)]
    execution: Execution,
    #[command(flatten)]
    anew: Anew,
    /// Write into the state what lives by now, and change nothing on AWS.
    #[arg(long, conflicts_with_all = ["target", "exclude", "replace", "rollback_on_failure"])]
    refresh_only: bool,
    /// Take back what the run did if it does not get through. Ctrl-C does not
    /// roll back: it ends the run where it is.
    #[arg(long)]
    rollback_on_failure: bool,
}

pub(super) async fn run(args: ApplyArgs) -> Exit {
    let printer = args.execution.printer();
    if saved::is_one(args.execution.file()) {
        return of_saved(args, &printer).await;
    }
    if args.refresh_only {
        return refresh_only::apply(&args.execution, None, &printer).await;
    }
    let verb = args.verb();
    let begun = args.execution.begin(verb, &args.anew, &printer);
    match begun.await {
        Ok(prepared) => applied(prepared, &args.execution, verb, &printer).await,
        Err(exit) => exit,
    }
}

impl ApplyArgs {
    /// Whether a saved plan can be taken back, where that is asked for.
    fn can_go_back(&self, plan: &SavedPlan) -> Result<(), Problem> {
        let why = match &plan.content {
            _ if !self.rollback_on_failure => return Ok(()),
            Content::Refresh(..) => "it only writes the state, and changes nothing on AWS",
            Content::Graph(_) if plan.asked.destroy => "it destroys, and what is gone stays gone",
            Content::Graph(_) => return Ok(()),
        };
        let file = self.execution.file().display();
        Err(Problem::new(format!(
            "{file} cannot be rolled back: --rollback-on-failure"
        ))
        .because(why)
        .remedy("leave --rollback-on-failure out"))
    }

    /// Whether what fails is taken back.
    fn verb(&self) -> Verb {
        match self.rollback_on_failure {
            true => Verb::ApplyOrNothing,
            false => Verb::Apply,
        }
    }
}

async fn applied(prepared: Prepared, execution: &Execution, verb: Verb, printer: &Printer) -> Exit {
    let outcome = carry_out(&prepared, execution.parallelism(), verb, printer).await;
    let goes_back = verb == Verb::ApplyOrNothing && !outcome.is_complete();
    if goes_back && !outcome.interrupted {
        let exit = roll_back(&prepared, execution.parallelism(), &outcome, printer).await;
        prepared.end(printer).await;
        return exit;
    }
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
        args.can_go_back(&plan)?;
        saved::same_part(&plan, &args.execution.part, &args.anew)?;
        let execution = saved::execution(&args.execution, args.refresh_only, &plan)?;
        Ok((plan, execution))
    });
    let (plan, execution) = match begun {
        Ok(begun) => begun,
        Err(problem) => return problem.tell(printer),
    };
    let verb = match (&plan.content, plan.asked.destroy) {
        (Content::Refresh(drift, learned), _) => {
            let saved = Some((&plan.bound, (&**drift, learned)));
            return refresh_only::apply(&execution, saved, printer).await;
        }
        (Content::Graph(_), true) => Verb::Destroy,
        (Content::Graph(_), false) => args.verb(),
    };
    let wanted = (plan.asked.selection.clone(), saved::ending(&plan));
    let begun = execution.begin_if(verb, wanted, &plan, printer);
    let prepared = match begun.await {
        Ok(prepared) => prepared,
        Err(exit) => return exit,
    };
    match verb {
        Verb::Destroy | Verb::Reap => destroy::destroyed(prepared, &execution, printer).await,
        _ => applied(prepared, &execution, verb, printer).await,
    }
}
