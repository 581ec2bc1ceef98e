"""Settings of the endpoint: how long things take, and how slow the network is.

A setting holds for every account, unless an account has its own value. Times are in
seconds. Zero is the default: then an object's passing state (`pending`, `deleting`) lasts
only until it has been shown once, see `lifecycle_times.py`.
"""

from __future__ import annotations

import copy
import threading
from typing import Any

DEFAULTS: dict[str, Any] = {
    # how long a new object is `pending`
    "pending_seconds": {"nat_gateway": 0.0, "vpc_endpoint": 0.0, "instance": 0.0, "hosted_zone_change": 0.0},
    # how long an interface endpoint refuses a second change after a first
    "modifying_seconds": {"vpc_endpoint": 0.0},
    # how long an object is `deleting` (an instance: `shutting-down`)
    "deleting_seconds": {"nat_gateway": 0.0, "vpc_endpoint": 0.0, "instance": 0.0},
    "stopping_seconds": {"instance": 0.0},
    # how long a deleted object is still described; AWS: about an hour
    "tombstone_seconds": {"nat_gateway": 3600.0, "instance": 3600.0},
    # added to every call, outside the lock, so that calls side by side wait side by side
    "latency_ms": 0.0,
}


class SettingError(ValueError):
    """A setting with an unknown name or a value of the wrong type."""


class Settings:
    """All settings, for every account and by account."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._everywhere = copy.deepcopy(DEFAULTS)
        self._by_account: dict[str, dict[str, Any]] = {}

    def seconds(self, account: str, name: str, kind: str) -> float:
        """The time `name` of a kind of object in an account."""
        own = self._by_account.get(account, {}).get(name, {})
        return float(own.get(kind, self._everywhere[name].get(kind, 0.0)))

    def latency_ms(self, account: str) -> float:
        """Milliseconds added to every call of an account."""
        return float(self._by_account.get(account, {}).get("latency_ms", self._everywhere["latency_ms"]))

    def change(self, changes: dict[str, Any]) -> None:
        """Takes `{"account": ID or absent, NAME: VALUE, ...}`; checks all before it changes any."""
        account = changes.get("account")
        checked: dict[str, Any] = {}
        for name, value in changes.items():
            if name != "account":
                checked[name] = _checked(name, value)
        with self._lock:
            target = self._everywhere if account is None else self._by_account.setdefault(str(account), {})
            for name, value in checked.items():
                if isinstance(value, dict):
                    target.setdefault(name, {}).update(value)
                else:
                    target[name] = value

    def forget(self, account: str | None) -> None:
        """Drops an account's own settings; without an account, everything back to the defaults."""
        with self._lock:
            if account is None:
                self._everywhere = copy.deepcopy(DEFAULTS)
                self._by_account.clear()
            else:
                self._by_account.pop(account, None)

    def view(self) -> dict[str, Any]:
        """All settings as JSON-ready data."""
        with self._lock:
            return {"everywhere": copy.deepcopy(self._everywhere), "accounts": copy.deepcopy(self._by_account)}


def _checked(name: str, value: Any) -> Any:
    if name not in DEFAULTS:
        raise SettingError(f"there is no setting {name!r}; known: {', '.join(sorted(DEFAULTS))}")
    known = DEFAULTS[name]
    if not isinstance(known, dict):
        return _number(name, value)
    if not isinstance(value, dict):
        return {kind: _number(name, value) for kind in known}
    for kind in value:
        if kind not in known:
            raise SettingError(f"{name} has no kind {kind!r}; known: {', '.join(sorted(known))}")
    return {kind: _number(f"{name}.{kind}", number) for kind, number in value.items()}


def _number(name: str, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise SettingError(f"{name} must be a number, not {value!r}") from None
    if number < 0:
        raise SettingError(f"{name} must not be negative")
    return number


def from_text(text: str) -> dict[str, Any]:
    """`pending_seconds.nat_gateway=2` or `latency_ms=40`, as given on the command line."""
    name, separator, value = text.partition("=")
    if not separator:
        raise SettingError(f"{text!r} is not of the form name=value")
    setting, _, kind = name.partition(".")
    return {setting: {kind: value} if kind else value}


SETTINGS = Settings()
