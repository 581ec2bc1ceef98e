//! Names for ids: a plan is read by people, who know `subnet.private-1` and
//! not `subnet-0a1b2c3d4e5f67890`.

use std::collections::{BTreeMap, BTreeSet};

use super::fitting::harmless;
use crate::kind::Type;
use crate::model::{Action, Address, Reference, Value};
use crate::plan::Plan;

/// What a value that only apply will know is shown as.
pub const UNKNOWN: &str = "(known after apply)";
/// What the absence of a value is shown as.
pub const NONE: &str = "(none)";

/// What a plan knows of names and ids.
pub struct Names<'p> {
    /// Whose id it is.
    owners: BTreeMap<&'p str, &'p Address>,
    /// What look-ups found.
    existing: BTreeMap<&'p Address, &'p str>,
    /// Nodes that are made anew, so that their ids change.
    anew: BTreeSet<&'p Address>,
}

impl<'p> Names<'p> {
    /// What a plan knows.
    #[must_use]
    pub fn of(plan: &'p Plan) -> Self {
        let mut names = Self {
            owners: BTreeMap::new(),
            existing: BTreeMap::new(),
            anew: BTreeSet::new(),
        };
        for (address, facts) in plan.facts.iter().filter(|(address, _)| address.existing) {
            if let Some(id) = facts.text("id") {
                names.existing.insert(address, id);
                names.owners.insert(id, address);
            }
        }
        let steps = || plan.steps.nodes().map(|(_, step)| step);
        let serving = steps().filter(|step| !step.goes());
        let serving: BTreeSet<&Address> = serving.map(|step| &step.address).collect();
        for step in steps() {
            if step.action == Action::Create && step.replace.is_some() {
                names.anew.insert(&step.address);
            }
            // What goes while another object has its address keeps its id, to be
            // told from that one.
            let spare = step.goes() && serving.contains(&step.address);
            // A part may share its table's id; the table is meant.
            if let (Some(id), None, false) = (&step.id, &step.address.part, spare) {
                names.owners.insert(id, &step.address);
            }
        }
        for step in plan.left_out.iter().map(|it| &it.step) {
            if let (Some(id), None) = (&step.id, &step.address.part) {
                names.owners.entry(id).or_insert(&step.address);
            }
        }
        names
    }

    /// What is known where nothing is planned: whose ids they are.
    #[must_use]
    pub fn of_ids(ids: &'p BTreeMap<String, Address>) -> Self {
        Self {
            owners: ids.iter().map(|(id, of)| (id.as_str(), of)).collect(),
            existing: BTreeMap::new(),
            anew: BTreeSet::new(),
        }
    }

    /// Whether a node is made anew.
    #[must_use]
    pub fn is_made_anew(&self, address: &Address) -> bool {
        self.anew.contains(address)
    }

    /// The name of a node's attribute: `vpc.main`, `interface_endpoint.s3.dns_name`.
    #[must_use]
    pub fn reference(&self, reference: &Reference) -> String {
        let Reference { target, attribute } = reference;
        if attribute != "id" {
            return format!("{target}.{attribute}");
        }
        if let Some(id) = self.existing.get(target) {
            return format!("{target} ({})", harmless(id));
        }
        if self.anew.contains(target) {
            return format!("{target} (new)");
        }
        target.to_string()
    }

    /// What AWS has in a field, with names for ids where the field's type says
    /// that it holds ids. Ids of what is made anew stay, to be told from new ones.
    #[must_use]
    pub fn named(&self, holds: Option<&Type>, live: &Value) -> Value {
        match (holds, live) {
            (
                Some(Type::Reference {
                    attribute: "id", ..
                }),
                Value::String(id),
            ) => match self.owners.get(id.as_str()) {
                Some(owner) if !self.anew.contains(owner) => {
                    Value::Reference(Reference::id((*owner).clone()))
                }
                _ => live.clone(),
            },
            (Some(Type::List(item) | Type::Set(item)), Value::List(items)) => {
                let items = items.iter().map(|value| self.named(Some(item), value));
                Value::List(items.collect())
            }
            (Some(Type::Map(item)), Value::Map(map)) => Value::Map(
                map.iter()
                    .map(|(key, value)| (key.clone(), self.named(Some(item), value)))
                    .collect(),
            ),
            (Some(Type::Object(fields)), Value::Map(map)) => Value::Map(
                map.iter()
                    .map(|(key, value)| {
                        let field = fields.iter().find(|field| field.name == key);
                        let holds = field.map(|field| &field.holds);
                        (key.clone(), self.named(holds, value))
                    })
                    .collect(),
            ),
            _ => live.clone(),
        }
    }

    /// A value in one line.
    #[must_use]
    pub fn words(&self, value: &Value) -> String {
        match value {
            Value::Null => NONE.to_owned(),
            Value::String(text) if text.is_empty() => "\"\"".to_owned(),
            Value::String(text) => harmless(text),
            Value::List(items) => format!("[{}]", self.items(items).join(", ")),
            Value::Map(map) if map.is_empty() => "{}".to_owned(),
            Value::Map(map) => {
                let entries: Vec<_> = map
                    .iter()
                    .map(|(key, value)| format!("{} = {}", harmless(key), self.words(value)))
                    .collect();
                format!("{{ {} }}", entries.join(", "))
            }
            Value::Reference(reference) => self.reference(reference),
            Value::Template(_) => format!("{} {UNKNOWN}", harmless(&written(value))),
            Value::Unknown => UNKNOWN.to_owned(),
            Value::Bool(_) | Value::Integer(_) => value.to_text().unwrap_or_default(),
        }
    }

    /// The items of a list, a line each.
    #[must_use]
    pub fn items(&self, items: &[Value]) -> Vec<String> {
        items.iter().map(|item| self.words(item)).collect()
    }
}

/// A reference or a text with references, as a plan file writes it.
fn written(value: &Value) -> String {
    let json = value.to_json();
    json.as_str().unwrap_or_default().to_owned()
}

/// What is wanted, in the way that says most: references stay names, texts
/// with references in them are as far as they are known, or as they are written.
#[must_use]
pub fn telling(input: Option<&Value>, preview: &Value) -> Value {
    match (input, preview) {
        (Some(reference @ Value::Reference(_)), _) => reference.clone(),
        (Some(template @ Value::Template(_)), Value::Unknown) => template.clone(),
        (Some(Value::List(inputs)), Value::List(previews)) if inputs.len() == previews.len() => {
            let both = inputs.iter().zip(previews);
            Value::List(both.map(|(i, p)| telling(Some(i), p)).collect())
        }
        (Some(Value::Map(inputs)), Value::Map(previews)) => Value::Map(
            previews
                .iter()
                .map(|(key, preview)| (key.clone(), telling(inputs.get(key), preview)))
                .collect(),
        ),
        _ => preview.clone(),
    }
}

/// As [`telling`], with ids and ARNs for references where they are known, for
/// documents in which they stand as plain text.
#[must_use]
pub fn literal(input: Option<&Value>, preview: &Value) -> Value {
    match (input, preview) {
        (Some(open @ (Value::Reference(_) | Value::Template(_))), Value::Unknown) => {
            Value::String(written(open))
        }
        (Some(Value::List(inputs)), Value::List(previews)) if inputs.len() == previews.len() => {
            let both = inputs.iter().zip(previews);
            Value::List(both.map(|(i, p)| literal(Some(i), p)).collect())
        }
        (Some(Value::Map(inputs)), Value::Map(previews)) => Value::Map(
            previews
                .iter()
                .map(|(key, preview)| (key.clone(), literal(inputs.get(key), preview)))
                .collect(),
        ),
        _ => preview.clone(),
    }
}
