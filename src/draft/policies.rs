//! Policy documents as TOML, their keys in the order in which people write them.

use toml_edit::{Array, InlineTable, Value as Written};

use super::values::plain;
use crate::model::{Value, policy};

/// A document; JSON text becomes TOML where it is a document.
pub(super) fn written(value: &Value) -> Option<Written> {
    match value {
        Value::Map(_) => part(value, true),
        Value::String(text) => match policy::parse(text) {
            Ok(document @ Value::Map(_)) => part(&document, true),
            _ => plain(value, true),
        },
        other => plain(other, true),
    }
}

/// A document or a statement (`ordered`), or what is inside.
fn part(value: &Value, ordered: bool) -> Option<Written> {
    match value {
        Value::Map(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            if ordered {
                keys.sort_by_key(|key| (policy::place_of_element(key), *key));
            }
            let mut table = InlineTable::new();
            for key in keys {
                let inside = map.get(key)?;
                if let Some(value) = part(inside, ordered && key == "Statement") {
                    table.insert(key, value);
                }
            }
            Some(table.into())
        }
        Value::List(items) => {
            let mut array = Array::new();
            for item in items.iter().filter_map(|item| part(item, ordered)) {
                array.push_formatted(item);
            }
            Some(array.into())
        }
        other => plain(other, true),
    }
}
