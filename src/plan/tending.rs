//! Plans of one deed: an object is adopted, renamed or let go, and everything
//! else stays exactly as it is, also where the file wants it otherwise.
//!
//! Tags are the memory, so these deeds change tags, and run through the engine
//! like any plan: locked, journalled, gone on with after a kill.

use std::collections::BTreeMap;

use super::arrange::{lifecycle_of, unmark};
use super::decide::{Decision, Fate, decide, with_memory};
use super::moves::{Moved, former};
use super::outcome::{Plan, PlanError, PlannedStep, Reason, World};
use super::selection::Selection;
use crate::graph::{Dag, Step};
use crate::kind::{Lifecycle, Live};
use crate::model::tags::{self, TagChange};
use crate::model::{Action, Address, Attributes, Tags};

const KNOWN_BY: &str = "its table's tags tell what it is";

/// A deed.
#[derive(Debug, Clone, Copy)]
pub enum Tending<'t> {
    /// The object of `Wishes::adopted` becomes this table's.
    Adopt(&'t Address),
    /// What `Wishes::moved` says is done, and nothing else.
    Move {
        /// The table's name so far.
        from: &'t Address,
        /// Its name from now on.
        to: &'t Address,
    },
    /// These tables' objects are left to themselves.
    Forget(&'t [Address]),
}

/// Makes the plan of one deed.
///
/// # Errors
/// Every [`PlanError`] at once.
pub fn tend(world: &World<'_>, deed: &Tending<'_>) -> Result<Plan, Vec<PlanError>> {
    match deed {
        Tending::Adopt(address) => adopt(world, address),
        Tending::Move { from, to } => rename(world, from, to),
        Tending::Forget(addresses) => forget(world, addresses),
    }
}

fn adopt(world: &World<'_>, table: &Address) -> Result<Plan, Vec<PlanError>> {
    let decided = decide(world)?;
    let mut steps = Steps::new(world);
    for decision in &decided.wanted {
        let (Some(live), true) = (decision.live, decision.address.table() == *table) else {
            continue;
        };
        let mut step = steps.keeping(live, decision.address.clone());
        step.lifecycle.clone_from(&decision.node.lifecycle);
        if decision.fate == Fate::Adopt {
            step.action = Action::Adopt;
            step.tags = marks(world, decision);
            step.tag_change.set = step.tags.clone();
        }
        steps.add(step);
    }
    Ok(steps.with_the_others(true))
}

/// The tags that make an object ours, and no more: the rest is for the next plan.
/// Where it is just as the file wants it, those too by which s3net remembers what
/// the file says of it (an image's name), or that plan would have to write them.
fn marks(world: &World<'_>, decision: &Decision<'_>) -> Tags {
    let mut marks = Tags::from([
        (tags::STACK.to_owned(), world.wanted.name.clone()),
        (tags::ADDRESS.to_owned(), decision.address.to_string()),
    ]);
    if decision.differences.is_empty() {
        let more = decision.tag_change.set.iter();
        let more = more.filter(|(key, _)| key.starts_with(tags::PREFIX));
        let more = more.filter(|(key, _)| *key != tags::EXPIRES_AT);
        marks.extend(more.map(|(key, value)| (key.clone(), value.clone())));
    }
    marks
}

fn rename(world: &World<'_>, from: &Address, to: &Address) -> Result<Plan, Vec<PlanError>> {
    let moved = Moved::checked(world)?;
    let world = &moved.world(world);
    let mut steps = Steps::new(world);
    let names = |table: &Address| format!("{}-{}", world.wanted.name, table.name);
    for live in world.live {
        let Some(address) = live.own_address() else {
            continue;
        };
        let Some(was) = former(address, live) else {
            continue;
        };
        let mut step = steps.keeping(live, address.clone());
        step.action = Action::Update;
        step.was = Some(was);
        let mut set = Tags::from([(tags::ADDRESS.to_owned(), address.to_string())]);
        let derived = live.tags.get(tags::NAME) == Some(&names(from));
        if derived && address.table() == *to {
            set.insert(tags::NAME.to_owned(), names(to));
        }
        step.tags.extend(set.clone());
        step.tag_change.set = set;
        steps.add(step);
    }
    Ok(steps.with_the_others(true))
}

fn forget(world: &World<'_>, addresses: &[Address]) -> Result<Plan, Vec<PlanError>> {
    let mut steps = Steps::new(world);
    for live in world.live {
        let Some(address) = live.own_address() else {
            continue;
        };
        if addresses.contains(&address.table()) {
            let mut step = steps.keeping(live, address.clone());
            step.action = Action::Forget;
            step.tags = Tags::new();
            step.tag_change = unmark(&live.tags);
            steps.add(step);
        }
    }
    Ok(steps.with_the_others(false))
}

/// The steps of a deed.
struct Steps<'w, 'a> {
    world: &'w World<'a>,
    dag: Dag<PlannedStep, Reason>,
    places: BTreeMap<(Address, String), Step>,
    facts: BTreeMap<Address, Attributes>,
}

impl<'w, 'a> Steps<'w, 'a> {
    fn new(world: &'w World<'a>) -> Self {
        Self {
            world,
            dag: Dag::new(),
            places: BTreeMap::new(),
            facts: BTreeMap::new(),
        }
    }

    /// The step that leaves an object and its memory as they are.
    fn keeping(&mut self, live: &Live, address: Address) -> PlannedStep {
        let remembered = self.world.remembered.nodes.get(&address);
        let remembered = remembered.filter(|node| node.id == live.id);
        // An output that no read repeats must outlive the deed.
        let facts = with_memory(live, remembered);
        self.facts.insert(address.clone(), facts);
        PlannedStep {
            action: Action::Keep,
            replace: None,
            was: None,
            id: Some(live.id.clone()),
            inputs: live.attributes.clone(),
            preview: live.attributes.clone(),
            live: live.attributes.clone(),
            differences: Vec::new(),
            tags: remembered.map_or_else(Tags::new, |node| node.tags.clone()),
            tag_change: TagChange::default(),
            lifecycle: remembered.map_or_else(Lifecycle::default, lifecycle_of),
            generation: self.world.remembered.next_generation(&address),
            implied: false,
            given_back: false,
            address,
        }
    }

    fn add(&mut self, step: PlannedStep) {
        let key = (step.address.clone(), step.id.clone().unwrap_or_default());
        let place = self.dag.add(step);
        self.places.insert(key, place);
    }

    /// The whole plan: all others stay. A table's step comes before its parts'
    /// where it `leads`, and after them where it does not.
    fn with_the_others(mut self, leads: bool) -> Plan {
        for live in self.world.live {
            let Some(address) = live.own_address() else {
                continue;
            };
            let key = (address.clone(), live.id.clone());
            if !self.places.contains_key(&key) {
                let step = self.keeping(live, address.clone());
                self.add(step);
            }
        }
        let tables: BTreeMap<&Address, Step> = self
            .places
            .iter()
            .filter(|((address, _), _)| address.part.is_none())
            .map(|((address, _), step)| (address, *step))
            .collect();
        for ((address, _), part) in &self.places {
            let table = tables
                .get(&address.table())
                .filter(|_| address.part.is_some());
            if let Some(table) = table {
                let (first, then) = if leads {
                    (*table, *part)
                } else {
                    (*part, *table)
                };
                self.dag.before(first, then, Reason(KNOWN_BY.into()));
            }
        }
        Plan {
            stack: self.world.wanted.name.clone(),
            place: self.world.place.clone(),
            steps: self.dag,
            facts: self.facts,
            foreign: Vec::new(),
            selection: Selection::ALL,
            left_out: Vec::new(),
            lifetime: None,
            switches: Vec::new(),
        }
    }
}
