//! The calls of a VPC endpoint of either kind, as dry runs.

use aws_sdk_ec2::types::{ResourceType, VpcEndpointType};

use crate::aws::rehearsal::Rehearsals;
use crate::aws::tagging::specification;
use crate::kind::Intent;
use crate::model::Action;

/// Asks beforehand for what a step does with an endpoint of one type.
pub(super) fn rehearse(of_type: VpcEndpointType, step: &Intent<'_>, calls: &mut Rehearsals) {
    let ec2 = &step.aws.ec2;
    match step.action {
        Action::Create => {
            let tags = specification(ResourceType::VpcEndpoint, step.tags);
            let request = ec2.create_vpc_endpoint().dry_run(true);
            let request = request
                .vpc_endpoint_type(of_type.clone())
                .vpc_id(step.id_in("vpc", "vpc"))
                .set_service_name(step.text("service").map(str::to_owned))
                .tag_specifications(tags);
            let alike = (of_type.as_str(), step.knows(&["vpc"]));
            let action = "ec2:CreateVpcEndpoint";
            calls.dry_run(step.address, action, alike, request.send());
        }
        Action::Delete => {
            let request = ec2.delete_vpc_endpoints().dry_run(true);
            let request = request.vpc_endpoint_ids(step.own_id("vpce"));
            let action = "ec2:DeleteVpcEndpoints";
            calls.dry_run(step.address, action, ("", true), request.send());
        }
        _ => {
            step.rehearse_tags(calls);
            if !step.changed.is_empty() {
                let request = ec2.modify_vpc_endpoint().dry_run(true);
                let request = request.vpc_endpoint_id(step.own_id("vpce"));
                let action = "ec2:ModifyVpcEndpoint";
                calls.dry_run(step.address, action, ("", true), request.send());
            }
        }
    }
}
