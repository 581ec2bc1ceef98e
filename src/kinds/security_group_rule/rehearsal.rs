//! The calls of a rule, as dry runs.

use aws_sdk_ec2::types::{IpPermission, IpRange, ResourceType, SecurityGroupRuleUpdate};

use super::form::request;
use super::key::{Direction, allow_all};
use super::same_rule;
use crate::aws::quotas::Quota;
use crate::aws::rehearsal::Rehearsals;
use crate::aws::tagging::specification;
use crate::kind::{Counted, Intent};
use crate::model::Action;

/// Which peer and ports a rule names makes no difference to the permission, and
/// they may name what does not exist yet.
fn some_permission() -> IpPermission {
    let range = IpRange::builder().cidr_ip("192.0.2.0/24").build();
    let permission = IpPermission::builder().ip_protocol("tcp");
    permission
        .from_port(443)
        .to_port(443)
        .ip_ranges(range)
        .build()
}

pub(in crate::kinds) fn rehearse(step: &Intent<'_>, direction: Direction, calls: &mut Rehearsals) {
    let ec2 = &step.aws.ec2;
    let group = step.id_in("security_group", "sg");
    let real = step.knows(&["security_group"]);
    let tags = || specification(ResourceType::SecurityGroupRule, step.tags);
    match (step.action, direction) {
        // AWS's own rule is taken over by tagging it.
        (Action::Create, Direction::Egress) if same_rule(&allow_all(), step.wanted) => {
            calls.needs(step.address, "ec2:CreateTags", "*");
        }
        (Action::Create, Direction::Ingress) => {
            let request = ec2.authorize_security_group_ingress().dry_run(true);
            let request = request.group_id(group).ip_permissions(some_permission());
            let request = request.tag_specifications(tags());
            let action = "ec2:AuthorizeSecurityGroupIngress";
            calls.dry_run(step.address, action, ("", real), request.send());
        }
        (Action::Create, Direction::Egress) => {
            let request = ec2.authorize_security_group_egress().dry_run(true);
            let request = request.group_id(group).ip_permissions(some_permission());
            let request = request.tag_specifications(tags());
            let action = "ec2:AuthorizeSecurityGroupEgress";
            calls.dry_run(step.address, action, ("", real), request.send());
        }
        (Action::Delete, Direction::Ingress) => {
            let request = ec2.revoke_security_group_ingress().dry_run(true);
            let request = request.group_id(group);
            let request = request.security_group_rule_ids(step.own_id("sgr"));
            let action = "ec2:RevokeSecurityGroupIngress";
            calls.dry_run(step.address, action, ("", real), request.send());
        }
        (Action::Delete, Direction::Egress) => {
            let request = ec2.revoke_security_group_egress().dry_run(true);
            let request = request.group_id(group);
            let request = request.security_group_rule_ids(step.own_id("sgr"));
            let action = "ec2:RevokeSecurityGroupEgress";
            calls.dry_run(step.address, action, ("", real), request.send());
        }
        _ => {
            step.rehearse_tags(calls);
            if !step.changed.is_empty() {
                let changed = SecurityGroupRuleUpdate::builder()
                    .security_group_rule_id(step.own_id("sgr"))
                    .security_group_rule(request(step.live))
                    .build();
                let request = ec2.modify_security_group_rules().dry_run(true);
                let request = request.group_id(group).security_group_rules(changed);
                let action = "ec2:ModifySecurityGroupRules";
                calls.dry_run(step.address, action, ("", real), request.send());
            }
        }
    }
}

pub(in crate::kinds) fn counts(direction: Direction) -> Vec<Counted> {
    let quota = match direction {
        Direction::Ingress => Quota::InboundRules,
        Direction::Egress => Quota::OutboundRules,
    };
    vec![Counted::within(quota, "security_group")]
}
