//! A plan in the order in which it is read: by table, its parts beneath it,
//! and the two steps of a replacement as one.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::graph::Step;
use crate::kind::Registry;
use crate::model::{Action, Address};
use crate::plan::{Plan, PlannedStep};

/// What becomes of the nodes of one table.
pub struct Table<'p> {
    /// The table's address.
    pub address: Address,
    /// What becomes of its own node; nothing where it stays as it is. Two
    /// where a second object of the address is removed beside it.
    pub own: Vec<Entry<'p>>,
    /// What becomes of its parts.
    pub parts: Vec<Entry<'p>>,
}

/// What becomes of one node.
pub struct Entry<'p> {
    /// The step; the creating one of a replacement.
    pub step: &'p PlannedStep,
    /// What is done.
    pub deed: Deed<'p>,
}

/// What is done with a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed<'p> {
    /// It is made.
    Create,
    /// It was made by others, and becomes ours.
    Adopt,
    /// It is changed in place.
    Update,
    /// It is made anew.
    Replace {
        /// Why.
        reason: &'p str,
        /// Whether the new one is made before the old one goes.
        new_first: bool,
    },
    /// It is deleted.
    Delete {
        /// Whether another object has its address and stays.
        surplus: bool,
    },
    /// It is left to itself.
    Forget,
}

impl Deed<'_> {
    /// Whether the node is no longer ours afterwards.
    #[must_use]
    pub fn goes(self) -> bool {
        matches!(self, Self::Delete { .. } | Self::Forget)
    }
}

/// Every node with something to do, in reading order: kinds as the registry
/// has them, names as people count. What only goes is read from the other end.
#[must_use]
pub fn tables(plan: &Plan, registry: Registry) -> Vec<Table<'_>> {
    let entries = entries(plan);
    let going = entries.iter().all(|entry| entry.deed.goes());
    let mut by_table: BTreeMap<Address, Table<'_>> = BTreeMap::new();
    for entry in entries {
        let address = entry.step.address.table();
        let table = by_table.entry(address.clone()).or_insert_with(|| Table {
            address,
            own: Vec::new(),
            parts: Vec::new(),
        });
        match entry.step.address.part {
            None => table.own.push(entry),
            Some(_) => table.parts.push(entry),
        }
    }
    let ranks = Ranks::new(registry);
    let mut tables: Vec<_> = by_table.into_values().collect();
    for table in &mut tables {
        table
            .parts
            .sort_by_cached_key(|entry| ranks.place(&entry.step.address));
    }
    tables.sort_by_cached_key(|table| ranks.place(&table.address));
    if going {
        tables.reverse();
    }
    tables
}

/// Every node with something to do, in the order of the plan's steps. What the
/// stack's lifetime alone changes is said once for the stack.
#[must_use]
pub fn entries(plan: &Plan) -> Vec<Entry<'_>> {
    let mut removals: HashMap<&str, Step> = HashMap::new();
    let mut standing: HashSet<&Address> = HashSet::new();
    for (place, step) in plan.steps.nodes() {
        match (step.action, &step.replace, &step.id) {
            (Action::Delete, Some(_), Some(id)) => {
                removals.insert(id, place);
            }
            _ if step.goes() => {}
            _ => {
                standing.insert(&step.address);
            }
        }
    }
    let entries = plan.steps.nodes().filter_map(|(place, step)| {
        let deed = match (step.action, &step.replace) {
            (Action::Keep, _) | (Action::Delete, Some(_)) => return None,
            (Action::Create, None) => Deed::Create,
            (Action::Create, Some(reason)) => {
                let removal = step.id.as_deref().and_then(|id| removals.get(id));
                let new_first = removal
                    .is_some_and(|removal| plan.steps.predecessors(*removal).any(|p| p == place));
                Deed::Replace { reason, new_first }
            }
            (Action::Adopt, _) => Deed::Adopt,
            (Action::Update, _) if step.is_only_lifetime() => return None,
            (Action::Update, _) => Deed::Update,
            (Action::Delete, None) => Deed::Delete {
                surplus: standing.contains(&step.address),
            },
            (Action::Forget, _) => Deed::Forget,
        };
        Some(Entry { step, deed })
    });
    entries.collect()
}

/// Where kinds stand in the registry.
pub struct Ranks(HashMap<(&'static str, &'static str), usize>);

/// Where a node is listed.
pub type Place = (usize, String, Vec<Run>, usize, Vec<Run>);

impl Ranks {
    /// The order of a registry.
    #[must_use]
    pub fn new(registry: Registry) -> Self {
        let kinds = registry.all().enumerate();
        Self(
            kinds
                .map(|(rank, kind)| {
                    let about = kind.about();
                    let key = match about.part_of {
                        None => (about.name, ""),
                        Some(part) => (part.table, part.label),
                    };
                    (key, rank)
                })
                .collect(),
        )
    }

    /// Where a node is listed.
    #[must_use]
    pub fn place(&self, address: &Address) -> Place {
        let rank = |label: &str| {
            let found = self.0.get(&(address.kind.as_str(), label));
            found.copied().unwrap_or(usize::MAX)
        };
        let part = address.part.as_ref();
        (
            rank(""),
            address.kind.clone(),
            counted(&address.name),
            part.map_or(0, |part| rank(&part.label)),
            part.map_or_else(Vec::new, |part| counted(&part.key)),
        )
    }
}

/// A run of digits or of other characters.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Run {
    /// Digits.
    Number(u64),
    /// Other characters.
    Text(String),
}

/// A name in an order as people count: `private-2` before `private-10`.
pub fn counted(name: &str) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut rest = name;
    while let Some(first) = rest.chars().next() {
        let digits = first.is_ascii_digit();
        let end = rest
            .find(|c: char| c.is_ascii_digit() != digits)
            .unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        runs.push(match run.parse() {
            Ok(number) => Run::Number(number),
            Err(_) => Run::Text(run.to_owned()),
        });
        rest = after;
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_counted_as_people_do() {
        let mut names = ["private-10", "private-2", "private", "public", "2"];
        names.sort_by_key(|name| counted(name));
        assert_eq!(names, ["2", "private", "private-2", "private-10", "public"]);
    }
}
