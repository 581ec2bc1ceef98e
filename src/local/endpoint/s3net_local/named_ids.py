"""Ids that a call names, and the refusal of those that do not exist.

AWS: each kind has its own code, `InvalidVpcID.NotFound`, `NatGatewayNotFound`, and so on (EC2
API reference, "Error codes"); several unknown ids are named in one message.

moto: often has the code, but its message shows Python's notation of a set, and names the
known ids together with the unknown ones.
"""

from __future__ import annotations

from typing import Any

from moto.ec2.utils import get_prefix

from .refusals import Refusal

#: what the ids of a parameter begin with
PARAMETERS = {
    "VpcIds": "vpc", "SubnetIds": "subnet", "InternetGatewayIds": "igw", "AllocationIds": "eipalloc", "RouteTableIds": "rtb",
    "GroupIds": "sg", "NetworkInterfaceIds": "eni", "InstanceIds": "i", "VolumeIds": "vol",
}  # fmt: skip

NOT_FOUND = {
    "vpc": ("InvalidVpcID.NotFound", "The vpc ID '{}' does not exist"),
    "subnet": ("InvalidSubnetID.NotFound", "The subnet ID '{}' does not exist"),
    "igw": ("InvalidInternetGatewayID.NotFound", "The internetGateway ID '{}' does not exist"),
    "eipalloc": ("InvalidAllocationID.NotFound", "The allocation ID '{}' does not exist"),
    "nat": ("NatGatewayNotFound", "The Nat Gateway {} does not exist"),
    "rtb": ("InvalidRouteTableID.NotFound", "The routeTable ID '{}' does not exist"),
    "sg": ("InvalidGroup.NotFound", "The security group '{}' does not exist"),
    "sgr": ("InvalidSecurityGroupRuleId.NotFound", "The security group rule ID '{}' does not exist"),
    "vpce": ("InvalidVpcEndpointId.NotFound", "The Vpc Endpoint Id '{}' does not exist"),
    "i": ("InvalidInstanceID.NotFound", "The instance ID '{}' does not exist"),
    "eni": ("InvalidNetworkInterfaceID.NotFound", "The networkInterface ID '{}' does not exist"),
    "vol": ("InvalidVolume.NotFound", "The volume '{}' does not exist."),
    "pl": ("InvalidPrefixListID.NotFound", "The prefix list ID '{}' does not exist"),
}


def exists(backend: Any, identifier: str) -> bool:
    """Whether an object of one of the kinds that s3net makes exists; other kinds are taken to."""
    prefix = get_prefix(identifier)
    if prefix == "subnet":
        return any(identifier in subnets for subnets in backend.subnets.values())
    if prefix == "sg":
        return any(identifier in groups for groups in backend.groups.values())
    if prefix == "sgr":
        return any(group.get_rule(identifier) for groups in backend.groups.values() for group in groups.values())
    if prefix == "i":
        return any(
            one.id == identifier for reservation in backend.reservations.values() for one in reservation.instances
        )
    if prefix == "eipalloc":
        return any(address.allocation_id == identifier for address in backend.addresses)
    tables = {
        "vpc": backend.vpcs, "igw": backend.internet_gateways, "nat": backend.nat_gateways, "rtb": backend.route_tables,
        "vpce": backend.vpc_end_points, "eni": backend.enis, "vol": backend.volumes, "pl": backend.managed_prefix_lists,
    }  # fmt: skip
    if prefix in tables:
        return identifier in tables[prefix]
    return bool(prefix)


def check(backend: Any, *identifiers: str) -> None:
    """Refuses ids that do not exist."""
    missing = [one for one in identifiers if not exists(backend, one)]
    if missing:
        code, text = NOT_FOUND.get(get_prefix(missing[0]), ("InvalidID", "The ID '{}' is not valid"))
        if len(missing) > 1:
            text = text.replace(" ID '", " IDs '").replace("does not", "do not")
        raise Refusal(code, text.format(", ".join(missing)))


def check_described(action: str, call: Any, backend: Any) -> None:
    """Checks the ids that a describe call names."""
    if not action.startswith("Describe"):
        return
    for name, prefix in PARAMETERS.items():
        named = [one for one in call.params.get(name) or [] if isinstance(one, str)]
        for one in named:
            if not one.startswith(prefix + "-"):
                raise Refusal(NOT_FOUND[prefix][0], NOT_FOUND[prefix][1].format(one))
        check(backend, *named)
