"""Prefix lists.

AWS: DescribePrefixLists gives the ranges of the services that have gateway endpoints; the
lists of AWS belong to owner `AWS` and cannot be changed; unknown ids are refused; a list
that a group names cannot be deleted (VPC user guide, "Managed prefix lists"). The S3 list
of a region has the same id for every account.

moto: leaves out the ranges, gives every account other ids, and deletes lists in use.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models import managed_prefixes

from .corrections import corrects, replaces
from .refusals import Refusal

KNOWN = {
    ("ap-northeast-1", "s3"): "pl-61a54008",
    ("us-east-1", "s3"): "pl-63a5400a",
    ("us-west-2", "s3"): "pl-68a54001",
    ("eu-west-1", "s3"): "pl-6da54004",
    ("ap-northeast-1", "dynamodb"): "pl-78a54011",
}
#: some of S3's ranges, by region; other regions get moto's
RANGES = {"ap-northeast-1": ["3.5.152.0/21", "52.219.0.0/20", "52.219.16.0/22", "52.219.68.0/22", "52.219.136.0/22"]}

_moto_create = managed_prefixes.ManagedPrefixListBackend._create_aws_managed_prefix_list


@replaces(
    managed_prefixes.ManagedPrefixListBackend,
    "_create_aws_managed_prefix_list",
    fact="AWS's lists have the same id in every account",
)
def create_aws_list(self: Any, name: str, address_family: str, entries: list[dict[str, str]]) -> None:
    """Makes a list of AWS and gives it its stable id."""
    before = set(self.managed_prefix_lists)
    if name.endswith(".s3") and self.region_name in RANGES:
        entries = [{"Cidr": cidr, "Description": ""} for cidr in RANGES[self.region_name]]
    _moto_create(self, name, address_family, entries)
    made = self.managed_prefix_lists.pop((set(self.managed_prefix_lists) - before).pop())
    service = name.rsplit(".", 1)[-1]
    made.id = (
        KNOWN.get((self.region_name, service))
        or "pl-" + hashlib.sha256(f"{self.region_name} {name}".encode()).hexdigest()[:8]
    )
    made.prefix_list_arn = f"arn:aws:ec2:{self.region_name}:aws:prefix-list/{made.id}"
    self.managed_prefix_lists[made.id] = made


def get(backend: Any, identifier: str) -> Any:
    """A list by its id."""
    found = backend.managed_prefix_lists.get(identifier)
    if found is None or found.state == "delete-complete":
        raise Refusal("InvalidPrefixListID.NotFound", f"The prefix list ID '{identifier}' does not exist")
    return found


def _wanted(call: Any) -> list[Any]:
    backend = call.ec2_backend
    named = call._get_param("PrefixListIds", []) or []
    return [get(backend, one) for one in named] if named else list(backend.managed_prefix_lists.values())


@corrects("ec2", "DescribeManagedPrefixLists", fact="Unknown prefix lists are refused, and deleted ones are gone")
def describe_managed_prefix_lists(call: Any, moto: Callable[[], Any]) -> Any:
    """All lists or the named ones."""
    return ActionResult({"PrefixLists": _wanted(call)})


@corrects(
    "ec2", "DescribePrefixLists", fact="DescribePrefixLists gives the ranges of the services with gateway endpoints"
)
def describe_prefix_lists(call: Any, moto: Callable[[], Any]) -> Any:
    """The lists of S3 and DynamoDB."""
    shown = [
        {
            "PrefixListId": one.id,
            "PrefixListName": one.prefix_list_name,
            "Cidrs": [entry["Cidr"] for entry in next(reversed(one.entries.values()), [])],
        }
        for one in _wanted(call)
        if one.prefix_list_name in (f"com.amazonaws.{call.region}.s3", f"com.amazonaws.{call.region}.dynamodb")
    ]
    return ActionResult({"PrefixLists": shown})


@corrects(
    "ec2",
    "GetManagedPrefixListEntries",
    "ModifyManagedPrefixList",
    fact="Unknown prefix lists are refused; AWS's own cannot be changed",
)
def check_list(call: Any, moto: Callable[[], Any]) -> Any:
    """Checks the list before moto uses it."""
    found = get(call.ec2_backend, call._get_param("PrefixListId"))
    if call._get_action() == "ModifyManagedPrefixList":
        if found.owner_id == "AWS":
            raise Refusal("UnauthorizedOperation", "You are not authorized to perform this operation.")
        current = call._get_param("CurrentVersion")
        if current is not None and int(current) != found.version:
            raise Refusal(
                "PrefixListVersionMismatch",
                f"The prefix list version {current} does not match the current version {found.version}.",
            )
        name = found.prefix_list_name
        answer = moto()
        # moto forgets the name where the call does not repeat it
        found.prefix_list_name = call._get_param("PrefixListName") or name
        return answer
    return moto()


@corrects("ec2", "DeleteManagedPrefixList", fact="A list that a group or route names is not deleted")
def delete_managed_prefix_list(call: Any, moto: Callable[[], Any]) -> Any:
    """Refuses lists in use."""
    backend = call.ec2_backend
    found = get(backend, call._get_param("PrefixListId"))
    named = any(
        rule.prefix_list_id == found.id
        for groups in backend.groups.values()
        for group in groups.values()
        for rule in group.ingress_rules + group.egress_rules
    )
    routed = any(
        route.destination_prefix_list is found for table in backend.route_tables.values() for route in table.routes
    )
    if named or routed:
        raise Refusal("DependencyViolation", f"The prefix list '{found.id}' is in use and cannot be deleted.")
    answer = moto()
    backend.managed_prefix_lists.pop(found.id, None)
    return answer
