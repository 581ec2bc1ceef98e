//! Which part of a plan is meant: `--target`, `--exclude` and `--replace`.
//!
//! ```text
//!  the whole plan ─► chosen steps ─► Plan.steps      run
//!                └─► the others ──► Plan.left_out    told, and left as they live
//! ```
//!
//! A target is taken with all that comes before it, and what is excluded goes
//! with all that comes after it. So what is left is a beginning of the whole
//! run: it never makes a network that the whole run would not pass through, and
//! another run can go on from there. Two things go beyond the order:
//!
//! - What is made anew is so with both of its steps or with none.
//! - A table that a target needs and that is made comes with its parts, as far
//!   as these need nothing that is left out: a bucket with its encryption, a
//!   group with its rules, but not what a policy of it names besides.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::arrange::Arranged;
use super::decide::{Decision, Fate, memory, with_memory};
use super::outcome::{PlanError, PlannedStep, Reason, World};
use crate::graph::{Dag, Step};
use crate::model::diagnostic::did_you_mean;
use crate::model::{Action, Address, AddressPattern, Attributes};

/// Why what `--replace` names is made anew.
pub const ASKED_FOR: &str = "asked for by --replace";

/// Which nodes the user means.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    /// Only these, with what they need; empty for all.
    pub target: Vec<AddressPattern>,
    /// Not these, nor what needs them.
    pub exclude: Vec<AddressPattern>,
    /// These are made anew, also where nothing differs.
    pub replace: Vec<AddressPattern>,
}

/// Why a step is not in a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Because {
    /// No target needs it.
    NotTargeted,
    /// It is excluded.
    Excluded,
    /// It needs something that is excluded.
    NeedsExcluded,
}

/// A step that a whole plan would have.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    /// What it would do.
    pub step: PlannedStep,
    /// Why it is not done.
    pub because: Because,
    /// Whether it would make something anew before the old one goes.
    #[serde(default)]
    pub new_first: bool,
}

impl Selection {
    /// Everything, and nothing anew.
    pub const ALL: Self = Self {
        target: Vec::new(),
        exclude: Vec::new(),
        replace: Vec::new(),
    };

    /// Whether a part of the stack is meant, and not all of it.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        !self.target.is_empty() || !self.exclude.is_empty()
    }

    /// The same without targets and exclusions.
    #[must_use]
    pub fn of_all(&self) -> Self {
        Self {
            replace: self.replace.clone(),
            ..Self::ALL
        }
    }

    /// Every pattern.
    pub fn patterns(&self) -> impl Iterator<Item = &AddressPattern> {
        let Self {
            target,
            exclude,
            replace,
        } = self;
        target.iter().chain(exclude).chain(replace)
    }

    /// Whether a node is to be made anew. The parts of a table follow it.
    #[must_use]
    pub fn replaces(&self, address: &Address) -> bool {
        self.replace.iter().any(|pattern| pattern.names(address))
    }
}

/// Has a node made anew that the user wants anew.
pub(super) fn made_anew_if_asked(world: &World<'_>, decision: &mut Decision<'_>) {
    let stays = matches!(decision.fate, Fate::Keep | Fate::Update);
    if stays && decision.live.is_some() && world.wishes.selection.replaces(decision.address) {
        decision.fate = Fate::Replace(ASKED_FOR.to_owned());
    }
}

/// Everything that a pattern may mean: what the file wants, what lives and what
/// the state remembers.
fn known<'w>(world: &'w World<'_>) -> impl Iterator<Item = &'w Address> {
    let live = world.live.iter().filter_map(|live| live.own_address());
    let wanted = world.wanted.nodes.keys();
    wanted.chain(live).chain(world.remembered.nodes.keys())
}

/// The selection with each table that was renamed under the name that it has now:
/// who wrote the former name, or a pattern that it fits, means that object.
pub(super) fn under_present_names(
    world: &World<'_>,
    moved: &BTreeMap<Address, Address>,
) -> Selection {
    let present = |patterns: &[AddressPattern]| {
        let mut named: Vec<AddressPattern> = Vec::new();
        for pattern in patterns {
            let renamed = moved.iter();
            let renamed = renamed.filter_map(|(from, to)| pattern.renamed(from, to));
            let renamed: Vec<_> = renamed.collect();
            let means_more = || known(world).any(|address| pattern.takes(address));
            let own = (renamed.is_empty() || means_more()).then(|| pattern.clone());
            for pattern in own.into_iter().chain(renamed) {
                if !named.contains(&pattern) {
                    named.push(pattern);
                }
            }
        }
        named
    };
    let Selection {
        target,
        exclude,
        replace,
    } = &world.wishes.selection;
    Selection {
        target: present(target),
        exclude: present(exclude),
        replace: present(replace),
    }
}

/// The patterns that mean nothing.
pub(super) fn fitting_nothing(world: &World<'_>) -> Vec<PlanError> {
    let lost = world.wishes.selection.patterns();
    let lost = lost.filter(|pattern| !known(world).any(|address| pattern.takes(address)));
    lost.map(|pattern| {
        let names: Vec<String> = known(world).map(ToString::to_string).collect();
        let near = did_you_mean(&pattern.to_string(), names.iter().map(String::as_str));
        PlanError::FitsNothing {
            pattern: pattern.clone(),
            near: near.map(str::to_owned),
        }
    })
    .collect()
}

/// Keeps of what is arranged what the user means.
pub(super) fn part(world: &World<'_>, arranged: Arranged) -> (Arranged, Vec<LeftOut>) {
    let selection = &world.wishes.selection;
    if !selection.is_partial() {
        return (arranged, Vec::new());
    }
    let Arranged {
        steps,
        facts,
        refused,
    } = arranged;
    let reasons = reasons(&steps, selection);
    let refused = refused.into_iter();
    let refused = refused.filter(|(step, _)| reasons[step.index()].is_none());
    let refused = refused.collect();
    let (steps, left_out) = parted(steps, &reasons);
    let mut arranged = Arranged {
        steps,
        facts,
        refused,
    };
    call_where_the_table_stays(&mut arranged.steps);
    know_as_it_lives(world, &left_out, &mut arranged.facts);
    (arranged, left_out)
}

/// Why each step is left out; nothing for what is done, or stays anyway.
fn reasons(steps: &Dag<PlannedStep, Reason>, selection: &Selection) -> Vec<Option<Because>> {
    let meant = |patterns: &[AddressPattern]| -> Vec<Step> {
        let nodes = steps.nodes();
        let meant = nodes.filter(|(_, it)| patterns.iter().any(|p| p.takes(&it.address)));
        meant.map(|(step, _)| step).collect()
    };
    let partners = partners(steps);
    let excluded = meant(&selection.exclude);
    let mut dropped = vec![false; steps.len()];
    spread(&mut dropped, excluded.clone(), &partners, |step| {
        steps.successors(step)
    });
    let mut chosen = vec![selection.target.is_empty(); steps.len()];
    if !selection.target.is_empty() {
        let mut targets = meant(&selection.target);
        // What is not done needs nothing.
        targets.retain(|step| !dropped[step.index()]);
        spread(&mut chosen, targets, &partners, |step| {
            steps.predecessors(step)
        });
        complete_tables(steps, &mut chosen);
    }
    let mut named = vec![false; steps.len()];
    for step in excluded {
        named[step.index()] = true;
    }
    let reason = |(step, node): (Step, &PlannedStep)| {
        let at = step.index();
        if node.action == Action::Keep {
            None
        } else if dropped[at] && named[at] {
            Some(Because::Excluded)
        } else if dropped[at] {
            Some(Because::NeedsExcluded)
        } else {
            (!chosen[at]).then_some(Because::NotTargeted)
        }
    };
    steps.nodes().map(reason).collect()
}

/// Marks some steps and all that follow from them in one direction. Both steps
/// of what is made anew follow from each other.
fn spread<I: Iterator<Item = Step>>(
    marked: &mut [bool],
    from: Vec<Step>,
    partners: &HashMap<Step, Step>,
    onward: impl Fn(Step) -> I,
) {
    let mut next = from;
    while let Some(step) = next.pop() {
        if !std::mem::replace(&mut marked[step.index()], true) {
            next.extend(partners.get(&step));
            next.extend(onward(step));
        }
    }
}

/// The other step of each step that makes something anew.
fn partners(steps: &Dag<PlannedStep, Reason>) -> HashMap<Step, Step> {
    let mut halves: HashMap<(&str, &str, &str), Step> = HashMap::new();
    let mut partners = HashMap::new();
    for (step, node) in steps.nodes().filter(|(_, node)| node.replace.is_some()) {
        let Some(id) = node.id.as_deref() else {
            continue;
        };
        // A part may share its table's id.
        if let Some(other) = halves.insert(key(&node.address, id), step) {
            partners.insert(step, other);
            partners.insert(other, step);
        }
    }
    partners
}

/// Chooses the new parts of new tables, where all that they need is chosen. The
/// steps of a plan with a circle are left as they are: there is no such plan.
fn complete_tables(steps: &Dag<PlannedStep, Reason>, chosen: &mut [bool]) {
    let made: HashSet<&Address> = steps
        .nodes()
        .filter(|(step, node)| {
            let table = node.address.part.is_none();
            table && chosen[step.index()] && node.action == Action::Create
        })
        .map(|(_, node)| &node.address)
        .collect();
    for step in steps.order().unwrap_or_default() {
        let node = steps.node(step);
        let is_new = node.action == Action::Create && node.replace.is_none();
        if is_new
            && node.address.part.is_some()
            && made.contains(&node.address.table())
            && steps
                .predecessors(step)
                .all(|needed| chosen[needed.index()] || steps.node(needed).action == Action::Keep)
        {
            chosen[step.index()] = true;
        }
    }
}

/// The graph of the steps that are done, and the others.
fn parted(
    steps: Dag<PlannedStep, Reason>,
    reasons: &[Option<Because>],
) -> (Dag<PlannedStep, Reason>, Vec<LeftOut>) {
    let mut new_first = vec![false; steps.len()];
    for (first, then) in partners(&steps) {
        let creates = steps.node(first).action == Action::Create;
        new_first[first.index()] = creates && steps.predecessors(then).any(|it| it == first);
    }
    let (nodes, edges) = steps.into_parts();
    let mut kept = Dag::new();
    let mut left_out = Vec::new();
    let mut places = Vec::with_capacity(nodes.len());
    for ((step, because), new_first) in nodes.into_iter().zip(reasons).zip(new_first) {
        places.push(match because {
            None => Some(kept.add(step)),
            Some(because) => {
                left_out.push(LeftOut {
                    step,
                    because: *because,
                    new_first,
                });
                None
            }
        });
    }
    for (first, then, reason) in edges {
        if let (Some(first), Some(then)) = (places[first.index()], places[then.index()]) {
            kept.before(first, then, reason);
        }
    }
    (kept, left_out)
}

/// A part goes by itself where the table that would have taken it along stays.
fn call_where_the_table_stays(steps: &mut Dag<PlannedStep, Reason>) {
    let implied = steps.nodes().filter(|(_, node)| node.implied);
    let alone: Vec<Step> = implied
        .filter(|(step, node)| {
            let table = node.address.table();
            !steps.successors(*step).any(|next| {
                let next = steps.node(next);
                next.action == Action::Delete && next.address == table
            })
        })
        .map(|(step, _)| step)
        .collect();
    for step in alone {
        steps.node_mut(step).implied = false;
    }
}

/// What is left out stays as it lives, and what would have been made is not there.
fn know_as_it_lives(
    world: &World<'_>,
    left_out: &[LeftOut],
    facts: &mut BTreeMap<Address, Attributes>,
) {
    let mut standing = HashMap::new();
    for step in left_out.iter().map(|it| &it.step).filter(|it| !it.goes()) {
        facts.remove(&step.address);
        if let Some(id) = &step.id {
            standing.insert(key(&step.address, id), &step.address);
        }
    }
    for live in world.live {
        let address = live.address.as_ref();
        if let Some(wanted) = address.and_then(|it| standing.get(&key(it, &live.id))) {
            let known = with_memory(live, memory(world, wanted, live));
            facts.insert((*wanted).clone(), known);
        }
    }
}

/// What tells an object from all others, under whatever address.
pub(super) fn key<'a>(address: &'a Address, id: &'a str) -> (&'a str, &'a str, &'a str) {
    (&address.kind, address.label(), id)
}
