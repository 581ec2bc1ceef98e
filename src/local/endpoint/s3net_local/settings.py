"""Settings of the endpoint: how long things take, how slow the network is, and what trouble AWS makes.

A setting holds for every account, unless an account has its own value. Times are in
seconds. Zero is the default: then an object's passing state (`pending`, `deleting`) lasts
only until it has been shown once, see `lifecycle_times.py`, and there is no trouble.
"""

from __future__ import annotations

import copy
import threading
from collections import Counter
from typing import Any

#: what is shown late, see `visibility.py`
SHOWN_LATE = (
    "vpc", "subnet", "internet_gateway", "attachment", "elastic_ip", "nat_gateway", "route_table", "route", "association",
    "security_group", "security_group_rule", "vpc_endpoint", "network_interface", "instance", "role", "instance_profile",
    "hosted_zone",
)  # fmt: skip

#: the quotas that services tell, see `quotas.py`: by their codes, or by what they count
QUOTAS = (
    "L-F678F1CE", "L-A4707A72", "L-FE5A380F", "L-1B52E74A", "L-29B6F2EB", "L-407747CB", "L-589F43AA", "L-93826ACB",
    "L-E79EC296", "L-0EA8095F", "L-0263D0A3", "hosted_zones", "roles", "instance_profiles",
)  # fmt: skip

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
    # how long the interfaces of an endpoint that is gone still hold subnets and groups
    "lingering_interface_seconds": {"vpc_endpoint": 0.0},
    # how long a new object is neither shown nor known, see `visibility.py`
    "visible_after_seconds": dict.fromkeys(SHOWN_LATE, 0.0),
    # how long other services do not know a new role or instance profile, see `iam_calls.py`
    "iam_propagation_seconds": 0.0,
    # how long a hosted zone refuses a change after another, see `route53_calls.py`
    "zone_change_seconds": 0.0,
    # how long after its NAT gateway has gone an Elastic IP is not released, see `elastic_ips.py`
    "release_trouble_seconds": 0.0,
    # added to every call, outside the lock, so that calls side by side wait side by side
    "latency_ms": 0.0,
    # whether too many calls are refused, see `throttling.py`
    "throttle": {"on": False},
    # how many there may be of what, see `quotas.py`
    "quota": dict.fromkeys(QUOTAS, 100_000.0),
    # which actions are refused for want of permission, see `denials.py`
    "deny": {},
    # how many calls the credentials are still good for, see `credentials.py`
    "credentials_expire_after_calls": None,
}

_YES, _NO = ("on", "true", "yes", "1"), ("off", "false", "no", "0")


class SettingError(ValueError):
    """A setting with an unknown name or a value of the wrong type."""


class Settings:
    """All settings, for every account and by account."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._everywhere = copy.deepcopy(DEFAULTS)
        self._by_account: dict[str, dict[str, Any]] = {}
        self._versions: Counter[tuple[str, str]] = Counter()

    def seconds(self, account: str, name: str, kind: str) -> float:
        """The time `name` of a kind of object in an account."""
        own = self._by_account.get(account, {}).get(name, {})
        return float(own.get(kind, self._everywhere[name].get(kind, 0.0)))

    def longest(self, account: str | None, name: str) -> float:
        """The longest time `name` of any kind of object, in an account or everywhere."""
        own = self._by_account.get(account or "", {}).get(name, {})
        return float(max((self._everywhere[name] | own).values(), default=0.0))

    def number(self, account: str, name: str) -> float:
        """A setting without kinds."""
        return float(self._by_account.get(account, {}).get(name, self._everywhere[name]))

    def throttle(self, account: str) -> dict[str, Any] | None:
        """The buckets that an account has of its own, by action; None where throttling is off."""
        own = self._by_account.get(account, {}).get("throttle", {})
        whole = self._everywhere["throttle"] | own
        return whole if whole["on"] else None

    def denied(self, account: str) -> set[str]:
        """The actions that an account may not do."""
        whole = self._everywhere["deny"] | self._by_account.get(account, {}).get("deny", {})
        return {action for action, denied in whole.items() if denied}

    def good_calls(self, account: str) -> int | None:
        """For how many calls credentials are good from the time of the setting on."""
        name = "credentials_expire_after_calls"
        found: int | None = self._by_account.get(account, {}).get(name, self._everywhere[name])
        return found

    def version(self, account: str, name: str) -> tuple[int, int]:
        """Another one after each change of a setting, so that what counts from there can tell."""
        return self._versions["", name], self._versions[account, name]

    def change(self, changes: dict[str, Any]) -> None:
        """Takes `{"account": ID or absent, NAME: VALUE, ...}`; checks all before it changes any."""
        account = changes.get("account")
        checked: dict[str, Any] = {}
        for name, value in changes.items():
            if name != "account":
                checked[name] = _checked(name, value)
        with self._lock:
            self._versions.update((str(account or ""), name) for name in checked)
            target = self._everywhere if account is None else self._by_account.setdefault(str(account), {})
            for name, value in checked.items():
                if isinstance(value, dict):
                    target.setdefault(name, {}).update(value)
                else:
                    target[name] = value

    def forget(self, account: str | None) -> None:
        """Drops an account's own settings; without an account, everything back to the defaults."""
        with self._lock:
            self._versions.update((account or "", name) for name in DEFAULTS)
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
    if name == "throttle":
        return _throttle(value)
    if name == "deny":
        return _denied(value)
    if name == "credentials_expire_after_calls":
        return None if value is None or str(value).lower() in ("never", "none") else int(_number(name, value))
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
    if not 0 <= number < float("inf"):
        raise SettingError(f"{name} must be a number that is not negative, not {value!r}")
    return number


def _throttle(value: Any) -> dict[str, Any]:
    """`true`, `off`, or buckets by action, `{"ec2:CreateVpc": "2/0.5"}`, which turn it on."""
    if not isinstance(value, dict):
        word = str(value).lower()
        if word not in _YES + _NO:
            raise SettingError(f"throttle must be on, off, or buckets by action, not {value!r}")
        return {"on": word in _YES}
    buckets: dict[str, Any] = {"on": True}
    for action, text in value.items():
        size, _, rate = str(text).partition("/")
        if action == "on":
            buckets |= _throttle(text)
        elif ":" not in action:
            raise SettingError(f"throttle: {action!r} is no action such as ec2:CreateVpc")
        elif not rate:
            raise SettingError(f"throttle.{action} must be SIZE/CALLS-A-SECOND, such as 4/0.3, not {text!r}")
        else:
            numbers = [_number(f"throttle.{action}", part) for part in (size, rate)]
            buckets[action] = f"{numbers[0]:g}/{numbers[1]:g}"
    return buckets


def _denied(value: Any) -> dict[str, bool]:
    """An action, or `{"ec2:CreateVpc": "on"}`."""
    actions = value if isinstance(value, dict) else {str(value): "on"}
    for action, text in actions.items():
        if ":" not in action:
            raise SettingError(f"deny: {action!r} is no action such as ec2:CreateVpc")
        if str(text).lower() not in _YES + _NO:
            raise SettingError(f"deny.{action} must be on or off, not {text!r}")
    return {action: str(text).lower() in _YES for action, text in actions.items()}


def from_text(text: str) -> dict[str, Any]:
    """`pending_seconds.nat_gateway=2` or `latency_ms=40`, as given on the command line."""
    name, separator, value = text.partition("=")
    if not separator:
        raise SettingError(f"{text!r} is not of the form name=value")
    setting, _, kind = name.partition(".")
    return {setting: {kind: value} if kind else value}


SETTINGS = Settings()
