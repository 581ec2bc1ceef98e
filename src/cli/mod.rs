//! The command line: one file per verb.
//!
//! ```text
//! main ─► Cli ─► verb ─► Prepared (file, account, live, plan) ─► report
//!                          └─► apply ─► report
//! ```
//!
//! A verb returns an [`Exit`]; nothing but `main` ends the process.

mod apply;
mod approval;
mod arguments;
mod completing;
mod completions;
mod destroy;
mod drift;
mod exit;
mod expectations;
mod export;
mod graph;
mod import;
mod import_cloudformation;
mod import_name;
mod import_vpc;
mod init;
mod keeping;
mod kinds;
mod lifetime;
mod local;
mod lockout;
mod man;
mod outlook;
mod plan;
mod preflight;
mod prepare;
mod problem;
mod reach;
mod reap;
mod rebuild;
mod refresh_only;
mod rollback;
mod run;
mod saved;
mod schema;
mod selection;
mod show;
mod signals;
mod state;
mod state_deeds;
mod tend;
mod trace;
mod trace_facts;
mod unlock;
mod validate;
mod verify;
mod writing;

use clap::{Parser, Subcommand};

pub use completions::completed;
pub use exit::Exit;

/// What the help says to whom all this is new.
const BEGINNING: &str = "\
To begin, on this machine, with no account and no bill:
  s3net init
  s3net apply gateway-endpoint.toml --local
  s3net destroy gateway-endpoint.toml --local";

/// Private network paths from AWS subnets to S3, from one TOML file.
#[derive(Debug, Parser)]
#[command(
    name = "s3net",
    version,
    about,
    after_help = format!("{BEGINNING}\n\n{}", exit::HELP),
    max_term_width = 100,
    disable_help_subcommand = true
)]
pub struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Write a plan file to begin with, from one of the examples.
    Init(init::InitArgs),
    /// Check the file alone: no account, no call.
    Validate(validate::ValidateArgs),
    /// Show what apply would do, and touch nothing.
    Plan(plan::PlanArgs),
    /// Make the live network as the file wants it, or carry out a saved plan.
    Apply(apply::ApplyArgs),
    /// Take the stack down to nothing, and prove it.
    #[command(
        mut_arg("auto_approve", |flag| flag.help("Do not ask before the first change")),
        mut_arg("allow_lockout", |flag| flag.hide(true)),
        mut_arg("no_preflight", |flag| flag.hide(true)),
        mut_arg("no_verify", |flag| flag.hide(true))
    )]
    Destroy(destroy::DestroyArgs),
    /// Show a saved plan: no account, no call.
    Show(show::ShowArgs),
    /// Show what changed outside s3net since the last run.
    Drift(drift::DriftArgs),
    /// Show which way traffic takes, and why, before anything is touched.
    Trace(trace::TraceArgs),
    /// Make what others made the stack's own: an object, a VPC or a template.
    Import(import::ImportArgs),
    /// Write the stack as Terraform's configuration.
    Export(export::ExportArgs),
    /// Look at a stack's state, change it, or make it anew.
    State(state::StateArgs),
    /// Take a stack's lock away from a run that is gone.
    Unlock(unlock::UnlockArgs),
    /// Find stacks whose lifetime is over, by their tags alone; take them down.
    Reap(reap::ReapArgs),
    /// Write the execution graph, with the reason of every order.
    Graph(graph::GraphArgs),
    /// List the kinds, or describe one of them.
    Kinds(kinds::KindsArgs),
    /// Start, stop, reset or look at the local AWS endpoint.
    Local(local::LocalArgs),
    /// Print the JSON Schema of plan files, for editors, or of what --json writes.
    Schema(schema::SchemaArgs),
    /// Write the manual's pages into a folder.
    Man(man::ManArgs),
    /// Write a completion script for a shell.
    Completions(completions::CompletionsArgs),
}

impl Cli {
    /// Reads the command line; tells what is wrong with it, or the help that it
    /// asks for.
    ///
    /// # Errors
    /// How to exit. A mistake is an error as any other: 2 means pending changes.
    pub fn read() -> Result<Self, Exit> {
        Self::try_parse().map_err(|error| {
            // Nobody is left to tell that it cannot be written.
            let _ = error.print();
            match error.use_stderr() {
                true => Exit::Error,
                false => Exit::Done,
            }
        })
    }
}

/// Runs the command line.
pub async fn run(cli: Cli) -> Exit {
    match cli.verb {
        Verb::Init(args) => init::run(&args),
        Verb::Plan(args) => plan::run(args).await,
        Verb::Export(args) => export::run(args).await,
        Verb::Apply(args) => apply::run(args).await,
        Verb::Destroy(args) => destroy::run(args).await,
        Verb::Show(args) => show::run(&args),
        Verb::Drift(args) => drift::run(args).await,
        Verb::Trace(args) => trace::run(args).await,
        Verb::Reap(args) => reap::run(args).await,
        Verb::Import(args) => import::run(args).await,
        Verb::State(args) => state::run(args).await,
        Verb::Validate(args) => validate::run(&args),
        Verb::Unlock(args) => unlock::run(args).await,
        Verb::Graph(args) => graph::run(args).await,
        Verb::Kinds(args) => kinds::run(&args),
        Verb::Local(args) => local_verb(args).await,
        Verb::Schema(args) => schema::run(&args),
        Verb::Man(args) => man::run(&args),
        Verb::Completions(args) => completions::run(&args),
    }
}

async fn local_verb(args: local::LocalArgs) -> Exit {
    let printer = arguments::Output::default().printer();
    match local::run(args, &|text| printer.note(text)).await {
        Ok(text) => {
            printer.data(&text);
            Exit::of_output(&printer)
        }
        Err(error) => problem::Problem::from(error).tell(&printer),
    }
}
