//! Looking a role up by its name or by its tags, and telling of one as it stands.

use aws_sdk_iam::types::Role as Described;

use super::attributes;
use super::expanding::principal_of;
use crate::aws::roles::{from_iam, role_named};
use crate::aws::{CallError, on};
use crate::kind::{Area, Live, Query, Scope, Standing, Standings};
use crate::model::{Value, policy};

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

/// The roles of these names. Those of AWS's own services are left to AWS.
pub(super) async fn standing(scope: &Scope<'_>, area: &Area) -> Result<Standings, CallError> {
    let mut standings = Standings::default();
    for name in area.named() {
        let Some(role) = role_named(scope.aws, name).await? else {
            let told = format!("role {name}: there is none of this name");
            standings.left_out.push(told);
            continue;
        };
        if role.path().starts_with("/aws-") {
            let told = format!("role {name}: AWS made it for a service of its own");
            standings.left_out.push(told);
            continue;
        }
        let live = Live {
            id: role.role_name().to_owned(),
            attributes: attributes(&role)?,
            tags: from_iam(role.tags()),
            ..Live::default()
        };
        let mut standing = Standing::new(live, super::FIELDS);
        standing.drop_if("description", "");
        if let Some(service) = service_of(standing.fields.get("trust"), &scope.place.region) {
            standing.fields.0.remove("trust");
            standing.fields.set("service", service);
        }
        standing.called = Some(name.to_owned());
        standings.objects.push(standing);
    }
    Ok(standings)
}

/// The service that alone may take a role, as a table names it; nothing where
/// the trust says anything else.
fn service_of(trust: Option<&Value>, region: &str) -> Option<String> {
    let trust = trust?;
    let principals = policy::principals(trust);
    let [principal] = principals.iter().collect::<Vec<_>>()[..] else {
        return None;
    };
    policy::same(trust, &policy::trust_of_service(principal)).then(|| {
        let short = principal.split('.').next().unwrap_or_default();
        match principal_of(short, region) == *principal {
            true => short.to_owned(),
            false => principal.to_string(),
        }
    })
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
