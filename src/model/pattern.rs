//! Patterns: how a person names several addresses at once.
//!
//! ```text
//! subnet.private-*             the tables that fit, with all their parts
//! *.s3                         tables of any kind
//! route_table.private-1        one table, with its parts
//! route_table.*/route:*        parts alone
//! ```

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Address;

/// Names addresses; each `*` stands for any characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AddressPattern {
    /// What the table's address is to fit.
    table: String,
    /// What follows the `/` of a part's address, where only parts are meant.
    part: Option<String>,
}

/// Why a text is no pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// It is no address, also not with wildcards.
    #[error(
        "`{0}` is not an address: expected `kind.name`, such as `subnet.private-1`, or with \
         wildcards, such as `subnet.*`"
    )]
    NoAddress(String),
    /// It names a look-up.
    #[error("`{0}` is looked up and never changed, so there is nothing to choose")]
    LookUp(String),
}

impl AddressPattern {
    /// Whether it means a node: the table that it names, each part of it, or
    /// the part that it names.
    #[must_use]
    pub fn takes(&self, address: &Address) -> bool {
        let table = || format!("{}.{}", address.kind, address.name);
        if address.existing || !fits(&self.table, &table()) {
            return false;
        }
        match (&self.part, &address.part) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(pattern), Some(part)) if part.key.is_empty() => fits(pattern, &part.label),
            (Some(pattern), Some(part)) => fits(pattern, &format!("{}:{}", part.label, part.key)),
        }
    }

    /// Whether it names a node itself: a part of a table that it names does not
    /// count.
    #[must_use]
    pub fn names(&self, address: &Address) -> bool {
        self.part.is_some() == address.part.is_some() && self.takes(address)
    }

    /// The same for a table that was renamed, where it means the table by its
    /// former name alone.
    #[must_use]
    pub fn renamed(&self, from: &Address, to: &Address) -> Option<Self> {
        let table = |address: &Address| format!("{}.{}", address.kind, address.name);
        let means = |address: &Address| fits(&self.table, &table(address));
        (means(from) && !means(to)).then(|| Self {
            table: table(to),
            part: self.part.clone(),
        })
    }

    /// The kind that it names, unless that has a wildcard.
    #[must_use]
    pub fn kind(&self) -> Option<&str> {
        let (kind, _) = self.table.split_once('.')?;
        (!kind.contains('*')).then_some(kind)
    }
}

impl fmt::Display for AddressPattern {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.table)?;
        match &self.part {
            Some(part) => write!(out, "/{part}"),
            None => Ok(()),
        }
    }
}

impl FromStr for AddressPattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        let error = || PatternError::NoAddress(text.to_owned());
        if text.starts_with("existing.") {
            return Err(PatternError::LookUp(text.to_owned()));
        }
        let (table, part) = match text.split_once('/') {
            Some((table, part)) => (table, Some(part)),
            None => (text, None),
        };
        let (kind, name) = table.split_once('.').unwrap_or((table, "*"));
        let of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '*');
        let is_name = |text: &str| !text.is_empty() && text.chars().all(of_name);
        let whole = table.contains(['.', '*']);
        if !whole || !is_name(kind) || !is_name(name) || part == Some("") {
            return Err(error());
        }
        Ok(Self {
            table: table.to_owned(),
            part: part.map(str::to_owned),
        })
    }
}

impl TryFrom<String> for AddressPattern {
    type Error = PatternError;

    fn try_from(text: String) -> Result<Self, PatternError> {
        text.parse()
    }
}

impl From<AddressPattern> for String {
    fn from(pattern: AddressPattern) -> Self {
        pattern.to_string()
    }
}

/// Whether a text fits a pattern in which each `*` stands for any characters.
#[must_use]
pub fn fits(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        // There is no `*`.
        return rest.is_empty();
    };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, text, is) in [
            ("subnet.private-*", "subnet.private-1", true),
            ("subnet.private-*", "subnet.public", false),
            ("*", "anything", true),
            ("*", "", true),
            ("a*a", "a", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("a*c*", "abcd", true),
            ("plain", "plain", true),
            ("plain", "plainer", false),
        ] {
            assert_eq!(fits(pattern, text), is, "{pattern} {text}");
        }
    }

    #[test]
    fn a_table_is_meant_with_its_parts() {
        let cases = [
            // pattern, address, takes it, names it
            ("subnet.private-*", "subnet.private-1", true, true),
            ("*.s3", "gateway_endpoint.s3", true, true),
            ("*", "vpc.main", true, true),
            ("sub*", "subnet.a", true, true),
            (
                "route_table.a",
                "route_table.a/route:0.0.0.0/0",
                true,
                false,
            ),
            ("route_table.a", "route_table.ab", false, false),
            (
                "route_table.*/route:*",
                "route_table.a/route:::/0",
                true,
                true,
            ),
            (
                "route_table.*/route",
                "route_table.a/route:::/0",
                false,
                false,
            ),
            ("route_table.a/*", "route_table.a", false, false),
            ("bucket.data/policy", "bucket.data/policy", true, true),
            ("bucket.data/policy", "bucket.data/versioning", false, false),
            // The name of a table is not looked for in the keys of parts.
            ("*.s3", "role.one/inline_policy:x.s3", false, false),
            ("*", "existing.vpc.shared", false, false),
        ];
        for (pattern, address, takes, names) in cases {
            let it: AddressPattern = pattern.parse().unwrap();
            let address: Address = address.parse().unwrap();
            assert_eq!(it.takes(&address), takes, "{pattern} {address}");
            assert_eq!(it.names(&address), names, "{pattern} {address}");
            assert_eq!(it.to_string(), pattern);
        }
    }

    #[test]
    fn a_renamed_table_is_meant_by_its_former_name_too() {
        let (from, to) = (Address::new("vpc", "old"), Address::new("vpc", "main"));
        for (pattern, now) in [
            ("vpc.old", Some("vpc.main")),
            ("*.o*", Some("vpc.main")),
            ("vpc.old/part:*", Some("vpc.main/part:*")),
            // It means the table by the name that it has now.
            ("vpc.*", None),
            ("vpc.main", None),
            ("subnet.old", None),
        ] {
            let pattern: AddressPattern = pattern.parse().unwrap();
            let renamed = pattern.renamed(&from, &to);
            assert_eq!(
                renamed.map(|it| it.to_string()).as_deref(),
                now,
                "{pattern}"
            );
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            "subnet",
            "subnet.",
            ".x",
            "a b.c",
            "a.b.c",
            "subnet.a/",
            "sub net.*",
        ] {
            let read = text.parse::<AddressPattern>();
            assert_eq!(read, Err(PatternError::NoAddress(text.to_owned())));
        }
        let read = "existing.vpc.shared".parse::<AddressPattern>();
        assert!(matches!(read, Err(PatternError::LookUp(_))), "{read:?}");
        assert_eq!(
            "subnet.*".parse::<AddressPattern>().unwrap().kind(),
            Some("subnet")
        );
        assert_eq!("*.s3".parse::<AddressPattern>().unwrap().kind(), None);
    }

    /// The same by trying every split.
    fn slowly(pattern: &[char], text: &[char]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some(('*', rest)) => (0..=text.len()).any(|at| slowly(rest, &text[at..])),
            Some((one, rest)) => text.first() == Some(one) && slowly(rest, &text[1..]),
        }
    }

    proptest! {
        #[test]
        fn patterns_agree_with_trying_all(pattern in "[ab*é]{0,7}", text in "[abé]{0,8}") {
            let (letters, word): (Vec<char>, Vec<char>) =
                (pattern.chars().collect(), text.chars().collect());
            prop_assert_eq!(fits(&pattern, &text), slowly(&letters, &word));
        }

        #[test]
        fn an_address_is_a_pattern_of_itself(
            text in "[a-z_]{1,5}\\.[a-z0-9-]{1,5}(/[a-z]{1,4}(:[a-z0-9:./]{1,6})?)?"
        ) {
            let address: Address = text.parse().unwrap();
            let pattern: AddressPattern = text.parse().unwrap();
            prop_assert!(pattern.names(&address));
        }
    }
}
