//! Objects that AWS knows by a name of our choosing: buckets, roles, profiles.
//!
//! Their reads have no filter by tag, so they are asked for by name, and a
//! creation that AWS refuses because the name is taken may mean no more than
//! that an earlier run broke off after it. The tags tell.

use std::collections::{BTreeMap, BTreeSet};

use super::{Call, CallError};
use crate::model::{Address, Attributes, Place, Tags, tags};

/// A node that the file wants or the state remembers: its address, its inputs
/// and its remembered id.
pub type Known<'a> = (&'a Address, &'a Attributes, Option<&'a str>);

/// Where a name comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NamedBy {
    /// The nodes: several where a table was given another name in the file and
    /// the state remembers the former one.
    pub addresses: Vec<Address>,
    /// Whether the state remembers the name.
    pub remembered: bool,
}

/// The names to ask for, each once: what the file says, and what the state
/// remembers where that differs (an object that is being replaced). A name that
/// only apply will know is no name to ask for.
pub fn names<'a>(
    place: &Place,
    known: impl IntoIterator<Item = Known<'a>>,
) -> BTreeMap<String, NamedBy> {
    let mut names: BTreeMap<String, NamedBy> = BTreeMap::new();
    for (address, inputs, id) in known {
        let stated = inputs
            .get("name")
            .map(|name| name.resolve(Some(&place.account), &|_| None))
            .and_then(|name| name.to_text());
        let both: BTreeSet<String> = stated.into_iter().chain(id.map(str::to_owned)).collect();
        for name in both.into_iter().filter(|_| !address.existing) {
            let remembered = id == Some(name.as_str());
            let by = names.entry(name).or_default();
            by.addresses.push(address.clone());
            by.remembered |= remembered;
        }
    }
    names
}

/// Whether an object's tags say that it belongs to a stack: to that of this region,
/// for one that belongs to no region itself.
#[must_use]
pub fn is_of(stack: &str, place: &Place, found: &Tags) -> bool {
    let own = found.get(tags::STACK).is_some_and(|owner| owner == stack);
    own && tags::elsewhere(found, &place.region).is_none()
}

/// The address that an object's tags name.
#[must_use]
pub fn address_in(found: &Tags) -> Option<Address> {
    found.get(tags::ADDRESS).and_then(|text| text.parse().ok())
}

impl Call<'_> {
    /// What a look for an object by its name gives, where `found` are its tags,
    /// if it is there: its name, where it is this node's.
    ///
    /// # Errors
    /// It is somebody else's.
    pub fn adopted(
        &self,
        operation: &'static str,
        name: &str,
        found: Option<Tags>,
    ) -> Result<Vec<String>, CallError> {
        let Some(found) = found else {
            return Ok(Vec::new());
        };
        let taken = CallError::Refused {
            operation,
            code: "AlreadyExists".to_owned(),
            message: String::new(),
            request_id: None,
        };
        self.adopt(name, &found, taken)?;
        Ok(vec![name.to_owned()])
    }

    /// Takes an object that stands under the wanted name already for the one
    /// that is to be made, if its tags say that an earlier run made it for
    /// this very node.
    ///
    /// # Errors
    /// It is somebody else's: `refusal`, with the owner in its message.
    pub fn adopt(&self, name: &str, found: &Tags, refusal: CallError) -> Result<(), CallError> {
        let node = self.address.to_string();
        let owner = match (found.get(tags::STACK), found.get(tags::ADDRESS)) {
            (Some(_), Some(address))
                if is_of(self.stack, self.place, found) && *address == node =>
            {
                return Ok(());
            }
            (Some(stack), Some(address)) => {
                let region = tags::elsewhere(found, &self.place.region);
                let region = region.map_or_else(String::new, |region| format!(" in {region}"));
                format!("belongs to {address} of stack {stack}{region}")
            }
            _ => "is there already and carries no tag of s3net".to_owned(),
        };
        let CallError::Refused {
            operation,
            code,
            request_id,
            ..
        } = refusal
        else {
            return Err(refusal);
        };
        Err(CallError::Refused {
            operation,
            code,
            message: format!(
                "{name} {owner}; choose another name, look it up under [existing.{}.…], or delete it",
                self.address.kind
            ),
            request_id,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Piece, Value};

    fn place() -> Place {
        Place {
            account: "123456789012".into(),
            region: "ap-northeast-1".into(),
        }
    }

    fn named(name: Value) -> Attributes {
        Attributes([("name".to_owned(), name)].into())
    }

    #[test]
    fn an_object_is_asked_for_by_stated_and_remembered_name_once() {
        let data = Address::new("bucket", "data");
        let logs = Address::new("bucket", "logs");
        let looked_up = Address::existing("bucket", "old");
        let plain = named("new".into());
        let with_account = named(Value::Template(vec![
            Piece::Text("logs-".into()),
            Piece::Account,
        ]));
        let known = [
            (&data, &plain, Some("old")),
            (&logs, &with_account, Some("logs-123456789012")),
            (&looked_up, &plain, None),
        ];
        let found = names(&place(), known);
        let found: Vec<_> = found
            .iter()
            .map(|(name, by)| (name.as_str(), by.addresses[0].name.as_str(), by.remembered))
            .collect();
        let expected = [
            ("logs-123456789012", "logs", true),
            ("new", "data", false),
            ("old", "data", true),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_renamed_table_has_two_addresses() {
        let (old, new) = (Address::new("role", "b"), Address::new("role", "a"));
        let inputs = named("x".into());
        let found = names(
            &place(),
            [(&new, &inputs, None), (&old, &inputs, Some("x"))],
        );
        assert_eq!(found["x"].addresses, [new, old]);
        assert!(found["x"].remembered);
    }

    #[test]
    fn a_name_that_is_not_known_yet_is_not_asked_for() {
        let data = Address::new("bucket", "data");
        let inputs = named(Value::Unknown);
        assert!(names(&place(), [(&data, &inputs, None)]).is_empty());
    }
}
