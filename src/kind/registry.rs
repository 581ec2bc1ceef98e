//! The list of kinds, and the questions asked of it.

use super::Kind;
use crate::model::Address;

/// The kinds that a run knows.
#[derive(Clone, Copy)]
pub struct Registry {
    kinds: &'static [&'static dyn Kind],
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_list().entries(self.names()).finish()
    }
}

impl Registry {
    /// A registry of these kinds.
    #[must_use]
    pub const fn new(kinds: &'static [&'static dyn Kind]) -> Self {
        Self { kinds }
    }

    /// Every kind, parts included, in registry order.
    pub fn all(&self) -> impl Iterator<Item = &'static dyn Kind> {
        self.kinds.iter().copied()
    }

    /// The kinds that a plan file can have tables of.
    pub fn tables(&self) -> impl Iterator<Item = &'static dyn Kind> {
        self.all().filter(|kind| kind.about().part_of.is_none())
    }

    /// The names of the kinds that a plan file can have tables of.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.tables().map(|kind| kind.about().name)
    }

    /// The kind of a table by its name.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<&'static dyn Kind> {
        self.tables().find(|kind| kind.about().name == name)
    }

    /// The kind of the node that an address names.
    #[must_use]
    pub fn of(&self, address: &Address) -> Option<&'static dyn Kind> {
        match &address.part {
            None => self.table(&address.kind),
            Some(part) => self.all().find(|kind| {
                kind.about().part_of.is_some_and(|part_of| {
                    part_of.table == address.kind && part_of.label == part.label
                })
            }),
        }
    }
}
