//! Parameters of the root template, and secrets of nested ones, as variables of the
//! plan file.

use super::node::{Holds, Node};
use super::note::{Note, Weight};
use super::parameters::is_hidden;
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
    let settled = world.settled.borrow().clone();
    let mut variables = Vec::new();
    let root = world.section(0, "Parameters").iter();
    let root = root.map(|entry| (0, entry, entry.key.clone()));
    for (scope, entry, name) in root.chain(world.secrets()) {
        let declared = &entry.node;
        let mut note = |weight, text: String| {
            let file = world.scopes.get(scope).map(|it| it.file.clone());
            notes.push(Note {
                weight,
                file: file.unwrap_or_default(),
                line: entry.line,
                subject: format!("Parameters.{}", entry.key),
                text,
                table: None,
            });
        };
        let (is_used, is_settled) = (used.contains(&name), settled.contains(&name));
        if !is_used {
            match world.given(&name) {
                // What a nested template gets and does not use is the outer one's matter.
                _ if scope > 0 && !is_settled => {}
                Some(_) if is_hidden(declared) && is_settled => {
                    let text = "NoEcho: the import has looked at its value to decide conditions";
                    note(Weight::Changed, text.to_owned());
                }
                Some(value) if !is_hidden(declared) => {
                    let text = format!("its value was settled by the import: `{value}`");
                    note(Weight::Changed, text);
                }
                _ => note(
                    Weight::Word,
                    "nothing that was taken over uses it".to_owned(),
                ),
            }
            continue;
        }
        let mut comments = about(declared);
        if is_settled {
            let text = "the import has settled some of what depends on it".to_owned();
            comments.push(capital(&text));
            note(Weight::Changed, text);
        }
        if is_hidden(declared) {
            let text = match scope {
                0 => "NoEcho: its value is not written, pass it with --var".to_owned(),
                _ => format!("NoEcho: its value is not written, pass it with --var {name}=…"),
            };
            comments.push(text.clone());
            note(Weight::Changed, text);
        }
        let given = world.given(&name).filter(|_| !is_hidden(declared));
        let default = match given {
            None => super::value::map([("required", Value::Bool(true))]),
            Some(text) => number(declared, &text).unwrap_or(Value::text(text)),
        };
        variables.push(DraftVariable {
            name,
            default,
            comments,
        });
    }
    variables
}

/// Whether a note is a comment of a variable already.
pub(super) fn has_comment(note: &Note, variables: &[DraftVariable]) -> bool {
    let said = |it: &DraftVariable| {
        let comments = it.comments.iter();
        comments
            .map(|line| line.as_str())
            .any(|line| line == note.text || line == capital(&note.text))
    };
    note.subject.starts_with("Parameters.") && variables.iter().any(said)
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
