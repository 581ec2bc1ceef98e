//! The instance profile by which an instance has a role.
//!
//! A profile carries one role at most (IAM user guide, "Using instance
//! profiles"). Between making it and putting the role into it a run may break
//! off, so a profile without its role is found as one whose `role` differs.
//!
//! IAM tells an instance's host of a profile some seconds later: starting
//! instances has its own patience for that.

use async_trait::async_trait;
use aws_sdk_iam::types::InstanceProfile as Described;

use super::role_part::{self, own, role_of, text_of, unless_gone};
use crate::aws::named::{address_in, is_of, names};
use crate::aws::quotas::Quota;
use crate::aws::rehearsal::Rehearsals;
use crate::aws::roles::{IAM_PROPAGATION, from_iam, to_iam};
use crate::aws::{Aws, Call, CallError, Creation, Seen, on};
use crate::kind::{
    About, Change, Counted, Field, Intent, Kind, Live, Obstacle, Output, PartOf, Scope, Standing,
    Took, Type, Usual,
};
use crate::model::tags::{self, TagChange};
use crate::model::{Action, Address, Attributes, Place};

/// A role's `instance_profile` part.
pub struct InstanceProfile;

const LABEL: &str = "instance_profile";

const FIELDS: &[Field] = &[
    Field::new(
        "role",
        Type::reference(&["role"], &[]),
        "The role that it carries.",
    )
    .required(),
    Field::new("name", Type::Text, "Its name, that of the role.")
        .required()
        .replaces("AWS cannot rename an instance profile"),
    Field::new("path", Type::Text, "Its path, that of the role.")
        .replaces("AWS cannot move an instance profile to another path"),
];

const OUTPUTS: &[Output] = &[Output {
    name: "arn",
    doc: "Its ARN.",
}];

#[async_trait]
impl Kind for InstanceProfile {
    fn about(&self) -> About {
        About {
            name: "role_instance_profile",
            summary: "The profile by which an instance has a role.",
            example: "",
            part_of: Some(PartOf {
                table: "role",
                label: LABEL,
            }),
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

    fn predict(&self, inputs: &Attributes, place: &Place) -> Attributes {
        match (inputs.text("path"), inputs.text("name")) {
            (Some(path), Some(name)) => {
                let (partition, account) = (place.partition(), &place.account);
                let arn = format!("arn:{partition}:iam::{account}:instance-profile{path}{name}");
                Attributes::new().with("arn", arn)
            }
            _ => Attributes::new(),
        }
    }

    fn certain_id(&self, inputs: &Attributes) -> Option<String> {
        inputs.text("name").map(str::to_owned)
    }

    fn of_no_region(&self) -> bool {
        true
    }

    fn natural_key(&self) -> &'static [&'static str] {
        &["name"]
    }

    // IAM tells all its replicas within seconds (experience with AWS, not a figure
    // of AWS's).
    fn usual(&self) -> Usual {
        Usual {
            create: Took::seconds(5, 15),
            ..Usual::QUICK
        }
    }

    fn rehearse(&self, step: &Intent<'_>, calls: &mut Rehearsals) {
        let Some(name) = step.text("name").or(step.id) else {
            return;
        };
        let path = step.text("path").unwrap_or("/");
        let arn = role_part::arn_of(step, "instance-profile", path, name);
        let mut needs = |action| calls.needs(step.address, action, &arn);
        match step.action {
            Action::Create => {
                needs("iam:CreateInstanceProfile");
                needs("iam:TagInstanceProfile");
                needs("iam:AddRoleToInstanceProfile");
                role_part::rehearse(step, "iam:PassRole", calls);
            }
            Action::Delete => {
                needs("iam:RemoveRoleFromInstanceProfile");
                needs("iam:DeleteInstanceProfile");
            }
            _ if step.tag_change.is_empty() => {}
            _ => needs("iam:TagInstanceProfile"),
        }
    }

    fn counts(&self, _inputs: &Attributes) -> Vec<Counted> {
        vec![Counted::in_region(Quota::InstanceProfiles)]
    }

    async fn obstacles(&self, steps: &[Intent<'_>]) -> Result<Vec<Obstacle>, CallError> {
        let new = steps.iter().filter(|step| step.action == Action::Create);
        let named = new.filter_map(|step| Some((step, step.text("name")?)));
        let asked = named
            .filter(|(step, name)| !step.leaving.contains(name))
            .map(|(step, name)| async move {
                let found = profile_named(step.aws, name).await?;
                let other = found.filter(|it| !is_of(step.stack, step.place, &from_iam(it.tags())));
                Ok::<_, CallError>(other.map(|profile| Obstacle {
                    address: step.address.clone(),
                    problem: format!("the account has an instance profile {name} already"),
                    cause: format!("{} has no tag of this stack", profile.arn()),
                    // It is taken over with its role, as that role's part.
                    remedy: match carries(&profile, name) {
                        true => step.or_take_over("state another `name` of the role", name),
                        false => "state another `name` of the role".to_owned(),
                    },
                }))
            });
        let found = futures_util::future::try_join_all(asked).await?;
        Ok(found.into_iter().flatten().collect())
    }

    async fn find(&self, scope: &Scope<'_>) -> Result<Vec<Live>, CallError> {
        // Asked for by their own names: a profile may outlive its role.
        let known = scope.wanted_of("role", LABEL);
        let known = known.map(|(address, of)| (address, &of.inputs, of.id.as_deref()));
        let mut names = names(scope.place, known);
        // A role that the file calls otherwise by now keeps its name, and so does
        // the profile.
        let roles = match names.is_empty() {
            true => std::sync::Arc::default(),
            false => own(scope).await?,
        };
        for own in roles.iter() {
            let by = names.entry(own.role.role_name().to_owned()).or_default();
            let profile = own.address.part(LABEL, "");
            if !by.addresses.contains(&profile) {
                by.addresses.push(profile);
            }
        }
        let reads = names.into_iter().map(|(name, by)| async move {
            let Some(profile) = profile_named(scope.aws, &name).await? else {
                return Ok(None);
            };
            let found = from_iam(profile.tags());
            let mut attributes = Attributes::new()
                .with("name", name.as_str())
                .with("path", profile.path())
                .with("arn", profile.arn());
            let role = profile.roles().first();
            attributes.set_text("role", role.map(|role| role.role_name()));
            // That of a role which is adopted goes with it.
            let of_adopted = || {
                let mut tables = by.addresses.iter().map(Address::table);
                let role = role.map(|role| role.role_name());
                !found.contains_key(tags::STACK)
                    && tables.any(|table| {
                        let adopted = scope.shared.adoptions.id_of(&table);
                        adopted.is_some() && adopted == role
                    })
            };
            let of_ours = is_of(scope.stack, scope.place, &found) || of_adopted();
            let address = address_in(&found).or_else(|| by.addresses.first().cloned());
            Ok::<_, CallError>(of_ours.then_some(Live {
                address,
                id: name,
                attributes,
                tags: found,
                ..Live::default()
            }))
        });
        let found = futures_util::future::try_join_all(reads).await?;
        Ok(found.into_iter().flatten().collect())
    }

    async fn rejoin(&self, scope: &Scope<'_>, table: &mut Standing) -> Result<(), CallError> {
        let found = profile_named(scope.aws, &table.id).await?;
        // One of another path could not be the table's own.
        let own = found.is_some_and(|profile| {
            carries(&profile, &table.id) && Some(profile.path()) == table.fields.text("path")
        });
        let unless_stated = table.fields.text("service") == Some("ec2");
        if own != unless_stated {
            table.fields.set("instance_profile", own);
        }
        Ok(())
    }

    async fn create(&self, call: &Call<'_>, inputs: &Attributes) -> Result<String, CallError> {
        let name = text_of(inputs, "name")?;
        let request = call
            .aws
            .iam
            .create_instance_profile()
            .instance_profile_name(name)
            .set_path(inputs.text("path").map(str::to_owned))
            .set_tags(Some(to_iam(&call.tags_with_region())?));
        let create = || async {
            call.write_iam("the instance profile to be made", None, || async {
                let sent = request.clone().send().await;
                let sent = sent.map_err(on("CreateInstanceProfile"));
                sent.map(|_| name.to_owned())
            })
            .await
        };
        let look = || async {
            let found = profile_named(call.aws, name).await?;
            let found = found.map(|profile| from_iam(profile.tags()));
            call.adopted("CreateInstanceProfile", name, found)
        };
        let creation = Creation {
            what: "the instance profile",
            taken: &["EntityAlreadyExists"],
        };
        let made = call.create_once(creation, create, look).await?;
        Ok(made.into_id())
    }

    async fn settle(
        &self,
        call: &Call<'_>,
        id: &str,
        inputs: &Attributes,
    ) -> Result<Attributes, CallError> {
        let role = role_of(inputs)?;
        let what = "the instance profile to carry its role";
        let arn = call
            .wait_for(what, IAM_PROPAGATION, || async {
                let Some(mut profile) = profile_named(call.aws, id).await? else {
                    return Ok(Seen::Pending("not yet known".into()));
                };
                if !carries(&profile, role) {
                    take_out_all(call, &profile).await?;
                    put_in(call, id, role).await?;
                    match profile_named(call.aws, id).await? {
                        Some(again) => profile = again,
                        None => return Ok(Seen::Pending("not yet known".into())),
                    }
                }
                // IAM may give a unique id in an ARN's place for the first seconds.
                Ok(
                    match carries(&profile, role) && profile.arn().starts_with("arn:") {
                        true => Seen::Ready(profile.arn().to_owned()),
                        false => Seen::Pending("its role is not yet known".into()),
                    },
                )
            })
            .await?;
        Ok(Attributes::new().with("arn", arn))
    }

    async fn update(
        &self,
        _call: &Call<'_>,
        id: &str,
        _change: &Change,
    ) -> Result<String, CallError> {
        // The role is the one field that can change; `settle` puts it in.
        Ok(id.to_owned())
    }

    async fn retag(&self, call: &Call<'_>, id: &str, change: &TagChange) -> Result<(), CallError> {
        let iam = &call.aws.iam;
        let what = "the instance profile's tags";
        if !change.remove.is_empty() {
            let request = iam.untag_instance_profile().instance_profile_name(id);
            let request = request.set_tag_keys(Some(change.remove.clone()));
            call.write_iam(what, None, || async {
                let sent = request.clone().send().await;
                sent.map_err(on("UntagInstanceProfile"))
            })
            .await?;
        }
        if !change.set.is_empty() {
            let request = iam.tag_instance_profile().instance_profile_name(id);
            let request = request.set_tags(Some(to_iam(&change.set)?));
            call.write_iam(what, None, || async {
                let sent = request.clone().send().await;
                sent.map_err(on("TagInstanceProfile"))
            })
            .await?;
        }
        Ok(())
    }

    async fn delete(&self, call: &Call<'_>, id: &str, live: &Attributes) -> Result<(), CallError> {
        if let Some(role) = live.text("role") {
            take_out(call, id, role).await?;
        }
        let request = call.aws.iam.delete_instance_profile();
        let request = request.instance_profile_name(id);
        let passing = |error: &CallError| error.is(&["DeleteConflict", "ConcurrentModification"]);
        let what = "the instance profile to be free of its role";
        let deleted = call.retry(what, IAM_PROPAGATION, passing, || async {
            let sent = request.clone().send().await;
            let sent = sent.map_err(on("DeleteInstanceProfile"));
            if sent.as_ref().is_err_and(|it| it.is(&["DeleteConflict"]))
                && let Some(profile) = profile_named(call.aws, id).await?
            {
                take_out_all(call, &profile).await?;
            }
            sent
        });
        unless_gone(deleted.await)
    }
}

async fn profile_named(aws: &Aws, name: &str) -> Result<Option<Described>, CallError> {
    let request = aws.iam.get_instance_profile().instance_profile_name(name);
    match request.send().await.map_err(on("GetInstanceProfile")) {
        Ok(answer) => Ok(answer.instance_profile().cloned()),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

fn carries(profile: &Described, role: &str) -> bool {
    profile.roles().iter().any(|it| it.role_name() == role)
}

async fn put_in(call: &Call<'_>, id: &str, role: &str) -> Result<(), CallError> {
    let request = call
        .aws
        .iam
        .add_role_to_instance_profile()
        .instance_profile_name(id)
        .role_name(role);
    let put = call.write_iam("the instance profile to know its role", None, || async {
        let sent = request.clone().send().await;
        sent.map_err(on("AddRoleToInstanceProfile"))
    });
    match put.await {
        // The profile carries a role that the read before did not show yet;
        // the next look shows whose.
        Err(error) if error.is(&["LimitExceeded"]) => Ok(()),
        other => other.map(|_| ()),
    }
}

async fn take_out_all(call: &Call<'_>, profile: &Described) -> Result<(), CallError> {
    for role in profile.roles() {
        take_out(call, profile.instance_profile_name(), role.role_name()).await?;
    }
    Ok(())
}

async fn take_out(call: &Call<'_>, id: &str, role: &str) -> Result<(), CallError> {
    let request = call
        .aws
        .iam
        .remove_role_from_instance_profile()
        .instance_profile_name(id)
        .role_name(role);
    let taken = call.write_iam(
        "the instance profile to let go of its role",
        None,
        || async {
            let sent = request.clone().send().await;
            sent.map_err(on("RemoveRoleFromInstanceProfile"))
        },
    );
    unless_gone(taken.await)
}
