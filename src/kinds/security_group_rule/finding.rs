//! Which live rules are ours.
//!
//! A rule with our tags is. Of the others some may become ours: AWS's own
//! allow-all egress rule, where the file wants it, and in a group that the file
//! adopts every rule that it wants. The rest are foreign.

use aws_sdk_ec2::types::{SecurityGroup, SecurityGroupRule as Described};

use super::form::{attributes, in_words, is_default_egress, same_rule};
use super::key::{ALLOW_ALL, Direction, allow_all};
use crate::aws::CallError;
use crate::aws::ownership::likely_owner;
use crate::aws::reads::address_of;
use crate::aws::tagging::from_ec2;
use crate::kind::{Foreign, Live, Scope};
use crate::model::{Address, Attributes, tags};

/// The stack's rules of one direction.
pub(in crate::kinds) async fn find(
    scope: &Scope<'_>,
    direction: Direction,
) -> Result<Vec<Live>, CallError> {
    let (groups, rules) = tokio::try_join!(
        scope.shared.security_groups(scope.aws, scope.stack),
        scope.shared.security_group_rules(scope.aws, scope.stack),
    )?;
    let egress = direction == Direction::Egress;
    let rules = rules
        .iter()
        .filter(|rule| rule.is_egress().unwrap_or(false) == egress);
    Ok(rules
        .filter_map(|rule| live(scope, &groups, rule, direction))
        .collect())
}

/// A rule of one of the stack's groups: ours, AWS's own that the file takes over,
/// or foreign. None where it is AWS's own and the file says nothing of it.
fn live(
    scope: &Scope<'_>,
    groups: &[SecurityGroup],
    rule: &Described,
    direction: Direction,
) -> Option<Live> {
    let found = from_ec2(rule.tags());
    let id = rule.security_group_rule_id()?;
    if found.get(tags::STACK).map(String::as_str) == Some(scope.stack) {
        return Some(Live::tagged(id, found, attributes(rule)));
    }
    let group = groups
        .iter()
        .find(|group| group.group_id() == rule.group_id())?;
    let group = address_of(group.tags())?;
    let claimed = claimed(rule, &group).filter(|it| scope.wanted.contains_key(it));
    let adopted = || {
        let peer = |id: &str| address_of_group(groups, id);
        adopted(scope, &attributes(rule), &group, direction, peer)
    };
    if let Some(address) = claimed.or_else(adopted) {
        return Some(Live {
            tags: found,
            ..Live::keyed(address, id, attributes(rule))
        });
    }
    if is_default_egress(rule) {
        return None;
    }
    let owner = rule.tags().iter().map(|tag| (tag.key(), tag.value()));
    let what = Foreign::new(&group, direction.noun(), in_words(&attributes(rule)));
    let foreign = Live::foreign(id, what.owned_by(likely_owner(owner)));
    Some(foreign.showing(attributes(rule)))
}

/// The wanted rule that a rule of an adopted group is. `peer` tells the stack's
/// group of an id.
fn adopted(
    scope: &Scope<'_>,
    rule: &Attributes,
    group: &Address,
    direction: Direction,
    peer: impl Fn(&str) -> Option<Address>,
) -> Option<Address> {
    scope.shared.adoptions.id_of(group)?;
    let mut wanted = scope.wanted_of("security_group", direction.label());
    let found = wanted.find(|(address, wanted)| {
        let mut inputs = wanted.inputs.clone();
        if let (Some(target), Some(id)) = (inputs.target("source_group"), rule.text("source_group"))
            && peer(id).as_ref() == Some(target)
        {
            inputs.set("source_group", id);
        }
        address.table() == *group && same_rule(&inputs, rule)
    });
    found.map(|(address, _)| address.clone())
}

fn address_of_group(groups: &[SecurityGroup], id: &str) -> Option<Address> {
    let group = groups.iter().find(|group| group.group_id() == Some(id))?;
    address_of(group.tags())
}

/// The address under which a file takes AWS's own rule over.
fn claimed(rule: &Described, group: &Address) -> Option<Address> {
    let is_ours = is_default_egress(rule) && same_rule(&allow_all(), &attributes(rule));
    is_ours.then(|| group.part(Direction::Egress.label(), ALLOW_ALL))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_takes_over_the_ipv4_rule_only() {
        let group = Address::new("security_group", "a");
        let own = Described::builder().is_egress(true).ip_protocol("-1");
        let v4 = own.clone().cidr_ipv4("0.0.0.0/0").build();
        assert_eq!(
            claimed(&v4, &group).unwrap().to_string(),
            "security_group.a/egress:all:all:0.0.0.0/0"
        );
        assert_eq!(claimed(&own.cidr_ipv6("::/0").build(), &group), None);
    }
}
