"""Where a bucket is and whose: which requests for it are sent away.

AWS: a request that names another account in x-amz-expected-bucket-owner is refused with
AccessDenied and status 403 (S3 user guide, "Verifying bucket ownership with bucket owner
condition"). A request that is sent to another region than the bucket's gets PermanentRedirect
and status 301; GetBucketLocation is answered everywhere (S3 API reference, "Error responses",
GetBucketLocation). Such refusals, and all answers to HeadBucket, name the bucket's region in
x-amz-bucket-region (S3 API reference, HeadBucket).

moto: takes any owner for the expected one, and serves every region.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

from moto.s3.models import s3_backends

from . import refusals

Answer = tuple[int, list[tuple[str, str]], bytes]

_BUCKET = re.compile(r"^/([^/]+)")
#: answered whatever the region, or before there is a bucket
ANYWHERE = ("CreateBucket", "GetBucketLocation")


def _bucket_of(environ: dict[str, Any]) -> tuple[Any, str] | None:
    """The bucket that a request names, and its account; None where there is none."""
    match = _BUCKET.match(environ.get("PATH_INFO", ""))
    name = unquote(match.group(1)) if match else ""
    if name not in s3_backends.bucket_accounts:
        return None
    partition, account = s3_backends.bucket_accounts[name]
    bucket = s3_backends[account][partition].buckets.get(name)
    return None if bucket is None else (bucket, account)


def refuse(who: Any, environ: dict[str, Any]) -> Answer | None:
    """The refusal of a request that is meant for another account's bucket, or comes to the wrong region."""
    found = _bucket_of(environ) if who.service == "s3" and who.action not in ANYWHERE else None
    if found is None:
        return None
    bucket, account = found
    if who.access_key and who.region != bucket.region_name:
        return refusals.render(
            "s3",
            "PermanentRedirect",
            "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.",
            301,
        )
    if environ.get("HTTP_X_AMZ_EXPECTED_BUCKET_OWNER", account) != account:
        return refusals.render("s3", "AccessDenied", "Access Denied", 403)
    return None


def with_region(who: Any, environ: dict[str, Any], answer: Answer) -> Answer:
    """The answer, with the region of the bucket where AWS says it."""
    status, headers, payload = answer
    said = any(name.lower() == "x-amz-bucket-region" for name, _ in headers)
    if who.service != "s3" or said or status not in (301, 400, 403):
        return answer
    found = _bucket_of(environ)
    if found is None:
        return answer
    return status, [*headers, ("x-amz-bucket-region", found[0].region_name)], payload
