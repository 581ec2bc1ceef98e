//! The answer to a question: every hop, what decided it, and the verdict.

use std::net::Ipv4Addr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::question::{Naming, Question};
use crate::model::network::{Key, Spot};

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// What was asked.
    pub question: Question,
    /// The way of naming that was taken, never [`Naming::Usual`].
    pub naming: Naming,
    /// The host name that the client asks for.
    pub host: String,
    /// What that name stands for inside the VPC.
    pub answer: Answer,
    /// The steps, in order, as far as they go.
    pub hops: Vec<Hop>,
    /// By what and as whom it arrives; nothing where it goes nowhere.
    pub way: Option<Way>,
    /// Whether it works.
    pub verdict: Verdict,
    /// What the client must do for that.
    pub needs: Vec<Need>,
    /// What was taken for granted, since the question leaves it open: sentence
    /// fragments.
    pub assumes: Vec<String>,
    /// The trace by the usual name, where that leads nowhere and the own name of
    /// an endpoint was taken instead.
    pub instead_of: Option<Box<Trace>>,
}

/// What a name stands for, as a machine in the VPC sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The service's public addresses.
    Public,
    /// Private addresses of an interface endpoint.
    Endpoint(Key),
    /// Other addresses.
    Addresses,
    /// No such name (NXDOMAIN), or none with an IPv4 address: this private zone
    /// answers for it and does not have it.
    NoName(Key),
    /// Nobody answers: the VPC's resolver is off.
    NoResolver,
    /// It cannot be told.
    Unknown,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// What it is about.
    pub stage: Stage,
    /// What happens, as a sentence fragment.
    pub text: String,
    /// Whether it lets the call pass.
    pub passes: Passes,
    /// The rules that decided it.
    pub rules: Vec<Rule>,
}

/// What a step is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// The name's answer.
    Name,
    /// The way that packets take.
    Route,
    /// Security groups and network ACLs.
    Filter,
    /// Policies.
    Policy,
}

/// Whether a step lets the call pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Passes {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// It cannot be known; why, as a sentence fragment.
    Unknown(String),
}

/// A rule that decided a step: a route, a group's rule, a policy's statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// What it says, as a sentence fragment.
    pub text: String,
    /// Where the file says it.
    pub spot: Option<Spot>,
}

/// How a call arrives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// By what it leaves the VPC.
    pub door: Door,
    /// The address that the other side sees.
    pub source: SourceAddress,
    /// Whether it never leaves by a public address.
    pub private: bool,
}

/// By what traffic leaves a VPC.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Door {
    /// An internet gateway, from a public address of the machine's own.
    InternetGateway(Key),
    /// A NAT gateway.
    NatGateway(Key),
    /// A gateway endpoint.
    GatewayEndpoint(Key),
    /// An interface endpoint.
    InterfaceEndpoint(Key),
    /// Something that is followed no further.
    Other(Key),
}

/// The address that the other side sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceAddress {
    /// A public one; nothing where only apply will know it.
    Public(Option<Ipv4Addr>),
    /// A private one: the machine's, or one of its subnet's.
    Private(IpNet),
    /// It is not known.
    Unknown,
}

/// Whether it works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It does.
    Reachable,
    /// It does not: the first thing that blocks.
    Blocked(Block),
    /// It cannot be known: why, each a sentence fragment.
    Unknown(Vec<String>),
}

/// What blocks a way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// At which stage.
    pub stage: Stage,
    /// What the client sees.
    pub symptom: Symptom,
    /// What is the matter, as a sentence fragment.
    pub problem: String,
    /// Where the file says it, or leaves it out.
    pub spot: Option<Spot>,
    /// The smallest change that would open it, as a sentence fragment.
    pub remedy: Option<String>,
}

/// What a client sees of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Symptom {
    /// The name is not found.
    NameNotFound,
    /// The connection is never answered.
    TimeOut,
    /// S3 or the service says AccessDenied.
    AccessDenied,
    /// The TLS handshake fails: the certificate is not for this name.
    CertificateMismatch,
    /// S3 answers that the bucket is elsewhere (PermanentRedirect).
    WrongRegion,
}

/// What the client must do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Need {
    /// Name the bucket's region: `--region`.
    Region(String),
    /// Call another URL: `--endpoint-url`; a part in `…` only apply will know.
    EndpointUrl(String),
    /// Keep an HTTP proxy out of it: an entry of `NO_PROXY`.
    NoProxy(String),
}

impl Trace {
    /// The door, if it gets that far.
    #[must_use]
    pub fn door(&self) -> Option<&Door> {
        self.way.as_ref().map(|way| &way.door)
    }

    /// Whether it certainly works.
    #[must_use]
    pub fn is_reachable(&self) -> bool {
        self.verdict == Verdict::Reachable
    }
}

impl Door {
    /// The key of what it is.
    #[must_use]
    pub fn key(&self) -> &Key {
        match self {
            Self::InternetGateway(key)
            | Self::NatGateway(key)
            | Self::GatewayEndpoint(key)
            | Self::InterfaceEndpoint(key)
            | Self::Other(key) => key,
        }
    }

    /// The name of its kind, as plan files write it; empty where it has none.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::InternetGateway(_) => "internet_gateway",
            Self::NatGateway(_) => "nat_gateway",
            Self::GatewayEndpoint(_) => "gateway_endpoint",
            Self::InterfaceEndpoint(_) => "interface_endpoint",
            Self::Other(_) => "",
        }
    }

    /// What people call its kind.
    #[must_use]
    pub const fn noun(&self) -> &'static str {
        match self {
            Self::InternetGateway(_) => "internet gateway",
            Self::NatGateway(_) => "NAT gateway",
            Self::GatewayEndpoint(_) => "gateway endpoint",
            Self::InterfaceEndpoint(_) => "interface endpoint",
            Self::Other(_) => "something else",
        }
    }
}
