//! Decides what becomes of each node.
//!
//! Wanted nodes are taken in an order in which each comes after what it refers
//! to, so that by its turn it is known which of those stay (their ids are
//! facts), and which will be new (their ids are unknown until apply).

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};

use super::adoption::Adopting;
use super::compare::same;
use super::found::Found;
use super::lifetime::{Lifetime, lifetime, with_end};
use super::naming::{tag_change, tags_if_it_stays};
use super::outcome::{Difference, PlanError, Reason, World};
use super::selection::made_anew_if_asked;
use crate::graph::{Dag, Step};
use crate::kind::{Kind, Live, Node, OnChange};
use crate::model::tags::TagChange;
use crate::model::{Address, Attributes, Reference, Tags, Value};
use crate::state::Remembered;

const WITH_ITS_TABLE: &str = "it goes with what it is a part of";
/// The difference of an object that a run left before it was at rest.
const READY: &str = "ready";

/// What becomes of a wanted node.
#[derive(PartialEq, Eq)]
pub(super) enum Fate {
    /// It is as wanted.
    Keep,
    /// It does not exist.
    Create,
    /// It is not ours yet, and becomes ours; it may change in place as well.
    Adopt,
    /// It can be changed in place.
    Update,
    /// It must be made anew, for this reason.
    Replace(String),
}

/// A wanted node and what becomes of it.
pub(super) struct Decision<'a> {
    pub address: &'a Address,
    pub node: &'a Node,
    pub fate: Fate,
    pub live: Option<&'a Live>,
    /// What is wanted, with references.
    pub inputs: Attributes,
    /// What is wanted, as far as it is known.
    pub preview: Attributes,
    pub differences: Vec<Difference>,
    /// Every tag that it is to carry.
    pub tags: Tags,
    pub tag_change: TagChange,
}

/// All decisions, and what was learnt on the way.
pub(super) struct Decided<'a> {
    /// The wanted nodes, each after what it needs.
    pub wanted: Vec<Decision<'a>>,
    /// What is needed, who needs it (by place in `wanted`), and why.
    pub edges: Vec<(usize, usize, Reason)>,
    /// Live objects that nobody wants.
    pub unwanted: Vec<&'a Live>,
    /// Live objects at an address where another one was found fitter.
    pub spare: Vec<&'a Live>,
    /// What is known before the first step.
    pub facts: BTreeMap<Address, Attributes>,
    /// What becomes of the stack's lifetime.
    pub lifetime: Option<Lifetime>,
}

pub(super) fn decide<'a>(world: &World<'a>) -> Result<Decided<'a>, Vec<PlanError>> {
    let adopting = Adopting::new(world)?;
    let mut errors = Vec::new();
    let mut found = Found::new(world);
    let lifetime = lifetime(world);
    let end = lifetime.as_ref().and_then(Lifetime::tag);
    let existing: HashMap<&Address, Attributes> = world
        .existing
        .iter()
        .map(|(address, live)| (address, with_memory(live, None)))
        .collect();
    let (order, edges) = match world.destroy {
        true => (Vec::new(), Vec::new()),
        false => ordered(world)?,
    };
    let mut turns: HashMap<&Address, usize> = HashMap::with_capacity(order.len());
    let mut facts: Vec<Attributes> = Vec::with_capacity(order.len());
    let mut wanted: Vec<Decision<'_>> = Vec::with_capacity(order.len());
    let mut spare = Vec::new();
    let mut unheard: Vec<(usize, &str)> = Vec::new();
    let mut made_anew: HashSet<&Address> = HashSet::new();
    for address in order {
        let node = &world.wanted.nodes[address];
        let Some(kind) = world.registry.of(address) else {
            return Err(vec![PlanError::Unusable(format!(
                "no kind is known for {address}"
            ))]);
        };
        let known = |reference: &Reference| {
            turns
                .get(&reference.target)
                .map(|turn| &facts[*turn])
                .or_else(|| existing.get(&reference.target))
                .and_then(|known| known.get(&reference.attribute))
                .filter(|value| !value.has_unknown())
                .cloned()
        };
        let preview = node.inputs.resolve(Some(&world.place.account), &known);
        node.inputs.each_reference(&mut |reference| {
            if let (Some(turn), None) = (turns.get(&reference.target), known(reference)) {
                unheard.push((*turn, &reference.attribute));
            }
        });
        let live = match found.claiming(address) {
            claims if claims.is_empty() => found.suiting(address, kind, &preview, world.place),
            claims if claims.len() == 1 => claims.first().copied(),
            claims => {
                let rank = |live: &&Live| fitness(world, kind, address, node, &preview, live);
                // Of equals, the first that was read.
                let fittest = claims.iter().copied().rev().max_by_key(rank);
                let others = claims.into_iter();
                spare.extend(others.filter(|o| fittest.is_none_or(|f| !std::ptr::eq(*o, f))));
                fittest
            }
        };
        let tags = with_end(&node.tags, kind.about().tagged, end.as_ref());
        let mut decision = judge(world, kind, (address, node), preview, tags, live);
        if address.part.is_some()
            && live.is_some()
            && made_anew.contains(&address.table())
            && !moves_with_table(&decision)
        {
            decision.fate = Fate::Replace(WITH_ITS_TABLE.to_owned());
        }
        made_anew_if_asked(world, &mut decision);
        errors.extend(adopting.turn(world, kind, &mut decision).err());
        if matches!(decision.fate, Fate::Replace(_)) {
            made_anew.insert(address);
        }
        leave_alone(world, &mut decision);
        turns.insert(address, facts.len());
        facts.push(facts_after(world, kind, &decision));
        wanted.push(decision);
    }
    let unwanted = found.rest();
    errors.extend(adopting.refuse_losses(&unwanted));
    if !errors.is_empty() {
        return Err(errors);
    }
    for (turn, output) in unheard {
        ask_again(world, &mut wanted[turn], output);
    }
    let named = wanted.iter().map(|decision| decision.address);
    let facts = named.zip(facts).chain(existing);
    let facts = facts.map(|(a, known)| (a.clone(), known)).collect();
    Ok(Decided {
        wanted,
        edges,
        unwanted,
        spare,
        facts,
        lifetime,
    })
}

type Edge = (usize, usize, Reason);

/// The wanted nodes, each after what it needs, and why.
fn ordered<'a>(world: &World<'a>) -> Result<(Vec<&'a Address>, Vec<Edge>), Vec<PlanError>> {
    let nodes = &world.wanted.nodes;
    let mut dag: Dag<&Address, Reason> = Dag::new();
    let places: HashMap<&Address, Step> = nodes.keys().map(|a| (a, dag.add(a))).collect();
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
    let mut turn = vec![0; order.len()];
    for (number, step) in order.iter().enumerate() {
        turn[step.index()] = number;
    }
    let order = order.into_iter().map(|step| *dag.node(step)).collect();
    let (_, edges) = dag.into_parts();
    let edges = edges.map(|(before, after, reason)| {
        let (before, after) = (turn[before.index()], turn[after.index()]);
        (before, after, reason)
    });
    Ok((order, edges.collect()))
}

/// How well one of several objects at an address serves: best one that can stay,
/// then one that the state knows, since others refer to that one.
fn fitness(
    world: &World<'_>,
    kind: &dyn Kind,
    address: &Address,
    node: &Node,
    preview: &Attributes,
    live: &Live,
) -> (bool, bool, Reverse<usize>) {
    let differences = differences(kind, node, preview, &live.attributes);
    let stays = differences.iter().all(|d| d.replaces.is_none());
    let known = memory(world, address, live).is_some();
    (
        live.broken.is_none() && stays,
        known,
        Reverse(differences.len()),
    )
}

fn judge<'a>(
    world: &World<'_>,
    kind: &dyn Kind,
    (address, node): (&'a Address, &'a Node),
    preview: Attributes,
    tags: Tags,
    live: Option<&'a Live>,
) -> Decision<'a> {
    let mut decision = Decision {
        address,
        node,
        fate: Fate::Create,
        live,
        inputs: node.inputs.clone(),
        preview,
        differences: Vec::new(),
        tags,
        tag_change: TagChange::default(),
    };
    let Some(live) = live else { return decision };
    let memory = memory(world, address, live);
    decision.differences = differences(kind, node, &decision.preview, &live.attributes);
    if memory.is_some_and(|remembered| remembered.unsettled) {
        decision.differences.push(Difference {
            field: READY.to_owned(),
            before: Some(false.into()),
            after: true.into(),
            replaces: None,
        });
    }
    if kind.about().tagged {
        decision.tag_change = tag_change(world, &decision, live);
    }
    let forced = decision.differences.iter().find_map(|d| d.replaces.clone());
    decision.fate = if let Some(reason) = &live.broken {
        Fate::Replace(reason.clone())
    } else if let Some(reason) = forced {
        Fate::Replace(reason.into_owned())
    } else if decision.differences.is_empty() && decision.tag_change.is_empty() {
        Fate::Keep
    } else {
        Fate::Update
    };
    decision
}

fn differences(
    kind: &dyn Kind,
    node: &Node,
    wanted: &Attributes,
    live: &Attributes,
) -> Vec<Difference> {
    let fields = kind.fields().iter();
    fields
        .filter(|field| !field.expanded && !left_alone(node).any(|name| name == field.name))
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
                    OnChange::Replace(reason) => Some(reason.into()),
                },
            })
        })
        .collect()
}

/// Whether a part whose table is made anew moves over to the new one by a
/// change in place: then a field of it that names its table changes. Otherwise
/// it would look untouched where the new table has the old one's id (a bucket
/// of the same name), though it goes with the old table.
fn moves_with_table(decision: &Decision<'_>) -> bool {
    let table = decision.address.table();
    decision.differences.iter().any(|difference| {
        let mut names_table = false;
        if let Some(value) = decision.node.inputs.get(&difference.field) {
            value.each_reference(&mut |reference| names_table |= reference.target == table);
        }
        names_table
    })
}

/// Has an object that stays brought to rest once more where somebody needs an
/// output that neither a read nor the state tells: its kind tells it then.
fn ask_again(world: &World<'_>, decision: &mut Decision<'_>, output: &str) {
    let kind = world.registry.of(decision.address);
    let tells = kind.is_some_and(|kind| kind.outputs().iter().any(|o| o.name == output));
    let stays = matches!(decision.fate, Fate::Keep | Fate::Update | Fate::Adopt);
    if tells && stays && decision.differences.iter().all(|d| d.field != output) {
        if decision.fate == Fate::Keep {
            decision.fate = Fate::Update;
        }
        decision.differences.push(Difference {
            field: output.to_owned(),
            before: None,
            after: Value::Unknown,
            replaces: None,
        });
    }
}

/// The fields in which an object that is there may differ.
fn left_alone(node: &Node) -> impl Iterator<Item = &String> {
    node.lifecycle.ignore.iter().chain(&node.derived)
}

/// What is left alone stays as AWS has it, also when other fields change: a kind
/// brings an object to rest with all of its inputs.
fn leave_alone(world: &World<'_>, decision: &mut Decision<'_>) {
    let (Fate::Keep | Fate::Update | Fate::Adopt, Some(live)) = (&decision.fate, decision.live)
    else {
        return;
    };
    decision.tags = tags_if_it_stays(world, decision, live);
    for name in left_alone(decision.node) {
        for inputs in [&mut decision.inputs, &mut decision.preview] {
            match live.attributes.get(name) {
                Some(value) => inputs.set(name, value.clone()),
                None => drop(inputs.0.remove(name)),
            }
        }
    }
}

/// What others may know of a node once it has met its fate, as far as that is
/// certain now.
fn facts_after(world: &World<'_>, kind: &dyn Kind, decision: &Decision<'_>) -> Attributes {
    let mut facts = match (&decision.fate, decision.live) {
        (Fate::Keep | Fate::Update | Fate::Adopt, Some(live)) => {
            with_memory(live, memory(world, decision.address, live))
        }
        _ => kind.predict(&decision.preview, world.place),
    };
    facts.0.extend(decision.preview.0.clone());
    facts
}

/// What the state remembers of an object, at its wanted address or at the one
/// that it had before.
pub(super) fn memory<'w>(
    world: &World<'w>,
    address: &Address,
    live: &Live,
) -> Option<&'w Remembered> {
    [Some(address), live.address.as_ref()]
        .into_iter()
        .flatten()
        .filter_map(|address| world.remembered.nodes.get(address))
        .find(|remembered| remembered.id == live.id)
}

/// The attributes of a live object with what the state knows beside them.
pub(super) fn with_memory(live: &Live, remembered: Option<&Remembered>) -> Attributes {
    let remembered = remembered.map(|remembered| remembered.attributes.clone());
    let mut facts = remembered.unwrap_or_default();
    facts.0.extend(live.attributes.0.clone());
    facts.set("id", live.id.as_str());
    facts
}
