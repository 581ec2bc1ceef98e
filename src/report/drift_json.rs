//! Drift for programs: one document.

use serde_json::{Map, Value, json};

use super::json::FORMAT_VERSION;
use crate::model::secrecy::sealed;
use crate::plan::{Basis, Drift, Drifted, FieldDrift, Happened, Stranger};

/// The drift as one document. Texts that may hold secrets stand as hashes.
#[must_use]
pub fn drift_document(drift: &Drift) -> Value {
    json!({
        "format_version": FORMAT_VERSION,
        "document": "drift",
        "stack": drift.stack,
        "place": drift.place,
        "drift": drift.is_any(),
        "compared": drift.compared,
        "compared_with_file": drift.by_file,
        "objects": drift.objects.iter().map(object).collect::<Vec<_>>(),
        "foreign": drift.foreign.iter().map(stranger).collect::<Vec<_>>(),
        "unfinished": drift.unfinished,
    })
}

fn object(object: &Drifted) -> Value {
    let (happened, was) = match &object.happened {
        Happened::Changed => ("changed", None),
        Happened::Gone => ("gone", None),
        Happened::Appeared => ("appeared", None),
        Happened::Renewed(was) => ("renewed", Some(was)),
    };
    let tags: Map<String, Value> = object
        .tags
        .iter()
        .map(|tag| {
            let both = json!({ "before": tag.before, "after": tag.after });
            (tag.key.clone(), both)
        })
        .collect();
    json!({
        "address": object.address,
        "id": object.id,
        "happened": happened,
        "previous_id": was,
        "counts": object.counts(),
        "compared_with": match object.basis {
            Basis::State => "state",
            Basis::File => "file",
        },
        "fields": object.fields.iter().map(field).collect::<Vec<_>>(),
        "tags": tags,
        "broken": object.broken,
    })
}

fn field(drift: &FieldDrift) -> Value {
    let name = drift.field.as_str();
    json!({
        "field": name,
        "before": sealed(name, &drift.before).to_json(),
        "after": drift.after.as_ref().map(|after| sealed(name, after).to_json()),
        "ignored": drift.ignored,
        "wanted": drift.wanted,
    })
}

fn stranger(stranger: &Stranger) -> Value {
    let what = &stranger.what;
    json!({
        "within": what.within,
        "noun": what.noun,
        "what": what.what,
        "id": stranger.id,
        "likely_owner": what.owner,
    })
}
