//! The state in words and as JSON: a list of its nodes, or one of them in full.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use super::facts::shortened;
use super::fitting::{columns, harmless, padded};
use super::json::FORMAT_VERSION;
use super::listing::Ranks;
use super::style::{Ink, Style};
use crate::kind::Registry;
use crate::model::Address;
use crate::model::secrecy::{is_secret, sealed};
use crate::state::{Held, Remembered, Snapshot};

/// Addresses up to so many columns have the ids in one column.
const COMMON: usize = 48;

/// Every node with its id, a line each, in reading order.
#[must_use]
pub fn list(snapshot: &Snapshot, registry: Registry, style: Style) -> String {
    let ranks = Ranks::new(registry);
    let mut nodes: Vec<(&Address, &Remembered)> = snapshot.nodes.iter().collect();
    nodes.sort_by_cached_key(|(address, _)| ranks.place(address));
    let widths = nodes.iter().map(|(a, _)| columns(&a.to_string()));
    let width = widths.filter(|width| *width <= COMMON).max().unwrap_or(0);
    let mut text = String::new();
    for (address, node) in nodes {
        let name = padded(&harmless(&address.to_string()), width);
        let id = style.paint(Ink::Faint, &harmless(&node.id));
        let mark = if node.unsettled {
            "  (not at rest)"
        } else {
            ""
        };
        let _ = writeln!(text, "{name}  {id}{mark}");
    }
    text
}

/// One node in full.
#[must_use]
pub fn node(address: &Address, node: &Remembered, style: Style) -> String {
    let id = style.paint(Ink::Faint, &harmless(&node.id));
    let name = style.paint(Ink::Strong, &address.to_string());
    let mut text = format!("{name}  {id}\n");
    if node.unsettled {
        text.push_str("  made or changed, and not yet brought to rest\n");
    }
    if let Some(made) = node.made {
        let _ = writeln!(text, "  made {}", made.strftime("%Y-%m-%dT%H:%M:%SZ"));
    }
    for (is, what) in [
        (node.prevent_destroy, "its destruction is prevented"),
        (
            node.forget_on_remove,
            "it is left to itself when its table goes",
        ),
    ] {
        if is {
            let _ = writeln!(text, "  {what}");
        }
    }
    let known: Vec<(&String, String)> = node
        .attributes
        .iter()
        .map(|(name, value)| match sealed(name, value) {
            crate::model::Value::String(hash) if is_secret(name) => (name, shortened(name, hash)),
            shown => (name, written(&shown.to_json())),
        })
        .collect();
    pairs(&mut text, "", &known);
    let tags = node.tags.iter();
    let tags: Vec<_> = tags
        .map(|(key, value)| (key, written(&value.as_str().into())))
        .collect();
    pairs(&mut text, "tags written by s3net", &tags);
    text
}

fn pairs(text: &mut String, title: &str, pairs: &[(&String, String)]) {
    if pairs.is_empty() {
        return;
    }
    text.push('\n');
    if !title.is_empty() {
        let _ = writeln!(text, "  {title}");
    }
    let widths = pairs.iter().map(|(name, _)| columns(name));
    let width = widths.filter(|width| *width <= COMMON).max().unwrap_or(0);
    let indent = if title.is_empty() { 2 } else { 4 };
    for (name, value) in pairs {
        let name = padded(&harmless(name), width);
        let start = " ".repeat(indent);
        let lines: Vec<&str> = value.lines().collect();
        let _ = writeln!(
            text,
            "{start}{name} = {}",
            lines.join(&format!("\n{start}"))
        );
    }
}

/// A value as a user can copy it.
fn written(value: &Value) -> String {
    match value {
        Value::Object(_) => serde_json::to_string_pretty(value).unwrap_or_default(),
        other => harmless(&other.to_string()),
    }
}

/// The list of all nodes as one document.
#[must_use]
pub fn list_document(snapshot: &Snapshot, interrupted: bool) -> Value {
    let nodes: Vec<_> = snapshot
        .nodes
        .iter()
        .map(|(address, node)| {
            json!({ "address": address, "id": node.id, "unsettled": node.unsettled })
        })
        .collect();
    json!({
        "format_version": FORMAT_VERSION,
        "document": "state",
        "stack": snapshot.stack,
        "place": snapshot.place,
        "lineage": snapshot.lineage,
        "serial": snapshot.serial,
        "interrupted": interrupted,
        "nodes": nodes,
    })
}

/// What became of a stack's lock, as one document: who held it, if anybody did, and
/// whether it is broken.
#[must_use]
pub fn unlock_document(stack: &str, held: Option<&Held>, broken: bool) -> Value {
    json!({
        "format_version": FORMAT_VERSION,
        "document": "unlock",
        "stack": stack,
        "held_by": held,
        "broken": broken,
    })
}

/// One node as one document.
#[must_use]
pub fn node_document(address: &Address, node: &Remembered) -> Value {
    let known: Map<String, Value> = node
        .attributes
        .iter()
        .map(|(name, value)| (name.clone(), sealed(name, value).to_json()))
        .collect();
    json!({
        "format_version": FORMAT_VERSION,
        "document": "state_node",
        "address": address,
        "id": node.id,
        "attributes": known,
        "tags": node.tags,
        "unsettled": node.unsettled,
        "made": node.made,
        "prevent_destroy": node.prevent_destroy,
        "forget_on_remove": node.forget_on_remove,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Attributes, Tags};
    use crate::report::samples::{address, document, registry};

    fn snapshot() -> Snapshot {
        let mut snapshot = Snapshot::new("lab");
        for (at, id) in [
            ("subnet.private-10", "subnet-10"),
            ("subnet.private-2", "subnet-2"),
            ("vpc.main", "vpc-1"),
            ("route_table.a/route:0.0.0.0/0", "rtb-1:0.0.0.0/0"),
        ] {
            let node = Remembered {
                id: id.into(),
                ..Remembered::default()
            };
            snapshot.nodes.insert(address(at), node);
        }
        let two = snapshot
            .nodes
            .get_mut(&address("subnet.private-2"))
            .unwrap();
        two.unsettled = true;
        snapshot
    }

    #[test]
    fn nodes_are_listed_as_people_count() {
        insta::assert_snapshot!(list(&snapshot(), registry(), Style::PLAIN));
    }

    #[test]
    fn a_node_is_shown_without_its_secrets() {
        let remembered = Remembered {
            id: "i-1".into(),
            attributes: Attributes::new()
                .with("type", "t3.micro")
                .with("user_data", "password=hunter2")
                .with(
                    "policy",
                    document(r#"{"Version":"2012-10-17","Statement":[]}"#),
                ),
            tags: Tags::from([("s3net:stack".into(), "lab".into())]),
            prevent_destroy: true,
            made: Some("2026-11-22T02:00:00Z".parse().unwrap()),
            ..Remembered::default()
        };
        let at = address("instance.one");
        let text = node(&at, &remembered, Style::PLAIN);
        let json = node_document(&at, &remembered).to_string();
        assert!(!text.contains("hunter2") && !json.contains("hunter2"));
        assert!(json.contains("sha256:"), "{json}");
        insta::assert_snapshot!(text);
    }
}
