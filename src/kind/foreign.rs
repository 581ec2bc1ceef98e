//! What others have put into objects of ours.
//!
//! A route that somebody added to our table, a rule in our group, a record in our
//! zone: it stands in an object of ours and is not ours. It is found, shown and
//! left alone. What AWS itself keeps there (the local route, a zone's own
//! records) is neither ours nor foreign, and is not told.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::model::Address;

/// A thing of others within an object of ours.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Foreign {
    /// The table that it stands in.
    pub within: Address,
    /// What it is, in one word or two that take a plural `s`: `route`.
    pub noun: Cow<'static, str>,
    /// What it is like: `0.0.0.0/0 via igw-0a1b`.
    pub what: String,
    /// Who likely owns it, as far as AWS tells: `CloudFormation stack web`.
    pub owner: Option<String>,
}

impl Foreign {
    /// Something of which AWS does not tell the owner.
    #[must_use]
    pub fn new(within: &Address, noun: &'static str, what: impl Into<String>) -> Self {
        Self {
            within: within.clone(),
            noun: Cow::Borrowed(noun),
            what: what.into(),
            owner: None,
        }
    }

    /// Says who likely owns it.
    #[must_use]
    pub fn owned_by(mut self, owner: Option<String>) -> Self {
        self.owner = owner;
        self
    }
}
