//! What a plan file alone says, for programs: valid or not, and each problem at
//! its place.

use serde_json::{Value, json};

use super::json::FORMAT_VERSION;
use crate::config::{Loaded, Source};
use crate::model::Diagnostic;

/// What became of a file, as one document.
#[must_use]
pub fn document(loaded: &Loaded) -> Value {
    let stack = loaded.desired.as_ref().map(|desired| &desired.stack);
    let tables = stack.map(|stack| stack.nodes.keys().filter(|a| a.part.is_none()).count());
    let problems = loaded.diagnostics.iter();
    json!({
        "format_version": FORMAT_VERSION,
        "document": "validation",
        "file": loaded.source.name,
        "valid": !loaded.diagnostics.iter().any(Diagnostic::is_error),
        "stack": stack.map(|stack| &stack.name),
        "resources": tables,
        "nodes": stack.map(|stack| stack.nodes.len()),
        "expectations": loaded.desired.as_ref().map(|desired| desired.expectations.len()),
        "problems": problems.map(|it| problem(&loaded.source, it)).collect::<Vec<_>>(),
    })
}

fn problem(source: &Source, problem: &Diagnostic) -> Value {
    let main = problem.labels.first();
    let place = main.and_then(|label| place(&source.text, label.span.start));
    let text = main.and_then(|label| source.text.get(label.span.clone()));
    json!({
        "severity": problem.severity,
        "problem": problem.problem,
        "cause": problem.cause,
        "remedy": problem.remedy,
        "line": place.map(|(line, _)| line),
        "column": place.map(|(_, column)| column),
        "text": text,
    })
}

/// Line and column of a byte, both from 1; columns count characters.
fn place(text: &str, byte: usize) -> Option<(usize, usize)> {
    let before = text.get(..byte)?;
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    let column = before.get(start..)?.chars().count() + 1;
    Some((line, column))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_counted_as_editors_do() {
        let text = "a\nä = é?\n";
        assert_eq!(place(text, 0), Some((1, 1)));
        let mark = text.find('?').unwrap();
        assert_eq!(place(text, mark), Some((2, 6)));
        assert_eq!(place(text, text.len()), Some((3, 1)));
        assert_eq!(place(text, 99), None);
    }
}
