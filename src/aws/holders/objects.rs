//! What to ask about an object that AWS does not let go: which reads, side by
//! side.
//!
//! | object | asked for |
//! |---|---|
//! | subnet | interfaces in it |
//! | security group | interfaces with it, groups whose rules refer to it (both directions) |
//! | VPC | interfaces, endpoints, gateways, subnets, groups, tables, ACLs, peerings |
//! | route table | its associations |
//! | internet gateway | its attachments, or the mapped public addresses of the VPC |
//! | Elastic IP | the interface that it is associated with |

use std::future::Future;
use std::pin::Pin;

use aws_sdk_ec2::types::{Address, NetworkInterface};

use super::sighting::{Noun, Sighting};
use super::{interfaces, referring_groups, vpc_contents};
use crate::aws::error::on;
use crate::aws::tagging::filter;
use crate::aws::{Aws, CallError};

/// An object that others may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held<'a> {
    /// A subnet, by its id.
    Subnet(&'a str),
    /// A security group, by its id.
    SecurityGroup(&'a str),
    /// A VPC, by its id.
    Vpc(&'a str),
    /// A route table, by its id.
    RouteTable(&'a str),
    /// An internet gateway that is to be deleted, by its id.
    InternetGateway(&'a str),
    /// An internet gateway that is to be detached from a VPC.
    Attachment {
        /// The gateway's id.
        gateway: &'a str,
        /// The VPC's id.
        vpc: &'a str,
    },
    /// An Elastic IP, by its allocation.
    Address(&'a str),
}

impl<'a> Held<'a> {
    /// AWS's id of the object.
    #[must_use]
    pub fn id(&self) -> &'a str {
        match self {
            Self::Subnet(id)
            | Self::SecurityGroup(id)
            | Self::Vpc(id)
            | Self::RouteTable(id)
            | Self::InternetGateway(id)
            | Self::Address(id)
            | Self::Attachment { gateway: id, .. } => id,
        }
    }
}

/// One read and what it showed.
pub(super) type Read<'a> =
    Pin<Box<dyn Future<Output = Result<Vec<Sighting>, CallError>> + Send + 'a>>;

/// The reads that show who holds an object.
pub(super) fn reads<'a>(aws: &'a Aws, held: Held<'a>) -> Vec<Read<'a>> {
    match held {
        Held::Subnet(id) => vec![Box::pin(in_use(aws, "subnet-id", id))],
        Held::SecurityGroup(id) => {
            let mut reads: Vec<Read<'a>> = vec![Box::pin(in_use(aws, "group-id", id))];
            reads.extend(referring_groups::reads(aws, id));
            reads
        }
        Held::Vpc(id) => {
            let mut reads: Vec<Read<'a>> = vec![Box::pin(in_use(aws, "vpc-id", id))];
            reads.extend(vpc_contents::reads(aws, id));
            reads
        }
        Held::RouteTable(id) => vec![Box::pin(associations(aws, id))],
        Held::InternetGateway(id) => vec![Box::pin(attachments(aws, id))],
        Held::Attachment { vpc, .. } => vec![Box::pin(mapped(aws, vpc))],
        Held::Address(id) => vec![Box::pin(associated(aws, id))],
    }
}

async fn in_use(aws: &Aws, by: &str, id: &str) -> Result<Vec<Sighting>, CallError> {
    let interfaces = described(aws, by, id).await?;
    Ok(interfaces.iter().map(interfaces::sighted).collect())
}

async fn mapped(aws: &Aws, vpc: &str) -> Result<Vec<Sighting>, CallError> {
    let interfaces = described(aws, "vpc-id", vpc).await?;
    Ok(interfaces.iter().filter_map(interfaces::mapping).collect())
}

async fn described(aws: &Aws, by: &str, id: &str) -> Result<Vec<NetworkInterface>, CallError> {
    let request = aws.ec2.describe_network_interfaces();
    let pages = request.filters(filter(by, [id])).into_paginator().items();
    let all: Result<Vec<_>, _> = pages.send().collect().await;
    all.map_err(on("DescribeNetworkInterfaces"))
}

async fn associations(aws: &Aws, id: &str) -> Result<Vec<Sighting>, CallError> {
    let request = aws.ec2.describe_route_tables().route_table_ids(id);
    let answer = request.send().await.map_err(on("DescribeRouteTables"))?;
    let tables = answer.route_tables().iter();
    let associations = tables.flat_map(|table| table.associations());
    Ok(associations
        .map(|association| {
            let id = association.route_table_association_id();
            let with = association.subnet_id().or(association.gateway_id());
            let (noun, note) = match with {
                Some(with) => (Noun::Association, format!("with {with}")),
                None => (Noun::MainAssociation, "as its VPC's main table".to_owned()),
            };
            Sighting {
                note: Some(note),
                ..Sighting::new(noun, id)
            }
        })
        .collect())
}

async fn associated(aws: &Aws, id: &str) -> Result<Vec<Sighting>, CallError> {
    let request = aws.ec2.describe_addresses().allocation_ids(id);
    let answer = request.send().await.map_err(on("DescribeAddresses"))?;
    let mut found = Vec::new();
    for address in answer.addresses() {
        let Some(interface) = address.network_interface_id().filter(|id| !id.is_empty()) else {
            continue;
        };
        let behind = in_use(aws, "network-interface-id", interface).await?;
        found.extend(behind.into_iter().map(|seen| association(address, seen)));
    }
    Ok(found)
}

/// What an address is associated with: a user takes it off an instance or an
/// interface; a NAT gateway or a service keeps it as long as it lives.
fn association(address: &Address, behind: Sighting) -> Sighting {
    let by_user = [Noun::Instance, Noun::Interface].contains(&behind.noun);
    match address.association_id() {
        Some(id) if by_user && behind.service.is_none() => Sighting {
            note: Some(format!("with {} {}", behind.noun.text(), behind.id)),
            ..Sighting::new(Noun::AddressAssociation, Some(id))
        },
        _ => behind,
    }
}

async fn attachments(aws: &Aws, id: &str) -> Result<Vec<Sighting>, CallError> {
    let request = aws.ec2.describe_internet_gateways();
    let sent = request.internet_gateway_ids(id).send().await;
    let answer = sent.map_err(on("DescribeInternetGateways"))?;
    let gateways = answer.internet_gateways().iter();
    let attachments = gateways.flat_map(|gateway| gateway.attachments());
    Ok(attachments
        .filter_map(|attachment| attachment.vpc_id())
        .map(|vpc| {
            let noun = Noun::InternetGateway {
                vpc: vpc.to_owned(),
            };
            Sighting {
                note: Some(format!("attached to {vpc}")),
                ..Sighting::new(noun, Some(id))
            }
        })
        .collect())
}
