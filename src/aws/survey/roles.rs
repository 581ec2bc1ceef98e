//! Roles with the documents of their policies.
//!
//! ```text
//! GetRole ─────────────────── ARN, boundary ─┐
//! ListAttachedRolePolicies ──────────────────┴─► GetPolicy ─► GetPolicyVersion
//! ListRolePolicies ─► GetRolePolicy each         (each policy once for all roles)
//! ```

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::try_join_all;

use super::super::error::on;
use super::super::roles::{document_from_iam, from_iam};
use super::super::{Aws, CallError};
use super::gaps::{if_allowed, may_not_read};
use super::labels;
use crate::model::network::{Key, Known, NamedPolicy, Network, Role};
use crate::model::{Place, Tags, Value, tags};

/// A role, as yet without the documents of its managed policies.
#[derive(Debug)]
pub(super) struct Outline {
    name: Key,
    arn: String,
    tags: Tags,
    inline: Vec<NamedPolicy>,
    /// The ARNs.
    attached: Known<Vec<String>>,
    /// The ARN.
    boundary: Known<Option<String>>,
}

/// Documents of managed policies, by ARN.
pub(super) type Documents = BTreeMap<String, Known<Value>>;

/// Reads roles by name.
///
/// # Errors
/// AWS's refusal of anything but a permission; a role that is not there is one.
pub(super) async fn outlines(
    aws: &Aws,
    place: &Place,
    names: BTreeSet<String>,
) -> Result<Vec<Outline>, CallError> {
    try_join_all(names.into_iter().map(|name| outline(aws, place, name))).await
}

async fn outline(aws: &Aws, place: &Place, name: String) -> Result<Outline, CallError> {
    let role = async {
        let sent = aws.iam.get_role().role_name(&name).send().await;
        let read = sent.map_err(on("GetRole"));
        if_allowed(read, "the role")
    };
    let (role, inline, attached) =
        tokio::try_join!(role, inline(aws, &name), attached(aws, &name))?;
    let (arn, tags, boundary) = match role {
        Known::Is(answer) => {
            let role = answer.role();
            let role = role.ok_or_else(|| CallError::internal("GetRole gave no role"))?;
            let boundary = role.permissions_boundary();
            let boundary = boundary.and_then(|it| it.permissions_boundary_arn());
            (
                role.arn().to_owned(),
                from_iam(role.tags()),
                Known::Is(boundary.map(str::to_owned)),
            )
        }
        // Its path, which its ARN has, is not known.
        Known::Not(reason) => {
            let partition = place.partition();
            let arn = format!("arn:{partition}:iam::{}:role/({name})", place.account);
            (arn, Tags::new(), Known::Not(reason))
        }
    };
    Ok(Outline {
        name,
        arn,
        tags,
        inline,
        attached,
        boundary,
    })
}

async fn inline(aws: &Aws, role: &str) -> Result<Vec<NamedPolicy>, CallError> {
    let request = aws.iam.list_role_policies().role_name(role);
    let pages = request.into_paginator().items().send();
    let names: Result<Vec<String>, _> = pages.collect().await;
    let names = if_allowed(
        names.map_err(on("ListRolePolicies")),
        "the role's inline policies",
    )?;
    let names = match names {
        Known::Is(names) => names,
        Known::Not(reason) => return Ok(vec![policy("inline policies", Known::Not(reason))]),
    };
    let reads = names.into_iter().map(|name| async move {
        let request = aws.iam.get_role_policy().role_name(role);
        let sent = request.policy_name(&name).send().await;
        let read = if_allowed(sent.map_err(on("GetRolePolicy")), "the policy")?;
        let document = match read {
            Known::Is(answer) => document(Some(answer.policy_document())),
            Known::Not(reason) => Known::Not(reason),
        };
        Ok(policy(format!("inline policy {name}"), document))
    });
    try_join_all(reads).await
}

async fn attached(aws: &Aws, role: &str) -> Result<Known<Vec<String>>, CallError> {
    let request = aws.iam.list_attached_role_policies().role_name(role);
    let pages = request.into_paginator().items().send();
    let found: Result<Vec<_>, _> = pages.collect().await;
    let found = found.map_err(on("ListAttachedRolePolicies"));
    Ok(match if_allowed(found, "which policies the role has")? {
        Known::Is(found) => Known::Is(
            found
                .into_iter()
                .filter_map(|attached| attached.policy_arn)
                .collect(),
        ),
        Known::Not(reason) => Known::Not(reason),
    })
}

/// The managed policies of roles, their boundaries among them.
pub(super) fn managed_of(roles: &[Outline]) -> BTreeSet<String> {
    let attached = roles
        .iter()
        .filter_map(|role| role.attached.get())
        .flatten();
    let boundaries = roles
        .iter()
        .filter_map(|role| role.boundary.get())
        .flatten();
    attached.chain(boundaries).cloned().collect()
}

/// Reads managed policies in the version that is in force.
///
/// # Errors
/// AWS's refusal of anything but a permission.
pub(super) async fn managed_policies(
    aws: &Aws,
    arns: BTreeSet<String>,
) -> Result<Documents, CallError> {
    let reads = arns.into_iter().map(|arn| async move {
        let document = match if_allowed(text_of(aws, &arn).await, "the policy")? {
            Known::Is(text) => document(text.as_deref()),
            Known::Not(reason) => Known::Not(reason),
        };
        Ok((arn, document))
    });
    Ok(try_join_all(reads).await?.into_iter().collect())
}

async fn text_of(aws: &Aws, arn: &str) -> Result<Option<String>, CallError> {
    let answer = aws.iam.get_policy().policy_arn(arn).send().await;
    let answer = answer.map_err(on("GetPolicy"))?;
    let version = answer.policy().and_then(|it| it.default_version_id());
    let version = version.ok_or_else(|| CallError::internal("GetPolicy gave no version"))?;
    let request = aws.iam.get_policy_version().policy_arn(arn);
    let answer = request.version_id(version).send().await;
    let answer = answer.map_err(on("GetPolicyVersion"))?;
    let version = answer.policy_version();
    Ok(version.and_then(|it| it.document()).map(str::to_owned))
}

fn document(text: Option<&str>) -> Known<Value> {
    let Some(text) = text else {
        return Known::Not("IAM gave no document".to_owned());
    };
    match document_from_iam(text) {
        Ok(document) => Known::Is(document),
        Err(error) => Known::Not(error.to_string()),
    }
}

fn policy(name: impl Into<String>, document: Known<Value>) -> NamedPolicy {
    NamedPolicy {
        name: name.into(),
        document,
        spot: None,
    }
}

/// Tells a role.
pub(super) fn tell(network: &mut Network, role: Outline, documents: &Documents) {
    let managed = |arn: &str| {
        let name = arn.rsplit('/').next().unwrap_or(arn);
        let document = documents.get(arn).cloned();
        policy(
            name,
            document.unwrap_or_else(|| Known::Not(may_not_read("the policy"))),
        )
    };
    let mut policies = role.inline;
    match role.attached {
        Known::Is(arns) => policies.extend(arns.iter().map(|arn| managed(arn))),
        Known::Not(reason) => policies.push(policy("attached policies", Known::Not(reason))),
    }
    let boundary = match role.boundary {
        Known::Is(arn) => arn.as_deref().map(managed),
        Known::Not(reason) => Some(policy("permissions boundary", Known::Not(reason))),
    };
    // It has a name already: only its address tells more.
    if let Some(address) = role.tags.get(tags::ADDRESS) {
        let address = Tags::from([(tags::ADDRESS.to_owned(), address.clone())]);
        labels::put(network, &role.name, &address);
    }
    let facts = Role {
        arn: role.arn,
        policies,
        boundary,
        spot: None,
    };
    network.roles.insert(role.name, facts);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::policy;

    const MANAGED: &str = "arn:aws:iam::aws:policy/service-role/AmazonS3FullAccess";

    fn outline() -> Outline {
        Outline {
            name: "reader".into(),
            arn: "arn:aws:iam::111122223333:role/reader".into(),
            tags: Tags::from([(tags::ADDRESS.into(), "role.reader".into())]),
            inline: vec![super::policy("inline policy s3", Known::Not("x".into()))],
            attached: Known::Is(vec![MANAGED.into()]),
            boundary: Known::Is(Some("arn:aws:iam::111122223333:policy/edge".into())),
        }
    }

    fn told(role: Outline, documents: &Documents) -> (Network, Role) {
        let mut network = Network::default();
        tell(&mut network, role, documents);
        let role = network.roles["reader"].clone();
        (network, role)
    }

    #[test]
    fn a_role_has_all_its_policies_and_its_boundary() {
        let all = Known::Is(policy::document(vec![]));
        let managed = managed_of(&[outline()]);
        let documents = managed.into_iter().map(|arn| (arn, all.clone())).collect();
        let (network, role) = told(outline(), &documents);
        let names: Vec<&str> = role.policies.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["inline policy s3", "AmazonS3FullAccess"]);
        assert_eq!(role.policies[1].document, all);
        let boundary = role.boundary.unwrap();
        assert_eq!(boundary.name, "edge");
        assert_eq!(boundary.document, all);
        assert_eq!(network.label("reader"), "role.reader");
    }

    #[test]
    fn what_may_not_be_read_is_not_left_out() {
        let hidden = Outline {
            attached: Known::Not("a".into()),
            boundary: Known::Not("b".into()),
            ..outline()
        };
        assert!(managed_of(std::slice::from_ref(&hidden)).is_empty());
        let (_, role) = told(hidden, &Documents::new());
        assert_eq!(role.policies.len(), 2);
        assert_eq!(role.policies[1].document, Known::Not("a".into()));
        assert_eq!(role.boundary.unwrap().document, Known::Not("b".into()));
        // A document that did not come is none that allows or denies nothing.
        let (_, role) = told(outline(), &Documents::new());
        assert!(matches!(role.policies[1].document, Known::Not(_)));
    }

    #[test]
    fn a_document_that_is_none_is_not_known() {
        assert!(matches!(document(None), Known::Not(_)));
        assert!(matches!(document(Some("%5B%5D")), Known::Not(_)));
        assert!(matches!(document(Some("%7B%7D")), Known::Is(_)));
    }
}
