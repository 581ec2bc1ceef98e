//! `s3net state list|show|move|forget|rebuild`

use clap::{Args, Subcommand};
use clap_complete::engine::ArgValueCompleter;

use super::Exit;
use super::arguments::{Output, Source, Target};
use super::completing;
use super::keeping::check_place;
use super::problem::Problem;
use super::reach::{Reached, reach};
use super::{rebuild, state_deeds};
use crate::config::Desired;
use crate::kinds::registry;
use crate::model::Address;
use crate::model::diagnostic::did_you_mean;
use crate::report::{Printer, state_text};
use crate::state::Kept;

/// Look at a stack's state, change it, or make it anew.
#[derive(Debug, Args)]
pub struct StateArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List what the state remembers, an interrupted run's work included.
    List(ListArgs),
    /// Show all that the state remembers of one object.
    Show(ShowArgs),
    /// Give an object another name of this stack, and change nothing else of it.
    Move(state_deeds::MoveArgs),
    /// Leave objects to themselves: their tags go, and the state forgets them.
    Forget(state_deeds::ForgetArgs),
    /// Make a new state from what lives: by tags and natural keys alone.
    Rebuild(rebuild::RebuildArgs),
}

#[derive(Debug, Args)]
struct ListArgs {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, Args)]
struct ShowArgs {
    #[command(flatten)]
    list: ListArgs,
    /// Which object, such as `subnet.private-1`.
    #[arg(value_name = "ADDRESS", add = ArgValueCompleter::new(completing::addresses))]
    address: Address,
}

pub(super) async fn run(args: StateArgs) -> Exit {
    match args.verb {
        Verb::List(args) => list(&args).await,
        Verb::Show(args) => show(&args).await,
        Verb::Move(args) => state_deeds::rename(args).await,
        Verb::Forget(args) => state_deeds::forget(args).await,
        Verb::Rebuild(args) => rebuild::run(args).await,
    }
}

/// The state, once it is certain that it is this account's and region's.
async fn kept(args: &ListArgs, printer: &Printer) -> Result<(Kept, Reached), Problem> {
    let reached = reach(&args.source, &args.target, false, printer).await?;
    let kept = reached.store.read(&reached.desired.stack.name).await?;
    check_place(&reached.store, &kept, &reached.place)?;
    Ok((kept, reached))
}

async fn list(args: &ListArgs) -> Exit {
    let printer = args.output.printer();
    let (kept, reached) = match kept(args, &printer).await {
        Ok(kept) => kept,
        Err(problem) => return problem.tell(&printer),
    };
    if let Some(run) = &kept.unclosed {
        printer.note(&format!(
            "`{}` of {} has not ended, or was interrupted: what it noted is in here.",
            run.opened.command,
            run.opened.at.strftime("%Y-%m-%d %H:%M UTC")
        ));
    }
    if printer.json() {
        let interrupted = kept.unclosed.is_some();
        printer.document(&state_text::list_document(&kept.snapshot, interrupted));
    } else if kept.snapshot.nodes.is_empty() {
        let name = reached.store.name();
        printer.note(&format!("The state remembers nothing: {name}"));
    } else {
        let text = state_text::list(&kept.snapshot, registry(), printer.style());
        printer.data(&text);
    }
    Exit::of_output(&printer)
}

async fn show(args: &ShowArgs) -> Exit {
    let printer = args.list.output.printer();
    let (kept, reached) = match kept(&args.list, &printer).await {
        Ok(kept) => kept,
        Err(problem) => return problem.tell(&printer),
    };
    let Some(node) = kept.snapshot.nodes.get(&args.address) else {
        let problem = not_moved_yet(&args.address, &kept, &reached.desired);
        let problem = problem.unwrap_or_else(|| unknown(&args.address, &kept));
        return problem.tell(&printer);
    };
    if printer.json() {
        printer.document(&state_text::node_document(&args.address, node));
    } else {
        printer.data(&state_text::node(&args.address, node, printer.style()));
    }
    Exit::of_output(&printer)
}

/// An object that the file calls so, and that no run has renamed yet: the state
/// has it by the name that its tags have.
fn not_moved_yet(address: &Address, kept: &Kept, desired: &Desired) -> Option<Problem> {
    let former = desired.moved.iter().map(|moved| {
        let back = [(moved.to.clone(), moved.from.clone())];
        address.clone().moved(&back.into())
    });
    let known = |former: &Address| kept.snapshot.nodes.contains_key(former);
    let former = former.into_iter().find(known)?;
    Some(
        Problem::new(format!("the state knows no {address} yet"))
            .because(format!("it is {former} until the [[moved]] is applied"))
            .remedy(format!("ask for {former}, or apply first")),
    )
}

fn unknown(address: &Address, kept: &Kept) -> Problem {
    let known: Vec<String> = kept
        .snapshot
        .nodes
        .keys()
        .map(ToString::to_string)
        .collect();
    let problem = Problem::new(format!("the state knows no {address}"));
    match did_you_mean(&address.to_string(), known.iter().map(String::as_str)) {
        Some(near) => problem.remedy(format!("did you mean {near}?")),
        None => problem.remedy("`s3net state list` lists what it knows"),
    }
}
