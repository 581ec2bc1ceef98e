//! Looking a role up by its name or by its tags.

use aws_sdk_iam::types::Role as Described;

use super::attributes;
use crate::aws::roles::{from_iam, role_named};
use crate::aws::{CallError, on};
use crate::kind::{Live, Query, Scope};

/// How many roles are asked for side by side.
const SIDE_BY_SIDE: usize = 8;

/// Every role that fits. By tags, each role of the account is asked for, since
/// a list of roles gives no tags.
pub(super) async fn look_up(scope: &Scope<'_>, query: &Query) -> Result<Vec<Live>, CallError> {
    let names = match query.id.as_ref().or(query.name.as_ref()) {
        Some(name) => vec![name.clone()],
        None => all_names(scope).await?,
    };
    let mut found = Vec::new();
    for chunk in names.chunks(SIDE_BY_SIDE) {
        let reads = chunk.iter().map(|name| role_named(scope.aws, name));
        let roles = futures_util::future::try_join_all(reads).await?;
        for role in roles.into_iter().flatten() {
            let tags = from_iam(role.tags());
            if query
                .tags
                .iter()
                .all(|(key, value)| tags.get(key) == Some(value))
            {
                found.push(Live {
                    id: role.role_name().to_owned(),
                    attributes: attributes(&role)?,
                    tags,
                    ..Live::default()
                });
            }
        }
    }
    Ok(found)
}

async fn all_names(scope: &Scope<'_>) -> Result<Vec<String>, CallError> {
    let roles: Vec<Described> = scope
        .aws
        .iam
        .list_roles()
        .into_paginator()
        .items()
        .send()
        .collect::<Result<_, _>>()
        .await
        .map_err(on("ListRoles"))?;
    Ok(roles
        .iter()
        .map(|role| role.role_name().to_owned())
        .collect())
}
