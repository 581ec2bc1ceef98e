"""What every EC2 call passes, before and after the corrections of its action.

AWS checks the form of a request (filters, page size, tags), then answers a dry run with
DryRunOperation and status 412 (EC2 API reference, common parameter DryRun), then recognises
a repeated client token, and only then does the work. moto does each of these for some
actions and forgets it for others; a forgotten dry run creates for real.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from moto.ec2.exceptions import DryRunClientError

from . import client_tokens, filters, lifecycle_times, named_ids, paging, tags, visibility
from .refusals import Refusal

#: whose passing states the answer of an action shows
SHOWS = {
    "DescribeNatGateways": ("nat_gateway",),
    "DescribeVpcEndpoints": ("vpc_endpoint",),
    "DescribeInstances": ("instance",),
    "DescribeInstanceStatus": ("instance",),
    "DescribeNetworkInterfaces": ("nat_gateway", "vpc_endpoint", "instance"),
    "DescribeAddresses": ("nat_gateway", "instance"),
    "DescribeVolumes": ("instance",),
}


def every(action: str, call: Any, inner: Callable[[], Any]) -> Any:
    """Stands in front of every EC2 action."""
    sieve = filters.take(action, call)
    page = paging.Page(action, call)
    tags.check_tag_specifications(action, call)
    if call.params.get("DryRun"):
        raise DryRunClientError()
    backend = call.ec2_backend
    lifecycle_times.settle(backend)
    named_ids.check_described(action, call, backend)
    visibility.check_named(action, call, backend)
    watch = visibility.Watch(action, backend)
    try:
        answer = client_tokens.once(action, call, inner)
    except NotImplementedError as missing:
        # of the actions that filters.py does not filter
        name = re.search(r"filter '([^']+)'", str(missing))
        if name is None:
            raise
        raise Refusal("InvalidParameterValue", f"The filter '{name.group(1)}' is invalid") from None
    watch.end()
    result = getattr(answer, "_result", None)
    if isinstance(result, dict):
        visibility.sieve(action, backend, result)
        if sieve is not None:
            filters.apply(action, sieve, backend, result)
        page.cut(result)
    for kind in SHOWS.get(action, ()):
        # the answer is written from live objects, which change only in the next call
        lifecycle_times.show(backend, kind)
    return answer
