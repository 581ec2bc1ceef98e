"""Elastic IP addresses.

AWS: an associated address cannot be released: InvalidIPAddress.InUse (EC2 API reference,
ReleaseAddress); one that a NAT gateway holds answers AuthFailure with status 400, also for
DisassociateAddress, since the association belongs to AWS. Releasing another account's
address is refused likewise. For some time after a NAT gateway has gone, the release of its
address is refused although nothing holds it: with AuthFailure, InvalidIPAddress.InUse or
InvalidNetworkInterfaceID.NotFound (terraform-provider-aws #49299); here for
`release_trouble_seconds`.

moto: releases whatever it is asked to.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models import elastic_ip_addresses

from . import lifecycle_times
from .corrections import corrects, replaces
from .nat_gateways import holder_of
from .refusals import Refusal
from .settings import SETTINGS

_NOT_YOURS = ("AuthFailure", "You do not have permission to access the specified resource.")
_next = [int(ipaddress.ip_address("54.64.0.10"))]


def _public_address() -> str:
    """The next public address; no two accounts ever get the same."""
    _next[0] += 1
    return str(ipaddress.ip_address(_next[0]))


# moto draws a number at random, so that two addresses can be the same
elastic_ip_addresses.random_ip = _public_address


ElasticAddress = elastic_ip_addresses.ElasticAddress
for _name, _look in (
    ("instance_id", lambda self: self.instance.id if self.instance else None),
    ("network_interface_id", lambda self: self.eni.id if self.eni else None),
    ("public_ipv4_pool", lambda self: "amazon"),
    ("network_border_group", lambda self: self.ec2_backend.region_name),
):
    replaces(
        ElasticAddress,
        _name,
        fact="DescribeAddresses names pool and border group, and leaves out what an address does not have",
    )(property(_look))


def _find(call: Any, *, association: str | None = None) -> Any:
    backend = call.ec2_backend
    if association:
        found = next((one for one in backend.addresses if one.association_id == association), None)
        if found is None:
            raise Refusal("InvalidAssociationID.NotFound", f"The association ID '{association}' does not exist")
        return found
    if allocation := call._get_param("AllocationId"):
        found = next((one for one in backend.addresses if one.allocation_id == allocation), None)
        if found is None:
            raise Refusal("InvalidAllocationID.NotFound", f"The allocation ID '{allocation}' does not exist")
        return found
    public = call._get_param("PublicIp")
    if not public:
        raise Refusal("MissingParameter", "Either publicIp or allocationId must be specified")
    found = next((one for one in backend.addresses if one.public_ip == public), None)
    if found is None:
        raise Refusal("InvalidAddress.NotFound", f"Address '{public}' not found.")
    return found


@corrects("ec2", "ReleaseAddress", fact="An address in use cannot be released")
def release_address(call: Any, moto: Callable[[], Any]) -> Any:
    """Releases a free address."""
    backend = call.ec2_backend
    address = _find(call)
    gateway = holder_of(backend, address)
    if gateway is not None:
        lifecycle_times.show_one(backend, gateway.id)
        raise Refusal(*_NOT_YOURS)
    if address.association_id or address.eni is not None:
        lifecycle_times.show(backend, "instance")
        raise Refusal("InvalidIPAddress.InUse", f"Address {address.public_ip} is in use.")
    _still_troubled(backend, address)
    backend.addresses.remove(address)
    backend.tags.pop(address.allocation_id, None)
    return ActionResult({})


def _still_troubled(backend: Any, address: Any) -> None:
    """Refuses, in turn in three ways, for a time after the address's NAT gateway has gone."""
    let_go = getattr(address, "s3net_let_go", None)
    if let_go is None or time.monotonic() - let_go >= SETTINGS.number(backend.account_id, "release_trouble_seconds"):
        return
    turn = address.s3net_troubles = getattr(address, "s3net_troubles", 0) + 1
    interface = f"eni-{address.allocation_id.partition('-')[2]}"
    refusals = (
        _NOT_YOURS,
        ("InvalidIPAddress.InUse", f"Address {address.public_ip} is in use."),
        ("InvalidNetworkInterfaceID.NotFound", f"The networkInterface ID '{interface}' does not exist"),
    )
    raise Refusal(*refusals[(turn - 1) % len(refusals)])


@corrects("ec2", "DisassociateAddress", fact="The association of a NAT gateway's address cannot be ended by hand")
def disassociate_address(call: Any, moto: Callable[[], Any]) -> Any:
    """Refuses associations that AWS manages."""
    address = _find(call, association=call._get_param("AssociationId"))
    gateway = holder_of(call.ec2_backend, address)
    if gateway is not None:
        lifecycle_times.show_one(call.ec2_backend, gateway.id)
        raise Refusal(*_NOT_YOURS)
    return moto()


@corrects("ec2", "AssociateAddress", fact="An address that a NAT gateway holds cannot be associated elsewhere")
def associate_address(call: Any, moto: Callable[[], Any]) -> Any:
    """Refuses addresses that AWS manages; in a VPC an address moves unless the call forbids it."""
    address = _find(call)
    if holder_of(call.ec2_backend, address) is not None:
        raise Refusal(*_NOT_YOURS)
    if call._get_param("AllowReassociation") is None:
        call.params["AllowReassociation"] = True
    if call._get_param("AllowReassociation") and address.eni is not None:
        address.eni.public_ip = None
    return moto()


@corrects(
    "ec2",
    "AllocateAddress",
    fact="Every address of an account without EC2-Classic is of domain vpc; the answer names its border group and pool",
)
def allocate_address(call: Any, moto: Callable[[], Any]) -> Any:
    """Allocates for VPCs only."""
    call.params["Domain"] = "vpc"
    answer = moto()
    answer._result |= {"PublicIpv4Pool": "amazon", "NetworkBorderGroup": call.region}
    return answer
