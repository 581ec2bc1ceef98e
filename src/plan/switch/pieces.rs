//! Which steps of a plan make a way, and which take one away.
//!
//! | piece of a way | how it is known |
//! |---|---|
//! | the door and its parts | its address |
//! | what leads to the door: routes, records, policies | they refer to it |
//! | what lets traffic to it pass: rules | parts of the groups of door and caller |
//! | which table steers the subnet: associations | they name the subnet |
//!
//! What these need in turn comes before them by the plan's own edges already,
//! and what they hold goes after them.

use std::collections::{BTreeMap, BTreeSet};

use super::super::outcome::{Plan, PlannedStep};
use super::{Switch, is_change};
use crate::graph::Step;
use crate::kind::Registry;
use crate::model::{Action, Address, Attributes, Value};

/// The steps of one switch; a step may be among both.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    /// They make the new way.
    pub opening: BTreeSet<Step>,
    /// They take the old way away.
    pub closing: BTreeSet<Step>,
}

impl Pieces {
    pub(super) fn of(plan: &Plan, registry: Registry, switch: &Switch) -> Self {
        let ids = Ids::of(plan);
        let subnets = subnets_of(plan, switch);
        let mut pieces = Self::default();
        // The tables that will steer these subnets, and the groups in play.
        let mut tables = BTreeSet::new();
        let mut groups = BTreeSet::new();
        for (_, step) in plan.steps.nodes() {
            if step.address == switch.new || is_caller(step, switch) {
                groups.extend(targets_of(&step.inputs, "security_group"));
            }
            let names_one = |target: &Address| subnets.contains(target);
            if step.address.label() == "association"
                && step.inputs.target("subnet").is_some_and(names_one)
            {
                tables.extend(step.inputs.target("route_table").cloned());
            }
        }
        let old_id = ids.of_node(&switch.old);
        let old_groups = ids.groups_of(plan, &switch.old);
        let subnet_ids: Vec<&str> = subnets.iter().filter_map(|it| ids.of_node(it)).collect();
        for (place, step) in plan.steps.nodes().filter(|(_, it)| is_change(it.action)) {
            let table = step.address.table();
            let is_part = step.address.part.is_some();
            if matches!(step.action, Action::Create | Action::Adopt | Action::Update) {
                let leads = refers(&step.inputs, &switch.new);
                let serves = is_part && (tables.contains(&table) || groups.contains(&table));
                if table == switch.new || leads || serves {
                    pieces.opening.insert(place);
                }
            }
            if matches!(
                step.action,
                Action::Update | Action::Delete | Action::Forget
            ) {
                let led = old_id.is_some_and(|id| names(&step.live, id));
                let served = is_part && old_groups.contains(&table);
                let steered = step.address.label() == "association"
                    && step
                        .live
                        .text("subnet")
                        .is_some_and(|id| subnet_ids.contains(&id));
                // A door that stays is not taken away by a change of its tags.
                let only_tags = step.action == Action::Update && step.differences.is_empty();
                let known = registry.of(&step.address).is_some();
                if known && !only_tags && (table == switch.old || led || served || steered) {
                    pieces.closing.insert(place);
                }
            }
        }
        pieces
    }
}

/// AWS's ids of what lives, by address.
struct Ids<'p>(
    BTreeMap<&'p Address, &'p str>,
    BTreeMap<&'p str, &'p Address>,
);

impl<'p> Ids<'p> {
    fn of(plan: &'p Plan) -> Self {
        let mut ids = Self(BTreeMap::new(), BTreeMap::new());
        let steps = plan.steps.nodes().map(|(_, step)| step);
        for step in steps.filter(|step| step.address.part.is_none()) {
            if let Some(id) = &step.id {
                ids.0.insert(&step.address, id);
                ids.1.insert(id, &step.address);
            }
        }
        ids
    }

    fn of_node(&self, address: &Address) -> Option<&'p str> {
        self.0.get(address).copied()
    }

    /// The groups of a door that lives.
    fn groups_of(&self, plan: &Plan, door: &Address) -> BTreeSet<Address> {
        let steps = plan.steps.nodes().map(|(_, step)| step);
        let lives = steps.filter(|step| step.address == *door && step.id.is_some());
        lives
            .flat_map(|step| step.live.texts("security_groups"))
            .filter_map(|id| self.1.get(id.as_str()).map(|it| (*it).clone()))
            .collect()
    }
}

/// The subnets that the callers stand in.
fn subnets_of(plan: &Plan, switch: &Switch) -> BTreeSet<Address> {
    let ends = switch.ends.iter().map(|(from, _)| from);
    let mut subnets: BTreeSet<Address> = ends.filter(|it| it.kind == "subnet").cloned().collect();
    for (_, step) in plan.steps.nodes() {
        let asked = switch.ends.iter().any(|(from, _)| *from == step.address);
        subnets.extend(step.inputs.target("subnet").filter(|_| asked).cloned());
    }
    subnets
}

/// Whether a step's node is an instance that calls by this way.
fn is_caller(step: &PlannedStep, switch: &Switch) -> bool {
    let stands_in = step.inputs.target("subnet");
    step.address.kind == "instance"
        && switch
            .ends
            .iter()
            .any(|(from, _)| *from == step.address || Some(from) == stands_in)
}

fn targets_of(inputs: &Attributes, kind: &str) -> BTreeSet<Address> {
    let mut found = BTreeSet::new();
    inputs.each_reference(&mut |reference| {
        if reference.target.kind == kind {
            found.insert(reference.target.table());
        }
    });
    found
}

fn refers(inputs: &Attributes, door: &Address) -> bool {
    let mut found = false;
    inputs.each_reference(&mut |reference| found |= reference.target.table() == *door);
    found
}

/// Whether what lives names an id, as itself or in a host name made of it.
fn names(live: &Attributes, id: &str) -> bool {
    fn within(value: &Value, id: &str) -> bool {
        match value {
            Value::String(text) => text.contains(id),
            Value::List(items) => items.iter().any(|item| within(item, id)),
            Value::Map(map) => map.values().any(|value| within(value, id)),
            _ => false,
        }
    }
    live.iter().any(|(_, value)| within(value, id))
}
