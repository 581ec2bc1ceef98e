//! Security groups and their rules.

use std::collections::BTreeMap;

use super::fitting::shown;
use super::note::Weight;
use super::properties::{Context, Properties, Taken};
use super::tables::Tables;
use super::value::map;
use crate::model::{Address, Value};

/// Which way a rule lets traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    In,
    Out,
}

impl Way {
    /// The group's field, the rule's field, and the template's words for peers.
    fn words(self) -> (&'static str, &'static str, &'static [&'static str]) {
        match self {
            Self::In => (
                "ingress",
                "from",
                &[
                    "CidrIp",
                    "CidrIpv6",
                    "SourcePrefixListId",
                    "SourceSecurityGroupId",
                ],
            ),
            Self::Out => (
                "egress",
                "to",
                &[
                    "CidrIp",
                    "CidrIpv6",
                    "DestinationPrefixListId",
                    "DestinationSecurityGroupId",
                ],
            ),
        }
    }
}

pub(super) fn security_group(cx: &mut Context<'_>, p: &mut Properties<'_>, tables: &mut Tables) {
    let Some(address) = cx.address.clone() else {
        return;
    };
    p.copy(
        cx,
        tables,
        &[
            ("VpcId", "vpc"),
            ("GroupDescription", "description"),
            ("GroupName", "group_name"),
        ],
    );
    for (way, property) in [
        (Way::In, "SecurityGroupIngress"),
        (Way::Out, "SecurityGroupEgress"),
    ] {
        for (rule, line) in p.each(cx, property) {
            take_rule(cx, rule, line, way, &address, tables);
        }
    }
    p.tags(cx, tables, "Tags");
}

pub(super) fn ingress(cx: &mut Context<'_>, p: &mut Properties<'_>, tables: &mut Tables) {
    part(cx, p, tables, Way::In);
}

/// A rule for what goes out, in a resource of its own, does not take AWS's
/// allow-all rule away, and a list of ours would.
pub(super) fn egress(cx: &mut Context<'_>, p: &mut Properties<'_>, tables: &mut Tables) {
    part(cx, p, tables, Way::Out);
}

fn part(cx: &mut Context<'_>, p: &mut Properties<'_>, tables: &mut Tables, way: Way) {
    let group = p.take(cx, "GroupId");
    let rule = std::mem::replace(p, Properties::of(None, ""));
    let Some(group) = group else {
        rule.refuse(cx, "its group is not taken over");
        return;
    };
    let Some(address) = group
        .value
        .as_target()
        .filter(|it| it.kind == "security_group")
    else {
        let why = format!("{} is no group of this template", shown(&group.value));
        cx.left(group.line, "", why);
        return;
    };
    let address = address.clone();
    cx.address = Some(address.clone());
    if way == Way::Out && tables.at(&address).fields.get("egress").is_none() {
        let all = map([
            ("protocol", Value::text("all")),
            ("to", Value::text("0.0.0.0/0")),
        ]);
        tables.add(&address, "egress", all);
    }
    let line = cx.line;
    take_rule(cx, rule, line, way, &address, tables);
}

/// Adds a rule to its group.
fn take_rule(
    cx: &mut Context<'_>,
    mut rule: Properties<'_>,
    line: usize,
    way: Way,
    group: &Address,
    tables: &mut Tables,
) {
    let (field, peer_field, peers) = way.words();
    let mut entries = BTreeMap::new();
    let protocol = rule
        .text(cx, "IpProtocol")
        .map_or_else(|| "tcp".to_owned(), |(text, _)| text);
    let name = match protocol.as_str() {
        "-1" | "all" => "all",
        "6" => "tcp",
        "17" => "udp",
        "1" => "icmp",
        "58" => "icmpv6",
        other => other,
    };
    let from = rule.text(cx, "FromPort").map(|(text, _)| text);
    let to = rule
        .text(cx, "ToPort")
        .map(|(text, _)| text)
        .or_else(|| from.clone());
    let (from, to) = (from.unwrap_or_default(), to.unwrap_or_default());
    match name {
        "tcp" | "udp" => match (from.as_str(), to.as_str()) {
            ("" | "-1", _) | (_, "" | "-1") => {
                entries.insert("ports", Value::text("0-65535"));
            }
            (from, to) if from == to => {
                let port = from
                    .parse()
                    .map_or_else(|_| Value::text(from), Value::Integer);
                entries.insert("port", port);
            }
            (from, to) => {
                entries.insert("ports", Value::text(format!("{from}-{to}")));
            }
        },
        "icmp" | "icmpv6" if !["", "-1"].contains(&from.as_str()) => {
            let why = format!("type {from} alone cannot be said: it would let every type through");
            cx.left(line, &format!("{field} ({name})"), why);
            rule.refuse(cx, "its rule is left out");
            return;
        }
        _ => {}
    }
    if name != "tcp" {
        entries.insert("protocol", Value::text(name));
    }
    if let Some(note) = rule.take(cx, "Description") {
        entries.insert("description", note.value);
    }
    let peers: Vec<Taken> = peers.iter().filter_map(|it| rule.take(cx, it)).collect();
    // The account of a group of the same account says nothing more.
    rule.take(cx, "SourceSecurityGroupOwnerId");
    rule.end(cx);
    if peers.is_empty() {
        cx.left(
            line,
            &format!("a rule of {field}"),
            "the other side is not known",
        );
    }
    for peer in peers {
        let Some(other) = peer_of(cx, &peer, group) else {
            continue;
        };
        let mut entries = entries.clone();
        entries.insert(peer_field, other);
        let whole = entries
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value));
        tables.add(group, field, Value::Map(whole.collect()));
    }
}

/// The other side as a rule of ours names it.
fn peer_of(cx: &mut Context<'_>, taken: &Taken, group: &Address) -> Option<Value> {
    match &taken.value {
        Value::Reference(reference) if reference.target == *group => Some(Value::text("self")),
        Value::Reference(reference)
            if reference.target.kind == "security_group" && reference.attribute == "id" =>
        {
            Some(Value::text(reference.target.to_string()))
        }
        Value::Reference(reference) if reference.target.kind == "vpc" => Some(taken.value.clone()),
        Value::Reference(reference) if reference.attribute.is_empty() => Some(taken.value.clone()),
        Value::Reference(reference) if reference.attribute == "prefix_list_id" => {
            Some(taken.value.clone())
        }
        Value::String(text) => {
            if text == "0.0.0.0/0" && taken.path.contains("Ingress") {
                cx.note(
                    Weight::Word,
                    taken.line,
                    &taken.path,
                    "open to the whole internet, as in the template",
                );
            }
            Some(Value::text(text.as_str()))
        }
        other => {
            let why = format!("{} is no other side of a rule", shown(other));
            cx.left(taken.line, &taken.path, why);
            None
        }
    }
}
