"""The rules by which endpoints are made and changed.

AWS (EC2 API reference, CreateVpcEndpoint and ModifyVpcEndpoint; S3 user guide, "Private DNS"):
- a route table takes one route for a service's prefix list, so a second S3 gateway endpoint
  on the same table is refused with RouteAlreadyExists;
- one subnet for each zone: DuplicateSubnetsInSameZone;
- PrivateDnsEnabled is true unless stated, needs both DNS attributes of the VPC, and clashes
  with another endpoint or private zone of the same names in the VPC;
- for S3, PrivateDnsOnlyForInboundResolverEndpoint is true unless stated, and then an S3
  gateway endpoint must be in the same VPC;
- one change at a time: OperationInProgress while an earlier one has not ended.

moto: checks none of this; ModifyVpcEndpoint leaves routes, interfaces and names as they
were, and knows neither ResetPolicy nor PrivateDnsEnabled.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult

from . import lifecycle_times
from .corrections import corrects
from .endpoint_services import private_names, types_of
from .endpoints import KIND, Endpoint, become, get, in_vpc, start
from .refusals import Refusal

LONGEST_POLICY = 20_480
ONLY_INBOUND = "PrivateDnsOnlyForInboundResolverEndpoint"


def check_policy(text: str) -> None:
    """Refuses a policy that is not one."""
    if len(text) > LONGEST_POLICY:
        raise Refusal("InvalidPolicyDocument", f"The policy exceeds {LONGEST_POLICY} characters")
    try:
        document = json.loads(text)
    except ValueError:
        raise Refusal("InvalidPolicyDocument", "The policy contains invalid Json") from None
    statements = document.get("Statement") if isinstance(document, dict) else None
    statements = [statements] if isinstance(statements, dict) else statements
    if not isinstance(statements, list) or not statements:
        raise Refusal("InvalidPolicyDocument", "The policy has no statement")
    for statement in statements:
        if not isinstance(statement, dict) or statement.get("Effect") not in ("Allow", "Deny"):
            raise Refusal("InvalidPolicyDocument", "A statement must have the effect Allow or Deny")
        if not ({"Action", "NotAction"} & set(statement)) or not ({"Resource", "NotResource"} & set(statement)):
            raise Refusal("InvalidPolicyDocument", "A statement must have an action and a resource")


@corrects(
    "ec2",
    "CreateVpcEndpoint",
    fact="CreateVpcEndpoint makes routes, interfaces and names, and refuses what AWS refuses",
)
def create_vpc_endpoint(call: Any, moto: Callable[[], Any]) -> Any:
    """Makes an endpoint, after all checks."""
    backend = call.ec2_backend
    vpc_id, service = call._get_param("VpcId"), call._get_param("ServiceName")
    kind = call._get_param("VpcEndpointType") or "Gateway"
    if vpc_id not in backend.vpcs:
        raise Refusal("InvalidVpcId.NotFound", f"The Vpc Id {vpc_id} does not exist")
    offered = types_of(service or "", call.region)
    if not offered:
        raise Refusal("InvalidServiceName", f"The Vpc Endpoint Service '{service}' does not exist")
    if kind not in offered:
        raise Refusal("InvalidParameter", f"The service {service} does not support the endpoint type {kind}")
    endpoint = Endpoint(backend, vpc_id, service, kind)
    if policy := call._get_param("PolicyDocument"):
        check_policy(policy)
        endpoint.policy_document = policy
    if address_type := call._get_param("IpAddressType"):
        endpoint.ip_address_type = address_type
    if kind == "Gateway":
        _make_gateway(call, endpoint)
    else:
        _make_interface(call, endpoint)
    for specification in call._get_param("TagSpecifications", []) or []:
        endpoint.add_tags({tag["Key"]: tag.get("Value", "") for tag in specification.get("Tags", [])})
    start(backend, endpoint)
    return ActionResult({"VpcEndpoint": endpoint, "ClientToken": call._get_param("ClientToken")})


def _make_gateway(call: Any, endpoint: Endpoint) -> None:
    backend = call.ec2_backend
    if call._get_param("SubnetIds") or call._get_param("SecurityGroupIds"):
        raise Refusal("InvalidParameter", "Gateway endpoints take neither subnets nor security groups")
    if call._get_param("PrivateDnsEnabled"):
        raise Refusal("InvalidParameter", "Private DNS can only be enabled for interface endpoints")
    endpoint.prefix_list = next(
        (one for one in backend.managed_prefix_lists.values() if one.prefix_list_name == endpoint.service_name), None
    )
    tables = list(dict.fromkeys(call._get_param("RouteTableIds", []) or []))
    check_tables(backend, endpoint, tables)
    # routes refer to the endpoint, so it must be known before they are made
    backend.vpc_end_points[endpoint.id] = endpoint
    for table in tables:
        endpoint.bind(table)


def check_tables(backend: Any, endpoint: Endpoint, tables: list[str]) -> None:
    """Refuses route tables that cannot take the endpoint's route."""
    for identifier in tables:
        table = backend.route_tables.get(identifier)
        if table is None:
            raise Refusal("InvalidRouteTableId.NotFound", f"The routeTable ID '{identifier}' does not exist")
        if table.vpc_id != endpoint.vpc_id:
            raise Refusal("InvalidParameter", f"Route table {identifier} belongs to another VPC than {endpoint.vpc_id}")
        if any(route.destination_prefix_list is endpoint.prefix_list for route in table.routes):
            raise Refusal(
                "RouteAlreadyExists",
                f"route table {identifier} already has a route with destination-prefix-list-id {endpoint.prefix_list.id}",
            )


def _make_interface(call: Any, endpoint: Endpoint) -> None:
    backend = call.ec2_backend
    if call._get_param("RouteTableIds"):
        raise Refusal("InvalidParameter", "Interface endpoints take no route tables")
    subnets = check_subnets(backend, endpoint, call._get_param("SubnetIds", []) or [])
    groups = call._get_param("SecurityGroupIds", []) or []
    check_groups(backend, endpoint, groups)
    wanted = call._get_param("PrivateDnsEnabled")
    private = True if wanted is None else bool(wanted)
    options = _options(endpoint, private, call._get_param("DnsOptions") or {})
    if private:
        check_private_dns(backend, endpoint, options)
    default = backend.get_default_security_group(endpoint.vpc_id)
    endpoint.security_group_ids = list(dict.fromkeys(groups)) or ([default.id] if default else [])
    endpoint.private_dns_enabled, endpoint.dns_options = private, options
    for subnet in subnets:
        endpoint.enter(subnet)


def _options(endpoint: Endpoint, private: bool, given: dict[str, Any]) -> dict[str, Any]:
    options = {**endpoint.dns_options, **{name: value for name, value in given.items() if value is not None}}
    if endpoint.service == "s3" and private and ONLY_INBOUND not in options:
        options[ONLY_INBOUND] = True
    return options


def check_subnets(backend: Any, endpoint: Endpoint, wanted: list[str], leaving: list[str] | None = None) -> list[Any]:
    """Refuses unknown subnets, foreign ones, and two in one zone."""
    taken = {interface.availability_zone for name, interface in endpoint.subnets.items() if name not in (leaving or [])}
    found = []
    for identifier in dict.fromkeys(wanted):
        subnet = next((zone[identifier] for zone in backend.subnets.values() if identifier in zone), None)
        if subnet is None:
            raise Refusal("InvalidSubnetId.NotFound", f"The subnet ID '{identifier}' does not exist")
        if subnet.vpc_id != endpoint.vpc_id:
            raise Refusal("InvalidParameter", f"Subnet {identifier} belongs to another VPC than {endpoint.vpc_id}")
        if subnet.availability_zone in taken:
            raise Refusal(
                "DuplicateSubnetsInSameZone",
                f"Found another VPC endpoint subnet in the availability zone of {identifier}. VPC endpoint subnets should be in different availability zones supported by the VPC endpoint service.",
            )
        taken.add(subnet.availability_zone)
        found.append(subnet)
    return found


def check_groups(backend: Any, endpoint: Endpoint, wanted: list[str]) -> None:
    """Refuses unknown and foreign groups."""
    for identifier in wanted:
        group = backend.get_security_group_from_id(identifier)
        if group is None:
            raise Refusal("InvalidSecurityGroupId.NotFound", f"The security group '{identifier}' does not exist")
        if group.vpc_id != endpoint.vpc_id:
            raise Refusal(
                "InvalidParameter", f"Security group {identifier} belongs to another VPC than {endpoint.vpc_id}"
            )


def check_private_dns(backend: Any, endpoint: Endpoint, options: dict[str, Any]) -> None:
    """Refuses private DNS where the VPC or its neighbours do not allow it."""
    vpc = backend.vpcs[endpoint.vpc_id]
    if not (vpc.enable_dns_support and vpc.enable_dns_hostnames):
        raise Refusal(
            "InvalidParameter",
            f"Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for {vpc.id}",
        )
    others = [one for one in in_vpc(backend, vpc.id) if one.id != endpoint.id and one.state != "deleting"]
    names = private_names(endpoint.service, endpoint.region)
    if any(one.private_dns_enabled and one.service_name == endpoint.service_name for one in others) or _private_zone(
        backend, vpc.id, names
    ):
        raise Refusal(
            "InvalidParameter",
            f"private-dns-enabled cannot be set because there is already a conflicting DNS domain for {names[0]} in the VPC {vpc.id}",
        )
    if (
        endpoint.service == "s3"
        and options.get(ONLY_INBOUND)
        and not any(one.vpc_endpoint_type == "Gateway" and one.service == "s3" for one in others)
    ):
        raise Refusal(
            "InvalidParameter",
            f"To set {ONLY_INBOUND} to true, the VPC {vpc.id} must have a Gateway endpoint for the service.",
        )


def _private_zone(backend: Any, vpc_id: str, names: list[str]) -> bool:
    from moto.route53.models import route53_backends

    zones = route53_backends[backend.account_id][backend.partition].zones.values()
    return any(
        zone.private_zone and zone.name.rstrip(".") in names and any(vpc.get("vpc_id") == vpc_id for vpc in zone.vpcs)
        for zone in zones
    )


@corrects(
    "ec2",
    "ModifyVpcEndpoint",
    fact="ModifyVpcEndpoint changes routes, interfaces, groups, policy and names, one change at a time",
)
def modify_vpc_endpoint(call: Any, moto: Callable[[], Any]) -> Any:
    """Changes an endpoint, after all checks."""
    backend = call.ec2_backend
    endpoint = get(backend, call._get_param("VpcEndpointId"))
    if lifecycle_times.passing(backend, endpoint.id):
        lifecycle_times.show_one(backend, endpoint.id)
        if endpoint.state == "deleting":
            raise Refusal("InvalidVpcEndpointId.NotFound", f"The Vpc Endpoint Id '{endpoint.id}' does not exist")
        raise Refusal("OperationInProgress", "VpcEndpoint modify operation in progress")

    def many(name: str) -> list[str]:
        return list(call._get_param(name, []) or [])

    gateway = endpoint.vpc_endpoint_type == "Gateway"
    foreign = (
        ("AddSubnetIds", "RemoveSubnetIds", "AddSecurityGroupIds", "RemoveSecurityGroupIds")
        if gateway
        else ("AddRouteTableIds", "RemoveRouteTableIds")
    )
    for name in foreign:
        if many(name):
            raise Refusal(
                "InvalidParameter", f"{name} cannot be used with an endpoint of type {endpoint.vpc_endpoint_type}"
            )
    policy = call._get_param("PolicyDocument")
    if policy:
        check_policy(policy)
    removed_tables = [one for one in many("RemoveRouteTableIds") if one in endpoint.route_table_ids]
    added_tables = [one for one in many("AddRouteTableIds") if one not in endpoint.route_table_ids]
    check_tables(backend, endpoint, added_tables)
    leaving = many("RemoveSubnetIds")
    entering = check_subnets(
        backend, endpoint, [one for one in many("AddSubnetIds") if one not in endpoint.subnets], leaving
    )
    check_groups(backend, endpoint, many("AddSecurityGroupIds"))
    wanted = call._get_param("PrivateDnsEnabled")
    private = endpoint.private_dns_enabled if wanted is None else bool(wanted)
    options = _options(endpoint, private, call._get_param("DnsOptions") or {})
    if private and not gateway and (private, options) != (endpoint.private_dns_enabled, endpoint.dns_options):
        check_private_dns(backend, endpoint, options)
    # everything is checked: change
    if call._get_param("ResetPolicy"):
        endpoint.policy_document = endpoint.default_policy
    elif policy:
        endpoint.policy_document = policy
    endpoint.private_dns_enabled, endpoint.dns_options = private, options
    if address_type := call._get_param("IpAddressType"):
        endpoint.ip_address_type = address_type
    for table in removed_tables:
        endpoint.unbind(table)
    for table in added_tables:
        endpoint.bind(table)
    for subnet in leaving:
        endpoint.leave(subnet)
    removed_groups = many("RemoveSecurityGroupIds")
    endpoint.security_group_ids = [
        one
        for one in dict.fromkeys(endpoint.security_group_ids + many("AddSecurityGroupIds"))
        if one not in removed_groups
    ]
    for subnet in entering:
        endpoint.enter(subnet)
    endpoint.regroup()
    if not gateway:
        endpoint.state = "pending"
        lifecycle_times.begin(
            backend, endpoint.id, "modifying_seconds", KIND, lambda: become(endpoint, "available"), shown=True
        )
    return ActionResult({"Return": True})
