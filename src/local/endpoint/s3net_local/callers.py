"""Who the caller is, as STS tells it.

AWS: a user's ARN is `arn:aws:iam::ACCOUNT:user/NAME` (STS API reference, GetCallerIdentity).

moto: gives `arn:aws:sts::ACCOUNT:user/moto`, a form that AWS does not have.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .corrections import corrects


@corrects("sts", "GetCallerIdentity", fact="A caller whom moto does not know is a user of the account")
def get_caller_identity(call: Any, moto: Callable[[], Any]) -> Any:
    """Puts the ARN into AWS's form."""
    answer = moto()
    result = answer._result
    if result["Arn"].endswith(":user/moto"):
        result |= {
            "Arn": f"arn:aws:iam::{result['Account']}:user/s3net-local",
            "UserId": "AIDALOCALENDPOINT" + result["Account"][-4:],
        }
    return answer
