//! `[[moved]]` and `[[removed]]`: what became of tables that had another name,
//! or are no longer wanted.
//!
//! ```toml
//! [[moved]]
//! from = "vpc.old"
//! to   = "vpc.main"
//!
//! [[removed]]
//! from    = "bucket.logs"
//! destroy = false             # the object stays, and s3net forgets it
//! ```
//!
//! Both are read at every run, and say nothing once they are done. So a `from`
//! cannot stand in the file: two tables that swapped their names would swap them
//! back at the next run. Nor can the state remember that they have: it is a cache,
//! and a plan without it is to be the same. A chain (a to b, b to c) leads to its
//! end.

use std::collections::BTreeMap;

use super::document::{Holds, Table};
use super::imports::{listed, needed, only};
use super::reading::{Found, Reading};
use super::{Moved, Removed};
use crate::kind::Type;
use crate::model::{Address, Diagnostic, Span};

impl Reading<'_> {
    /// Reads every `[[moved]]`; those with a mistake are left out.
    pub(crate) fn moved(&self, root: &Table, problems: &mut Vec<Diagnostic>) -> Vec<Moved> {
        let mut found = Found::default();
        let mut stated: Vec<(Moved, Span, Span)> = Vec::new();
        for one in listed(root, "moved", problems) {
            only(one.0, "moved", &["from", "to"], &mut found);
            let from = needed(&one, "moved", ("from", "vpc.old"), self.broken, &mut found);
            let to = needed(&one, "moved", ("to", "vpc.main"), self.broken, &mut found);
            let read = |entry: Option<&super::document::Entry>, what, found: &mut Found| {
                let entry = entry?;
                let address = self.table_named(&entry.item, what, found)?;
                Some((address, entry.item.span.clone()))
            };
            let from = read(from, "`from`", &mut found);
            let to = read(to, "`to`", &mut found);
            if let Some(((from, from_span), (to, to_span))) = from.zip(to) {
                let moved = Moved {
                    from,
                    to,
                    span: one.1.clone(),
                };
                stated.push((moved, from_span, to_span));
            }
        }
        let next: BTreeMap<&Address, &Address> = stated
            .iter()
            .map(|(moved, ..)| (&moved.from, &moved.to))
            .collect();
        let mut read = Vec::new();
        for (place, (moved, from, to)) in stated.iter().enumerate() {
            let before = found.problems.len();
            self.check_ends(moved, (from, to), &next, &mut found);
            for (other, other_from, other_to) in &stated[..place] {
                let twice = if other.from == moved.from {
                    Some((from, other_from, &moved.from, "from"))
                } else if other.to == moved.to {
                    Some((to, other_to, &moved.to, "to"))
                } else {
                    None
                };
                if let Some((span, twin, address, key)) = twice {
                    found.problems.push(
                        Diagnostic::error(span.clone(), format!("{address} is moved {key} twice"))
                            .also(twin.clone(), "the first")
                            .because("an object has one name, and a name one object")
                            .remedy("remove one of them"),
                    );
                }
            }
            if found.problems.len() == before
                && let Some(end) = self.end_of(&moved.from, &next)
            {
                read.push(Moved {
                    to: end,
                    ..moved.clone()
                });
            }
        }
        problems.append(&mut found.problems);
        read
    }

    /// Where a chain of moves ends: at a table of the file.
    fn end_of(&self, from: &Address, next: &BTreeMap<&Address, &Address>) -> Option<Address> {
        let mut at = *next.get(from)?;
        for _ in 0..next.len() {
            if self.tables.contains_key(at) {
                return Some(at.clone());
            }
            at = next.get(at)?;
        }
        None
    }

    fn check_ends(
        &self,
        moved: &Moved,
        (from_span, to_span): (&Span, &Span),
        next: &BTreeMap<&Address, &Address>,
        found: &mut Found,
    ) {
        let Moved { from, to, .. } = moved;
        if from.kind != to.kind {
            found.problems.push(
                Diagnostic::error(to_span.clone(), format!("{from} cannot become {to}"))
                    .because("an object of AWS stays what it is; only its name here changes")
                    .remedy(format!("write \"{}.{}\"", from.kind, to.name)),
            );
            return;
        }
        if let Some(table) = self.tables.get(from) {
            let problem =
                Diagnostic::error(from_span.clone(), format!("[{from}] stands in the file"))
                    .also(table.header.clone(), "here");
            found.problems.push(match ring(from, next) {
                Some(ring) => problem
                    .because("names that are swapped would be swapped back at the next run")
                    .remedy(self.swapped_once(&ring)),
                None => problem
                    .because("what has left a name cannot be wanted under it")
                    .remedy("remove the [[moved]], or the table"),
            });
            return;
        }
        if self.broken || self.end_of(from, next).is_some() {
            return;
        }
        found.problems.push(match next.contains_key(to) {
            // Told where the chain ends.
            true if self.leads_on(to, next) => return,
            true => Diagnostic::error(to_span.clone(), "this chain of moves leads in a circle")
                .remedy("let it end at a table of the file"),
            false => self.dangling(to, to_span.clone()),
        });
    }

    /// How names that go round change places, once.
    fn swapped_once(&self, ring: &[&Address]) -> String {
        let Some((first, others)) = ring.split_first() else {
            return String::new();
        };
        let mut free = (*first).clone();
        while self.tables.contains_key(&free) || ring.contains(&&free) {
            free.name.push_str("-then");
        }
        // Each goes to the name that the one before it has left.
        let mut steps = vec![format!("`s3net state move FILE {first} {free}`")];
        let mut left = *first;
        for at in others.iter().rev() {
            steps.push(format!("`… {at} {left}`"));
            left = at;
        }
        steps.push(format!("`… {free} {left}`"));
        format!(
            "take these [[moved]] away, and swap the names once: {}",
            steps.join(", ")
        )
    }

    /// Whether a chain comes to an end, wherever that is.
    fn leads_on(&self, from: &Address, next: &BTreeMap<&Address, &Address>) -> bool {
        let mut at = from;
        for _ in 0..=next.len() {
            match next.get(at) {
                Some(to) => at = to,
                None => return true,
            }
        }
        false
    }

    /// Reads every `[[removed]]`; those with a mistake are left out.
    pub(crate) fn removed(
        &self,
        root: &Table,
        moved: &[Moved],
        problems: &mut Vec<Diagnostic>,
    ) -> Vec<Removed> {
        let mut found = Found::default();
        let mut read: BTreeMap<Address, (Removed, Span)> = BTreeMap::new();
        for one in listed(root, "removed", problems) {
            only(one.0, "removed", &["from", "destroy"], &mut found);
            let destroy = one
                .0
                .get("destroy")
                .and_then(|entry| match entry.item.holds {
                    Holds::Bool(destroy) => Some(destroy),
                    _ => found.problem(self.wrong_type(&Type::Bool, &entry.item, "destroy")),
                });
            let entry = needed(
                &one,
                "removed",
                ("from", "vpc.old"),
                self.broken,
                &mut found,
            );
            let Some(entry) = entry else { continue };
            let span = entry.item.span.clone();
            let Some(from) = self.table_named(&entry.item, "`from`", &mut found) else {
                continue;
            };
            if let Some(table) = self.tables.get(&from) {
                found.problems.push(
                    Diagnostic::error(span, format!("[{from}] stands in the file"))
                        .also(table.header.clone(), "here")
                        .because("what is removed cannot be wanted")
                        .remedy("remove the table, or the [[removed]]"),
                );
                continue;
            }
            if let Some(moved) = moved.iter().find(|moved| moved.from == from) {
                found.problems.push(
                    Diagnostic::error(span, format!("{from} is moved and removed"))
                        .also(moved.span.clone(), "it is moved here")
                        .remedy("remove one of them"),
                );
                continue;
            }
            if let Some((_, twin)) = read.get(&from) {
                found.problems.push(
                    Diagnostic::error(span, format!("{from} is removed twice"))
                        .also(twin.clone(), "the first")
                        .remedy("remove one of them"),
                );
                continue;
            }
            let removed = Removed {
                from: from.clone(),
                destroy: destroy.unwrap_or(false),
                span: one.1.clone(),
            };
            read.insert(from, (removed, span));
        }
        problems.append(&mut found.problems);
        read.into_values().map(|(removed, _)| removed).collect()
    }
}

/// The names that a chain of moves goes through until it comes back to its first,
/// from the same name wherever it is entered.
fn ring<'a>(
    from: &'a Address,
    next: &BTreeMap<&'a Address, &'a Address>,
) -> Option<Vec<&'a Address>> {
    let mut ring = vec![from];
    let mut at = *next.get(from)?;
    while at != from {
        if ring.contains(&at) {
            return None;
        }
        ring.push(at);
        at = *next.get(at)?;
    }
    let first = (0..ring.len()).min_by_key(|place| ring[*place])?;
    ring.rotate_left(first);
    Some(ring)
}
