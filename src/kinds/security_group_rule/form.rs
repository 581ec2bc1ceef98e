//! The forms of a rule: as AWS tells it, as the file has it, as AWS takes it.

use aws_sdk_ec2::types::{
    IpPermission, IpRange, Ipv6Range, PrefixListId, SecurityGroupRule as Described,
    SecurityGroupRuleRequest, UserIdGroupPair,
};

use super::key::Direction;
use super::ports::protocol_name;
use crate::aws::tagging::from_ec2;
use crate::kind::Claim;
use crate::model::{Attributes, Value, tags};

/// The fields by which AWS knows a rule within its group and direction.
const IDENTITY: [&str; 7] = [
    "protocol",
    "from_port",
    "to_port",
    "cidr_ipv4",
    "cidr_ipv6",
    "prefix_list",
    "source_group",
];

/// Whether AWS would take the two for one rule.
pub(super) fn same_rule(wanted: &Attributes, live: &Attributes) -> bool {
    IDENTITY
        .iter()
        .all(|field| wanted.get(field) == live.get(field))
}

/// The claim of being this rule of its group; none where that is not all known.
pub(in crate::kinds) fn claim(of: &Attributes, direction: Direction) -> Option<Claim> {
    let group = of.text("security_group")?;
    let known = |field: &&str| !of.get(field).is_some_and(Value::has_unknown);
    if !IDENTITY.iter().all(known) {
        return None;
    }
    let (noun, mut rule) = (direction.noun(), of.clone());
    rule.set("description", "");
    let identity = IDENTITY.map(|field| of.get(field));
    Some(Claim::new(
        format!("{noun} {identity:?} of {group}"),
        format!(
            "both are the {noun} `{}`, and {group} has each rule once",
            in_words(&rule)
        ),
    ))
}

/// Whether a rule of a group is AWS's own allow-all egress rule, which has no
/// tags. A group of a VPC with IPv6 has one for each version.
pub(in crate::kinds) fn is_default_egress(rule: &Described) -> bool {
    let attributes = attributes(rule);
    let everywhere = [("cidr_ipv4", "0.0.0.0/0"), ("cidr_ipv6", "::/0")];
    rule.is_egress() == Some(true)
        && !from_ec2(rule.tags()).contains_key(tags::STACK)
        && attributes.text("protocol") == Some("all")
        && everywhere
            .iter()
            .any(|(field, block)| attributes.text(field) == Some(block))
}

/// The rule as the file would have it.
pub(super) fn attributes(rule: &Described) -> Attributes {
    let protocol = rule.ip_protocol().unwrap_or("-1");
    let protocol = protocol_name(protocol).unwrap_or_else(|| protocol.to_owned());
    let mut attributes = Attributes::new()
        .with("protocol", protocol.as_str())
        .with("description", rule.description().unwrap_or_default());
    // AWS gives protocols without ports -1 or nothing.
    if ["tcp", "udp", "icmp", "icmpv6"].contains(&protocol.as_str()) {
        attributes.set("from_port", i64::from(rule.from_port().unwrap_or(-1)));
        attributes.set("to_port", i64::from(rule.to_port().unwrap_or(-1)));
    }
    attributes.set_text("security_group", rule.group_id());
    attributes.set_text("cidr_ipv4", rule.cidr_ipv4());
    attributes.set_text("cidr_ipv6", rule.cidr_ipv6());
    attributes.set_text("prefix_list", rule.prefix_list_id());
    let group = rule.referenced_group_info();
    attributes.set_text("source_group", group.and_then(|group| group.group_id()));
    attributes
}

/// What a rule lets through, as a user would say it.
pub(super) fn in_words(rule: &Attributes) -> String {
    let protocol = rule.text("protocol").unwrap_or("all");
    let ports = match (protocol, rule.integer("from_port"), rule.integer("to_port")) {
        ("tcp" | "udp", Some(from), Some(to)) if from == to => format!(" {from}"),
        ("tcp" | "udp", Some(from), Some(to)) => format!(" {from}-{to}"),
        ("icmp" | "icmpv6", Some(kind), _) if kind >= 0 => format!(" type {kind}"),
        _ => String::new(),
    };
    let peers = ["cidr_ipv4", "cidr_ipv6", "prefix_list", "source_group"];
    let peer = peers.iter().find_map(|peer| rule.text(peer));
    let note = rule.text("description").filter(|note| !note.is_empty());
    let note = note.map_or_else(String::new, |note| format!(", \"{note}\""));
    let what = if protocol == "all" {
        "everything"
    } else {
        protocol
    };
    format!("{what}{ports}, {}{note}", peer.unwrap_or("no peer"))
}

/// A rule in the form in which it is added.
pub(super) fn permission(inputs: &Attributes) -> IpPermission {
    let (protocol, from, to) = what(inputs);
    let note = inputs.text("description").filter(|text| !text.is_empty());
    let note = note.map(str::to_owned);
    let permission = IpPermission::builder()
        .ip_protocol(protocol)
        .set_from_port(from)
        .set_to_port(to);
    if let Some(block) = inputs.text("cidr_ipv4") {
        let range = IpRange::builder().cidr_ip(block).set_description(note);
        return permission.ip_ranges(range.build()).build();
    }
    if let Some(block) = inputs.text("cidr_ipv6") {
        let range = Ipv6Range::builder().cidr_ipv6(block).set_description(note);
        return permission.ipv6_ranges(range.build()).build();
    }
    if let Some(list) = inputs.text("prefix_list") {
        let list = PrefixListId::builder()
            .prefix_list_id(list)
            .set_description(note);
        return permission.prefix_list_ids(list.build()).build();
    }
    let group = inputs.text("source_group").map(str::to_owned);
    let pair = UserIdGroupPair::builder()
        .set_group_id(group)
        .set_description(note);
    permission.user_id_group_pairs(pair.build()).build()
}

/// A rule in the form in which it is changed: whole, since AWS takes what is
/// left out for removed.
pub(super) fn request(inputs: &Attributes) -> SecurityGroupRuleRequest {
    let (protocol, from, to) = what(inputs);
    let text = |field: &str| inputs.text(field).map(str::to_owned);
    SecurityGroupRuleRequest::builder()
        .ip_protocol(protocol)
        .set_from_port(from)
        .set_to_port(to)
        .set_cidr_ipv4(text("cidr_ipv4"))
        .set_cidr_ipv6(text("cidr_ipv6"))
        .set_prefix_list_id(text("prefix_list"))
        .set_referenced_group_id(text("source_group"))
        .set_description(text("description"))
        .build()
}

/// AWS's name of the protocol, and its ports.
fn what(inputs: &Attributes) -> (&str, Option<i32>, Option<i32>) {
    let port = |field: &str| {
        inputs
            .integer(field)
            .and_then(|port| i32::try_from(port).ok())
    };
    let protocol = match inputs.text("protocol") {
        None | Some("all") => "-1",
        Some(name) => name,
    };
    (protocol, port("from_port"), port("to_port"))
}

#[cfg(test)]
mod tests {
    use super::super::key::allow_all;
    use super::*;
    use aws_sdk_ec2::types::{ReferencedSecurityGroup, Tag};

    fn allow_all_rule() -> aws_sdk_ec2::types::builders::SecurityGroupRuleBuilder {
        Described::builder()
            .security_group_rule_id("sgr-1")
            .group_id("sg-1")
            .is_egress(true)
            .ip_protocol("-1")
            .from_port(-1)
            .to_port(-1)
            .cidr_ipv4("0.0.0.0/0")
    }

    #[test]
    fn what_aws_says_takes_our_form() {
        let all = attributes(&allow_all_rule().build());
        assert_eq!(all, allow_all().with("security_group", "sg-1"));
        let group = ReferencedSecurityGroup::builder().group_id("sg-2").build();
        let https = Described::builder()
            .group_id("sg-1")
            .ip_protocol("6")
            .from_port(443)
            .to_port(443)
            .description("clients")
            .referenced_group_info(group)
            .build();
        let wanted = Attributes::new()
            .with("security_group", "sg-1")
            .with("protocol", "tcp")
            .with("from_port", 443_i64)
            .with("to_port", 443_i64)
            .with("source_group", "sg-2")
            .with("description", "clients");
        assert_eq!(attributes(&https), wanted);
    }

    #[test]
    fn a_rule_is_told_in_words() {
        assert_eq!(in_words(&allow_all()), "everything, 0.0.0.0/0");
        let rule = |from: i64, to: i64| {
            Attributes::new()
                .with("protocol", "tcp")
                .with("from_port", from)
                .with("to_port", to)
                .with("source_group", "sg-2")
        };
        assert_eq!(in_words(&rule(22, 22)), "tcp 22, sg-2");
        let noted = rule(1, 9).with("description", "clients");
        assert_eq!(in_words(&noted), "tcp 1-9, sg-2, \"clients\"");
    }

    #[test]
    fn the_description_is_no_part_of_a_rule() {
        let one = allow_all().with("description", "one");
        assert!(same_rule(&one, &allow_all().with("description", "two")));
        assert!(!same_rule(
            &one,
            &one.clone().with("cidr_ipv4", "10.0.0.0/8")
        ));
        assert!(!same_rule(&one, &one.clone().with("from_port", 1_i64)));
    }

    #[test]
    fn a_rule_claims_what_aws_knows_it_by() {
        let claim = |rule: &Attributes| claim(rule, Direction::Egress);
        let rule = allow_all().with("security_group", "sg-1");
        let noted = claim(&rule.clone().with("description", "a note")).unwrap();
        assert_eq!(
            claim(&rule).unwrap().clash(&noted).as_deref(),
            Some("both are the egress rule `everything, 0.0.0.0/0`, and sg-1 has each rule once")
        );
        let narrow = claim(&rule.clone().with("cidr_ipv4", "10.0.0.0/8")).unwrap();
        assert_eq!(narrow.clash(&noted), None);
        let ingress = super::claim(&rule, Direction::Ingress).unwrap();
        assert_eq!(ingress.clash(&noted), None);
        assert_eq!(claim(&rule.with("cidr_ipv4", Value::Unknown)), None);
        assert_eq!(claim(&allow_all()), None);
    }

    #[test]
    fn only_the_untagged_allow_all_rule_is_aws_own() {
        let own = allow_all_rule().build();
        assert!(is_default_egress(&own));
        let tagged = Tag::builder().key(tags::STACK).value("lab").build();
        assert!(!is_default_egress(&allow_all_rule().tags(tagged).build()));
        assert!(!is_default_egress(
            &allow_all_rule().is_egress(false).build()
        ));
        assert!(!is_default_egress(
            &allow_all_rule().cidr_ipv4("10.0.0.0/8").build()
        ));
        let v6 = allow_all_rule()
            .set_cidr_ipv4(None)
            .cidr_ipv6("::/0")
            .build();
        assert!(is_default_egress(&v6));
    }

    #[test]
    fn all_protocols_go_without_ports() {
        let sent = permission(&allow_all());
        assert_eq!(sent.ip_protocol(), Some("-1"));
        assert_eq!((sent.from_port(), sent.to_port()), (None, None));
        assert_eq!(sent.ip_ranges()[0].cidr_ip(), Some("0.0.0.0/0"));
        assert_eq!(sent.ip_ranges()[0].description(), None);
        let changed = request(&allow_all());
        assert_eq!(changed.from_port(), None);
        assert_eq!(changed.description(), Some(""));
    }
}
