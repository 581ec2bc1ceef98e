//! The live network seen as a stack: ids turned back into references.
//!
//! A destroy needs to know what uses what, and state may be lost. What AWS says
//! is enough: a field that is declared to refer to a kind holds an id, and that
//! id belongs to a live node. So the same orders serve building and destroying.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::kind::{Field, Live, Node, Registry, Stack, Type};
use super::compare::dns_name;
use crate::model::{Address, Attributes, Reference, Value};

/// A live node's use of another live node.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Use {
    /// The node that is used.
    pub target: Address,
    /// Whether AWS refuses to delete `target` while this use stands.
    pub holds: bool,
}

/// What the live objects are to each other.
pub(super) struct LiveStack {
    /// The nodes, with references for ids.
    pub stack: Stack,
    /// Who uses whom.
    pub uses: BTreeMap<Address, BTreeSet<Use>>,
}

/// Which live node has which value of which attribute.
struct Index<'a> {
    /// By kind and attribute, then by value.
    owners: BTreeMap<(&'static str, &'static str), HashMap<String, &'a Address>>,
    by_id: HashMap<&'a str, &'a Address>,
}

impl<'a> Index<'a> {
    fn new(registry: Registry, live: &BTreeMap<&'a Address, &'a Live>) -> Self {
        let mut referred = BTreeSet::new();
        for kind in registry.all() {
            for field in kind.fields() {
                referred_attributes(&field.holds, &mut referred);
            }
        }
        let mut owners: BTreeMap<_, HashMap<_, _>> = BTreeMap::new();
        let mut by_id = HashMap::new();
        // A part may share its table's id; the table is meant.
        for (address, object) in live.iter().filter(|(address, _)| address.part.is_none()) {
            by_id.insert(object.id.as_str(), *address);
            for key in referred.iter().filter(|(kind, _)| *kind == address.kind) {
                let value = match key.1 {
                    "id" => Some(object.id.clone()),
                    other => object.attributes.text(other).map(dns_name),
                };
                if let Some(value) = value {
                    owners.entry(*key).or_default().insert(value, *address);
                }
            }
        }
        Self { owners, by_id }
    }

    fn owner(
        &self,
        kinds: &'static [&'static str],
        attribute: &'static str,
        text: &str,
    ) -> Option<&'a Address> {
        kinds.iter().find_map(|kind| {
            let values = self.owners.get(&(*kind, attribute))?;
            match attribute {
                "id" => values.get(text),
                _ => values.get(&dns_name(text)),
            }
            .copied()
        })
    }
}

fn referred_attributes(holds: &Type, found: &mut BTreeSet<(&'static str, &'static str)>) {
    match holds {
        Type::Reference {
            kinds, attribute, ..
        } => found.extend(kinds.iter().map(|kind| (*kind, *attribute))),
        Type::List(item) | Type::Set(item) | Type::Map(item) => referred_attributes(item, found),
        Type::Object(fields) => fields
            .iter()
            .for_each(|field| referred_attributes(&field.holds, found)),
        _ => {}
    }
}

impl LiveStack {
    /// Sees live objects as a stack.
    pub(super) fn new(
        registry: Registry,
        name: &str,
        region: &str,
        live: &BTreeMap<&Address, &Live>,
    ) -> Self {
        let index = Index::new(registry, live);
        let mut seen = Self {
            stack: Stack {
                name: name.to_owned(),
                region: region.to_owned(),
                nodes: BTreeMap::new(),
            },
            uses: BTreeMap::new(),
        };
        for (address, object) in live {
            let mut uses = BTreeSet::new();
            let mut inputs = object.attributes.clone();
            for field in registry.of(address).map_or(&[][..], |kind| kind.fields()) {
                if let Some(value) = inputs.0.get_mut(field.name) {
                    let mut found = Vec::new();
                    refer(&index, &field.holds, value, &mut found);
                    uses.extend(found.into_iter().filter(|t| t != *address).map(|target| {
                        let holds = holds(field);
                        Use { target, holds }
                    }));
                }
            }
            if address.part.is_some() {
                uses.insert(Use {
                    target: address.table(),
                    holds: true,
                });
            }
            seen.uses.insert((*address).clone(), uses);
            let node = Node {
                inputs,
                tags: object.tags.clone(),
                ..Node::default()
            };
            seen.stack.nodes.insert((*address).clone(), node);
        }
        seen
    }
}

/// Whether what a field refers to cannot go while the field refers to it. A
/// text that merely names it (a policy, a DNS name) holds nothing.
fn holds(field: &Field) -> bool {
    let by_id = match &field.holds {
        Type::Reference { attribute, .. } => *attribute == "id",
        Type::Policy(_) => false,
        _ => true,
    };
    by_id && !field.loose
}

/// Turns the ids of live nodes inside a value into references to them.
fn refer(index: &Index<'_>, holds: &Type, value: &mut Value, found: &mut Vec<Address>) {
    match (holds, value) {
        (
            Type::Reference {
                kinds, attribute, ..
            },
            value @ Value::String(_),
        ) => {
            let owner = value
                .as_text()
                .and_then(|text| index.owner(kinds, attribute, text));
            if let Some(owner) = owner {
                found.push(owner.clone());
                *value = Value::Reference(Reference {
                    target: owner.clone(),
                    attribute: (*attribute).to_owned(),
                });
            }
        }
        (Type::List(item) | Type::Set(item), Value::List(items)) => {
            for value in items {
                refer(index, item, value, found);
            }
        }
        (Type::Map(item), Value::Map(map)) => {
            for value in map.values_mut() {
                refer(index, item, value, found);
            }
        }
        (Type::Object(fields), Value::Map(map)) => {
            for field in *fields {
                if let Some(value) = map.get_mut(field.name) {
                    refer(index, &field.holds, value, found);
                }
            }
        }
        (Type::Policy(_), value) => named_in(index, value, found),
        _ => {}
    }
}

/// Finds the live nodes whose ids a policy document names, such as an endpoint
/// in `aws:SourceVpce`. The document stays as it is.
fn named_in(index: &Index<'_>, value: &Value, found: &mut Vec<Address>) {
    match value {
        Value::String(text) if text.contains('-') => {
            found.extend(index.by_id.get(text.as_str()).map(|owner| (*owner).clone()));
        }
        Value::List(items) => items.iter().for_each(|v| named_in(index, v, found)),
        Value::Map(map) => map.values().for_each(|v| named_in(index, v, found)),
        _ => {}
    }
}

/// The attributes of a live object with what the state knows beside them.
pub(super) fn with_memory(live: &Live, remembered: Option<&Attributes>) -> Attributes {
    let mut facts = remembered.cloned().unwrap_or_default();
    facts.0.extend(live.attributes.0.clone());
    facts.set("id", live.id.as_str());
    facts
}
