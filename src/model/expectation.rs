//! What a file says its network is for: `[[expect]]`.
//!
//! ```toml
//! [[expect]]
//! from = "subnet.private-*"
//! to   = "bucket.data"
//! via  = "gateway_endpoint.s3"
//! ```
//!
//! The file's names and wildcards are settled: what stands here is there. A
//! trace says whether it holds.

use std::collections::BTreeMap;

use super::{Address, Span};

/// The kinds that traffic starts from.
pub const ORIGINS: &[&str] = &["instance", "subnet"];

/// The kinds by which traffic leaves a VPC.
pub const DOORS: &[&str] = &[
    "gateway_endpoint",
    "interface_endpoint",
    "internet_gateway",
    "nat_gateway",
];

/// One `[[expect]]` table: it holds if it does of every origin, goal and action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// From where: instances and subnets.
    pub from: Vec<Address>,
    /// To what.
    pub to: Vec<Target>,
    /// By one of these doors; by any if empty.
    pub via: Vec<Doorway>,
    /// By none of these doors.
    pub not_via: Vec<Doorway>,
    /// Whether it is to be reachable.
    pub reachable: bool,
    /// Whether it is to stay off public addresses, where that is said.
    pub private: Option<bool>,
    /// What is to be done there, `s3:PutObject`; the plain question if empty.
    pub actions: Vec<String>,
    /// By which name the client calls, as `trace --name` takes it.
    pub naming: Option<String>,
    /// The object's key.
    pub object: Option<String>,
    /// Where its header stands in the file.
    pub span: Span,
    /// Where its values stand, by key.
    pub spans: BTreeMap<String, Span>,
}

/// To what something is expected to lead.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A bucket of the file, or one that it looks up.
    Bucket(Address),
    /// A bucket by its name: `s3://name`.
    Named(String),
    /// A service of the region by its short name: `ssm`.
    Service(String),
}

/// A door, or every door of a kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doorway {
    /// Any door of this kind: `nat_gateway`.
    Kind(String),
    /// This one: `nat_gateway.main`.
    One(Address),
}

impl Doorway {
    /// The name of the kind.
    #[must_use]
    pub fn kind(&self) -> &str {
        match self {
            Self::Kind(kind) => kind,
            Self::One(address) => &address.kind,
        }
    }

    /// Whether everything that fits `other` fits this one too.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        match self {
            Self::Kind(kind) => kind == other.kind(),
            Self::One(_) => self == other,
        }
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bucket(address) => write!(out, "{address}"),
            Self::Named(name) => write!(out, "s3://{name}"),
            Self::Service(name) => out.write_str(name),
        }
    }
}

impl std::fmt::Display for Doorway {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Kind(kind) => out.write_str(kind),
            Self::One(address) => write!(out, "{address}"),
        }
    }
}
