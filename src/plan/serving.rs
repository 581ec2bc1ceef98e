//! Whoever uses a table is served by its parts all the while.
//!
//! Where a table is made anew beside the old one, its users change over when the
//! new one has its parts, and the old one's parts go when they have: a security
//! group without its rules would cut its users off.
//!
//! ```text
//!  new table ─► its new parts ─► users change ─► parts that move over ─► old parts go
//! ```
//!
//! A part may be a user as well: a subnet's association moves from the old route
//! table to the new one, and its traffic with it. By then the new table is to have
//! its routes, and the gateway endpoints that put routes into it.

use std::collections::HashMap;

use super::arrange::Arrangement;
use super::leaving::End;
use super::outcome::Reason;
use crate::graph::Step;
use crate::model::{Action, Address};

/// Why parts come before those whom they serve.
pub(super) const SERVING: &str = "its parts serve whoever uses it";

impl Arrangement<'_, '_> {
    /// Lays the orders. `up` holds the steps that bring about what is wanted.
    pub(super) fn keep_parts_serving(&mut self, up: &[Step]) {
        let mut created: HashMap<Address, Vec<Step>> = HashMap::new();
        for step in up {
            let node = self.steps.node(*step);
            if node.action == Action::Create && node.address.part.is_some() {
                created.entry(node.address.table()).or_default().push(*step);
            }
        }
        let parts = self.leaving.parts().into_iter();
        let removals = |parts: Vec<usize>| -> Vec<Step> {
            let removals = parts.into_iter().filter_map(|part| self.removal[part]);
            removals.collect()
        };
        let removed: HashMap<Address, Vec<Step>> = parts
            .map(|(table, parts)| (table, removals(parts)))
            .collect();
        let mut moving: Vec<(Address, Step)> = Vec::new();
        let mut users: HashMap<Address, Vec<Step>> = HashMap::new();
        for (table, change) in self.changes_over() {
            let node = self.steps.node(change);
            if node.address.table() == table {
                if node.action == Action::Update {
                    moving.push((table, change));
                }
                continue;
            }
            for first in created.get(&table).into_iter().flatten() {
                self.prefer(*first, change, SERVING);
            }
            for removal in removed.get(&table).into_iter().flatten() {
                self.prefer(change, *removal, SERVING);
            }
            users.entry(table).or_default().push(change);
        }
        // A new part may need one that moves over: its own subnet's way out. So
        // these orders are laid as far as nothing else speaks against them.
        for (table, change) in moving {
            let made = created.get(&table).into_iter().flatten();
            for first in made.chain(users.get(&table).into_iter().flatten()) {
                let reason = Reason(SERVING.into());
                self.steps.before_unless_circle(*first, change, reason);
            }
            for removal in removed.get(&table).into_iter().flatten() {
                let reason = Reason(SERVING.into());
                self.steps.before_unless_circle(change, *removal, reason);
            }
        }
    }

    /// The tables that are made anew, each with the step of one that stays and
    /// holds it.
    fn changes_over(&self) -> Vec<(Address, Step)> {
        let users = self.leaving.ties.iter().enumerate();
        let users = users.filter_map(|(user, ties)| Some((self.change[user]?, ties)));
        users
            .flat_map(|(change, ties)| {
                let held = ties.uses.iter().filter(|used| used.holds);
                let tables = held.filter_map(|used| {
                    let (table, end) = &self.leaving.objects[used.target];
                    let address = table.address.as_ref().filter(|it| it.part.is_none())?;
                    (*end == End::Replaced).then(|| (address.clone(), change))
                });
                tables.collect::<Vec<_>>()
            })
            .collect()
    }
}
