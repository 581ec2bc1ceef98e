//! A way that changes its door, without a gap: the new door first.
//!
//! ```text
//!  new door ─► available ─► route, record ─► a trace finds that it works
//!                                              │ the gate
//!                                              ▼
//!                            old route ─► old door ─► its address
//! ```
//!
//! Pure, and apart from the planner proper: which ways change is known to a
//! trace only, and comes in as the names of two ends and two doors. The steps
//! that make the new way and those that take the old one away are found in the
//! plan itself, and edges are laid between them as far as no circle comes of it.

mod moment;
mod pieces;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use self::pieces::Pieces;
use super::outcome::{Plan, Reason};
use super::room::ONLY_ONE;
use crate::graph::Step;
use crate::kind::Registry;
use crate::model::{Action, Address};

pub use self::moment::{Connections, DNS_ANSWERS, Moment};

const MAKES: &str = "the new way is there first";
const VERIFIED: &str = "the old way stays until a trace finds that the new one works";

/// A way that changes its door, as a trace sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WayChange {
    /// The subnet or instance.
    pub from: Address,
    /// The bucket.
    pub to: Address,
    /// The door now.
    pub old: Address,
    /// The door after the plan.
    pub new: Address,
    /// Whether clients must call the new door's own name.
    pub by_endpoint_name: bool,
    /// Whether calls go by the new door already, and the old one is what they
    /// would fall back upon.
    pub has_moved: bool,
}

/// Ways that change from one door to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Switch {
    /// From where to which bucket.
    pub ends: Vec<(Address, Address)>,
    /// The door now.
    pub old: Address,
    /// AWS's id of it, where a step of the plan has it.
    pub old_id: Option<String>,
    /// The door after the plan.
    pub new: Address,
    /// Whether clients must call the new door's own name.
    pub by_endpoint_name: bool,
    /// Whether calls go by the new door already: an earlier run moved them, and
    /// left the old door.
    pub has_moved: bool,
    /// The steps that make the new way.
    pub opens: Vec<Step>,
    /// The steps that take the old way away. They wait for the gate.
    pub closes: Vec<Step>,
    /// The step with which traffic moves over; nothing where clients move, or
    /// where it has moved.
    pub moment: Option<Moment>,
    /// What becomes of connections that are open then.
    pub connections: Connections,
    /// Why there is a time without either way.
    pub gap: Option<Gap>,
}

/// Why a way cannot be switched without a gap: a step that takes the old way away
/// must come before one that makes the new way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// What comes first, and what is done with it.
    pub first: (Address, Action),
    /// What comes then.
    pub then: (Address, Action),
    /// Why, as a sentence fragment, where the two want what only one can have.
    pub because: Option<String>,
}

impl Switch {
    /// Whether the old way waits until the new one is found to work.
    #[must_use]
    pub fn is_gated(&self) -> bool {
        !self.closes.is_empty()
    }

    /// Whether traffic moves over because a name leads to the new door, so that
    /// who asked for it before goes on calling the old one for a while. (Where a
    /// name leads away from the old door, it does so behind the gate.)
    #[must_use]
    pub fn moves_names(&self) -> bool {
        self.new.kind == "interface_endpoint" && self.moment.is_some() && !self.has_moved
    }
}

/// Orders a plan so that ways change without a gap, and notes how they do.
pub fn arrange(plan: &mut Plan, registry: Registry, changes: &[WayChange]) {
    for mut switch in grouped(changes) {
        let pieces = Pieces::of(plan, registry, &switch);
        switch.old_id = id_of(plan, &switch.old);
        lay_edges(plan, &pieces, &mut switch);
        (switch.moment, switch.connections) = moment::of(plan, &switch, &pieces);
        if switch.has_moved {
            switch.gap = None;
        }
        // A second way may go without the door itself, and by no step of ours.
        if !switch.has_moved || switch.is_gated() {
            plan.switches.push(switch);
        }
    }
}

/// The changes that take switches back, for the plan of a rollback. Where a way has
/// moved before, or its clients move, there is nothing to move back.
#[must_use]
pub fn back(switches: &[Switch]) -> Vec<WayChange> {
    let moving = switches
        .iter()
        .filter(|it| !it.has_moved && !it.by_endpoint_name);
    let each = moving.flat_map(|switch| switch.ends.iter().map(move |ends| (switch, ends)));
    let changes = each.map(|(switch, (from, to))| WayChange {
        from: from.clone(),
        to: to.clone(),
        old: switch.new.clone(),
        new: switch.old.clone(),
        by_endpoint_name: false,
        has_moved: false,
    });
    changes.collect()
}

/// Takes the gates out of a plan: its old ways go without a question.
pub fn open_gates(plan: &mut Plan) {
    plan.switches.retain(|switch| !switch.has_moved);
    for switch in &mut plan.switches {
        switch.closes.clear();
    }
}

/// The changes, those between the same two doors together.
fn grouped(changes: &[WayChange]) -> Vec<Switch> {
    let mut switches: Vec<Switch> = Vec::new();
    for change in changes {
        let ends = (change.from.clone(), change.to.clone());
        let alike = switches.iter_mut().find(|it| {
            it.old == change.old
                && it.new == change.new
                && it.by_endpoint_name == change.by_endpoint_name
                && it.has_moved == change.has_moved
        });
        match alike {
            Some(switch) => switch.ends.push(ends),
            None => switches.push(Switch {
                ends: vec![ends],
                old: change.old.clone(),
                old_id: None,
                new: change.new.clone(),
                by_endpoint_name: change.by_endpoint_name,
                has_moved: change.has_moved,
                opens: Vec::new(),
                closes: Vec::new(),
                moment: None,
                connections: Connections::Break,
                gap: None,
            }),
        }
    }
    switches
}

/// Lays the edges, and fills in which steps open and which close.
fn lay_edges(plan: &mut Plan, pieces: &Pieces, switch: &mut Switch) {
    // One call may take the old way and give the new one: it stands in between.
    let (both, closes): (Vec<Step>, Vec<Step>) = pieces
        .closing
        .iter()
        .partition(|step| pieces.opening.contains(step));
    let first: Vec<Step> = pieces
        .opening
        .difference(&pieces.closing)
        .copied()
        .collect();
    for (befores, afters, reason) in [
        (&first, &both, MAKES),
        (&first, &closes, VERIFIED),
        (&both, &closes, VERIFIED),
    ] {
        for after in afters.iter() {
            // Edges that lead here change nothing of what comes after here.
            let later = later_than(plan, *after);
            for before in befores.iter() {
                if later.contains(before) {
                    switch.gap.get_or_insert_with(|| gap(plan, *after, *before));
                } else {
                    plan.steps.before(*before, *after, Reason(reason.into()));
                }
            }
        }
    }
    // What must go first anyway cannot wait for what comes after it.
    let gone_first: BTreeSet<Step> = closes
        .iter()
        .copied()
        .filter(|step| {
            let later = later_than(plan, *step);
            pieces.opening.iter().any(|opening| later.contains(opening))
        })
        .collect();
    switch.closes = closes
        .into_iter()
        .filter(|it| !gone_first.contains(it))
        .collect();
    switch.opens = pieces.opening.iter().copied().collect();
}

/// The gap between a step that must come first and one that can only follow.
fn gap(plan: &Plan, first: Step, then: Step) -> Gap {
    let doing = |step: Step| {
        let step = plan.steps.node(step);
        (step.address.clone(), step.action)
    };
    let mut between = plan
        .steps
        .edges()
        .filter(|(from, to, _)| plan.steps.leads(first, *from) && plan.steps.leads(*to, then));
    Gap {
        first: doing(first),
        then: doing(then),
        because: between
            .find_map(|(_, _, reason)| reason.0.strip_prefix(ONLY_ONE))
            .map(str::to_owned),
    }
}

/// AWS's id of a node that lives.
fn id_of(plan: &Plan, address: &Address) -> Option<String> {
    let steps = plan.steps.nodes().map(|(_, step)| step);
    let mut ids = steps
        .filter(|it| it.address == *address)
        .filter_map(|it| it.id.clone());
    ids.next()
}

/// All steps that come after a step.
fn later_than(plan: &Plan, step: Step) -> BTreeSet<Step> {
    let mut later = BTreeSet::new();
    let mut next = vec![step];
    while let Some(step) = next.pop() {
        for after in plan.steps.successors(step) {
            if later.insert(after) {
                next.push(after);
            }
        }
    }
    later
}

/// Whether a step takes something away or changes it.
fn is_change(action: Action) -> bool {
    action != Action::Keep
}

#[cfg(test)]
mod tests;
