//! `apply --rollback-on-failure`: what a failed run did is taken back.
//!
//! ```text
//! outcome: not complete ─► read again ─► plan back to before ─► carry out ─► exit 1
//! ```
//!
//! The lock is kept, and the journal is the rollback's own: a rollback that is
//! killed is found by the next run as every other run is.

use std::collections::BTreeSet;

use super::prepare::{Prepared, look_again, tell_all, world};
use super::problem::Problem;
use super::run::{Carried, carry_out_plan};
use super::{Exit, signals};
use crate::apply::{Cancel, Outcome};
use crate::model::Action;
use crate::plan::rollback::{Touched, Undoing, before, losses};
use crate::plan::switch;
use crate::report::{Occasion, Printer, Verb, plan_text, rollback_text, switch_text};

/// Where a rollback did not get to its end, or not to its beginning.
const BACK: &str = "to go back, apply the former file";

/// Says before a run what a rollback could not bring back.
pub(super) fn limits_told(prepared: &Prepared, printer: &Printer) {
    let Prepared {
        at,
        kept,
        refreshed,
        wishes,
        ..
    } = prepared;
    let world = world(at, kept, refreshed, wishes, false);
    let lost = losses(&world, &prepared.plan);
    if let Some((problem, advice)) = rollback_text::limits(&lost) {
        printer.warning(&problem, Some(advice));
    }
}

/// Takes a run back that did not get through; says how to exit.
pub(super) async fn roll_back(
    prepared: &Prepared,
    parallelism: usize,
    outcome: &Outcome,
    printer: &Printer,
) -> Exit {
    if let Some(why) = &outcome.trouble.as_ref().or(outcome.stopped_by.as_ref()) {
        return Problem::new("the run is not rolled back")
            .because(format!("what is done must be written down first: {why}"))
            .remedy(format!(
                "mend that, and apply again: it goes on from here; {BACK}"
            ))
            .tell(printer);
    }
    // From here on Ctrl-C ends the rollback, also while it only reads.
    let cancel = Cancel::new();
    let listener = signals::listen(cancel.clone(), || ());
    let undone = tokio::select! {
        undone = undone(prepared, outcome, printer) => undone,
        () = cancel.asked() => Err(Problem {
            exit: Exit::Interrupted,
            ..Problem::new("the rollback was interrupted before its first change")
                .remedy(format!(
                    "run `s3net apply` again: it goes on from what the failed run did; {BACK}"
                ))
        }),
    };
    if let Ok(listener) = listener {
        listener.abort();
    }
    match undone {
        Ok((carried, _)) if carried.plan.is_empty() => {
            printer.note(rollback_text::NOTHING);
            Exit::Error
        }
        Ok((carried, undoing)) => take_back(prepared, parallelism, carried, undoing, printer).await,
        Err(problem) => problem.tell(printer),
    }
}

/// Reads what lives, and plans the way back.
async fn undone(
    prepared: &Prepared,
    outcome: &Outcome,
    printer: &Printer,
) -> Result<(Carried, Undoing), Problem> {
    let Prepared {
        at,
        kept,
        refreshed,
        wishes,
        plan,
        ..
    } = prepared;
    let world = world(at, kept, refreshed, wishes, false);
    let found = look_again(at, &before(&world), wishes, printer).await;
    let (kept, now) = found.map_err(|problem| Problem {
        problem: format!("the run is not rolled back: {}", problem.problem),
        remedy: Some(match problem.remedy {
            Some(remedy) => format!("{remedy}, which goes on to what the file wants; {BACK}"),
            None => BACK.to_owned(),
        }),
        ..problem
    })?;
    let undoing = Undoing::of(&world, plan, &touched(outcome), &now.live, &kept.snapshot);
    match undoing.plan(&world) {
        Ok(mut back) => {
            // The ways too go back without a gap, and nothing waits for a trace:
            // what worked before the run is what there is to trust.
            let ways = switch::back(&plan.switches);
            switch::arrange(&mut back, at.registry, &ways);
            switch::open_gates(&mut back);
            Ok((Carried { plan: back, kept }, undoing))
        }
        Err(errors) => {
            tell_all(errors, printer);
            Err(Problem::new("the run is not rolled back")
                .because("there is no order in which it could be")
                .remedy(format!("`s3net plan` shows what there is to do; {BACK}")))
        }
    }
}

/// What a run did something to, or tried to.
fn touched(outcome: &Outcome) -> Touched {
    let failed = outcome.failed.iter().map(|failure| &failure.address);
    let done = outcome.done.iter().map(|(address, _)| address);
    let let_go = outcome.done.iter().filter(|(_, it)| *it == Action::Forget);
    Touched {
        nodes: failed.chain(done).cloned().collect(),
        let_go: let_go
            .map(|(address, _)| address.clone())
            .collect::<BTreeSet<_>>(),
    }
}

/// Shows the way back and goes it.
async fn take_back(
    prepared: &Prepared,
    parallelism: usize,
    carried: Carried,
    undoing: Undoing,
    printer: &Printer,
) -> Exit {
    let lost = &undoing.lost;
    if printer.json() {
        printer.document(&rollback_text::document(&carried.plan, lost));
    } else {
        let occasion = Occasion::Begun(Verb::Rollback);
        let (registry, style) = (prepared.at.registry, printer.style());
        let plan = plan_text::plan(&carried.plan, registry, style, occasion);
        let ways = switch_text::switches(&carried.plan, style);
        printer.data(&(rollback_text::beginning(&carried.plan) + &plan + &ways));
    }
    let outcome = carry_out_plan(prepared, &carried, parallelism, Verb::Rollback, printer).await;
    if outcome.is_complete() {
        printer.note(&rollback_text::ending(&carried.plan, lost));
        return Exit::Error;
    }
    let exit = if outcome.interrupted {
        Exit::Interrupted
    } else {
        Exit::Error
    };
    Problem {
        exit,
        ..Problem::new("the rollback did not get through")
            .because("what is told above as failed or not started is not undone")
            .remedy(format!(
                "`s3net apply` goes on from here to what the file wants; \
                 `s3net plan` shows the steps; {BACK}"
            ))
    }
    .tell(printer)
}
