//! What a trace needs to know of a network, in words of no layer.
//!
//! The same facts come from two sides: from a plan file, before anything is
//! there, and from reads of an account. A trace cannot tell them apart, which is
//! why its answer before an apply can be held against the one after it.
//!
//! ```text
//!  wanted nodes ──► kinds tell ──┐
//!                                ├──► Network ──► trace
//!  live account ──► survey ──────┘
//! ```
//!
//! Things are known by a [`Key`]: AWS's id, or a stand-in for what has none yet
//! ([`stand_in`]). A fact that could not be learned is [`Known::Not`], with the
//! reason: a trace then answers "unknown" and never "yes".

mod access;
mod endpoints;
mod filters;
mod names;
mod routing;
mod subnets;

use std::collections::BTreeMap;

use super::{Address, Place};

pub use access::{Bucket, BucketPolicy, Instance, NamedPolicy, PublicAccessBlock, Role};
pub use endpoints::{GatewayEndpoint, InterfaceEndpoint, gateway_service, short_service};
pub use filters::{AclEntry, NetworkAcl, Peer, Ports, Protocol, SecurityGroup, SecurityGroupRule};
pub use names::{PrefixList, PrivateZone, Record, RecordTarget};
pub use routing::{
    Destination, InternetGateway, NatGateway, PublicAddress, Route, RouteTable, Via,
};
pub use subnets::{Subnet, Vpc};

/// AWS's id of a thing (a bucket's and a role's name), or its stand-in.
pub type Key = String;

/// A fact, or why it is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known<T> {
    /// The fact.
    Is(T),
    /// Why it is not known, as a sentence fragment: "the bucket is of another
    /// account".
    Not(String),
}

impl<T> Known<T> {
    /// The fact, if it is known.
    pub const fn get(&self) -> Option<&T> {
        match self {
            Self::Is(fact) => Some(fact),
            Self::Not(_) => None,
        }
    }
}

impl<T: Default> Default for Known<T> {
    fn default() -> Self {
        Self::Is(T::default())
    }
}

/// Where a plan file says a thing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// The node.
    pub address: Address,
    /// Its field, or nothing for the node as a whole.
    pub field: &'static str,
}

/// The facts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Network {
    /// The account and region; [`ACCOUNT_STAND_IN`] where the account is not known.
    pub place: Place,
    /// Addresses of what a plan file makes or looks up, and tags' names of the
    /// rest.
    pub labels: BTreeMap<Key, String>,
    /// The VPCs.
    pub vpcs: BTreeMap<Key, Vpc>,
    /// Their subnets.
    pub subnets: BTreeMap<Key, Subnet>,
    /// Their route tables.
    pub route_tables: BTreeMap<Key, RouteTable>,
    /// Internet gateways.
    pub internet_gateways: BTreeMap<Key, InternetGateway>,
    /// NAT gateways.
    pub nat_gateways: BTreeMap<Key, NatGateway>,
    /// Endpoints that are routes.
    pub gateway_endpoints: BTreeMap<Key, GatewayEndpoint>,
    /// Endpoints that are addresses.
    pub interface_endpoints: BTreeMap<Key, InterfaceEndpoint>,
    /// Security groups.
    pub security_groups: BTreeMap<Key, SecurityGroup>,
    /// Network ACLs; a subnet without one has AWS's default, which lets all pass.
    pub network_acls: BTreeMap<Key, NetworkAcl>,
    /// Managed prefix lists whose entries are known.
    pub prefix_lists: BTreeMap<Key, PrefixList>,
    /// Instances.
    pub instances: BTreeMap<Key, Instance>,
    /// Private hosted zones.
    pub private_zones: BTreeMap<Key, PrivateZone>,
    /// Buckets, by name (or a stand-in for a name that is not known).
    pub buckets: BTreeMap<Key, Bucket>,
    /// Roles, by name (or a stand-in).
    pub roles: BTreeMap<Key, Role>,
    /// The account's own block of public access to buckets.
    pub account_block: Known<PublicAccessBlock>,
    /// What was not looked at, by the VPC it concerns: a trace that ends there
    /// for want of a fact says so.
    pub unread: BTreeMap<Key, String>,
}

impl Network {
    /// What people call a thing: its address, its name, or its id.
    #[must_use]
    pub fn label<'a>(&'a self, key: &'a str) -> &'a str {
        self.labels.get(key).map_or(key, String::as_str)
    }

    /// The key of what has this label.
    #[must_use]
    pub fn labelled(&self, label: &str) -> Option<&Key> {
        let mut found = self.labels.iter().filter(|(_, it)| *it == label);
        found.next().map(|(key, _)| key)
    }

    /// Why nothing more is known of a thing.
    #[must_use]
    pub fn why_unknown(&self, key: &str) -> String {
        let unread = self.unread.get(key).cloned();
        unread.unwrap_or_else(|| format!("{} is not known", self.label(key)))
    }

    /// The VPC in which a subnet is, or an instance.
    #[must_use]
    pub fn vpc_of(&self, key: &str) -> Option<&Key> {
        let instance = self.instances.get(key);
        let subnet = instance.map_or(key, |instance| instance.subnet.as_str());
        self.subnets.get(subnet).map(|subnet| &subnet.vpc)
    }

    /// The table that steers a subnet's traffic: its own, or its VPC's main one.
    /// (A tracer has it indexed, for many subnets.)
    #[must_use]
    pub fn table_of(&self, subnet: &Subnet) -> Option<(&Key, &RouteTable)> {
        match &subnet.route_table {
            Some(key) => self.route_tables.get_key_value(key),
            None => {
                let mut tables = self.route_tables.iter();
                tables.find(|(_, table)| table.main && table.vpc == subnet.vpc)
            }
        }
    }
}

/// The stand-in for an id that AWS has not given yet. It has the prefix of the
/// kind's ids, so that a policy's pattern `vpc-*` cannot fit an endpoint.
#[must_use]
pub fn stand_in(address: &Address) -> Key {
    let prefix = match address.kind.as_str() {
        "gateway_endpoint" | "interface_endpoint" => "vpce-",
        "vpc" => "vpc-",
        "subnet" => "subnet-",
        "security_group" => "sg-",
        _ => "",
    };
    format!("{prefix}({address})")
}

/// What a stand-in stands for; nothing for AWS's own ids.
#[must_use]
pub fn stood_for(key: &str) -> Option<Address> {
    let (_, inside) = key.split_once('(')?;
    inside.strip_suffix(')')?.parse().ok()
}

/// The account's id in the ARNs of a network that nobody has asked an account
/// about. The network's [`Place`] then has it too, so that an account compares
/// equal to itself and fits no other.
pub const ACCOUNT_STAND_IN: &str = "(account)";

/// Whether a key is a stand-in.
#[must_use]
pub fn is_stand_in(key: &str) -> bool {
    key.contains('(')
}
