//! What would fail of a plan: plan tells it on request, and apply stops before
//! its first change.

use super::prepare::Prepared;
use super::problem::Problem;
use super::verify::unreadable;
use crate::preflight::{Preflight, Severity, preflight};
use crate::report::{Printer, preflight_text};

/// Asks, and tells what was found. `asked_for` says whether the user wants to
/// hear also that it was nothing.
pub(super) async fn told(prepared: &Prepared, asked_for: bool, printer: &Printer) -> Preflight {
    let plan = &prepared.plan;
    let at = &prepared.at;
    let gates = unreadable(&at.aws, &at.place, &at.caller, &plan.switches, &plan.facts);
    let (mut found, unreadable) =
        tokio::join!(preflight(plan, at.registry, &at.aws, &at.caller), gates);
    found.findings.extend(unreadable);
    found.findings.sort_by_key(|finding| finding.severity);
    let text = preflight_text::text(&found, asked_for, printer.error_style());
    printer.status(&text);
    if printer.json() && (asked_for || !plan.is_empty()) {
        printer.document(&preflight_text::document(&found, &plan.stack, &plan.place));
    }
    found
}

/// Stops a run of which something would fail.
///
/// # Errors
/// How much of it would; each has been told.
pub(super) async fn refused(prepared: &Prepared, printer: &Printer) -> Result<(), Problem> {
    let found = told(prepared, false, printer).await;
    if !found.fails() {
        return Ok(());
    }
    let failing = match found.count(Severity::Error) {
        1 => "1 thing would fail".to_owned(),
        count => format!("{count} things would fail"),
    };
    Err(Problem::new(format!("{failing}, so nothing was begun"))
        .remedy("mend what is told above, or go on regardless with --no-preflight"))
}
