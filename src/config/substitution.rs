//! References that can be settled once all nodes are there.
//!
//! While a table is read, only what its neighbours *state* is known. Afterwards
//! there is also what the kinds filled in, and it is known which names are
//! tables and which are look-ups.

use std::collections::BTreeMap;

use super::interpolation::joined;
use crate::kind::{Field, Node, Registry, Type};
use crate::model::{Address, Attributes, Piece, Reference, Span, Value};

/// Turns references that kinds made out of a text (`security_group.shared` in a
/// rule) towards the look-up of that name, where the file has no such table.
pub(crate) fn redirect(nodes: &mut BTreeMap<Address, Node>, existing: &BTreeMap<Address, Span>) {
    let mut wrong: Vec<(Address, String, Value)> = Vec::new();
    for (address, node) in nodes.iter() {
        for (name, value) in node.inputs.iter() {
            let redirected = replaced(value, &|reference| {
                let look_up = Address {
                    existing: true,
                    ..reference.target.clone()
                };
                (!nodes.contains_key(&reference.target) && existing.contains_key(&look_up)).then(
                    || {
                        Value::Reference(Reference {
                            target: look_up,
                            attribute: reference.attribute.clone(),
                        })
                    },
                )
            });
            wrong.extend(redirected.map(|value| (address.clone(), name.clone(), value)));
        }
    }
    for (address, name, value) in wrong {
        if let Some(node) = nodes.get_mut(&address) {
            node.inputs.set(&name, value);
        }
    }
}

/// Replaces references to what other nodes' inputs hold already, once every
/// kind has filled in its own: `${role.x.name}` where the role's name is its
/// kind's default. Fields that are references by type stay, since they are
/// what the graph's edges are made of.
pub(crate) fn substitute(nodes: &mut BTreeMap<Address, Node>, registry: Registry) {
    // Each round follows every chain by one step.
    for _ in 0..8 {
        let mut new: Vec<(Address, String, Value)> = Vec::new();
        for (address, node) in nodes.iter() {
            let fields = registry.of(address).map_or(&[][..], |kind| kind.fields());
            for (name, value) in node.inputs.iter() {
                let field = fields.iter().find(|field| field.name == *name);
                if field.is_none_or(|field| refers(&field.holds)) {
                    continue;
                }
                let value = replaced(value, &|reference| input(nodes, reference));
                new.extend(value.map(|value| (address.clone(), name.clone(), value)));
            }
        }
        if new.is_empty() {
            return;
        }
        for (address, name, value) in new {
            if let Some(node) = nodes.get_mut(&address) {
                node.inputs.set(&name, value);
            }
        }
    }
}

/// Whether a type's values are references by themselves.
fn refers(holds: &Type) -> bool {
    match holds {
        Type::Reference { .. } => true,
        Type::List(of) | Type::Set(of) | Type::Map(of) => refers(of),
        Type::Object(fields) => fields.iter().any(|field: &Field| refers(&field.holds)),
        _ => false,
    }
}

fn input(nodes: &BTreeMap<Address, Node>, reference: &Reference) -> Option<Value> {
    let target = nodes.get(&reference.target)?;
    if target.derived.contains(&reference.attribute) {
        // An object that is there may have another.
        return None;
    }
    let value = target.inputs.get(&reference.attribute)?;
    value.to_text().is_some().then(|| value.clone())
}

/// The value with every reference replaced that `with` has something for, or
/// nothing if there is none.
fn replaced(value: &Value, with: &impl Fn(&Reference) -> Option<Value>) -> Option<Value> {
    match value {
        Value::Reference(reference) => with(reference),
        Value::Template(pieces) => {
            let new: Vec<Option<Piece>> = pieces
                .iter()
                .map(|piece| match piece {
                    Piece::Reference(reference) => match with(reference)? {
                        Value::Reference(reference) => Some(Piece::Reference(reference)),
                        value => value.to_text().map(Piece::Text),
                    },
                    Piece::Text(_) | Piece::Account => None,
                })
                .collect();
            merged(pieces, new).map(joined)
        }
        Value::List(items) => {
            let new = items.iter().map(|item| replaced(item, with)).collect();
            merged(items, new).map(Value::List)
        }
        Value::Map(map) => {
            let new: Attributes = map
                .iter()
                .filter_map(|(key, item)| Some((key.clone(), replaced(item, with)?)))
                .collect();
            (!new.0.is_empty()).then(|| {
                let mut map = map.clone();
                map.extend(new.0);
                Value::Map(map)
            })
        }
        _ => None,
    }
}

/// Old things with the new ones in their places, or nothing if none is new.
fn merged<T: Clone>(old: &[T], new: Vec<Option<T>>) -> Option<Vec<T>> {
    new.iter().any(Option::is_some).then(|| {
        let pairs = old.iter().zip(new);
        pairs
            .map(|(old, new)| new.unwrap_or_else(|| old.clone()))
            .collect()
    })
}
