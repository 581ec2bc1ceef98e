//! Attributes: the named values of one node.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Address;
use super::value::{Reference, Value};

/// The named values of one node: what is wanted of it, or what AWS says of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Attributes(pub BTreeMap<String, Value>);

impl Attributes {
    /// No values.
    #[must_use]
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// Sets a value.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_owned(), value.into());
    }

    /// Sets a text, or nothing where there is none.
    pub fn set_text(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.set(name, text);
        }
    }

    /// The same values with one more, for building in one expression.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.set(name, value);
        self
    }

    /// A value by name; [`Value::Null`] counts as absent.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| **value != Value::Null)
    }

    /// A text by name.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::as_text)
    }

    /// A boolean by name.
    #[must_use]
    pub fn bool(&self, name: &str) -> Option<bool> {
        self.get(name).and_then(Value::as_bool)
    }

    /// A whole number by name.
    #[must_use]
    pub fn integer(&self, name: &str) -> Option<i64> {
        self.get(name).and_then(Value::as_integer)
    }

    /// A list by name; empty where there is none.
    #[must_use]
    pub fn list(&self, name: &str) -> &[Value] {
        self.get(name).and_then(Value::as_list).unwrap_or(&[])
    }

    /// The texts of a list by name; what is not text is left out.
    #[must_use]
    pub fn texts(&self, name: &str) -> Vec<String> {
        self.list(name)
            .iter()
            .filter_map(|item| item.as_text().map(str::to_owned))
            .collect()
    }

    /// The node that a field refers to, if it is a plain reference.
    #[must_use]
    pub fn target(&self, name: &str) -> Option<&Address> {
        self.get(name).and_then(Value::as_target)
    }

    /// The nodes that a list field refers to.
    #[must_use]
    pub fn targets(&self, name: &str) -> Vec<&Address> {
        self.list(name)
            .iter()
            .filter_map(Value::as_target)
            .collect()
    }

    /// Every name and value, in name order.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.0.iter()
    }

    /// Calls `visit` with every reference inside the values.
    pub fn each_reference<'a>(&'a self, visit: &mut impl FnMut(&'a Reference)) {
        for value in self.0.values() {
            value.each_reference(visit);
        }
    }

    /// See [`Value::resolve`].
    #[must_use]
    pub fn resolve(
        &self,
        account: Option<&str>,
        known: &impl Fn(&Reference) -> Option<Value>,
    ) -> Self {
        Self(
            self.0
                .iter()
                .map(|(name, value)| (name.clone(), value.resolve(account, known)))
                .collect(),
        )
    }
}

impl FromIterator<(String, Value)> for Attributes {
    fn from_iter<T: IntoIterator<Item = (String, Value)>>(values: T) -> Self {
        Self(values.into_iter().collect())
    }
}
