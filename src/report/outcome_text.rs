//! What came of a run, for people: what is done, what failed and why, what did
//! not start, and what to do next.

use std::time::Duration;

use super::ending::{Counts, Waiting, counts, not_started};
use super::fitting::wrapped;
use super::style::{Ink, Style};
use super::switch_text;
use crate::apply::{Failure, Outcome};
use crate::aws::CallError;
use crate::model::duration::brief;
use crate::model::holder;
use crate::plan::Plan;

/// How many steps that did not start are named.
const NAMED: usize = 24;

/// What the user asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// To make the network as the file wants it.
    Apply,
    /// The same, and to take it back where it does not get through.
    ApplyOrNothing,
    /// To take it down.
    Destroy,
    /// To take down what has outlived its lifetime.
    Reap,
    /// To take back what an apply did.
    Rollback,
    /// To adopt one object.
    Import,
    /// To give one object another name.
    Move,
    /// To let objects go.
    Forget,
}

impl Verb {
    /// Each of them.
    pub const ALL: [Self; 8] = [
        Self::Apply,
        Self::ApplyOrNothing,
        Self::Destroy,
        Self::Reap,
        Self::Rollback,
        Self::Import,
        Self::Move,
        Self::Forget,
    ];

    /// The command's name.
    #[must_use]
    pub fn command(self) -> &'static str {
        match self {
            Self::Apply | Self::ApplyOrNothing | Self::Rollback => "apply",
            Self::Destroy => "destroy",
            Self::Reap => "reap --destroy",
            Self::Import => "import",
            Self::Move => "state move",
            Self::Forget => "state forget",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Apply | Self::ApplyOrNothing => "Apply",
            Self::Destroy | Self::Reap => "Destroy",
            Self::Rollback => "Rollback",
            Self::Import => "Import",
            Self::Move => "Move",
            Self::Forget => "Forget",
        }
    }

    /// Whether nothing is to be left.
    #[must_use]
    pub fn takes_down(self) -> bool {
        matches!(self, Self::Destroy | Self::Reap)
    }

    /// The verb in documents.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rollback => "rollback",
            Self::Reap => "reap",
            _ => self.command(),
        }
    }

    /// Whether it is to make the network as the file wants it.
    #[must_use]
    pub fn applies(self) -> bool {
        matches!(self, Self::Apply | Self::ApplyOrNothing)
    }
}

/// What came of a plan that was carried out; nothing where there was nothing to
/// do. That state could not be saved is not told here.
#[must_use]
pub fn outcome(
    plan: &Plan,
    outcome: &Outcome,
    elapsed: Duration,
    style: Style,
    verb: Verb,
) -> String {
    if plan.is_empty() {
        return String::new();
    }
    let counts = counts(plan, outcome);
    let complete = outcome.is_complete();
    let title = verb.title();
    let elapsed = brief(elapsed);
    let (headline, ink) = if complete {
        (format!("{title} complete in {elapsed}:"), Ink::Good)
    } else if outcome.interrupted {
        (format!("{title} interrupted after {elapsed}:"), Ink::Change)
    } else {
        (format!("{title} failed after {elapsed}:"), Ink::Bad)
    };
    let mut text = String::new();
    for failure in &outcome.failed {
        text.push_str(&failed(failure, style));
        text.push('\n');
    }
    for (problem, cause, advice) in switch_text::withheld(&outcome.withheld) {
        text.push_str(&style.paragraph("error:", Ink::Bad, &problem));
        text.push_str(&style.paragraph("cause:", Ink::Strong, cause));
        text.push_str(&style.paragraph("hint:", Ink::Hint, &advice));
        text.push('\n');
    }
    for Waiting { because, steps } in not_started(plan, outcome) {
        let why = match because {
            Some(address) => format!(", because {address} failed"),
            None if outcome.interrupted => ", because you asked to stop".to_owned(),
            None if outcome.failed.iter().any(|f| f.error.is_expired()) => {
                ", because the credentials have expired".to_owned()
            }
            None if outcome.trouble.is_some() => ", because state cannot be saved".to_owned(),
            None if outcome.stopped_by.is_some() => {
                ", because it could not be written down first".to_owned()
            }
            None if !outcome.withheld.is_empty() => {
                ", because the new way is not found to work".to_owned()
            }
            None => String::new(),
        };
        let names: Vec<_> = steps
            .iter()
            .map(|(address, _)| address.to_string())
            .collect();
        text.push_str(&format!("Not started{why}:\n"));
        text.push_str(&enumerated(&names, style));
        text.push('\n');
    }
    let told = told(&counts, verb, complete);
    text.push_str(&format!("{} {told}.\n", style.paint(ink, &headline)));
    if !complete && outcome.trouble.is_none() && !goes_back(outcome, verb) {
        text.push_str(&format!(
            "What is done is saved. Run `s3net {}` again: it goes on from here.\n",
            verb.command()
        ));
    }
    if complete && verb.applies() {
        // What there is now is told next.
        text.push('\n');
    }
    text
}

/// Whether what a run did is taken back next, so that nothing is to be done.
fn goes_back(outcome: &Outcome, verb: Verb) -> bool {
    verb == Verb::ApplyOrNothing && !outcome.interrupted
}

/// `33 created, 0 changed, 0 destroyed`; of a run that did not get through, only
/// what there is to count.
fn told(counts: &Counts, verb: Verb, complete: bool) -> String {
    let usual = complete && verb.applies();
    let counts = [
        (counts.created, "created", usual),
        (counts.adopted, "adopted", false),
        (counts.changed, "changed", usual),
        (counts.replaced, "replaced", false),
        (
            counts.destroyed,
            "destroyed",
            complete && !matches!(verb, Verb::Import | Verb::Move | Verb::Forget),
        ),
        (
            counts.forgotten,
            match counts.forgotten {
                1 => "left to itself",
                _ => "left to themselves",
            },
            false,
        ),
        (counts.lifetime, "with another end", false),
        (counts.failed, "failed", false),
        (counts.not_started, "not started", false),
    ];
    counts
        .iter()
        .filter(|(count, _, always)| *always || *count > 0)
        .map(|(count, what, _)| format!("{count} {what}"))
        .collect::<Vec<_>>()
        .join(", ")
}

/// One failure: what did not happen, why, and what to do.
fn failed(failure: &Failure, style: Style) -> String {
    let Failure {
        address,
        action,
        made,
        error,
    } = failure;
    let problem = match made {
        Some(id) => format!("{address} ({id}) was created, and is not ready"),
        None => format!("{address} was not {}", action.done()),
    };
    // Who holds it is told below, a line each.
    let said = match error {
        CallError::Held { refusal, .. } => refusal.to_string(),
        error => error.to_string(),
    };
    let cause = match error.request_id() {
        Some(id) => format!("{said} (request {id})"),
        None => said,
    };
    let mut text = style.paragraph("error:", Ink::Bad, &problem);
    text.push_str(&style.paragraph("cause:", Ink::Strong, &cause));
    if let CallError::Held { id, holders, .. } = error {
        let by = match holders.as_slice() {
            [] => format!("{id} is held by something that AWS does not name"),
            holders => format!("{id} is held by\n{}", holder::in_lines(holders).join("\n")),
        };
        text.push_str(&style.paragraph("held:", Ink::Strong, &by));
    }
    if let Some(remedy) = error.remedy() {
        text.push_str(&style.paragraph("hint:", Ink::Hint, &remedy));
    }
    text
}

/// Names in lines, as many as one wants to read.
fn enumerated(names: &[String], style: Style) -> String {
    let mut text = names[..names.len().min(NAMED)].join(", ");
    if names.len() > NAMED {
        text.push_str(&format!(" and {} more", names.len() - NAMED));
    }
    wrapped(&text, style.width.saturating_sub(2))
        .iter()
        .map(|line| format!("  {line}\n"))
        .collect()
}

#[cfg(test)]
mod tests;
