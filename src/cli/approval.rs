//! Asking the user before something is changed.

use std::io::{BufRead, IsTerminal};

use super::problem::Problem;
use crate::report::Printer;

/// Asks a question to which only `yes` is a yes. `what` is what there is to
/// approve, such as "the plan".
///
/// # Errors
/// Nobody is there to be asked.
pub fn approved(printer: &Printer, what: &str, question: &str) -> Result<bool, Problem> {
    if !std::io::stdin().is_terminal() {
        return Err(Problem::new(format!(
            "nobody is there to approve {what}, since standard input is no terminal"
        ))
        .remedy("pass --auto-approve to go on without asking"));
    }
    printer.ask(question);
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    Ok(read.is_ok() && answer.trim() == "yes")
}
