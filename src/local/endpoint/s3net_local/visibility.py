"""Eventual consistency: for a time after its creation an object is not shown, and not known by its id.

AWS: "After you run a command to create a resource, it can take some time until the resource is
visible to subsequent commands": a describe call leaves it out, and a call that names its id
is refused with InvalidVpcID.NotFound and the like (EC2 API guide, "Eventual consistency").
IAM and Route 53 are the same; S3 has been strongly consistent since 2020, so buckets and
objects are shown at once.

moto: shows everything at once.

How: every EC2 call that changes something is watched. What ids there are after it, and not
before, were made now. For `visible_after_seconds` from then on
- a call that names such an id is refused, before moto sees it;
- an answer is sieved, after moto has made it.
So moto's own look-ups inside a call see everything, a second group of the same name is a
duplicate although the first is not shown yet, and a repeated client token is answered with
the same object. What belongs to a VPC that is not shown is not shown either.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

from moto.core.utils import get_value
from moto.ec2.utils import get_prefix

from .filters import identifier_of
from .named_ids import NOT_FOUND
from .refusals import Refusal
from .settings import SETTINGS

SETTING = "visible_after_seconds"

#: the kind of an object by the beginning of its id
KINDS = {
    "vpc": "vpc", "subnet": "subnet", "igw": "internet_gateway", "eipalloc": "elastic_ip", "nat": "nat_gateway",
    "rtb": "route_table", "rtbassoc": "association", "sg": "security_group", "sgr": "security_group_rule",
    "vpce": "vpc_endpoint", "eni": "network_interface", "i": "instance", "vol": "instance",
}  # fmt: skip

#: codes that the endpoint calls spell in their own way
SPELT = {
    "InvalidVpcID.NotFound": "InvalidVpcId.NotFound",
    "InvalidSubnetID.NotFound": "InvalidSubnetId.NotFound",
    "InvalidRouteTableID.NotFound": "InvalidRouteTableId.NotFound",
    "InvalidGroup.NotFound": "InvalidSecurityGroupId.NotFound",
}
#: parameters that hold names and texts, or ids whose absence is no error
UNREAD = ("Filters", "Filter", "TagSpecifications", "Tags", "Tag", "ClientToken", "PolicyDocument", "UserData", "Description")
_ID = re.compile(r"^([a-z]+)-[0-9a-f]{8,17}$")


def _kind(identifier: str) -> str | None:
    word, separator, _ = identifier.partition(":")
    if separator:
        return word
    prefix, _, _ = identifier.partition("-")
    return KINDS.get(prefix)


def note(backend: Any, *identifiers: str) -> None:
    """Notes that these were made just now."""
    made: dict[str, float] = backend.__dict__.setdefault("s3net_made", {})
    now = time.monotonic()
    for identifier in identifiers:
        made[identifier] = now


def age(backend: Any, identifier: str) -> float:
    """The seconds since something was noted as made; endless where it was not."""
    at = backend.__dict__.get("s3net_made", {}).get(identifier)
    return float("inf") if at is None else time.monotonic() - at


def hidden(backend: Any, identifier: str | None) -> bool:
    """Whether an object is too new to be shown."""
    if not identifier or not backend.__dict__.get("s3net_made"):
        return False
    kind = _kind(identifier)
    return kind is not None and age(backend, identifier) < SETTINGS.seconds(backend.account_id, SETTING, kind)


class Watch:
    """What there was before a call, where new things are shown late."""

    def __init__(self, action: str, backend: Any):
        self.backend = backend
        reads = action.startswith(("Describe", "Get", "List"))
        self.before = None if reads or not SETTINGS.longest(backend.account_id, SETTING) else set(_everything(backend))

    def end(self) -> None:
        """Notes what is new."""
        if self.before is not None:
            note(self.backend, *(one for one in _everything(self.backend) if one not in self.before))


def _everything(backend: Any) -> Iterator[str]:
    for table in (backend.vpcs, backend.internet_gateways, backend.nat_gateways, backend.vpc_end_points):
        yield from table
    yield from backend.enis
    yield from backend.volumes
    for subnets in backend.subnets.values():
        yield from subnets
    for groups in backend.groups.values():
        for group in groups.values():
            yield group.id
            yield from (rule.id for rule in group.ingress_rules + group.egress_rules)
    yield from (address.allocation_id for address in backend.addresses)
    for reservation in backend.reservations.values():
        yield from (instance.id for instance in reservation.instances)
    for identifier, table in backend.route_tables.items():
        yield identifier
        yield from table._associations
        yield from (_route(table, route) for route in table._routes.values())
    yield from (_attachment(gateway) for gateway in backend.internet_gateways.values() if gateway.vpc)


def _route(table: Any, route: Any) -> str:
    return f"route:{table.id}:{route.id}"


def _attachment(gateway: Any) -> str:
    return f"attachment:{gateway.id}:{gateway.vpc.id}"


def check_named(action: str, call: Any, backend: Any) -> None:
    """Refuses a call that names an object which is too new to be known."""
    if not backend.__dict__.get("s3net_made") or action == "DeleteVpcEndpoints":
        return
    for identifier in _named(call.params):
        if hidden(backend, identifier):
            code, text = NOT_FOUND.get(
                get_prefix(identifier), ("InvalidAssociationID.NotFound", "The association ID '{}' does not exist")
            )
            raise Refusal(SPELT.get(code, code) if action.endswith("VpcEndpoint") else code, text.format(identifier))


def _named(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, one in value.items():
            if name not in UNREAD:
                yield from _named(one)
    elif isinstance(value, list):
        for one in value:
            yield from _named(one)
    elif isinstance(value, str) and _ID.match(value):
        yield value


def sieve(action: str, backend: Any, result: dict[str, Any]) -> None:
    """Takes what is too new out of an answer."""
    if not action.startswith("Describe") or not backend.__dict__.get("s3net_made"):
        return
    for name, things in result.items():
        if not isinstance(things, list):
            continue
        if name == "Reservations":
            for reservation in things:
                reservation.instances = [one for one in reservation.instances if not hidden(backend, one.id)]
            result[name] = [reservation for reservation in things if reservation.instances]
        else:
            result[name] = [_as_shown(backend, name, thing) for thing in things if not _unseen(backend, thing)]


def _unseen(backend: Any, thing: Any) -> bool:
    if hidden(backend, identifier_of(thing)):
        return True
    vpc_id = get_value(thing, "vpc_id", None)
    return isinstance(vpc_id, str) and hidden(backend, vpc_id)


def _as_shown(backend: Any, name: str, thing: Any) -> Any:
    if name == "RouteTables":
        return _Table(backend, thing)
    if name == "InternetGateways" and thing.vpc and hidden(backend, _attachment(thing)):
        return _Unattached(thing)
    return thing


class _Table:
    """A route table without its newest routes and associations."""

    def __init__(self, backend: Any, table: Any):
        self._table = table
        self.routes = [route for route in table.routes if not hidden(backend, _route(table, route))]
        self.associations = [
            one for one in table.associations if not hidden(backend, str(one["RouteTableAssociationId"]))
        ]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._table, name)


class _Unattached:
    """An internet gateway whose attachment is not shown yet."""

    def __init__(self, gateway: Any):
        self._gateway = gateway
        self.attachments: list[Any] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._gateway, name)
