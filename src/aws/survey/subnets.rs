//! VPCs and subnets.

use std::collections::BTreeMap;

use aws_sdk_ec2::types as ec2;
use aws_sdk_ec2::types::VpcAttributeName;
use futures_util::future::try_join_all;
use ipnet::Ipv4Net;

use super::super::error::on;
use super::super::{Aws, CallError};
use super::gaps::{Gaps, if_allowed};
use super::labels;
use super::reads::{block, said};
use crate::model::network::{Known, Network, Subnet, Vpc};

/// The two attributes of a VPC that DNS goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dns {
    pub support: bool,
    pub hostnames: bool,
}

/// Those of each VPC. A call reads one attribute of one VPC (EC2 API reference,
/// DescribeVpcAttribute).
///
/// # Errors
/// AWS's refusal of anything but a permission.
pub(super) async fn dns_of(
    aws: &Aws,
    vpcs: &[String],
) -> Result<BTreeMap<String, Known<Dns>>, CallError> {
    let reads = vpcs.iter().map(|vpc| async move {
        let both = tokio::try_join!(
            attribute(aws, vpc, VpcAttributeName::EnableDnsSupport),
            attribute(aws, vpc, VpcAttributeName::EnableDnsHostnames),
        );
        let both = both.map(|(support, hostnames)| Dns { support, hostnames });
        let read = if_allowed(both, "the VPC's DNS attributes")?;
        Ok((vpc.clone(), read))
    });
    Ok(try_join_all(reads).await?.into_iter().collect())
}

async fn attribute(aws: &Aws, vpc: &str, name: VpcAttributeName) -> Result<bool, CallError> {
    let request = aws.ec2.describe_vpc_attribute().vpc_id(vpc);
    let answer = request.attribute(name.clone()).send().await;
    let answer = answer.map_err(on("DescribeVpcAttribute"))?;
    let value = match name {
        VpcAttributeName::EnableDnsSupport => answer.enable_dns_support(),
        _ => answer.enable_dns_hostnames(),
    };
    value
        .and_then(ec2::AttributeBooleanValue::value)
        .ok_or_else(|| CallError::internal("AWS's answer lacks a VPC's attribute"))
}

/// Tells VPCs.
///
/// # Errors
/// An answer that makes no sense.
pub(super) fn tell_vpcs(
    network: &mut Network,
    gaps: &mut Gaps,
    vpcs: &[ec2::Vpc],
    dns: &BTreeMap<String, Known<Dns>>,
) -> Result<(), CallError> {
    for vpc in vpcs {
        let id = said(vpc.vpc_id(), "a VPC's id")?;
        let mut facts = Vpc {
            blocks: blocks_of(vpc)?,
            ..Vpc::default()
        };
        match dns.get(id) {
            Some(Known::Is(dns)) => {
                facts.dns_support = dns.support;
                facts.dns_hostnames = dns.hostnames;
            }
            Some(Known::Not(reason)) => gaps.hide(id, reason),
            None => return Err(CallError::internal(format!("AWS told of {id} unasked"))),
        }
        labels::put_ec2(network, id, vpc.tags());
        network.vpcs.insert(id.to_owned(), facts);
    }
    Ok(())
}

/// The IPv4 blocks, the first one and those that were added.
fn blocks_of(vpc: &ec2::Vpc) -> Result<Vec<Ipv4Net>, CallError> {
    use ec2::VpcCidrBlockStateCode::{Associated, Associating};
    let associated = vpc.cidr_block_association_set().iter().filter(|it| {
        let state = it.cidr_block_state().and_then(|state| state.state());
        matches!(state, None | Some(Associated | Associating))
    });
    let added = associated.filter_map(|it| it.cidr_block());
    let mut blocks = Vec::new();
    for text in vpc.cidr_block().into_iter().chain(added) {
        let block = ipv4_block(text)?;
        if !blocks.contains(&block) {
            blocks.push(block);
        }
    }
    Ok(blocks)
}

fn ipv4_block(text: &str) -> Result<Ipv4Net, CallError> {
    match block(text)? {
        ipnet::IpNet::V4(block) => Ok(block),
        ipnet::IpNet::V6(_) => Err(CallError::internal(format!(
            "AWS's answer has `{text}` for an IPv4 block"
        ))),
    }
}

/// Tells subnets. One of IPv6 alone has no way that a trace could follow.
///
/// # Errors
/// An answer that makes no sense.
pub(super) fn tell(network: &mut Network, subnets: &[ec2::Subnet]) -> Result<(), CallError> {
    for subnet in subnets {
        let id = said(subnet.subnet_id(), "a subnet's id")?;
        let Some(text) = subnet.cidr_block().filter(|text| !text.is_empty()) else {
            continue;
        };
        labels::put_ec2(network, id, subnet.tags());
        let facts = Subnet {
            vpc: said(subnet.vpc_id(), "a subnet's VPC")?.to_owned(),
            block: ipv4_block(text)?,
            zone: subnet.availability_zone().map(str::to_owned),
            route_table: None,
            network_acl: None,
            maps_public_addresses: subnet.map_public_ip_on_launch().unwrap_or_default(),
            spot: None,
        };
        network.subnets.insert(id.to_owned(), facts);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::{VpcCidrBlockAssociation, VpcCidrBlockState};

    fn vpc() -> ec2::Vpc {
        let part = |block: &str, state: &str| {
            let state = VpcCidrBlockState::builder().state(state.into()).build();
            VpcCidrBlockAssociation::builder()
                .cidr_block(block)
                .cidr_block_state(state)
                .build()
        };
        ec2::Vpc::builder()
            .vpc_id("vpc-1")
            .cidr_block("10.0.0.0/16")
            .cidr_block_association_set(part("10.0.0.0/16", "associated"))
            .cidr_block_association_set(part("10.1.0.0/16", "associated"))
            .cidr_block_association_set(part("10.2.0.0/16", "disassociated"))
            .build()
    }

    #[test]
    fn a_vpc_has_every_block_that_is_associated() {
        let mut network = Network::default();
        let mut gaps = Gaps::default();
        let dns = Dns {
            support: true,
            hostnames: true,
        };
        let dns = BTreeMap::from([("vpc-1".to_owned(), Known::Is(dns))]);
        tell_vpcs(&mut network, &mut gaps, &[vpc()], &dns).unwrap();
        let blocks: Vec<String> = network.vpcs["vpc-1"]
            .blocks
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(blocks, ["10.0.0.0/16", "10.1.0.0/16"]);
        assert!(network.vpcs["vpc-1"].dns_hostnames);
        gaps.tell(&mut network);
        assert!(network.vpcs.contains_key("vpc-1") && network.unread.is_empty());
    }

    #[test]
    fn a_vpc_whose_attributes_may_not_be_read_is_not_told() {
        let mut network = Network::default();
        let mut gaps = Gaps::default();
        let dns = BTreeMap::from([("vpc-1".to_owned(), Known::Not("no".to_owned()))]);
        tell_vpcs(&mut network, &mut gaps, &[vpc()], &dns).unwrap();
        gaps.tell(&mut network);
        assert_eq!(network.unread["vpc-1"], "no");
        assert!(network.vpcs.is_empty());
    }

    #[test]
    fn garbage_is_an_error() {
        let mut network = Network::default();
        let subnet = ec2::Subnet::builder().subnet_id("subnet-1").vpc_id("vpc-1");
        let nonsense = subnet.clone().cidr_block("10.0.0.0/99").build();
        let error = tell(&mut network, &[nonsense]).unwrap_err();
        assert!(error.to_string().contains("10.0.0.0/99"), "{error}");
        let nameless = ec2::Subnet::builder().build();
        assert!(tell(&mut network, &[nameless]).is_err());
        // One of IPv6 alone is not told.
        tell(&mut network, &[subnet.build()]).unwrap();
        assert!(network.subnets.is_empty());
    }
}
