//! What ingress and egress rules of a security group share: not a kind, but
//! what the two kinds `security_group_ingress_rule` and
//! `security_group_egress_rule` are made of.
//!
//! A rule is an object of its own with an id (`sgr-…`) and tags. All of it but
//! its group and the sort of its peer changes in place by
//! ModifySecurityGroupRules, so that nothing is ever closed and opened again.
//!
//! ```text
//! Authorize ─► sgr-… with our tags
//!     └─ InvalidPermission.Duplicate ─► find it, tag it, go on
//! ```
//!
//! Rules without our tags are foreign, shown and never touched, but for one: AWS puts
//! an allow-all egress rule into every new group. A file that wants it takes it
//! over; for one that does not, the group itself turns it off.

mod finding;
pub(super) mod form;
pub(super) mod key;
mod peer;
mod ports;
pub(super) mod rehearsal;
pub(super) mod standing;
pub(super) mod telling;

use aws_sdk_ec2::types::{ResourceType, SecurityGroupRule as Described, SecurityGroupRuleUpdate};

pub(super) use self::finding::find;
use self::form::{attributes, is_default_egress, permission, request, same_rule};
use self::key::{Direction, allow_all};
use crate::aws::tagging::{filter, retag_ec2, specification};
use crate::aws::{Aws, Call, CallError, Creation, Made, Seen, on};
use crate::kind::{Change, Default, Field, Type};
use crate::model::Attributes;
use crate::model::tags::TagChange;

/// The fields of a rule in either direction.
pub(super) const FIELDS: &[Field] = &[
    Field::new(
        "security_group",
        Type::reference(&["security_group"], &["sg-"]),
        "The group that has it.",
    )
    .required()
    .replaces("AWS cannot move a rule to another group"),
    Field::new(
        "protocol",
        Type::Text,
        "tcp, udp, icmp, icmpv6, all, or a number.",
    )
    .required(),
    Field::new(
        "from_port",
        Type::Integer(-1, 65535),
        "The first port; for ICMP the type, -1 for all.",
    ),
    Field::new(
        "to_port",
        Type::Integer(-1, 65535),
        "The last port; for ICMP the code, -1 for all.",
    ),
    Field::new(
        "cidr_ipv4",
        Type::Cidr4(0, 32),
        "The other side, an IPv4 block.",
    ),
    Field::new("cidr_ipv6", Type::Cidr, "The other side, an IPv6 block."),
    Field::new("prefix_list", Type::Text, "The other side, a prefix list."),
    Field::new(
        "source_group",
        Type::reference(&["security_group"], &["sg-"]),
        "The other side, the members of a group.",
    ),
    Field::new("description", Type::Text, "A note.").default(Default::Text("")),
];

/// AWS's answer where a group has the rule already.
const DUPLICATE: &[&str] = &["InvalidPermission.Duplicate"];

/// The fields of which a rule has exactly one.
const PEERS: &[&str] = &["cidr_ipv4", "cidr_ipv6", "prefix_list", "source_group"];

/// Whether a live rule can become the wanted one by an update in place.
pub(super) fn pairs(wanted: &Attributes, live: &Attributes) -> bool {
    let group = wanted.text("security_group");
    let has = |rule: &Attributes, peer: &str| rule.get(peer).is_some();
    group.is_some()
        && group == live.text("security_group")
        && PEERS
            .iter()
            .all(|peer| has(wanted, peer) == has(live, peer))
}

/// Adds a rule, or takes over the one that AWS has already; gives its id.
pub(super) async fn create(
    call: &Call<'_>,
    inputs: &Attributes,
    direction: Direction,
) -> Result<String, CallError> {
    let group = group_of(inputs)?;
    // AWS's own rule is there from the start.
    if direction == Direction::Egress
        && same_rule(&allow_all(), inputs)
        && let Some(found) = twin(call.aws, group, inputs, direction).await?
    {
        return take_over(call, &found, inputs).await;
    }
    let create = || async {
        call.once_known("the security groups to be known", || async {
            authorize(call, group, inputs, direction).await
        })
        .await
    };
    let look = || async {
        let found = twin(call.aws, group, inputs, direction).await?;
        let id = found.and_then(|rule| rule.security_group_rule_id);
        Ok(id.into_iter().collect())
    };
    let creation = Creation {
        what: "the rule",
        taken: DUPLICATE,
    };
    match call.create_once(creation, create, look).await {
        Ok(Made::New(id)) => return Ok(id),
        Ok(Made::Found(_)) => {}
        // It is there, though no look shows it yet.
        Err(error) if error.is(DUPLICATE) => {}
        Err(error) => return Err(error),
    }
    let found = call
        .wait_for("the rule to be known", call.aws.patience(), || async {
            let found = twin(call.aws, group, inputs, direction).await?;
            Ok(found.map_or(Seen::Pending("not yet seen".into()), Seen::Ready))
        })
        .await?;
    take_over(call, &found, inputs).await
}

async fn authorize(
    call: &Call<'_>,
    group: &str,
    inputs: &Attributes,
    direction: Direction,
) -> Result<String, CallError> {
    let tags = specification(ResourceType::SecurityGroupRule, &call.marked_tags());
    let ec2 = &call.aws.ec2;
    let added = match direction {
        Direction::Ingress => {
            ec2.authorize_security_group_ingress()
                .group_id(group)
                .ip_permissions(permission(inputs))
                .tag_specifications(tags)
                .send()
                .await
                .map_err(on("AuthorizeSecurityGroupIngress"))?
                .security_group_rules
        }
        Direction::Egress => {
            ec2.authorize_security_group_egress()
                .group_id(group)
                .ip_permissions(permission(inputs))
                .tag_specifications(tags)
                .send()
                .await
                .map_err(on("AuthorizeSecurityGroupEgress"))?
                .security_group_rules
        }
    };
    added
        .unwrap_or_default()
        .into_iter()
        .find_map(|rule| rule.security_group_rule_id)
        .ok_or_else(|| CallError::internal("AuthorizeSecurityGroup gave no rule id"))
}

/// The rule of the group that AWS takes for the wanted one.
async fn twin(
    aws: &Aws,
    group: &str,
    inputs: &Attributes,
    direction: Direction,
) -> Result<Option<Described>, CallError> {
    let rules = rules_of(aws, group).await?;
    let egress = direction == Direction::Egress;
    Ok(rules.into_iter().find(|rule| {
        rule.is_egress().unwrap_or(false) == egress && same_rule(inputs, &attributes(rule))
    }))
}

/// Every rule of a group; none where AWS does not know the group yet.
async fn rules_of(aws: &Aws, group: &str) -> Result<Vec<Described>, CallError> {
    let rules = aws
        .ec2
        .describe_security_group_rules()
        .filters(filter("group-id", [group]))
        .into_paginator()
        .items()
        .send()
        .collect::<Result<Vec<_>, _>>()
        .await
        .map_err(on("DescribeSecurityGroupRules"));
    match rules {
        Err(error) if error.is_not_found() => Ok(Vec::new()),
        other => other,
    }
}

/// Puts our tags and the wanted description on a rule.
async fn take_over(
    call: &Call<'_>,
    found: &Described,
    inputs: &Attributes,
) -> Result<String, CallError> {
    let id = found
        .security_group_rule_id()
        .ok_or_else(|| CallError::internal("DescribeSecurityGroupRules gave no id"))?;
    if attributes(found).text("description") != inputs.text("description") {
        modify(call, id, inputs).await?;
    }
    let change = TagChange {
        set: call.tags.clone(),
        remove: Vec::new(),
    };
    retag_ec2(call, id, &change).await?;
    Ok(id.to_owned())
}

/// Changes a rule in place.
pub(super) async fn update(
    call: &Call<'_>,
    id: &str,
    change: &Change,
) -> Result<String, CallError> {
    if !change.fields.is_empty() {
        modify(call, id, &change.after).await?;
    }
    Ok(id.to_owned())
}

async fn modify(call: &Call<'_>, id: &str, wanted: &Attributes) -> Result<(), CallError> {
    let group = group_of(wanted)?;
    let rule = SecurityGroupRuleUpdate::builder()
        .security_group_rule_id(id)
        .security_group_rule(request(wanted))
        .build();
    call.once_known("the security groups to be known", || async {
        let request = call.aws.ec2.modify_security_group_rules();
        let request = request.group_id(group).security_group_rules(rule.clone());
        request.send().await.map_err(on("ModifySecurityGroupRules"))
    })
    .await?;
    Ok(())
}

/// Removes a rule. One that went with its group is gone too.
pub(super) async fn delete(
    call: &Call<'_>,
    id: &str,
    live: &Attributes,
    direction: Direction,
) -> Result<(), CallError> {
    let group = group_of(live)?;
    let ec2 = &call.aws.ec2;
    let removed = match direction {
        Direction::Ingress => ec2
            .revoke_security_group_ingress()
            .group_id(group)
            .security_group_rule_ids(id)
            .send()
            .await
            .map(|_| ())
            .map_err(on("RevokeSecurityGroupIngress")),
        Direction::Egress => ec2
            .revoke_security_group_egress()
            .group_id(group)
            .security_group_rule_ids(id)
            .send()
            .await
            .map(|_| ())
            .map_err(on("RevokeSecurityGroupEgress")),
    };
    match removed {
        Err(error) if error.is_not_found() => Ok(()),
        other => other,
    }
}

/// Removes AWS's own allow-all rule, which a group of a VPC with IPv6 has for
/// each version. A group that was just made has it for certain, although
/// DescribeSecurityGroupRules may not show it yet, so it is revoked unseen.
pub(super) async fn turn_off_default_egress(call: &Call<'_>, group: &str) -> Result<(), CallError> {
    let ec2 = &call.aws.ec2;
    let revoked = call
        .once_known("the security group to be known", || async {
            let request = ec2.revoke_security_group_egress().group_id(group);
            let request = request.ip_permissions(permission(&allow_all()));
            request
                .send()
                .await
                .map_err(on("RevokeSecurityGroupEgress"))
        })
        .await;
    match revoked {
        Ok(_) => {}
        Err(error) if error.is(&["InvalidPermission.NotFound"]) => {}
        Err(error) => return Err(error),
    }
    let rules = rules_of(call.aws, group).await?;
    let rest: Vec<String> = rules
        .iter()
        .filter(|rule| rule.cidr_ipv6().is_some() && is_default_egress(rule))
        .filter_map(|rule| rule.security_group_rule_id().map(str::to_owned))
        .collect();
    if rest.is_empty() {
        return Ok(());
    }
    let request = ec2.revoke_security_group_egress().group_id(group);
    let request = request.set_security_group_rule_ids(Some(rest));
    match request
        .send()
        .await
        .map_err(on("RevokeSecurityGroupEgress"))
    {
        Ok(_) => Ok(()),
        Err(error) if error.is_not_found() => Ok(()),
        Err(error) => Err(error),
    }
}

fn group_of(attributes: &Attributes) -> Result<&str, CallError> {
    attributes
        .text("security_group")
        .ok_or_else(|| CallError::internal("a rule lacks its security group"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Value;

    #[test]
    fn rules_pair_within_group_and_sort_of_peer() {
        let live = allow_all().with("security_group", "sg-1");
        let https = Attributes::new()
            .with("security_group", "sg-1")
            .with("protocol", "tcp")
            .with("cidr_ipv4", "10.0.0.0/8");
        assert!(pairs(&https, &live));
        assert!(!pairs(&https.clone().with("security_group", "sg-2"), &live));
        let unknown = https.clone().with("security_group", Value::Unknown);
        assert!(!pairs(&unknown, &live));
        let mut other = https;
        other.0.remove("cidr_ipv4");
        assert!(!pairs(&other.with("source_group", "sg-3"), &live));
    }
}
