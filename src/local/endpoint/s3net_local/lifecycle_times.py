"""Passing states: `pending`, `deleting`, and the time for which deleted objects are still described.

AWS: a NAT gateway takes a minute or two to become `available` and about a minute to go;
an interface endpoint takes one to five; an instance takes some tens of seconds. While an
object is `deleting` it still holds its addresses, groups and subnet. Deleted NAT gateways
and terminated instances stay visible for about an hour (VPC user guide, "Work with NAT
gateways"; EC2 user guide, "Terminate EC2 instances").

moto: every object is ready, and gone, at once.

Here every passing state is a `Phase` with an end. Nothing runs in the background: each
EC2 call first lets the phases that are over end (`settle`). Times come from the settings.
With a time of zero there is no clock: the state lasts until it has been shown once, in the
answer of the call that began it, in a later describe, or by a refusal that it caused.
So a program that does not wait for the end of `deleting` is caught, and one that does
needs two reads and no sleep.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from .settings import SETTINGS


class Phase:
    """A state that one object leaves by itself, and what happens then."""

    def __init__(self, account: str, setting: str, kind: str, then: Callable[[], None], shown: bool):
        self.kind = kind
        self.setting = setting
        self.then = then
        self.shown = shown
        seconds = SETTINGS.seconds(account, setting, kind)
        self.by_clock = seconds > 0
        self.ends = time.monotonic() + seconds

    @property
    def over(self) -> bool:
        """Whether the state has ended."""
        return time.monotonic() >= self.ends if self.by_clock else self.shown


def _phases(backend: Any) -> dict[str, Phase]:
    phases: dict[str, Phase] = backend.__dict__.setdefault("s3net_phases", {})
    return phases


def begin(backend: Any, identifier: str, setting: str, kind: str, then: Callable[[], None], shown: bool) -> None:
    """Begins a phase of an object; an earlier phase of it is cut short without its end."""
    _phases(backend)[identifier] = Phase(backend.account_id, setting, kind, then, shown)


def settle(backend: Any) -> None:
    """Ends every phase that is over. The end of one may begin another, which may be over too."""
    phases = _phases(backend)
    while over := [(identifier, phase) for identifier, phase in phases.items() if phase.over]:
        for identifier, phase in over:
            if phases.get(identifier) is phase:
                del phases[identifier]
                phase.then()


def show(backend: Any, kind: str) -> None:
    """Notes that the states of all objects of a kind have been shown."""
    for phase in _phases(backend).values():
        if phase.kind == kind:
            phase.shown = True


def show_one(backend: Any, identifier: str) -> None:
    """Notes that the state of one object has been shown."""
    phase = _phases(backend).get(identifier)
    if phase is not None:
        phase.shown = True


def passing(backend: Any, identifier: str) -> bool:
    """Whether an object is in a passing state now."""
    return identifier in _phases(backend)
