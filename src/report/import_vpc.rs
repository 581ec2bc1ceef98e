//! What an import of a VPC has written, and what it has left out.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::json::FORMAT_VERSION;
use crate::takeover::Drafted;

/// The import as one document.
#[must_use]
pub fn document(vpc: &str, file: &str, drafted: &Drafted) -> Value {
    let draft = &drafted.draft;
    let tables = draft.tables.iter().map(|table| {
        let import = draft.imports.iter().find(|(to, _)| *to == table.address);
        json!({ "address": table.address, "id": import.map(|(_, id)| id) })
    });
    let look_ups = draft.existing.iter();
    let look_ups = look_ups.map(|it| json!({ "address": it.address, "id": it.query.id }));
    json!({
        "format_version": FORMAT_VERSION,
        "document": "import",
        "vpc": vpc,
        "file": file,
        "stack": draft.stack.name,
        "region": draft.stack.region,
        "account": draft.stack.account,
        "tables": tables.collect::<Vec<_>>(),
        "look_ups": look_ups.collect::<Vec<_>>(),
        "left_out": drafted.left_out,
    })
}

/// The import in words.
#[must_use]
pub fn text(file: &str, drafted: &Drafted) -> String {
    let draft = &drafted.draft;
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for table in &draft.tables {
        *counts.entry(&table.address.kind).or_default() += 1;
    }
    let counts: Vec<String> = counts
        .iter()
        .map(|(kind, count)| format!("{count} {kind}"))
        .collect();
    let number = draft.tables.len();
    let tables = if number == 1 { "table" } else { "tables" };
    let mut text = format!(
        "Wrote {file}, stack {}, {number} {tables}: {}.",
        draft.stack.name,
        counts.join(", ")
    );
    if !drafted.left_out.is_empty() {
        text.push_str("\n\nNot in it, and left as it is:");
        for what in &drafted.left_out {
            text.push_str("\n  - ");
            text.push_str(what);
        }
    }
    text.push('\n');
    text
}
