//! Whether the network does what the file expects: plan tells it, apply stops
//! before its first change, and `trace --check` asks without an account.

use super::Exit;
use super::problem::Problem;
use crate::config::Desired;
use crate::model::network::Network;
use crate::report::{Printer, expectations_json, expectations_text};
use crate::trace::{self, Checked};

/// Checks a file's expectations against a network, and tells what came of them:
/// a document with --json. For `trace --check`.
pub fn check(desired: &Desired, network: &Network, printer: &Printer) -> Exit {
    let checked = trace::check(&desired.expectations, network);
    if printer.json() {
        printer.document(&expectations_json::document(desired, &checked));
    }
    if checked.is_empty() {
        printer.note("The file expects nothing: it has no [[expect]] table.");
    }
    warned(desired, &checked, &[], printer)
}

/// Tells what came of expectations, and how to exit for that. Those that
/// `waiting` names fail only because a part of the plan is left out.
pub fn warned(desired: &Desired, checked: &[Checked], waiting: &[bool], printer: &Printer) -> Exit {
    match tell(desired, checked, waiting, printer) {
        None => Exit::Done,
        Some(summary) => {
            printer.failing(&summary);
            Exit::Expectation
        }
    }
}

/// Stops a run whose network would not do what the file expects.
///
/// # Errors
/// How many expectations fail; each has been told.
pub fn refused(
    desired: &Desired,
    checked: &[Checked],
    waiting: &[bool],
    printer: &Printer,
) -> Result<(), Problem> {
    match tell(desired, checked, waiting, printer) {
        None => Ok(()),
        Some(summary) => Err(Problem {
            exit: Exit::Expectation,
            ..Problem::new(format!("{summary}, so nothing was begun"))
                .because("the network of this plan would not do what the file says it is for")
                .remedy("change the network, or what [[expect]] says of it")
        }),
    }
}

/// What counts: what waits for the rest of a plan counts neither way.
pub fn judged(checked: &[Checked], waiting: &[bool]) -> Vec<Checked> {
    let waits = |at: usize| waiting.get(at).copied().unwrap_or_default();
    let judged = checked.iter().enumerate().filter(|(at, _)| !waits(*at));
    judged.map(|(_, it)| it.clone()).collect()
}

/// Tells that expectations hold on standard output, and each that does not on
/// standard error. Gives back how many fail, where any does.
fn tell(
    desired: &Desired,
    checked: &[Checked],
    waiting: &[bool],
    printer: &Printer,
) -> Option<String> {
    let judged = judged(checked, waiting);
    let summary = expectations_text::summary(&judged);
    if let Some(text) = expectations_text::waiting(desired, checked, waiting) {
        printer.warning(&text, None);
    }
    if judged.iter().all(Checked::holds) {
        if !printer.json() {
            printer.data(&summary);
        }
        return None;
    }
    let style = printer.error_style();
    printer.status(&expectations_text::failures(
        desired, checked, waiting, style,
    ));
    Some(summary)
}
