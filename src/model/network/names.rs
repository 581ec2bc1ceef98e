//! Names: private hosted zones, their records, and prefix lists.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;

use super::{Key, Spot};

/// A zone of names that only its VPCs resolve.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PrivateZone {
    /// Its name, lower case and without a trailing dot.
    pub name: String,
    /// The VPCs that resolve it.
    pub vpcs: BTreeSet<Key>,
    /// Its records that answer for addresses.
    pub records: Vec<Record>,
    /// Where the file says it.
    pub spot: Option<Spot>,
}

/// A record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its whole name, lower case, without a trailing dot; it may begin with `*.`.
    pub name: String,
    /// Whether it answers for IPv4 (`A`, `CNAME`); one of `AAAA` does not.
    pub ipv4: bool,
    /// What it leads to.
    pub target: RecordTarget,
    /// Where the file says it.
    pub spot: Option<Spot>,
}

/// What a record leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordTarget {
    /// An interface endpoint, by its key.
    Endpoint(Key),
    /// A name, lower case, without a trailing dot; perhaps one of an endpoint.
    Name(String),
    /// Addresses.
    Addresses(Vec<IpAddr>),
}

/// A managed prefix list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PrefixList {
    /// Its name, `com.amazonaws.<region>.s3` for S3's.
    pub name: String,
    /// Its blocks.
    pub blocks: Vec<IpNet>,
}
