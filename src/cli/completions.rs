//! `s3net completions`, and the answers that its scripts ask for.
//!
//! ```text
//! s3net completions bash ──► a script ──► the shell, at every TAB:
//!                                         COMPLETE=bash s3net -- WORDS ──► answers
//! ```

use std::ffi::OsStr;
use std::path::Path;

use clap::{Args, CommandFactory};
use clap_complete::Shell;
use clap_complete::env::{CompleteEnv, Elvish, Powershell, Shells};

use super::arguments::Output;
use super::{Cli, Exit};
use script::{BASH, FISH, ZSH};

mod script;

/// The variable by which a script asks.
const ASKING: &str = "COMPLETE";
/// The program's name, as the shell finds it.
const PROGRAM: &str = "s3net";
/// The shells that there are scripts for.
const SHELLS: Shells<'static> = Shells(&[&BASH, &Elvish, &FISH, &Powershell, &ZSH]);

/// What the help says beneath the options.
const HELP: &str = "\
The script completes verbs, options, files, kinds, and the addresses of the
plan file on the line. Let the shell read it when it starts:

  bash        source <(s3net completions bash)                in ~/.bashrc
  zsh         source <(s3net completions zsh)                 in ~/.zshrc,
              behind `autoload -U compinit && compinit`
  fish        s3net completions fish | source                 in config.fish
  PowerShell  s3net completions powershell | Out-String | iex in $PROFILE
  elvish      eval (s3net completions elvish | slurp)         in rc.elv";

/// Write a completion script for a shell.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub struct CompletionsArgs {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

pub(super) fn run(args: &CompletionsArgs) -> Exit {
    let printer = Output::default().printer();
    let mut script = Vec::new();
    let written = SHELLS
        .completer(&args.shell.to_string())
        .map(|shell| shell.write_registration(ASKING, PROGRAM, PROGRAM, PROGRAM, &mut script));
    if !matches!(written, Some(Ok(()))) {
        printer.error("there is no script for this shell", None, None);
        return Exit::Error;
    }
    printer.data(&String::from_utf8_lossy(&script));
    Exit::of_output(&printer)
}

/// Answers a shell that asks how a word goes on. Whether one has asked: the
/// program has nothing else to do then.
#[must_use]
pub fn completed() -> bool {
    let shell = std::env::var_os(ASKING).unwrap_or_default();
    let shell = Path::new(&shell).file_stem().and_then(OsStr::to_str);
    if shell.is_none_or(|shell| SHELLS.completer(shell).is_none()) {
        return false;
    }
    let answers = CompleteEnv::with_factory(Cli::command)
        .bin(PROGRAM)
        .shells(SHELLS);
    let folder = std::env::current_dir().ok();
    // Whatever went wrong: a shell would show it in the middle of the line.
    drop(answers.try_complete(std::env::args_os(), folder.as_deref()));
    true
}
