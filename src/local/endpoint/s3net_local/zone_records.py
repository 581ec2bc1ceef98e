"""Records of hosted zones.

AWS: one ChangeResourceRecordSets is done whole or not at all. CREATE of an existing record,
DELETE of a missing one or with other values, names outside the zone, a CNAME at the apex or
beside other records, and an alias to an endpoint under a foreign hosted zone id are
InvalidChangeBatch; a record with neither or both of alias and values is InvalidInput (Route 53
API reference, ChangeResourceRecordSets).

moto: compares names as they were written, finds what was created by its own diary of
requests, and applies the first changes of a batch before it refuses a later one.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.route53.models import FakeZone, RecordSet

from .corrections import corrects
from .endpoint_services import hosted_zone_of
from .private_zones import ZoneRefusal, new_change, zone_of
from .zone_names import lies_in, order, shown

MOST_VALUES, MOST_CHARACTERS = 1000, 32_000
_ENDPOINT = re.compile(r"\.([a-z]{2}(?:-[a-z]+)+-\d)\.vpce\.amazonaws\.com\.$")


def _values(record: dict[str, Any]) -> list[str]:
    return [one["Value"] if isinstance(one, dict) else one for one in record.get("ResourceRecords") or []]


def _alias(target: dict[str, Any] | None) -> dict[str, Any] | None:
    if not target:
        return None
    evaluate = str(target.get("EvaluateTargetHealth", False)).lower() == "true"
    return {
        "HostedZoneId": target.get("HostedZoneId"),
        "DNSName": shown(str(target.get("DNSName"))),
        "EvaluateTargetHealth": evaluate,
    }


def key_of(record: Any) -> tuple[str, str, str | None]:
    """What Route 53 knows a record by."""
    return record.name, record.type, record.set_identifier


def _content(record: Any) -> tuple[Any, ...]:
    alias = tuple(sorted((record.alias_target or {}).items()))
    return (
        None if record.ttl is None else int(record.ttl),
        tuple(sorted(record.records or [])),
        alias,
        record.weight,
        record.region,
        record.failover,
    )


def _record(stated: dict[str, Any], action: str) -> RecordSet:
    record = copy.deepcopy(stated)
    record["Name"] = shown(str(record.get("Name", "")))
    record["AliasTarget"] = _alias(record.get("AliasTarget"))
    record["ResourceRecords"] = _values(record)
    has_values = record.get("TTL") is not None and bool(record["ResourceRecords"])
    if bool(record["AliasTarget"]) == has_values or (
        record["AliasTarget"] and (record.get("TTL") is not None or record["ResourceRecords"])
    ):
        found = "more than one" if record["AliasTarget"] else "none"
        raise ZoneRefusal(
            "InvalidInput",
            f"Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found {found} in Change with [Action={action}, Name={record['Name']}, Type={record.get('Type')}, SetIdentifier={record.get('SetIdentifier', 'null')}]",
        )
    made = RecordSet(record)
    made.ttl = int(made.ttl) if made.ttl is not None else None
    return made


def _invalid(text: str) -> ZoneRefusal:
    return ZoneRefusal("InvalidChangeBatch", f"[{text}]")


def _check(zone: FakeZone, record: RecordSet, records: dict[Any, RecordSet]) -> None:
    """The rules for a record that is to be."""
    what = f"resource record set [name='{record.name}', type='{record.type}']"
    if not lies_in(record.name, zone.name):
        raise _invalid(f"RRSet with DNS name {record.name} is not permitted in zone {zone.name}")
    if record.type == "CNAME" and record.name == zone.name:
        raise _invalid(f"RRSet of type CNAME with DNS name {record.name} is not permitted at apex in zone {zone.name}")
    others = [one for one in records.values() if one.name == record.name and one.type != record.type]
    if any(one.type == "CNAME" for one in others) or (record.type == "CNAME" and others):
        raise _invalid(
            f"RRSet of type {record.type} with DNS name {record.name} is not permitted because a conflicting RRSet of type {others[0].type} with the same DNS name already exists in zone {zone.name}"
        )
    if record.alias_target:
        match = _ENDPOINT.search(record.alias_target["DNSName"])
        if match and record.alias_target["HostedZoneId"] != hosted_zone_of(match.group(1)):
            raise _invalid(
                f"Tried to create an alias that targets {record.alias_target['DNSName']}, type {record.type} in zone {record.alias_target['HostedZoneId']}, but the alias target name does not lie within the target zone"
            )
    if record.type == "A":
        for value in record.records:
            if not re.fullmatch(r"\d{1,3}(\.\d{1,3}){3}", value) or any(int(part) > 255 for part in value.split(".")):
                raise _invalid(
                    f"Invalid Resource Record: 'FATAL problem: ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address) encountered with '{value}'' for {what}"
                )


@corrects("route53", "ChangeResourceRecordSets", fact="A batch of changes is checked whole and done whole")
def change_records(call: Any, moto: Callable[[], Any]) -> Any:
    """Does a batch on a copy, and keeps the copy if all of it went well."""
    zone = zone_of(call, "HostedZoneId")
    changes = call._get_param("ChangeBatch.Changes") or []
    _check_size(changes)
    records: dict[Any, RecordSet] = {key_of(one): one for one in zone.rrsets}
    for change in changes:
        action = change.get("Action")
        record = _record(change.get("ResourceRecordSet") or {}, str(action))
        key = key_of(record)
        what = (
            f"resource record set [name='{record.name}', type='{record.type}'"
            + (f", set identifier='{record.set_identifier}'" if record.set_identifier else "")
            + "]"
        )
        if action == "DELETE":
            live = records.get(key)
            if live is None:
                raise _invalid(f"Tried to delete {what} but it was not found")
            if _content(live) != _content(record):
                raise _invalid(f"Tried to delete {what} but the values provided do not match the current values")
            if record.name == zone.name and record.type in ("NS", "SOA"):
                raise _invalid(
                    f"A HostedZone must contain {'at least one NS record' if record.type == 'NS' else 'exactly one SOA record'} for the zone itself."
                )
            del records[key]
        elif action == "CREATE" and key in records:
            raise _invalid(f"Tried to create {what} but it already exists")
        elif action in ("CREATE", "UPSERT"):
            _check(zone, record, records)
            records[key] = record
        else:
            raise ZoneRefusal(
                "InvalidInput",
                f"Invalid XML ; cvc-enumeration-valid: Value '{action}' is not facet-valid with respect to enumeration '[CREATE, DELETE, UPSERT]'. It must be a value from the enumeration.",
            )
    zone.rrsets = list(records.values())
    return ActionResult({"ChangeInfo": new_change(call, call._get_param("ChangeBatch.Comment"))})


def _check_size(changes: list[dict[str, Any]]) -> None:
    count = characters = 0
    for change in changes:
        values = _values(change.get("ResourceRecordSet") or {})
        times = 2 if change.get("Action") == "UPSERT" else 1
        count += times * len(values)
        characters += times * sum(len(value) for value in values)
    if count > MOST_VALUES or characters > MOST_CHARACTERS:
        raise _invalid(f"Number of records or characters limit of {MOST_VALUES} exceeded.")


@corrects(
    "route53",
    "ListResourceRecordSets",
    fact="Records are listed in the order of their names from the right, page by page",
)
def list_records(call: Any, moto: Callable[[], Any]) -> Any:
    """Lists records."""
    zone = zone_of(call, "HostedZoneId")
    name, kind, identifier = (
        call._get_param("StartRecordName"),
        call._get_param("StartRecordType"),
        call._get_param("StartRecordIdentifier"),
    )
    if kind and not name:
        raise ZoneRefusal("InvalidInput", "The input is not valid: a start type needs a start name")

    def place(record: RecordSet) -> tuple[Any, ...]:
        return order(record.name), str(record.type), str(record.set_identifier or "")

    records = sorted(zone.rrsets, key=place)
    if name:
        start = (order(shown(name)), str(kind or ""), str(identifier or ""))
        records = [record for record in records if place(record) >= start]
    size = min(int(call._get_param("MaxItems") or 300), 300)
    page, rest = records[:size], records[size:]
    result: dict[str, Any] = {"ResourceRecordSets": page, "IsTruncated": bool(rest), "MaxItems": str(size)}
    if rest:
        result |= {
            "NextRecordName": rest[0].name,
            "NextRecordType": rest[0].type,
            "NextRecordIdentifier": rest[0].set_identifier,
        }
    return ActionResult(result)
