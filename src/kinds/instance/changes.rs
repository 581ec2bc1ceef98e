//! Changes of an instance in place.
//!
//! Each attribute has a call of its own (Amazon EC2 API reference,
//! ModifyInstanceAttribute: one attribute a call). Groups belong to the primary
//! network interface. Type and user data change only while it is stopped:
//!
//! ```text
//! running ─► tag s3net:restart ─► stop ─► change ─► start ─► running ─► untag
//!                                  └── killed here: the tag tells the next run
//! ```

use std::time::Duration;

use aws_sdk_ec2::types::{
    AttributeValue, HttpTokensState, IamInstanceProfileAssociation,
    IamInstanceProfileAssociationState, Instance, InstanceMetadataOptionsState, InstanceStateName,
    SecureBlobAttributeValue,
};
use aws_smithy_types::Blob;

use super::RESTART_TAG;
use super::launch::{once_profile_is_known, profile_of};
use super::sight::{LIMIT, one, primary, profile_name, state, until, until_at_rest};
use crate::aws::tagging::{filter, retag_ec2};
use crate::aws::{Call, CallError, PROPAGATION, Seen, on};
use crate::kind::Change;
use crate::model::Tags;
use crate::model::tags::TagChange;

/// How long an instance's new type may take to be known to a start.
const NEW_TYPE: Duration = Duration::from_secs(300);

/// Makes every change but the source/destination check, which `settle` makes.
pub(super) async fn make(call: &Call<'_>, id: &str, change: &Change) -> Result<(), CallError> {
    let instance = one(call.aws, id)
        .await?
        .ok_or_else(|| CallError::internal(format!("{id} is gone")))?;
    if change.touches("security_groups") {
        regroup(call, &instance, change.after.texts("security_groups")).await?;
    }
    if change.touches("metadata_tokens") {
        demand_tokens(call, id, change.after.text("metadata_tokens")).await?;
    }
    if change.touches("monitoring") {
        monitor(call, id, change.after.bool("monitoring").unwrap_or(false)).await?;
    }
    if change.touches("instance_profile")
        && let Some(profile) = change.after.text("instance_profile")
    {
        set_profile(call, &instance, id, profile).await?;
    }
    if change.touches("type") || change.touches("user_data") {
        while_stopped(call, id, &instance, change).await?;
    }
    Ok(())
}

/// Stops the instance, changes type and user data, and starts it again if it
/// ran before.
async fn while_stopped(
    call: &Call<'_>,
    id: &str,
    instance: &Instance,
    change: &Change,
) -> Result<(), CallError> {
    let interrupted = instance
        .tags()
        .iter()
        .any(|tag| tag.key() == Some(RESTART_TAG));
    let runs = matches!(
        state(instance),
        InstanceStateName::Running | InstanceStateName::Pending
    );
    if runs {
        let mark = Tags::from([(RESTART_TAG.to_owned(), "yes".to_owned())]);
        let change = TagChange {
            set: mark,
            remove: Vec::new(),
        };
        retag_ec2(call, id, &change).await?;
        until_at_rest(call, id).await?;
        let request = call.aws.ec2.stop_instances().instance_ids(id);
        request.send().await.map_err(on("StopInstances"))?;
    }
    until(
        call,
        id,
        "the instance to stop",
        &[InstanceStateName::Stopped],
    )
    .await?;
    let request = call.aws.ec2.modify_instance_attribute().instance_id(id);
    if change.touches("type") {
        let value = change.after.text("type").map(str::to_owned);
        let value = AttributeValue::builder().set_value(value).build();
        let sent = request.clone().instance_type(value).send().await;
        sent.map_err(on("ModifyInstanceAttribute"))?;
    }
    if change.touches("user_data") {
        // The SDK encodes it here, other than at launch.
        let data = Blob::new(change.after.text("user_data").unwrap_or_default());
        let value = SecureBlobAttributeValue::builder().value(data).build();
        let sent = request.clone().user_data(value).send().await;
        sent.map_err(on("ModifyInstanceAttribute"))?;
    }
    if runs || interrupted {
        start(call, id).await?;
        let change = TagChange {
            set: Tags::new(),
            remove: vec![RESTART_TAG.to_owned()],
        };
        retag_ec2(call, id, &change).await?;
    }
    Ok(())
}

/// Starts a stopped instance and waits until it runs; a running one stays so.
pub(super) async fn start(call: &Call<'_>, id: &str) -> Result<(), CallError> {
    use InstanceStateName::{Running, Stopped};
    let found = until(
        call,
        id,
        "the instance to come to rest",
        &[Running, Stopped],
    )
    .await?;
    if state(&found) == Running {
        return Ok(());
    }
    let young = |error: &CallError| {
        let text = "instance type does not match attribute value";
        error.message().contains(text)
    };
    call.retry("the new type to be known", NEW_TYPE, young, || async {
        let request = call.aws.ec2.start_instances().instance_ids(id);
        request.send().await.map_err(on("StartInstances"))
    })
    .await?;
    until(call, id, "the instance to run", &[Running]).await?;
    Ok(())
}

async fn regroup(
    call: &Call<'_>,
    instance: &Instance,
    groups: Vec<String>,
) -> Result<(), CallError> {
    // Every interface has a group; AWS takes an empty list for no change.
    let interface = primary(instance)
        .and_then(|interface| interface.network_interface_id())
        .ok_or_else(|| CallError::internal("the instance has no network interface"))?;
    let request = call
        .aws
        .ec2
        .modify_network_interface_attribute()
        .network_interface_id(interface)
        .set_groups(Some(groups));
    let request = &request;
    call.once_known("the groups to be known", || async {
        let sent = request.clone().send().await;
        sent.map_err(on("ModifyNetworkInterfaceAttribute"))
    })
    .await?;
    Ok(())
}

async fn demand_tokens(call: &Call<'_>, id: &str, tokens: Option<&str>) -> Result<(), CallError> {
    call.aws
        .ec2
        .modify_instance_metadata_options()
        .instance_id(id)
        .set_http_tokens(tokens.map(HttpTokensState::from))
        .send()
        .await
        .map_err(on("ModifyInstanceMetadataOptions"))?;
    call.wait_for("the metadata options to hold", LIMIT, || async {
        let instance = one(call.aws, id).await?;
        let options = instance.as_ref().and_then(|it| it.metadata_options());
        Ok(match options.and_then(|options| options.state()) {
            Some(InstanceMetadataOptionsState::Pending) => Seen::Pending("pending".to_owned()),
            _ => Seen::Ready(()),
        })
    })
    .await
}

async fn monitor(call: &Call<'_>, id: &str, wanted: bool) -> Result<(), CallError> {
    let ec2 = &call.aws.ec2;
    if wanted {
        let request = ec2.monitor_instances().instance_ids(id);
        request.send().await.map_err(on("MonitorInstances"))?;
    } else {
        let request = ec2.unmonitor_instances().instance_ids(id);
        request.send().await.map_err(on("UnmonitorInstances"))?;
    }
    Ok(())
}

/// Gives the instance another profile, or none where the name is empty. A
/// running one gets it in one step; of a stopped one the old profile must go
/// first (Amazon EC2 API reference, ReplaceIamInstanceProfileAssociation: "must
/// be in the running state").
async fn set_profile(
    call: &Call<'_>,
    instance: &Instance,
    id: &str,
    profile: &str,
) -> Result<(), CallError> {
    let ec2 = &call.aws.ec2;
    let mut current = associations(call, id).await?.into_iter().next();
    let runs = state(instance) == InstanceStateName::Running;
    if let Some(old) = &current
        && (profile.is_empty() || !runs)
    {
        let old = old.association_id().unwrap_or_default();
        let request = ec2.disassociate_iam_instance_profile().association_id(old);
        let sent = request.send().await;
        match sent.map_err(on("DisassociateIamInstanceProfile")) {
            Err(error) if !error.is_not_found() => return Err(error),
            _ => {}
        }
        call.wait_for("the old profile to go", PROPAGATION, || async {
            Ok(match associations(call, id).await?.first() {
                None => Seen::Ready(()),
                Some(_) => Seen::Pending("disassociating".to_owned()),
            })
        })
        .await?;
        current = None;
    }
    if profile.is_empty() {
        return Ok(());
    }
    let old = current.as_ref().and_then(|it| it.association_id());
    let sent = once_profile_is_known(call, Some(profile), || async {
        match old {
            Some(old) => ec2
                .replace_iam_instance_profile_association()
                .association_id(old)
                .iam_instance_profile(profile_of(profile))
                .send()
                .await
                .map(|_| ())
                .map_err(on("ReplaceIamInstanceProfileAssociation")),
            None => ec2
                .associate_iam_instance_profile()
                .instance_id(id)
                .iam_instance_profile(profile_of(profile))
                .send()
                .await
                .map(|_| ())
                .map_err(on("AssociateIamInstanceProfile")),
        }
    });
    match sent.await {
        // The answer to a first try may have been lost: the wait tells.
        Err(error) if error.is_not_found() || error.is(&["IncorrectState"]) => {}
        other => other?,
    }
    call.wait_for("the profile to be associated", PROPAGATION, || async {
        let found = associations(call, id).await?;
        let there = found.iter().any(|association| {
            let arn = association.iam_instance_profile().and_then(|it| it.arn());
            arn.map(profile_name) == Some(profile)
                && association.state() == Some(&IamInstanceProfileAssociationState::Associated)
        });
        Ok(if there {
            Seen::Ready(())
        } else {
            Seen::Pending("associating".to_owned())
        })
    })
    .await
}

/// The profile associations of an instance that are not ended.
async fn associations(
    call: &Call<'_>,
    id: &str,
) -> Result<Vec<IamInstanceProfileAssociation>, CallError> {
    let answer = call
        .aws
        .ec2
        .describe_iam_instance_profile_associations()
        .filters(filter("instance-id", [id]))
        .send()
        .await
        .map_err(on("DescribeIamInstanceProfileAssociations"))?;
    let mut found = answer.iam_instance_profile_associations().to_vec();
    found.retain(|it| it.state() != Some(&IamInstanceProfileAssociationState::Disassociated));
    Ok(found)
}
