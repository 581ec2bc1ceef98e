//! Carries out a plan that is shown, confirmed and locked: what apply and
//! destroy have in common.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use clap::Args;

use super::approval::approved;
use super::arguments::{Output, Source, Target};
use super::outlook::Outlook;
use super::prepare::{Prepared, Purpose, prepare_if};
use super::problem::Problem;
use super::selection::{Anew, Part, note_replacements};
use super::verify::LiveTraces;
use super::{Exit, lockout, outlook, preflight, rollback, signals};
use crate::apply::{Cancel, Outcome, Run, apply};
use crate::plan::{Ending, Plan, Selection, switch};
use crate::report::{self, Occasion, Printer, Progress, Verb};
use crate::state::{Kept, Lock, StoreError};

/// How many steps are in flight at once, unless somebody says otherwise.
pub const PARALLELISM: u16 = 16;

/// What a run must find and plan, so that it is begun.
pub trait Fit: Sync {
    /// Refuses a state, before anything is planned.
    ///
    /// # Errors
    /// Why it does not fit.
    fn state(&self, _kept: &Kept) -> Result<(), Problem> {
        Ok(())
    }

    /// Refuses a plan.
    ///
    /// # Errors
    /// Why it does not fit.
    fn plan(&self, _prepared: &Prepared) -> Result<(), Problem> {
        Ok(())
    }
}

/// Whatever is found and planned.
struct Any;

impl Fit for Any {}

/// Which plan to carry out, and how.
#[derive(Debug, Clone, Args)]
pub struct Execution {
    #[command(flatten)]
    pub(super) source: Source,
    #[command(flatten)]
    pub(super) target: Target,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    pub(super) part: Part,
    /// Do not ask before the first change; a saved plan does not ask anyway.
    #[arg(long)]
    pub(super) auto_approve: bool,
    /// Make a bucket policy also where it shuts out these credentials, so that
    /// they could not change it again.
    #[arg(long)]
    allow_lockout: bool,
    /// Do not ask AWS beforehand what would fail: permissions, quotas, names
    /// (`apply` does, `destroy` does not).
    #[arg(long)]
    no_preflight: bool,
    /// Take old ways to S3 away without asking whether the new ones work.
    #[arg(long)]
    no_verify: bool,
    /// How many steps may be in flight at once.
    #[arg(long, value_name = "N", default_value_t = PARALLELISM, value_parser = clap::value_parser!(u16).range(1..=512))]
    parallelism: u16,
}

impl Execution {
    /// How a plan is carried out that needs nothing out of the ordinary.
    #[must_use]
    pub fn of(source: Source, target: Target, output: Output) -> Self {
        Self {
            source,
            target,
            output,
            part: Part::default(),
            auto_approve: true,
            allow_lockout: false,
            no_preflight: false,
            no_verify: false,
            parallelism: PARALLELISM,
        }
    }

    /// How to print.
    #[must_use]
    pub fn printer(&self) -> Printer {
        self.output.printer()
    }

    /// The plan file, or the saved plan.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.source.file
    }

    /// How many steps may be in flight at once.
    #[must_use]
    pub fn parallelism(&self) -> usize {
        usize::from(self.parallelism)
    }

    /// Locks, plans, shows the plan and asks. Where it does not go on, that has
    /// been told, and the exit says how.
    ///
    /// # Errors
    /// How to exit; nothing has been changed then.
    pub async fn begin(
        &self,
        verb: Verb,
        anew: &Anew,
        printer: &Printer,
    ) -> Result<Prepared, Exit> {
        let selection = self.part.and(anew);
        let wanted = (selection, anew.ending());
        self.begin_if(verb, wanted, &Any, printer).await
    }

    /// As [`Execution::begin`], for this part of the stack and this end of its
    /// lifetime, where the state and the plan are what `fit` wants.
    ///
    /// # Errors
    /// How to exit; nothing has been changed then.
    pub async fn begin_if(
        &self,
        verb: Verb,
        (selection, ending): (Selection, Ending),
        fit: &dyn Fit,
        printer: &Printer,
    ) -> Result<Prepared, Exit> {
        let purpose = Purpose {
            lock: Some(verb.command()),
            destroy: verb.takes_down(),
            ending,
        };
        let (source, target) = (&self.source, &self.target);
        let of_state = |kept: &Kept| fit.state(kept);
        let mut prepared = prepare_if(source, target, purpose, selection, &of_state, printer)
            .await
            .map_err(|problem| problem.tell(printer))?;
        // It orders the plan as well, so what is saved has been through it too.
        let outlook = outlook::of_plan(&mut prepared, purpose.destroy, printer).await;
        if self.no_verify {
            switch::open_gates(&mut prepared.plan);
        }
        let agreed = match fit.plan(&prepared) {
            Ok(()) => confirmed(&prepared, &outlook, self, verb, printer).await,
            Err(problem) => Err(problem),
        };
        let exit = match agreed {
            Ok(true) => return Ok(prepared),
            Ok(false) => {
                printer.note("Nothing was changed.");
                Exit::Error
            }
            Err(problem) => problem.tell(printer),
        };
        prepared.end(printer).await;
        Err(exit)
    }
}

/// Shows the plan; asks, unless told not to.
async fn confirmed(
    prepared: &Prepared,
    outlook: &Outlook,
    execution: &Execution,
    verb: Verb,
    printer: &Printer,
) -> Result<bool, Problem> {
    outlook.shown(prepared, printer, Occasion::Begun(verb));
    note_replacements(prepared, printer);
    outlook.refused(&prepared.at.desired, printer)?;
    lockout::refused(prepared, execution.allow_lockout, printer)?;
    if !verb.takes_down() && !execution.no_preflight && !prepared.plan.is_empty() {
        preflight::refused(prepared, printer).await?;
    }
    if verb == Verb::ApplyOrNothing {
        rollback::limits_told(prepared, printer);
    }
    if prepared.plan.is_empty() || execution.auto_approve {
        return Ok(true);
    }
    let question = match verb {
        Verb::Destroy | Verb::Reap => "Destroy all of this? Only `yes` goes on: ",
        _ => "Do this? Only `yes` goes on: ",
    };
    approved("the plan", question, printer).await
}

/// A plan to be carried out, and the state that it begins with.
pub struct Carried {
    /// The plan.
    pub plan: Plan,
    /// What the store holds.
    pub kept: Kept,
}

/// Runs the prepared plan with live progress, and prints what came of it.
pub async fn carry_out(
    prepared: &Prepared,
    parallelism: usize,
    verb: Verb,
    printer: &Printer,
) -> Outcome {
    let carried = Carried {
        plan: prepared.plan.clone(),
        kept: prepared.kept.clone(),
    };
    carry_out_plan(prepared, &carried, parallelism, verb, printer).await
}

/// Runs a plan of the prepared stack with live progress, and prints what came of
/// it.
pub async fn carry_out_plan(
    prepared: &Prepared,
    carried: &Carried,
    parallelism: usize,
    verb: Verb,
    printer: &Printer,
) -> Outcome {
    let plan = &carried.plan;
    let start = Instant::now();
    let progress = Arc::new(Progress::start(plan, prepared.at.registry, printer));
    let cancel = Cancel::new();
    let listener = {
        let progress = Arc::clone(&progress);
        let command = verb.command();
        signals::listen(cancel.clone(), move || progress.leave(command))
    };
    let mut outcome = apply(Run {
        plan,
        registry: prepared.at.registry,
        aws: &prepared.at.aws,
        store: &prepared.at.store,
        kept: carried.kept.clone(),
        command: &format!("s3net {}", verb.command()),
        lock_lost: prepared.lock.as_ref().map(Lock::lost).unwrap_or_default(),
        parallelism,
        cancel,
        sink: {
            let progress = Arc::clone(&progress);
            Arc::new(move |event| progress.handle(event))
        },
        verifier: Some(&LiveTraces {
            aws: &prepared.at.aws,
            place: &prepared.at.place,
        }),
    })
    .await;
    if let Ok(listener) = listener {
        listener.abort();
    }
    progress.finish();
    if let Some(StoreError::LockLost { .. }) = outcome.trouble
        && let Some(told) = prepared.lock.as_ref().and_then(Lock::trouble)
    {
        // Who has it now, where that is known.
        outcome.trouble = Some(told);
    }
    if printer.json() {
        printer.document(&report::json::outcome_document(
            plan,
            &outcome,
            start.elapsed(),
            verb,
        ));
    } else {
        printer.status(&report::outcome_text::outcome(
            plan,
            &outcome,
            start.elapsed(),
            printer.error_style(),
            verb,
        ));
    }
    let unsaved = match outcome.trouble {
        Some(StoreError::LockLost { .. }) => "the run was stopped",
        _ => "state could not be saved",
    };
    let stop = "nothing more was begun, since it could not be written down";
    for (what, why) in [(unsaved, &outcome.trouble), (stop, &outcome.stopped_by)] {
        if let Some(why) = why {
            printer.error(what, Some(&why.to_string()), Some(&why.remedy()));
        }
    }
    outcome
}

/// How a run that ended so exits.
#[must_use]
pub fn exit(outcome: &Outcome) -> Exit {
    if outcome.interrupted {
        Exit::Interrupted
    } else if outcome.is_complete() {
        Exit::Done
    } else {
        Exit::Error
    }
}
