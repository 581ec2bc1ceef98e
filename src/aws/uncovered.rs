//! What stands in a VPC and has no kind of ours, in words.
//!
//! An import tells of it, so that nobody believes a plan file to be the whole
//! network. What the credentials may not ask about is told too.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;

use aws_sdk_ec2::types::{NetworkInterface, NetworkInterfaceType, Tag, VpcEndpointType};
use futures_util::future::join_all;

use super::error::on;
use super::tagging::filter;
use super::vpc_endpoints::{describe, is_going};
use super::{Aws, CallError};

type Words = Result<Vec<String>, CallError>;
type Read<'a> = Pin<Box<dyn Future<Output = Words> + Send + 'a>>;

/// Codes by which AWS says that the credentials may not ask, or that it knows
/// no such call here.
const NOT_TOLD: &[&str] = &[
    "UnauthorizedOperation",
    "AccessDenied",
    "UnsupportedOperation",
    "InvalidAction",
    "NotImplemented",
];

/// How AWS describes a NAT gateway's interface.
const OF_NAT_GATEWAY: &str = "Interface for NAT Gateway ";

/// Everything in a VPC that no kind covers, a sentence each.
///
/// # Errors
/// AWS's refusal of anything but a permission.
pub async fn uncovered(aws: &Aws, vpc: &str) -> Words {
    let reads: Vec<(&str, Read<'_>)> = vec![
        ("its further address blocks", Box::pin(blocks(aws, vpc))),
        ("network ACLs", Box::pin(network_acls(aws, vpc))),
        ("peering connections", Box::pin(peerings(aws, vpc))),
        ("VPN gateways", Box::pin(vpn_gateways(aws, vpc))),
        (
            "egress-only internet gateways",
            Box::pin(egress_only(aws, vpc)),
        ),
        ("transit gateway attachments", Box::pin(transit(aws, vpc))),
        ("endpoints of other types", Box::pin(endpoints(aws, vpc))),
        (
            "network interfaces of others",
            Box::pin(interfaces(aws, vpc)),
        ),
        ("flow logs", Box::pin(flow_logs(aws, vpc))),
        (
            "Elastic IPs of instances and interfaces",
            Box::pin(addresses(aws, vpc)),
        ),
    ];
    let (names, reads): (Vec<&str>, Vec<Read<'_>>) = reads.into_iter().unzip();
    let mut all = Vec::new();
    for (name, read) in names.into_iter().zip(join_all(reads).await) {
        match read {
            Ok(found) => all.extend(found),
            Err(error) if error.is(NOT_TOLD) => {
                all.push(format!(
                    "{name}, if any: AWS does not tell ({})",
                    error.code()
                ));
            }
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(all)
}

/// An object with its name: `network ACL acl-0a1b "strict"`.
fn named(noun: &str, id: Option<&str>, tags: &[Tag], more: &str) -> String {
    let name = tags.iter().find(|tag| tag.key() == Some("Name"));
    let name = name.and_then(Tag::value).filter(|name| !name.is_empty());
    let name = name.map_or_else(String::new, |name| format!(" {name:?}"));
    let more = if more.is_empty() {
        String::new()
    } else {
        format!(", {more}")
    };
    format!("{noun} {}{name}{more}", id.unwrap_or("?"))
}

async fn blocks(aws: &Aws, vpc: &str) -> Words {
    let (vpcs, subnets) = tokio::try_join!(
        async {
            let sent = aws.ec2.describe_vpcs().vpc_ids(vpc).send().await;
            sent.map_err(on("DescribeVpcs"))
        },
        async {
            let request = aws.ec2.describe_subnets().filters(filter("vpc-id", [vpc]));
            request.send().await.map_err(on("DescribeSubnets"))
        },
    )?;
    let mut words = Vec::new();
    for vpc in vpcs.vpcs() {
        let more = vpc.cidr_block_association_set().iter();
        let more = more.filter_map(|it| it.cidr_block());
        let more = more.filter(|block| Some(*block) != vpc.cidr_block());
        words.extend(more.map(|block| format!("the VPC's further block {block}")));
        let six = vpc.ipv6_cidr_block_association_set().iter();
        let six = six.filter_map(|it| it.ipv6_cidr_block());
        words.extend(six.map(|block| format!("the VPC's IPv6 block {block}")));
    }
    for subnet in subnets.subnets() {
        let id = subnet.subnet_id().unwrap_or("?");
        let six = subnet.ipv6_cidr_block_association_set().iter();
        let six = six.filter_map(|it| it.ipv6_cidr_block());
        words.extend(six.map(|block| format!("IPv6 block {block} of {id}")));
    }
    Ok(words)
}

async fn network_acls(aws: &Aws, vpc: &str) -> Words {
    let request = aws.ec2.describe_network_acls();
    let answer = request.filters(filter("vpc-id", [vpc])).send().await;
    let answer = answer.map_err(on("DescribeNetworkAcls"))?;
    let own = answer.network_acls().iter();
    let own = own.filter(|acl| acl.is_default() != Some(true));
    Ok(own
        .map(|acl| {
            let subnets = acl.associations().iter().filter_map(|it| it.subnet_id());
            let subnets: Vec<&str> = subnets.collect();
            let of = match subnets.is_empty() {
                true => "of no subnet".to_owned(),
                false => format!("of {}", subnets.join(", ")),
            };
            named("network ACL", acl.network_acl_id(), acl.tags(), &of)
        })
        .collect())
}

async fn peerings(aws: &Aws, vpc: &str) -> Words {
    let of_side = |side: &'static str| async move {
        let request = aws.ec2.describe_vpc_peering_connections();
        let answer = request.filters(filter(side, [vpc])).send().await;
        answer.map_err(on("DescribeVpcPeeringConnections"))
    };
    let (asked, accepted) = tokio::try_join!(
        of_side("requester-vpc-info.vpc-id"),
        of_side("accepter-vpc-info.vpc-id"),
    )?;
    let mut words = Vec::new();
    let asked = asked.vpc_peering_connections().iter();
    let asked = asked.map(|it| (it, it.requester_vpc_info(), it.accepter_vpc_info()));
    let accepted = accepted.vpc_peering_connections().iter();
    let accepted = accepted.map(|it| (it, it.accepter_vpc_info(), it.requester_vpc_info()));
    for (peering, own, other) in asked.chain(accepted) {
        if own.and_then(|it| it.vpc_id()) != Some(vpc) {
            continue;
        }
        let state = peering
            .status()
            .and_then(|it| it.code())
            .map_or("active", |it| it.as_str());
        if !["pending-acceptance", "provisioning", "active"].contains(&state) {
            continue;
        }
        let with = other.and_then(|it| it.vpc_id()).unwrap_or("another VPC");
        let id = peering.vpc_peering_connection_id();
        let more = format!("with {with}, {state}");
        words.push(named("peering connection", id, peering.tags(), &more));
    }
    Ok(words)
}

async fn vpn_gateways(aws: &Aws, vpc: &str) -> Words {
    let request = aws.ec2.describe_vpn_gateways();
    let answer = request
        .filters(filter("attachment.vpc-id", [vpc]))
        .send()
        .await;
    let answer = answer.map_err(on("DescribeVpnGateways"))?;
    let attached = answer.vpn_gateways().iter().filter(|gateway| {
        let mut here = gateway.vpc_attachments().iter();
        here.any(|it| it.state().is_none_or(|state| state.as_str() != "detached"))
    });
    Ok(attached
        .map(|it| named("VPN gateway", it.vpn_gateway_id(), it.tags(), ""))
        .collect())
}

async fn egress_only(aws: &Aws, vpc: &str) -> Words {
    let request = aws.ec2.describe_egress_only_internet_gateways();
    let gateways: Result<Vec<_>, _> = request.into_paginator().items().send().collect().await;
    let gateways = gateways.map_err(on("DescribeEgressOnlyInternetGateways"))?;
    let here = gateways.iter().filter(|gateway| {
        let mut attached = gateway.attachments().iter();
        attached.any(|it| it.vpc_id() == Some(vpc))
    });
    Ok(here
        .map(|it| {
            let id = it.egress_only_internet_gateway_id();
            named("egress-only internet gateway", id, it.tags(), "")
        })
        .collect())
}

async fn transit(aws: &Aws, vpc: &str) -> Words {
    let request = aws.ec2.describe_transit_gateway_vpc_attachments();
    let answer = request.filters(filter("vpc-id", [vpc])).send().await;
    let answer = answer.map_err(on("DescribeTransitGatewayVpcAttachments"))?;
    let standing = answer.transit_gateway_vpc_attachments().iter();
    let standing = standing.filter(|it| {
        let state = it.state().map_or("available", |it| it.as_str());
        it.vpc_id() == Some(vpc) && !["deleted", "deleting", "failed"].contains(&state)
    });
    Ok(standing
        .map(|it| {
            let more = format!(
                "to {}",
                it.transit_gateway_id().unwrap_or("a transit gateway")
            );
            let id = it.transit_gateway_attachment_id();
            named("transit gateway attachment", id, it.tags(), &more)
        })
        .collect())
}

async fn endpoints(aws: &Aws, vpc: &str) -> Words {
    let ours = [VpcEndpointType::Gateway, VpcEndpointType::Interface];
    let found = describe(aws, vec![filter("vpc-id", [vpc])], None).await?;
    let others = found.iter().filter(|it| !is_going(it));
    let others = others.filter(|it| it.vpc_endpoint_type().is_some_and(|it| !ours.contains(it)));
    Ok(others
        .map(|it| {
            let kind = it.vpc_endpoint_type().map_or("other", |it| it.as_str());
            let service = it.service_name().unwrap_or("an unknown service");
            let more = format!("a {kind} endpoint of {service}");
            named("endpoint", it.vpc_endpoint_id(), it.tags(), &more)
        })
        .collect())
}

async fn interfaces_in(aws: &Aws, vpc: &str) -> Result<Vec<NetworkInterface>, CallError> {
    let request = aws.ec2.describe_network_interfaces();
    let request = request.filters(filter("vpc-id", [vpc]));
    let found: Result<Vec<_>, _> = request.into_paginator().items().send().collect().await;
    found.map_err(on("DescribeNetworkInterfaces"))
}

/// Interfaces that neither an instance, nor a NAT gateway, nor an endpoint has.
async fn interfaces(aws: &Aws, vpc: &str) -> Words {
    let found = interfaces_in(aws, vpc).await?;
    let ours = [OF_NAT_GATEWAY, "VPC Endpoint Interface "];
    let others = found.iter().filter(|it| {
        let attachment = it.attachment();
        let of_instance =
            attachment.is_some_and(|it| it.instance_id().is_some() && it.device_index() == Some(0));
        let of_kind = matches!(
            it.interface_type(),
            Some(NetworkInterfaceType::NatGateway | NetworkInterfaceType::VpcEndpoint)
        );
        let told = it.description().unwrap_or_default();
        !of_instance && !of_kind && !ours.iter().any(|start| told.starts_with(start))
    });
    Ok(others
        .map(|it| {
            let about = it.description().unwrap_or_default();
            named(
                "network interface",
                it.network_interface_id(),
                it.tag_set(),
                about,
            )
        })
        .collect())
}

async fn flow_logs(aws: &Aws, vpc: &str) -> Words {
    let request = aws.ec2.describe_flow_logs();
    let answer = request.filter(filter("resource-id", [vpc])).send().await;
    let answer = answer.map_err(on("DescribeFlowLogs"))?;
    let logs = answer.flow_logs().iter();
    Ok(logs
        .map(|it| named("flow log", it.flow_log_id(), it.tags(), "of the VPC"))
        .collect())
}

/// Elastic IPs that something other than a NAT gateway has. AWS cannot be asked
/// for those of a VPC.
async fn addresses(aws: &Aws, vpc: &str) -> Words {
    let (interfaces, instances, addresses) = tokio::try_join!(
        interfaces_in(aws, vpc),
        async {
            let request = aws.ec2.describe_instances();
            let request = request.filters(filter("vpc-id", [vpc]));
            let found = request.into_paginator().items().send();
            let found: Result<Vec<_>, _> = found.collect().await;
            found.map_err(on("DescribeInstances"))
        },
        async {
            let sent = aws.ec2.describe_addresses().send().await;
            sent.map_err(on("DescribeAddresses"))
        },
    )?;
    let is_other = |it: &&NetworkInterface| {
        it.interface_type() != Some(&NetworkInterfaceType::NatGateway)
            && !it
                .description()
                .is_some_and(|told| told.starts_with(OF_NAT_GATEWAY))
    };
    let interfaces = interfaces.iter().filter(is_other);
    let interfaces: BTreeSet<&str> = interfaces
        .filter_map(|it| it.network_interface_id())
        .collect();
    let instances = instances.iter().flat_map(|it| it.instances());
    let instances: BTreeSet<&str> = instances.filter_map(|it| it.instance_id()).collect();
    let words = addresses.addresses().iter().filter_map(|it| {
        let instance = it.instance_id().filter(|id| instances.contains(id));
        let interface = it.network_interface_id();
        let of = instance.or(interface.filter(|id| interfaces.contains(id)))?;
        let more = format!("{} of {of}", it.public_ip().unwrap_or("?"));
        Some(named("Elastic IP", it.allocation_id(), it.tags(), &more))
    });
    Ok(words.collect())
}
