//! A role. Its policies and its instance profile are nodes of their own.
//!
//! The role's name is its id; the account has each once, whatever the path.
//! What s3net makes lies under a path of its stack, so that roles whose table
//! is gone from the file, and from the state, can still be found.
//!
//! ```text
//!           ┌─► inline_policy:<name>
//! role ─────┼─► managed_policy:<name>
//!           └─► instance_profile
//! ```

use async_trait::async_trait;
use aws_sdk_iam::types::Role as Described;

use super::role_part;
use crate::aws::quotas::Quota;
use crate::aws::rehearsal::Rehearsals;
use crate::aws::roles::{
    IAM_PROPAGATION, document_from_iam, from_iam, path_of, role_named, to_iam,
};
use crate::aws::{Call, CallError, Creation, Seen, on};
use crate::kind::{
    About, Area, Change, Counted, Declared, Default, Field, Intent, Kind, Live, Node, Obstacle,
    Output, PolicyUse, Query, Scope, Stack, Standings, Told, Type,
};
use crate::model::network::Network;
use crate::model::tags::TagChange;
use crate::model::{Action, Attributes, Diagnostic, Place, Value, policy};

mod expanding;
mod letting_go;
mod looking;
mod naming;
mod taken;
mod telling;
#[cfg(test)]
mod tests;

/// `[role.<name>]`
pub struct Role;

const FIELDS: &[Field] = &[
    Field::new(
        "name",
        Type::Text,
        "Its name in the account; `<stack>-<name>` unless stated.",
    )
    .replaces("AWS cannot rename a role"),
    Field::new(
        "path",
        Type::Text,
        "Its path; `/s3net/<stack>/` unless stated.",
    )
    .replaces("AWS cannot move a role to another path"),
    Field::new(
        "service",
        Type::Text,
        "The AWS service that may take it, such as `ec2`; in place of `trust`.",
    )
    .expanded(),
    Field::new(
        "trust",
        Type::Policy(PolicyUse::Trust),
        "Who may take it, as a whole document; in place of `service`.",
    ),
    Field::new("description", Type::Text, "What it is for."),
    Field::new(
        "max_session_duration",
        Type::Integer(3600, 43200),
        "How long one session may last, in seconds, 1 to 12 hours.",
    )
    .default(Default::Integer(3600)),
    Field::new(
        "permissions_boundary",
        Type::Text,
        "The policy that bounds what it may ever do: an ARN, or the name of one of AWS's; none if empty.",
    )
    .default(Default::Text("")),
    Field::new(
        "managed_policies",
        Type::Set(&Type::Text),
        "Policies attached to it: ARNs, or names of AWS's own.",
    )
    .default(Default::Empty)
    .expanded(),
    Field::new(
        "inline_policies",
        Type::Map(&Type::Policy(PolicyUse::Identity)),
        "Policies of its own, by name.",
    )
    .expanded(),
    Field::new(
        "instance_profile",
        Type::Bool,
        "Whether instances can have it, by a profile of the same name; so for the `ec2` service unless stated.",
    )
    .expanded(),
];

const OUTPUTS: &[Output] = &[Output {
    name: "arn",
    doc: "Its ARN.",
}];

#[async_trait]
impl Kind for Role {
    fn about(&self) -> About {
        About {
            name: "role",
            summary: "What instances and services may do, without keys of their own.",
            example: "[bucket.data]\nname = \"three-ways-data\"\n\n\
                      [role.instance]\nservice = \"ec2\"\n\
                      managed_policies = [\"AmazonSSMManagedInstanceCore\"]\n\
                      inline_policies = { s3 = { allow = [\"s3:*\"], on = [\"bucket.data\"] } }\n",
            part_of: None,
            tagged: true,
            contained: false,
        }
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn outputs(&self) -> &'static [Output] {
        OUTPUTS
    }

    fn expand(&self, table: &mut Declared) {
        expanding::expand(table);
    }

    fn check(&self, node: &Node, stack: &Stack, problems: &mut Vec<Diagnostic>) {
        naming::check(node, stack, problems);
    }

    fn predict(&self, inputs: &Attributes, place: &Place) -> Attributes {
        match (inputs.text("path"), inputs.text("name")) {
            (Some(path), Some(name)) => {
                let (partition, account) = (place.partition(), &place.account);
                let arn = format!("arn:{partition}:iam::{account}:role{path}{name}");
                Attributes::new().with("arn", arn)
            }
            _ => Attributes::new(),
        }
    }

    fn certain_id(&self, inputs: &Attributes) -> Option<String> {
        inputs.text("name").map(str::to_owned)
    }

    fn tell(&self, told: &Told<'_>, network: &mut Network) {
        telling::tell(told, network);
    }

    fn natural_key(&self) -> &'static [&'static str] {
        &["name"]
    }

    fn tagged_elsewhere(&self) -> bool {
        true
    }

    fn of_no_region(&self) -> bool {
        true
    }

    fn rehearse(&self, step: &Intent<'_>, calls: &mut Rehearsals) {
        let Some(name) = step.text("name").or(step.id) else {
            return;
        };
        let path = step.text("path").unwrap_or("/");
        let arn = role_part::arn_of(step, "role", path, name);
        let mut needs = |action| calls.needs(step.address, action, &arn);
        match step.action {
            Action::Create => ["iam:CreateRole", "iam:TagRole"]
                .into_iter()
                .for_each(needs),
            Action::Delete => needs("iam:DeleteRole"),
            _ => {
                if !step.tag_change.is_empty() {
                    needs("iam:TagRole");
                }
                if step.touches(&["trust"]) {
                    needs("iam:UpdateAssumeRolePolicy");
                }
                if step.touches(&["description", "max_session_duration"]) {
                    needs("iam:UpdateRole");
                }
                if step.touches(&["permissions_boundary"]) {
                    needs("iam:PutRolePermissionsBoundary");
                }
            }
        }
    }

    fn counts(&self, _inputs: &Attributes) -> Vec<Counted> {
        vec![Counted::in_region(Quota::Roles)]
    }

    async fn obstacles(&self, steps: &[Intent<'_>]) -> Result<Vec<Obstacle>, CallError> {
        taken::obstacles(steps).await
    }

    async fn find(&self, scope: &Scope<'_>) -> Result<Vec<Live>, CallError> {
        let known = scope.wanted_of("role", "");
        let known = known.map(|(address, of)| (address, &of.inputs, of.id.as_deref()));
        let reads = scope
            .shared
            .roles(scope.aws, scope.stack, scope.place, known);
        let own = reads.await?;
        own.iter()
            .map(|own| {
                Ok(Live {
                    address: Some(own.address.clone()),
                    id: own.role.role_name().to_owned(),
                    attributes: attributes(&own.role)?,
                    tags: own.tags.clone(),
                    ..Live::default()
                })
            })
            .collect()
    }

    async fn look_up(&self, scope: &Scope<'_>, query: &Query) -> Result<Vec<Live>, CallError> {
        looking::look_up(scope, query).await
    }

    async fn standing(&self, scope: &Scope<'_>, area: &Area) -> Result<Standings, CallError> {
        looking::standing(scope, area).await
    }

    async fn create(&self, call: &Call<'_>, inputs: &Attributes) -> Result<String, CallError> {
        let name = inputs
            .text("name")
            .ok_or_else(|| CallError::internal("the role has no name"))?;
        let trust = trust_of(inputs)?;
        let request = call
            .aws
            .iam
            .create_role()
            .role_name(name)
            .set_path(inputs.text("path").map(str::to_owned))
            .assume_role_policy_document(policy::to_json_text(trust))
            .set_description(stated(inputs, "description"))
            .set_max_session_duration(seconds(inputs))
            .set_permissions_boundary(stated(inputs, "permissions_boundary"))
            .set_tags(Some(to_iam(&call.tags_with_region())?));
        let what = "the role's principals to be known";
        let create = || async {
            call.write_iam(what, Some(trust), || async {
                let sent = request.clone().send().await;
                sent.map(|_| name.to_owned()).map_err(on("CreateRole"))
            })
            .await
        };
        let look = || async {
            let found = role_named(call.aws, name).await?;
            let found = found.map(|role| from_iam(role.tags()));
            call.adopted("CreateRole", name, found)
        };
        let creation = Creation {
            what: "the role",
            taken: &["EntityAlreadyExists"],
        };
        let made = call.create_once(creation, create, look).await?;
        Ok(made.into_id())
    }

    async fn settle(
        &self,
        call: &Call<'_>,
        id: &str,
        _inputs: &Attributes,
    ) -> Result<Attributes, CallError> {
        let arn = call
            .wait_for("the role to be known", IAM_PROPAGATION, || async {
                let found = role_named(call.aws, id).await?;
                let arn = found.map(|role| role.arn().to_owned()).unwrap_or_default();
                // IAM may give the role's unique id (`AROA…`) in its place for
                // the first seconds.
                Ok(match arn.starts_with("arn:") {
                    true => Seen::Ready(arn),
                    false => Seen::Pending("not yet known".into()),
                })
            })
            .await?;
        Ok(Attributes::new().with("arn", arn))
    }

    async fn update(
        &self,
        call: &Call<'_>,
        id: &str,
        change: &Change,
    ) -> Result<String, CallError> {
        let iam = &call.aws.iam;
        if change.touches("trust") {
            let trust = trust_of(&change.after)?;
            let request = iam.update_assume_role_policy().role_name(id);
            let request = request.policy_document(policy::to_json_text(trust));
            let what = "the role's principals to be known";
            call.write_iam(what, Some(trust), || async {
                let sent = request.clone().send().await;
                sent.map_err(on("UpdateAssumeRolePolicy"))
            })
            .await?;
        }
        if change.touches("description") || change.touches("max_session_duration") {
            // UpdateRole sets what it is not told back to the default.
            let description = change.after.text("description");
            let description = description.or(change.before.text("description"));
            let duration = seconds(&change.after).or(seconds(&change.before));
            let request = iam
                .update_role()
                .role_name(id)
                .set_description(description.map(str::to_owned))
                .set_max_session_duration(duration);
            call.write_iam("the role to be changed", None, || async {
                request.clone().send().await.map_err(on("UpdateRole"))
            })
            .await?;
        }
        if change.touches("permissions_boundary") {
            bound(call, id, stated(&change.after, "permissions_boundary")).await?;
        }
        Ok(id.to_owned())
    }

    async fn retag(&self, call: &Call<'_>, id: &str, change: &TagChange) -> Result<(), CallError> {
        let iam = &call.aws.iam;
        if !change.remove.is_empty() {
            let request = iam.untag_role().role_name(id);
            let request = request.set_tag_keys(Some(change.remove.clone()));
            call.write_iam("the role's tags", None, || async {
                request.clone().send().await.map_err(on("UntagRole"))
            })
            .await?;
        }
        if !change.set.is_empty() {
            let request = iam.tag_role().role_name(id);
            let request = request.set_tags(Some(to_iam(&change.set)?));
            call.write_iam("the role's tags", None, || async {
                request.clone().send().await.map_err(on("TagRole"))
            })
            .await?;
        }
        Ok(())
    }

    async fn delete(&self, call: &Call<'_>, id: &str, _live: &Attributes) -> Result<(), CallError> {
        letting_go::delete(call, id).await
    }
}

/// Sets or takes away the role's permissions boundary.
async fn bound(call: &Call<'_>, id: &str, boundary: Option<String>) -> Result<(), CallError> {
    let iam = &call.aws.iam;
    let what = "the role to be bounded";
    match boundary {
        Some(arn) => {
            let request = iam.put_role_permissions_boundary().role_name(id);
            let request = request.permissions_boundary(arn);
            call.write_iam(what, None, || async {
                let sent = request.clone().send().await;
                sent.map(|_| ()).map_err(on("PutRolePermissionsBoundary"))
            })
            .await
        }
        None => {
            let request = iam.delete_role_permissions_boundary().role_name(id);
            call.write_iam(what, None, || async {
                let sent = request.clone().send().await;
                sent.map(|_| ())
                    .map_err(on("DeleteRolePermissionsBoundary"))
            })
            .await
        }
    }
}

/// A text that is there and not empty: IAM takes no empty ones.
fn stated(inputs: &Attributes, name: &str) -> Option<String> {
    let text = inputs.text(name).filter(|text| !text.is_empty());
    text.map(str::to_owned)
}

fn seconds(inputs: &Attributes) -> Option<i32> {
    let seconds = inputs.integer("max_session_duration")?;
    i32::try_from(seconds).ok()
}

fn trust_of(inputs: &Attributes) -> Result<&Value, CallError> {
    inputs
        .get("trust")
        .ok_or_else(|| CallError::internal("the role has no trust policy"))
}

/// What IAM says of a role, in the words of the file. IAM gives a role without
/// a description none, and every role a longest session.
fn attributes(role: &Described) -> Result<Attributes, CallError> {
    let boundary = role
        .permissions_boundary()
        .and_then(|boundary| boundary.permissions_boundary_arn());
    let duration = role.max_session_duration().unwrap_or(3600);
    let mut attributes = Attributes::new()
        .with("name", role.role_name())
        .with("path", role.path())
        .with("description", role.description().unwrap_or_default())
        .with("max_session_duration", i64::from(duration))
        .with("permissions_boundary", boundary.unwrap_or_default())
        .with("arn", role.arn());
    if let Some(trust) = role.assume_role_policy_document() {
        attributes.set("trust", document_from_iam(trust)?);
    }
    Ok(attributes)
}
