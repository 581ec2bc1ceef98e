"""Throttling: too many calls in a short time are refused, as by AWS's token buckets.

AWS: each EC2 action has a bucket of its own, for each account and region; a call takes a
token, tokens come back at a steady rate, and a call that finds none is refused with
RequestLimitExceeded, status 503 (EC2 API guide, "Request throttling"). Route 53 takes five
calls a second of an account, all actions together, and refuses with Throttling, "Rate
exceeded", status 400 (Route 53 developer guide, "Quotas"). IAM and S3 are left alone: their
limits are far away.

moto: takes calls at any rate.

Off unless the setting `throttle` turns it on; that setting can give an action another
bucket, `throttle.ec2:CreateVpc=2/0.5`: two tokens, and one comes back every two seconds.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from . import refusals
from .settings import SETTINGS

#: size and tokens a second, "Request token bucket sizes and refill rates"
READS, BROAD_READS, CHANGES = (100.0, 20.0), (50.0, 10.0), (50.0, 5.0)
PUBLISHED: dict[str, tuple[float, float]] = {
    "ec2:RunInstances": (5, 2),
    "ec2:StartInstances": (5, 2),
    "ec2:TerminateInstances": (100, 5),
    "ec2:CreateTags": (100, 10),
    "ec2:DeleteTags": (100, 10),
    "ec2:CreateNetworkInterface": (100, 5),
    "ec2:CreateNatGateway": (10, 1),
    "ec2:DeleteNatGateway": (10, 1),
    "ec2:AssociateNatGatewayAddress": (10, 1),
    "ec2:DisassociateNatGatewayAddress": (10, 1),
    "ec2:CreateVpcEndpoint": (4, 0.3),
    "ec2:ModifyVpcEndpoint": (4, 0.3),
    "ec2:DeleteVpcEndpoints": (4, 0.3),
    "route53:*": (5, 5),
}


@dataclass
class Bucket:
    """The tokens of one action in one account and region."""

    size: float
    rate: float
    left: float
    at: float

    def take(self, now: float) -> bool:
        """Takes a token if there is one."""
        self.left = min(self.size, self.left + (now - self.at) * self.rate)
        self.at = now
        if self.left < 1:
            return False
        self.left -= 1
        return True


class Throttle:
    """All buckets."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._buckets: dict[tuple[Any, ...], Bucket] = {}

    def refuse(self, who: Any, body: bytes) -> tuple[int, list[tuple[str, str]], bytes] | None:
        """The refusal of a call that finds no token."""
        own = SETTINGS.throttle(who.account)
        if own is None or who.service not in ("ec2", "route53"):
            return None
        name, size, rate = _bucket(who, body, own)
        region = "" if who.service == "route53" else who.region
        # a change of the setting begins with full buckets
        key = (who.account, region, name, SETTINGS.version(who.account, "throttle"))
        now = time.monotonic()
        with self._lock:
            bucket = self._buckets.setdefault(key, Bucket(size, rate, size, now))
            if bucket.take(now):
                return None
        if who.service == "route53":
            return refusals.render("route53", "Throttling", "Rate exceeded", 400)
        return refusals.render("ec2", "RequestLimitExceeded", "Request limit exceeded.", 503)


def _bucket(who: Any, body: bytes, own: dict[str, Any]) -> tuple[str, float, float]:
    for name in (f"{who.service}:{who.action}", f"{who.service}:*"):
        if name in own:
            size, _, rate = own[name].partition("/")
            return name, float(size), float(rate)
        if name in PUBLISHED:
            return name, *PUBLISHED[name]
    name = f"{who.service}:{who.action}"
    if not who.action.startswith("Describe"):
        return name, *(READS if who.action.startswith(("Get", "Search", "List")) else CHANGES)
    # a describe without ids, filters or pages has a bucket of its own
    if {key for key, _ in parse_qsl(body.decode(errors="replace"))} <= {"Action", "Version", "DryRun"}:
        return name + " unfiltered", *BROAD_READS
    return name, *READS


THROTTLE = Throttle()
