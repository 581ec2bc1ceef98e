"""Hosted zones, private ones above all; `zone_records.py` has their records.

AWS: a zone made with a VPC is private, whatever the flag says, and has no delegation set. The
caller reference identifies a request: HostedZoneAlreadyExists. A VPC takes one zone of a
name: ConflictingDomainExists. The last VPC of a private zone stays: LastVPCAssociation. A
zone with records of its own is not deleted: HostedZoneNotEmpty. Every change has an id whose
status goes from PENDING to INSYNC (Route 53 API reference).

moto: takes the flag for the truth, accepts zones of the same reference or name, does not
look at VPCs at all, deletes full zones, and has one change id for all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.moto_api._internal import mock_random as random
from moto.route53.exceptions import Route53ClientError
from moto.route53.models import FakeZone

from . import lifecycle_times
from .corrections import corrects
from .visibility import hidden
from .zone_names import order, shown

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
NAME_SERVERS = ["ns-0.awsdns-00.com.", "ns-512.awsdns-00.net.", "ns-1024.awsdns-00.org.", "ns-1536.awsdns-00.co.uk."]


class ZoneRefusal(Route53ClientError):
    """Route 53 refuses a call; the status comes from AWS's own model of the code."""

    def __init__(self, code: str, message: str):
        super().__init__(code, message)


def _identifier(length: int = 20) -> str:
    return "".join(random.choice(LETTERS) for _ in range(length))


def zone_of(call: Any, parameter: str) -> FakeZone:
    """The zone that a call names, with or without `/hostedzone/`."""
    identifier = str(call._get_param(parameter)).rsplit("/", 1)[-1]
    zone = call.backend.zones.get(identifier)
    if zone is None:
        raise ZoneRefusal("NoSuchHostedZone", f"No hosted zone found with ID: {identifier}")
    return zone  # type: ignore[no-any-return]


def new_change(call: Any, comment: str | None = None) -> dict[str, Any]:
    """A new change, PENDING for a while."""
    lifecycle_times.settle(call.backend)
    changes: dict[str, Any] = call.backend.__dict__.setdefault("s3net_changes", {})
    change = {"Id": f"/change/C{_identifier(19)}", "Status": "PENDING", "SubmittedAt": utcnow(), "Comment": comment}
    changes[change["Id"]] = change
    lifecycle_times.begin(
        call.backend,
        change["Id"],
        "pending_seconds",
        "hosted_zone_change",
        lambda: change.update(Status="INSYNC"),
        shown=True,
    )
    return change


def _check_vpc(call: Any, name: str, region: str | None, vpc_id: str | None, among: FakeZone | None) -> None:
    from moto.ec2.models import ec2_backends

    account = ec2_backends[call.current_account]
    known = region and vpc_id and region in account and vpc_id in account[region].vpcs
    if not known or hidden(account[region], vpc_id):
        raise ZoneRefusal(
            "InvalidVPCId",
            f"The VPC: {vpc_id} that you provided is not authorized to make the association, or does not exist in {region}.",
        )
    for zone in call.backend.zones.values():
        if zone.private_zone and zone.name == name and any(vpc.get("vpc_id") == vpc_id for vpc in zone.vpcs):
            raise ZoneRefusal(
                "ConflictingDomainExists",
                f"The VPC {vpc_id} in region {region} has already been associated with the hosted zone {zone.resource_id} with the same domain name.",
            )
    endpoints = account[region].vpc_end_points.values()
    if any(
        one.vpc_id == vpc_id
        and one.state != "deleting"
        and any(shown(entry["DnsName"]) == name for entry in one.dns_entries)
        for one in endpoints
    ):
        raise ZoneRefusal(
            "ConflictingDomainExists",
            f"The VPC {vpc_id} in region {region} has an endpoint whose private DNS name is {name}",
        )


@corrects("route53", "CreateHostedZone", fact="A zone with a VPC is private; references and names are unique")
def create_hosted_zone(call: Any, moto: Callable[[], Any]) -> Any:
    """Makes a zone."""
    name, reference = shown(call._get_param("Name")), call._get_param("CallerReference")
    vpc = call._get_param("VPC") or {}
    private = bool(vpc) or bool(call._get_param("HostedZoneConfig.PrivateZone"))
    if any(zone.caller_reference == reference for zone in call.backend.zones.values()):
        raise ZoneRefusal(
            "HostedZoneAlreadyExists",
            f"A hosted zone has already been created with the specified caller reference {reference}.",
        )
    if private and not vpc:
        raise ZoneRefusal(
            "InvalidInput",
            "When you're creating a private hosted zone (when you specify true for PrivateZone), you must also specify values for VPCId and VPCRegion.",
        )
    if private:
        _check_vpc(call, name, vpc.get("VPCRegion"), vpc.get("VPCId"), None)
    made = call.backend.create_hosted_zone(
        name,
        private_zone=private,
        caller_reference=reference,
        comment=call._get_param("HostedZoneConfig.Comment"),
        delegation_set_id=call._get_param("DelegationSetId"),
    )
    _rename(call, made)
    if private:
        made.add_vpc(vpc.get("VPCId"), vpc.get("VPCRegion"))
        made.delegation_set = None
        for record in made.rrsets:
            record.records = (
                list(NAME_SERVERS)
                if record.type == "NS"
                else [f"{NAME_SERVERS[0]} awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400"]
            )
    for record in made.rrsets:
        record.name, record.ttl = name, int(record.ttl)
    result = {
        "HostedZone": made,
        "ChangeInfo": new_change(call),
        "DelegationSet": made.delegation_set,
        "VPC": vpc or None,
        "Location": f"https://route53.amazonaws.com/2013-04-01/hostedzone/{made.resource_id}",
    }
    return ActionResult(result)


def _rename(call: Any, zone: FakeZone) -> None:
    """Gives a zone an id that begins with Z, as AWS's do."""
    del call.backend.zones[zone.resource_id]
    zone.resource_id = "Z" + _identifier()
    call.backend.zones[zone.resource_id] = zone


@corrects("route53", "GetHostedZone", "UpdateHostedZoneComment", fact="Unknown zones are refused with NoSuchHostedZone")
def check_zone(call: Any, moto: Callable[[], Any]) -> Any:
    """Checks the zone."""
    zone_of(call, "Id")
    return moto()


@corrects("route53", "GetChange", fact="GetChange knows every change and its status")
def get_change(call: Any, moto: Callable[[], Any]) -> Any:
    """Shows a change."""
    lifecycle_times.settle(call.backend)
    identifier = "/change/" + str(call._get_param("Id")).rsplit("/", 1)[-1]
    change = call.backend.__dict__.get("s3net_changes", {}).get(identifier)
    if change is None:
        raise ZoneRefusal("NoSuchChange", f"Could not find resource with ID: {identifier}")
    return ActionResult({"ChangeInfo": change})


@corrects("route53", "DeleteHostedZone", fact="A zone with records of its own is not deleted")
def delete_hosted_zone(call: Any, moto: Callable[[], Any]) -> Any:
    """Deletes an empty zone and its tags."""
    zone = zone_of(call, "Id")
    if any(record.name != zone.name or record.type not in ("NS", "SOA") for record in zone.rrsets):
        raise ZoneRefusal(
            "HostedZoneNotEmpty",
            "The specified hosted zone contains non-required resource record sets and so cannot be deleted.",
        )
    del call.backend.zones[zone.resource_id]
    call.backend.resource_tags.pop(zone.resource_id, None)
    return ActionResult({"ChangeInfo": new_change(call)})


@corrects("route53", "AssociateVPCWithHostedZone", fact="A VPC takes one zone of a name, and must exist")
def associate_vpc(call: Any, moto: Callable[[], Any]) -> Any:
    """Adds a VPC."""
    zone = zone_of(call, "HostedZoneId")
    if not zone.private_zone:
        raise ZoneRefusal(
            "PublicZoneVPCAssociation",
            "You're trying to associate a VPC with a public hosted zone. Amazon Route 53 doesn't support associating a VPC with a public hosted zone.",
        )
    region, vpc_id = call._get_param("VPC.VPCRegion"), call._get_param("VPC.VPCId")
    _check_vpc(call, zone.name, region, vpc_id, zone)
    zone.add_vpc(vpc_id, region)
    return ActionResult({"ChangeInfo": new_change(call, call._get_param("Comment"))})


@corrects(
    "route53",
    "DisassociateVPCFromHostedZone",
    fact="The last VPC of a zone stays; one that is not associated is VPCAssociationNotFound",
)
def disassociate_vpc(call: Any, moto: Callable[[], Any]) -> Any:
    """Removes a VPC."""
    zone, vpc_id = zone_of(call, "HostedZoneId"), call._get_param("VPC.VPCId")
    if not any(vpc.get("vpc_id") == vpc_id for vpc in zone.vpcs):
        raise ZoneRefusal(
            "VPCAssociationNotFound", f"The VPC: {vpc_id} is not associated with the hosted zone {zone.resource_id}"
        )
    if len(zone.vpcs) == 1:
        raise ZoneRefusal(
            "LastVPCAssociation",
            "The VPC that you're trying to disassociate from the private hosted zone is the last VPC that is associated with the hosted zone.",
        )
    zone.delete_vpc(vpc_id)
    return ActionResult({"ChangeInfo": new_change(call, call._get_param("Comment"))})


@corrects(
    "route53",
    "ListHostedZonesByName",
    fact="ListHostedZonesByName begins at a name and goes on, in order, page by page",
)
def list_zones_by_name(call: Any, moto: Callable[[], Any]) -> Any:
    """Lists zones in the order of their names."""
    zones = sorted(call.backend.zones.values(), key=lambda zone: (order(zone.name), zone.resource_id))
    start, start_id = call._get_param("DNSName"), call._get_param("HostedZoneId")
    if start:
        first = (order(shown(start)), str(start_id or "").rsplit("/", 1)[-1])
        zones = [zone for zone in zones if (order(zone.name), zone.resource_id if start_id else "") >= first]
    size = int(call._get_param("MaxItems") or 100)
    page, rest = zones[:size], zones[size:]
    result: dict[str, Any] = {
        "HostedZones": page,
        "DNSName": shown(start) if start else None,
        "IsTruncated": bool(rest),
        "MaxItems": str(size),
    }
    if rest:
        result |= {"NextDNSName": rest[0].name, "NextHostedZoneId": rest[0].resource_id}
    return ActionResult(result)


def _zones_of_endpoints(call: Any, region: str | None, vpc_id: str) -> list[dict[str, Any]]:
    """The zones in which AWS keeps the private names of a VPC's endpoints."""
    from moto.ec2.models import ec2_backends

    account = ec2_backends[call.current_account]
    endpoints = account[region].vpc_end_points.values() if region in account else []
    found = {
        entry["DnsName"].removeprefix("*.") + ".": entry["HostedZoneId"]
        for one in endpoints
        if one.vpc_id == vpc_id and one.state != "deleting" and one.private_dns_enabled
        for entry in one.dns_entries
        if ".vpce." not in entry["DnsName"]
    }
    return [
        {"HostedZoneId": zone, "Name": name, "Owner": {"OwningService": "vpce.amazonaws.com"}}
        for name, zone in sorted(found.items())
    ]


@corrects(
    "route53",
    "ListHostedZonesByVPC",
    fact="ListHostedZonesByVPC lists the private zones of a VPC in pages, those of AWS services too",
    source="Route 53 API reference, HostedZoneOwner",
)
def list_zones_by_vpc(call: Any, moto: Callable[[], Any]) -> Any:
    """Lists the zones of a VPC."""
    vpc_id = call._get_param("VPCId")
    zones = [
        zone
        for zone in call.backend.zones.values()
        if zone.private_zone and any(vpc.get("vpc_id") == vpc_id for vpc in zone.vpcs)
    ]
    size, start = int(call._get_param("MaxItems") or 100), int(call._get_param("NextToken") or 0)
    found = [
        {"HostedZoneId": zone.resource_id, "Name": zone.name, "Owner": {"OwningAccount": call.current_account}}
        for zone in zones
    ] + _zones_of_endpoints(call, call._get_param("VPCRegion"), vpc_id)
    token = str(start + size) if start + size < len(found) else None
    return ActionResult({"HostedZoneSummaries": found[start : start + size], "MaxItems": str(size), "NextToken": token})
