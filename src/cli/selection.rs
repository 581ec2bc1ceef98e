//! `--target`, `--exclude` and `--replace`: which part of a stack a verb is for.

use clap::Args;
use clap_complete::engine::ArgValueCompleter;

use super::completing;
use super::prepare::Prepared;
use super::problem::Problem;
use crate::kind::Registry;
use crate::kinds::registry;
use crate::model::diagnostic::did_you_mean;
use crate::model::{Action, AddressPattern};
use crate::plan::{Ending, PlannedStep, Selection};
use crate::report::Printer;

/// Which part of the stack.
#[derive(Debug, Clone, Default, Args)]
pub struct Part {
    /// Only this and what it needs, or, where it goes, what needs it; `*` stands
    /// for anything; can be repeated.
    #[arg(long, value_name = "ADDRESS", add = ArgValueCompleter::new(completing::addresses))]
    target: Vec<AddressPattern>,
    /// All but this and what needs it, or, where it would go, what it needs; `*`
    /// stands for anything; can be repeated.
    #[arg(long, value_name = "ADDRESS", add = ArgValueCompleter::new(completing::addresses))]
    exclude: Vec<AddressPattern>,
}

/// What is to be made anew.
#[derive(Debug, Clone, Default, Args)]
pub struct Anew {
    /// Make this anew, though nothing differs; can be repeated.
    #[arg(long, value_name = "ADDRESS", add = ArgValueCompleter::new(completing::addresses))]
    replace: Vec<AddressPattern>,
    /// Let the stack's lifetime (`ttl`) begin anew.
    #[arg(long)]
    renew: bool,
}

impl Anew {
    /// When the stack's lifetime is to end.
    #[must_use]
    pub fn ending(&self) -> Ending {
        match self.renew {
            true => Ending::Anew,
            false => Ending::Kept,
        }
    }
}

impl Part {
    /// What the flags say together.
    #[must_use]
    pub fn and(&self, anew: &Anew) -> Selection {
        Selection {
            target: self.target.clone(),
            exclude: self.exclude.clone(),
            replace: anew.replace.clone(),
        }
    }
}

/// Refuses a pattern that can mean nothing, before any call.
///
/// # Errors
/// The first that names an unknown kind.
pub fn check(selection: &Selection) -> Result<(), Problem> {
    let registry: Registry = registry();
    for pattern in selection.patterns() {
        let Some(kind) = pattern.kind().filter(|kind| registry.table(kind).is_none()) else {
            continue;
        };
        let problem = Problem::new(format!(
            "there is no kind `{kind}`, so nothing is `{pattern}`"
        ));
        return Err(match did_you_mean(kind, registry.names()) {
            Some(near) => problem.remedy(format!("did you mean {near}?")),
            None => problem.remedy("`s3net kinds` lists the kinds"),
        });
    }
    Ok(())
}

/// Tells where `--replace` asks for what is no replacement.
pub fn note_replacements(prepared: &Prepared, printer: &Printer) {
    let selection = &prepared.plan.selection;
    let nodes = prepared.plan.steps.nodes().map(|(_, step)| step);
    let asked = nodes.filter(|step| selection.replaces(&step.address));
    for PlannedStep {
        address,
        action,
        replace,
        ..
    } in asked
    {
        match (action, replace) {
            (Action::Create, None) => printer.note(&format!(
                "{address} does not exist yet: --replace has nothing to replace, and it is made."
            )),
            (Action::Delete, None) => printer.note(&format!(
                "the file no longer wants {address}: it goes, and --replace makes no other."
            )),
            _ => {}
        }
    }
}
