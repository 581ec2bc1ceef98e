//! Whether security groups and network ACLs let a call and its answer pass.
//!
//! ```text
//!  machine ─ groups out ─ ACL out ─►│         │─► ACL in ─ groups in ─ endpoint
//!          ◄──────────── ACL in  ───│         │◄─ ACL out ◄───────────
//! ```
//!
//! Groups let the answers to what they let out come back; ACLs do not, and are
//! asked only where a subnet's edge is crossed.

use std::collections::BTreeSet;

use ipnet::IpNet;

use super::blocks::{Share, share, share_of_all};
use super::index::Index;
use super::verdict::Rule;
use crate::model::network::{
    Key, NetworkAcl, Peer, Ports, SecurityGroup, SecurityGroupRule, Subnet,
};

/// What a filter says.
#[derive(Debug)]
pub(super) enum Filtered {
    /// It lets pass, by these rules.
    Passes(Vec<Rule>),
    /// It does not.
    Blocks,
    /// It cannot be known: why.
    Unknown(String),
}

/// The other end, as a group's rule sees it.
#[derive(Debug)]
pub(super) struct Peers<'t> {
    /// Its addresses.
    pub blocks: &'t [IpNet],
    /// The service that the blocks are all of, for prefix lists.
    pub service: Option<&'t str>,
    /// The groups it is in; nothing where they are not known.
    pub groups: Option<&'t BTreeSet<Key>>,
}

/// The groups of a network interface: its own, or the VPC's default one.
pub(super) fn effective_groups(
    index: &Index<'_>,
    own: &BTreeSet<Key>,
    vpc: &str,
) -> Option<BTreeSet<Key>> {
    if !own.is_empty() {
        return Some(own.clone());
    }
    let vpc = index.network.vpcs.get(vpc)?;
    vpc.default_group
        .clone()
        .map(|group| BTreeSet::from([group]))
}

/// Which rules of a group are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// What goes out.
    Out,
    /// What comes in.
    In,
}

/// Asks the groups of one end about HTTPS to or from the other.
pub(super) fn groups(
    index: &Index<'_>,
    groups: &BTreeSet<Key>,
    side: Side,
    peers: &Peers<'_>,
) -> Filtered {
    let mut found: Vec<(&Key, &SecurityGroup)> = Vec::new();
    for key in groups {
        match index.network.security_groups.get_key_value(key) {
            Some(entry) => found.push(entry),
            None => return Filtered::Unknown(index.network.why_unknown(key)),
        }
    }
    let rules = found.into_iter().flat_map(|(key, group)| {
        let rules = match side {
            Side::Out => &group.egress,
            Side::In => &group.ingress,
        };
        rules.iter().map(move |rule| (key, rule))
    });
    let https =
        rules.filter(|(_, rule)| rule.protocol.takes_tcp() && rule.ports.cover(Ports::HTTPS));
    let mut blocks: Vec<(IpNet, Rule)> = Vec::new();
    let mut open: Option<String> = None;
    for (key, rule) in https {
        let label = index.network.label(key);
        match taken(index, rule, peers) {
            Taken::All => {
                let text = format!("{label}: {}", words(index, rule, side));
                return Filtered::Passes(vec![Rule::new(text, rule.spot.as_ref())]);
            }
            Taken::Blocks(some) => {
                let text = format!("{label}: {}", words(index, rule, side));
                let told = Rule::new(text, rule.spot.as_ref());
                blocks.extend(some.into_iter().map(|block| (block, told.clone())));
            }
            Taken::Perhaps(why) => open = Some(why),
            Taken::Nothing => {}
        }
    }
    let share = share_of_all(peers.blocks, blocks.iter().map(|(block, _)| block));
    match (share, open) {
        (Share::Whole, _) => {
            let mut rules: Vec<Rule> = Vec::new();
            for (_, rule) in blocks {
                if !rules.contains(&rule) {
                    rules.push(rule);
                }
            }
            Filtered::Passes(rules)
        }
        (_, Some(why)) => Filtered::Unknown(why),
        (Share::Part, None) => {
            let way = match side {
                Side::Out => "its rules take some of the addresses and not others",
                Side::In => "its rules take some addresses of the subnet and not others",
            };
            Filtered::Unknown(way.to_owned())
        }
        (Share::None, None) => Filtered::Blocks,
    }
}

/// What of the other end a rule takes.
enum Taken {
    All,
    Blocks(Vec<IpNet>),
    Perhaps(String),
    Nothing,
}

fn taken(index: &Index<'_>, rule: &SecurityGroupRule, peers: &Peers<'_>) -> Taken {
    match &rule.peer {
        Peer::Block(block) => Taken::Blocks(vec![*block]),
        Peer::PrefixList(key) => match index.list(key) {
            Some((name, _)) if Some(name) == peers.service => Taken::All,
            Some((_, blocks)) => Taken::Blocks(blocks),
            None => Taken::Perhaps(format!(
                "the blocks of prefix list {} are not known",
                index.network.label(key)
            )),
        },
        Peer::Group(group) => match peers.groups {
            Some(groups) if groups.contains(group) => Taken::All,
            Some(_) => Taken::Nothing,
            None => Taken::Perhaps(format!(
                "it depends on whether the machine is a member of {}",
                index.network.label(group)
            )),
        },
    }
}

fn words(index: &Index<'_>, rule: &SecurityGroupRule, side: Side) -> String {
    let ports = match rule.ports {
        Ports::ALL => "all ports".to_owned(),
        Ports { from, to } if from == to => format!("port {from}"),
        Ports { from, to } => format!("ports {from}-{to}"),
    };
    let peer = match &rule.peer {
        Peer::Block(block) => block.to_string(),
        Peer::PrefixList(key) => format!("prefix list {}", index.network.label(key)),
        Peer::Group(key) => index.network.label(key).to_owned(),
    };
    match side {
        Side::Out => format!("{ports} to {peer}"),
        Side::In => format!("{ports} from {peer}"),
    }
}

/// One crossing of a subnet's edge.
#[derive(Debug, Clone, Copy)]
pub(super) struct Crossing<'t> {
    /// Whether packets leave the subnet.
    pub egress: bool,
    /// The other side.
    pub blocks: &'t [IpNet],
    /// The ports that packets go to.
    pub ports: Ports,
    /// What this is, for problems: "the call out", "the answer in".
    pub what: &'static str,
}

/// Asks a subnet's ACL about a crossing.
pub(super) fn acl(index: &Index<'_>, subnet: &Subnet, crossing: Crossing<'_>) -> Filtered {
    let Some(key) = &subnet.network_acl else {
        return Filtered::Passes(Vec::new());
    };
    let Some(acl) = index.network.network_acls.get(key) else {
        return Filtered::Unknown(index.network.why_unknown(key));
    };
    let mut all: Option<bool> = None;
    for block in crossing.blocks {
        for allowed in decisions(acl, crossing, *block) {
            match all {
                None => all = Some(allowed),
                Some(before) if before == allowed => {}
                Some(_) => {
                    let label = index.network.label(key);
                    return Filtered::Unknown(format!(
                        "{label} lets {} pass for some addresses or ports and not for others",
                        crossing.what
                    ));
                }
            }
        }
    }
    match all {
        Some(true) => Filtered::Passes(vec![Rule::new(
            format!("{} lets {} pass", index.network.label(key), crossing.what),
            None,
        )]),
        _ => Filtered::Blocks,
    }
}

/// What the ACL says of every piece of a block and of the ports.
fn decisions(acl: &NetworkAcl, crossing: Crossing<'_>, block: IpNet) -> Vec<bool> {
    let mut entries: Vec<_> = acl
        .entries
        .iter()
        .filter(|it| it.egress == crossing.egress && it.protocol.takes_tcp())
        .filter(|it| it.ports.touch(crossing.ports))
        .collect();
    entries.sort_by_key(|entry| entry.number);
    let mut edges: BTreeSet<u32> = BTreeSet::from([u32::from(crossing.ports.from)]);
    for entry in &entries {
        edges.insert(u32::from(entry.ports.from.max(crossing.ports.from)));
        edges.insert(u32::from(entry.ports.to) + 1);
    }
    let last = u32::from(crossing.ports.to);
    let mut found = Vec::new();
    for port in edges.into_iter().filter(|port| *port <= last) {
        let takes = |it: &&&crate::model::network::AclEntry| {
            u32::from(it.ports.from) <= port && port <= u32::from(it.ports.to)
        };
        let open: Vec<_> = entries.iter().filter(takes).copied().collect();
        found.extend(first_match(&open, block));
    }
    found
}

/// The first entry decides; a piece that it does not take is asked of the next.
fn first_match(entries: &[&crate::model::network::AclEntry], block: IpNet) -> Vec<bool> {
    let Some((first, rest)) = entries.split_first() else {
        return vec![false];
    };
    match share(block, [&first.block]) {
        Share::Whole => vec![first.allow],
        Share::None => first_match(rest, block),
        Share::Part => {
            let halves = block.subnets(block.prefix_len() + 1);
            let halves = halves.into_iter().flatten();
            let mut found: Vec<bool> = halves.flat_map(|half| first_match(entries, half)).collect();
            found.sort_unstable();
            found.dedup();
            found
        }
    }
}
