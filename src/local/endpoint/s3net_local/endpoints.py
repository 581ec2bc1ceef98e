"""VPC endpoints: their data, their life and their describe call; `endpoint_changes.py` has the rules of change.

AWS: a gateway endpoint puts a prefix-list route into each of its route tables. An interface
endpoint has one interface in each of its subnets, and names under
`vpce-ID-SUFFIX.SERVICE.REGION.vpce.amazonaws.com`, first the regional one, then one for each
zone, each with the hosted zone to alias to; S3's names begin with `*.` (S3 user guide, "AWS
PrivateLink for Amazon S3"). A new interface endpoint is `pending`; a deleted one is
`deleting`, holding its subnets and groups, and then is not found (EC2 API reference,
VpcEndpoint). Without groups it gets the default group of the VPC.

moto: endpoints are available and deleted at once, their interfaces are ordinary ones with
addresses from nowhere, there is one made-up name, and deleted endpoints stay for ever.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.ec2.models.core import TaggedEC2Resource
from moto.ec2.utils import random_vpc_ep_id
from moto.moto_api._internal import mock_random as random

from . import lifecycle_times, outcomes
from .corrections import corrects
from .endpoint_services import hosted_zone_of, private_names
from .private_addresses import amazon_interface
from .refusals import Refusal
from .tags import tags_of
from .visibility import hidden

KIND = "vpc_endpoint"

GATEWAY_POLICY = json.dumps(
    {"Version": "2008-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]},
    separators=(",", ":"),
)
INTERFACE_POLICY = json.dumps(
    {"Statement": [{"Action": "*", "Effect": "Allow", "Principal": "*", "Resource": "*"}]}, separators=(",", ":")
)


class Endpoint(TaggedEC2Resource):
    """One endpoint; its attributes bear the names of the API's answer."""

    def __init__(self, backend: Any, vpc_id: str, service_name: str, kind: str):
        self.ec2_backend = backend
        self.id = random_vpc_ep_id()
        self.suffix = random.get_random_hex(8)
        self.vpc_id = vpc_id
        self.service_name = service_name
        self.vpc_endpoint_type = kind
        self.state = "available" if kind == "Gateway" else "pending"
        self.policy_document = self.default_policy
        self.route_table_ids: list[str] = []
        self.subnets: dict[str, Any] = {}
        self.security_group_ids: list[str] = []
        self.private_dns_enabled = False
        self.private_zone = "Z" + random.get_random_hex(20).upper()
        self.ip_address_type = "ipv4"
        self.dns_options: dict[str, Any] = {"DnsRecordIpType": "service-defined" if kind == "Gateway" else "ipv4"}
        self.requester_managed = False
        self.creation_timestamp = utcnow()
        self.prefix_list: Any = None
        self.last_error: dict[str, str] | None = None

    @property
    def vpc_endpoint_id(self) -> str:
        """The id under its name in the API."""
        return self.id

    @property
    def service(self) -> str:
        """The last part of the service's name, `s3` or `ecr.api`."""
        return self.service_name.split(".", 3)[3]

    @property
    def region(self) -> str:
        """The region of the endpoint."""
        return str(self.ec2_backend.region_name)

    @property
    def default_policy(self) -> str:
        """The policy that allows everything, in the form that AWS gives it."""
        return GATEWAY_POLICY if self.vpc_endpoint_type == "Gateway" else INTERFACE_POLICY

    @property
    def owner_id(self) -> str:
        """The account."""
        return str(self.ec2_backend.account_id)

    @property
    def tags(self) -> list[dict[str, str]]:
        """The tags of the endpoint."""
        return tags_of(self.ec2_backend, self.id)

    @property
    def subnet_ids(self) -> list[str]:
        """Its subnets."""
        return list(self.subnets)

    @property
    def network_interface_ids(self) -> list[str]:
        """Its interfaces, one for each subnet."""
        return [interface.id for interface in self.subnets.values()]

    @property
    def groups(self) -> list[dict[str, str]]:
        """Its security groups."""
        found = [self.ec2_backend.get_security_group_from_id(one) for one in self.security_group_ids]
        return [{"GroupId": group.id, "GroupName": group.name} for group in found if group]

    @property
    def dns_entries(self) -> list[dict[str, str]]:
        """Its names: regional, zonal, then private."""
        if self.vpc_endpoint_type == "Gateway":
            return []
        star = "*." if self.service == "s3" else ""
        tail = f"{self.service}.{self.region}.vpce.amazonaws.com"
        zone = hosted_zone_of(self.region)
        names = [f"{star}{self.id}-{self.suffix}.{tail}"]
        names += [
            f"{star}{self.id}-{self.suffix}-{name}.{tail}"
            for name in sorted({one.availability_zone for one in self.subnets.values()})
        ]
        entries = [{"DnsName": name, "HostedZoneId": zone} for name in names]
        if self.private_dns_enabled:
            entries += [
                {"DnsName": name, "HostedZoneId": self.private_zone}
                for name in private_names(self.service, self.region)
            ]
        return entries

    def enter(self, subnet: Any) -> None:
        """Makes the interface in a subnet."""
        self.subnets[subnet.id] = amazon_interface(
            self.ec2_backend, subnet, self.security_group_ids, KIND, f"VPC Endpoint Interface {self.id}"
        )

    def leave(self, subnet_id: str) -> None:
        """Removes the interface from a subnet."""
        interface = self.subnets.pop(subnet_id, None)
        if interface is not None:
            self.ec2_backend.enis.pop(interface.id, None)
            self.ec2_backend.tags.pop(interface.id, None)

    def bind(self, route_table_id: str) -> None:
        """Puts the prefix-list route into a route table."""
        self.route_table_ids.append(route_table_id)
        backend = self.ec2_backend
        backend.create_route(route_table_id, None, gateway_id=self.id, destination_prefix_list_id=self.prefix_list.id)

    def unbind(self, route_table_id: str) -> None:
        """Takes the prefix-list route out of a route table."""
        if route_table_id in self.route_table_ids:
            self.route_table_ids.remove(route_table_id)
        table = self.ec2_backend.route_tables.get(route_table_id)
        if table is not None:
            for name in [name for name, route in table._routes.items() if route.gateway is self]:
                del table._routes[name]

    def regroup(self) -> None:
        """Gives its interfaces its groups."""
        groups = [self.ec2_backend.get_security_group_from_id(one) for one in self.security_group_ids]
        for interface in self.subnets.values():
            interface._group_set = list(groups)


def in_vpc(backend: Any, vpc_id: str) -> list[Endpoint]:
    """The endpoints of a VPC that are not gone; one that is being deleted still counts."""
    return [endpoint for endpoint in backend.vpc_end_points.values() if endpoint.vpc_id == vpc_id]


def get(backend: Any, identifier: str) -> Endpoint:
    """An endpoint by its id."""
    found: Endpoint | None = backend.vpc_end_points.get(identifier)
    if found is None:
        raise Refusal("InvalidVpcEndpointId.NotFound", f"The Vpc Endpoint Id '{identifier}' does not exist")
    return found


def become(endpoint: Endpoint, state: str) -> None:
    """Sets the state."""
    endpoint.state = state


def start(backend: Any, endpoint: Endpoint) -> None:
    """Adds a complete new endpoint; an interface endpoint is pending for a while."""
    backend.vpc_end_points[endpoint.id] = endpoint
    ordered = outcomes.take()
    if ordered is not None:
        endpoint.state = "pending"
        lifecycle_times.begin(
            backend, endpoint.id, "pending_seconds", KIND, lambda: _come_to_nothing(endpoint, ordered), shown=True
        )
    elif endpoint.vpc_endpoint_type != "Gateway":
        lifecycle_times.begin(
            backend, endpoint.id, "pending_seconds", KIND, lambda: become(endpoint, "available"), shown=True
        )


def _come_to_nothing(endpoint: Endpoint, ordered: outcomes.Outcome) -> None:
    """Lets an endpoint fail, or be rejected, as ordered: it stays, without interfaces and routes."""
    endpoint.state = ordered.state
    if ordered.state == "failed":
        endpoint.last_error = {"Code": ordered.code, "Message": ordered.message}
    for subnet in list(endpoint.subnets):
        endpoint.leave(subnet)
    for table in list(endpoint.route_table_ids):
        endpoint.unbind(table)


@corrects(
    "ec2", "DescribeVpcEndpoints", fact="DescribeVpcEndpoints refuses unknown ids, and deleted endpoints are unknown"
)
def describe_vpc_endpoints(call: Any, moto: Callable[[], Any]) -> Any:
    """All endpoints or the named ones."""
    backend = call.ec2_backend
    wanted = call._get_param("VpcEndpointIds", []) or list(backend.vpc_end_points)
    return ActionResult({"VpcEndpoints": [get(backend, identifier) for identifier in wanted]})


@corrects(
    "ec2",
    "DeleteVpcEndpoints",
    fact="An endpoint is deleting before it is gone; unknown ids come back as Unsuccessful with status 200",
)
def delete_vpc_endpoints(call: Any, moto: Callable[[], Any]) -> Any:
    """Begins to delete endpoints."""
    backend = call.ec2_backend
    named = call._get_param("VpcEndpointIds", []) or []
    unsuccessful = []
    for identifier in named:
        endpoint = backend.vpc_end_points.get(identifier)
        if endpoint is None or hidden(backend, identifier):
            unsuccessful.append(
                _failure(
                    identifier, "InvalidVpcEndpoint.NotFound", f"The Vpc Endpoint Id '{identifier}' does not exist"
                )
            )
        elif blocker := _needs_gateway(backend, endpoint, named):
            unsuccessful.append(
                _failure(
                    identifier,
                    "InvalidParameter",
                    f"The gateway endpoint {identifier} cannot be deleted while {blocker.id} has PrivateDnsOnlyForInboundResolverEndpoint set to true.",
                )
            )
        elif endpoint.state != "deleting":
            _begin_deleting(backend, endpoint)
    return ActionResult({"Unsuccessful": unsuccessful})


def _failure(identifier: str, code: str, message: str) -> dict[str, Any]:
    return {"ResourceId": identifier, "Error": {"Code": code, "Message": message}}


def _needs_gateway(backend: Any, endpoint: Endpoint, leaving: list[str]) -> Endpoint | None:
    """The interface endpoint whose inbound-resolver-only DNS rests on this gateway endpoint."""
    if endpoint.vpc_endpoint_type != "Gateway" or endpoint.service != "s3":
        return None
    others = [
        one
        for one in in_vpc(backend, endpoint.vpc_id)
        if one.id != endpoint.id and one.state != "deleting" and one.service == "s3"
    ]
    if any(one.vpc_endpoint_type == "Gateway" for one in others):
        return None
    return next(
        (
            one
            for one in others
            if one.id not in leaving
            and one.private_dns_enabled
            and one.dns_options.get("PrivateDnsOnlyForInboundResolverEndpoint")
        ),
        None,
    )


def _begin_deleting(backend: Any, endpoint: Endpoint) -> None:
    endpoint.state = "deleting"
    for table in list(endpoint.route_table_ids):
        endpoint.unbind(table)

    def vanish() -> None:
        for subnet, interface in list(endpoint.subnets.items()):
            # without a time set, the interface goes with the endpoint
            lifecycle_times.begin(
                backend,
                interface.id,
                "lingering_interface_seconds",
                KIND,
                lambda subnet=subnet: endpoint.leave(subnet),
                shown=True,
            )
        backend.vpc_end_points.pop(endpoint.id, None)
        backend.tags.pop(endpoint.id, None)

    lifecycle_times.begin(backend, endpoint.id, "deleting_seconds", KIND, vanish, shown=False)
