//! `s3net completions`

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::arguments::Output;
use super::{Cli, Exit};

/// Write a completion script for a shell.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

pub(super) fn run(args: &CompletionsArgs) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "s3net", &mut script);
    Output::default()
        .printer()
        .data(&String::from_utf8_lossy(&script));
    Exit::Done
}
