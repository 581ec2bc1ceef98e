//! What people call things: by their tags.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types::Tag;

use super::super::tagging::from_ec2;
use crate::model::network::{Key, Network};
use crate::model::{Tags, tags};

/// Notes what a thing is called, if its tags say it: its address in a stack,
/// else its name.
pub(super) fn put(network: &mut Network, key: &str, found: &Tags) {
    let label = [tags::ADDRESS, tags::NAME]
        .iter()
        .filter_map(|tag| found.get(*tag))
        .map(|text| text.trim())
        .find(|text| !text.is_empty() && !text.chars().any(char::is_control));
    if let Some(label) = label {
        network.labels.insert(key.to_owned(), label.to_owned());
    }
}

/// [`put`] with the tags of an EC2 object.
pub(super) fn put_ec2(network: &mut Network, key: &str, found: &[Tag]) {
    put(network, key, &from_ec2(found));
}

/// Adds the id to every label that several things have: two stacks can use the
/// same address, and all machines of a group bear one name.
pub(super) fn tell_apart(labels: &mut BTreeMap<Key, String>) {
    let mut seen = BTreeSet::new();
    let twice: BTreeSet<String> = labels
        .values()
        .filter(|label| !seen.insert(*label))
        .cloned()
        .collect();
    for (key, label) in labels {
        if twice.contains(label) {
            *label = format!("{label} ({key})");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(found: &[(&str, &str)]) -> Option<String> {
        let mut network = Network::default();
        let found = found
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        put(&mut network, "i-1", &found.collect());
        network.labels.get("i-1").cloned()
    }

    #[test]
    fn an_address_goes_before_a_name() {
        let both = [("Name", "web"), (tags::ADDRESS, "instance.one")];
        assert_eq!(label(&both).as_deref(), Some("instance.one"));
        assert_eq!(label(&[("Name", " web ")]).as_deref(), Some("web"));
        for nothing in ["", "  ", "a\u{1b}[2Jb"] {
            assert_eq!(label(&[("Name", nothing)]), None);
        }
    }

    #[test]
    fn what_has_one_label_is_told_apart() {
        let labels = [("i-1", "web"), ("i-2", "web"), ("i-3", "db")];
        let mut labels = labels
            .map(|(key, label)| (key.to_owned(), label.to_owned()))
            .into();
        tell_apart(&mut labels);
        let told: Vec<&str> = labels.values().map(String::as_str).collect();
        assert_eq!(told, ["web (i-1)", "web (i-2)", "db"]);
    }
}
