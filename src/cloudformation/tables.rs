//! The tables of the draft while resources are taken over.

use std::collections::BTreeMap;

use super::scope::Key;
use crate::draft::DraftTable;
use crate::model::{Address, Value};

/// Tables by address, and the order in which they stand.
#[derive(Debug, Default)]
pub(super) struct Tables {
    order: Vec<Address>,
    tables: BTreeMap<Address, DraftTable>,
    /// The resource that each table comes from.
    pub origins: BTreeMap<Address, (Key, usize)>,
}

impl Tables {
    /// The table at an address, made where there is none.
    pub(super) fn at(&mut self, address: &Address) -> &mut DraftTable {
        if !self.tables.contains_key(address) {
            self.order.push(address.clone());
        }
        self.tables
            .entry(address.clone())
            .or_insert_with(|| DraftTable::new(address.clone()))
    }

    /// Sets a field.
    pub(super) fn set(&mut self, address: &Address, field: &str, value: Value) {
        self.at(address).fields.set(field, value);
    }

    /// Adds an item to a list, where it does not stand there already.
    pub(super) fn add(&mut self, address: &Address, field: &str, value: Value) {
        let mut items = self.at(address).fields.list(field).to_vec();
        if !items.contains(&value) {
            items.push(value);
        }
        self.set(address, field, Value::List(items));
    }

    /// Takes a table away.
    pub(super) fn remove(&mut self, address: &Address) {
        self.tables.remove(address);
    }

    /// The tables in their order.
    pub(super) fn into_tables(mut self) -> Vec<DraftTable> {
        let order = std::mem::take(&mut self.order);
        order
            .iter()
            .filter_map(|it| self.tables.remove(it))
            .collect()
    }

    /// The tables in their order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &DraftTable> {
        self.order.iter().filter_map(|it| self.tables.get(it))
    }
}
