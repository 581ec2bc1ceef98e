"""Who calls what: account, region, service and action of a request, read from its signature and body.

AWS knows the account from the access key. Here an access key id of twelve digits is the
account id itself, so that tests side by side on one server can each have an account of
their own; any other key belongs to moto's default account.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.request import Request
from moto.core.routing import NotFound, get_service_router

_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/(\d+)/([^/,\s]+)/([^/,\s]+)/aws4_request")
_DRY_RUN = re.compile(rb"(?:^|&)DryRun=(?i:true)(?:&|$)")
_ACCOUNT = re.compile(r"^\d{12}$")
_ROUTED = {"s3": "s3", "route53": "route53"}


@dataclass(frozen=True)
class Identity:
    """What the front door knows of a request before anybody has looked at it closely."""

    access_key: str
    account: str
    region: str
    service: str
    action: str
    #: whether EC2 is only asked if it would do it
    dry_run: bool = False

    @property
    def chosen(self) -> bool:
        """Whether the access key names its account."""
        return bool(_ACCOUNT.match(self.access_key))


def identify(environ: dict[str, Any], body: bytes) -> Identity:
    """Reads the identity of a request; unsigned requests belong to S3 in us-east-1, as in moto."""
    query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    key, region, service = "", "us-east-1", "s3"
    match = _CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
    if match:
        key, _, region, service = match.groups()
    elif "X-Amz-Credential" in query:
        parts = query["X-Amz-Credential"][0].split("/")
        if len(parts) == 5:
            key, _, region, service, _ = parts
    elif "AWSAccessKeyId" in query:
        key = query["AWSAccessKeyId"][0]
    account = key if _ACCOUNT.match(key) else DEFAULT_ACCOUNT_ID
    dry_run = service == "ec2" and bool(_DRY_RUN.search(body))
    return Identity(key, account, region, service, _action(environ, body, query, service), dry_run)


def _action(environ: dict[str, Any], body: bytes, query: dict[str, list[str]], service: str) -> str:
    if service in _ROUTED:
        try:
            operation, _ = get_service_router(_ROUTED[service]).match(Request(dict(environ)))
            return str(operation.name)
        except (NotFound, NotImplementedError, KeyError, ValueError):
            return "Unknown"
    target = environ.get("HTTP_X_AMZ_TARGET")
    if target:
        return str(target).rsplit(".", 1)[-1]
    if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        match = re.search(rb"(?:^|&)Action=([A-Za-z0-9]+)", body)
        if match:
            return match.group(1).decode()
    return query.get("Action", ["Unknown"])[0]
