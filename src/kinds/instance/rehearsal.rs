//! The calls of an instance, as dry runs.

use aws_sdk_ec2::types::{
    AttributeBooleanValue, InstanceNetworkInterfaceSpecification, InstanceType, ResourceType,
};

use super::launch::{parameter_of, profile_of};
use crate::aws::rehearsal::{Rehearsals, stand_in};
use crate::aws::tagging::specification;
use crate::kind::Intent;
use crate::model::{Action, Value};

/// The fields whose change needs a stopped instance.
const STOPPING: &[&str] = &["type", "user_data"];

pub(super) fn rehearse(step: &Intent<'_>, calls: &mut Rehearsals) {
    match step.action {
        Action::Create => launch(step, calls),
        Action::Delete => {
            let request = step.aws.ec2.terminate_instances().dry_run(true);
            let request = request.instance_ids(step.own_id("i"));
            let action = "ec2:TerminateInstances";
            calls.dry_run(step.address, action, ("", true), request.send());
        }
        _ => change(step, calls),
    }
}

fn launch(step: &Intent<'_>, calls: &mut Rehearsals) {
    let kind = step.text("type").unwrap_or("t3.micro").to_owned();
    let image = step.text("image").unwrap_or("al2023");
    let parameter = parameter_of(image).map(str::to_owned);
    let groups = step.wanted.list("security_groups");
    let known: Vec<String> = groups
        .iter()
        .filter_map(Value::as_text)
        .map(str::to_owned)
        .collect();
    let real = step.knows(&["subnet"])
        && known.len() == groups.len()
        // A profile's name is known before it exists.
        && step.wanted.get("instance_profile").is_none();
    let interface = InstanceNetworkInterfaceSpecification::builder()
        .device_index(0)
        .subnet_id(step.id_in("subnet", "subnet"))
        .set_groups((!known.is_empty()).then_some(known))
        .build();
    let request = step
        .aws
        .ec2
        .run_instances()
        .dry_run(true)
        .min_count(1)
        .max_count(1)
        .instance_type(InstanceType::from(kind.as_str()))
        .network_interfaces(interface)
        .set_iam_instance_profile(profile(step).as_deref().map(profile_of))
        .tag_specifications(specification(ResourceType::Instance, step.tags));
    let (ssm, stated) = (step.aws.ssm.clone(), image.to_owned());
    let asked = async move {
        let image = match parameter {
            None => stated,
            // An image that cannot be looked up is said so by the launch itself.
            Some(name) => {
                let answer = ssm.get_parameter().name(name).send().await.ok();
                let value = answer.and_then(|it| it.parameter?.value);
                value.unwrap_or_else(|| stand_in("ami"))
            }
        };
        request.image_id(image).send().await
    };
    calls.dry_run(step.address, "ec2:RunInstances", (&kind, real), asked);
}

/// The name of the profile that an instance gets.
fn profile(step: &Intent<'_>) -> Option<String> {
    let name = step.text("instance_profile")?;
    (!name.is_empty()).then(|| name.to_owned())
}

fn change(step: &Intent<'_>, calls: &mut Rehearsals) {
    let ec2 = &step.aws.ec2;
    step.rehearse_tags(calls);
    let id = step.own_id("i");
    if step.touches(STOPPING) {
        let request = ec2.stop_instances().dry_run(true).instance_ids(&id);
        calls.dry_run(
            step.address,
            "ec2:StopInstances",
            ("", true),
            request.send(),
        );
        let request = ec2.start_instances().dry_run(true).instance_ids(&id);
        calls.dry_run(
            step.address,
            "ec2:StartInstances",
            ("", true),
            request.send(),
        );
    }
    if step.touches(STOPPING) || step.touches(&["source_dest_check", "security_groups"]) {
        let value = AttributeBooleanValue::builder().value(true).build();
        let request = ec2
            .modify_instance_attribute()
            .dry_run(true)
            .instance_id(&id);
        let request = request.source_dest_check(value);
        let action = "ec2:ModifyInstanceAttribute";
        calls.dry_run(step.address, action, ("", true), request.send());
    }
    if step.touches(&["metadata_tokens"]) {
        let request = ec2.modify_instance_metadata_options().dry_run(true);
        let request = request.instance_id(&id);
        let action = "ec2:ModifyInstanceMetadataOptions";
        calls.dry_run(step.address, action, ("", true), request.send());
    }
}
