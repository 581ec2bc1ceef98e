//! Security groups whose rules refer to a group, which AWS then does not
//! delete.
//!
//! EC2 has no read of the rules that name a group. It has one of the groups
//! that have such rules, a call for each direction; the rules themselves stand
//! in a third.

use aws_sdk_ec2::types::{SecurityGroup, SecurityGroupRule};

use super::objects::Read;
use super::services::{GUARD_DUTY, is_guard_duty_group};
use super::sighting::{Noun, Sighting};
use crate::aws::error::on;
use crate::aws::tagging::{filter, from_ec2};
use crate::aws::{Aws, CallError};

/// A read for each direction.
pub(super) fn reads<'a>(aws: &'a Aws, id: &'a str) -> Vec<Read<'a>> {
    vec![
        Box::pin(referring(aws, id, false)),
        Box::pin(referring(aws, id, true)),
    ]
}

async fn referring(aws: &Aws, id: &str, egress: bool) -> Result<Vec<Sighting>, CallError> {
    let by = match egress {
        true => "egress.ip-permission.group-id",
        false => "ip-permission.group-id",
    };
    let request = aws.ec2.describe_security_groups();
    let pages = request.filters(filter(by, [id])).into_paginator().items();
    let groups: Result<Vec<SecurityGroup>, _> = pages.send().collect().await;
    let mut groups = groups.map_err(on("DescribeSecurityGroups"))?;
    // A group's rules about itself go with it.
    groups.retain(|group| group.group_id() != Some(id));
    let ids: Vec<&str> = groups.iter().filter_map(|it| it.group_id()).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let request = aws.ec2.describe_security_group_rules();
    let pages = request.filters(filter("group-id", ids)).into_paginator();
    let rules: Result<Vec<SecurityGroupRule>, _> = pages.items().send().collect().await;
    let rules = rules.map_err(on("DescribeSecurityGroupRules"))?;
    Ok(sighted(id, egress, &groups, &rules))
}

/// The rules of one direction that refer to a group; where a group's rules are
/// not shown, the group itself.
fn sighted(
    id: &str,
    egress: bool,
    groups: &[SecurityGroup],
    rules: &[SecurityGroupRule],
) -> Vec<Sighting> {
    let mut found = Vec::new();
    for group in groups {
        let group_id = group.group_id().unwrap_or("?");
        let name = group.group_name().unwrap_or_default();
        let of_group = |noun: Noun, id: &str, note: String| {
            // A rule is its group's: of a rule's own tags, those of this
            // program name the rule itself, and say the same of the stack.
            let mut seen = Sighting::new(noun, Some(id)).tagged(from_ec2(group.tags()));
            seen.tags.remove(crate::model::tags::NAME);
            seen.account = group.owner_id().map(str::to_owned);
            seen.service = is_guard_duty_group(name).then_some(GUARD_DUTY);
            seen.note = Some(note);
            seen
        };
        let before = found.len();
        for rule in rules {
            let refers = rule.referenced_group_info().and_then(|it| it.group_id()) == Some(id);
            let direction = rule.is_egress().unwrap_or(false) == egress;
            if rule.group_id() == Some(group_id) && refers && direction {
                let noun = Noun::Rule {
                    group: group_id.to_owned(),
                    egress,
                };
                let rule = rule.security_group_rule_id().unwrap_or("?");
                let note = format!("of security group {group_id} \"{name}\"");
                found.push(of_group(noun, rule, note));
            }
        }
        if found.len() == before {
            let note = format!("\"{name}\", by a rule");
            found.push(of_group(Noun::SecurityGroup, group_id, note));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::ReferencedSecurityGroup;

    fn rule(id: &str, group: &str, refers: &str, egress: bool) -> SecurityGroupRule {
        SecurityGroupRule::builder()
            .security_group_rule_id(id)
            .group_id(group)
            .is_egress(egress)
            .referenced_group_info(ReferencedSecurityGroup::builder().group_id(refers).build())
            .build()
    }

    #[test]
    fn only_the_rules_that_refer_to_the_group_in_this_direction_are_told() {
        let group = SecurityGroup::builder()
            .group_id("sg-2")
            .group_name("db")
            .build();
        let rules = [
            rule("sgr-1", "sg-2", "sg-1", false),
            rule("sgr-2", "sg-2", "sg-1", true),
            rule("sgr-3", "sg-2", "sg-2", false),
        ];
        let ids = |egress: bool, rules: &[SecurityGroupRule]| -> Vec<String> {
            let groups = std::slice::from_ref(&group);
            let seen = sighted("sg-1", egress, groups, rules);
            seen.into_iter().map(|it| it.id).collect()
        };
        assert_eq!(ids(false, &rules), ["sgr-1"]);
        assert_eq!(ids(true, &rules), ["sgr-2"]);
        // A rule that is not shown does not hide its group.
        assert_eq!(ids(false, &rules[1..]), ["sg-2"]);
    }
}
