//! Whether the credentials may make the calls of a plan.
//!
//! | EC2's dry run | ids in it | the simulator | finding |
//! |---|---|---|---|
//! | allowed | | | none |
//! | refused | exist | | error |
//! | refused | some do not yet | allows, or does not know all it needs | warning |
//! | refused | some do not yet | does not allow, or was not asked | error |
//! | something else | exist | | warning |
//! | something else, or none | some do not yet | does not allow | error, or warning if not sure |
//!
//! A policy may allow an action on objects of this stack only; an id that stands
//! in for one that is still to be made then meets a refusal that the real one
//! would not.

use std::collections::BTreeSet;

use futures_util::future::join_all;

use super::finding::{Check, Finding, Preflight, Severity};
use crate::aws::rehearsal::{Answer, Rehearsal, Rehearsals};
use crate::aws::simulator::{Judgements, Simulated, simulate};
use crate::aws::{Aws, CallError};
use crate::model::policy::Caller;

/// What EC2 said, and whether every id in the question exists.
type Said = (Answer, bool);

/// Asks EC2 and the simulator side by side.
///
/// # Errors
/// That the credentials have expired: nothing else is worth telling then.
pub(super) async fn check(
    aws: &Aws,
    caller: &Caller,
    calls: Rehearsals,
) -> Result<Preflight, Finding> {
    let mut asked: Vec<Rehearsal> = calls.into_all().collect();
    let wanted: BTreeSet<(&'static str, String)> = asked
        .iter()
        .map(|it| (it.action, it.resource.clone()))
        .collect();
    if wanted.is_empty() {
        return Ok(Preflight::default());
    }
    let dry_runs: Vec<_> = asked.iter_mut().map(|it| it.dry_run.take()).collect();
    let dry_runs = dry_runs.into_iter().map(|dry_run| async move {
        match dry_run {
            None => None,
            Some(dry_run) => Some((Answer::of(dry_run.asking.await), dry_run.real)),
        }
    });
    let (said, judged) = tokio::join!(join_all(dry_runs), simulate(aws, caller, &wanted));
    let (judged, unasked) = match judged {
        Ok(judged) => (judged, None),
        Err(error) => (Judgements::new(), Some(error)),
    };
    let unclear = said
        .iter()
        .flatten()
        .filter_map(|(answer, _)| match answer {
            Answer::Unclear(error) => Some(error),
            _ => None,
        });
    if let Some(error) = unclear.chain(&unasked).find(|error| error.is_expired()) {
        return Err(expired(error));
    }
    let mut findings: Vec<Finding> = asked
        .iter()
        .zip(&said)
        .filter_map(|(rehearsal, said)| {
            let key = (rehearsal.action.to_owned(), rehearsal.resource.clone());
            judge(rehearsal, said.as_ref(), judged.get(&key), caller)
        })
        .collect();
    let unanswered: Vec<&Rehearsal> = asked
        .iter()
        .zip(&said)
        .filter(|(_, said)| !matches!(said, Some((Answer::Allowed | Answer::Refused(_), _))))
        .map(|(rehearsal, _)| rehearsal)
        .collect();
    let silent = unanswered.iter().filter(|rehearsal| {
        let key = (rehearsal.action.to_owned(), rehearsal.resource.clone());
        !judged.contains_key(&key)
    });
    let actions = asked.len() - silent.count();
    findings.extend(unasked.and_then(|error| not_asked(&unanswered, &error)));
    Ok(Preflight {
        findings,
        actions,
        ..Preflight::default()
    })
}

fn expired(error: &CallError) -> Finding {
    Finding {
        severity: Severity::Error,
        check: Check::Permission,
        addresses: Vec::new(),
        problem: "the credentials have expired".to_owned(),
        cause: Some(error.to_string()),
        remedy: error.remedy(),
    }
}

/// What is the matter with one action, if anything is.
fn judge(
    rehearsal: &Rehearsal,
    said: Option<&Said>,
    simulated: Option<&Simulated>,
    caller: &Caller,
) -> Option<Finding> {
    let doubted = simulated.is_some_and(|it| it.allowed || !it.missing.is_empty());
    let (severity, cause) = match (said, simulated) {
        (Some((Answer::Allowed, _)), _) => return None,
        (Some((Answer::Refused(error), true)), _) => (Severity::Error, refusal(error)),
        (Some((Answer::Refused(error), false)), _) if doubted => {
            let cause = format!(
                "{}; it was asked about something that does not exist yet, and a policy may \
                 allow it on what this run makes",
                refusal(error)
            );
            (Severity::Warning, cause)
        }
        (Some((Answer::Refused(error), false)), _) => (Severity::Error, refusal(error)),
        (Some((Answer::Unclear(error), true)), _) if says_something(error) => {
            return Some(unclear(rehearsal, error));
        }
        (_, Some(simulated)) if !simulated.allowed => {
            let severity = match is_certain(rehearsal, simulated) {
                true => Severity::Error,
                false => Severity::Warning,
            };
            (severity, simulated_cause(simulated))
        }
        _ => return None,
    };
    let verb = match severity {
        Severity::Error => "may not",
        _ => "perhaps may not",
    };
    let on = match rehearsal.resource.as_str() {
        "*" => String::new(),
        resource => format!(" on {resource}"),
    };
    Some(Finding {
        severity,
        check: Check::Permission,
        addresses: rehearsal.addresses.clone(),
        problem: format!("the credentials {verb} {}{on}", rehearsal.action),
        cause: Some(cause),
        remedy: Some(format!("allow {} to {}", rehearsal.action, caller.arn)),
    })
}

/// The one action of ours that AWS allows on no certain object (Service
/// authorization reference, "Actions defined by Amazon Route 53").
const OF_NO_OBJECT: &str = "route53:CreateHostedZone";

/// Whether the simulator's refusal holds whatever the call says. A policy that
/// allows an action on certain objects does not allow it on `*`.
fn is_certain(rehearsal: &Rehearsal, simulated: &Simulated) -> bool {
    let on_any = rehearsal.resource.contains('*') && rehearsal.action != OF_NO_OBJECT;
    simulated.missing.is_empty() && (simulated.denied || !on_any)
}

/// AWS's message without the part that only AWS can read.
fn refusal(error: &CallError) -> String {
    let message = error.message();
    let readable = message
        .split("Encoded authorization failure message")
        .next();
    let readable = readable.unwrap_or(message).trim().trim_end_matches('.');
    format!("AWS refuses its dry run: {readable}")
}

fn simulated_cause(simulated: &Simulated) -> String {
    let why = match simulated.denied {
        true => "a policy denies it",
        false => "no policy allows it",
    };
    match simulated.missing.as_slice() {
        [] => format!("by IAM's policy simulator, {why}"),
        missing => format!(
            "by IAM's policy simulator, {why}, as far as that can be said without {}",
            missing.join(", ")
        ),
    }
}

/// Whether an answer tells more than that a dry run says less than the call will:
/// a change is rehearsed without what it changes.
fn says_something(error: &CallError) -> bool {
    let incomplete = [
        "MissingParameter",
        "InvalidParameter",
        "InvalidParameterCombination",
        "InvalidRequest",
    ];
    error.is_final() && !error.is(&incomplete)
}

/// EC2 refuses a dry run about things that exist for another reason.
fn unclear(rehearsal: &Rehearsal, error: &CallError) -> Finding {
    Finding {
        severity: Severity::Warning,
        check: Check::Permission,
        addresses: rehearsal.addresses.clone(),
        problem: format!("the dry run of {} was not answered", rehearsal.action),
        cause: Some(error.to_string()),
        remedy: error.remedy(),
    }
}

/// The simulator could not be asked, and some actions have no other answer.
fn not_asked(unanswered: &[&Rehearsal], error: &CallError) -> Option<Finding> {
    let actions: BTreeSet<&str> = unanswered.iter().map(|it| it.action).collect();
    if actions.is_empty() {
        return None;
    }
    let actions: Vec<&str> = actions.into_iter().collect();
    Some(Finding {
        severity: Severity::Note,
        check: Check::Permission,
        addresses: Vec::new(),
        problem: format!("nobody could be asked about {}", actions.join(", ")),
        cause: Some(format!("IAM's policy simulator did not answer: {error}")),
        remedy: None,
    })
}

#[cfg(test)]
mod tests;
