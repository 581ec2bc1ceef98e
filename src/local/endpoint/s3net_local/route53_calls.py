"""What every Route 53 call passes: zones that are new, and zones that still work on a change.

AWS: a change to a zone that begins before an earlier one has ended may be refused with
PriorRequestNotComplete, status 400 (Route 53 API reference, ChangeResourceRecordSets).

moto: takes changes at any rate.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .private_zones import ZoneRefusal
from .settings import SETTINGS
from .visibility import age, hidden, note

#: one at a time for each zone
CHANGES = ("ChangeResourceRecordSets", "AssociateVPCWithHostedZone", "DisassociateVPCFromHostedZone", "DeleteHostedZone")


def every(action: str, call: Any, inner: Callable[[], Any]) -> Any:
    """Stands in front of every Route 53 action."""
    backend = call.backend
    named = [str(call._get_param(name) or "").rsplit("/", 1)[-1] for name in ("Id", "HostedZoneId", "ResourceId")]
    if action != "ListHostedZonesByName":  # there an id is a place to begin at
        for zone in named:
            if zone and hidden(backend, f"hosted_zone:{zone}"):
                raise ZoneRefusal("NoSuchHostedZone", f"No hosted zone found with ID: {zone}")
    turn = f"change:{next(filter(None, named), '')}"
    if action in CHANGES and age(backend, turn) < SETTINGS.number(backend.account_id, "zone_change_seconds"):
        raise ZoneRefusal(
            "PriorRequestNotComplete",
            "The request was rejected because Route 53 was still processing a prior request.",
        )
    before = set(backend.zones) if action == "CreateHostedZone" else None
    answer = inner()
    if before is not None:
        note(backend, *(f"hosted_zone:{zone}" for zone in backend.zones if zone not in before))
    if action in CHANGES:
        note(backend, turn)
    result = getattr(answer, "_result", None)
    if isinstance(result, dict):
        for key in ("HostedZones", "HostedZoneSummaries"):
            if result.get(key):
                result[key] = [one for one in result[key] if not hidden(backend, f"hosted_zone:{_zone_id(one)}")]
    return answer


def _zone_id(thing: Any) -> str:
    found = thing["HostedZoneId"] if isinstance(thing, dict) else thing.resource_id
    return str(found).rsplit("/", 1)[-1]
