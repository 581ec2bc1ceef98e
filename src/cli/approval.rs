//! Asks the user before something is changed.

use std::io::{BufRead, IsTerminal};

use super::problem::Problem;
use super::{Exit, signals};
use crate::report::Printer;

/// Asks a question that only `yes` answers with yes. `what` is what nobody may be
/// there to approve.
///
/// # Errors
/// Nobody is there to ask, or the user breaks off.
pub async fn approved(what: &str, question: &str, printer: &Printer) -> Result<bool, Problem> {
    if !std::io::stdin().is_terminal() {
        return Err(Problem::new(format!(
            "nobody is there to approve {what}, since standard input is no terminal"
        ))
        .remedy("pass --auto-approve to go on without asking"));
    }
    printer.ask(question);
    let (tell, told) = tokio::sync::oneshot::channel();
    // A thread that is left behind when the user breaks off, and ends with us.
    std::thread::spawn(move || {
        let mut answer = String::new();
        let read = std::io::stdin().lock().read_line(&mut answer);
        let _ = tell.send(read.is_ok() && answer.trim() == "yes");
    });
    tokio::select! {
        yes = told => Ok(yes.unwrap_or(false)),
        // The lock is to be given back, so that the next run need not wait.
        () = signals::one() => Err(Problem {
            exit: Exit::Interrupted,
            ..Problem::told()
        }),
    }
}
