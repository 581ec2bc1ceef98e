//! The calls of a security group, as dry runs, and a name that the VPC has already.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types::ResourceType;

use crate::aws::named::{address_in, is_of};
use crate::aws::rehearsal::Rehearsals;
use crate::aws::tagging::{filter, from_ec2, specification};
use crate::aws::{CallError, on};
use crate::kind::{Intent, Obstacle};
use crate::model::{Action, tags};

pub(super) fn rehearse(step: &Intent<'_>, calls: &mut Rehearsals) {
    let ec2 = &step.aws.ec2;
    match step.action {
        Action::Create => {
            let vpc = step.id_in("vpc", "vpc");
            let tags = specification(ResourceType::SecurityGroup, step.tags);
            let request = ec2.create_security_group().dry_run(true).vpc_id(&vpc);
            let request = request
                .group_name(step.text("group_name").unwrap_or("s3net"))
                .description(step.text("description").unwrap_or("s3net"))
                .tag_specifications(tags);
            let real = step.knows(&["vpc"]);
            let action = "ec2:CreateSecurityGroup";
            calls.dry_run(step.address, action, (&vpc, real), request.send());
        }
        Action::Delete => {
            let request = ec2.delete_security_group().dry_run(true);
            let request = request.group_id(step.own_id("sg"));
            let action = "ec2:DeleteSecurityGroup";
            calls.dry_run(step.address, action, ("", true), request.send());
        }
        _ => step.rehearse_tags(calls),
    }
}

/// New groups of VPCs that exist, whose name another group of the VPC has: names
/// are unique there (Amazon EC2 API reference, CreateSecurityGroup).
pub(super) async fn obstacles(steps: &[Intent<'_>]) -> Result<Vec<Obstacle>, CallError> {
    let mut new: BTreeMap<(&str, &str), &Intent<'_>> = BTreeMap::new();
    for step in steps.iter().filter(|step| step.action == Action::Create) {
        if let (Some(vpc), Some(name)) = (step.text("vpc"), step.text("group_name")) {
            new.insert((vpc, name), step);
        }
    }
    let Some(first) = steps.first().filter(|_| !new.is_empty()) else {
        return Ok(Vec::new());
    };
    let vpcs: BTreeSet<&str> = new.keys().map(|(vpc, _)| *vpc).collect();
    let request = first.aws.ec2.describe_security_groups();
    let groups: Vec<_> = request
        .filters(filter("vpc-id", vpcs))
        .into_paginator()
        .items()
        .send()
        .collect::<Result<_, _>>()
        .await
        .map_err(on("DescribeSecurityGroups"))?;
    let taken = groups.iter().filter_map(|group| {
        let id = group.group_id()?;
        let step = new.get(&(group.vpc_id()?, group.group_name()?))?;
        let found = from_ec2(group.tags());
        let ours = is_of(step.stack, step.place, &found)
            && address_in(&found).as_ref() == Some(step.address);
        (!ours && !step.leaving.contains(id)).then(|| Obstacle {
            address: step.address.clone(),
            problem: format!(
                "{} has a security group called {} already",
                group.vpc_id().unwrap_or_default(),
                group.group_name().unwrap_or_default()
            ),
            cause: format!("{id} is not this stack's, and AWS has each name once in a VPC"),
            remedy: match found.contains_key(tags::STACK) {
                true => format!(
                    "state another `group_name`, or look it up under \
                     [existing.security_group.{}]",
                    step.address.name
                ),
                false => step.or_take_over("state another `group_name`", id),
            },
        })
    });
    Ok(taken.collect())
}
