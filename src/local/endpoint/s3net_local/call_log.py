"""The log of calls, by account: what a test reads to count calls and to see their order.

A dry run, which does nothing, stands there as `CreateVpc (dry run)`.

The log keeps the last 10,000 calls of every account; the counts go on beyond that.
Times are milliseconds of this process's monotonic clock, so that two calls overlap
exactly if each starts before the other ends. A call stands in the log when it is
answered; until then it is under way.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from typing import Any

KEPT = 10_000


def now_ms() -> float:
    """The clock of the log."""
    return round(time.monotonic() * 1000, 3)


class CallLog:
    """Counts and last calls of all accounts."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[str, Counter[str]] = {}
        self._last: dict[str, deque[dict[str, Any]]] = {}
        self._under_way: dict[str, Counter[str]] = {}
        self._number = 0

    def begin(self, account: str, service: str, action: str) -> None:
        """Notes that a call came in. It is under way until it is added."""
        with self._lock:
            self._under_way.setdefault(account, Counter())[f"{service}:{action}"] += 1

    def add(self, **entry: Any) -> None:
        """Adds one ended call."""
        account = entry["account"]
        with self._lock:
            self._number += 1
            entry["number"] = self._number
            name = f"{entry['service']}:{entry['action']}"
            self._under_way[account] -= Counter([name])
            self._counts.setdefault(account, Counter())[name] += 1
            self._last.setdefault(account, deque(maxlen=KEPT)).append(entry)

    def view(self, account: str | None, reset: bool) -> dict[str, Any]:
        """Counts and log of one account, or of all; `reset` empties what was shown."""
        with self._lock:
            accounts = [account] if account else sorted(self._counts.keys() | self._under_way.keys())
            counts: Counter[str] = Counter()
            under_way: Counter[str] = Counter()
            log: list[dict[str, Any]] = []
            for one in accounts:
                counts.update(self._counts.get(one, {}))
                under_way.update(self._under_way.get(one, {}))
                log.extend(self._last.get(one, ()))
                if reset:
                    self._counts.pop(one, None)
                    self._last.pop(one, None)
        log.sort(key=lambda entry: entry["start_ms"])
        return {
            "account": account,
            "total": sum(counts.values()),
            "counts": dict(sorted(counts.items())),
            "under_way": sorted(under_way.elements()),
            "log": log,
        }


CALLS = CallLog()
