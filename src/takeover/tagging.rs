//! Tags that a plan file can state, and those that all tables share.

use std::collections::BTreeMap;

use crate::model::tags::{AWS_PREFIX, NAME, PREFIX, can_be_stated};
use crate::model::{Address, Tags};

/// The tags that a table states, and notes on those that it cannot.
pub(super) fn stated(address: &Address, live: &Tags, stack: &str, notes: &mut Vec<String>) -> Tags {
    let mut stated = Tags::new();
    for (key, value) in live {
        if key.starts_with(PREFIX) || key.to_ascii_lowercase().starts_with(AWS_PREFIX) {
            continue;
        }
        if key == NAME && *value == format!("{stack}-{}", address.name) {
            // What every object is called that says nothing.
            continue;
        }
        if can_be_stated(key, value) {
            stated.insert(key.clone(), value.clone());
        } else if key == NAME {
            notes.push(format!(
                "named {value:?}, which a plan file cannot say, and stays so"
            ));
        } else {
            notes.push(format!("tag {key:?} = {value:?} stays as it is"));
        }
    }
    stated
}

/// Takes the tags that all tables have alike out of them, for `[stack]`.
pub(super) fn shared(tables: &mut [&mut Tags]) -> Tags {
    let mut shared: BTreeMap<String, String> = match tables.first() {
        Some(first) if tables.len() > 1 => (**first).clone(),
        _ => return Tags::new(),
    };
    shared.remove(NAME);
    shared.retain(|key, value| tables.iter().all(|tags| tags.get(key) == Some(value)));
    for tags in tables {
        tags.retain(|key, _| !shared.contains_key(key));
    }
    shared
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> Tags {
        let pairs = pairs.iter();
        pairs
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect()
    }

    #[test]
    fn a_table_states_what_it_can() {
        let address = Address::new("vpc", "main");
        let mut notes = Vec::new();
        let live = tags(&[
            ("Name", "lab-main"),
            ("Owner", "me"),
            ("aws:cloudformation:stack-name", "x"),
            ("Quote", "say \"no\"\n"),
        ]);
        let written = stated(&address, &live, "lab", &mut notes);
        assert_eq!(written, tags(&[("Owner", "me")]));
        assert_eq!(
            notes,
            ["tag \"Quote\" = \"say \\\"no\\\"\\n\" stays as it is"]
        );
    }

    #[test]
    fn what_all_tables_have_goes_to_the_stack() {
        let mut one = tags(&[("Name", "x"), ("Project", "p"), ("Tier", "a")]);
        let mut two = tags(&[("Name", "x"), ("Project", "p"), ("Tier", "b")]);
        let common = shared(&mut [&mut one, &mut two]);
        assert_eq!(common, tags(&[("Project", "p")]));
        assert_eq!(one, tags(&[("Name", "x"), ("Tier", "a")]));
        assert_eq!(shared(&mut [&mut one]), Tags::new());
    }
}
