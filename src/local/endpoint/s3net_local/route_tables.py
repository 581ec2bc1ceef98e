"""Route tables, routes and associations.

AWS: a subnet has one explicit association at most: Resource.AlreadyAssociated. A route must
have a target that exists in the right place; the prefix-list route of a gateway endpoint
belongs to the endpoint and can be neither made nor deleted by hand; a route whose target is
gone stays as `blackhole`. The `local` route cannot be deleted. The main table cannot be
deleted; deleting a table takes it from the endpoints bound to it (VPC user guide, "Route
tables"; EC2 API reference, Route).

moto: associates a subnet silently with its old table, accepts routes to nothing, shows every
route as active, and deletes main tables.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models.route_tables import Route, RouteTable
from moto.ec2.utils import generate_route_id

from .corrections import corrects, replaces
from .refusals import Refusal


@replaces(Route, "state", fact="A route to something that is gone is a blackhole")
@property
def state(self: Any) -> str:
    """Looks whether the target still stands."""
    backend = self.route_table.ec2_backend
    if self.local:
        return "active"
    if self.nat_gateway is not None:
        return "active" if self.nat_gateway.state in ("pending", "available", "deleting") else "blackhole"
    if self.gateway is not None:
        identifier = self.gateway.id
        if identifier.startswith("igw-"):
            gateway = backend.internet_gateways.get(identifier)
            return (
                "active"
                if gateway is not None and gateway.vpc and gateway.vpc.id == self.route_table.vpc_id
                else "blackhole"
            )
        return "active"
    if self.instance is not None:
        return "active" if self.instance._state.name == "running" else "blackhole"
    if self.interface is not None:
        return "active" if self.interface.id in backend.enis else "blackhole"
    return "active"


@replaces(Route, "network_interface_id", fact="A route to an instance names the instance's interface too")
@property
def network_interface_id(self: Any) -> str | None:
    """The interface of the route, or of its instance."""
    if self.interface is not None:
        return str(self.interface.id)
    nics = getattr(self.instance, "nics", None)
    return nics[0].id if nics else None


def canonical(text: str, version: int) -> str:
    """A destination with its host bits zero."""
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        network = None
    if network is None or network.version != version:
        name = "destinationCidrBlock" if version == 4 else "destinationIpv6CidrBlock"
        raise Refusal(
            "InvalidParameterValue", f"Value ({text}) for parameter {name} is invalid. This is not a valid CIDR block."
        )
    return str(network)


def destination(call: Any) -> str:
    """The destination of a call, put into canonical form in the call itself."""
    given = [
        (name, call._get_param(name))
        for name in ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")
        if call._get_param(name)
    ]
    if len(given) != 1:
        raise Refusal(
            "MissingParameter",
            "The request must contain exactly one of destinationCidrBlock, destinationIpv6CidrBlock, destinationPrefixListId",
        )
    name, text = given[0]
    if name == "DestinationPrefixListId":
        if text not in call.ec2_backend.managed_prefix_lists:
            raise Refusal("InvalidPrefixListID.NotFound", f"The prefix list ID '{text}' does not exist")
        return str(text)
    call.params[name] = canonical(str(text), 6 if "6" in name else 4)
    return str(call.params[name])


def check_target(call: Any, table: RouteTable) -> None:
    """Refuses targets that do not exist or cannot be."""
    backend = call.ec2_backend
    names = (
        "GatewayId",
        "NatGatewayId",
        "InstanceId",
        "NetworkInterfaceId",
        "VpcPeeringConnectionId",
        "TransitGatewayId",
        "EgressOnlyInternetGatewayId",
        "CarrierGatewayId",
        "VpcEndpointId",
        "LocalGatewayId",
        "CoreNetworkArn",
    )
    given = [(name, call._get_param(name)) for name in names if call._get_param(name)]
    if len(given) != 1:
        if call._get_param("LocalTarget"):
            return
        raise Refusal(
            "InvalidParameterCombination" if given else "MissingParameter",
            "The request must contain exactly one of gatewayId, natGatewayId, networkInterfaceId, vpcPeeringConnectionId, vpcEndpointId, egressOnlyInternetGatewayId, transitGatewayId, localGatewayId or carrierGatewayId",
        )
    name, target = given[0]
    if name == "GatewayId":
        if target == "local":
            raise Refusal("InvalidGatewayID.NotFound", "The gateway ID 'local' does not exist")
        if target.startswith("vpce-"):
            raise Refusal(
                "InvalidParameterValue", "Cannot create or replace a prefix list route targeting a VPC Endpoint."
            )
        if target.startswith("igw-"):
            gateway = backend.internet_gateways.get(target)
            if gateway is None:
                raise Refusal("InvalidGatewayID.NotFound", f"The gateway ID '{target}' does not exist")
            if not gateway.vpc or gateway.vpc.id != table.vpc_id:
                raise Refusal(
                    "InvalidParameterValue",
                    f"route table {table.id} and network gateway {target} belong to different networks",
                )
    elif name == "NatGatewayId":
        nat = backend.nat_gateways.get(target)
        if nat is None or nat.state in ("deleting", "deleted", "failed"):
            raise Refusal("InvalidNatGatewayID.NotFound", f"The natGateway ID '{target}' does not exist")
        if nat.vpc_id != table.vpc_id:
            raise Refusal(
                "InvalidParameterValue", f"route table {table.id} and NAT gateway {target} belong to different networks"
            )
    elif name == "InstanceId" and not any(
        one.id == target for reservation in backend.reservations.values() for one in reservation.instances
    ):
        raise Refusal("InvalidInstanceID.NotFound", f"The instance ID '{target}' does not exist")


def table_of(call: Any) -> RouteTable:
    """The route table that a call names."""
    identifier = call._get_param("RouteTableId")
    table = call.ec2_backend.route_tables.get(identifier)
    if table is None:
        raise Refusal("InvalidRouteTableID.NotFound", f"The routeTable ID '{identifier}' does not exist")
    return table  # type: ignore[no-any-return]


def _named(table: RouteTable, text: str) -> Route | None:
    for route in table._routes.values():
        if text in (route.destination_cidr_block, route.destination_ipv6_cidr_block, route.destination_prefix_list_id):
            return route
    return None


@corrects(
    "ec2", "CreateRoute", fact="CreateRoute refuses missing targets, the local destination and what exists already"
)
def create_route(call: Any, moto: Callable[[], Any]) -> Any:
    """Checks destination and target."""
    table, text = table_of(call), destination(call)
    existing = _named(table, text)
    if existing is not None:
        raise Refusal("RouteAlreadyExists", f"The route identified by {text} already exists.")
    check_target(call, table)
    return moto()


@corrects("ec2", "ReplaceRoute", fact="ReplaceRoute refuses missing routes and targets and sets the local target back")
def replace_route(call: Any, moto: Callable[[], Any]) -> Any:
    """Checks destination and target."""
    table, text = table_of(call), destination(call)
    route = _named(table, text)
    if route is None:
        raise Refusal(
            "InvalidParameterValue",
            f"There is no route defined for '{text}' in the route table. Use CreateRoute instead.",
        )
    if route.gateway is not None and route.gateway.id.startswith("vpce-"):
        raise Refusal("InvalidParameterValue", "Cannot create or replace a prefix list route targeting a VPC Endpoint.")
    check_target(call, table)
    if call._get_param("LocalTarget"):
        for name in (
            "gateway",
            "instance",
            "nat_gateway",
            "egress_only_igw",
            "transit_gateway",
            "interface",
            "vpc_pcx",
            "carrier_gateway",
        ):
            setattr(route, name, None)
        route.local = True
        return ActionResult({})
    route.local = False
    # moto looks a route up under its first spelling
    table._routes[route.id] = route
    call.params.pop("DestinationPrefixListId", None)
    if route.destination_prefix_list is not None:
        table._routes[generate_route_id(table.id, route.destination_prefix_list.id)] = route
        call.params["DestinationPrefixListId"] = route.destination_prefix_list.id
    return moto()


@corrects("ec2", "DeleteRoute", fact="DeleteRoute refuses local routes and those of gateway endpoints")
def delete_route(call: Any, moto: Callable[[], Any]) -> Any:
    """Removes a route."""
    table, text = table_of(call), destination(call)
    route = _named(table, text)
    if route is None:
        raise Refusal("InvalidRoute.NotFound", f"no route with destination-cidr-block {text} in route table {table.id}")
    if route.local:
        raise Refusal("InvalidParameterValue", f"cannot remove local route {text} in route table {table.id}")
    if route.gateway is not None and route.gateway.id.startswith("vpce-"):
        raise Refusal("InvalidParameterValue", f"cannot remove VPC endpoint route {text} in route table {table.id}")
    for name in [name for name, one in table._routes.items() if one is route]:
        del table._routes[name]
    return ActionResult({"Return": True})


@corrects("ec2", "AssociateRouteTable", fact="A subnet that is associated with a table is refused by another")
def associate_route_table(call: Any, moto: Callable[[], Any]) -> Any:
    """Checks the subnet."""
    backend, subnet_id = call.ec2_backend, call._get_param("SubnetId")
    table = table_of(call)
    if subnet_id:
        subnet = backend.get_subnet(subnet_id)
        if subnet.vpc_id != table.vpc_id:
            raise Refusal(
                "InvalidParameterValue", f"Route table {table.id} and subnet {subnet_id} belong to different networks"
            )
        for other in backend.route_tables.values():
            if subnet_id in other._associations.values():
                raise Refusal(
                    "Resource.AlreadyAssociated",
                    f"the specified association for route table {table.id} conflicts with an existing association",
                )
    return moto()


@corrects(
    "ec2",
    "ReplaceRouteTableAssociation",
    fact="Moving an association to the table that has it already gives it a new id too",
)
def replace_association(call: Any, moto: Callable[[], Any]) -> Any:
    """Checks table and association."""
    table = table_of(call)
    association = call._get_param("AssociationId")
    holder = next(
        (one for one in call.ec2_backend.route_tables.values() if association in one.all_associations_ids), None
    )
    if holder is None:
        raise Refusal("InvalidAssociationID.NotFound", f"The association ID '{association}' does not exist")
    if holder.vpc_id != table.vpc_id:
        raise Refusal(
            "InvalidParameterValue", f"Route table {table.id} and route table {holder.id} belong to different networks"
        )
    return moto()


@corrects("ec2", "DisassociateRouteTable", fact="The association of a main table cannot be ended, only replaced")
def disassociate(call: Any, moto: Callable[[], Any]) -> Any:
    """Refuses main associations."""
    association = call._get_param("AssociationId")
    if any(table.main_association_id == association for table in call.ec2_backend.route_tables.values()):
        raise Refusal("InvalidParameterValue", f"cannot disassociate the main route table association {association}")
    return moto()


@corrects(
    "ec2", "DeleteRouteTable", fact="Main and associated tables are not deleted; endpoints let go of a deleted one"
)
def delete_route_table(call: Any, moto: Callable[[], Any]) -> Any:
    """Refuses tables in use."""
    backend, table = call.ec2_backend, table_of(call)
    if table.main_association_id or table._associations:
        raise Refusal("DependencyViolation", f"The routeTable '{table.id}' has dependencies and cannot be deleted.")
    for endpoint in backend.vpc_end_points.values():
        endpoint.unbind(table.id)
    return moto()
