"""The endpoint's own routes, under `/_s3net/`; README.md documents their forms.

None of them needs a signature. They are for the launcher (`health`), for tests (`calls`,
`fault`, `reset`) and for both (`settings`).
"""

from __future__ import annotations

import json
import os
from typing import Any
from urllib.parse import parse_qs

from . import VERSION
from .accounts import forget_account, known_accounts
from .call_log import CALLS
from .corrections import REGISTER
from .faults import FAULTS, FaultError
from .settings import SETTINGS, SettingError

JSON = [("Content-Type", "application/json"), ("Cache-Control", "no-store")]


def answer(environ: dict[str, Any], path: str, body: bytes, lock: Any) -> tuple[int, list[tuple[str, str]], bytes]:
    """Answers one request to an own route."""
    query = {name: values[-1] for name, values in parse_qs(environ.get("QUERY_STRING", "")).items()}
    try:
        status, data = _route(environ["REQUEST_METHOD"], path[len("/_s3net/") :].strip("/"), query, body, lock)
    except (SettingError, FaultError, ValueError) as wrong:
        status, data = 400, {"error": str(wrong)}
    payload = json.dumps(data).encode()
    return status, JSON + [("Content-Length", str(len(payload)))], payload


def _route(method: str, route: str, query: dict[str, str], body: bytes, lock: Any) -> tuple[int, Any]:
    account = query.get("account")
    if (method, route) == ("GET", "health"):
        import moto

        return 200, {
            "ok": True,
            "version": VERSION,
            "moto": moto.__version__,
            "pid": os.getpid(),
            "consistency_seconds": SETTINGS.longest(account, "visible_after_seconds"),
        }
    if (method, route) == ("GET", "calls"):
        return 200, CALLS.view(account, query.get("reset") in ("1", "true"))
    if (method, route) == ("GET", "settings"):
        return 200, SETTINGS.view()
    if (method, route) == ("POST", "settings"):
        SETTINGS.change(_object(body))
        return 200, SETTINGS.view()
    if (method, route) == ("GET", "faults"):
        return 200, FAULTS.view()
    if (method, route) == ("POST", "fault"):
        return 200, FAULTS.order(_object(body))
    if (method, route) == ("POST", "reset"):
        with lock:
            gone = [account] if account else known_accounts()
            for one in gone:
                forget_account(one)
        FAULTS.forget(account)
        if query.get("settings") in ("1", "true"):
            SETTINGS.forget(account)
        return 200, {"reset": gone}
    if (method, route) == ("GET", "accounts"):
        with lock:
            return 200, known_accounts()
    if (method, route) == ("GET", "corrections"):
        return 200, [vars(one) for one in REGISTER]
    return 404, {"error": f"no route {method} /_s3net/{route}"}


def _object(body: bytes) -> dict[str, Any]:
    data = json.loads(body or b"{}")
    if not isinstance(data, dict):
        raise ValueError("the body must be a JSON object")
    return data
