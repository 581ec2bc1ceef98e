"""Filters of describe calls.

AWS: filters are joined by AND, the values of one filter by OR; `*` and `?` are wildcards
and `\\` escapes them; values are compared with regard to case; a filter that an action does
not have is refused with InvalidParameterValue (EC2 API reference, "Filter", and the page of
each action for its names).

moto: half of the filters fail the server or are ignored, and each tag filter scans the
tags of all objects. Here moto is asked without filters, and the table below does the rest.
An entry is a path of attributes, or a function that gives one value or several.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from moto.core.utils import get_value

from .refusals import Refusal

Look = Callable[[Any], Any]


def _path(path: str) -> Look:
    steps = path.split(".")

    def look(thing: Any) -> Any:
        values = [thing]
        for step in steps:
            following: list[Any] = []
            for value in values:
                found = get_value(value, step, None)
                following.extend(found if isinstance(found, (list, tuple, set)) else [found])
            values = following
        return values

    return look


def names(text: str, **special: Look) -> dict[str, Look]:
    """A table from `filter=path filter=path …` and functions; `_` in a keyword stands for `-`, `__` for `.`."""
    table: dict[str, Look] = {}
    for entry in text.split():
        name, _, path = entry.partition("=")
        table[name] = _path(path or name.replace("-", "_"))
    for name, look in special.items():
        table[name.replace("__", ".").replace("_", "-")] = look
    return table


def _rules(attribute: str) -> dict[str, Look]:
    prefix = "" if attribute == "ingress_rules" else "egress."
    getters: dict[str, Look] = {
        "cidr": lambda rule: rule.cidr_ipv4,
        "ipv6-cidr": lambda rule: rule.cidr_ipv6,
        "from-port": lambda rule: rule.from_port,
        "to-port": lambda rule: rule.to_port,
        "protocol": lambda rule: rule.ip_protocol,
        "group-id": lambda rule: rule.source_group.get("GroupId"),
        "group-name": lambda rule: rule.source_group.get("GroupName"),
        "prefix-list-id": lambda rule: rule.prefix_list_id,
        "user-id": lambda rule: rule.source_group.get("UserId"),
    }
    return {
        f"{prefix}ip-permission.{name}": (
            lambda group, getter=getter: [getter(rule) for rule in getattr(group, attribute)]
        )
        for name, getter in getters.items()
    }


def _routes(attribute: str) -> Look:
    return lambda table: [getattr(route, attribute) for route in table.routes]


def _associations(key: str) -> Look:
    return lambda table: [one.get(key) for one in table.associations]


TABLES: dict[str, tuple[str, dict[str, Look]]] = {
    "DescribeVpcs": ("Vpcs", names(
        "vpc-id=id cidr=cidr_block cidr-block=cidr_block is-default state owner-id dhcp-options-id "
        "cidr-block-association.cidr-block=cidr_block_association_set.cidr_block "
        "cidr-block-association.association-id=cidr_block_association_set.association_id "
        "cidr-block-association.state=cidr_block_association_set.cidr_block_state.state "
        "ipv6-cidr-block-association.ipv6-cidr-block=ipv6_cidr_block_association_set.cidr_block "
        "ipv6-cidr-block-association.association-id=ipv6_cidr_block_association_set.association_id "
        "ipv6-cidr-block-association.state=ipv6_cidr_block_association_set.cidr_block_state.state "
        "ipv6-cidr-block-association.ipv6-pool=ipv6_cidr_block_association_set.ipv6_pool")),
    "DescribeSubnets": ("Subnets", names(
        "subnet-id=id vpc-id availability-zone availabilityZone=availability_zone availability-zone-id availabilityZoneId=availability_zone_id "
        "available-ip-address-count cidr-block cidr=cidr_block cidrBlock=cidr_block default-for-az defaultForAz=default_for_az "
        "map-public-ip-on-launch owner-id state subnet-arn=arn ipv6-native "
        "ipv6-cidr-block-association.ipv6-cidr-block=ipv6_cidr_block_association_set.ipv6CidrBlock "
        "ipv6-cidr-block-association.association-id=ipv6_cidr_block_association_set.associationId "
        "ipv6-cidr-block-association.state=ipv6_cidr_block_association_set.ipv6CidrBlockState.state "
        "private-dns-name-options-on-launch.hostname-type=private_dns_name_options_on_launch.HostnameType")),
    "DescribeInternetGateways": ("InternetGateways", names(
        "internet-gateway-id=id owner-id attachment.vpc-id=attachments.VpcId attachment.state=attachments.State")),
    "DescribeAddresses": ("Addresses", names(
        "allocation-id association-id domain instance-id network-interface-id network-interface-owner-id private-ip-address public-ip network-border-group")),
    "DescribeNatGateways": ("NatGateways", names("nat-gateway-id=id state subnet-id vpc-id")),
    "DescribeRouteTables": ("RouteTables", names(
        "route-table-id=id vpc-id owner-id",
        association__gateway_id=_associations("GatewayId"),
        association__route_table_association_id=_associations("RouteTableAssociationId"),
        association__route_table_id=_associations("RouteTableId"),
        association__subnet_id=_associations("SubnetId"),
        association__main=_associations("Main"),
        route__destination_cidr_block=_routes("destination_cidr_block"),
        route__destination_ipv6_cidr_block=_routes("destination_ipv6_cidr_block"),
        route__destination_prefix_list_id=_routes("destination_prefix_list_id"),
        route__egress_only_internet_gateway_id=_routes("egress_only_internet_gateway_id"),
        route__gateway_id=_routes("gateway_id"),
        route__instance_id=_routes("instance_id"),
        route__nat_gateway_id=_routes("nat_gateway_id"),
        route__transit_gateway_id=_routes("transit_gateway_id"),
        route__origin=_routes("origin"),
        route__state=_routes("state"),
        route__vpc_peering_connection_id=_routes("vpc_peering_connection_id"))),
    "DescribeSecurityGroups": ("SecurityGroups", names(
        "group-id=id group-name=name description owner-id vpc-id") | _rules("ingress_rules") | _rules("egress_rules")),
    "DescribeSecurityGroupRules": ("SecurityGroupRules", names("group-id security-group-rule-id=id")),
    "DescribeVpcEndpoints": ("VpcEndpoints", names(
        "vpc-endpoint-id=id vpc-id service-name vpc-endpoint-type vpc-endpoint-state=state ip-address-type service-region=none")),
    "DescribeNetworkInterfaces": ("NetworkInterfaces", names(
        "network-interface-id=id subnet-id vpc-id availability-zone description owner-id status requester-id requester-managed mac-address "
        "interface-type private-ip-address private-dns-name source-dest-check addresses.private-ip-address=private_ip_addresses.PrivateIpAddress "
        "addresses.primary=private_ip_addresses.Primary ipv6-addresses.ipv6-address=ipv6_addresses "
        "group-id=group_set.id group-name=group_set.name "
        "attachment.instance-id=instance.id attachment.attachment-id=attachment_id attachment.status=none attachment.instance-owner-id=none "
        "association.allocation-id=association.allocationId association.association-id=association.associationId "
        "association.public-ip=association.publicIp association.ip-owner-id=association.ipOwnerId addresses.association.public-ip=association.publicIp",
        attachment__status=lambda eni: get_value(eni.attachment, "Status", None) or get_value(eni.attachment, "status", None) if eni.attachment else None,
        attachment__instance_owner_id=lambda eni: get_value(eni.attachment, "InstanceOwnerId", None) or get_value(eni.attachment, "instance_owner_id", None) if eni.attachment else None)),
    "DescribeVolumes": ("Volumes", names(
        "volume-id=id size status=volume_status volume-type availability-zone=zone.name encrypted snapshot-id create-time",
        status=lambda volume: getattr(volume, "status", None),
        attachment__instance_id=lambda volume: volume.attachment.instance.id if volume.attachment else None,
        attachment__device=lambda volume: volume.attachment.device if volume.attachment else None,
        attachment__status=lambda volume: volume.attachment.status if volume.attachment else None,
        attachment__delete_on_termination=lambda volume: getattr(volume.attachment, "delete_on_termination", None) if volume.attachment else None)),
    "DescribeManagedPrefixLists": ("PrefixLists", names("owner-id prefix-list-id prefix-list-name")),
    "DescribePrefixLists": ("PrefixLists", names("prefix-list-id=PrefixListId prefix-list-name=PrefixListName")),
    "DescribeAvailabilityZones": ("AvailabilityZones", names(
        "zone-name=name zone-id region-name state zone-type group-name opt-in-status message=messages parent-zone-id=none parent-zone-name=none "
        "group-long-name=none")),
    "DescribeTags": ("Tags", names("key=Key value=Value resource-id=ResourceId resource-type=ResourceType")),
}  # fmt: skip

INSTANCE = names(
    "instance-id=id instance-type image-id subnet-id vpc-id availability-zone private-ip-address ip-address=public_ip_address "
    "private-dns-name dns-name=public_dns_name architecture key-name owner-id root-device-name root-device-type source-dest-check "
    "instance-state-name=_state.name instance-state-code=_state.code state-reason-code=state_reason.code client-token hypervisor "
    "virtualization-type launch-time instance-lifecycle=lifecycle platform tenancy=placement.tenancy monitoring-state "
    "group-id=security_groups.id group-name=security_groups.name instance.group-id=security_groups.id instance.group-name=security_groups.name "
    "iam-instance-profile.arn=iam_instance_profile.Arn iam-instance-profile.id=iam_instance_profile.Id "
    "metadata-options.http-tokens=metadata_options.http_tokens metadata-options.http-endpoint=metadata_options.http_endpoint "
    "network-interface.network-interface-id=network_interfaces.id network-interface.subnet-id=network_interfaces.subnet_id "
    "network-interface.vpc-id=network_interfaces.vpc_id network-interface.private-dns-name=private_dns_name "
    "network-interface.addresses.private-ip-address=network_interfaces.private_ip_address network-interface.group-id=network_interfaces.group_set.id "
    "block-device-mapping.volume-id=block_device_mappings.Ebs.volume_id block-device-mapping.device-name=block_device_mappings.DeviceName "
    "product-code=product_codes"
)
TABLES["DescribeInstances"] = ("Reservations", INSTANCE)


@lru_cache(maxsize=4096)
def pattern(value: str) -> re.Pattern[str] | None:
    """The wildcard pattern of a filter value; None where it holds no wildcard."""
    if not re.search(r"[*?\\]", value):
        return None
    parts: list[str] = []
    characters = iter(value)
    for character in characters:
        if character == "\\":
            parts.append(re.escape(next(characters, "\\")))
        else:
            parts.append({"*": ".*", "?": "."}.get(character, re.escape(character)))
    return re.compile("".join(parts), re.DOTALL)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def fits(found: Any, wanted: Iterable[str]) -> bool:
    """Whether one of the found values is one of the wanted."""
    values = [_text(one) for one in (found if isinstance(found, (list, tuple, set)) else [found]) if one is not None]
    for one in wanted:
        if (wildcard := pattern(one)) is not None:
            if any(wildcard.fullmatch(value) for value in values):
                return True
        elif one in values:
            return True
    return False


class Sieve:
    """The filters of one call."""

    def __init__(self, action: str, table: dict[str, Look], filters: list[dict[str, Any]]):
        self.steps: list[tuple[Look | None, str, list[str]]] = []
        for one in filters:
            name, values = str(one.get("Name")), [str(value) for value in one.get("Values", []) or []]
            by_tag = name.startswith("tag:") or name in ("tag-key", "tag-value")
            if not by_tag and name not in table:
                raise Refusal("InvalidParameterValue", f"The filter '{name}' is invalid")
            if by_tag and action == "DescribeTags" and name == "tag-key":
                raise Refusal("InvalidParameterValue", f"The filter '{name}' is invalid")
            self.steps.append((None if by_tag else table[name], name, values))
        # cheap comparisons of tags first
        self.steps.sort(key=lambda step: step[0] is not None)

    def passes(self, thing: Any, tags: dict[str, str]) -> bool:
        """Whether an object with these tags passes all filters."""
        for look, name, values in self.steps:
            if look is not None:
                found = look(thing)
            elif name == "tag-key":
                found = list(tags)
            elif name == "tag-value":
                found = list(tags.values())
            else:
                found = tags.get(name[4:])
            if not fits(found, values):
                return False
        return True


def identifier_of(thing: Any) -> str | None:
    """The id under which the tags of an object are kept."""
    if isinstance(thing, dict):
        return thing.get("ResourceId") or thing.get("PrefixListId")
    found = getattr(thing, "id", None)
    return found if isinstance(found, str) else None


def take(action: str, call: Any) -> Sieve | None:
    """Takes the filters out of a call that this module filters; None where it does not."""
    if action not in TABLES:
        return None
    given = call.params.pop("Filters", None) or call.params.pop("Filter", None) or []
    return Sieve(action, TABLES[action][1], given)


def apply(action: str, sieve: Sieve, backend: Any, result: dict[str, Any]) -> None:
    """Keeps what passes."""
    key = TABLES[action][0]
    things = result.get(key) or []
    if not sieve.steps:
        return
    if action == "DescribeInstances":
        for reservation in things:
            reservation.instances = [
                one for one in reservation.instances if sieve.passes(one, backend.tags.get(one.id, {}))
            ]
        result[key] = [reservation for reservation in things if reservation.instances]
        return
    result[key] = [thing for thing in things if sieve.passes(thing, backend.tags.get(identifier_of(thing), {}))]
