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
    let (before, line) = (cx.notes.len(), cx.line);
    let group = p.take(cx, "GroupId");
    let rule = std::mem::replace(p, Properties::of(None, ""));
    let Some(group) = group else {
        cx.left_whole(before, line, "", "it does not say its `GroupId`");
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
    take_rule(cx, rule, line, way, &address, tables);
}

/// Adds a rule to its group, or says once why it is left out as a whole: without
/// a part of it, it would let something else through.
fn take_rule(
    cx: &mut Context<'_>,
    mut rule: Properties<'_>,
    line: usize,
    way: Way,
    group: &Address,
    tables: &mut Tables,
) {
    let (field, ..) = way.words();
    let before = cx.notes.len();
    match lines_of(cx, &mut rule, line, way, group) {
        Ok(lines) => {
            rule.end(cx);
            for whole in lines {
                tables.add(group, field, whole);
            }
        }
        Err(why) => cx.left_whole(before, line, rule.path(), &why),
    }
}

/// What a rule is in its group: a line for each other side.
///
/// # Errors
/// Why it is left out, where that is not told yet.
fn lines_of(
    cx: &mut Context<'_>,
    rule: &mut Properties<'_>,
    line: usize,
    way: Way,
    group: &Address,
) -> Result<Vec<Value>, String> {
    let (_, peer_field, peers) = way.words();
    let path = rule.path().to_owned();
    let mut stated = |cx: &mut Context<'_>, name: &str| {
        let before = cx.notes.len();
        let text = rule.text(cx, name).map(|(text, _)| text);
        // What is stated and cannot be had is told: it must not count as nothing.
        match text.is_none() && cx.notes.len() > before {
            true => Err(format!("its {name} is not known")),
            false => Ok(text.map(|it| it.to_ascii_lowercase())),
        }
    };
    let protocol = stated(cx, "IpProtocol")?;
    let from = stated(cx, "FromPort")?.unwrap_or_default();
    let to = stated(cx, "ToPort")?.unwrap_or_else(|| from.clone());
    let name = match protocol.as_deref().unwrap_or("tcp") {
        "-1" | "all" => "all",
        "6" => "tcp",
        "17" => "udp",
        "1" => "icmp",
        "58" => "icmpv6",
        other => other,
    };
    let mut entries = BTreeMap::new();
    let is_open = |port: &str| ["", "-1"].contains(&port);
    match name {
        "tcp" | "udp" => match (from.as_str(), to.as_str()) {
            (from, to) if is_open(from) || is_open(to) => {
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
        "icmp" | "icmpv6" if !is_open(&from) => {
            return Err(format!(
                "type {from} of {name} alone cannot be said: it would let every type through"
            ));
        }
        _ if !is_open(&from) || !is_open(&to) => {
            let text = format!("`{name}` has no ports: AWS lets all of it through, as here");
            cx.note(Weight::Word, line, &path, text);
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
    let others: Vec<Value> = peers
        .iter()
        .filter_map(|peer| peer_of(cx, peer, group))
        .collect();
    if others.is_empty() {
        let rest = rule.rest();
        return Err(match rest.is_empty() {
            true => "the other side is not known".to_owned(),
            false => format!("s3net has no rules by {}", rest.join(", ")),
        });
    }
    let lines = others.into_iter().map(|other| {
        let mut entries = entries.clone();
        entries.insert(peer_field, other);
        let whole = entries
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value));
        Value::Map(whole.collect())
    });
    Ok(lines.collect())
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
