//! The account's quotas: how much of each there may be, and how much there is.
//!
//! ```text
//! ListServiceQuotas "vpc" ─┐
//! GetServiceQuota   "ec2" ─┤
//! GetAccountLimit          ├─► limits     ┐
//! GetAccountSummary       ─┘              ├─► Reading
//! one Describe for each ──────► what is   ┘
//! ```
//!
//! Everything is asked for side by side, and only for the quotas in question.
//! What the account itself may have is read; where that is refused, AWS's
//! default stands in (Amazon VPC user guide, "Amazon VPC quotas"; the codes are
//! those of the Service Quotas console).

mod limits;
mod usage;

use std::collections::{BTreeMap, BTreeSet};

use super::{Aws, CallError};

/// A quota that a network can run into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quota {
    /// VPCs of a region.
    Vpcs,
    /// Internet gateways of a region.
    InternetGateways,
    /// Elastic IPs of a region.
    ElasticIps,
    /// NAT gateways of an availability zone: pending, available and deleting.
    NatGateways,
    /// Gateway endpoints of a region.
    GatewayEndpoints,
    /// Interface endpoints of a VPC.
    InterfaceEndpoints,
    /// Subnets of a VPC.
    Subnets,
    /// Route tables of a VPC, its main one included.
    RouteTables,
    /// Routes of a route table.
    Routes,
    /// Security groups of a region, each VPC's default one included.
    SecurityGroups,
    /// Inbound rules of a security group.
    InboundRules,
    /// Outbound rules of a security group.
    OutboundRules,
    /// Hosted zones of an account.
    HostedZones,
    /// Roles of an account.
    Roles,
    /// Instance profiles of an account.
    InstanceProfiles,
}

impl Quota {
    /// What it counts, in the plural.
    #[must_use]
    pub fn noun(self) -> &'static str {
        match self {
            Self::Vpcs => "VPCs",
            Self::InternetGateways => "internet gateways",
            Self::ElasticIps => "Elastic IPs",
            Self::NatGateways => "NAT gateways",
            Self::GatewayEndpoints => "gateway endpoints",
            Self::InterfaceEndpoints => "interface endpoints",
            Self::Subnets => "subnets",
            Self::RouteTables => "route tables",
            Self::Routes => "routes",
            Self::SecurityGroups => "security groups",
            Self::InboundRules => "inbound rules",
            Self::OutboundRules => "outbound rules",
            Self::HostedZones => "hosted zones",
            Self::Roles => "roles",
            Self::InstanceProfiles => "instance profiles",
        }
    }

    /// AWS's default of it (Amazon VPC user guide, "Amazon VPC quotas"; Amazon
    /// Route 53 developer guide and IAM user guide, "Quotas").
    #[must_use]
    pub fn default(self) -> usize {
        match self {
            Self::Vpcs | Self::InternetGateways | Self::ElasticIps | Self::NatGateways => 5,
            Self::GatewayEndpoints => 20,
            Self::InterfaceEndpoints => 50,
            Self::Subnets | Self::RouteTables => 200,
            // Recalled: it was 50 until 2025.
            Self::Routes | Self::HostedZones => 500,
            Self::SecurityGroups => 2500,
            Self::InboundRules | Self::OutboundRules => 60,
            Self::Roles | Self::InstanceProfiles => 1000,
        }
    }

    /// Its service and its code at Service Quotas, where its limit is read there.
    #[must_use]
    pub fn code(self) -> Option<(&'static str, &'static str)> {
        let code = match self {
            Self::ElasticIps => return Some(("ec2", "L-0263D0A3")),
            Self::Vpcs => "L-F678F1CE",
            Self::InternetGateways => "L-A4707A72",
            Self::NatGateways => "L-FE5A380F",
            Self::GatewayEndpoints => "L-1B52E74A",
            Self::InterfaceEndpoints => "L-29B6F2EB",
            Self::Subnets => "L-407747CB",
            Self::RouteTables => "L-589F43AA",
            Self::Routes => "L-93826ACB",
            Self::SecurityGroups => "L-E79EC296",
            Self::InboundRules | Self::OutboundRules => "L-0EA8095F",
            Self::HostedZones | Self::Roles | Self::InstanceProfiles => return None,
        };
        Some(("vpc", code))
    }

    /// How many there are of it in something that is only about to be made: a
    /// VPC has a main route table, a table its local route.
    #[must_use]
    pub fn from_the_start(self) -> usize {
        usize::from(matches!(self, Self::RouteTables | Self::Routes))
    }
}

/// How many there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// The number.
    pub most: usize,
    /// Whether AWS said that it holds for this account; otherwise it is AWS's
    /// default.
    pub applied: bool,
}

/// What AWS says of quotas and of what counts against them.
#[derive(Debug, Default)]
pub struct Reading {
    /// How many there may be; AWS's default where nothing is here.
    pub limits: BTreeMap<Quota, Limit>,
    /// How many there are, by what they are counted within: a VPC's id, a
    /// zone's name, or nothing for the region or account.
    pub used: BTreeMap<(Quota, String), usize>,
    /// What could not be read.
    pub troubles: Vec<CallError>,
}

impl Reading {
    /// How many there may be.
    #[must_use]
    pub fn limit(&self, quota: Quota) -> Limit {
        self.limits.get(&quota).copied().unwrap_or(Limit {
            most: quota.default(),
            applied: false,
        })
    }

    fn count(&mut self, quota: Quota, within: &str) {
        *self.used.entry((quota, within.to_owned())).or_default() += 1;
    }

    /// Takes in what another read has found, or why it failed.
    fn and(mut self, other: Result<Self, CallError>) -> Self {
        match other {
            Ok(other) => {
                self.limits.extend(other.limits);
                self.used.extend(other.used);
                self.troubles.extend(other.troubles);
            }
            Err(error) => self.troubles.push(error),
        }
        self
    }
}

/// Reads limits and counts of these quotas, each with the ids (of VPCs) or names
/// (of zones) that it is asked for; a quota of the region or account has none.
pub async fn read(aws: &Aws, wanted: &BTreeMap<Quota, BTreeSet<String>>) -> Reading {
    let (limits, used) = tokio::join!(limits::read(aws, wanted), usage::read(aws, wanted));
    limits.and(Ok(used))
}
