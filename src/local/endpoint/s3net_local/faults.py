"""Faults on order: the nth call of an action fails in a stated way.

A fault is taken before moto sees the request, so nothing has happened then (or, with
`"after": true`, everything has happened and only the answer is lost: the ambiguous
failure that a provisioner must survive). Further kinds (rates of throttling, late
visibility) can be added to `Fault.strikes` without a change elsewhere.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any


class FaultError(ValueError):
    """An order for a fault that cannot be understood."""


@dataclass
class Fault:
    """One order. `nth` is counted from the time of the order, starting at 1."""

    number: int
    service: str
    action: str
    account: str | None
    code: str
    status: int
    message: str
    nth: int
    times: int
    after: bool
    drop: bool
    seen: int = 0
    struck: int = 0

    def fits(self, account: str, service: str, action: str) -> bool:
        """Whether this order is about such a call."""
        return self.account in (None, account) and self.service in ("*", service) and self.action in ("*", action)

    def strikes(self) -> bool:
        """Counts one fitting call and says whether it fails."""
        self.seen += 1
        if self.seen < self.nth or self.struck >= self.times:
            return False
        self.struck += 1
        return True


@dataclass
class Faults:
    """All orders that stand."""

    orders: list[Fault] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    number: int = 0

    def order(self, wish: dict[str, Any]) -> dict[str, Any]:
        """Takes an order and returns it as it stands."""
        service, _, action = str(wish.get("action", "")).rpartition(":")
        if not action:
            raise FaultError('a fault needs an action, for example "ec2:CreateVpc" or "CreateVpc"')
        account = wish.get("account")
        with self.lock:
            self.number += 1
            fault = Fault(
                number=self.number,
                service=service or str(wish.get("service", "*")),
                action=action,
                account=None if account is None else str(account),
                code=str(wish.get("code", "InternalError")),
                status=int(wish.get("status", 500)),
                message=str(wish.get("message", "An internal error has occurred")),
                nth=int(wish.get("nth", 1)),
                times=int(wish.get("times", 1)),
                after=bool(wish.get("after", False)),
                drop=bool(wish.get("drop", False)),
            )
            self.orders.append(fault)
            return dict(vars(fault))

    def take(self, account: str, service: str, action: str) -> Fault | None:
        """The fault that this call meets, if any."""
        if not self.orders:
            return None
        with self.lock:
            met = None
            for fault in self.orders:
                if fault.fits(account, service, action) and fault.strikes() and met is None:
                    met = fault
            self.orders = [fault for fault in self.orders if fault.struck < fault.times]
            return met

    def forget(self, account: str | None) -> None:
        """Drops the orders about one account, or all."""
        with self.lock:
            self.orders = [fault for fault in self.orders if account is not None and fault.account != account]

    def view(self) -> list[dict[str, Any]]:
        """The orders that stand, as JSON-ready data."""
        with self.lock:
            return [dict(vars(fault)) for fault in self.orders]


FAULTS = Faults()
