//! VPCs and their subnets.

use ipnet::Ipv4Net;

use super::{Key, Spot};

/// A virtual network.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vpc {
    /// Its IPv4 blocks.
    pub blocks: Vec<Ipv4Net>,
    /// Whether its own resolver answers.
    pub dns_support: bool,
    /// Whether private DNS and private zones can work in it.
    pub dns_hostnames: bool,
    /// Its default security group, where that is known.
    pub default_group: Option<Key>,
    /// Where the file says it.
    pub spot: Option<Spot>,
}

/// An address block in one zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subnet {
    /// The VPC.
    pub vpc: Key,
    /// Its IPv4 block.
    pub block: Ipv4Net,
    /// Its availability zone, where that is known.
    pub zone: Option<String>,
    /// The route table that is explicitly its own; the VPC's main one without.
    pub route_table: Option<Key>,
    /// Its network ACL, where it is not AWS's default one.
    pub network_acl: Option<Key>,
    /// Whether instances started in it get a public address.
    pub maps_public_addresses: bool,
    /// Where the file says it.
    pub spot: Option<Spot>,
}
