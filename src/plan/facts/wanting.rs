//! The nodes of a file with their references resolved, as far as that is certain
//! before anything is done.
//!
//! | what a reference names | what stands for it |
//! |---|---|
//! | the id of what stays | AWS's id |
//! | an id that is certain before (a bucket's name) | that |
//! | the id of what is made, or looked up and not read | a stand-in |
//! | another attribute | what the file, AWS or the kind's prediction says |
//! | what only apply will know | [`Value::Unknown`] |
//!
//! A node is read after those that it refers to, so no reference is met before
//! its target is known.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use super::super::outcome::{Plan, PlannedStep, World};
use super::telling::{Source, Subject};
use crate::graph::{Dag, Step};
use crate::kind::{Kind, Live};
use crate::model::network::stand_in;
use crate::model::{Action, Address, Attributes, Place, Reference, Value};

/// The file's nodes, and all that is known of them.
pub(super) struct File<'a> {
    nodes: Vec<Wanted<'a>>,
    places: HashMap<&'a Address, usize>,
    existing: &'a BTreeMap<Address, Live>,
}

/// One node.
struct Wanted<'a> {
    address: &'a Address,
    kind: &'static dyn Kind,
    key: String,
    /// What the file says, with references.
    inputs: &'a Attributes,
    /// What is known.
    known: Attributes,
    /// Whether a plan for a part of the stack leaves it as it lives: it is told
    /// as AWS has it.
    left_out: bool,
}

/// What the plan, or a glance at what lives, says of one node.
struct Fate<'a> {
    /// What the file says, with what a plan leaves as it is.
    inputs: &'a Attributes,
    /// AWS's id of what stays.
    id: Option<&'a str>,
    /// What is known of what stays.
    known: Option<&'a Attributes>,
    /// Whether a plan for a part of the stack leaves it as it lives.
    left_out: bool,
}

impl<'a> File<'a> {
    pub(super) fn read(world: &World<'a>, plan: Option<&'a Plan>, place: &Place) -> Self {
        let mut file = Self {
            nodes: Vec::with_capacity(world.wanted.nodes.len()),
            places: HashMap::with_capacity(world.wanted.nodes.len()),
            existing: world.existing,
        };
        let fates = Fates::of(world, plan);
        for address in ordered(world) {
            let Some(kind) = world.registry.of(address) else {
                continue;
            };
            let fate = fates.of_node(world, address);
            if fate.left_out && fate.id.is_none() {
                // It will not be there.
                continue;
            }
            let resolve = |reference: &Reference| file.known(reference);
            let inputs = fate.inputs.resolve(Some(&place.account), &resolve);
            let key = match fate.id {
                Some(id) => id.to_owned(),
                None => kind
                    .certain_id(&inputs)
                    .unwrap_or_else(|| stand_in(address)),
            };
            let mut known = match fate.known {
                Some(known) => known.clone(),
                None => kind.predict(&inputs, place),
            };
            if !fate.left_out {
                known.0.extend(inputs.0);
            }
            known.set("id", key.as_str());
            file.places.insert(address, file.nodes.len());
            file.nodes.push(Wanted {
                address,
                kind,
                key,
                inputs: fate.inputs,
                known,
                left_out: fate.left_out,
            });
        }
        file
    }

    /// Every node that will be as the file wants it, to be told.
    pub(super) fn subjects(&self) -> impl Iterator<Item = Subject<'_>> {
        let told = self.nodes.iter().filter(|node| !node.left_out);
        told.map(|node| Subject {
            kind: node.kind,
            address: Some(node.address),
            key: node.key.clone(),
            attributes: Cow::Borrowed(&node.known),
            broken: None,
            from: Source::File(self, node.inputs),
        })
    }

    /// An attribute of what a field refers to.
    pub(super) fn beyond(&self, field: &Value, attribute: &str) -> Option<Value> {
        let reference = Reference {
            target: field.as_target()?.clone(),
            attribute: attribute.to_owned(),
        };
        self.known(&reference)
    }

    /// What a reference stands for.
    fn known(&self, reference: &Reference) -> Option<Value> {
        let Reference { target, attribute } = reference;
        let known = match self.places.get(target) {
            Some(place) => self.nodes[*place].known.get(attribute),
            None => match self.existing.get(target) {
                Some(live) if attribute == "id" => return Some(Value::text(&live.id)),
                Some(live) => live.attributes.get(attribute),
                None if attribute == "id" => return Some(Value::text(stand_in(target))),
                None => None,
            },
        };
        known.filter(|value| !value.has_unknown()).cloned()
    }
}

/// What becomes of the nodes.
enum Fates<'a> {
    /// As a plan says: what it does, and what it leaves out.
    Planned {
        plan: &'a Plan,
        steps: HashMap<&'a Address, &'a PlannedStep>,
        left_out: HashMap<&'a Address, &'a PlannedStep>,
    },
    /// Whatever lives at a node's address stays.
    Alive(HashMap<&'a Address, &'a Live>),
}

impl<'a> Fates<'a> {
    fn of(world: &World<'a>, plan: Option<&'a Plan>) -> Self {
        match plan {
            Some(plan) => {
                let steps = plan.steps.nodes().map(|(_, step)| step);
                let left_out = plan.left_out.iter().map(|it| &it.step);
                Self::Planned {
                    plan,
                    steps: wanted(steps),
                    left_out: wanted(left_out),
                }
            }
            None => {
                let own = world.live.iter();
                let own = own.filter_map(|live| Some((live.own_address()?, live)));
                Self::Alive(own.collect())
            }
        }
    }

    fn of_node(&self, world: &World<'a>, address: &'a Address) -> Fate<'a> {
        let mut fate = Fate {
            inputs: &world.wanted.nodes[address].inputs,
            id: None,
            known: None,
            left_out: false,
        };
        match self {
            Self::Planned {
                plan,
                steps,
                left_out,
            } => {
                if let Some(step) = steps.get(address) {
                    fate.inputs = &step.inputs;
                    if step.action != Action::Create {
                        fate.id = step.id.as_deref();
                        fate.known = plan.facts.get(address);
                    }
                } else if let Some(step) = left_out.get(address) {
                    fate.id = step.id.as_deref();
                    fate.known = plan.facts.get(address);
                    fate.left_out = true;
                }
            }
            Self::Alive(lives) => {
                if let Some(live) = lives.get(address) {
                    fate.id = Some(&live.id);
                    fate.known = Some(&live.attributes);
                }
            }
        }
        fate
    }
}

/// The steps of nodes that the file wants, by address.
fn wanted<'a>(
    steps: impl Iterator<Item = &'a PlannedStep>,
) -> HashMap<&'a Address, &'a PlannedStep> {
    let wanted = steps.filter(|step| !step.goes());
    wanted.map(|step| (&step.address, step)).collect()
}

/// The nodes, each after those that it refers to. A file that made it this far
/// has no circle of references; one that has is told in the order of addresses.
fn ordered<'a>(world: &World<'a>) -> Vec<&'a Address> {
    let nodes = &world.wanted.nodes;
    let mut dag: Dag<&Address, ()> = Dag::new();
    let steps: HashMap<&Address, Step> = nodes.keys().map(|it| (it, dag.add(it))).collect();
    for (address, node) in nodes {
        node.inputs.each_reference(&mut |reference| {
            if let Some(before) = steps.get(&reference.target) {
                dag.before(*before, steps[address], ());
            }
        });
    }
    match dag.order() {
        Ok(order) => order.into_iter().map(|step| *dag.node(step)).collect(),
        Err(_) => nodes.keys().collect(),
    }
}
