"""Changes of rules in place; `security_groups.py` says what AWS and moto do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult

from .corrections import corrects
from .refusals import Refusal
from .security_groups import (
    PROTOCOLS,
    canonical,
    described,
    group_of,
    key_of,
    known_list,
    new_rule,
    pair_of,
    peer_of,
    ports_of,
    rules_from,
    shown_rule,
)


@corrects("ec2", "ModifySecurityGroupRules", fact="Every part of a rule but the kind of its peer changes in place")
def modify_rules(call: Any, moto: Callable[[], Any]) -> Any:
    """Changes rules, all or none."""
    group, backend = group_of(call), call.ec2_backend
    changes: list[tuple[Any, Any]] = []
    for one in call._get_param("SecurityGroupRules", []) or []:
        rule = group.get_rule(one.get("SecurityGroupRuleId"))
        if rule is None:
            raise Refusal(
                "InvalidSecurityGroupRuleId.NotFound",
                f"The security group rule ID '{one.get('SecurityGroupRuleId')}' does not exist",
            )
        changes.append((rule, _changed(backend, group, rule, one.get("SecurityGroupRule") or {})))
    moved = {rule.id for rule, _ in changes}
    for rule, new in changes:
        own = group.egress_rules if rule.is_egress else group.ingress_rules
        rest = [key_of(other) for other in own if other.id not in moved] + [
            key_of(other) for first, other in changes if first is not rule and first.is_egress == rule.is_egress
        ]
        if key_of(new) in rest:
            raise Refusal(
                "InvalidPermission.Duplicate",
                f'the specified rule "peer: {peer_of(new)}, {shown_rule(new)}, ALLOW" already exists',
            )
    for rule, new in changes:
        for name in ("ip_protocol", "from_port", "to_port", "ip_range", "source_group", "prefix_list_id"):
            setattr(rule, name, getattr(new, name))
        rule.s3net_description = getattr(new, "s3net_description", None)
    return ActionResult({"Return": True})


def _changed(backend: Any, group: Any, rule: Any, wish: dict[str, Any]) -> Any:
    peers = {
        name: wish.get(name) for name in ("CidrIpv4", "CidrIpv6", "PrefixListId", "ReferencedGroupId") if wish.get(name)
    }
    if len(peers) > 1:
        raise Refusal(
            "InvalidParameterCombination",
            "Only one of cidrIp, cidrIpv6, prefixListId, or referencedGroupId can be specified",
        )
    if not peers:
        raise Refusal(
            "MissingParameter",
            "The request must contain exactly one of: cidrIp, cidrIpv6, prefixListId, or referencedGroupId",
        )
    kind, value = next(iter(peers.items()))
    before = (
        "CidrIpv4"
        if rule.cidr_ipv4
        else "CidrIpv6"
        if rule.cidr_ipv6
        else "PrefixListId"
        if rule.prefix_list_id
        else "ReferencedGroupId"
    )
    if kind != before:
        raise Refusal(
            "InvalidParameterValue",
            f"Invalid rule type for security group rule '{rule.id}'. You may not specify {kind} for an existing {before} rule.",
        )
    protocol = str(wish.get("IpProtocol", rule.ip_protocol)).lower()
    protocol = PROTOCOLS.get(protocol, protocol)
    new = new_rule(
        backend, group, rule.is_egress, protocol, ports_of(protocol, wish.get("FromPort"), wish.get("ToPort"))
    )
    told = (
        {"Description": wish["Description"]}
        if wish.get("Description") is not None
        else {"Description": rule.description}
    )
    if kind == "CidrIpv4":
        new.ip_range = described({"CidrIp": canonical(str(value), 4)}, told)
    elif kind == "CidrIpv6":
        new.ip_range = described({"CidrIpv6": canonical(str(value), 6)}, told)
    elif kind == "PrefixListId":
        new.prefix_list_id = known_list(backend, str(value))
        new.s3net_description = told["Description"]
    else:
        new.source_group = described(pair_of(backend, group, {"GroupId": value}), told)
    return new


@corrects(
    "ec2",
    "UpdateSecurityGroupRuleDescriptionsIngress",
    "UpdateSecurityGroupRuleDescriptionsEgress",
    fact="Descriptions change by rule id too",
)
def update_descriptions(call: Any, moto: Callable[[], Any]) -> Any:
    """Changes descriptions by id or by what the rule is known by."""
    group = group_of(call)
    egress = call._get_action().endswith("Egress")
    own = group.egress_rules if egress else group.ingress_rules
    changes: list[tuple[Any, str | None]] = []
    for one in call._get_param("SecurityGroupRuleDescriptions", []) or []:
        rule = next((rule for rule in own if rule.id == one.get("SecurityGroupRuleId")), None)
        if rule is None:
            raise Refusal(
                "InvalidSecurityGroupRuleId.NotFound",
                f"The security group rule ID '{one.get('SecurityGroupRuleId')}' does not exist",
            )
        changes.append((rule, one.get("Description")))
    for stated in rules_from(call, group, egress):
        rule = next((rule for rule in own if key_of(rule) == key_of(stated)), None)
        if rule is None:
            raise Refusal("InvalidPermission.NotFound", "The specified rule does not exist in this security group.")
        changes.append((rule, stated.description))
    for rule, text in changes:
        rule.ip_range.pop("Description", None)
        rule.source_group.pop("Description", None)
        rule.s3net_description = None
        place = rule.ip_range or rule.source_group
        if place:
            place["Description"] = text
        else:
            rule.s3net_description = text
    return ActionResult({"Return": True})
