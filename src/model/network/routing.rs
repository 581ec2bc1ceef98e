//! Route tables, and what their routes lead to.

use std::net::Ipv4Addr;

use ipnet::IpNet;

use super::{Key, Spot};

/// Which way the traffic of its subnets takes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RouteTable {
    /// The VPC.
    pub vpc: Key,
    /// Whether it serves the VPC's subnets that have no table of their own.
    pub main: bool,
    /// Its routes. The local ones need not be among them: a VPC's own blocks
    /// always go there. A gateway endpoint's own route is not among them: the
    /// endpoint says which tables it serves.
    pub routes: Vec<Route>,
    /// Where the file says it.
    pub spot: Option<Spot>,
}

/// One route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Where it leads.
    pub to: Destination,
    /// What it goes by.
    pub via: Via,
    /// Whether AWS says that its target is gone.
    pub blackhole: bool,
    /// Whether it came by propagation from a VPN or a transit gateway.
    pub propagated: bool,
    /// Where the file says it.
    pub spot: Option<Spot>,
}

/// Where a route leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// A block of addresses.
    Block(IpNet),
    /// The blocks of a prefix list.
    PrefixList(Key),
}

/// What a route goes by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Via {
    /// Nothing: it stays in the VPC.
    Local,
    /// An internet gateway.
    InternetGateway(Key),
    /// A NAT gateway.
    NatGateway(Key),
    /// An instance that routes.
    Instance(Key),
    /// Something that is followed no further, with AWS's id: a transit gateway,
    /// a peering connection, a network interface.
    Other(Key),
}

/// A VPC's way to and from the internet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InternetGateway {
    /// The VPC that it is attached to.
    pub vpc: Option<Key>,
    /// Where the file says it.
    pub spot: Option<Spot>,
}

/// A way out that lets nothing in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NatGateway {
    /// The subnet that it stands in.
    pub subnet: Key,
    /// Whether it leads to the internet; a private one does not.
    pub public: bool,
    /// Its public address.
    pub address: PublicAddress,
    /// Why it does not work, where AWS says so.
    pub broken: Option<String>,
    /// Where the file says it.
    pub spot: Option<Spot>,
}

/// The public IPv4 address of an instance or a NAT gateway.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PublicAddress {
    /// It has none.
    #[default]
    None,
    /// It has this one.
    Is(Ipv4Addr),
    /// It will have one, which only apply will know.
    Some,
}
