//! From what AWS showed to what the user is told: pure, and the only place
//! that decides whose a holder is and what becomes of it.
//!
//! ```text
//!            going away by itself? ──► wait
//!  sighting  deleted by this run?  ──► delete first
//!            anything else         ──► ask, with the command that would do it
//! ```

use std::collections::BTreeSet;

use super::commands::command;
use super::services::Service;
use crate::model::holder::{Fate, Owner, clipped};
use crate::model::{Holder, Tags, tags};

/// What can hold an object. What is to go first stands first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Noun {
    Instance,
    NatGateway,
    Endpoint,
    Interface,
    /// An Elastic IP's association.
    Mapping {
        association: String,
    },
    /// The association of an Elastic IP that is itself to be released.
    AddressAssociation,
    /// A rule of another group, and its direction.
    Rule {
        group: String,
        egress: bool,
    },
    /// The association of a route table with a subnet or gateway.
    Association,
    /// The association that makes a route table its VPC's main one.
    MainAssociation,
    Peering,
    InternetGateway {
        vpc: String,
    },
    VpnGateway {
        vpc: String,
    },
    RouteTable,
    NetworkAcl,
    SecurityGroup,
    Subnet,
    /// An instance profile that holds a role.
    InstanceProfile {
        role: String,
    },
}

/// One holder as AWS showed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sighting {
    pub noun: Noun,
    pub id: String,
    /// What helps to recognise it, beyond its name.
    pub note: Option<String>,
    pub tags: Tags,
    /// The account it is of, where AWS says so.
    pub account: Option<String>,
    /// The service that made it.
    pub service: Option<Service>,
    /// Whether AWS is taking it down already.
    pub going: bool,
}

/// What a run knows of itself, to tell its own from others'.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ours<'a> {
    /// This stack's name.
    pub stack: &'a str,
    /// This stack's account.
    pub account: &'a str,
    /// The ids that this run is still to delete.
    pub leaving: &'a BTreeSet<String>,
    /// The AWS CLI's options that lead to where this run's calls go.
    pub reach: &'a str,
}

impl Noun {
    /// AWS's word for it.
    pub fn text(&self) -> &'static str {
        match self {
            Self::Instance => "instance",
            Self::NatGateway => "NAT gateway",
            Self::Endpoint => "VPC endpoint",
            Self::Interface => "network interface",
            Self::Mapping { .. } => "Elastic IP",
            Self::AddressAssociation => "association",
            Self::Rule { egress: false, .. } => "ingress rule",
            Self::Rule { egress: true, .. } => "egress rule",
            Self::Association | Self::MainAssociation => "route table association",
            Self::Peering => "VPC peering connection",
            Self::InternetGateway { .. } => "internet gateway",
            Self::VpnGateway { .. } => "VPN gateway",
            Self::RouteTable => "route table",
            Self::NetworkAcl => "network ACL",
            Self::SecurityGroup => "security group",
            Self::Subnet => "subnet",
            Self::InstanceProfile { .. } => "instance profile",
        }
    }

    /// The command that makes it let go, where there is one.
    fn command(&self, id: &str, reach: &str) -> Option<String> {
        let ec2 = |operation: &str, options: &[(&str, &[&str])]| {
            command("ec2", operation, options, reach)
        };
        Some(match self {
            Self::MainAssociation => return None,
            Self::Instance => ec2("terminate-instances", &[("--instance-ids", &[id])]),
            Self::NatGateway => ec2("delete-nat-gateway", &[("--nat-gateway-id", &[id])]),
            Self::Endpoint => ec2("delete-vpc-endpoints", &[("--vpc-endpoint-ids", &[id])]),
            Self::Interface => ec2(
                "delete-network-interface",
                &[("--network-interface-id", &[id])],
            ),
            Self::Mapping { association } => ec2(
                "disassociate-address",
                &[("--association-id", &[association])],
            ),
            Self::AddressAssociation => ec2("disassociate-address", &[("--association-id", &[id])]),
            Self::Rule { group, egress } => {
                let operation = match egress {
                    true => "revoke-security-group-egress",
                    false => "revoke-security-group-ingress",
                };
                let options: &[(&str, &[&str])] = &[
                    ("--group-id", &[group]),
                    ("--security-group-rule-ids", &[id]),
                ];
                ec2(operation, options)
            }
            Self::Association => ec2("disassociate-route-table", &[("--association-id", &[id])]),
            Self::Peering => ec2(
                "delete-vpc-peering-connection",
                &[("--vpc-peering-connection-id", &[id])],
            ),
            Self::InternetGateway { vpc } => ec2(
                "detach-internet-gateway",
                &[("--internet-gateway-id", &[id]), ("--vpc-id", &[vpc])],
            ),
            Self::VpnGateway { vpc } => ec2(
                "detach-vpn-gateway",
                &[("--vpn-gateway-id", &[id]), ("--vpc-id", &[vpc])],
            ),
            Self::RouteTable => ec2("delete-route-table", &[("--route-table-id", &[id])]),
            Self::NetworkAcl => ec2("delete-network-acl", &[("--network-acl-id", &[id])]),
            Self::SecurityGroup => ec2("delete-security-group", &[("--group-id", &[id])]),
            Self::Subnet => ec2("delete-subnet", &[("--subnet-id", &[id])]),
            Self::InstanceProfile { role } => {
                let options: &[(&str, &[&str])] =
                    &[("--instance-profile-name", &[id]), ("--role-name", &[role])];
                command("iam", "remove-role-from-instance-profile", options, reach)
            }
        })
    }

    /// What the command does, where it is a stranger's.
    fn advice(&self) -> &'static str {
        match self {
            Self::Instance => "not s3net's to terminate; if it may go:",
            Self::Rule { .. } => "not s3net's to revoke; if it may go:",
            Self::Mapping { .. }
            | Self::AddressAssociation
            | Self::Association
            | Self::InternetGateway { .. }
            | Self::VpnGateway { .. } => "not s3net's to take off; if it may go:",
            Self::MainAssociation => "make another route table the VPC's main one first",
            Self::InstanceProfile { .. } => "not s3net's to change; if it may lose the role:",
            _ => "not s3net's to delete; if it may go:",
        }
    }
}

impl Sighting {
    /// A holder of which nothing more is known yet.
    pub fn new(noun: Noun, id: Option<&str>) -> Self {
        Self {
            noun,
            id: id.unwrap_or("?").to_owned(),
            note: None,
            tags: Tags::new(),
            account: None,
            service: None,
            going: false,
        }
    }

    /// Adds its tags.
    pub fn tagged(mut self, tags: Tags) -> Self {
        self.tags = tags;
        self
    }

    /// What the user is told of it.
    pub fn judged(self, ours: Ours<'_>) -> Holder {
        let owner = self.owner(ours);
        let fate = if self.going {
            Fate::Wait
        } else if self.leaves(ours) {
            Fate::DeleteFirst
        } else {
            self.asked(&owner, ours)
        };
        let name = self.tags.get(tags::NAME).filter(|name| !name.is_empty());
        let name = name.map(|name| format!("\"{}\"", clipped(name)));
        let note = self
            .note
            .as_deref()
            .map(|note| format!("({})", clipped(note)));
        let notes: Vec<String> = name.into_iter().chain(note).collect();
        Holder {
            what: self.noun.text().to_owned(),
            id: clipped(&self.id),
            note: (!notes.is_empty()).then(|| notes.join(" ")),
            owner,
            fate,
        }
    }

    /// Whether this run deletes it, alone or with the group whose rule it is.
    fn leaves(&self, ours: Ours<'_>) -> bool {
        match &self.noun {
            Noun::Rule { group, .. } if ours.leaving.contains(group) => true,
            _ => ours.leaving.contains(&self.id),
        }
    }

    fn owner(&self, ours: Ours<'_>) -> Owner {
        if let Some(service) = self.service {
            return Owner::Service {
                name: service.name.to_owned(),
            };
        }
        let address = self.tags.get(tags::ADDRESS).map(|text| clipped(text));
        let address = address.unwrap_or_else(|| "an object".to_owned());
        match self.tags.get(tags::STACK) {
            Some(stack) if stack == ours.stack => Owner::ThisStack { address },
            Some(stack) => Owner::AnotherStack {
                stack: clipped(stack),
                address,
            },
            None => Owner::Unknown {
                account: self.account.clone().filter(|it| it != ours.account),
            },
        }
    }

    fn asked(&self, owner: &Owner, ours: Ours<'_>) -> Fate {
        let by_hand = || self.noun.command(&self.id, ours.reach);
        let (advice, command) = match owner {
            // An interface of a service cannot be deleted by hand.
            Owner::Service { .. } => {
                let advice = self.service.map_or("", |service| service.advice);
                let deletable = self.noun != Noun::Interface;
                (advice.to_owned(), deletable.then(by_hand).flatten())
            }
            Owner::ThisStack { address } => (
                format!(
                    "{address} of this stack, and this run does not delete it: take what \
                     uses it out of the plan file, or run `s3net destroy`"
                ),
                None,
            ),
            Owner::AnotherStack { stack, address } => {
                let less = match self.noun {
                    Noun::Rule { .. } => format!("or take the rule out of {address} there"),
                    _ => format!("or take {address} out of its plan file"),
                };
                (
                    format!("run `s3net destroy` for stack {stack} first, {less} and apply that"),
                    None,
                )
            }
            Owner::Unknown { account: Some(_) } => (
                "only that account can delete it: ask its owner".to_owned(),
                None,
            ),
            Owner::Unknown { account: None } => (self.noun.advice().to_owned(), by_hand()),
        };
        Fate::Ask { advice, command }
    }
}

/// What the user is told of all of them: each once, those that need the user
/// first, and among them what has to go first.
pub(super) fn judged(sightings: Vec<Sighting>, ours: Ours<'_>) -> Vec<Holder> {
    let mut each: Vec<Sighting> = Vec::new();
    for sighting in sightings {
        let twin = |it: &&mut Sighting| it.noun == sighting.noun && it.id == sighting.id;
        match each.iter_mut().find(twin) {
            // Seen twice: each sight may know what the other does not.
            Some(known) => {
                known.note = known.note.take().or(sighting.note);
                known.service = known.service.or(sighting.service);
                known.account = known.account.take().or(sighting.account);
                known.going |= sighting.going;
                known.tags.extend(sighting.tags);
            }
            None => each.push(sighting),
        }
    }
    each.sort_by(|a, b| (&a.noun, &a.id).cmp(&(&b.noun, &b.id)));
    let mut holders: Vec<Holder> = each.into_iter().map(|it| it.judged(ours)).collect();
    holders.sort_by_key(Holder::passes);
    holders
}

#[cfg(test)]
mod tests;
