"""Policies of buckets and roles.

AWS: a policy that is not one is refused, by S3 with MalformedPolicy (S3 user guide, "Policies
and permissions"), by IAM with MalformedPolicyDocument, trust policies too. Every AWS-managed
policy can be attached. While BlockPublicPolicy is on, a bucket policy that opens the bucket
to everybody is refused with AccessDenied (S3 user guide, "Blocking public access").

moto: stores any text as a bucket policy or a trust policy, knows the managed policies only
if it loads 1,500 of them for every account, and applies a Deny whatever its condition says.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.exceptions import IAMException
from moto.iam.models import AWSManagedPolicy
from moto.iam.policy_validation import IAMTrustPolicyDocumentValidator
from moto.s3.exceptions import S3ClientError
from moto.s3.models import FakeBucket, S3Backend

from .corrections import corrects, replaces
from .iam_calls import knows_principal

#: conditions that keep a statement for everybody from being public
FIXED = (
    "aws:sourcevpce",
    "aws:sourcevpc",
    "aws:sourcearn",
    "aws:sourceaccount",
    "aws:sourceip",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:userid",
    "aws:principalarn",
    "aws:principalaccount",
    "s3:dataaccesspointarn",
    "aws:vpcsourceip",
)


class PolicyRefusal(S3ClientError):
    """S3 refuses a policy."""

    def __init__(self, code: str, message: str):
        super().__init__(code, message)


class PolicyDenied(PolicyRefusal):
    """S3 refuses a public policy."""

    code = 403

    def __init__(self, message: str):
        super().__init__("AccessDenied", message)


def _malformed(text: str) -> PolicyRefusal:
    return PolicyRefusal("MalformedPolicy", text)


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def check_bucket_policy(bucket: str, text: bytes) -> dict[str, Any]:
    """Refuses a bucket policy that is not one; returns it otherwise."""
    try:
        policy = json.loads(text)
    except ValueError:
        raise _malformed("Policies must be valid JSON and the first byte must be '{'") from None
    if not isinstance(policy, dict) or "Statement" not in policy:
        raise _malformed("Missing required field Statement")
    if policy.get("Version", "2008-10-17") not in ("2008-10-17", "2012-10-17"):
        raise _malformed("The policy must contain a valid version string")
    statements = _many(policy["Statement"])
    if not statements:
        raise _malformed("Could not parse the policy: Statement is empty!")
    for statement in statements:
        if not isinstance(statement, dict):
            raise _malformed("Policy has an invalid statement")
        if statement.get("Effect") not in ("Allow", "Deny"):
            raise _malformed(
                f"Invalid effect: {statement.get('Effect')}"
                if "Effect" in statement
                else "Missing required field Effect"
            )
        for names in (("Principal", "NotPrincipal"), ("Action", "NotAction"), ("Resource", "NotResource")):
            if not any(name in statement for name in names):
                raise _malformed(f"Missing required field {names[0]}")
        principal = statement.get("Principal", statement.get("NotPrincipal"))
        if principal != "*" and not isinstance(principal, dict):
            raise _malformed("Invalid principal in policy")
        for action in _many(statement.get("Action", statement.get("NotAction"))):
            if not isinstance(action, str) or (action != "*" and not action.lower().startswith("s3:")):
                raise _malformed("Policy has invalid action")
        for resource in _many(statement.get("Resource", statement.get("NotResource"))):
            if not isinstance(resource, str) or not (
                resource == "*"
                or resource.split(":", 5)[-1].split("/", 1)[0] in (bucket, "*")
                or "*" in resource.split("/", 1)[0]
            ):
                raise _malformed("Policy has invalid resource")
    return policy


def _check_principals(account: str, partition: str, policy: Any, refusal: Any, code: str) -> None:
    """Refuses roles that are so new that nobody but IAM knows them."""
    for statement in _many(policy["Statement"]):
        for named in ("Principal", "NotPrincipal"):
            principal = statement.get(named)
            for one in _many(principal.get("AWS", [])) if isinstance(principal, dict) else []:
                if not knows_principal(account, partition, one):
                    text = "Invalid principal in policy" + (f': "AWS":"{one}"' if code != "MalformedPolicy" else "")
                    raise refusal(code, text)


def is_public(policy: dict[str, Any]) -> bool:
    """Whether a policy opens a bucket to everybody."""
    for statement in _many(policy["Statement"]):
        principal = statement.get("Principal")
        everybody = principal == "*" or (isinstance(principal, dict) and "*" in _many(principal.get("AWS", [])))
        conditions = {name.lower() for block in (statement.get("Condition") or {}).values() for name in block}
        if statement["Effect"] == "Allow" and everybody and not conditions & set(FIXED):
            return True
    return False


_moto_put_policy = S3Backend.put_bucket_policy


@replaces(
    S3Backend,
    "put_bucket_policy",
    fact="A malformed bucket policy is refused, and a public one while BlockPublicPolicy is on",
)
def put_bucket_policy(self: Any, bucket_name: str, policy: bytes) -> None:
    """Checks a policy before moto stores it."""
    bucket = self.get_bucket(bucket_name)
    block = bucket.public_access_block
    checked = check_bucket_policy(bucket_name, policy)
    _check_principals(self.account_id, self.partition, checked, PolicyRefusal, "MalformedPolicy")
    if (
        is_public(checked)
        and block is not None
        and str(block.block_public_policy).lower() == "true"
    ):
        raise PolicyDenied(
            "User is not authorized to perform: s3:PutBucketPolicy on resource because public policies are blocked by the BlockPublicPolicy block public access setting."
        )
    _moto_put_policy(self, bucket_name, policy)


@replaces(
    FakeBucket,
    "get_permission",
    fact="A Deny with a condition (a VPC endpoint, TLS) does not lock everybody out: the endpoint cannot judge conditions, so it passes over them",
)
def get_permission(self: Any, action: str, resource: str) -> Any:
    """Judges the statements that have no condition."""
    from moto.iam.access_control import IAMPolicy, PermissionResult

    if self.policy is None:
        return PermissionResult.NEUTRAL
    policy = json.loads(self.policy)
    policy["Statement"] = [one for one in _many(policy["Statement"]) if not one.get("Condition")]
    if not policy["Statement"]:
        return PermissionResult.NEUTRAL
    return IAMPolicy(json.dumps(policy)).is_action_permitted(action, resource)


@lru_cache(maxsize=1)
def managed_policies() -> dict[str, tuple[str, dict[str, Any]]]:
    """AWS's own policies by ARN, as moto has recorded them."""
    return {
        f"arn:aws:iam::aws:policy{one.get('Path', '/')}{name}": (name, one)
        for name, one in json.loads(aws_managed_policies_data).items()
    }


def know_managed_policy(backend: Any, arn: str | None) -> None:
    """Makes one of AWS's policies known to an account."""
    if (
        arn
        and arn.startswith("arn:aws:iam::aws:policy/")
        and arn not in backend.managed_policies
        and arn in managed_policies()
    ):
        name, data = managed_policies()[arn]
        policy = AWSManagedPolicy.from_data(name, backend.account_id, backend.region_name, data)
        backend.managed_policies[arn] = policy
        backend.aws_managed_policies.append(policy)


@corrects(
    "iam",
    "AttachRolePolicy",
    "AttachUserPolicy",
    "AttachGroupPolicy",
    "GetPolicy",
    "GetPolicyVersion",
    "ListPolicyVersions",
    "ListEntitiesForPolicy",
    fact="Every AWS-managed policy can be read and attached",
)
def with_managed_policy(call: Any, moto: Callable[[], Any]) -> Any:
    """Makes the named policy known first."""
    know_managed_policy(call.backend, call._get_param("PolicyArn"))
    return moto()


@corrects("iam", "ListPolicies", fact="ListPolicies lists AWS's policies too")
def list_policies(call: Any, moto: Callable[[], Any]) -> Any:
    """Makes all policies known first, where they are asked for."""
    if call._get_param("Scope") != "Local" and not call._get_param("OnlyAttached"):
        for arn in managed_policies():
            know_managed_policy(call.backend, arn)
    return moto()


@corrects("iam", "CreateRole", fact="A malformed trust policy is refused when the role is made")
def create_role(call: Any, moto: Callable[[], Any]) -> Any:
    """Checks the trust policy as UpdateAssumeRolePolicy does."""
    IAMTrustPolicyDocumentValidator(call._get_param("AssumeRolePolicyDocument")).validate()
    know_managed_policy(call.backend, call._get_param("PermissionsBoundary"))
    return moto()


@corrects("iam", "CreateRole", "UpdateAssumeRolePolicy", fact="A trust policy cannot name a role that is too new")
def check_trusted(call: Any, moto: Callable[[], Any]) -> Any:
    """Checks whom the policy trusts."""
    document = call._get_param("AssumeRolePolicyDocument") or call._get_param("PolicyDocument")
    try:
        policy = json.loads(document or "")
    except ValueError:
        policy = {}  # moto refuses it
    if isinstance(policy, dict) and "Statement" in policy:
        _check_principals(call.current_account, call.partition, policy, IAMException, "MalformedPolicyDocument")
    return moto()


@corrects("iam", "CreateInstanceProfile", fact="The id of an instance profile begins with AIPA")
def create_instance_profile(call: Any, moto: Callable[[], Any]) -> Any:
    """Gives the profile an id of AWS's form."""
    answer = moto()
    profile = answer._result["InstanceProfile"]
    profile.id = "AIPA" + profile.id.upper()[:17].ljust(17, "A")
    return answer
