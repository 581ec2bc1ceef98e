"""Credentials that expire: after a number of calls, every further one is refused.

AWS: temporary credentials end at a set time; from then on every service refuses them, each in
its own words: EC2 with RequestExpired (EC2 API reference, "Error codes"), S3 with ExpiredToken
and status 400 (S3 API reference, "Error responses"), the others with ExpiredToken and status
403 (IAM API reference, "Common errors"), the JSON ones with ExpiredTokenException.

Here `credentials_expire_after_calls` counts down from the time of the setting, so that a test
says exactly where a run is cut; `never` renews them.
"""

from __future__ import annotations

import threading
from typing import Any

from . import refusals
from .settings import SETTINGS

FORMS = {
    "ec2": ("RequestExpired", "Request has expired.", 400),
    "s3": ("ExpiredToken", "The provided token has expired.", 400),
    "iam": ("ExpiredToken", "The security token included in the request is expired", 403),
    "sts": ("ExpiredToken", "The security token included in the request is expired", 403),
    "route53": ("ExpiredToken", "The security token included in the request is expired", 403),
}
OTHERS = ("ExpiredTokenException", "The security token included in the request is expired", 400)


class Credentials:
    """How many calls each account has made since the setting was changed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: dict[str, tuple[Any, int]] = {}

    def refuse(self, who: Any) -> tuple[int, list[tuple[str, str]], bytes] | None:
        """The refusal of a call whose credentials have expired."""
        good = SETTINGS.good_calls(who.account)
        if good is None:
            return None
        with self._lock:
            since = SETTINGS.version(who.account, "credentials_expire_after_calls")
            known, made = self._made.get(who.account, (None, 0))
            made = made + 1 if known == since else 1
            self._made[who.account] = (since, made)
        if made <= good:
            return None
        code, message, status = FORMS.get(who.service, OTHERS)
        return refusals.render(who.service, code, message, status)


CREDENTIALS = Credentials()
