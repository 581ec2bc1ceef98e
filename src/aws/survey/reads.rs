//! Reads of EC2 by VPC: one paged call for each sort of object.

use std::collections::BTreeSet;

use aws_sdk_ec2::types as ec2;
use ipnet::IpNet;

use super::super::error::on;
use super::super::tagging::filter;
use super::super::{Aws, CallError};
use super::gaps::if_allowed;
use crate::model::network::Known;

/// How many values one EC2 filter takes (EC2's documentation of filtering).
const FILTER_VALUES: usize = 200;

/// The states of instances that are there; a terminated one is shown for an
/// hour more.
const INSTANCES_THAT_LIVE: [&str; 4] = ["pending", "running", "stopping", "stopped"];

/// The VPCs themselves. Nothing can be said without them, so they may not be
/// kept from the credentials.
///
/// # Errors
/// AWS's refusal; an unknown id is one.
pub(super) async fn vpcs(aws: &Aws, ids: &[String]) -> Result<Vec<ec2::Vpc>, CallError> {
    let request = aws.ec2.describe_vpcs().set_vpc_ids(Some(ids.to_vec()));
    let pages = request.into_paginator().items().send();
    let found = pages.collect::<Result<_, _>>().await;
    found.map_err(on("DescribeVpcs"))
}

/// The VPCs of subnets.
///
/// # Errors
/// AWS's refusal; an unknown id is one.
pub(super) async fn vpcs_of_subnets(
    aws: &Aws,
    ids: &BTreeSet<String>,
) -> Result<Vec<String>, CallError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let ids = ids.iter().cloned().collect();
    let request = aws.ec2.describe_subnets().set_subnet_ids(Some(ids));
    let pages = request.into_paginator().items().send();
    let found: Result<Vec<ec2::Subnet>, _> = pages.collect().await;
    let found = found.map_err(on("DescribeSubnets"))?;
    Ok(found.into_iter().filter_map(|it| it.vpc_id).collect())
}

/// The VPCs of instances; a terminated one has none.
///
/// # Errors
/// AWS's refusal; an unknown id is one.
pub(super) async fn vpcs_of_instances(
    aws: &Aws,
    ids: &BTreeSet<String>,
) -> Result<Vec<String>, CallError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let ids = ids.iter().cloned().collect();
    let request = aws.ec2.describe_instances().set_instance_ids(Some(ids));
    let pages = request.into_paginator().items().send();
    let found: Result<Vec<ec2::Reservation>, _> = pages.collect().await;
    let found = found.map_err(on("DescribeInstances"))?;
    let found = found.into_iter().filter_map(|it| it.instances).flatten();
    Ok(found.filter_map(|it| it.vpc_id).collect())
}

/// A read of all of the VPCs' objects of one type. (Each call of the SDK has a
/// type of its own, which no generic function fits.)
macro_rules! of_vpcs {
    ($($name:ident: $type:ty = $request:ident.$set:ident($by:literal $(, $more:expr)*),
        $called:literal, $what:literal;)*) => {
        $(#[doc = concat!("The VPCs' ", $what, ".\n\n# Errors\nAWS's refusal of anything but a permission.")]
        pub(super) async fn $name(
            aws: &Aws,
            vpcs: &[String],
        ) -> Result<Known<Vec<$type>>, CallError> {
            let mut found = Vec::new();
            for chunk in vpcs.chunks(FILTER_VALUES) {
                let page: Result<Vec<$type>, _> = aws
                    .ec2
                    .$request()
                    .$set(Some(vec![filter($by, chunk.iter().cloned()) $(, $more)*]))
                    .into_paginator()
                    .items()
                    .send()
                    .collect()
                    .await;
                match if_allowed(page.map_err(on($called)), $what)? {
                    Known::Is(page) => found.extend(page),
                    Known::Not(reason) => return Ok(Known::Not(reason)),
                }
            }
            Ok(Known::Is(found))
        })*
    };
}

of_vpcs! {
    subnets: ec2::Subnet = describe_subnets.set_filters("vpc-id"),
        "DescribeSubnets", "subnets";
    route_tables: ec2::RouteTable = describe_route_tables.set_filters("vpc-id"),
        "DescribeRouteTables", "route tables";
    internet_gateways: ec2::InternetGateway =
        describe_internet_gateways.set_filters("attachment.vpc-id"),
        "DescribeInternetGateways", "internet gateways";
    nat_gateways: ec2::NatGateway = describe_nat_gateways.set_filter("vpc-id"),
        "DescribeNatGateways", "NAT gateways";
    vpc_endpoints: ec2::VpcEndpoint = describe_vpc_endpoints.set_filters("vpc-id"),
        "DescribeVpcEndpoints", "VPC endpoints";
    endpoint_interfaces: ec2::NetworkInterface = describe_network_interfaces
        .set_filters("vpc-id", filter("interface-type", ["vpc_endpoint"])),
        "DescribeNetworkInterfaces", "the endpoints' network interfaces";
    security_groups: ec2::SecurityGroup = describe_security_groups.set_filters("vpc-id"),
        "DescribeSecurityGroups", "security groups";
    network_acls: ec2::NetworkAcl = describe_network_acls.set_filters("vpc-id"),
        "DescribeNetworkAcls", "network ACLs";
    reservations: ec2::Reservation = describe_instances
        .set_filters("vpc-id", filter("instance-state-name", INSTANCES_THAT_LIVE)),
        "DescribeInstances", "instances";
}

/// What AWS must have said.
///
/// # Errors
/// It did not.
pub(super) fn said<'t>(text: Option<&'t str>, what: &str) -> Result<&'t str, CallError> {
    text.filter(|text| !text.is_empty())
        .ok_or_else(|| CallError::internal(format!("AWS's answer lacks {what}")))
}

/// Something of an answer in its own form: a block, an address.
///
/// # Errors
/// It has another form.
pub(super) fn parsed<T: std::str::FromStr>(text: &str, what: &str) -> Result<T, CallError> {
    text.parse()
        .map_err(|_| CallError::internal(format!("AWS's answer has `{text}` for {what}")))
}

/// A block of addresses, with the host bits at zero.
///
/// # Errors
/// It is none.
pub(super) fn block(text: &str) -> Result<IpNet, CallError> {
    parsed(text, "a block of addresses").map(|block: IpNet| block.trunc())
}
