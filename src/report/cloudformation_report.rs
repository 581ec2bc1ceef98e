//! What an import from CloudFormation has to say: a line for each thing that is
//! not in the plan file as the template has it, and a last one that counts.
//!
//! ```text
//! lab.yaml:42: left out: Queue (AWS::SQS::Queue): s3net has no kind for this type
//! lab.yaml:57: Bucket.DeletionPolicy: kept when its table leaves the file …
//! ```

use serde_json::{Value, json};

use super::json::FORMAT_VERSION;
use crate::cloudformation::{Imported, Note, Weight};
use crate::model::Address;

/// What the import was about, for its document.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// The template's file.
    pub template: &'a str,
    /// The plan file that was written, if one was.
    pub file: Option<&'a str>,
    /// The plan file's text, where it was not written to a file.
    pub text: Option<&'a str>,
    /// Whether the plan file is valid, whatever the values of the variables are
    /// that a run must set first.
    pub valid: bool,
}

/// A note on a line.
#[must_use]
pub fn line(note: &Note) -> String {
    format!("{}:{}: {}", note.file, note.line, note.sentence())
}

/// What came of it, in a sentence.
#[must_use]
pub fn summary(imported: &Imported, about: About<'_>) -> String {
    let of = |weight| {
        imported
            .notes
            .iter()
            .filter(|it| it.weight == weight)
            .count()
    };
    let tables = imported.draft.tables.len();
    let to = about.file.map_or("standard output", |file| file);
    let mut text = format!(
        "{to}: {tables} {} from {}",
        if tables == 1 { "table" } else { "tables" },
        about.template
    );
    let (left, changed) = (of(Weight::Left), of(Weight::Changed));
    match (left, changed) {
        (0, 0) => text.push_str(", all of it."),
        _ => text.push_str(&format!(
            "; {left} left out, {changed} changed. Each has a comment in the file."
        )),
    }
    text
}

/// What came of it, as one document.
#[must_use]
pub fn document(imported: &Imported, about: About<'_>) -> Value {
    let draft = &imported.draft;
    let tables: Vec<&Address> = draft.tables.iter().map(|table| &table.address).collect();
    let variables: Vec<&String> = draft.variables.iter().map(|it| &it.name).collect();
    let notes: Vec<Value> = imported.notes.iter().map(note).collect();
    json!({
        "format_version": FORMAT_VERSION,
        "document": "import_cloudformation",
        "template": about.template,
        "file": about.file,
        "text": about.text,
        "stack": draft.stack.name,
        "region": draft.stack.region,
        "valid": about.valid,
        "tables": tables,
        "variables": variables,
        "notes": notes,
    })
}

fn note(note: &Note) -> Value {
    json!({
        "weight": note.weight.name(),
        "file": note.file,
        "line": note.line,
        "subject": note.subject,
        "text": note.text,
        "table": note.table,
    })
}
