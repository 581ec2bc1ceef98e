"""Permissions that are missing: actions that every call of an account is refused.

AWS: EC2 refuses what no policy allows with UnauthorizedOperation and status 403, also as a dry
run; S3, IAM, STS and Route 53 with AccessDenied and status 403, the JSON services with
AccessDeniedException (EC2 API reference, "Error codes"; IAM API reference, "Common errors").

moto: judges policies only for users and roles that it has made itself; here an account's keys
may do anything, unless the setting `deny` names the action as a policy would.
"""

from __future__ import annotations

from typing import Any

from . import refusals
from .settings import SETTINGS

#: actions whose names differ from their operations'
ACTIONS = {
    "s3:PutBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:DeleteBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "s3:DeletePublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "s3:HeadBucket": "s3:ListBucket",
}


def is_denied(account: str, action: str) -> bool:
    """Whether an account may not do what a policy calls `action`."""
    return action in SETTINGS.denied(account)


def refuse(who: Any) -> tuple[int, list[tuple[str, str]], bytes] | None:
    """The refusal of a call that is not allowed."""
    operation = f"{who.service}:{who.action}"
    action = ACTIONS.get(operation, operation)
    if not is_denied(who.account, action):
        return None
    message = (
        f"User: arn:aws:iam::{who.account}:user/s3net-local is not authorized to perform: {action} "
        f"because no identity-based policy allows the {action} action"
    )
    if who.service == "ec2":
        text = f"You are not authorized to perform this operation. {message}. Encoded authorization failure message: bG9jYWw"
        return refusals.render("ec2", "UnauthorizedOperation", text, 403)
    if who.service in ("s3", "iam", "sts", "route53"):
        return refusals.render(who.service, "AccessDenied", message, 403)
    return refusals.render(who.service, "AccessDeniedException", message, 400)
