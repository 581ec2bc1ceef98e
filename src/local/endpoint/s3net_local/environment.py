"""The environment that moto and botocore read when they are imported.

Both take settings from variables and files of whoever starts the endpoint: an AWS_PROFILE
that does not exist ends moto's import, a MOTO_ACCOUNT_ID puts every caller into one
account. None of that may reach this process, so `clean` must run before moto is imported.
"""

from __future__ import annotations

import os

OURS = {
    # only a bucket's own account may see it
    "MOTO_S3_ALLOW_CROSSACCOUNT_ACCESS": "false",
    # policies.py makes them known one by one
    "MOTO_IAM_LOAD_MANAGED_POLICIES": "false",
    # web pages have no business here
    "MOTO_DISABLE_GLOBAL_CORS": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


def clean() -> None:
    """Removes what others have set and sets what we need."""
    for name in list(os.environ):
        if name.startswith(("AWS_", "MOTO_", "BOTO_", "FLASK_", "WERKZEUG_")):
            del os.environ[name]
    os.environ.update(OURS)
