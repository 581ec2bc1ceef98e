//! Names for tables: from what a person called the object, made valid and unique.

use std::collections::BTreeSet;

use crate::model::Address;

/// The longest name that is made: the file stays readable.
const LONGEST: usize = 40;

/// The names that are taken so far.
#[derive(Debug, Clone, Default)]
pub struct Names {
    taken: BTreeSet<Address>,
}

impl Names {
    /// An address of a kind, after `wish` as far as a name can be made of it,
    /// else after `fallback`, which must be a name. A second one of the same
    /// name gets a number.
    pub fn take(&mut self, kind: &str, wish: &str, fallback: &str) -> Address {
        let base = match sound_name(wish) {
            name if name.is_empty() => fallback.to_owned(),
            name => name,
        };
        let mut number = 1_usize;
        loop {
            let name = match number {
                1 => base.clone(),
                _ => format!("{base}-{number}"),
            };
            let address = Address::new(kind, &name);
            if self.taken.insert(address.clone()) {
                return address;
            }
            number += 1;
        }
    }
}

/// The letters, digits, `-` and `_` of a text; what stands between them becomes
/// one `-`. Empty where nothing is left.
#[must_use]
pub fn sound_name(text: &str) -> String {
    let mut name = sound(text);
    name.truncate(LONGEST);
    name.trim_matches('-').to_owned()
}

/// The same, however long.
#[must_use]
pub fn sound(text: &str) -> String {
    let mut name = String::new();
    for character in text.chars() {
        if character.is_ascii_alphanumeric() || character == '_' {
            name.push(character);
        } else if !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
    }
    name.trim_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::address::is_name;
    use proptest::prelude::*;

    #[test]
    fn names_are_valid_and_unique() {
        let mut names = Names::default();
        let mut take = |wish: &str| names.take("subnet", wish, "subnet").name;
        assert_eq!(take("My \"net\"\n№ 1"), "My-net-1");
        assert_eq!(take("private-1"), "private-1");
        assert_eq!(take("private 1"), "private-1-2");
        assert_eq!(take("—"), "subnet");
        assert_eq!(take(""), "subnet-2");
    }

    proptest! {
        #[test]
        fn any_texts_give_names(wishes in proptest::collection::vec(".{0,80}", 1..12)) {
            let mut names = Names::default();
            let mut seen = BTreeSet::new();
            for wish in wishes {
                let address = names.take("vpc", &wish, "vpc");
                prop_assert!(is_name(&address.name), "{}", address.name);
                prop_assert!(seen.insert(address));
            }
        }
    }
}
