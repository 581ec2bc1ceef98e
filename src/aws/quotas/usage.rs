//! How many there are: one read for each quota, or for two that share it.
//!
//! Route tables' routes and groups' rules are not read here, since a plan knows
//! them; Route 53 and IAM tell their counts with their limits.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types::VpcEndpointType;

use super::{Quota, Reading};
use crate::aws::error::on;
use crate::aws::tagging::filter;
use crate::aws::{Aws, CallError};

/// Counts what each of these quotas is about, side by side.
pub(super) async fn read(aws: &Aws, wanted: &BTreeMap<Quota, BTreeSet<String>>) -> Reading {
    let reads = wanted.iter().map(|(quota, within)| async move {
        let empty = Reading::default();
        match quota {
            Quota::Vpcs => vpcs(aws).await,
            Quota::InternetGateways => internet_gateways(aws).await,
            Quota::ElasticIps => elastic_ips(aws).await,
            Quota::NatGateways => nat_gateways(aws).await,
            Quota::GatewayEndpoints => gateway_endpoints(aws).await,
            Quota::InterfaceEndpoints if !within.is_empty() => {
                interface_endpoints(aws, within).await
            }
            Quota::Subnets if !within.is_empty() => subnets(aws, within).await,
            Quota::RouteTables if !within.is_empty() => route_tables(aws, within).await,
            Quota::SecurityGroups => security_groups(aws).await,
            _ => Ok(empty),
        }
    });
    let all = futures_util::future::join_all(reads).await;
    all.into_iter().fold(Reading::default(), Reading::and)
}

/// A page of a paginator, counted.
macro_rules! items {
    ($request:expr, $operation:literal) => {
        $request
            .into_paginator()
            .items()
            .send()
            .collect::<Result<Vec<_>, _>>()
            .await
            .map_err(on($operation))?
    };
}

fn in_region(quota: Quota, count: usize) -> Reading {
    let mut reading = Reading::default();
    reading.used.insert((quota, String::new()), count);
    reading
}

async fn vpcs(aws: &Aws) -> Result<Reading, CallError> {
    let vpcs = items!(aws.ec2.describe_vpcs(), "DescribeVpcs");
    Ok(in_region(Quota::Vpcs, vpcs.len()))
}

async fn internet_gateways(aws: &Aws) -> Result<Reading, CallError> {
    let found = items!(
        aws.ec2.describe_internet_gateways(),
        "DescribeInternetGateways"
    );
    Ok(in_region(Quota::InternetGateways, found.len()))
}

async fn elastic_ips(aws: &Aws) -> Result<Reading, CallError> {
    let request = aws.ec2.describe_addresses();
    let answer = request.send().await.map_err(on("DescribeAddresses"))?;
    Ok(in_region(Quota::ElasticIps, answer.addresses().len()))
}

/// A NAT gateway tells its subnet, and the subnet its zone.
async fn nat_gateways(aws: &Aws) -> Result<Reading, CallError> {
    let counted = filter("state", ["pending", "available", "deleting"]);
    let (gateways, subnets) = tokio::try_join!(
        async {
            let request = aws.ec2.describe_nat_gateways().filter(counted);
            Ok::<_, CallError>(items!(request, "DescribeNatGateways"))
        },
        async { Ok(items!(aws.ec2.describe_subnets(), "DescribeSubnets")) },
    )?;
    let zone_of = |subnet: Option<&str>| {
        let subnet = subnets.iter().find(|it| it.subnet_id() == subnet);
        subnet.and_then(|subnet| subnet.availability_zone())
    };
    let mut reading = Reading::default();
    for gateway in &gateways {
        if let Some(zone) = zone_of(gateway.subnet_id()) {
            reading.count(Quota::NatGateways, zone);
        }
    }
    Ok(reading)
}

async fn gateway_endpoints(aws: &Aws) -> Result<Reading, CallError> {
    let of_kind = filter("vpc-endpoint-type", [VpcEndpointType::Gateway.as_str()]);
    let request = aws.ec2.describe_vpc_endpoints().filters(of_kind);
    let found = items!(request, "DescribeVpcEndpoints");
    Ok(in_region(Quota::GatewayEndpoints, found.len()))
}

async fn interface_endpoints(aws: &Aws, vpcs: &BTreeSet<String>) -> Result<Reading, CallError> {
    let of_kind = filter("vpc-endpoint-type", [VpcEndpointType::Interface.as_str()]);
    let request = aws.ec2.describe_vpc_endpoints().filters(of_kind);
    let request = request.filters(filter("vpc-id", vpcs));
    let mut reading = Reading::default();
    for found in items!(request, "DescribeVpcEndpoints") {
        reading.count(
            Quota::InterfaceEndpoints,
            found.vpc_id().unwrap_or_default(),
        );
    }
    Ok(reading)
}

async fn subnets(aws: &Aws, vpcs: &BTreeSet<String>) -> Result<Reading, CallError> {
    let request = aws.ec2.describe_subnets().filters(filter("vpc-id", vpcs));
    let mut reading = Reading::default();
    for found in items!(request, "DescribeSubnets") {
        reading.count(Quota::Subnets, found.vpc_id().unwrap_or_default());
    }
    Ok(reading)
}

async fn route_tables(aws: &Aws, vpcs: &BTreeSet<String>) -> Result<Reading, CallError> {
    let request = aws.ec2.describe_route_tables();
    let request = request.filters(filter("vpc-id", vpcs));
    let mut reading = Reading::default();
    for found in items!(request, "DescribeRouteTables") {
        reading.count(Quota::RouteTables, found.vpc_id().unwrap_or_default());
    }
    Ok(reading)
}

async fn security_groups(aws: &Aws) -> Result<Reading, CallError> {
    let found = items!(aws.ec2.describe_security_groups(), "DescribeSecurityGroups");
    Ok(in_region(Quota::SecurityGroups, found.len()))
}
