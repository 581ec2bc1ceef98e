"""Faults on order: the nth call of an action fails in a stated way.

A fault is taken before moto sees the request, so nothing has happened then. With
`"after": true` everything has happened and only the answer is lost: the ambiguous
failure that a provisioner must survive. Instead of an error the caller may meet a
connection that is closed (`drop`), reset (`reset`), or closed in the middle of the
answer (`truncate`, which is always after). With `"becomes"` the call goes well and the
object that it makes fails, see `outcomes.py`. With `delay` it is done, or fails, so many
seconds later; a delay alone is no failure.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

from .outcomes import BECOMES, Outcome


#: what an order may say
KNOWN = {
    "account", "service", "action", "nth", "times", "code", "status", "message", "after", "drop", "reset", "truncate",
    "becomes", "delay",
}  # fmt: skip


#: what makes a call fail, beside a delay or an outcome
FAILS = {"code", "status", "message", "after", "drop", "reset", "truncate"}


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
    reset: bool
    truncate: bool
    becomes: str | None
    delay: float
    fails: bool
    seen: int = 0
    struck: int = 0

    def fits(self, account: str, service: str, action: str) -> bool:
        """Whether this order is about such a call."""
        return self.account in (None, account) and self.service in ("*", service) and self.action in ("*", action)

    @property
    def outcome(self) -> Outcome | None:
        """How the object ends that the call makes, where that is ordered."""
        return Outcome(self.becomes, self.code, self.message) if self.becomes else None

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
        unknown = sorted(set(wish) - KNOWN)
        if unknown:
            raise FaultError(f"a fault has no {unknown[0]!r}; known: {', '.join(sorted(KNOWN))}")
        service, _, action = str(wish.get("action", "")).rpartition(":")
        if not action:
            raise FaultError('a fault needs an action, for example "ec2:CreateVpc" or "CreateVpc"')
        account, becomes = wish.get("account"), wish.get("becomes")
        if becomes is not None and action not in BECOMES.get(str(becomes), ()):
            raise FaultError(
                f"what {action} makes cannot become {becomes!r}; "
                + "; ".join(f"{state} goes with {' and '.join(actions)}" for state, actions in BECOMES.items())
            )
        with self.lock:
            self.number += 1
            fault = Fault(
                number=self.number,
                service=service or str(wish.get("service", "*")),
                action=action,
                account=None if account is None else str(account),
                code=str(wish.get("code", "InternalError")),
                status=_whole(wish, "status", 500),
                message=str(wish.get("message", "An internal error has occurred")),
                nth=_whole(wish, "nth", 1),
                times=_whole(wish, "times", 1),
                after=bool(wish.get("after", False)) or bool(wish.get("truncate", False)),
                drop=bool(wish.get("drop", False)),
                reset=bool(wish.get("reset", False)),
                truncate=bool(wish.get("truncate", False)),
                becomes=None if becomes is None else str(becomes),
                delay=_number(wish, "delay", 0.0),
                fails=becomes is None and ("delay" not in wish or bool(FAILS & set(wish))),
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


def _number(wish: dict[str, Any], name: str, default: float) -> float:
    try:
        return max(0.0, float(wish.get(name, default)))
    except (TypeError, ValueError):
        raise FaultError(f"{name} of a fault must be a number, not {wish[name]!r}") from None


def _whole(wish: dict[str, Any], name: str, default: int) -> int:
    try:
        return int(wish.get(name, default))
    except (TypeError, ValueError):
        raise FaultError(f"{name} of a fault must be a whole number, not {wish[name]!r}") from None


FAULTS = Faults()
