"""Accounts: many on one server, each with data of its own in every region.

AWS: resources belong to an account; only bucket names are shared by all accounts
(S3 user guide, "General purpose bucket naming rules"). moto keeps data by account, and
bucket names in one table; this module drops all data of one account, which moto cannot.
"""

from __future__ import annotations

from typing import Any

from moto.core.base_backend import BackendDict

#: the account that owns the public machine images, see `images.py`
CATALOGUE = "000000000000"


def known_accounts() -> list[str]:
    """All accounts that hold data in any service."""
    return sorted({account for service in BackendDict._instances for account in service} - {CATALOGUE})


def forget_account(account: str) -> None:
    """Drops all data of one account, in all services and regions."""
    from moto.s3.models import s3_backends

    taken: dict[str, Any] = s3_backends.bucket_accounts
    for bucket in [name for name, (_, owner) in taken.items() if owner == account]:
        del taken[bucket]
    for service in BackendDict._instances:
        if account in service:
            del service[account]
