//! Asks EC2, in one paged read, for everything that still carries a stack's tag.
//!
//! EC2 keeps the tags of what is already gone for up to an hour (terminated
//! instances and their volumes and interfaces, deleted NAT gateways and
//! endpoints). Those types are left to each kind's own read, which sees states.

use super::error::on;
use super::tagging::filter;
use super::{Aws, CallError};
use crate::model::tags;

/// Types whose tags outlive them.
const TOMBSTONES: &[&str] = &[
    "instance",
    "natgateway",
    "vpc-endpoint",
    "network-interface",
    "volume",
    "security-group-rule",
];

impl Aws {
    /// What EC2 still has with the stack's tag: `<type> <id>` each.
    ///
    /// # Errors
    /// AWS's refusal.
    pub async fn tagged_leftovers(&self, stack: &str) -> Result<Vec<String>, CallError> {
        let found: Vec<_> = self
            .ec2
            .describe_tags()
            .filters(filter("key", [tags::STACK]))
            .filters(filter("value", [stack]))
            .into_paginator()
            .items()
            .send()
            .collect::<Result<_, _>>()
            .await
            .map_err(on("DescribeTags"))?;
        Ok(found
            .iter()
            .filter_map(|tag| Some((tag.resource_type()?.as_str(), tag.resource_id()?)))
            .filter(|(kind, _)| !TOMBSTONES.contains(kind))
            .map(|(kind, id)| format!("{kind} {id}"))
            .collect())
    }
}
