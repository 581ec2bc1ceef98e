//! Exit codes, in one place.

use std::process::ExitCode;

use crate::report::Printer;

/// The table of exit codes, as the help shows it.
pub const HELP: &str = "\
Exit codes:
  0    done, or nothing to do
  1    an error: nothing was changed, or what was changed is told
  2    changes are pending (plan --detailed-exitcode), there is drift (drift),
       or a lifetime is over (reap --detailed-exitcode)
  3    an expectation of the file fails, or cannot be known to hold; or a way
       that trace --check asks about does not certainly work
  4    another run has locked the stack
  130  interrupted";

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done, or nothing to do.
    Done,
    /// An error.
    Error,
    /// Changes are pending, or there is drift.
    Pending,
    /// An expectation of the file fails.
    Expectation,
    /// Another run has locked the stack.
    Locked,
    /// The user interrupted it.
    Interrupted,
}

impl Exit {
    /// How a verb ends that has nothing to do but to write its answer.
    #[must_use]
    pub fn of_output(printer: &Printer) -> Self {
        match printer.lost_output() {
            true => Self::Error,
            false => Self::Done,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Error => 1,
            Exit::Pending => 2,
            Exit::Expectation => 3,
            Exit::Locked => 4,
            Exit::Interrupted => 130,
        })
    }
}
