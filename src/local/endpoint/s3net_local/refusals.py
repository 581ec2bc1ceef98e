"""Errors in the forms that AWS uses, one form for each protocol.

`Refusal` is raised inside a correction and rendered by moto. `render` builds the answer
for errors that arise outside moto: ordered faults, actions that moto does not have, and
failures of moto itself, which moto's server would answer with an HTML page.
"""

from __future__ import annotations

import json
import uuid
from xml.sax.saxutils import escape

from moto.ec2.exceptions import EC2ClientError

#: HTTP statuses of EC2 codes that differ from 400
#: (AWS, "Error codes for the Amazon EC2 API").
EC2_STATUS = {
    "DryRunOperation": 412,
    "UnauthorizedOperation": 403,
    "InternalError": 500,
    "RequestLimitExceeded": 503,
    "Unavailable": 503,
}


class Refusal(EC2ClientError):
    """EC2 refuses a call with a code and a message."""

    def __init__(self, code: str, message: str):
        super().__init__(code, message)


def dependency_violation(what: str, name: str) -> Refusal:
    """The refusal of a delete while something still depends on the object."""
    return Refusal("DependencyViolation", f"The {what} '{name}' has dependencies and cannot be deleted.")


def render(service: str, code: str, message: str, status: int) -> tuple[int, list[tuple[str, str]], bytes]:
    """An error answer: status, headers, body."""
    request_id = str(uuid.uuid4())
    text, code = escape(message), escape(code)
    kind = "Sender" if status < 500 else "Receiver"
    content_type = "text/xml;charset=UTF-8"
    if service == "ec2":
        body = f"<Response><Errors><Error><Code>{code}</Code><Message>{text}</Message></Error></Errors><RequestID>{request_id}</RequestID></Response>"
    elif service == "s3":
        body = f"<Error><Code>{code}</Code><Message>{text}</Message><RequestId>{request_id}</RequestId></Error>"
        content_type = "application/xml"
    elif service in ("iam", "sts", "route53"):
        body = f"<ErrorResponse><Error><Type>{kind}</Type><Code>{code}</Code><Message>{text}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    else:
        body = json.dumps({"__type": code, "message": message})
        content_type = "application/x-amz-json-1.1"
    if content_type != "application/x-amz-json-1.1":
        body = '<?xml version="1.0" encoding="UTF-8"?>\n' + body
    payload = body.encode()
    headers = [
        ("Content-Type", content_type),
        ("Content-Length", str(len(payload))),
        ("x-amzn-RequestId", request_id),
        ("x-amz-request-id", request_id),
        ("x-amzn-ErrorType", code),
    ]
    return status, headers, payload
