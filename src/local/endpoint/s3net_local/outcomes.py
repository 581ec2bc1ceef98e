"""Outcomes on order: the object that a call makes will fail.

AWS: a NAT gateway or an endpoint is made, is `pending`, and fails minutes later: not the call
fails but the object. An order (`faults.py`) with `"becomes": "failed"` lets the object that the
call makes end so, once its time of `pending` is over: a NAT gateway with failureCode and
failureMessage, an endpoint with LastError, or `rejected`, as an endpoint does that the owner of
the service refuses (EC2 API reference, NatGateway and VpcEndpoint, `State`).
"""

from __future__ import annotations

from dataclasses import dataclass

#: what may be ordered, and for which actions
BECOMES = {
    "failed": ("CreateNatGateway", "CreateVpcEndpoint"),
    "rejected": ("CreateVpcEndpoint",),
}


@dataclass(frozen=True)
class Outcome:
    """How an object ends."""

    state: str
    code: str
    message: str


#: the outcome ordered for the call that holds the lock; one call at a time is inside moto
CURRENT: list[Outcome | None] = [None]


def take() -> Outcome | None:
    """The outcome that is ordered for the object of this call."""
    found, CURRENT[0] = CURRENT[0], None
    return found
