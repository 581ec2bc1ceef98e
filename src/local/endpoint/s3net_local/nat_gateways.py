"""NAT gateways.

AWS: a new gateway is `pending`, then `available` or `failed` with a failureCode. Failures
arrive late, in the state, not as an error of the call: no internet gateway on the VPC
(Gateway.NotAttached), an Elastic IP already in use (Resource.AlreadyAssociated). A deleted
gateway is `deleting`, holding its interface and Elastic IP, then `deleted`: the Elastic IP
is free but not released, and routes to the gateway stay as `blackhole`. Deleted and failed
gateways are described for about an hour (VPC user guide, "Work with NAT gateways" and
"Troubleshoot NAT gateways"; EC2 API reference, NatGateway).

moto: a gateway is available at once whatever its VPC lacks, deleted at once, its interface
is an ordinary one with an address from nowhere, and it keeps its Elastic IP for ever.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.ec2.models.core import TaggedEC2Resource
from moto.ec2.utils import random_eip_association_id, random_nat_gateway_id

from . import lifecycle_times, outcomes
from .corrections import corrects
from .private_addresses import amazon_interface, check_address
from .refusals import Refusal
from .tags import tags_of

KIND = "nat_gateway"


class NatGateway(TaggedEC2Resource):
    """One gateway; its attributes bear the names of the API's answer."""

    def __init__(self, backend: Any, subnet: Any, address: Any, connectivity: str):
        self.ec2_backend = backend
        self.id = random_nat_gateway_id()
        self.subnet_id = subnet.id
        self.vpc_id = subnet.vpc_id
        self.connectivity_type = connectivity
        self.availability_mode = "zonal"
        self.state = "pending"
        self.create_time = utcnow()
        self.delete_time: Any = None
        self.failure_code: str | None = None
        self.failure_message: str | None = None
        self.address = address
        self.interface: Any = None
        self.nat_gateway_addresses: list[dict[str, Any]] = []

    @property
    def nat_gateway_id(self) -> str:
        """The id under its name in the API."""
        return self.id

    @property
    def tags(self) -> list[dict[str, str]]:
        """The tags of the gateway."""
        return tags_of(self.ec2_backend, self.id)

    @property
    def alive(self) -> bool:
        """Whether it still holds its subnet, interface and Elastic IP."""
        return self.interface is not None


def in_vpc(backend: Any, vpc_id: str) -> list[NatGateway]:
    """The gateways that hold something in a VPC."""
    return [gateway for gateway in backend.nat_gateways.values() if gateway.vpc_id == vpc_id and gateway.alive]


def holder_of(backend: Any, address: Any) -> NatGateway | None:
    """The gateway that holds an Elastic IP."""
    return next(
        (gateway for gateway in backend.nat_gateways.values() if gateway.alive and gateway.address is address), None
    )


@corrects(
    "ec2",
    "CreateNatGateway",
    fact="A NAT gateway is pending first, and fails late for want of an internet gateway or a free Elastic IP",
    source="VPC user guide, NAT gateways",
)
def create_nat_gateway(call: Any, moto: Callable[[], Any]) -> Any:
    """Makes a gateway."""
    backend = call.ec2_backend
    subnet_id = call._get_param("SubnetId")
    if not subnet_id:
        raise Refusal("MissingParameter", "The request must contain the parameter subnetId")
    subnet = backend.get_subnet(subnet_id)
    connectivity = call._get_param("ConnectivityType") or "public"
    allocation = call._get_param("AllocationId")
    if connectivity == "public" and not allocation:
        raise Refusal("MissingParameter", "The request must contain the parameter AllocationId")
    if connectivity == "private" and allocation:
        raise Refusal("InvalidParameterCombination", "AllocationId cannot be specified for a private NAT gateway")
    address = next((one for one in backend.addresses if one.allocation_id == allocation), None) if allocation else None
    if allocation and address is None:
        raise Refusal("InvalidAllocationID.NotFound", f"The allocation ID '{allocation}' does not exist")
    if wanted := call._get_param("PrivateIpAddress"):
        check_address(backend, subnet, wanted)
    gateway = NatGateway(backend, subnet, address, connectivity)
    backend.nat_gateways[gateway.id] = gateway
    for specification in call._get_param("TagSpecifications", []) or []:
        gateway.add_tags({tag["Key"]: tag.get("Value", "") for tag in specification.get("Tags", [])})
    ordered = outcomes.take()
    failure = (ordered.code, ordered.message) if ordered else _failure(backend, gateway)
    if failure is None:
        _hold(backend, gateway, subnet)
        lifecycle_times.begin(
            backend, gateway.id, "pending_seconds", KIND, lambda: _become(gateway, "available"), shown=True
        )
    else:
        gateway.address = None
        gateway.nat_gateway_addresses = (
            [{"AllocationId": allocation, "IsPrimary": True, "Status": "failed"}] if allocation else []
        )
        lifecycle_times.begin(
            backend, gateway.id, "pending_seconds", KIND, lambda: _fail(backend, gateway, failure), shown=True
        )
    return ActionResult({"NatGateway": gateway, "ClientToken": call._get_param("ClientToken")})


def _failure(backend: Any, gateway: NatGateway) -> tuple[str, str] | None:
    if gateway.connectivity_type != "public":
        return None
    if not any(igw.vpc and igw.vpc.id == gateway.vpc_id for igw in backend.internet_gateways.values()):
        return "Gateway.NotAttached", f"Network {gateway.vpc_id} has no Internet gateway attached"
    if gateway.address.association_id:
        return (
            "Resource.AlreadyAssociated",
            f"Elastic IP address [{gateway.address.allocation_id}] is already associated",
        )
    return None


def _hold(backend: Any, gateway: NatGateway, subnet: Any) -> None:
    gateway.interface = amazon_interface(backend, subnet, [], "nat_gateway", f"Interface for NAT Gateway {gateway.id}")
    shown = {
        "NetworkInterfaceId": gateway.interface.id,
        "PrivateIp": gateway.interface.private_ip_address,
        "IsPrimary": True,
        "Status": "succeeded",
    }
    if gateway.address is not None:
        address = gateway.address
        address.eni, address.instance = gateway.interface, None
        address.association_id = random_eip_association_id()
        gateway.interface.public_ip = address.public_ip
        shown |= {
            "AllocationId": address.allocation_id,
            "PublicIp": address.public_ip,
            "AssociationId": address.association_id,
        }
    gateway.nat_gateway_addresses = [shown]


def _become(gateway: NatGateway, state: str) -> None:
    gateway.state = state


def _fail(backend: Any, gateway: NatGateway, failure: tuple[str, str]) -> None:
    gateway.state = "failed"
    gateway.failure_code, gateway.failure_message = failure
    gateway.delete_time = utcnow()
    _begin_tombstone(backend, gateway)


def _begin_tombstone(backend: Any, gateway: NatGateway) -> None:
    def vanish() -> None:
        backend.nat_gateways.pop(gateway.id, None)
        backend.tags.pop(gateway.id, None)

    lifecycle_times.begin(backend, gateway.id, "tombstone_seconds", KIND, vanish, shown=True)


def _let_go(backend: Any, gateway: NatGateway) -> None:
    if gateway.address is not None and gateway.address.eni is gateway.interface:
        gateway.address.eni = gateway.address.instance = gateway.address.association_id = None
        gateway.address.s3net_let_go = time.monotonic()
    if gateway.interface is not None:
        backend.enis.pop(gateway.interface.id, None)
        backend.tags.pop(gateway.interface.id, None)
    gateway.interface = None
    gateway.state = "deleted"
    gateway.delete_time = gateway.delete_time or utcnow()
    _begin_tombstone(backend, gateway)


@corrects(
    "ec2",
    "DeleteNatGateway",
    fact="A NAT gateway is deleting before it is deleted, and only then lets go of its Elastic IP",
)
def delete_nat_gateway(call: Any, moto: Callable[[], Any]) -> Any:
    """Begins to delete a gateway; deleting a deleted one again is no error, as in AWS."""
    backend = call.ec2_backend
    gateway = _get(backend, call._get_param("NatGatewayId"))
    if gateway.state not in ("deleting", "deleted"):
        gateway.state = "deleting"
        gateway.delete_time = utcnow()
        lifecycle_times.begin(
            backend, gateway.id, "deleting_seconds", KIND, lambda: _let_go(backend, gateway), shown=False
        )
    return ActionResult({"NatGatewayId": gateway.id})


def _get(backend: Any, identifier: str) -> NatGateway:
    found: NatGateway | None = backend.nat_gateways.get(identifier)
    if found is None:
        raise Refusal("NatGatewayNotFound", f"The Nat Gateway {identifier} was not found")
    return found


@corrects("ec2", "DescribeNatGateways", fact="DescribeNatGateways refuses unknown ids")
def describe_nat_gateways(call: Any, moto: Callable[[], Any]) -> Any:
    """All gateways or the named ones."""
    backend = call.ec2_backend
    wanted = call._get_param("NatGatewayIds", []) or list(backend.nat_gateways)
    return ActionResult({"NatGateways": [_get(backend, identifier) for identifier in wanted]})
