//! What a kind is given to tell facts of one object for a trace.
//!
//! A kind tells a wanted object and a live one by the same few lines, which is
//! why a trace before an apply can be held against the one after it:
//!
//! ```text
//! node of the file, references as keys ─┐
//! what AWS says of an object ───────────┴─► Told ──Kind::tell──► Network
//! ```
//!
//! Kinds are asked in the order of the registry, and objects of one kind in the
//! order of their addresses. So a kind that adds to another kind's entry (a
//! route to its table, a record to its zone) stands after it in the registry,
//! and adds nothing where that entry is missing: what it belongs to was not read.

use std::collections::BTreeSet;
use std::fmt;

use crate::model::network::{Key, Known, Spot};
use crate::model::{Address, Attributes, Place, Value, policy};

/// One object, for telling.
pub struct Told<'a> {
    /// AWS's id of it, or its stand-in.
    pub key: &'a str,
    /// Its node, where it is ours; none for what others put into our objects.
    pub address: Option<&'a Address>,
    /// What is known of it. References stand as keys; a value that only apply
    /// will know is [`Value::Unknown`] or missing.
    pub attributes: &'a Attributes,
    /// Why it does not work, where AWS says so.
    pub broken: Option<&'a str>,
    /// Where the stack lives.
    pub place: &'a Place,
    /// Whether the file says it.
    pub stated: bool,
    /// See [`Told::beyond`].
    pub behind: &'a dyn Fn(&str, &str) -> Option<Value>,
}

impl fmt::Debug for Told<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = out.debug_struct("Told");
        shown.field("key", &self.key);
        shown.field("address", &self.address);
        shown.field("attributes", &self.attributes);
        shown.finish_non_exhaustive()
    }
}

impl Told<'_> {
    /// An attribute of the object that a field refers to, such as the
    /// `public_ip` of a gateway's `elastic_ip`; `id` gives that object's key.
    /// Nothing where it is not known, or not ours.
    #[must_use]
    pub fn beyond(&self, field: &str, attribute: &str) -> Option<Value> {
        (self.behind)(field, attribute)
    }

    /// The key of the object that a field refers to.
    #[must_use]
    pub fn key_beyond(&self, field: &str, attribute: &str) -> Option<Key> {
        let value = self.beyond(field, attribute)?;
        value.as_text().map(str::to_owned)
    }

    /// Whether it is a look-up of something that is not ours. What AWS keeps
    /// apart from it, such as the routes of a table, was not read then.
    #[must_use]
    pub fn looked_up(&self) -> bool {
        self.address.is_some_and(|address| address.existing)
    }

    /// What to say of something of a look-up that was not read.
    #[must_use]
    pub fn unread(&self, what: &str) -> String {
        let label = self.address.map(ToString::to_string);
        let label = label.unwrap_or_else(|| self.key.to_owned());
        format!("{what} of {label} {ARE_NOT_READ}")
    }

    /// Where the file says it: the node and one of its fields, or nothing for
    /// the node as a whole.
    #[must_use]
    pub fn spot(&self, field: &'static str) -> Option<Spot> {
        let address = self.address.filter(|_| self.stated)?;
        Some(Spot {
            address: address.clone(),
            field,
        })
    }

    /// The key in a field; empty where it is not known.
    #[must_use]
    pub fn key_in(&self, field: &str) -> Key {
        self.attributes.text(field).unwrap_or_default().to_owned()
    }

    /// The keys in a field that lists several.
    #[must_use]
    pub fn keys_in(&self, field: &str) -> BTreeSet<Key> {
        self.attributes.texts(field).into_iter().collect()
    }

    /// The policy document in a field; nothing where there is none.
    #[must_use]
    pub fn policy_in(&self, field: &str) -> Known<Option<Value>> {
        match self.attributes.get(field) {
            None => Known::Is(None),
            Some(document @ Value::Map(_)) => Known::Is(Some(document.clone())),
            Some(Value::String(text)) => match policy::parse(text) {
                Ok(document) => Known::Is(Some(document)),
                Err(error) => Known::Not(format!("the policy is unreadable: {error}")),
            },
            Some(_) => Known::Not("the policy is known only after apply".to_owned()),
        }
    }
}

/// How the reason ends why something is not known of an object that the file
/// only looks up.
pub const ARE_NOT_READ: &str = "are not in the file; `--live` reads them";

#[cfg(test)]
mod tests {
    use super::*;

    fn told<'a>(attributes: &'a Attributes, address: &'a Address, place: &'a Place) -> Told<'a> {
        Told {
            key: "vpce-1",
            address: Some(address),
            attributes,
            broken: None,
            place,
            stated: !address.existing,
            behind: &|_, _| None,
        }
    }

    #[test]
    fn a_policy_is_a_document_or_says_why_not() {
        let (address, place) = (Address::new("gateway_endpoint", "s3"), Place::default());
        let of = |policy: Value| {
            let attributes = Attributes::new().with("policy", policy);
            told(&attributes, &address, &place).policy_in("policy")
        };
        assert_eq!(of(Value::Null), Known::Is(None));
        let document = Value::Map([("Statement".to_owned(), Value::List(Vec::new()))].into());
        assert_eq!(of(document.clone()), Known::Is(Some(document.clone())));
        assert_eq!(of(r#"{"Statement":[]}"#.into()), Known::Is(Some(document)));
        assert_eq!(
            of("[]".into()),
            Known::Not(
                "the policy is unreadable: a policy document is a JSON object, \
                 `{ \"Version\": …, \"Statement\": … }`"
                    .into()
            )
        );
        assert!(of(Value::Unknown).get().is_none());
    }

    #[test]
    fn only_what_the_file_says_has_a_spot() {
        let (attributes, place) = (Attributes::new(), Place::default());
        let own = Address::new("vpc", "main");
        let spot = told(&attributes, &own, &place).spot("cidr").unwrap();
        assert_eq!((spot.address, spot.field), (own, "cidr"));
        let found = Address::existing("vpc", "shared");
        let told = told(&attributes, &found, &place);
        assert_eq!(told.spot(""), None);
        assert_eq!(
            told.unread("the routes"),
            "the routes of existing.vpc.shared are not in the file; `--live` reads them"
        );
    }
}
