//! Asks EC2, in one paged read, which stacks have a lifetime.

use std::collections::{BTreeMap, BTreeSet};

use super::error::on;
use super::tagging::filter;
use super::{Aws, CallError};
use crate::model::tags;

impl Aws {
    /// The stacks of which EC2 has an object with the end of a lifetime. EC2
    /// keeps the tags of what is already gone for up to an hour, so that nothing
    /// may be left of one.
    ///
    /// # Errors
    /// AWS's refusal.
    pub async fn stacks_with_lifetimes(&self) -> Result<BTreeSet<String>, CallError> {
        let found: Vec<_> = self
            .ec2
            .describe_tags()
            .filters(filter("key", [tags::STACK, tags::EXPIRES_AT]))
            .into_paginator()
            .items()
            .send()
            .collect::<Result<_, _>>()
            .await
            .map_err(on("DescribeTags"))?;
        let mut ends = BTreeSet::new();
        let mut stacks = BTreeMap::new();
        for tag in &found {
            match (tag.key(), tag.resource_id(), tag.value()) {
                (Some(tags::EXPIRES_AT), Some(id), _) => drop(ends.insert(id)),
                (Some(tags::STACK), Some(id), Some(stack)) => drop(stacks.insert(id, stack)),
                _ => {}
            }
        }
        stacks.retain(|id, _| ends.contains(id));
        Ok(stacks.into_values().map(str::to_owned).collect())
    }
}
