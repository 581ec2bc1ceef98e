//! What a new subnet cannot stand beside: a zone that is not there, and blocks
//! of a VPC that are in use.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types::{AvailabilityZone, AvailabilityZoneState, Subnet as Described};
use ipnet::Ipv4Net;

use crate::aws::named::{address_in, is_of};
use crate::aws::tagging::{filter, from_ec2};
use crate::aws::{Aws, CallError, on};
use crate::kind::{Intent, Obstacle};
use crate::model::Action;

/// Asks for the region's zones, and for the subnets of the VPCs that exist.
pub(super) async fn obstacles(steps: &[Intent<'_>]) -> Result<Vec<Obstacle>, CallError> {
    let new: Vec<&Intent<'_>> = steps
        .iter()
        .filter(|step| step.action == Action::Create)
        .collect();
    let Some(first) = new.first() else {
        return Ok(Vec::new());
    };
    let vpcs: BTreeSet<&str> = new.iter().filter_map(|step| step.text("vpc")).collect();
    let (zones, subnets) = tokio::try_join!(zones(first.aws), subnets(first.aws, &vpcs))?;
    let missing = new.iter().filter_map(|step| missing_zone(step, &zones));
    let taken = new.iter().filter_map(|step| taken_block(step, &subnets));
    Ok(missing.chain(taken).collect())
}

async fn zones(aws: &Aws) -> Result<Vec<AvailabilityZone>, CallError> {
    let answer = aws.ec2.describe_availability_zones().send().await;
    let answer = answer.map_err(on("DescribeAvailabilityZones"))?;
    Ok(answer.availability_zones.unwrap_or_default())
}

async fn subnets(aws: &Aws, vpcs: &BTreeSet<&str>) -> Result<Vec<Described>, CallError> {
    if vpcs.is_empty() {
        return Ok(Vec::new());
    }
    aws.ec2
        .describe_subnets()
        .filters(filter("vpc-id", vpcs.iter().copied()))
        .into_paginator()
        .items()
        .send()
        .collect::<Result<_, _>>()
        .await
        .map_err(on("DescribeSubnets"))
}

/// The zones of an account are those that AWS lists, and not all take new things.
fn missing_zone(step: &Intent<'_>, zones: &[AvailabilityZone]) -> Option<Obstacle> {
    let wanted = step.text("zone")?;
    let states: BTreeMap<&str, Option<&AvailabilityZoneState>> = zones
        .iter()
        .filter_map(|zone| Some((zone.zone_name()?, zone.state())))
        .collect();
    let (problem, cause) = match states.get(wanted) {
        None => (
            format!("this account has no availability zone {wanted}"),
            format!("{} has none of that name for it", step.place.region),
        ),
        Some(Some(
            state @ (AvailabilityZoneState::Impaired | AvailabilityZoneState::Unavailable),
        )) => (
            format!("availability zone {wanted} is {}", state.as_str()),
            "AWS makes nothing new there now".to_owned(),
        ),
        Some(_) => return None,
    };
    let others = states.keys().filter(|zone| **zone != wanted).copied();
    Some(Obstacle {
        address: step.address.clone(),
        problem,
        cause,
        remedy: format!(
            "take another `zone`: {}",
            others.collect::<Vec<_>>().join(", ")
        ),
    })
}

/// AWS refuses a block that overlaps another subnet's (Amazon EC2 API reference,
/// CreateSubnet).
fn taken_block(step: &Intent<'_>, subnets: &[Described]) -> Option<Obstacle> {
    let (vpc, block) = (step.text("vpc")?, step.text("cidr")?);
    let wanted: Ipv4Net = block.parse().ok()?;
    let other = subnets.iter().find(|subnet| {
        let id = subnet.subnet_id().unwrap_or_default();
        let theirs = subnet
            .cidr_block()
            .and_then(|it| it.parse::<Ipv4Net>().ok());
        let overlaps = theirs.is_some_and(|it| it.contains(&wanted) || wanted.contains(&it));
        // One that an earlier run of ours made, and AWS did not show until now.
        let found = from_ec2(subnet.tags());
        let ours = is_of(step.stack, step.place, &found)
            && address_in(&found).as_ref() == Some(step.address);
        subnet.vpc_id() == Some(vpc) && overlaps && !ours && !step.leaving.contains(id)
    })?;
    Some(Obstacle {
        address: step.address.clone(),
        problem: format!("{block} is in use in {vpc}"),
        cause: format!(
            "{} has {} there already",
            other.subnet_id().unwrap_or_default(),
            other.cidr_block().unwrap_or_default()
        ),
        remedy: "take a block of the VPC that no subnet has".to_owned(),
    })
}
