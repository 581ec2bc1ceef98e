//! Condition keys: what a request carries beside its action and resource.
//!
//! Names count without regard to case (IAM user guide, "Condition keys").

use std::collections::BTreeMap;

use super::text::Text;

/// What a condition key holds for a request.
///
/// A text may be a stand-in for what has no id yet, `vpce-(gateway_endpoint.s3)`.
/// For the IP operators it may be a range: an address somewhere in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holds {
    /// These values; for most keys it is one.
    Texts(Vec<String>),
    /// The request certainly does not carry it.
    Missing,
    /// It is there, and its value is not known.
    Something,
    /// Whether it is there is not known; why, as a sentence fragment.
    Unknown(String),
}

impl Holds {
    /// One value.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::Texts(vec![text.into()])
    }
}

/// The condition keys of a request. What is not among them is not known, but
/// for those that follow from its principal ([`super::Principal`]).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keys(BTreeMap<String, Holds>);

impl Keys {
    /// No keys.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with one more key.
    #[must_use]
    pub fn with(mut self, key: &str, holds: Holds) -> Self {
        self.set(key, holds);
        self
    }

    /// The same with a key of one value.
    #[must_use]
    pub fn with_text(self, key: &str, text: impl Into<String>) -> Self {
        self.with(key, Holds::text(text))
    }

    /// The same with keys that the request certainly does not carry.
    #[must_use]
    pub fn without(mut self, keys: &[&str]) -> Self {
        for key in keys {
            self.set(key, Holds::Missing);
        }
        self
    }

    /// Sets a key.
    pub fn set(&mut self, key: &str, holds: Holds) {
        self.0.insert(key.to_ascii_lowercase(), holds);
    }

    /// What a key holds, if that was said.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Holds> {
        self.0.get(&key.to_ascii_lowercase())
    }
}

/// What a key holds, in the terms of the comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Held {
    /// All of these.
    Texts(Vec<Text>),
    /// One of these.
    OneOf(Vec<Text>),
    /// Not there.
    Missing,
    /// There, with a value that is not known.
    Something,
    /// Perhaps there; why that is not known.
    Unknown(String),
}

impl Held {
    /// One known value.
    pub(super) fn text(text: &str) -> Self {
        Self::Texts(vec![Text::known(text)])
    }

    /// The same for people.
    pub(super) fn shown(&self) -> Holds {
        match self {
            Self::Texts(texts) => Holds::Texts(texts.iter().map(Text::shown).collect()),
            Self::OneOf(texts) => Holds::Texts(texts.iter().take(1).map(Text::shown).collect()),
            Self::Missing => Holds::Missing,
            Self::Something => Holds::Something,
            Self::Unknown(why) => Holds::Unknown(why.clone()),
        }
    }
}

impl From<&Holds> for Held {
    fn from(holds: &Holds) -> Self {
        match holds {
            // No value at all counts as no key (IAM user guide, "Set operators").
            Holds::Texts(texts) if texts.is_empty() => Self::Missing,
            Holds::Texts(texts) => Self::Texts(texts.iter().map(|it| Text::known(it)).collect()),
            Holds::Missing => Self::Missing,
            Holds::Something => Self::Something,
            Holds::Unknown(why) => Self::Unknown(why.clone()),
        }
    }
}
