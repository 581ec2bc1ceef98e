//! Parameters of the root template as variables of the plan file.

use super::node::{Holds, Node};
use super::note::{Note, Weight};
use super::scope::World;
use super::value::variables_in;
use crate::draft::{DraftTable, DraftVariable};
use crate::model::Value;

/// The variables that the tables use; what becomes of the other parameters is
/// noted.
pub(super) fn of(
    world: &World<'_>,
    tables: &[DraftTable],
    notes: &mut Vec<Note>,
) -> Vec<DraftVariable> {
    let used: Vec<String> = tables
        .iter()
        .flat_map(|table| {
            table
                .fields
                .iter()
                .flat_map(|(_, value)| variables_in(value))
        })
        .collect();
    let settled = world.settled.borrow();
    let file = world
        .scopes
        .first()
        .map(|it| it.file.clone())
        .unwrap_or_default();
    let mut variables = Vec::new();
    for entry in world.section(0, "Parameters") {
        let (name, declared) = (&entry.key, &entry.node);
        let mut note = |weight, text: String| {
            notes.push(Note {
                weight,
                file: file.clone(),
                line: entry.line,
                subject: format!("Parameters.{name}"),
                text,
                table: None,
            });
        };
        let given = world.given(name);
        if !used.contains(name) {
            match given {
                Some(_) if is_hidden(declared) => {
                    note(
                        Weight::Changed,
                        "its value was settled by the import".to_owned(),
                    );
                }
                Some(value) => {
                    let text = format!("its value was settled by the import: `{value}`");
                    note(Weight::Changed, text);
                }
                None => note(
                    Weight::Word,
                    "nothing that was taken over uses it".to_owned(),
                ),
            }
            continue;
        }
        let mut comments = about(declared);
        if settled.contains(name) {
            let text = "the import has settled some of what depends on it".to_owned();
            comments.push(capital(&text));
            note(Weight::Changed, text);
        }
        if is_hidden(declared) {
            let text = "NoEcho: its value is not written, pass it with --var".to_owned();
            comments.push(text.clone());
            note(Weight::Changed, text);
        }
        let default = match given.filter(|_| !is_hidden(declared)) {
            None => super::value::map([("required", Value::Bool(true))]),
            Some(text) => number(declared, &text).unwrap_or(Value::text(text)),
        };
        variables.push(DraftVariable {
            name: name.clone(),
            default,
            comments,
        });
    }
    variables
}

/// Whether a note is a comment of a variable already.
pub(super) fn has_comment(note: &Note, variables: &[DraftVariable]) -> bool {
    let name = note.subject.strip_prefix("Parameters.");
    name.is_some_and(|name| variables.iter().any(|it| it.name == name))
}

/// Whether a parameter's value is a secret.
fn is_hidden(declared: &Node) -> bool {
    let stated = declared.get("NoEcho").and_then(Node::text);
    stated.is_some_and(|text| text.eq_ignore_ascii_case("true"))
}

fn number(declared: &Node, text: &str) -> Option<Value> {
    let kind = declared.get("Type").and_then(Node::text);
    (kind == Some("Number")).then(|| text.parse().ok().map(Value::Integer))?
}

/// What the template says of a parameter, as comments.
fn about(declared: &Node) -> Vec<String> {
    let mut lines = Vec::new();
    for entry in declared.entries() {
        let text = match &entry.node.holds {
            Holds::Text(text) => text.clone(),
            Holds::List(items) => {
                let items: Vec<&str> = items.iter().filter_map(Node::text).collect();
                items.join(", ")
            }
            _ => continue,
        };
        let line = match entry.key.as_str() {
            "Description" => text,
            "AllowedValues" => format!("One of {text}"),
            "Type" | "Default" | "NoEcho" => continue,
            other => format!("{other}: {text}"),
        };
        lines.extend(super::assembling::wrapped(&line, "  "));
    }
    lines
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|it| it.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}
