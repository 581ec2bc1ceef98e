//! Live rules in the words of their group's table.

use aws_sdk_ec2::types::SecurityGroupRule as Described;

use super::form::{attributes, in_words, is_default_egress};
use super::key::Direction;
use crate::aws::tagging::filter;
use crate::aws::{Aws, CallError, on};
use crate::model::{Attributes, Value};

/// How many values one EC2 filter takes (EC2's documentation of filtering).
const FILTER_VALUES: usize = 200;

/// A live rule.
pub(in crate::kinds) struct Rule {
    /// The id of its group.
    pub group: String,
    /// Its direction.
    pub egress: bool,
    /// Whether it is the IPv4 or IPv6 rule that AWS puts into new groups.
    pub of_aws: bool,
    /// What a file says of it, or what no file can say.
    pub written: Result<Value, String>,
    words: String,
}

impl Rule {
    /// What it lets through, in words.
    pub(in crate::kinds) fn in_words(&self) -> String {
        self.words.clone()
    }

    fn new(rule: &Described) -> Self {
        let egress = rule.is_egress().unwrap_or(false);
        let direction = match egress {
            true => Direction::Egress,
            false => Direction::Ingress,
        };
        let live = attributes(rule);
        let words = format!("{}: {}", direction.noun(), in_words(&live));
        let group = rule.group_id().unwrap_or_default();
        Self {
            group: group.to_owned(),
            egress,
            of_aws: is_default_egress(rule),
            written: written(&live, direction, group).ok_or_else(|| words.clone()),
            words,
        }
    }
}

/// Every rule of these groups.
pub(in crate::kinds) async fn rules_of(aws: &Aws, groups: &[&str]) -> Result<Vec<Rule>, CallError> {
    let mut rules = Vec::new();
    for chunk in groups.chunks(FILTER_VALUES) {
        let request = aws.ec2.describe_security_group_rules();
        let request = request.filters(filter("group-id", chunk.iter().copied()));
        let found = request.into_paginator().items().send();
        let found: Result<Vec<Described>, _> = found.collect().await;
        let found = found.map_err(on("DescribeSecurityGroupRules"))?;
        rules.extend(found.iter().map(Rule::new));
    }
    Ok(rules)
}

/// A rule as its table has it; nothing where no table can say it.
fn written(rule: &Attributes, direction: Direction, group: &str) -> Option<Value> {
    let protocol = rule.text("protocol")?;
    let mut stated = Attributes::new().with("protocol", protocol);
    match (protocol, rule.integer("from_port"), rule.integer("to_port")) {
        ("tcp" | "udp", Some(from), Some(to)) if from == to && from >= 0 => {
            stated.set("port", from);
        }
        ("tcp" | "udp", Some(from), Some(to)) if from >= 0 => {
            stated.set("ports", format!("{from}-{to}"));
        }
        ("tcp" | "udp", ..) => return None,
        // A table says nothing of types and codes: all of them are meant.
        ("icmp" | "icmpv6", Some(kind), _) if kind >= 0 => return None,
        _ => {}
    }
    let peers = ["cidr_ipv4", "cidr_ipv6", "prefix_list", "source_group"];
    let peer = peers.iter().find_map(|peer| rule.text(peer))?;
    let peer = if peer == group { "self" } else { peer };
    stated.set(direction.peer(), peer);
    let note = rule.text("description").filter(|note| !note.is_empty());
    stated.set_text("description", note);
    Some(Value::Map(stated.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tcp(from: i64, to: i64) -> Attributes {
        Attributes::new()
            .with("protocol", "tcp")
            .with("from_port", from)
            .with("to_port", to)
            .with("cidr_ipv4", "10.0.0.0/8")
            .with("description", "")
    }

    fn of(rule: &Attributes) -> Option<String> {
        let value = written(rule, Direction::Ingress, "sg-1")?;
        Some(value.to_json().to_string())
    }

    #[test]
    fn rules_take_the_form_of_the_file() {
        let https = r#"{"from":"10.0.0.0/8","port":443,"protocol":"tcp"}"#;
        assert_eq!(of(&tcp(443, 443)).unwrap(), https);
        let range = r#"{"from":"10.0.0.0/8","ports":"0-65535","protocol":"tcp"}"#;
        assert_eq!(of(&tcp(0, 65535)).unwrap(), range);
        let own = Attributes::new()
            .with("protocol", "all")
            .with("source_group", "sg-1")
            .with("description", "each other");
        let written = r#"{"description":"each other","from":"self","protocol":"all"}"#;
        assert_eq!(of(&own).unwrap(), written);
    }

    #[test]
    fn what_no_file_can_say_is_told_as_such() {
        let ping = Attributes::new()
            .with("protocol", "icmp")
            .with("from_port", 8_i64)
            .with("to_port", -1_i64)
            .with("cidr_ipv4", "10.0.0.0/8");
        assert_eq!(of(&ping), None);
        assert!(of(&ping.with("from_port", -1_i64)).is_some());
    }
}
