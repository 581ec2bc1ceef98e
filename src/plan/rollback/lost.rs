//! What no rollback brings back: told before a run begins, and at its end.

use std::collections::BTreeSet;

use super::comparing::{chosen, stated};
use crate::kind::{Kind, Live};
use crate::model::secrecy::is_secret;
use crate::model::tags;
use crate::model::{Action, Address, Attributes};
use crate::plan::live_stack::seen;
use crate::plan::outcome::{Plan, PlannedStep, World};
use crate::state::Remembered;

/// Something of an object that no rollback brings back.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lost {
    /// The node.
    pub address: Address,
    /// What of it: "the objects in it".
    pub what: String,
}

/// What deleting the objects of a plan would lose for good.
#[must_use]
pub fn losses(world: &World<'_>, plan: &Plan) -> Vec<Lost> {
    let steps = plan.steps.nodes().map(|(_, step)| step);
    let going = steps.filter(|step| step.action == Action::Delete);
    let going: Vec<_> = going
        .filter_map(|step| Some((step, step.id.as_deref()?)))
        .collect();
    let was = chosen(world.live, world.remembered);
    let mut lost = BTreeSet::new();
    for ((address, object), inputs) in was.iter().zip(seen(world.registry, &was)) {
        let goes =
            |(step, id): &(&PlannedStep, &str)| step.address == **address && *id == object.id;
        if let Some(kind) = world.registry.of(address)
            && going.iter().any(goes)
        {
            let inputs = stated(world.registry, &was, address, inputs);
            let memory = world.remembered.nodes.get(*address);
            let memory = memory.filter(|memory| memory.id == object.id);
            lost.extend(
                of_object(kind, object, &inputs, memory)
                    .into_iter()
                    .map(|what| Lost {
                        address: (*address).clone(),
                        what,
                    }),
            );
        }
    }
    // Of two objects at one address, the second is not made again at all.
    for (step, _) in going {
        let kind = world.registry.of(&step.address);
        if let Some(what) = kind.and_then(|kind| kind.lost_with(&step.live)) {
            let address = step.address.clone();
            lost.insert(Lost { address, what });
        }
    }
    lost.into_iter().collect()
}

/// What of one object is lost for good with it. `inputs` are what it would be made
/// again from, as far as AWS told them.
pub(super) fn of_object(
    kind: &dyn Kind,
    object: &Live,
    inputs: &Attributes,
    memory: Option<&Remembered>,
) -> Vec<String> {
    let mut lost: Vec<String> = kind.lost_with(&object.attributes).into_iter().collect();
    for field in kind.fields().iter().filter(|field| !field.expanded) {
        let remembered = memory.and_then(|memory| memory.attributes.get(field.name));
        if is_secret(field.name) && remembered.is_some() && inputs.get(field.name).is_none() {
            let name = field.name;
            lost.push(format!("its {name}, of which only a hash is known"));
        }
    }
    let others = object.tags.keys().filter(|key| {
        let ours = memory.is_none_or(|memory| memory.tags.contains_key(*key));
        !ours && !key.starts_with(tags::PREFIX)
    });
    let others: Vec<&str> = others.map(String::as_str).collect();
    if !others.is_empty() {
        lost.push(format!("the tags of others: {}", others.join(", ")));
    }
    lost
}
