"""What every IAM call passes: roles and instance profiles that are new.

AWS: IAM shows a new role or profile at once or soon, and other services know it some seconds
later (IAM user guide, "Changes that I make are not always immediately visible"). Until then
RunInstances refuses the profile ("Invalid IAM Instance Profile name", then "has no associated
IAM Roles"), and a bucket policy or trust policy that names the role is malformed ("Invalid
principal in policy").

moto: knows everything everywhere at once; and it fails when a role is taken out of a profile
twice, which IAM refuses with NoSuchEntity (IAM API reference, RemoveRoleFromInstanceProfile).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.iam.exceptions import NotFoundException
from moto.iam.models import iam_backends

from .corrections import corrects
from .settings import SETTINGS
from .visibility import age, hidden, note

#: the kind of object that a parameter names, and how IAM says that there is none
NAMES = {
    "RoleName": ("role", "The role with name {} cannot be found."),
    "InstanceProfileName": ("instance_profile", "Instance Profile {} cannot be found."),
}
#: what an action makes
MAKES = {"CreateRole": "RoleName", "CreateInstanceProfile": "InstanceProfileName"}


def every(action: str, call: Any, inner: Callable[[], Any]) -> Any:
    """Stands in front of every IAM action."""
    backend = call.backend
    for parameter, (kind, text) in NAMES.items():
        name = call._get_param(parameter)
        if name and MAKES.get(action) != parameter and hidden(backend, f"{kind}:{name}"):
            raise NotFoundException(text.format(name))
    answer = inner()
    if action in MAKES:
        parameter = MAKES[action]
        note(backend, f"{NAMES[parameter][0]}:{call._get_param(parameter)}")
    elif action == "AddRoleToInstanceProfile":
        note(backend, f"member:{call._get_param('InstanceProfileName')}")
    result = getattr(answer, "_result", None)
    if isinstance(result, dict):
        for key, kind in (("Roles", "role"), ("InstanceProfiles", "instance_profile")):
            if result.get(key):
                result[key] = [one for one in result[key] if not hidden(backend, f"{kind}:{one.name}")]
    return answer


@corrects("iam", "RemoveRoleFromInstanceProfile", fact="A role that is not in a profile is NoSuchEntity there")
def remove_role(call: Any, moto: Callable[[], Any]) -> Any:
    """Refuses what moto fails at."""
    role, name = call._get_param("RoleName"), call._get_param("InstanceProfileName")
    profile = call.backend.get_instance_profile(name)
    if not any(one.name == role for one in profile.roles):
        raise NotFoundException(f"The role with name {role} is not in the instance profile {name}.")
    return moto()


def known_elsewhere(account: str, partition: str, kind: str, name: str) -> bool:
    """Whether other services know a `role`, an `instance_profile`, or that a profile has its `member`."""
    backend = iam_backends[account][partition]
    identifier = f"{kind}:{name}"
    return age(backend, identifier) >= SETTINGS.number(account, "iam_propagation_seconds") and not hidden(
        backend, identifier
    )


def knows_principal(account: str, partition: str, principal: Any) -> bool:
    """Whether a policy may name a principal: a role of the account itself must not be too new."""
    text = str(principal)
    ours = text.startswith(f"arn:{partition}:iam::{account}:role/")
    return not ours or known_elsewhere(account, partition, "role", text.rsplit("/", 1)[-1])
