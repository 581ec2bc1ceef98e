"""VPCs, subnets and internet gateways.

AWS: CIDRs are stored canonically (EC2 API reference, CreateVpc and CreateSubnet: "we modify
the specified CIDR block to its canonical form"). CreateVpc answers `pending`. A VPC takes one
internet gateway. The default group of a VPC admits its own members. DeleteVpc wants every
subnet, gateway, endpoint, group and table gone but those that came with it; DeleteSubnet
wants no interface in the subnet; a gateway is detached only when no public address of the
VPC is mapped (VPC user guide, "Delete your VPC"; EC2 API reference).

moto: keeps CIDRs as written, deletes nearly anything, and leaves what came with a VPC
behind.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models.subnets import SubnetBackend
from moto.ec2.models.vpcs import VPC, VPCBackend

from . import endpoints, lifecycle_times, nat_gateways
from .corrections import corrects, replaces
from .private_addresses import interfaces_in
from .refusals import Refusal, dependency_violation
from .security_group_life import admit_members


def _canonical(call: Any) -> None:
    text = call._get_param("CidrBlock")
    if not text:
        return
    try:
        call.params["CidrBlock"] = str(ipaddress.IPv4Network(text, strict=False))
        if "/" not in text:
            raise ValueError(text)
    except ValueError:
        raise Refusal(
            "InvalidParameterValue",
            f"Value ({text}) for parameter cidrBlock is invalid. This is not a valid CIDR block.",
        ) from None


class _Pending:
    """A new VPC as CreateVpc shows it."""

    state = "pending"

    def __init__(self, vpc: Any):
        self._vpc = vpc
        self.vpc_id = vpc.id

    def __getattr__(self, name: str) -> Any:
        return getattr(self._vpc, name)


@corrects("ec2", "CreateVpc", fact="CIDRs are stored canonically, and a new VPC is pending first")
def create_vpc(call: Any, moto: Callable[[], Any]) -> Any:
    """Makes the CIDR canonical."""
    _canonical(call)
    answer = moto()
    answer._result["Vpc"] = _Pending(answer._result["Vpc"])
    return answer


_moto_create_vpc = VPCBackend.create_vpc


@replaces(VPCBackend, "create_vpc", fact="The default group of a VPC admits its own members")
def create_vpc_with_members(self: Any, *args: Any, **kwargs: Any) -> Any:
    """Completes the default group."""
    vpc = _moto_create_vpc(self, *args, **kwargs)
    group = self.get_default_security_group(vpc.id)
    if group is not None and not group.ingress_rules:
        admit_members(self, group)
    return vpc


@corrects("ec2", "CreateSubnet", fact="CIDRs are stored canonically, /16 to /28; zones of other regions are refused")
def create_subnet(call: Any, moto: Callable[[], Any]) -> Any:
    """Checks CIDR and zone."""
    _canonical(call)
    backend = call.ec2_backend
    if call._get_param("VpcId") not in backend.vpcs:
        raise Refusal("InvalidVpcID.NotFound", f"The vpc ID '{call._get_param('VpcId')}' does not exist")
    text = call._get_param("CidrBlock")
    if text and not 16 <= ipaddress.IPv4Network(text).prefixlen <= 28:
        raise Refusal("InvalidSubnet.Range", f"The CIDR '{text}' is invalid.")
    zones = {zone.name: zone for zone in backend.describe_availability_zones()}
    wanted, wanted_id = call._get_param("AvailabilityZone"), call._get_param("AvailabilityZoneId")
    if wanted and wanted not in zones:
        raise Refusal(
            "InvalidParameterValue",
            f"Value ({wanted}) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: {', '.join(sorted(zones))}.",
        )
    if wanted_id:
        named = next((zone.name for zone in zones.values() if zone.zone_id == wanted_id), None)
        if named is None:
            raise Refusal("InvalidParameterValue", f"Value ({wanted_id}) for parameter availabilityZoneId is invalid.")
        call.params["AvailabilityZone"] = named
    if not wanted and not wanted_id:
        call.params["AvailabilityZone"] = sorted(zones)[0]
    return moto()


_moto_create_subnet = SubnetBackend.create_subnet


@replaces(
    SubnetBackend,
    "create_subnet",
    fact="Only subnets of the default VPC are default for their zone and map public addresses",
)
def create_subnet_undefaulted(self: Any, vpc_id: str, *args: Any, **kwargs: Any) -> Any:
    """moto takes the first subnet in a zone for the default one, whatever its VPC."""
    subnet = _moto_create_subnet(self, vpc_id, *args, **kwargs)
    if not self.vpcs[vpc_id].is_default:
        subnet.default_for_az = subnet.map_public_ip_on_launch = False
    return subnet


@corrects("ec2", "ModifySubnetAttribute", fact="ModifySubnetAttribute takes every attribute of launch names")
def modify_subnet_attribute(call: Any, moto: Callable[[], Any]) -> Any:
    """Sets the attributes that moto passes over."""
    subnet = call.ec2_backend.get_subnet(call._get_param("SubnetId"))
    options = subnet.private_dns_name_options_on_launch
    if kind := call._get_param("PrivateDnsHostnameTypeOnLaunch"):
        options["HostnameType"] = kind
        return ActionResult({})
    for name, key in (
        ("EnableResourceNameDnsARecordOnLaunch", "EnableResourceNameDnsARecord"),
        ("EnableResourceNameDnsAAAARecordOnLaunch", "EnableResourceNameDnsAAAARecord"),
    ):
        value = call._get_param(f"{name}.Value")
        if value is not None:
            options[key] = bool(value)
            return ActionResult({})
    value = call._get_param("EnableDns64.Value")
    if value is not None:
        subnet.enable_dns64 = bool(value)
        return ActionResult({})
    return moto()


@corrects("ec2", "DeleteSubnet", fact="A subnet with an interface in it is not deleted; its association goes with it")
def delete_subnet(call: Any, moto: Callable[[], Any]) -> Any:
    """Refuses while anything has an address in the subnet."""
    backend, identifier = call.ec2_backend, call._get_param("SubnetId")
    backend.get_subnet(identifier)
    if interfaces_in(backend, identifier):
        for kind in ("nat_gateway", "vpc_endpoint", "instance"):
            lifecycle_times.show(backend, kind)
        raise dependency_violation("subnet", identifier)
    for table in backend.route_tables.values():
        for association in [name for name, subnet in table._associations.items() if subnet == identifier]:
            del table._associations[association]
    for acl in backend.network_acls.values():
        for association in [name for name, one in acl._associations.items() if one.subnet_id == identifier]:
            del acl._associations[association]
    return moto()


@corrects("ec2", "AttachInternetGateway", fact="A VPC takes one internet gateway")
def attach_internet_gateway(call: Any, moto: Callable[[], Any]) -> Any:
    """Refuses a second gateway, and a gateway that is attached."""
    backend, vpc_id = call.ec2_backend, call._get_param("VpcId")
    gateway = backend.get_internet_gateway(call._get_param("InternetGatewayId"))
    if vpc_id not in backend.vpcs:
        raise Refusal("InvalidVpcID.NotFound", f"The vpc ID '{vpc_id}' does not exist")
    if gateway.vpc:
        raise Refusal(
            "Resource.AlreadyAssociated", f"resource {gateway.id} is already attached to network {gateway.vpc.id}"
        )
    if any(other.vpc and other.vpc.id == vpc_id for other in backend.internet_gateways.values()):
        raise Refusal("InvalidParameterValue", f"Network {vpc_id} already has an internet gateway attached")
    return moto()


@corrects("ec2", "DetachInternetGateway", fact="A gateway stays attached while public addresses of the VPC are mapped")
def detach_internet_gateway(call: Any, moto: Callable[[], Any]) -> Any:
    """Refuses while NAT gateways, Elastic IPs or instances have public addresses."""
    backend, vpc_id = call.ec2_backend, call._get_param("VpcId")
    gateway = backend.get_internet_gateway(call._get_param("InternetGatewayId"))
    if not gateway.vpc or gateway.vpc.id != vpc_id:
        raise Refusal("Gateway.NotAttached", f"resource {gateway.id} is not attached to network {vpc_id}")
    if any(interface.public_ip and interface.vpc_id == vpc_id for interface in backend.enis.values()):
        for kind in ("nat_gateway", "instance"):
            lifecycle_times.show(backend, kind)
        raise Refusal(
            "DependencyViolation",
            f"Network {vpc_id} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.",
        )
    return moto()


@corrects("ec2", "DeleteInternetGateway", fact="An attached gateway is not deleted")
def delete_internet_gateway(call: Any, moto: Callable[[], Any]) -> Any:
    """Says it in AWS's words."""
    gateway = call.ec2_backend.get_internet_gateway(call._get_param("InternetGatewayId"))
    if gateway.vpc:
        raise dependency_violation("internetGateway", gateway.id)
    return moto()


def _leftovers(backend: Any, vpc: VPC) -> bool:
    """Whether a VPC still holds anything but what came with it."""
    return bool(
        any(subnet.vpc_id == vpc.id for zone in backend.subnets.values() for subnet in zone.values())
        or any(gateway.vpc and gateway.vpc.id == vpc.id for gateway in backend.internet_gateways.values())
        or any(not group.is_default for group in backend.groups.get(vpc.id, {}).values())
        or any(table.vpc_id == vpc.id and not table.main_association_id for table in backend.route_tables.values())
        or any(acl.vpc_id == vpc.id and not _is_default(acl) for acl in backend.network_acls.values())
        or endpoints.in_vpc(backend, vpc.id)
        or nat_gateways.in_vpc(backend, vpc.id)
        or any(
            gateway.attachments.get(vpc.id) and gateway.attachments[vpc.id].state == "attached"
            for gateway in backend.vpn_gateways.values()
        )
    )


def _is_default(acl: Any) -> bool:
    return str(acl.default).lower() == "true"


@corrects(
    "ec2", "DeleteVpc", fact="A VPC goes when nothing is left in it, with its default group, main table and default ACL"
)
def delete_vpc(call: Any, moto: Callable[[], Any]) -> Any:
    """Refuses while anything is left; removes what came with the VPC."""
    backend, identifier = call.ec2_backend, call._get_param("VpcId")
    vpc = backend.vpcs.get(identifier)
    if vpc is None:
        raise Refusal("InvalidVpcID.NotFound", f"The vpc ID '{identifier}' does not exist")
    if _leftovers(backend, vpc):
        for kind in ("nat_gateway", "vpc_endpoint", "instance"):
            lifecycle_times.show(backend, kind)
        raise dependency_violation("vpc", identifier)
    gone = [table.id for table in backend.route_tables.values() if table.vpc_id == identifier]
    for one in gone:
        del backend.route_tables[one]
    acls = [acl.id for acl in backend.network_acls.values() if acl.vpc_id == identifier]
    for one in acls:
        del backend.network_acls[one]
    groups = backend.groups.pop(identifier, {})
    rules = [rule.id for group in groups.values() for rule in group.ingress_rules + group.egress_rules]
    del backend.vpcs[identifier]
    for one in [*gone, *acls, *groups, *rules, identifier]:
        backend.tags.pop(one, None)
    return ActionResult({})
