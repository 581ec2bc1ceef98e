//! Starting an instance: its image, its one network interface, its profile.
//!
//! All that belongs to the network goes into the network interface: only there
//! can a public address be refused in a subnet that gives one to everybody, and
//! AWS takes subnet and groups in one place only (Amazon EC2 API reference,
//! RunInstances).

use std::time::Duration;

use aws_sdk_ec2::types::{
    HttpTokensState, IamInstanceProfileSpecification, InstanceMetadataOptionsRequest,
    InstanceNetworkInterfaceSpecification, InstanceType, ResourceType,
    RunInstancesMonitoringEnabled,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::aws::tagging::specification;
use crate::aws::{Call, CallError, on};
use crate::model::{Attributes, images};

/// How long IAM's new profiles may take to be known to EC2; ten seconds is usual.
const PROFILE: Duration = Duration::from_secs(120);
/// How long we wait for a profile that this run did not make.
const STRANGE_PROFILE: Duration = Duration::from_secs(20);

/// Starts an instance and gives its id.
pub(super) async fn run(call: &Call<'_>, inputs: &Attributes) -> Result<String, CallError> {
    let image = image(call, inputs.text("image").unwrap_or("al2023")).await?;
    let groups = inputs.texts("security_groups");
    let interface = InstanceNetworkInterfaceSpecification::builder()
        .device_index(0)
        .delete_on_termination(true)
        .associate_public_ip_address(inputs.bool("public_ip").unwrap_or(false))
        .set_subnet_id(inputs.text("subnet").map(str::to_owned))
        .set_groups((!groups.is_empty()).then_some(groups))
        .set_private_ip_address(inputs.text("private_ip").map(str::to_owned));
    let tokens = inputs.text("metadata_tokens").map(HttpTokensState::from);
    let options = InstanceMetadataOptionsRequest::builder().set_http_tokens(tokens);
    let monitoring = RunInstancesMonitoringEnabled::builder()
        .enabled(inputs.bool("monitoring").unwrap_or(false));
    let profile = inputs.text("instance_profile").filter(|it| !it.is_empty());
    let request = call
        .aws
        .ec2
        .run_instances()
        .min_count(1)
        .max_count(1)
        .image_id(image)
        .set_instance_type(inputs.text("type").map(InstanceType::from))
        .network_interfaces(interface.build())
        .set_iam_instance_profile(profile.map(profile_of))
        .metadata_options(options.build())
        .monitoring(monitoring.build())
        .set_key_name(inputs.text("key_pair").map(str::to_owned))
        .set_user_data(inputs.text("user_data").map(|text| STANDARD.encode(text)))
        .client_token(call.token)
        .tag_specifications(specification(ResourceType::Instance, call.tags))
        .tag_specifications(specification(ResourceType::Volume, call.tags));
    let request = &request;
    let answer = once_profile_is_known(call, profile, || async {
        call.once_known("what it stands on to be known", || async {
            request.clone().send().await.map_err(on("RunInstances"))
        })
        .await
    })
    .await?;
    answer
        .instances()
        .first()
        .and_then(|instance| instance.instance_id())
        .map(str::to_owned)
        .ok_or_else(|| CallError::internal("RunInstances gave no id"))
}

/// A profile in the form of a call.
pub(super) fn profile_of(name: &str) -> IamInstanceProfileSpecification {
    IamInstanceProfileSpecification::builder()
        .name(name)
        .build()
}

/// Repeats a call while EC2 does not know an instance profile or its role yet.
/// For one that this run did not make, that is most likely a wrong name.
pub(super) async fn once_profile_is_known<T, F, R>(
    call: &Call<'_>,
    profile: Option<&str>,
    send: F,
) -> Result<T, CallError>
where
    F: Fn() -> R,
    R: Future<Output = Result<T, CallError>>,
{
    let limit = match profile {
        Some(name) if call.created_one_named_in(name) => PROFILE,
        _ => STRANGE_PROFILE,
    };
    let what = "the instance profile to be known";
    call.retry(what, limit, is_unknown_profile, &send).await
}

fn is_unknown_profile(error: &CallError) -> bool {
    error.is(&["InvalidParameterValue"])
        && [
            "Invalid IAM Instance Profile",
            "has no associated IAM Roles",
        ]
        .iter()
        .any(|text| error.message().contains(text))
}

/// The id of the image that a name stands for now.
async fn image(call: &Call<'_>, stated: &str) -> Result<String, CallError> {
    let Some(parameter) = parameter_of(stated) else {
        return Ok(stated.to_owned());
    };
    let answer = call.aws.ssm.get_parameter().name(parameter).send().await;
    let answer = answer.map_err(on("GetParameter")).map_err(|mut error| {
        if let CallError::Refused { message, .. } = &mut error {
            *message = format!("{message} (image `{stated}` is the parameter {parameter})");
        }
        error
    })?;
    answer
        .parameter()
        .and_then(|parameter| parameter.value())
        .map(str::to_owned)
        .ok_or_else(|| CallError::internal(format!("parameter {parameter} is empty")))
}

/// The parameter that holds an image's id; nothing for an id.
pub(super) fn parameter_of(stated: &str) -> Option<&str> {
    if stated.starts_with('/') {
        return Some(stated);
    }
    images::parameter_of(stated)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_images_are_parameters() {
        assert!(parameter_of("al2023").is_some_and(|it| it.ends_with("x86_64")));
        assert!(parameter_of("al2023-arm64").is_some_and(|it| it.ends_with("arm64")));
        assert_eq!(parameter_of("/aws/service/x"), Some("/aws/service/x"));
        assert_eq!(parameter_of("ami-0123"), None);
    }

    #[test]
    fn only_a_young_profile_is_waited_for() {
        let refused = |code: &str, message: &str| CallError::Refused {
            operation: "RunInstances",
            code: code.to_owned(),
            message: message.to_owned(),
            request_id: None,
        };
        let value = "InvalidParameterValue";
        assert!(is_unknown_profile(&refused(
            value,
            "Value (x) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name"
        )));
        assert!(is_unknown_profile(&refused(
            value,
            "IAM Instance Profile \"arn\" has no associated IAM Roles"
        )));
        assert!(!is_unknown_profile(&refused(
            value,
            "Invalid value 't9' for InstanceType."
        )));
    }
}
