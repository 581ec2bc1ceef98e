//! `s3net destroy`

use std::collections::BTreeSet;

use clap::Args;

use super::Exit;
use super::prepare::Prepared;
use super::problem::Problem;
use super::run::{Execution, carry_out, exit};
use super::selection::Anew;
use crate::aws::CallError;
use crate::model::{Action, Address};
use crate::plan::Plan;
use crate::refresh::{Wish, refresh};
use crate::report::{Printer, Verb, left_out};

/// Take the stack down to nothing, and prove it.
#[derive(Debug, Args)]
pub struct DestroyArgs {
    #[command(flatten)]
    execution: Execution,
}

pub(super) async fn run(args: DestroyArgs) -> Exit {
    let printer = args.execution.printer();
    let prepared = match args
        .execution
        .begin(Verb::Destroy, &Anew::default(), &printer)
        .await
    {
        Ok(prepared) => prepared,
        Err(exit) => return exit,
    };
    destroyed(prepared, &args.execution, &printer).await
}

/// Carries out a plan to destroy, proves it, and gives the lock back.
pub(super) async fn destroyed(
    prepared: Prepared,
    execution: &Execution,
    printer: &Printer,
) -> Exit {
    let parallelism = execution.parallelism();
    let exit = taken_down(&prepared, parallelism, Verb::Destroy, printer).await;
    prepared.end(printer).await;
    exit
}

/// Runs a plan that leaves nothing, and asks afterwards whether that is so.
pub(super) async fn taken_down(
    prepared: &Prepared,
    parallelism: usize,
    verb: Verb,
    printer: &Printer,
) -> Exit {
    let outcome = carry_out(prepared, parallelism, verb, printer).await;
    if !outcome.is_complete() || outcome.interrupted {
        return exit(&outcome);
    }
    if let Some(text) = left_out::rest(&prepared.plan) {
        printer.note(&text);
        return Exit::Done;
    }
    match sweep(prepared, &outcome.snapshot).await {
        Ok(left) if left.is_empty() => {
            tell_empty(prepared, printer);
            Exit::Done
        }
        Ok(left) => Problem::new(format!("the stack is not empty: {} left", left.len()))
            .because(left.join(", "))
            .remedy(format!(
                "run `s3net {}` again; what it cannot find, delete by hand",
                verb.command()
            ))
            .tell(printer),
        Err(problem) => problem.tell(printer),
    }
}

/// What is left: each kind is asked again, and EC2 for the stack's tag.
async fn sweep(
    prepared: &Prepared,
    snapshot: &crate::state::Snapshot,
) -> Result<Vec<String>, Problem> {
    let nothing = std::collections::BTreeMap::new();
    let nobody = std::collections::BTreeMap::new();
    let wish = Wish {
        registry: prepared.at.registry,
        aws: &prepared.at.aws,
        place: &prepared.at.place,
        wanted: &prepared.at.desired.stack,
        remembered: snapshot,
        open: &[],
        look_ups: &nothing,
        adoptions: &nobody,
        moved: &prepared.wishes.moved,
        thorough: false,
    };
    let tagged = async {
        let tagged = prepared.at.aws.tagged_leftovers(&prepared.plan.stack).await;
        tagged.map_err(|error: CallError| {
            Problem::new("the stack's tag cannot be asked for").because(error.to_string())
        })
    };
    let found = async { refresh(&wish).await.map_err(Problem::from) };
    let (found, tagged) = tokio::try_join!(found, tagged)?;
    // Reads may show for a while what its tags no longer say.
    let forgotten: BTreeSet<&str> = forgotten(&prepared.plan).map(|(_, id)| id).collect();
    let mut left: Vec<String> = found
        .live
        .into_iter()
        .filter(|live| !forgotten.contains(live.id.as_str()))
        .filter_map(|live| Some(format!("{} ({})", live.own_address()?, live.id)))
        .collect();
    left.extend(
        tagged
            .into_iter()
            .filter(|text| !left.iter().any(|known| named_in(known, text)))
            .filter(|text| {
                !text
                    .split_once(' ')
                    .is_some_and(|(_, id)| forgotten.contains(id))
            })
            .collect::<Vec<_>>(),
    );
    Ok(left)
}

fn named_in(known: &str, tagged: &str) -> bool {
    tagged
        .split_once(' ')
        .is_some_and(|(_, id)| known.contains(id))
}

/// What is left to itself, with AWS's ids.
fn forgotten(plan: &Plan) -> impl Iterator<Item = (&Address, &str)> {
    let steps = plan.steps.nodes().map(|(_, step)| step);
    let forgotten = steps.filter(|step| step.action == Action::Forget);
    forgotten.filter_map(|step| Some((&step.address, step.id.as_deref()?)))
}

fn tell_empty(prepared: &Prepared, printer: &Printer) {
    let (plan, place) = (&prepared.plan, &prepared.at.place);
    printer.note(&format!(
        "Nothing is left of {} in account {}, {}: every kind and the tag s3net:stack were asked.",
        plan.stack, place.account, place.region
    ));
    let stays = forgotten(plan).filter(|(address, _)| address.part.is_none());
    let stays: Vec<String> = stays.map(|(at, id)| format!("{at} ({id})")).collect();
    if !stays.is_empty() {
        printer.note(&format!(
            "As the file wants it, this was not deleted, and is nobody's now: {}.",
            stays.join(", ")
        ));
    }
}
