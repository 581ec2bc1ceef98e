//! A managed policy that a role has: AWS's own or the account's.
//!
//! One list tells all that a role has. Those that neither the file wants nor
//! the state remembers were attached by others: they are foreign.

use std::collections::BTreeMap;

use async_trait::async_trait;

use super::managed_policies;
use super::role_part::{self, ROLE, known, own, role_of, text_of, unless_gone};
use crate::aws::rehearsal::Rehearsals;
use crate::aws::roles::{IAM_PROPAGATION, OwnRole};
use crate::aws::{Aws, Call, CallError, Seen, on};
use crate::kind::{About, Field, Foreign, Intent, Kind, Live, PartOf, Scope, Standing, Told, Type};
use crate::model::network::Network;
use crate::model::{Action, Address, Attributes, Value};

/// A role's `managed_policy` parts.
pub struct ManagedPolicy;

const LABEL: &str = "managed_policy";

const FIELDS: &[Field] = &[
    ROLE,
    Field::new("policy_arn", Type::Text, "The policy's ARN.")
        .required()
        .replaces("an attachment is of one policy"),
];

#[async_trait]
impl Kind for ManagedPolicy {
    fn about(&self) -> About {
        About {
            name: "role_managed_policy",
            summary: "A managed policy that a role has.",
            example: "",
            part_of: Some(PartOf {
                table: "role",
                label: LABEL,
            }),
            tagged: false,
            contained: false,
        }
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn tell(&self, told: &Told<'_>, network: &mut Network) {
        if let Some(role) = network.roles.get_mut(&told.key_in("role")) {
            let arn = told.key_in("policy_arn");
            role.policies
                .push(managed_policies::named(&arn, told.spot("")));
        }
    }

    fn natural_key(&self) -> &'static [&'static str] {
        &["role", "policy_arn"]
    }

    fn rehearse(&self, step: &Intent<'_>, calls: &mut Rehearsals) {
        let action = match step.action {
            Action::Delete => "iam:DetachRolePolicy",
            _ => "iam:AttachRolePolicy",
        };
        role_part::rehearse(step, action, calls);
    }

    async fn find(&self, scope: &Scope<'_>) -> Result<Vec<Live>, CallError> {
        let mut by_role: BTreeMap<String, Vec<Address>> = BTreeMap::new();
        for (address, role) in known(scope, LABEL).await? {
            by_role.entry(role).or_default().push(address);
        }
        let roles = own(scope).await?;
        let reads = roles.iter().map(|own| {
            let role = own.role.role_name();
            (own, by_role.remove(role).unwrap_or_default())
        });
        let reads = reads.filter(|(_, wanted)| scope.thorough || !wanted.is_empty());
        let reads = reads.map(|(own, wanted)| async move {
            let attached = attached(scope.aws, own.role.role_name()).await?;
            Ok::<_, CallError>(sorted_out(own, wanted, attached))
        });
        let found = futures_util::future::try_join_all(reads).await?;
        Ok(found.into_iter().flatten().collect())
    }

    async fn rejoin(&self, scope: &Scope<'_>, table: &mut Standing) -> Result<(), CallError> {
        let of_aws = format!("arn:{}:iam::aws:policy/", scope.place.partition());
        let found = attached(scope.aws, &table.id).await?;
        let policies = found
            .values()
            .map(|arn| arn.strip_prefix(&of_aws).unwrap_or(arn));
        table.fields.set("managed_policies", Value::texts(policies));
        Ok(())
    }

    async fn create(&self, call: &Call<'_>, inputs: &Attributes) -> Result<String, CallError> {
        let (role, arn) = (role_of(inputs)?, text_of(inputs, "policy_arn")?);
        let request = call.aws.iam.attach_role_policy().role_name(role);
        let request = request.policy_arn(arn);
        // Attaching what is attached is success (IAM API reference).
        call.write_iam("the role to take the policy", None, || async {
            request.clone().send().await.map_err(on("AttachRolePolicy"))
        })
        .await?;
        Ok(id_of(role, arn))
    }

    async fn settle(
        &self,
        call: &Call<'_>,
        _id: &str,
        inputs: &Attributes,
    ) -> Result<Attributes, CallError> {
        let (role, arn) = (role_of(inputs)?, text_of(inputs, "policy_arn")?);
        call.wait_for("the policy to be attached", IAM_PROPAGATION, || async {
            let attached = attached(call.aws, role).await?;
            Ok(match attached.values().any(|it| it == arn) {
                true => Seen::Ready(()),
                false => Seen::Pending("not yet known".into()),
            })
        })
        .await?;
        Ok(Attributes::new())
    }

    async fn delete(&self, call: &Call<'_>, _id: &str, live: &Attributes) -> Result<(), CallError> {
        let request = call
            .aws
            .iam
            .detach_role_policy()
            .role_name(role_of(live)?)
            .policy_arn(text_of(live, "policy_arn")?);
        let detached = call.write_iam("the role to let go of the policy", None, || async {
            request.clone().send().await.map_err(on("DetachRolePolicy"))
        });
        unless_gone(detached.await)
    }
}

/// A role's policies: those that are wanted, and those of others.
fn sorted_out(
    own: &OwnRole,
    wanted: Vec<Address>,
    mut attached: BTreeMap<String, String>,
) -> Vec<Live> {
    let role = own.role.role_name();
    let ours = wanted.into_iter().filter_map(|address| {
        let arn = attached.remove(&address.part.as_ref()?.key)?;
        let found = Attributes::new()
            .with("role", role)
            .with("policy_arn", arn.as_str());
        Some(Live::keyed(address, id_of(role, &arn), found))
    });
    let mut found: Vec<Live> = ours.collect();
    found.extend(attached.into_values().map(|arn| {
        let what = Foreign::new(&own.address, "managed policy", arn.as_str());
        let said = Attributes::new()
            .with("role", role)
            .with("policy_arn", arn.as_str());
        Live::foreign(id_of(role, &arn), what).showing(said)
    }));
    found
}

fn id_of(role: &str, arn: &str) -> String {
    format!("{role}/{arn}")
}

/// The role's managed policies: ARNs by name. None where the role is gone.
async fn attached(aws: &Aws, role: &str) -> Result<BTreeMap<String, String>, CallError> {
    let answer: Result<Vec<_>, _> = aws
        .iam
        .list_attached_role_policies()
        .role_name(role)
        .into_paginator()
        .items()
        .send()
        .collect()
        .await;
    let policies = match answer.map_err(on("ListAttachedRolePolicies")) {
        Err(error) if error.is_not_found() => Vec::new(),
        other => other?,
    };
    Ok(policies
        .iter()
        .filter_map(|it| Some((it.policy_name()?.to_owned(), it.policy_arn()?.to_owned())))
        .collect())
}
