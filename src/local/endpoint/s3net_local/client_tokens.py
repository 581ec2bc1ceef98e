"""Client tokens: the same token means the same request.

AWS: a repeated request with the same token and the same parameters returns the first
result and does nothing; with other parameters it is refused with
IdempotentParameterMismatch (EC2 API reference, "Ensuring idempotency"). The token counts
by account, region and action.

moto: ignores tokens and creates again.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from .refusals import Refusal

LONGEST = 64


def once(action: str, call: Any, go_on: Callable[[], Any]) -> Any:
    """Does a request once for a token, and then repeats its result."""
    token = call.params.get("ClientToken")
    if not token or action.startswith(("Describe", "Get", "List")):
        return go_on()
    if len(token) > LONGEST or not token.isascii():
        raise Refusal(
            "InvalidParameterValue",
            f"Value ({token}) for parameter clientToken is invalid. Token may be up to {LONGEST} ASCII characters.",
        )
    known: dict[tuple[str, str], tuple[str, Any]] = call.ec2_backend.__dict__.setdefault("s3net_tokens", {})
    asked = json.dumps(
        {name: value for name, value in call.params.items() if name not in ("ClientToken", "DryRun")},
        sort_keys=True,
        default=str,
    )
    if (action, token) in known:
        first, result = known[action, token]
        if first != asked:
            raise Refusal(
                "IdempotentParameterMismatch",
                "The request uses the same client token as a previous, but non-identical request. Do not reuse a client token with different requests, unless the requests are identical",
            )
        return result
    result = go_on()
    known[action, token] = (asked, result)
    return result
