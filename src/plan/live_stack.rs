//! The live network seen as a stack: ids turned back into references.
//!
//! A destroy needs to know what uses what, and state may be lost. What AWS says
//! is enough: a field that is declared to refer to a kind holds an id, and that
//! id belongs to a live object. So the same orders serve building and destroying.
//!
//! Objects go by their place in a list, not by address: after a break two of
//! them may claim one address, and each has uses of its own.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use super::compare::dns_name;
use super::outcome::World;
use crate::kind::{Live, Node, Registry, Stack, Type};
use crate::model::{Address, Attributes, Reference, Value};

/// A live object's use of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Use {
    /// The object that is used.
    pub target: usize,
    /// Whether AWS refuses to delete `target` while this use stands.
    pub holds: bool,
}

/// What one live object is to the others.
#[derive(Debug, Default)]
pub(super) struct Ties {
    /// What it uses.
    pub uses: Vec<Use>,
    /// What AWS wants it to be deleted before, though no field shows it.
    pub orders: Vec<(usize, &'static str)>,
    /// The object that it is a part of.
    pub table: Option<usize>,
}

/// Which live object has which value of which attribute.
pub(super) struct Index<'a> {
    /// By kind and attribute, then by value.
    owners: HashMap<(&'static str, &'static str), HashMap<Cow<'a, str>, usize>>,
    by_id: HashMap<&'a str, usize>,
    by_address: HashMap<&'a Address, usize>,
    objects: &'a [(&'a Address, &'a Live)],
}

impl<'a> Index<'a> {
    pub(super) fn new(registry: Registry, objects: &'a [(&'a Address, &'a Live)]) -> Self {
        let mut index = Self {
            owners: HashMap::new(),
            by_id: HashMap::with_capacity(objects.len()),
            by_address: HashMap::with_capacity(objects.len()),
            objects,
        };
        let mut referred = BTreeSet::new();
        for kind in registry.all() {
            for field in kind.fields() {
                referred_attributes(&field.holds, &mut referred);
            }
        }
        let of_kind = |kind: &str| {
            let pairs = referred.iter().filter(|(name, _)| *name == kind);
            pairs.copied().collect::<Vec<_>>()
        };
        let mut attributes: HashMap<&str, Vec<(&'static str, &'static str)>> = HashMap::new();
        // A part may share its table's id; the table is meant.
        let (tables, parts): (Vec<_>, Vec<_>) =
            (0..objects.len()).partition(|place| objects[*place].0.part.is_none());
        for place in tables.into_iter().chain(parts) {
            let (address, object) = objects[place];
            index.by_address.entry(address).or_insert(place);
            if address.part.is_none() {
                index.by_id.insert(&object.id, place);
            }
            let attributes = attributes
                .entry(&address.kind)
                .or_insert_with_key(|kind| of_kind(kind));
            for key in attributes {
                let value = match key.1 {
                    "id" => Some(Cow::Borrowed(object.id.as_str())),
                    _ if address.part.is_some() => None,
                    other => object.attributes.text(other).map(dns_name).map(Cow::Owned),
                };
                if let Some(value) = value {
                    let values = index.owners.entry(*key).or_default();
                    values.entry(value).or_insert(place);
                }
            }
        }
        index
    }

    /// The place of the object of one of these kinds that has this value.
    pub(super) fn owner(
        &self,
        kinds: &'static [&'static str],
        attribute: &'static str,
        text: &str,
    ) -> Option<usize> {
        kinds.iter().find_map(|kind| {
            let values = self.owners.get(&(*kind, attribute))?;
            match attribute {
                "id" => values.get(text),
                _ => values.get(dns_name(text).as_str()),
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

/// The fields of live objects, with references for the ids of each other.
pub(super) fn seen(registry: Registry, objects: &[(&Address, &Live)]) -> Vec<Attributes> {
    let index = Index::new(registry, objects);
    let places = 0..objects.len();
    places
        .map(|place| tied(registry, &index, place).0)
        .collect()
}

/// Sees live objects as a stack: the ties of each. Orders are looked for among
/// those that `goes` says are to go.
pub(super) fn ties(
    world: &World<'_>,
    objects: &[(&Address, &Live)],
    goes: impl Fn(usize) -> bool,
) -> Vec<Ties> {
    let index = Index::new(world.registry, objects);
    let mut stack = Stack {
        name: world.wanted.name.clone(),
        region: world.place.region.clone(),
        ..Stack::default()
    };
    let mut ties = Vec::with_capacity(objects.len());
    let mut going = Vec::new();
    for (place, (address, object)) in objects.iter().enumerate() {
        let (inputs, tied) = tied(world.registry, &index, place);
        ties.push(tied);
        let node = Node {
            inputs,
            tags: object.tags.clone(),
            ..Node::default()
        };
        if goes(place) {
            going.push((place, node.clone()));
        }
        if index.by_address.get(address) == Some(&place) {
            stack.nodes.insert((*address).clone(), node);
        }
    }
    for (place, node) in going {
        if let Some(kind) = world.registry.of(objects[place].0) {
            let orders = kind.orders(&node, &stack).into_iter();
            ties[place].orders = orders
                .filter_map(|order| Some((*index.by_address.get(&order.after)?, order.reason)))
                .collect();
        }
    }
    ties
}

/// An object's fields with references for ids, and what it uses.
fn tied(registry: Registry, index: &Index<'_>, place: usize) -> (Attributes, Ties) {
    let (address, object) = index.objects[place];
    let mut inputs = object.attributes.clone();
    let mut uses = Vec::new();
    for field in registry.of(address).map_or(&[][..], |kind| kind.fields()) {
        if let Some(value) = inputs.0.get_mut(field.name) {
            refer(index, &field.holds, field.loose, value, &mut uses);
        }
    }
    let mut table = None;
    if address.part.is_some() {
        let own = address.table();
        // What it refers to by id is more certain than what its address says.
        table = uses
            .iter()
            .map(|used| used.target)
            .find(|target| *index.objects[*target].0 == own)
            .or_else(|| index.by_address.get(&own).copied());
        uses.extend(table.map(|target| Use {
            target,
            holds: true,
        }));
    }
    uses.retain(|used| used.target != place);
    // Of two uses of one object, the one that holds counts.
    uses.sort_unstable_by_key(|used| (used.target, !used.holds));
    uses.dedup_by_key(|used| used.target);
    let ties = Ties {
        uses,
        orders: Vec::new(),
        table,
    };
    (inputs, ties)
}

/// Turns the ids of live objects inside a value into references to them, and
/// notes the uses. AWS lets go what is used loosely, and what a text merely
/// names (a policy, a DNS name).
fn refer(index: &Index<'_>, holds: &Type, loose: bool, value: &mut Value, found: &mut Vec<Use>) {
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
            if let Some(target) = owner {
                found.push(Use {
                    target,
                    holds: *attribute == "id" && !loose,
                });
                *value = Value::Reference(Reference {
                    target: index.objects[target].0.clone(),
                    attribute: (*attribute).to_owned(),
                });
            }
        }
        (Type::List(item) | Type::Set(item), Value::List(items)) => {
            for value in items {
                refer(index, item, loose, value, found);
            }
        }
        (Type::Map(item), Value::Map(map)) => {
            for value in map.values_mut() {
                refer(index, item, loose, value, found);
            }
        }
        (Type::Object(fields), Value::Map(map)) => {
            for field in *fields {
                if let Some(value) = map.get_mut(field.name) {
                    refer(index, &field.holds, loose || field.loose, value, found);
                }
            }
        }
        (Type::Policy(_), value) => named_in(index, value, found),
        _ => {}
    }
}

/// Finds the live objects whose ids a policy document names, such as an endpoint
/// in `aws:SourceVpce`. The document stays as it is.
fn named_in(index: &Index<'_>, value: &Value, found: &mut Vec<Use>) {
    match value {
        Value::String(text) if text.contains('-') => {
            let owner = index.by_id.get(text.as_str());
            found.extend(owner.map(|target| Use {
                target: *target,
                holds: false,
            }));
        }
        Value::List(items) => items.iter().for_each(|v| named_in(index, v, found)),
        Value::Map(map) => map.values().for_each(|v| named_in(index, v, found)),
        _ => {}
    }
}
