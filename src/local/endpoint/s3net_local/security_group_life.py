"""Making, showing and deleting security groups; `security_groups.py` has their rules.

AWS and moto: see there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models.security_groups import GroupedSecurityRuleView, SecurityGroup, SecurityGroupBackend

from . import lifecycle_times
from .corrections import corrects, replaces
from .refusals import Refusal
from .security_groups import group_of, new_rule
from .tags import tags_of


@replaces(
    SecurityGroup,
    "_flattened_rules",
    fact="DescribeSecurityGroups groups rules by protocol and ports, with descriptions of all peers",
)
def flattened(self: Any, rules: list[Any]) -> list[Any]:
    """The rules in the older form of the API."""
    views: dict[Any, Any] = {}
    for rule in rules:
        key = (rule.ip_protocol, rule.from_port, rule.to_port)
        view = views.setdefault(key, GroupedSecurityRuleView(rule.from_port, rule.to_port, rule.ip_protocol))
        if rule.ip_range:
            view.all_ip_ranges.append(rule.ip_range)
        if rule.source_group:
            view.source_groups.append(rule.source_group)
        if rule.prefix_list_id:
            view.prefix_list_ids.append({"PrefixListId": rule.prefix_list_id, "Description": rule.description})
    return list(views.values())


@replaces(
    SecurityGroupBackend, "get_security_group_from_id", fact="Finding a group by id takes no longer when there are many"
)
def get_security_group_from_id(self: Any, group_id: str) -> Any:
    """Looks into the tables by id."""
    return next((groups[group_id] for groups in self.groups.values() if group_id in groups), None)


@corrects(
    "ec2", "CreateSecurityGroup", fact="CreateSecurityGroup answers with tags, and refuses names that AWS refuses"
)
def create_security_group(call: Any, moto: Callable[[], Any]) -> Any:
    """Checks the name, the description and the VPC."""
    backend, name, vpc_id = call.ec2_backend, str(call._get_param("GroupName") or ""), call._get_param("VpcId")
    if vpc_id and vpc_id not in backend.vpcs:
        raise Refusal("InvalidVpcID.NotFound", f"The vpc ID '{vpc_id}' does not exist")
    if name.lower().startswith("sg-") or not 1 <= len(name) <= 255:
        raise Refusal(
            "InvalidParameterValue",
            f"Invalid value '{name}' for groupName. Group names may not be in the format sg-* and have 1 to 255 characters",
        )
    if name == "default":
        raise Refusal("InvalidParameterValue", "Cannot use reserved security group name: default")
    target = vpc_id or backend.default_vpc.id
    if any(group.name == name for group in backend.groups.get(target, {}).values()):
        raise Refusal("InvalidGroup.Duplicate", f"The security group '{name}' already exists for VPC '{target}'")
    answer = moto()
    answer._result["Tags"] = tags_of(backend, answer._result["GroupId"])
    return answer


@corrects("ec2", "DeleteSecurityGroup", fact="A group in use, named by another group, or default is not deleted")
def delete_security_group(call: Any, moto: Callable[[], Any]) -> Any:
    """Refuses while anything depends on the group."""
    backend, group = call.ec2_backend, group_of(call)
    if group.is_default:
        raise Refusal("CannotDelete", f'the specified group: "{group.id}" name: "default" cannot be deleted by a user')
    held = any(
        any(one is group or one.id == group.id for one in interface._group_set) for interface in backend.enis.values()
    )
    named = any(
        rule.source_group.get("GroupId") == group.id
        for other in backend.groups.get(group.vpc_id, {}).values()
        if other is not group
        for rule in other.ingress_rules + other.egress_rules
    )
    if held or named:
        for kind in ("vpc_endpoint", "instance"):
            lifecycle_times.show(backend, kind)
        raise Refusal("DependencyViolation", f"resource {group.id} has a dependent object")
    for rule in group.ingress_rules + group.egress_rules:
        backend.tags.pop(rule.id, None)
    backend.groups[group.vpc_id].pop(group.id)
    backend.tags.pop(group.id, None)
    return ActionResult({"Return": True, "GroupId": group.id})


@corrects(
    "ec2",
    "DescribeSecurityGroupRules",
    fact="DescribeSecurityGroupRules finds rules by id and shows missing ports as -1",
)
def describe_rules(call: Any, moto: Callable[[], Any]) -> Any:
    """All rules or the named ones."""
    backend = call.ec2_backend
    wanted = call._get_param("SecurityGroupRuleIds", []) or []
    rules = {
        rule.id: rule
        for groups in backend.groups.values()
        for group in groups.values()
        for rule in group.ingress_rules + group.egress_rules
    }
    for identifier in wanted:
        if identifier not in rules:
            raise Refusal(
                "InvalidSecurityGroupRuleId.NotFound", f"The security group rule ID '{identifier}' does not exist"
            )
    return ActionResult({"SecurityGroupRules": [_Shown(rules[identifier]) for identifier in wanted or rules]})


class _Shown:
    """A rule as DescribeSecurityGroupRules shows it."""

    def __init__(self, rule: Any):
        self._rule = rule
        self.from_port = -1 if rule.from_port is None else rule.from_port
        self.to_port = -1 if rule.to_port is None else rule.to_port
        self.security_group_rule_id = rule.id

    def __getattr__(self, name: str) -> Any:
        return getattr(self._rule, name)


def admit_members(backend: Any, group: Any) -> None:
    """Gives a default group the rule that admits its own members."""
    rule = new_rule(backend, group, False, "-1", (None, None))
    rule.source_group = {"GroupId": group.id, "UserId": backend.account_id}
    group.ingress_rules.append(rule)
