//! From a CloudFormation template to a draft of a plan file.
//!
//! ```text
//!  text ─yaml─► tree ─nesting─► scopes ─┬─ intrinsics, conditions
//!                                       ▼
//!                 types ─► one function for each type ─► tables ─► Draft
//!                                       │
//!                                       └─► notes: what could not be taken over
//! ```
//!
//! Nothing is dropped silently: a property that no function takes, a type that
//! no kind covers, a value that cannot be worked out, each becomes a [`Note`]
//! with its line, and a comment at its place in the file. A resource that lacks
//! what a plan file needs is left out as a whole, and so is what needs it; that
//! is found by taking over again without it, until nothing more falls away.
//!
//! Nothing here reads files or asks AWS: the caller reads nested templates.

mod assembling;
mod endpoints;
mod fitting;
mod groups;
mod identity;
mod intrinsics;
mod machines;
mod nesting;
mod network;
mod node;
mod note;
mod parameters;
mod properties;
mod routing;
mod scope;
mod settling;
mod storage;
mod tables;
mod types;
mod value;
mod variables;
mod yaml;
mod zones;

use std::collections::BTreeMap;
use std::path::Path;

use crate::draft::Draft;
use crate::kind::Registry;
use crate::model::Diagnostic;
use crate::model::diagnostic::did_you_mean;

use node::{Entry, Node};
pub use note::{Note, Weight};

/// Reads the file of a nested template.
///
/// The error is a sentence fragment that says why it cannot be read.
pub type Reader<'a> = dyn Fn(&Path) -> Result<String, String> + 'a;

/// What is asked of an import.
pub struct Request<'a> {
    /// The name of the plan file's stack.
    pub stack: String,
    /// The region that the template is for, if it is known.
    pub region: Option<String>,
    /// Values of the template's parameters that go before their defaults.
    pub parameters: BTreeMap<String, String>,
    /// Reads nested templates.
    pub read: &'a Reader<'a>,
}

/// A template's text and where it stands.
#[derive(Debug, Clone, Copy)]
pub struct Template<'a> {
    /// The file's name, as the user gave it.
    pub file: &'a str,
    /// What is in it.
    pub text: &'a str,
    /// The folder that nested templates are relative to.
    pub folder: &'a Path,
}

/// What became of a template.
#[derive(Debug)]
pub struct Imported {
    /// The plan file.
    pub draft: Draft,
    /// What is to be said, in the order of the templates.
    pub notes: Vec<Note>,
}

/// Why a template is none that can be imported.
#[derive(Debug)]
pub struct Refused {
    /// The file: the template itself, or one that is nested in it.
    pub file: String,
    /// What is in it.
    pub text: String,
    /// What is the matter, and where.
    pub problem: Diagnostic,
}

/// Takes a template over.
///
/// # Errors
/// It cannot be read as a template, or the request does not fit it.
pub fn import(
    template: Template<'_>,
    request: &Request<'_>,
    registry: Registry,
) -> Result<Imported, Box<Refused>> {
    let root = nesting::scope(template.file, template.text, template.folder, None)?;
    let mut world = scope::World::new(request, root);
    for (name, value) in &request.parameters {
        let problem = match world.entry(0, "Parameters", name) {
            None => Some(no_parameter(&world, name)),
            Some(declared) => not_allowed(declared, value),
        };
        if let Some(problem) = problem {
            return Err(Box::new(Refused {
                file: template.file.to_owned(),
                text: String::new(),
                problem,
            }));
        }
    }
    nesting::grow(&mut world)?;
    Ok(assembling::assemble(&mut world, registry))
}

fn no_parameter(world: &scope::World<'_>, name: &str) -> Diagnostic {
    let known = world
        .section(0, "Parameters")
        .iter()
        .map(|it| it.key.as_str());
    let known: Vec<&str> = known.collect();
    let problem = Diagnostic::error(0..0, format!("the template has no parameter `{name}`"));
    match did_you_mean(name, known.iter().copied()) {
        Some(near) => problem.remedy(format!("did you mean `{near}`?")),
        None if known.is_empty() => problem.remedy("it has none: leave --parameter out"),
        None => problem.remedy(format!("it has {}", known.join(", "))),
    }
}

/// Refuses a value that the template does not allow. A secret is not repeated.
fn not_allowed(declared: &Entry, value: &str) -> Option<Diagnostic> {
    let node = &declared.node;
    let allowed: Vec<&str> = node
        .get("AllowedValues")?
        .items()
        .iter()
        .filter_map(Node::text)
        .collect();
    let kind = node.get("Type").and_then(Node::text).unwrap_or_default();
    let parts: Vec<&str> = match parameters::is_list(kind) {
        true => value.split(',').map(str::trim).collect(),
        false => vec![value],
    };
    let wrong = parts.iter().find(|part| !allowed.contains(part))?;
    let name = &declared.key;
    let problem = match parameters::is_hidden(node) {
        true => format!("this is no value that the parameter `{name}` allows"),
        false => format!("`{wrong}` is no value that the parameter `{name}` allows"),
    };
    let problem = Diagnostic::error(0..0, problem);
    Some(match did_you_mean(wrong, allowed.iter().copied()) {
        Some(near) => problem.remedy(format!(
            "did you mean `{near}`? It allows {}",
            allowed.join(", ")
        )),
        None => problem.remedy(format!("it allows {}", allowed.join(", "))),
    })
}

#[cfg(test)]
mod tests;
