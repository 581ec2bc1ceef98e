"""Request ids.

AWS: every answer bears an id of its own, in a header and, for EC2 and the query services, in
the body; S3 calls the header `x-amz-request-id`, the others `x-amzn-RequestId`.

moto: writes the words "request-id" into bodies and another text into a header.
"""

from __future__ import annotations

import uuid
from typing import Any

from moto.core.serialize import SerializationContext

from .corrections import replaces

#: the id of the call that holds the lock; one call at a time is inside moto
CURRENT = [""]
HEADERS = ("x-amzn-requestid", "x-amz-request-id", "x-amz-id-2")


def new(service: str) -> str:
    """A new id in the form that a service uses."""
    CURRENT[0] = uuid.uuid4().hex[:16].upper() if service == "s3" else str(uuid.uuid4())
    return CURRENT[0]


def headers_for(service: str, identifier: str) -> list[tuple[str, str]]:
    """The headers that bear an id."""
    if service == "s3":
        return [("x-amz-request-id", identifier), ("x-amz-id-2", f"local/{identifier}")]
    return [("x-amzn-RequestId", identifier)]


@replaces(SerializationContext, "__init__", fact="The id in the body is that of the header, and of no other call")
def context(self: Any, request_id: str | None = None) -> None:
    """Takes the id of the call."""
    self.request_id = request_id or CURRENT[0]
