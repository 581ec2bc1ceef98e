//! A policy of a role's own, known by its name within the role.
//!
//! IAM gives no list of them with their documents, so each one that the file
//! wants or the state remembers is read by name. Others are foreign, and looked
//! for only where that is asked.

use async_trait::async_trait;

use super::role_part::{self, ROLE, known, own, role_of, text_of, unless_gone};
use crate::aws::rehearsal::Rehearsals;
use crate::aws::roles::{IAM_PROPAGATION, document_from_iam};
use crate::aws::{Aws, Call, CallError, Seen, on};
use crate::kind::{
    About, Change, Field, Foreign, Intent, Kind, Live, Node, PartOf, PolicyUse, Scope, Stack,
    Standing, Told, Type,
};
use crate::model::network::{Known, NamedPolicy, Network};
use crate::model::{Action, Address, Attributes, Diagnostic, Value, policy};

/// A role's `inline_policy` parts.
pub struct InlinePolicy;

const LABEL: &str = "inline_policy";

const FIELDS: &[Field] = &[
    ROLE,
    Field::new("name", Type::Text, "Its name within the role.")
        .required()
        .replaces("AWS cannot rename a role's policy"),
    Field::new("policy", Type::Policy(PolicyUse::Identity), "The document.").required(),
];

/// The longest name (IAM API reference, PutRolePolicy).
const LONGEST_NAME: usize = 128;

#[async_trait]
impl Kind for InlinePolicy {
    fn about(&self) -> About {
        About {
            name: "role_inline_policy",
            summary: "A policy of a role's own.",
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

    fn check(&self, node: &Node, _stack: &Stack, problems: &mut Vec<Diagnostic>) {
        let Some(name) = node.inputs.text("name") else {
            return;
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || "+=,.@_-".contains(c);
        if name.is_empty() || name.len() > LONGEST_NAME || !name.chars().all(plain) {
            problems.push(
                Diagnostic::error(
                    node.span.clone(),
                    format!("`{name}` cannot be a policy's name"),
                )
                .remedy("use 1 to 128 letters, digits and `+=,.@_-`"),
            );
        }
    }

    fn tell(&self, told: &Told<'_>, network: &mut Network) {
        let Some(role) = network.roles.get_mut(&told.key_in("role")) else {
            return;
        };
        role.policies.push(NamedPolicy {
            name: format!("inline policy {}", told.key_in("name")),
            document: match told.policy_in("policy") {
                Known::Is(Some(document)) => Known::Is(document),
                // One of others, of which only the name was read.
                Known::Is(None) => Known::Not("its document is not read".to_owned()),
                Known::Not(reason) => Known::Not(reason),
            },
            spot: told.spot(""),
        });
    }

    fn natural_key(&self) -> &'static [&'static str] {
        &["role", "name"]
    }

    fn rehearse(&self, step: &Intent<'_>, calls: &mut Rehearsals) {
        let action = match step.action {
            Action::Delete => "iam:DeleteRolePolicy",
            _ => "iam:PutRolePolicy",
        };
        role_part::rehearse(step, action, calls);
    }

    async fn find(&self, scope: &Scope<'_>) -> Result<Vec<Live>, CallError> {
        let known = known(scope, LABEL).await?;
        let reads = known.iter().map(|(address, role)| async move {
            let name = address.part.as_ref().map_or("", |part| &part.key);
            let found = read(scope.aws, role, name).await?;
            let id = id_of(role, name);
            Ok::<_, CallError>(found.map(|found| Live::keyed(address.clone(), id, found)))
        });
        let (found, foreign) = tokio::try_join!(
            futures_util::future::try_join_all(reads),
            foreign(scope, &known),
        )?;
        Ok(found.into_iter().flatten().chain(foreign).collect())
    }

    async fn rejoin(&self, scope: &Scope<'_>, table: &mut Standing) -> Result<(), CallError> {
        let mut documents = std::collections::BTreeMap::new();
        for name in names_of(scope.aws, &table.id).await? {
            let found = read(scope.aws, &table.id, &name).await?;
            if let Some(document) = found.as_ref().and_then(|found| found.get("policy")) {
                documents.insert(name, document.clone());
            }
        }
        if !documents.is_empty() {
            table.fields.set("inline_policies", Value::Map(documents));
        }
        Ok(())
    }

    async fn create(&self, call: &Call<'_>, inputs: &Attributes) -> Result<String, CallError> {
        put(call, inputs).await?;
        Ok(id_of(role_of(inputs)?, text_of(inputs, "name")?))
    }

    async fn settle(
        &self,
        call: &Call<'_>,
        _id: &str,
        inputs: &Attributes,
    ) -> Result<Attributes, CallError> {
        let (role, name) = (role_of(inputs)?, text_of(inputs, "name")?);
        call.wait_for("the policy to be known", IAM_PROPAGATION, || async {
            Ok(match read(call.aws, role, name).await? {
                Some(_) => Seen::Ready(()),
                None => Seen::Pending("not yet known".into()),
            })
        })
        .await?;
        Ok(Attributes::new())
    }

    async fn update(
        &self,
        call: &Call<'_>,
        id: &str,
        change: &Change,
    ) -> Result<String, CallError> {
        put(call, &change.after).await?;
        Ok(id.to_owned())
    }

    async fn delete(&self, call: &Call<'_>, _id: &str, live: &Attributes) -> Result<(), CallError> {
        let request = call
            .aws
            .iam
            .delete_role_policy()
            .role_name(role_of(live)?)
            .policy_name(text_of(live, "name")?);
        let deleted = call.write_iam("the role to let go of its policy", None, || async {
            request.clone().send().await.map_err(on("DeleteRolePolicy"))
        });
        unless_gone(deleted.await)
    }
}

/// The policies that others gave to our roles. The list of names is a call for
/// each role that nothing else needs.
async fn foreign(scope: &Scope<'_>, known: &[(Address, String)]) -> Result<Vec<Live>, CallError> {
    if !scope.thorough {
        return Ok(Vec::new());
    }
    let roles = own(scope).await?;
    let reads = roles.iter().map(|own| async move {
        let role = own.role.role_name();
        let names = names_of(scope.aws, role).await?.into_iter();
        let is_known = |name: &String| {
            let mut parts = known.iter().filter(|(_, of)| of == role);
            parts.any(|(address, _)| address.part.as_ref().is_some_and(|it| it.key == *name))
        };
        let names = names.filter(|name| !is_known(name));
        let strange = names.map(|name| {
            let what = Foreign::new(&own.address, "inline policy", name.as_str());
            let said = Attributes::new()
                .with("role", role)
                .with("name", name.as_str());
            Live::foreign(id_of(role, &name), what).showing(said)
        });
        Ok::<_, CallError>(strange.collect::<Vec<_>>())
    });
    let found = futures_util::future::try_join_all(reads).await?;
    Ok(found.into_iter().flatten().collect())
}

/// The names of a role's own policies. None where the role is gone.
async fn names_of(aws: &Aws, role: &str) -> Result<Vec<String>, CallError> {
    let answer: Result<Vec<_>, _> = aws
        .iam
        .list_role_policies()
        .role_name(role)
        .into_paginator()
        .items()
        .send()
        .collect()
        .await;
    match answer.map_err(on("ListRolePolicies")) {
        Err(error) if error.is_not_found() => Ok(Vec::new()),
        other => other,
    }
}

fn id_of(role: &str, name: &str) -> String {
    format!("{role}/{name}")
}

async fn put(call: &Call<'_>, inputs: &Attributes) -> Result<(), CallError> {
    let document = inputs.get("policy").unwrap_or(&Value::Null);
    let request = call
        .aws
        .iam
        .put_role_policy()
        .role_name(role_of(inputs)?)
        .policy_name(text_of(inputs, "name")?)
        .policy_document(policy::to_json_text(document));
    call.write_iam("the role to take its policy", None, || async {
        let sent = request.clone().send().await;
        sent.map(|_| ()).map_err(on("PutRolePolicy"))
    })
    .await
}

async fn read(aws: &Aws, role: &str, name: &str) -> Result<Option<Attributes>, CallError> {
    let request = aws.iam.get_role_policy().role_name(role).policy_name(name);
    let answer = match request.send().await.map_err(on("GetRolePolicy")) {
        Ok(answer) => answer,
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => return Err(error),
    };
    Ok(Some(
        Attributes::new()
            .with("role", role)
            .with("name", name)
            .with("policy", document_from_iam(answer.policy_document())?),
    ))
}
