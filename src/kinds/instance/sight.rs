//! What AWS says of instances, in the form of the plan file, and the waits.
//!
//! A terminated instance is described for about an hour more (EC2 user guide,
//! "Terminate your instance"); for us it is gone as soon as it shuts down.

use std::time::Duration;

use aws_sdk_ec2::types::{
    Filter, Instance, InstanceAttributeName, InstanceNetworkInterface, InstanceStateName,
    MonitoringState,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::try_join_all;

use super::IMAGE_TAG;
use crate::aws::tagging::{filter, from_ec2};
use crate::aws::{Aws, Call, CallError, Seen, on};
use crate::kind::{Live, Scope, Wanted};
use crate::model::{Attributes, Value};

/// How long an instance may take to start or to stop.
pub(super) const LIMIT: Duration = Duration::from_secs(600);
/// How long an instance may take to end: its system shuts down first.
const END: Duration = Duration::from_secs(1200);

/// Instances that are not ending or ended, by filters, by id, or by both.
pub(super) async fn living(
    aws: &Aws,
    filters: Vec<Filter>,
    id: Option<&str>,
) -> Result<Vec<Instance>, CallError> {
    let states = ["pending", "running", "stopping", "stopped"];
    let reservations: Vec<_> = aws
        .ec2
        .describe_instances()
        .set_filters(Some(filters))
        .filters(filter("instance-state-name", states))
        .set_instance_ids(id.map(|id| vec![id.to_owned()]))
        .into_paginator()
        .items()
        .send()
        .collect::<Result<_, _>>()
        .await
        .map_err(on("DescribeInstances"))?;
    Ok(reservations
        .iter()
        .flat_map(|reservation| reservation.instances().iter().cloned())
        .collect())
}

/// One instance, whatever its state; nothing where AWS does not know it.
pub(super) async fn one(aws: &Aws, id: &str) -> Result<Option<Instance>, CallError> {
    let request = aws.ec2.describe_instances().instance_ids(id);
    match request.send().await.map_err(on("DescribeInstances")) {
        Ok(answer) => Ok(answer
            .reservations()
            .iter()
            .flat_map(|reservation| reservation.instances())
            .next()
            .cloned()),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

/// The volumes that go with an instance, and so carry its tags.
pub(super) async fn volumes(aws: &Aws, id: &str) -> Result<Vec<String>, CallError> {
    let instance = one(aws, id).await?;
    let mappings = instance.iter().flat_map(|it| it.block_device_mappings());
    Ok(mappings
        .filter_map(|mapping| mapping.ebs())
        .filter(|volume| volume.delete_on_termination() == Some(true))
        .filter_map(|volume| volume.volume_id().map(str::to_owned))
        .collect())
}

/// The instance's state, or `pending` where AWS tells none.
pub(super) fn state(instance: &Instance) -> InstanceStateName {
    instance
        .state()
        .and_then(|state| state.name())
        .cloned()
        .unwrap_or(InstanceStateName::Pending)
}

/// The network interface that an instance was started with.
pub(super) fn primary(instance: &Instance) -> Option<&InstanceNetworkInterface> {
    let index = |it: &InstanceNetworkInterface| it.attachment().and_then(|it| it.device_index());
    instance
        .network_interfaces()
        .iter()
        .find(|interface| index(interface) == Some(0))
        .or_else(|| instance.network_interfaces().first())
}

/// The name of a profile from its ARN: what comes after the path.
pub(super) fn profile_name(arn: &str) -> &str {
    arn.rsplit_once('/').map_or(arn, |(_, name)| name)
}

/// Waits until an instance runs, or stands stopped because somebody wants it so.
pub(super) async fn until_at_rest(call: &Call<'_>, id: &str) -> Result<Instance, CallError> {
    use InstanceStateName::{Running, Stopped};
    until(call, id, "the instance to run", &[Running, Stopped]).await
}

/// Waits until an instance is in one of these states.
///
/// # Errors
/// [`CallError::Failed`] with AWS's reason if it ends instead.
pub(super) async fn until(
    call: &Call<'_>,
    id: &str,
    what: &str,
    states: &[InstanceStateName],
) -> Result<Instance, CallError> {
    call.wait_for(what, LIMIT, || async {
        let Some(instance) = one(call.aws, id).await? else {
            return Ok(Seen::Pending("not yet known".to_owned()));
        };
        let now = state(&instance);
        if states.contains(&now) {
            return Ok(Seen::Ready(instance));
        }
        if is_ending(&now) {
            let told = instance.state_reason();
            let code = told.and_then(|it| it.code()).unwrap_or("no reason");
            let text = told.and_then(|it| it.message()).unwrap_or_default();
            return Err(CallError::Failed {
                what: id.to_owned(),
                reason: format!("it is {}: {code} {text}", now.as_str()),
            });
        }
        Ok(Seen::Pending(now.as_str().to_owned()))
    })
    .await
}

/// Waits until an instance has ended and holds nothing any more.
pub(super) async fn until_terminated(call: &Call<'_>, id: &str) -> Result<(), CallError> {
    call.wait_for("the instance to end", END, || async {
        let now = one(call.aws, id).await?.as_ref().map(state);
        Ok(match now {
            None | Some(InstanceStateName::Terminated) => Seen::Ready(()),
            Some(other) => Seen::Pending(other.as_str().to_owned()),
        })
    })
    .await
}

fn is_ending(state: &InstanceStateName) -> bool {
    matches!(
        state,
        InstanceStateName::ShuttingDown | InstanceStateName::Terminated
    )
}

/// Instances as the planner sees them.
pub(super) async fn lives(
    scope: &Scope<'_>,
    instances: &[Instance],
) -> Result<Vec<Live>, CallError> {
    try_join_all(instances.iter().map(|instance| async move {
        let id = instance.instance_id().unwrap_or_default();
        let mut live = Live::tagged(id, from_ec2(instance.tags()), Attributes::new());
        let wanted = live.address.as_ref().and_then(|it| scope.wanted.get(it));
        live.attributes = attributes(instance, wanted);
        let profile = profile(instance, wanted, scope);
        live.attributes.set("instance_profile", profile);
        // A call for each instance, so only where the file has a word on it.
        if wanted.is_some_and(|wanted| wanted.inputs.get("user_data").is_some()) {
            let data = user_data(scope.aws, id).await?;
            live.attributes.set("user_data", data);
        }
        Ok(live)
    }))
    .await
}

fn attributes(instance: &Instance, wanted: Option<&Wanted>) -> Attributes {
    let groups = primary(instance).map_or(instance.security_groups(), |it| it.groups());
    let groups = groups.iter().filter_map(|group| group.group_id());
    let monitoring = instance.monitoring().and_then(|it| it.state());
    let mut attributes = outputs(instance)
        .with("security_groups", Value::texts(groups))
        .with("image", image(instance, wanted))
        .with(
            "source_dest_check",
            instance.source_dest_check().unwrap_or(true),
        )
        .with("public_ip", public_ip(instance, wanted))
        .with(
            "monitoring",
            matches!(
                monitoring,
                Some(MonitoringState::Enabled | MonitoringState::Pending)
            ),
        );
    attributes.set_text("subnet", instance.subnet_id());
    attributes.set_text("type", instance.instance_type().map(|it| it.as_str()));
    attributes.set_text("key_pair", instance.key_name());
    let tokens = instance.metadata_options().and_then(|it| it.http_tokens());
    attributes.set_text("metadata_tokens", tokens.map(|it| it.as_str()));
    attributes
}

/// The name of the instance's profile; empty for none. Where the file wants
/// none, only a profile of the stack's own counts: others put theirs on every
/// instance of an account (Systems Manager user guide, "Quick Setup").
fn profile(instance: &Instance, wanted: Option<&Wanted>, scope: &Scope<'_>) -> String {
    let profile = instance.iam_instance_profile().and_then(|it| it.arn());
    let Some(arn) = profile else {
        return String::new();
    };
    let name = profile_name(arn);
    let unwanted = wanted.and_then(|it| it.inputs.text("instance_profile")) == Some("");
    let ours = arn.contains(&format!("/s3net/{}/", scope.stack))
        || scope
            .wanted_of("role", "instance_profile")
            .any(|(_, part)| part.id.as_deref() == Some(name));
    if unwanted && !ours {
        return String::new();
    }
    name.to_owned()
}

/// What the instance has that others may use.
pub(super) fn outputs(instance: &Instance) -> Attributes {
    let mut outputs = Attributes::new();
    outputs.set_text("image_id", instance.image_id());
    outputs.set_text("private_ip", instance.private_ip_address());
    outputs.set_text("public_address", instance.public_ip_address());
    let zone = instance.placement().and_then(|it| it.availability_zone());
    outputs.set_text("availability_zone", zone);
    outputs
}

/// What the file called the image when the instance was made.
fn image(instance: &Instance, wanted: Option<&Wanted>) -> String {
    let id = instance.image_id().unwrap_or_default();
    let wanted = wanted.and_then(|wanted| wanted.inputs.text("image"));
    let tags = instance.tags().iter();
    let noted = tags
        .filter(|tag| tag.key() == Some(IMAGE_TAG))
        .find_map(|tag| tag.value());
    match (noted, wanted) {
        // The file now pins what runs already.
        (_, Some(wanted)) if wanted == id => id.to_owned(),
        (Some(noted), _) => noted.to_owned(),
        // Without a note nobody knows which name led to this image; replacing a
        // machine for that would be wrong.
        (None, Some(wanted)) if !wanted.starts_with("ami-") => wanted.to_owned(),
        (None, _) => id.to_owned(),
    }
}

/// Whether the instance was started with a public address. A stopped one has
/// none for the time being, and an elastic address takes the place of it; then
/// only the file can tell.
fn public_ip(instance: &Instance, wanted: Option<&Wanted>) -> bool {
    let wanted = wanted.and_then(|wanted| wanted.inputs.bool("public_ip"));
    let association = primary(instance).and_then(|it| it.association());
    match association.map(|it| it.ip_owner_id()) {
        Some(Some("amazon")) => true,
        Some(_) => wanted.unwrap_or(true),
        None if state(instance) == InstanceStateName::Running => false,
        None => wanted.unwrap_or(false),
    }
}

pub(super) async fn user_data(aws: &Aws, id: &str) -> Result<String, CallError> {
    let answer = aws
        .ec2
        .describe_instance_attribute()
        .instance_id(id)
        .attribute(InstanceAttributeName::UserData)
        .send()
        .await
        .map_err(on("DescribeInstanceAttribute"))?;
    let encoded = answer.user_data().and_then(|data| data.value());
    Ok(decoded(encoded.unwrap_or_default()))
}

/// User data as text; as AWS encodes it where it is none.
fn decoded(encoded: &str) -> String {
    let bytes = STANDARD.decode(encoded.trim()).ok();
    bytes
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .unwrap_or_else(|| encoded.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::{InstanceNetworkInterfaceAssociation, InstanceState, Tag};

    fn wanted(inputs: Attributes) -> Wanted {
        Wanted { inputs, id: None }
    }

    #[test]
    fn a_newer_image_never_replaces_an_instance() {
        let noted = |note: Option<&str>| {
            let tag = note.map(|note| vec![Tag::builder().key(IMAGE_TAG).value(note).build()]);
            Instance::builder().image_id("ami-1").set_tags(tag).build()
        };
        let of = |note, stated: &str| {
            let wanted = wanted(Attributes::new().with("image", stated));
            image(&noted(note), Some(&wanted))
        };
        assert_eq!(of(Some("al2023"), "al2023"), "al2023");
        assert_eq!(of(Some("al2023"), "al2"), "al2023");
        assert_eq!(of(Some("al2023"), "ami-1"), "ami-1");
        assert_eq!(of(None, "al2023"), "al2023");
        assert_eq!(of(None, "ami-2"), "ami-1");
        assert_eq!(image(&noted(None), None), "ami-1");
    }

    #[test]
    fn a_stopped_instance_keeps_its_word_on_public_addresses() {
        let in_state = |state: InstanceStateName, owner: Option<&str>| {
            let association = owner.map(|owner| {
                let association = InstanceNetworkInterfaceAssociation::builder();
                association.ip_owner_id(owner).build()
            });
            let interface = InstanceNetworkInterface::builder();
            Instance::builder()
                .state(InstanceState::builder().name(state).build())
                .network_interfaces(interface.set_association(association).build())
                .build()
        };
        let wants = wanted(Attributes::new().with("public_ip", true));
        let (running, stopped) = (InstanceStateName::Running, InstanceStateName::Stopped);
        assert!(public_ip(&in_state(running.clone(), Some("amazon")), None));
        assert!(!public_ip(&in_state(running.clone(), None), Some(&wants)));
        assert!(public_ip(&in_state(stopped.clone(), None), Some(&wants)));
        assert!(!public_ip(&in_state(stopped, None), None));
        let wants_none = wanted(Attributes::new().with("public_ip", false));
        let elastic = in_state(running, Some("123456789012"));
        assert!(!public_ip(&elastic, Some(&wants_none)));
    }

    #[test]
    fn user_data_is_text_where_it_can_be() {
        assert_eq!(decoded("IyEvYmluL3No"), "#!/bin/sh");
        assert_eq!(decoded(""), "");
        assert_eq!(decoded("/w=="), "/w==");
    }

    #[test]
    fn a_profile_is_known_by_its_name() {
        let arn = "arn:aws:iam::123456789012:instance-profile/s3net/lab/lab-instance";
        assert_eq!(profile_name(arn), "lab-instance");
    }
}
