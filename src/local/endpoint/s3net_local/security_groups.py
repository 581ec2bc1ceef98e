"""Security groups and their rules.

AWS: a rule is known by direction, protocol, ports and peer; the description is no part of
that, so a rule that differs only by it is an InvalidPermission.Duplicate (VPC user guide,
"Security group rules"). A call that adds several rules adds all or none, and answers with
all of them. CIDRs are stored canonically: 10.1.2.3/8 becomes 10.0.0.0/8. A rule keeps its
id when it is modified; the kind of its peer cannot change. The default group of a VPC
admits its own members and cannot be deleted; a group that an interface has or a rule of
another group names is refused with DependencyViolation.

moto: compares descriptions too, answers with the rules of the last permission only, adds
some of the rules before it refuses the next, modifies only IPv4 rules, loses descriptions of
rules that name groups, and deletes whatever it is asked to.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models.security_groups import SecurityGroup, SecurityGroupRule

from .corrections import corrects, replaces
from .refusals import Refusal
from .tags import tags_of

PROTOCOLS = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6", "all": "-1"}
MOST_RULES = 60


@replaces(SecurityGroupRule, "description", fact="Rules that name a group or a prefix list have descriptions too")
@property
def description(self: Any) -> str | None:
    """The description, wherever moto keeps it."""
    return (
        self.ip_range.get("Description")
        or self.source_group.get("Description")
        or getattr(self, "s3net_description", None)
    )


@replaces(
    SecurityGroupRule,
    "referenced_group_info",
    fact="A rule names the group with its owner's account and, where it is another, its VPC",
)
@property
def referenced_group_info(self: Any) -> dict[str, str] | None:
    """The group that the rule names."""
    if not self.source_group:
        return None
    return {
        "GroupId": self.source_group.get("GroupId"),
        "UserId": self.source_group.get("UserId") or self.ec2_backend.account_id,
    }


@replaces(SecurityGroupRule, "tags", fact="DescribeSecurityGroupRules shows the tags of rules")
@property
def rule_tags(self: Any) -> list[dict[str, str]]:
    """The tags of the rule."""
    return tags_of(self.ec2_backend, self.id)


@replaces(SecurityGroupRule, "group_owner_id", fact="A rule names the owner of its group")
@property
def group_owner_id(self: Any) -> str:
    """The account."""
    return str(self.ec2_backend.account_id)


@replaces(SecurityGroupRule, "security_group_rule_arn", fact="A rule has an ARN")
@property
def rule_arn(self: Any) -> str:
    """The ARN of the rule."""
    return f"arn:aws:ec2:{self.ec2_backend.region_name}:{self.ec2_backend.account_id}:security-group-rule/{self.id}"


def key_of(rule: Any) -> tuple[Any, ...]:
    """What AWS knows a rule by."""
    ports = (None, None) if rule.ip_protocol == "-1" else (rule.from_port, rule.to_port)
    return (
        rule.ip_protocol,
        *ports,
        rule.cidr_ipv4,
        rule.cidr_ipv6,
        rule.prefix_list_id,
        rule.source_group.get("GroupId"),
    )


@replaces(SecurityGroupRule, "__eq__", fact="Descriptions are no part of what a rule is known by")
def same_rule(self: Any, other: Any) -> bool:
    """Compares what AWS compares."""
    return isinstance(other, SecurityGroupRule) and key_of(self) == key_of(other)


SecurityGroupRule.__hash__ = object.__hash__  # type: ignore[method-assign]


def group_of(call: Any) -> SecurityGroup:
    """The group that a call names by id, or by name in the default VPC."""
    backend, identifier, name = call.ec2_backend, call._get_param("GroupId"), call._get_param("GroupName")
    if not identifier and not name:
        raise Refusal("MissingParameter", "The request must contain the parameter groupName or groupId")
    group = (
        backend.get_security_group_from_id(identifier)
        if identifier
        else backend.get_security_group_from_name(name, backend.default_vpc.id)
    )
    if group is None:
        raise Refusal("InvalidGroup.NotFound", f"The security group '{identifier or name}' does not exist")
    return group  # type: ignore[no-any-return]


def canonical(text: str, version: int) -> str:
    """A CIDR with its host bits zero."""
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise Refusal("InvalidParameterValue", f"CIDR block {text} is malformed") from None
    if network.version != version:
        raise Refusal("InvalidParameterValue", f"CIDR block {text} is malformed")
    return str(network)


def ports_of(protocol: str, start: Any, end: Any) -> tuple[int | None, int | None]:
    """The ports of a rule, checked."""
    if protocol == "-1":
        return None, None
    if protocol in ("tcp", "udp"):
        if start is None or end is None:
            raise Refusal(
                "InvalidParameterValue",
                "Invalid value for portRange. Must specify both from and to ports with TCP/UDP.",
            )
        if not (0 <= int(start) <= 65535 and 0 <= int(end) <= 65535 and int(start) <= int(end)):
            raise Refusal(
                "InvalidParameterValue", f"Invalid value for portRange. The port range {start}-{end} is invalid."
            )
    return (None if start is None else int(start)), (None if end is None else int(end))


def new_rule(backend: Any, group: Any, egress: bool, protocol: str, ports: tuple[Any, Any]) -> Any:
    """A rule without a peer."""
    # moto wants ports where there are none; the true ones are set afterwards
    rule = SecurityGroupRule(backend, protocol, group.id, "0", "0", {}, None, None, is_egress=egress, tags={})
    rule.ip_protocol = protocol
    rule.from_port, rule.to_port = ports
    return rule


def rules_from(call: Any, group: Any, egress: bool) -> Iterator[Any]:
    """The rules that a call states, in either of the two forms of the API."""
    backend = call.ec2_backend
    permissions = call._get_param("IpPermissions", []) or []
    if not permissions and call._get_param("IpProtocol"):
        permissions = [{
            "IpProtocol": call._get_param("IpProtocol"), "FromPort": call._get_param("FromPort"), "ToPort": call._get_param("ToPort"),
            "IpRanges": [{"CidrIp": call._get_param("CidrIp")}] if call._get_param("CidrIp") else [],
        }]  # fmt: skip
    for permission in permissions:
        protocol = str(permission.get("IpProtocol", "")).lower()
        protocol = PROTOCOLS.get(protocol, protocol)
        if not protocol:
            raise Refusal(
                "InvalidParameterValue",
                "Invalid value 'null' for protocol. VPC security group rules must specify protocols explicitly.",
            )
        ports = ports_of(protocol, permission.get("FromPort"), permission.get("ToPort"))
        for one in permission.get("IpRanges", []) or []:
            rule = new_rule(backend, group, egress, protocol, ports)
            rule.ip_range = described({"CidrIp": canonical(one.get("CidrIp", ""), 4)}, one)
            yield rule
        for one in permission.get("Ipv6Ranges", []) or []:
            rule = new_rule(backend, group, egress, protocol, ports)
            rule.ip_range = described({"CidrIpv6": canonical(one.get("CidrIpv6", ""), 6)}, one)
            yield rule
        for one in permission.get("UserIdGroupPairs", []) or []:
            rule = new_rule(backend, group, egress, protocol, ports)
            rule.source_group = described(pair_of(backend, group, one), one)
            yield rule
        for one in permission.get("PrefixListIds", []) or []:
            rule = new_rule(backend, group, egress, protocol, ports)
            rule.prefix_list_id = known_list(backend, one.get("PrefixListId"))
            rule.s3net_description = one.get("Description")
            yield rule


def described(peer: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """A peer with the description given for it, if any."""
    return peer | ({"Description": given["Description"]} if given.get("Description") else {})


def pair_of(backend: Any, group: Any, given: dict[str, Any]) -> dict[str, Any]:
    """The group that a rule names, which must exist."""
    identifier, name = given.get("GroupId"), given.get("GroupName")
    found = (
        backend.get_security_group_from_id(identifier)
        if identifier
        else backend.get_security_group_from_name(name, group.vpc_id)
    )
    if found is None:
        raise Refusal(
            "InvalidGroup.NotFound",
            f"You have specified two resources that belong to different networks, or the security group '{identifier or name}' does not exist",
        )
    return {"GroupId": found.id, "UserId": given.get("UserId") or backend.account_id}


def known_list(backend: Any, identifier: str | None) -> str:
    """A prefix list that a rule names, which must exist."""
    if identifier not in backend.managed_prefix_lists:
        raise Refusal("InvalidPrefixListID.NotFound", f"The prefix list ID '{identifier}' does not exist")
    return str(identifier)


def _authorize(call: Any, egress: bool) -> Any:
    group = group_of(call)
    own = group.egress_rules if egress else group.ingress_rules
    rules = list(rules_from(call, group, egress))
    if not rules:
        raise Refusal("InvalidParameterValue", "The request must contain at least one rule")
    known = {key_of(rule) for rule in own}
    for rule in rules:
        if key_of(rule) in known:
            raise Refusal(
                "InvalidPermission.Duplicate",
                f'the specified rule "peer: {peer_of(rule)}, {shown_rule(rule)}, ALLOW" already exists',
            )
        known.add(key_of(rule))
    if len(own) + len(rules) > MOST_RULES:
        raise Refusal(
            "RulesPerSecurityGroupLimitExceeded", "The maximum number of rules per security group has been reached."
        )
    tags = {
        tag["Key"]: tag.get("Value", "")
        for one in call._get_param("TagSpecifications", []) or []
        for tag in one.get("Tags", [])
    }
    for rule in rules:
        rule.add_tags(tags)
        own.append(rule)
    return ActionResult({"Return": True, "SecurityGroupRules": rules})


def peer_of(rule: Any) -> str:
    """The peer of a rule, for a message."""
    return str(rule.cidr_ipv4 or rule.cidr_ipv6 or rule.prefix_list_id or rule.source_group.get("GroupId"))


def shown_rule(rule: Any) -> str:
    """Protocol and ports of a rule, for a message."""
    if rule.ip_protocol == "-1":
        return "ALL"
    return f"{str(rule.ip_protocol).upper()}, from port: {rule.from_port}, to port: {rule.to_port}"


@corrects("ec2", "AuthorizeSecurityGroupIngress", fact="Adds all rules or none, and answers with all of them")
def authorize_ingress(call: Any, moto: Callable[[], Any]) -> Any:
    """Adds ingress rules."""
    return _authorize(call, egress=False)


@corrects("ec2", "AuthorizeSecurityGroupEgress", fact="Adds all rules or none, and answers with all of them")
def authorize_egress(call: Any, moto: Callable[[], Any]) -> Any:
    """Adds egress rules."""
    return _authorize(call, egress=True)


def _revoke(call: Any, egress: bool) -> Any:
    group = group_of(call)
    own = group.egress_rules if egress else group.ingress_rules
    named = call._get_param("SecurityGroupRuleIds", []) or []
    if named:
        known = {rule.id for rule in own}
        for identifier in named:
            if identifier not in known:
                raise Refusal(
                    "InvalidSecurityGroupRuleId.NotFound", f"The security group rule ID '{identifier}' does not exist"
                )
        gone = [rule for rule in own if rule.id in named]
    else:
        wanted = {key_of(rule): rule for rule in rules_from(call, group, egress)}
        gone = [rule for rule in own if key_of(rule) in wanted]
        if not wanted or len(gone) < len(wanted):
            raise Refusal("InvalidPermission.NotFound", "The specified rule does not exist in this security group.")
    own[:] = [rule for rule in own if rule not in gone]
    for rule in gone:
        call.ec2_backend.tags.pop(rule.id, None)
    revoked = [
        {
            "SecurityGroupRuleId": rule.id, "GroupId": group.id, "IsEgress": egress, "IpProtocol": rule.ip_protocol,
            "FromPort": -1 if rule.from_port is None else rule.from_port, "ToPort": -1 if rule.to_port is None else rule.to_port,
            "CidrIpv4": rule.cidr_ipv4, "CidrIpv6": rule.cidr_ipv6, "PrefixListId": rule.prefix_list_id,
            "ReferencedGroupId": rule.source_group.get("GroupId"), "Description": rule.description,
        }
        for rule in gone
    ]  # fmt: skip
    return ActionResult({"Return": True, "RevokedSecurityGroupRules": revoked})


@corrects("ec2", "RevokeSecurityGroupIngress", fact="Revokes by id or by what the rule is known by")
def revoke_ingress(call: Any, moto: Callable[[], Any]) -> Any:
    """Removes ingress rules."""
    return _revoke(call, egress=False)


@corrects("ec2", "RevokeSecurityGroupEgress", fact="Revokes by id or by what the rule is known by")
def revoke_egress(call: Any, moto: Callable[[], Any]) -> Any:
    """Removes egress rules."""
    return _revoke(call, egress=True)
