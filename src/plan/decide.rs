//! Decides what becomes of each node.
//!
//! Wanted nodes are taken in an order in which each comes after what it refers
//! to, so that by its turn it is known which of those stay (their ids are
//! facts), and which will be new (their ids are unknown until apply).

use std::collections::{BTreeMap, BTreeSet};

use super::compare::same;
use super::live_stack::with_memory;
use super::outcome::{Difference, PlanError, Reason, World};
use crate::graph::{Dag, Step};
use crate::kind::{Kind, Lifecycle, Live, Node, OnChange};
use crate::model::tags::TagChange;
use crate::model::{Address, Attributes, Reference, Tags, Value};

/// What becomes of a wanted node.
pub(super) enum Fate {
    /// It is as wanted.
    Keep,
    /// It does not exist.
    Create,
    /// It can be changed in place.
    Update,
    /// It must be made anew, for this reason.
    Replace(String),
}

/// A wanted node and what becomes of it.
pub(super) struct Decision<'a> {
    pub address: Address,
    pub node: &'a Node,
    pub fate: Fate,
    pub live: Option<&'a Live>,
    pub preview: Attributes,
    pub differences: Vec<Difference>,
    pub tag_change: TagChange,
}

/// All decisions, and what was learnt on the way.
pub(super) struct Decided<'a> {
    /// The wanted nodes' graph; edges run from what is needed to who needs it.
    pub wanted: Dag<Decision<'a>, Reason>,
    /// Live objects that nobody wants.
    pub unwanted: Vec<&'a Live>,
    /// What is known before the first step.
    pub facts: BTreeMap<Address, Attributes>,
    /// The live address of each object, where it differs from the wanted one.
    pub renamed: BTreeMap<Address, Address>,
}

pub(super) fn decide<'a>(world: &World<'a>) -> Result<Decided<'a>, Vec<PlanError>> {
    let (mut by_address, mut unwanted) = sort_live(world.live);
    let mut facts: BTreeMap<Address, Attributes> = world
        .existing
        .iter()
        .map(|(address, live)| (address.clone(), with_memory(live, None)))
        .collect();
    if world.destroy {
        unwanted.extend(by_address.into_values());
        return Ok(Decided {
            wanted: Dag::new(),
            unwanted,
            facts,
            renamed: BTreeMap::new(),
        });
    }

    let (order, edges) = ordered(world)?;
    let wanted_addresses: BTreeSet<&Address> = world.wanted.nodes.keys().collect();
    let mut renamed = BTreeMap::new();
    let mut wanted = Dag::new();
    let mut places: BTreeMap<&Address, Step> = BTreeMap::new();
    for address in order {
        let node = &world.wanted.nodes[address];
        let Some(kind) = world.registry.of(address) else {
            return Err(vec![PlanError::Unusable(format!(
                "no kind is known for {address}"
            ))]);
        };
        let known = |reference: &Reference| {
            facts
                .get(&reference.target)
                .and_then(|known| known.get(&reference.attribute))
                .filter(|value| !value.has_unknown())
                .cloned()
        };
        let preview = node.inputs.resolve(Some(&world.place.account), &known);
        let live = match by_address.remove(address) {
            Some(live) => Some(live),
            None => {
                let twin = by_address.iter().find(|(candidate, live)| {
                    !wanted_addresses.contains(*candidate)
                        && candidate.kind == address.kind
                        && candidate.label() == address.label()
                        && live.broken.is_none()
                        && kind.pairs_with(&preview, &live.attributes)
                });
                let twin = twin.map(|(candidate, _)| candidate.clone());
                twin.and_then(|candidate| {
                    renamed.insert(candidate.clone(), address.clone());
                    by_address.remove(&candidate)
                })
            }
        };
        let decision = judge(world, kind, address, node, preview, live);
        facts.insert(address.clone(), facts_after(world, kind, &decision));
        places.insert(address, wanted.add(decision));
    }
    for (before, after, reason) in edges {
        if let (Some(before), Some(after)) = (places.get(before), places.get(after)) {
            wanted.before(*before, *after, reason);
        }
    }
    unwanted.extend(by_address.into_values());
    Ok(Decided {
        wanted,
        unwanted,
        facts,
        renamed,
    })
}

/// One live object per address. Where several claim one (an interrupted run of
/// old), a sound one is taken and the others are not wanted.
fn sort_live(live: &[Live]) -> (BTreeMap<Address, &Live>, Vec<&Live>) {
    let mut by_address: BTreeMap<Address, &Live> = BTreeMap::new();
    let mut surplus = Vec::new();
    for object in live {
        let Some(address) = &object.address else {
            continue;
        };
        match by_address.get(address) {
            None => {
                by_address.insert(address.clone(), object);
            }
            Some(first) if first.broken.is_some() && object.broken.is_none() => {
                surplus.push(*first);
                by_address.insert(address.clone(), object);
            }
            Some(_) => surplus.push(object),
        }
    }
    (by_address, surplus)
}

type Edge<'w> = (&'w Address, &'w Address, Reason);

/// The wanted nodes, each after what it needs, and why.
fn ordered<'a>(world: &World<'a>) -> Result<(Vec<&'a Address>, Vec<Edge<'a>>), Vec<PlanError>> {
    let nodes = &world.wanted.nodes;
    let mut dag: Dag<&Address, Reason> = Dag::new();
    let places: BTreeMap<&Address, Step> = nodes.keys().map(|a| (a, dag.add(a))).collect();
    for (address, node) in nodes {
        let after = places[address];
        for (field, value) in node.inputs.iter() {
            value.each_reference(&mut |reference| {
                if let Some(before) = places.get(&reference.target) {
                    dag.before(*before, after, Reason(field.clone().into()));
                }
            });
        }
        if let Some(kind) = world.registry.of(address) {
            for order in kind.orders(node, world.wanted) {
                if let Some(before) = places.get(&order.after) {
                    dag.before(*before, after, Reason(order.reason.into()));
                }
            }
        }
    }
    let order = dag.order().map_err(|circle| {
        vec![PlanError::Circle {
            circle: circle.0.iter().map(|s| (*dag.node(*s)).clone()).collect(),
        }]
    })?;
    let order = order.into_iter().map(|step| *dag.node(step)).collect();
    let edges = dag
        .edges()
        .map(|(before, after, reason)| (*dag.node(before), *dag.node(after), reason.clone()))
        .collect();
    Ok((order, edges))
}

fn judge<'a>(
    world: &World<'_>,
    kind: &dyn Kind,
    address: &Address,
    node: &'a Node,
    preview: Attributes,
    live: Option<&'a Live>,
) -> Decision<'a> {
    let mut decision = Decision {
        address: address.clone(),
        node,
        fate: Fate::Create,
        live,
        preview,
        differences: Vec::new(),
        tag_change: TagChange::default(),
    };
    let Some(live) = live else { return decision };
    decision.differences = differences(kind, &node.lifecycle, &decision.preview, &live.attributes);
    if kind.about().tagged {
        let nothing = Tags::new();
        let ours = world
            .remembered
            .nodes
            .get(address)
            .map_or(&nothing, |remembered| &remembered.tags);
        decision.tag_change = TagChange::between(&live.tags, &node.tags, ours);
    }
    let forced = decision.differences.iter().find_map(|d| d.replaces);
    decision.fate = if let Some(reason) = &live.broken {
        Fate::Replace(reason.clone())
    } else if let Some(reason) = forced {
        Fate::Replace(reason.to_owned())
    } else if decision.differences.is_empty() && decision.tag_change.is_empty() {
        Fate::Keep
    } else {
        Fate::Update
    };
    decision
}

fn differences(
    kind: &dyn Kind,
    lifecycle: &Lifecycle,
    wanted: &Attributes,
    live: &Attributes,
) -> Vec<Difference> {
    let fields = kind.fields().iter();
    fields
        .filter(|field| !field.expanded && !lifecycle.ignore.iter().any(|n| n == field.name))
        .filter_map(|field| {
            let after = wanted.get(field.name)?;
            let before = live.get(field.name);
            if same(&field.holds, after, before.unwrap_or(&Value::Null)) {
                return None;
            }
            Some(Difference {
                field: field.name.to_owned(),
                before: before.cloned(),
                after: after.clone(),
                replaces: match field.on_change {
                    OnChange::Update => None,
                    OnChange::Replace(reason) => Some(reason),
                },
            })
        })
        .collect()
}

/// What others may know of a node once it has met its fate, as far as that is
/// certain now.
fn facts_after(world: &World<'_>, kind: &dyn Kind, decision: &Decision<'_>) -> Attributes {
    let mut facts = match (&decision.fate, decision.live) {
        (Fate::Keep | Fate::Update, Some(live)) => {
            let remembered = world.remembered.nodes.get(&decision.address);
            let remembered = remembered.filter(|remembered| remembered.id == live.id);
            with_memory(live, remembered.map(|remembered| &remembered.attributes))
        }
        _ => kind.predict(&decision.preview, world.place),
    };
    facts.0.extend(decision.preview.0.clone());
    facts
}
