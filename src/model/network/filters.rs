//! What lets packets pass: security groups and network ACLs.

use ipnet::IpNet;

use super::{Key, Spot};

/// A set of rules for network interfaces. It keeps track of connections, so
/// answers pass by themselves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SecurityGroup {
    /// The VPC.
    pub vpc: Key,
    /// What may come in.
    pub ingress: Vec<SecurityGroupRule>,
    /// What may go out.
    pub egress: Vec<SecurityGroupRule>,
    /// Where the file says it.
    pub spot: Option<Spot>,
}

/// One rule, which allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityGroupRule {
    /// The protocol.
    pub protocol: Protocol,
    /// The ports at the receiving end.
    pub ports: Ports,
    /// The other side.
    pub peer: Peer,
    /// Where the file says it.
    pub spot: Option<Spot>,
}

/// The other side of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Peer {
    /// A block of addresses.
    Block(IpNet),
    /// The blocks of a prefix list.
    PrefixList(Key),
    /// The members of a group.
    Group(Key),
}

/// An IP protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Every one.
    All,
    /// TCP.
    Tcp,
    /// Another one.
    Other,
}

/// A range of ports, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ports {
    /// The first.
    pub from: u16,
    /// The last.
    pub to: u16,
}

/// The rules of a subnet's edge, asked in order. It keeps track of nothing, so
/// answers need a rule too (Amazon VPC user guide, "Network ACLs").
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NetworkAcl {
    /// The VPC.
    pub vpc: Key,
    /// Its numbered entries in any order; what none of them takes is refused.
    pub entries: Vec<AclEntry>,
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AclEntry {
    /// Its number: the lowest that fits decides.
    pub number: u32,
    /// Whether it is for what leaves the subnet.
    pub egress: bool,
    /// Whether it lets pass.
    pub allow: bool,
    /// The protocol.
    pub protocol: Protocol,
    /// The ports.
    pub ports: Ports,
    /// The other side.
    pub block: IpNet,
}

impl Ports {
    /// All of them.
    pub const ALL: Self = Self {
        from: 0,
        to: u16::MAX,
    };

    /// HTTPS.
    pub const HTTPS: Self = Self { from: 443, to: 443 };

    /// The ports from which clients of every kind call (Amazon VPC user guide,
    /// "Ephemeral ports"): Linux takes 32768 to 60999, others 1024 to 65535.
    pub const EPHEMERAL: Self = Self {
        from: 1024,
        to: u16::MAX,
    };

    /// Whether every one of `other` is among these.
    #[must_use]
    pub const fn cover(self, other: Self) -> bool {
        self.from <= other.from && other.to <= self.to
    }

    /// Whether one of `other` is among these.
    #[must_use]
    pub const fn touch(self, other: Self) -> bool {
        self.from <= other.to && other.from <= self.to
    }
}

impl Protocol {
    /// Whether a rule for it takes TCP.
    #[must_use]
    pub const fn takes_tcp(self) -> bool {
        matches!(self, Self::All | Self::Tcp)
    }

    /// A protocol as AWS or a plan file names it: `-1`, `all`, `6`, `tcp`, `udp`.
    #[must_use]
    pub fn named(name: &str) -> Self {
        match name.to_ascii_lowercase().as_str() {
            "-1" | "all" => Self::All,
            "6" | "tcp" => Self::Tcp,
            _ => Self::Other,
        }
    }
}
