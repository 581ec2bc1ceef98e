//! `--refresh-only`: the state learns what lives, and AWS is left alone.
//!
//! ```text
//! look ─► drift ─► renewal ─► shown ─► asked ─► state written
//! ```

use super::Exit;
use super::approval::approved;
use super::drift::left_open;
use super::plan::PlanArgs;
use super::prepare::{Depth, Purpose, Seen, look, tell_all, world};
use super::problem::Problem;
use super::run::Execution;
use super::{keeping, saved};
use crate::plan::saved::{Asked, Bound, Content};
use crate::plan::{Drift, Ending, Learned, Renewal, drift, renewal};
use crate::report::{Printer, refresh_text};

/// Shows what the state would learn; pending where that is anything.
pub(super) async fn plan(args: &PlanArgs, printer: &Printer) -> Exit {
    match planned(args, printer).await {
        Ok(exit) => exit,
        Err(problem) => problem.tell(printer),
    }
}

async fn planned(args: &PlanArgs, printer: &Printer) -> Result<Exit, Problem> {
    let purpose = Purpose {
        lock: None,
        destroy: false,
        ending: Ending::Kept,
    };
    let (source, target) = (&args.source, &args.target);
    let seen = look(source, target, purpose, Depth::Thorough, printer).await?;
    let (drift, renewal) = compared(&seen, printer)?;
    shown(&seen, &drift, &renewal.learned, args.full, printer);
    if printer.lost_output() {
        return Ok(Exit::Error);
    }
    if let Some(out) = &args.out {
        finished(&seen)?;
        let bound = saved::bound(source, target, &seen.at, &seen.kept)?;
        let content = Content::Refresh(Box::new(drift), renewal.learned.clone());
        let beside = saved::Beside::default();
        saved::save(out, bound, Asked::default(), content, &beside)?;
        saved::tell_saved(out, printer);
    }
    Ok(match renewal.learned.is_empty() {
        true => Exit::Done,
        false => Exit::Pending,
    })
}

/// A refresh that was saved: what it holds for, and what the state was to learn
/// of which drift.
type Saved<'a> = (&'a Bound, (&'a Drift, &'a Learned));

/// Writes what lives into the state, if it is still what was `saved`.
pub(super) async fn apply(
    execution: &Execution,
    saved: Option<Saved<'_>>,
    printer: &Printer,
) -> Exit {
    let purpose = Purpose {
        lock: Some("apply --refresh-only"),
        destroy: false,
        ending: Ending::Kept,
    };
    let (source, target) = (&execution.source, &execution.target);
    let mut seen = match look(source, target, purpose, Depth::Thorough, printer).await {
        Ok(seen) => seen,
        Err(problem) => return problem.tell(printer),
    };
    let exit = match written(&seen, execution, saved, printer).await {
        Ok(exit) => exit,
        Err(problem) => problem.tell(printer),
    };
    keeping::give_back(seen.lock.take(), printer).await;
    exit
}

async fn written(
    seen: &Seen,
    execution: &Execution,
    saved: Option<Saved<'_>>,
    printer: &Printer,
) -> Result<Exit, Problem> {
    if let Some((bound, _)) = saved {
        saved::same_state(bound, &seen.kept)?;
    }
    let (drift, renewal) = compared(seen, printer)?;
    if let Some((_, before)) = saved {
        saved::same_refresh(before, (&drift, &renewal.learned))?;
    }
    shown(seen, &drift, &renewal.learned, false, printer);
    finished(seen)?;
    let question = "Write this into the state? Only `yes` goes on: ";
    let asks = saved.is_none() && !renewal.learned.is_empty() && !execution.auto_approve;
    if asks && !approved("the new state", question, printer).await? {
        printer.note("Nothing was changed.");
        return Ok(Exit::Error);
    }
    let mut snapshot = renewal.snapshot.clone();
    if !renewal.learned.is_empty() {
        snapshot.serial += 1;
        seen.at.store.write(&snapshot).await?;
        printer.note(&format!("Written: {}", seen.at.store.name()));
    }
    if printer.json() {
        let written = !renewal.learned.is_empty();
        printer.document(&refresh_text::refreshed_document(&snapshot, written));
    }
    Ok(Exit::of_output(printer))
}

fn compared(seen: &Seen, printer: &Printer) -> Result<(Drift, Renewal), Problem> {
    let world = world(&seen.at, &seen.kept, &seen.refreshed, &seen.wishes, false);
    let drift = drift(&world, &left_open(seen)).map_err(|errors| tell_all(errors, printer))?;
    let renewal = renewal(&world, &drift);
    Ok((drift, renewal))
}

fn shown(seen: &Seen, drift: &Drift, learned: &Learned, full: bool, printer: &Printer) {
    if printer.json() {
        printer.document(&refresh_text::refresh_document(drift, learned));
        return;
    }
    let (registry, style) = (seen.at.registry, printer.style());
    printer.data(&refresh_text::refresh(
        drift, learned, registry, style, full,
    ));
}

/// Refuses a state that an interrupted run has not brought to its end: its journal
/// would be lost.
fn finished(seen: &Seen) -> Result<(), Problem> {
    match &seen.kept.unclosed {
        None => Ok(()),
        Some(run) => Err(Problem::new("an interrupted run has to be ended first")
            .because(format!(
                "`{}` of {} has left a journal, and what it began is in no state yet",
                run.opened.command,
                run.opened.at.strftime("%Y-%m-%d %H:%M UTC")
            ))
            .remedy("run `s3net apply` or `s3net destroy`, which go on where it ended")),
    }
}
