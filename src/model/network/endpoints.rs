//! VPC endpoints: the two private doors to a service.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use super::{Key, Known, Spot};
use crate::model::Value;

/// A gateway endpoint: a route in chosen tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayEndpoint {
    /// The VPC.
    pub vpc: Key,
    /// The service's whole name, `com.amazonaws.ap-northeast-1.s3`.
    pub service: String,
    /// The tables that have its route.
    pub route_tables: BTreeSet<Key>,
    /// Its policy; nothing is full access.
    pub policy: Known<Option<Value>>,
    /// Why it does not work, where AWS says so.
    pub broken: Option<String>,
    /// Where the file says it.
    pub spot: Option<Spot>,
}

/// An interface endpoint: addresses in chosen subnets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InterfaceEndpoint {
    /// The VPC.
    pub vpc: Key,
    /// The service's whole name, `com.amazonaws.ap-northeast-1.s3`.
    pub service: String,
    /// Its subnets, with its address in each where that is known.
    pub subnets: BTreeMap<Key, Option<Ipv4Addr>>,
    /// The groups of its network interfaces; the VPC's default group if empty.
    pub security_groups: BTreeSet<Key>,
    /// Whether the service's own names lead to it inside the VPC.
    pub private_dns: bool,
    /// Whether that holds for queries through an inbound resolver endpoint only.
    pub only_inbound: bool,
    /// Its own regional name without the leading `*.`, where it is known.
    pub dns_name: Option<String>,
    /// Its policy; nothing is full access.
    pub policy: Known<Option<Value>>,
    /// Why it does not work, where AWS says so.
    pub broken: Option<String>,
    /// Where the file says it.
    pub spot: Option<Spot>,
}

/// A service's short name: `s3` of `com.amazonaws.eu-west-1.s3`, `ecr.api` of
/// `com.amazonaws.eu-west-1.ecr.api`. A name of another form stays as it is.
#[must_use]
pub fn short_service(name: &str) -> &str {
    let after = |prefix: &str| name.strip_prefix(prefix).and_then(|it| it.split_once('.'));
    after("com.amazonaws.")
        .or_else(|| after("cn.com.amazonaws."))
        .map_or(name, |(_region, short)| short)
}

/// Whether gateway endpoints lead to a service (Amazon VPC user guide, "Gateway
/// endpoints"): S3 and `DynamoDB`.
#[must_use]
pub fn gateway_service(short: &str) -> bool {
    matches!(short, "s3" | "dynamodb")
}
