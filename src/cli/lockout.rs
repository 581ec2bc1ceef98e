//! Bucket policies that would shut out the credentials in use: plan warns of
//! them, and apply stops before its first change unless told to go on.

use super::prepare::Prepared;
use super::problem::Problem;
use crate::model::policy::{Caller, Lockout};
use crate::model::{Action, Address};
use crate::report::Printer;

/// What a plan would shut its maker out of.
fn found(prepared: &Prepared) -> Vec<(&Address, Lockout)> {
    let steps = prepared.plan.steps.nodes().map(|(_, step)| step);
    let written =
        steps.filter(|step| matches!(step.action, Action::Create | Action::Adopt | Action::Update));
    written
        .filter_map(|step| Some((step, prepared.at.registry.of(&step.address)?)))
        .flat_map(|(step, kind)| {
            let found = kind.shuts_out(&step.preview, &prepared.at.place, &prepared.at.caller);
            found.into_iter().map(|lockout| (&step.address, lockout))
        })
        .collect()
}

/// What is the matter with one of them.
fn problem(prepared: &Prepared, address: &Address, lockout: &Lockout) -> Problem {
    let arn = &prepared.at.caller.arn;
    let (verb, why) = match lockout.certain {
        true => ("would", ""),
        false => (
            "may",
            "; it has a condition that cannot be judged before AWS does",
        ),
    };
    let actions = lockout.actions.join(", ");
    Problem::new(format!(
        "{address} {verb} shut out the credentials in use, {arn}"
    ))
    .because(format!(
        "its {} denies {actions} to them, since they do not come through that endpoint or VPC, \
         or are not excepted{why}; neither s3net nor the console could then change the policy",
        lockout.statement
    ))
    .remedy(format!(
        "except them in the same condition, \
         `ArnNotLike = {{ \"aws:PrincipalArn\" = {} }}`, or deny only actions on objects; \
         or confirm with --allow-lockout: then only the account's root user can still delete \
         the policy",
        arns(&prepared.at.caller)
    ))
}

/// The caller's ARNs as a plan file writes them.
fn arns(caller: &Caller) -> String {
    let arns = caller.principal_arns();
    let arns: Vec<String> = arns.iter().map(|arn| format!("\"{arn}\"")).collect();
    match arns.as_slice() {
        [one] => one.clone(),
        many => format!("[{}]", many.join(", ")),
    }
}

/// What is to be said of a plan's policies, each with what to do.
pub(super) fn warnings(prepared: &Prepared) -> Vec<(String, Option<String>)> {
    let found = found(prepared).into_iter();
    let problems = found.map(|(address, lockout)| problem(prepared, address, &lockout));
    problems
        .map(|it| match it.cause {
            Some(cause) => (format!("{}: {cause}", it.problem), it.remedy),
            None => (it.problem, it.remedy),
        })
        .collect()
}

/// Says of a plan what it would shut its maker out of.
pub(super) fn warned(prepared: &Prepared, printer: &Printer) {
    for (text, remedy) in warnings(prepared) {
        printer.warning(&text, remedy.as_deref());
    }
}

/// Stops a run that would shut its maker out, unless that is allowed.
///
/// # Errors
/// The first such policy; the others are told before it.
pub(super) fn refused(
    prepared: &Prepared,
    allowed: bool,
    printer: &Printer,
) -> Result<(), Problem> {
    if allowed {
        warned(prepared, printer);
        return Ok(());
    }
    let mut problems: Vec<Problem> = found(prepared)
        .iter()
        .map(|(address, lockout)| problem(prepared, address, lockout))
        .collect();
    let Some(last) = problems.pop() else {
        return Ok(());
    };
    for problem in problems {
        problem.tell(printer);
    }
    Err(last)
}
