//! Tags: the memory that AWS keeps for us.
//!
//! Every taggable object carries the name of its stack and its address from
//! the call that creates it, so that state can be lost and rebuilt, and so
//! that nothing without them is ever changed. Tags that others put on our
//! objects (cost allocation, backup tools) are left alone: only keys that the
//! file states, or that an earlier run of ours wrote, are compared.

use std::collections::BTreeMap;

/// Tag key that holds the name of the stack that owns an object.
pub const STACK: &str = "s3net:stack";
/// Tag key that holds the address of an object inside its stack.
pub const ADDRESS: &str = "s3net:address";
/// Tag key that holds which creation an object comes from, so that a call whose
/// answer was lost can be told from all others. It is written by the creating
/// call of what has no client token, and never changed or compared afterwards.
pub const TOKEN: &str = "s3net:token";
/// Tag key that holds the moment at which a stack's lifetime ends, where the file
/// states one: RFC 3339, UTC, whole seconds ([`crate::model::lifetime`]).
pub const EXPIRES_AT: &str = "s3net:expires-at";
/// Tag key that holds the region of the stack, on what itself belongs to no region
/// (roles, profiles, zones), so that a look from another region can tell that it is
/// not alone. It is written by the creating or adopting call, and never changed or
/// compared afterwards: what was made before there was such a tag has none.
pub const REGION: &str = "s3net:region";
/// Tag key that AWS consoles show as an object's name.
pub const NAME: &str = "Name";
/// Prefix of the keys that are ours alone.
pub const PREFIX: &str = "s3net:";

/// Prefix of the keys that are AWS's alone (Tagging AWS resources user guide).
pub const AWS_PREFIX: &str = "aws:";

/// AWS's limits on keys and values everywhere (Amazon EC2 user guide, "Tag your
/// Amazon EC2 resources"); a plan file keeps to them.
pub const LONGEST_KEY: usize = 128;
/// The same of a value.
pub const LONGEST_VALUE: usize = 256;
/// The characters that every service takes, in a sentence.
pub const ALLOWED: &str = "letters, digits, spaces and _ . : / = + - @ are allowed";

/// Whether every service takes a character in a tag.
#[must_use]
pub fn is_allowed(character: char) -> bool {
    character.is_alphanumeric() || character == ' ' || "_.:/=+-@".contains(character)
}

/// Whether a plan file can state a tag: by its characters and their number, not by
/// whose key it is.
#[must_use]
pub fn can_be_stated(key: &str, value: &str) -> bool {
    !key.is_empty()
        && key.chars().count() <= LONGEST_KEY
        && value.chars().count() <= LONGEST_VALUE
        && key.chars().chain(value.chars()).all(is_allowed)
}

/// Tag keys and values of one object.
pub type Tags = BTreeMap<String, String>;

/// Whether a key is written as an object becomes ours, and only then: remembered nowhere, compared
/// with nothing, and left as it is.
#[must_use]
pub fn is_of_creation(key: &str) -> bool {
    [TOKEN, REGION].contains(&key)
}

/// The tags to write and the keys to remove to get from one set to another.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct TagChange {
    /// Keys and values to write.
    pub set: Tags,
    /// Keys to remove.
    pub remove: Vec<String>,
}

impl TagChange {
    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.set.is_empty() && self.remove.is_empty()
    }

    /// Whether a key is written or removed.
    #[must_use]
    pub fn touches(&self, key: &str) -> bool {
        self.set.contains_key(key) || self.remove.iter().any(|gone| gone == key)
    }

    /// Whether nothing but one key is written or removed.
    #[must_use]
    pub fn is_only_of(&self, key: &str) -> bool {
        !self.is_empty()
            && self.set.keys().all(|written| written == key)
            && self.remove.iter().all(|gone| gone == key)
    }

    /// What it takes to bring `live` to `wanted`. A key that is in neither
    /// `wanted` nor `ours` (what an earlier run of ours wrote) is foreign and stays.
    #[must_use]
    pub fn between(live: &Tags, wanted: &Tags, ours: &Tags) -> Self {
        Self {
            set: wanted
                .iter()
                .filter(|(key, value)| live.get(*key) != Some(value))
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect(),
            remove: live
                .keys()
                .filter(|key| !wanted.contains_key(*key) && !is_of_creation(key))
                .filter(|key| ours.contains_key(*key) || key.starts_with(PREFIX))
                .cloned()
                .collect(),
        }
    }
}

/// The region of the stack that an object belongs to, where that is not this one.
#[must_use]
pub fn elsewhere<'t>(found: &'t Tags, region: &str) -> Option<&'t str> {
    let of = found.get(REGION).map(String::as_str);
    of.filter(|of| *of != region)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> Tags {
        pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect()
    }

    #[test]
    fn foreign_tags_stay() {
        let live = tags(&[("Name", "a"), ("CostCentre", "7"), ("Old", "x")]);
        let wanted = tags(&[("Name", "b")]);
        let change = TagChange::between(&live, &wanted, &tags(&[("Old", "x")]));
        assert_eq!(change.set, tags(&[("Name", "b")]));
        assert_eq!(change.remove, vec!["Old".to_owned()]);
    }

    #[test]
    fn what_a_creation_alone_writes_is_never_compared() {
        let live = [(STACK, "a"), (TOKEN, "0123"), (REGION, "eu-west-1")];
        let mut live = tags(&live);
        live.insert("s3net:old".to_owned(), "x".to_owned());
        let change = TagChange::between(&live, &tags(&[(STACK, "a")]), &Tags::new());
        assert!(change.set.is_empty());
        assert_eq!(change.remove, vec!["s3net:old".to_owned()]);
    }
}
