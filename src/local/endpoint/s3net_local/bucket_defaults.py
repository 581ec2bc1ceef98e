"""New buckets.

AWS: since 2023 a new bucket has SSE-S3 encryption and all four public access blocks, and ACLs
are off (S3 user guide, "Setting default server-side encryption behavior", "Default settings
for new S3 buckets"). Encryption can be changed but not removed: DeleteBucketEncryption sets
it back. CreateBucket takes tags in its configuration.

moto: a new bucket has neither; tags at creation are ignored.
"""

from __future__ import annotations

import re
from typing import Any

import xmltodict
from moto.s3.exceptions import BucketAlreadyExists, InvalidBucketName
from moto.s3.models import PublicAccessBlock, S3Backend, s3_backends
from moto.s3.responses import S3Response

from .corrections import replaces

#: S3 user guide, "General purpose bucket naming rules"
NAME = re.compile(r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")
RESERVED_STARTS = ("xn--", "sthree-", "amzn-s3-demo-")
RESERVED_ENDS = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")

_moto_create = S3Backend.create_bucket


def sse_s3() -> dict[str, Any]:
    """The encryption that a bucket has unless stated."""
    return {"Rule": {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": "false"}}


@replaces(
    S3Backend,
    "create_bucket",
    fact="A new bucket is encrypted, closed to the public and without ACLs, and has a name of the right form",
)
def create_bucket(self: Any, *args: Any, **kwargs: Any) -> Any:
    """Adds the defaults to moto's bucket."""
    name = str(kwargs.get("bucket_name") or args[0])
    if (
        not NAME.match(name)
        or ".." in name
        or re.fullmatch(r"\d+(\.\d+){3}", name)
        or name.startswith(RESERVED_STARTS)
        or name.endswith(RESERVED_ENDS)
    ):
        raise InvalidBucketName()
    bucket = _moto_create(self, *args, **kwargs)
    bucket.ownership_rule = "BucketOwnerEnforced"
    bucket.encryption = sse_s3()
    bucket.public_access_block = PublicAccessBlock(
        block_public_acls="true", ignore_public_acls="true", block_public_policy="true", restrict_public_buckets="true"
    )
    return bucket


_moto_delete = S3Backend.delete_bucket


@replaces(
    S3Backend,
    "delete_bucket",
    fact="The tags of a bucket vanish with it, and do not come back with a new one of its name",
)
def delete_bucket(self: Any, bucket_name: str) -> Any:
    """Drops the tags too."""
    removed = _moto_delete(self, bucket_name)
    if removed:
        self.tagger.delete_all_tags_for_resource(removed.arn)
    return removed


@replaces(S3Backend, "delete_bucket_encryption", fact="DeleteBucketEncryption sets the default encryption back")
def delete_bucket_encryption(self: Any, bucket_name: str) -> None:
    """There is no bucket without encryption."""
    self.get_bucket(bucket_name).encryption = sse_s3()


_moto_put = S3Response._bucket_response_put


@replaces(
    S3Response,
    "_bucket_response_put",
    fact="CreateBucket takes tags in its configuration, and no name of another account",
)
def bucket_put(self: Any, request: Any, bucket_name: str, querystring: dict[str, Any]) -> Any:
    """Refuses another account's name; adds the tags of a new bucket."""
    if (
        not querystring
        and s3_backends.bucket_accounts.get(bucket_name, ("", self.current_account))[1] != self.current_account
    ):
        raise BucketAlreadyExists(bucket=bucket_name)
    answer = _moto_put(self, request, bucket_name, querystring)
    if not querystring and self.body and self.data.get("Action") == "CreateBucket":
        configuration = xmltodict.parse(self.body).get("CreateBucketConfiguration") or {}
        stated = (configuration.get("Tags") or {}).get("Tag") or []
        tags = {tag["Key"]: tag.get("Value") or "" for tag in (stated if isinstance(stated, list) else [stated])}
        if tags:
            self.backend.put_bucket_tagging(bucket_name, tags)
    return answer


def named(answer: Any, theirs: str, ours: str) -> Any:
    """Names the root element as AWS does: clients that read it strictly refuse another."""
    status, headers, body = answer
    text = body.decode() if isinstance(body, bytes) else body
    return status, headers, text.replace(theirs, ours)


_moto_versioning = S3Response.get_bucket_versioning


@replaces(
    S3Response,
    "get_bucket_versioning",
    fact="GetBucketVersioning answers with a VersioningConfiguration",
    source="Amazon S3 API reference, GetBucketVersioning",
)
def get_bucket_versioning(self: Any) -> Any:
    """Names the root element."""
    return named(_moto_versioning(self), "GetBucketVersioningResponse", "VersioningConfiguration")


_moto_notification = S3Response.get_bucket_notification


@replaces(
    S3Response,
    "get_bucket_notification",
    fact="GetBucketNotificationConfiguration answers with a NotificationConfiguration, an empty one too",
    source="Amazon S3 API reference, GetBucketNotificationConfiguration",
)
def get_bucket_notification(self: Any) -> Any:
    """Names the root element."""
    return named(_moto_notification(self), "GetBucketNotificationResponse", "NotificationConfiguration")


_moto_acceleration = S3Response.get_bucket_accelerate_configuration


@replaces(
    S3Response,
    "get_bucket_accelerate_configuration",
    fact="GetBucketAccelerateConfiguration answers with an AccelerateConfiguration",
    source="Amazon S3 API reference, GetBucketAccelerateConfiguration",
)
def get_bucket_accelerate_configuration(self: Any) -> Any:
    """Names the root element."""
    return named(
        _moto_acceleration(self),
        "GetBucketAccelerateConfigurationResponse",
        "AccelerateConfiguration",
    )
