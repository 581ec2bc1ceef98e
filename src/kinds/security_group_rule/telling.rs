//! What a group and its rules tell.
//!
//! AWS's own allow-all egress rule stands in a group until the file's list turns
//! it off. Live, it is either a part of the file or it is told by the group
//! itself; never twice, although for a moment it may be seen as both.

use super::key::{Direction, allow_all};
use crate::kind::Told;
use crate::model::Attributes;
use crate::model::network::{Network, Peer, Ports, Protocol, SecurityGroup, SecurityGroupRule};

/// Tells a group, with AWS's own rule where that stands and is nobody's part.
pub(in crate::kinds) fn tell_group(told: &Told<'_>, network: &mut Network) {
    let key = told.key.to_owned();
    if told.looked_up() {
        network.unread.insert(key, told.unread("the rules"));
        return;
    }
    let open = told.attributes.bool("default_egress") == Some(true);
    let own = open.then(allow_all).as_ref().and_then(rule);
    let group = SecurityGroup {
        vpc: told.key_in("vpc"),
        ingress: Vec::new(),
        egress: own.into_iter().collect(),
        spot: told.spot(""),
    };
    network.security_groups.insert(key, group);
}

/// Tells a rule.
pub(in crate::kinds) fn tell(told: &Told<'_>, direction: Direction, network: &mut Network) {
    let group = network
        .security_groups
        .get_mut(&told.key_in("security_group"));
    let (Some(group), Some(mut added)) = (group, rule(told.attributes)) else {
        return;
    };
    let rules = match direction {
        Direction::Ingress => &mut group.ingress,
        Direction::Egress => &mut group.egress,
    };
    // The twin that AWS put there has no place in the file.
    rules.retain(|rule| *rule != added);
    added.spot = told.spot("");
    rules.push(added);
}

/// A rule as a trace knows it; nothing where its other side is not known.
fn rule(inputs: &Attributes) -> Option<SecurityGroupRule> {
    let block = inputs.text("cidr_ipv4").or(inputs.text("cidr_ipv6"));
    let peer = if let Some(block) = block {
        Peer::Block(block.parse().ok()?)
    } else if let Some(list) = inputs.text("prefix_list") {
        Peer::PrefixList(list.to_owned())
    } else {
        Peer::Group(inputs.text("source_group")?.to_owned())
    };
    let protocol = Protocol::named(inputs.text("protocol").unwrap_or("all"));
    let port = |field| {
        inputs
            .integer(field)
            .and_then(|port| u16::try_from(port).ok())
    };
    let ports = match (port("from_port"), port("to_port")) {
        (Some(from), Some(to)) if protocol != Protocol::All => Ports { from, to },
        _ => Ports::ALL,
    };
    Some(SecurityGroupRule {
        protocol,
        ports,
        peer,
        spot: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_take_their_neutral_form() {
        let all = rule(&allow_all()).unwrap();
        assert_eq!((all.protocol, all.ports), (Protocol::All, Ports::ALL));
        assert_eq!(all.peer, Peer::Block("0.0.0.0/0".parse().unwrap()));
        let https = Attributes::new()
            .with("protocol", "tcp")
            .with("from_port", 443_i64)
            .with("to_port", 443_i64);
        let of = |peer: &str, key: &str| rule(&https.clone().with(peer, key)).unwrap();
        let group = of("source_group", "sg-1");
        assert_eq!((group.protocol, group.ports), (Protocol::Tcp, Ports::HTTPS));
        assert_eq!(group.peer, Peer::Group("sg-1".into()));
        let list = of("prefix_list", "pl-1").peer;
        assert_eq!(list, Peer::PrefixList("pl-1".into()));
        assert_eq!(rule(&https), None);
        let ping = Attributes::new()
            .with("protocol", "icmp")
            .with("from_port", -1_i64)
            .with("to_port", -1_i64)
            .with("cidr_ipv6", "::/0");
        let ping = rule(&ping).unwrap();
        assert_eq!((ping.protocol, ping.ports), (Protocol::Other, Ports::ALL));
    }
}
