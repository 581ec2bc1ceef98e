//! What a refresh writes into the state, beneath the drift that it takes in.

use serde_json::{Value, json};

use super::drift_json::drift_document;
use super::drift_text::drift as drift_text;
use super::fitting::wrapped;
use super::json::FORMAT_VERSION;
use super::style::Style;
use crate::kind::Registry;
use crate::plan::{Drift, Learned};
use crate::state::Snapshot;

/// The drift, and what becomes of the state.
#[must_use]
pub fn refresh(
    drift: &Drift,
    learned: &Learned,
    registry: Registry,
    style: Style,
    full: bool,
) -> String {
    let mut text = drift_text(drift, registry, style, full);
    for line in wrapped(&end(drift, learned), style.width) {
        text.push_str(&line);
        text.push('\n');
    }
    text
}

/// `State: 2 to remember as they live, 1 to forget. Nothing on AWS changes.`
fn end(drift: &Drift, learned: &Learned) -> String {
    if learned.is_empty() {
        let others = match drift.is_any() {
            true => ": what differs is not its own",
            false => "",
        };
        return format!("State: nothing to write{others}.");
    }
    let remembered = match learned.remembered.len() {
        1 => "1 to remember as it lives".to_owned(),
        many => format!("{many} to remember as they live"),
    };
    let forgotten = learned.forgotten.len();
    format!("State: {remembered}, {forgotten} to forget. Nothing on AWS changes.")
}

/// The same as one document: the drift's, and what becomes of the state.
#[must_use]
pub fn refresh_document(drift: &Drift, learned: &Learned) -> Value {
    let mut document = drift_document(drift);
    document["document"] = "refresh".into();
    document["remember"] = json!(learned.remembered);
    document["forget"] = json!(learned.forgotten);
    document
}

/// What was written, as one document.
#[must_use]
pub fn refreshed_document(snapshot: &Snapshot, written: bool) -> Value {
    json!({
        "format_version": FORMAT_VERSION,
        "document": "refreshed",
        "stack": snapshot.stack,
        "place": snapshot.place,
        "written": written,
        "serial": snapshot.serial,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Address;

    #[test]
    fn the_end_counts_what_is_written() {
        let mut learned = Learned {
            remembered: [Address::new("vpc", "main")].into(),
            forgotten: [].into(),
        };
        let drift = Drift {
            stack: "lab".into(),
            place: crate::model::Place::default(),
            compared: 1,
            by_file: 0,
            objects: Vec::new(),
            foreign: Vec::new(),
            unfinished: [].into(),
            names: [].into(),
        };
        assert_eq!(
            end(&drift, &learned),
            "State: 1 to remember as it lives, 0 to forget. Nothing on AWS changes."
        );
        learned.remembered.clear();
        assert_eq!(end(&drift, &learned), "State: nothing to write.");
    }
}
