"""The front door: what every request passes before and after moto.

moto keeps its data in plain dictionaries and is not made for threads. The front door
reads a request to its end, sleeps if a latency is set, and only then takes the one lock
of the process; the answer is complete before the lock is released. So slow clients and
set latencies cost nobody else anything, and racing calls are answered one after the
other, as if AWS had served them in that order.
"""

from __future__ import annotations

import io
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable
from http.client import responses
from typing import Any

from . import admin, bucket_places, denials, outcomes, refusals, request_ids
from .call_identity import Identity, identify
from .call_log import CALLS, now_ms
from .credentials import CREDENTIALS
from .faults import FAULTS, Fault
from .settings import SETTINGS
from .throttling import THROTTLE

Answer = tuple[int, list[tuple[str, str]], bytes]


class Dropped(Exception):
    """The connection is closed, or reset, without an answer, by an ordered fault."""

    def __init__(self, reset: bool):
        super().__init__()
        self.reset = reset


class Truncated(Exception):
    """The connection is closed in the middle of this answer, by an ordered fault."""

    def __init__(self, answer: Answer):
        super().__init__()
        self.answer = answer


class FrontDoor:
    """The WSGI application that the server runs."""

    def __init__(self, moto: Callable[[dict[str, Any], Any], Iterable[bytes]]):
        self.moto = moto
        self.lock = threading.RLock()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        body = _read(environ)
        path = environ.get("PATH_INFO", "")
        if path.startswith("/_s3net/"):
            status, headers, payload = admin.answer(environ, path, body, self.lock)
        else:
            status, headers, payload = self.serve(environ, body)
        start_response(f"{status} {responses.get(status, 'Unknown')}", headers)
        return [payload]

    def serve(self, environ: dict[str, Any], body: bytes) -> Answer:
        """Answers one AWS call."""
        start = now_ms()
        environ["wsgi.input"] = io.BytesIO(body)
        who = identify(environ, body)
        environ["wsgi.input"] = io.BytesIO(body)
        action = f"{who.action} (dry run)" if who.dry_run else who.action
        CALLS.begin(who.account, who.service, action)
        answer: Answer = (0, [], b"")
        code: str | None = None
        try:
            time.sleep(SETTINGS.number(who.account, "latency_ms") / 1000)
            refusal = CREDENTIALS.refuse(who) or THROTTLE.refuse(who, body) or denials.refuse(who)
            answer = refusal or self.with_fault(environ, body, who)
            if answer[0] >= 400:
                code = _error_code(answer)
            return answer
        except Dropped:
            code = "ConnectionDropped"
            raise
        except Truncated:
            code = "AnswerTruncated"
            raise
        finally:
            CALLS.add(
                service=who.service,
                action=action,
                account=who.account,
                region=who.region,
                status=answer[0],
                error=code,
                start_ms=start,
                end_ms=now_ms(),
            )

    def with_fault(self, environ: dict[str, Any], body: bytes, who: Identity) -> Answer:
        """Answers a call that credentials and rates let through."""
        # a dry run does nothing that could go wrong
        fault = None if who.dry_run else FAULTS.take(who.account, who.service, who.action)
        if fault is None:
            return self.ask_moto(environ, body, who)
        time.sleep(fault.delay)
        if not fault.fails:
            return self.ask_moto(environ, body, who, fault)
        answer = self.ask_moto(environ, body, who) if fault.after else (0, [], b"")
        if fault.truncate:
            raise Truncated(answer)
        if fault.drop or fault.reset:
            raise Dropped(fault.reset)
        return refusals.render(who.service, fault.code, fault.message, fault.status)

    def ask_moto(self, environ: dict[str, Any], body: bytes, who: Identity, ordered: Fault | None = None) -> Answer:
        """Passes a call on to moto, one at a time."""
        turned_away = bucket_places.refuse(who, environ)
        if turned_away is not None:
            return bucket_places.with_region(who, environ, turned_away)
        if who.chosen:
            environ["HTTP_X_MOTO_ACCOUNT_ID"] = who.account
        kept: dict[str, Any] = {}

        def start_response(status: str, headers: list[tuple[str, str]], _info: Any = None) -> Any:
            kept["status"], kept["headers"] = int(status.split(" ", 1)[0]), headers

        with self.lock:
            identifier = request_ids.new(who.service)
            outcomes.CURRENT[0] = ordered.outcome if ordered else None
            try:
                chunks = self.moto(environ, start_response)
                payload = b"".join(chunks)
                if hasattr(chunks, "close"):
                    chunks.close()
            except NotImplementedError as missing:
                return _missing(who, missing)
            except Exception as failure:
                traceback.print_exc(file=sys.stderr)
                return refusals.render(
                    who.service, "InternalError", f"the local endpoint failed: {type(failure).__name__}: {failure}", 500
                )
        status = kept["status"]
        if status >= 400 and who.service == "ec2":
            status = refusals.EC2_STATUS.get(_error_code((status, [], payload)) or "", status)
        headers = [(name, value) for name, value in kept["headers"] if name.lower() not in request_ids.HEADERS]
        answer = status, headers + request_ids.headers_for(who.service, identifier), _own_id(payload, identifier)
        return bucket_places.with_region(who, environ, answer)


def _own_id(payload: bytes, identifier: str) -> bytes:
    """Puts the id into a query service's body, where moto writes one of its own at the end."""
    start, end = payload.rfind(b"<RequestId>"), payload.rfind(b"</RequestId>")
    if 0 <= start < end and len(payload) - end < 400:
        return payload[: start + 11] + identifier.encode() + payload[end:]
    return payload


def _missing(who: Identity, missing: NotImplementedError) -> Answer:
    if who.service == "ec2":
        return refusals.render(
            "ec2",
            "InvalidAction",
            f"The action {who.action} is not valid for this web service. (The local endpoint does not have it: {missing})",
            400,
        )
    return refusals.render(
        who.service, "NotImplemented", f"The local endpoint does not have {who.service}:{who.action}: {missing}", 501
    )


def _read(environ: dict[str, Any]) -> bytes:
    stream = environ["wsgi.input"]
    length = environ.get("CONTENT_LENGTH")
    if length:
        return bytes(stream.read(int(length)))
    if environ.get("wsgi.input_terminated"):
        body = bytes(stream.read())
        environ["CONTENT_LENGTH"] = str(len(body))
        return body
    return b""


def _error_code(answer: Answer) -> str | None:
    status, headers, payload = answer
    start = payload.find(b"<Code>")
    if start >= 0:
        return payload[start + 6 : payload.find(b"</Code>", start)].decode(errors="replace")
    for name, value in headers:
        if name.lower() in ("x-amzn-errortype", "x-error-code"):
            return value
    start = payload.find(b'"__type": "')
    if start >= 0:
        return payload[start + 11 : payload.find(b'"', start + 11)].decode(errors="replace")
    return str(status)
