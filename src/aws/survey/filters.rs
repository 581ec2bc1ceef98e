//! Security groups and network ACLs.

use aws_sdk_ec2::types as ec2;

use super::super::CallError;
use super::gaps::Gaps;
use super::labels;
use super::reads::{block, said};
use crate::model::network::{
    AclEntry, Known, Network, NetworkAcl, Peer, Ports, Protocol, SecurityGroup, SecurityGroupRule,
};

/// The number of the entry at an ACL's end that refuses what no other one takes
/// (Amazon VPC user guide, "Network ACL rules").
const LAST_ENTRY: i32 = 32767;

/// The ACL of subnets whose ACL could not be read: one that is not in the
/// facts, so that nobody takes it for AWS's default.
const UNREAD_ACL: &str = "acl-(unread)";

/// The prefix lists that rules name.
pub(super) fn prefix_lists_of(
    groups: &Known<Vec<ec2::SecurityGroup>>,
) -> impl Iterator<Item = String> {
    groups
        .get()
        .into_iter()
        .flatten()
        .flat_map(|group| {
            group
                .ip_permissions()
                .iter()
                .chain(group.ip_permissions_egress())
        })
        .flat_map(ec2::IpPermission::prefix_list_ids)
        .filter_map(|list| list.prefix_list_id().map(str::to_owned))
}

/// Tells security groups, and to VPCs which is their default one.
///
/// # Errors
/// An answer that makes no sense.
pub(super) fn tell_groups(
    network: &mut Network,
    groups: &[ec2::SecurityGroup],
) -> Result<(), CallError> {
    for group in groups {
        let id = said(group.group_id(), "a security group's id")?;
        let vpc = said(group.vpc_id(), "a security group's VPC")?;
        // Nobody can give another group this name (EC2 API reference,
        // CreateSecurityGroup).
        if group.group_name() == Some("default")
            && let Some(vpc) = network.vpcs.get_mut(vpc)
        {
            vpc.default_group = Some(id.to_owned());
        }
        let facts = SecurityGroup {
            vpc: vpc.to_owned(),
            ingress: rules_of(group.ip_permissions())?,
            egress: rules_of(group.ip_permissions_egress())?,
            spot: None,
        };
        labels::put_ec2(network, id, group.tags());
        network.security_groups.insert(id.to_owned(), facts);
    }
    Ok(())
}

/// Rules of one direction. AWS folds those of the same ports into one entry.
fn rules_of(permissions: &[ec2::IpPermission]) -> Result<Vec<SecurityGroupRule>, CallError> {
    let mut rules = Vec::new();
    for permission in permissions {
        let protocol = Protocol::named(said(permission.ip_protocol(), "a rule's protocol")?);
        let ports = ports_of(protocol, permission.from_port(), permission.to_port())?;
        let ranges = permission.ip_ranges().iter();
        let blocks = ranges.filter_map(|range| range.cidr_ip());
        let ranges = permission.ipv6_ranges().iter();
        let blocks = blocks.chain(ranges.filter_map(|range| range.cidr_ipv6()));
        let mut peers = Vec::new();
        for text in blocks {
            peers.push(Peer::Block(block(text)?));
        }
        let lists = permission.prefix_list_ids().iter();
        let lists = lists.filter_map(|list| list.prefix_list_id());
        peers.extend(lists.map(|list| Peer::PrefixList(list.to_owned())));
        let groups = permission.user_id_group_pairs().iter();
        let groups = groups.filter_map(|pair| pair.group_id());
        peers.extend(groups.map(|group| Peer::Group(group.to_owned())));
        rules.extend(peers.into_iter().map(|peer| SecurityGroupRule {
            protocol,
            ports,
            peer,
            spot: None,
        }));
    }
    Ok(rules)
}

/// Ports as AWS tells them: none, or -1, is all of them.
fn ports_of(protocol: Protocol, from: Option<i32>, to: Option<i32>) -> Result<Ports, CallError> {
    if protocol != Protocol::Tcp {
        return Ok(Ports::ALL);
    }
    let (from, to) = match (from, to) {
        (None | Some(-1), None | Some(-1)) => return Ok(Ports::ALL),
        (Some(from), Some(to)) => (from, to),
        (Some(only), None) | (None, Some(only)) => (only, only),
    };
    match (u16::try_from(from), u16::try_from(to)) {
        (Ok(from), Ok(to)) => Ok(Ports { from, to }),
        _ => Err(CallError::internal(format!(
            "AWS's answer has {from} to {to} for a range of ports"
        ))),
    }
}

/// Tells network ACLs, and to subnets which of them is theirs. AWS's default
/// one, as long as nobody has changed it, is as good as none.
///
/// # Errors
/// An answer that makes no sense.
pub(super) fn tell_acls(network: &mut Network, acls: &[ec2::NetworkAcl]) -> Result<(), CallError> {
    for acl in acls {
        let id = said(acl.network_acl_id(), "a network ACL's id")?;
        let mut entries = Vec::new();
        for entry in acl.entries() {
            entries.extend(entry_of(entry)?);
        }
        if acl.is_default() == Some(true) && lets_all_pass(&entries) {
            continue;
        }
        for subnet in acl.associations().iter().filter_map(|it| it.subnet_id()) {
            if let Some(subnet) = network.subnets.get_mut(subnet) {
                subnet.network_acl = Some(id.to_owned());
            }
        }
        let facts = NetworkAcl {
            vpc: said(acl.vpc_id(), "a network ACL's VPC")?.to_owned(),
            entries,
        };
        labels::put_ec2(network, id, acl.tags());
        network.network_acls.insert(id.to_owned(), facts);
    }
    Ok(())
}

/// Notes that ACLs could not be read.
pub(super) fn tell_acls_unread(network: &mut Network, gaps: &mut Gaps, reason: &str) {
    gaps.everywhere(reason);
    let label = "the subnet's network ACL";
    network
        .labels
        .insert(UNREAD_ACL.to_owned(), label.to_owned());
    let why = format!("{label} could not be read");
    network.unread.insert(UNREAD_ACL.to_owned(), why);
    for subnet in network.subnets.values_mut() {
        subnet.network_acl = Some(UNREAD_ACL.to_owned());
    }
}

/// An entry; nothing for the last one, which every ACL has.
fn entry_of(entry: &ec2::NetworkAclEntry) -> Result<Option<AclEntry>, CallError> {
    let number = entry.rule_number().unwrap_or(LAST_ENTRY);
    if number >= LAST_ENTRY {
        return Ok(None);
    }
    let protocol = Protocol::named(said(entry.protocol(), "an ACL entry's protocol")?);
    let range = entry.port_range();
    let (from, to) = (range.and_then(|it| it.from()), range.and_then(|it| it.to()));
    let text = entry.cidr_block().or(entry.ipv6_cidr_block());
    Ok(Some(AclEntry {
        number: u32::try_from(number)
            .map_err(|_| CallError::internal("AWS's answer has an ACL entry below zero"))?,
        egress: entry.egress().unwrap_or_default(),
        allow: entry.rule_action() == Some(&ec2::RuleAction::Allow),
        protocol,
        ports: ports_of(protocol, from, to)?,
        block: block(said(text, "an ACL entry's block")?)?,
    }))
}

/// Whether all IPv4 passes both ways, whatever else the entries say of IPv6.
fn lets_all_pass(entries: &[AclEntry]) -> bool {
    [false, true].iter().all(|egress| {
        let mut of_one_way: Vec<&AclEntry> = entries
            .iter()
            .filter(|it| it.egress == *egress && it.block.addr().is_ipv4())
            .collect();
        of_one_way.sort_by_key(|it| it.number);
        of_one_way.first().is_some_and(|first| {
            first.allow && first.protocol == Protocol::All && first.block.prefix_len() == 0
        })
    })
}

#[cfg(test)]
mod tests;
