"""Private addresses and the network interfaces that hold them.

AWS: an interface gets a free address of its subnet; the first four and the last address
of a subnet are kept back (VPC user guide, "Subnet sizing"); AvailableIpAddressCount falls
with every address in use. Interfaces of NAT gateways and endpoints belong to AWS: they are
`requester-managed`, say so in their description, and cannot be deleted by hand.

moto: addresses are random, often outside the subnet, and can clash; counting the free
addresses of a subnet looks at every interface of the account.
"""

from __future__ import annotations

import ipaddress
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.ec2.models.elastic_network_interfaces import NetworkInterface, NetworkInterfaceBackend
from moto.ec2.models.subnets import Subnet
from moto.ec2.utils import random_eni_attach_id

from . import lifecycle_times
from .corrections import corrects, replaces
from .refusals import Refusal

#: the account that AWS shows as requester of its own interfaces
AMAZON = "amazon-aws"


class InterfaceTable(dict[str, Any]):
    """All interfaces by id, with an index by subnet."""

    def __init__(self) -> None:
        super().__init__()
        self.of_subnet: dict[str, dict[str, Any]] = defaultdict(dict)

    def __setitem__(self, identifier: str, interface: Any) -> None:
        super().__setitem__(identifier, interface)
        self.of_subnet[interface.subnet.id][identifier] = interface

    def __delitem__(self, identifier: str) -> None:
        self.pop(identifier)

    def pop(self, identifier: str, *default: Any) -> Any:  # type: ignore[override]
        """Removes an interface from table and index."""
        interface = super().pop(identifier, *default)
        if interface is not None and hasattr(interface, "subnet"):
            self.of_subnet[interface.subnet.id].pop(identifier, None)
        return interface


@replaces(NetworkInterfaceBackend, "__init__", fact="Interfaces are indexed by subnet")
def make_table(self: Any) -> None:
    """Begins with an empty table."""
    self.enis = InterfaceTable()


def interfaces_in(backend: Any, subnet_id: str) -> list[Any]:
    """The interfaces of one subnet."""
    return list(backend.enis.of_subnet.get(subnet_id, {}).values())


def addresses_of(interface: Any) -> Iterator[str]:
    """Every private IPv4 address of an interface."""
    for address in interface.private_ip_addresses or []:
        yield address["PrivateIpAddress"]


def free_address(backend: Any, subnet: Any) -> str:
    """The lowest free address of a subnet."""
    used = {address for interface in interfaces_in(backend, subnet.id) for address in addresses_of(interface)}
    used |= {str(address) for address in subnet._reserved_ips} | set(subnet._subnet_ips)
    first, last = int(subnet.cidr.network_address) + 4, int(subnet.cidr.broadcast_address)
    for number in range(first, last):
        address = str(ipaddress.ip_address(number))
        if address not in used:
            return address
    raise Refusal(
        "InsufficientFreeAddressesInSubnet",
        f"There are not enough free addresses in subnet '{subnet.id}' to satisfy the requested number of instances.",
    )


@replaces(
    Subnet,
    "get_available_subnet_ip",
    fact="An instance never gets an address that an endpoint, a NAT gateway or AWS itself holds",
)
def get_available_subnet_ip(self: Any, instance: Any) -> str:
    """A free address, held for an instance until its interface is made."""
    return free_address(self.ec2_backend, self)


@replaces(Subnet, "request_ip", fact="An address outside the subnet or in use is refused, not a failure of the server")
def request_ip(self: Any, ip: str, instance: Any) -> None:
    """Checks an address that the caller chose."""
    check_address(self.ec2_backend, self, ip)


def check_address(backend: Any, subnet: Any, address: str) -> None:
    """Refuses an address outside a subnet, kept back by AWS, or in use."""
    try:
        chosen = ipaddress.ip_address(address)
    except ValueError:
        raise Refusal(
            "InvalidParameterValue",
            f"Value ({address}) for parameter privateIpAddress is invalid. Invalid IPv4 address.",
        ) from None
    first = int(subnet.cidr.network_address)
    if chosen not in subnet.cidr or int(chosen) < first + 4 or chosen == subnet.cidr.broadcast_address:
        raise Refusal("InvalidParameterValue", f"Address {address} does not fall within the subnet's address range")
    if any(address in addresses_of(interface) for interface in interfaces_in(backend, subnet.id)):
        raise Refusal("InvalidIPAddress.InUse", f"Address {address} is in use.")


@replaces(
    Subnet, "available_ip_address_count", fact="AvailableIpAddressCount is size less five less the addresses in use"
)
@property
def available_ip_address_count(self: Any) -> int:
    """Counts by the index of interfaces."""
    return int(self._available_ip_addresses) - sum(
        len(list(addresses_of(one))) for one in interfaces_in(self.ec2_backend, self.id)
    )


_moto_create = NetworkInterfaceBackend.create_network_interface


@replaces(NetworkInterfaceBackend, "create_network_interface", fact="A new interface gets a free address of its subnet")
def create_network_interface(
    self: Any, subnet: Any, private_ip_address: Any, private_ip_addresses: Any = None, *args: Any, **kwargs: Any
) -> Any:
    """Chooses the address before moto makes one up."""
    if isinstance(subnet, str):
        subnet = self.get_subnet(subnet)
    if not private_ip_address and not private_ip_addresses:
        private_ip_address = free_address(self, subnet)
    interface = _moto_create(self, subnet, private_ip_address, private_ip_addresses, *args, **kwargs)
    interface.requester_id = None
    if hasattr(interface, "private_dns_name"):
        interface.private_dns_name = dns_name(self.region_name, interface.private_ip_address)
        for address in interface.private_ip_addresses:
            address["PrivateDnsName"] = dns_name(self.region_name, address["PrivateIpAddress"])
    return interface


def dns_name(region: str, address: str, public: bool = False) -> str:
    """The name that AWS gives an address (VPC user guide, "DNS attributes for your VPC")."""
    dashed = address.replace(".", "-")
    if public:
        return (
            f"ec2-{dashed}.compute-1.amazonaws.com"
            if region == "us-east-1"
            else f"ec2-{dashed}.{region}.compute.amazonaws.com"
        )
    return f"ip-{dashed}.ec2.internal" if region == "us-east-1" else f"ip-{dashed}.{region}.compute.internal"


_moto_association = NetworkInterface.association


@replaces(
    NetworkInterface,
    "association",
    fact="An interface without a public address has no association; the public name is the region's",
)
@property
def association(self: Any) -> dict[str, Any] | None:
    """The public address of the interface."""
    if not self.public_ip:
        return None
    found = dict(_moto_association.fget(self))  # type: ignore[attr-defined]
    found["publicDnsName"] = dns_name(self.ec2_backend.region_name, self.public_ip, public=True)
    return found


def amazon_interface(backend: Any, subnet: Any, groups: list[str], kind: str, description: str) -> Any:
    """An interface that AWS makes and owns, for an endpoint or a NAT gateway."""
    interface = create_network_interface(backend, subnet, None, group_ids=groups or None, description=description)
    interface.requester_managed = True
    interface.requester_id = AMAZON
    interface.interface_type = kind
    interface.status = "in-use"
    interface.s3net_attachment = {
        "AttachmentId": random_eni_attach_id().replace("eni-attach", "ela-attach"),
        "AttachTime": utcnow(),
        "DeleteOnTermination": False,
        "DeviceIndex": 1,
        "InstanceOwnerId": AMAZON,
        "Status": "attached",
    }
    if not groups:
        interface._group_set = []
    return interface


_moto_attachment = NetworkInterface.attachment


@replaces(NetworkInterface, "attachment", fact="AWS's own interfaces show an attachment owned by amazon-aws")
@property
def attachment(self: Any) -> Any:
    """The attachment to an instance, or to AWS's own service."""
    return getattr(self, "s3net_attachment", None) or _moto_attachment.fget(self)  # type: ignore[attr-defined]


@replaces(NetworkInterface, "group_set", fact="An interface has the groups that it was given, no others")
@property
def group_set(self: Any) -> Any:
    """The groups of the interface itself."""
    return self._group_set


@corrects(
    "ec2", "CreateNetworkInterface", fact="CreateNetworkInterface refuses groups, subnets and addresses that cannot be"
)
def check_new_interface(call: Any, moto: Callable[[], Any]) -> Any:
    """Checks what moto makes up instead."""
    backend = call.ec2_backend
    subnet = backend.get_subnet(call._get_param("SubnetId"))
    for group in call._get_param("Groups", []) or []:
        if backend.get_security_group_from_id(group) is None:
            raise Refusal("InvalidGroup.NotFound", f"The security group '{group}' does not exist")
    if address := call._get_param("PrivateIpAddress"):
        check_address(backend, subnet, address)
    return moto()


@corrects("ec2", "DeleteNetworkInterface", fact="An interface in use cannot be deleted, least of all one of AWS's own")
def delete_network_interface(call: Any, moto: Callable[[], Any]) -> Any:
    """Refuses while the interface is attached."""
    backend = call.ec2_backend
    interface = backend.get_network_interface(call._get_param("NetworkInterfaceId"))
    if interface.attachment is not None:
        for kind in ("nat_gateway", "vpc_endpoint", "instance"):
            lifecycle_times.show(backend, kind)
        raise Refusal("InvalidParameterValue", f"Network interface '{interface.id}' is currently in use.")
    return moto()


@corrects("ec2", "DetachNetworkInterface", fact="The attachment of one of AWS's own interfaces cannot be ended by hand")
def detach_network_interface(call: Any, moto: Callable[[], Any]) -> Any:
    """Refuses attachments that AWS manages."""
    if str(call._get_param("AttachmentId")).startswith("ela-attach-"):
        raise Refusal("OperationNotPermitted", "You are not allowed to manage 'ela-attach' attachments.")
    return moto() or ActionResult({})
