"""Quotas of an account, as Service Quotas, IAM and Route 53 tell them, and IAM's policy simulator.

AWS: ListServiceQuotas gives what is applied to the account; GetAccountSummary and GetAccountLimit
give counts and limits of roles, profiles and hosted zones (Service Quotas, IAM and Route 53 API
references). SimulatePrincipalPolicy says what a caller's policies allow (IAM API reference).

moto: has AWS's defaults of VPCs only, as defaults; neither GetAccountLimit nor the simulator.

The account here is a large one, so that nothing is in the way of whoever tries things out; the
setting `quota` makes one small. Quotas are told and not enforced.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.route53 import urls
from moto.route53.responses import Route53
from moto.servicequotas.exceptions import NoSuchResource

from .corrections import corrects
from .denials import is_denied
from .settings import SETTINGS

# moto has no way to it
urls.url_paths[r"{0}/(?P<api_version>[\d_-]+)/accountlimit/(?P<limit>[^/]+)$"] = Route53.dispatch

#: by service, the codes and names that Service Quotas tells
NAMES = {
    "vpc": {
        "L-F678F1CE": "VPCs per Region",
        "L-A4707A72": "Internet gateways per Region",
        "L-FE5A380F": "NAT gateways per Availability Zone",
        "L-1B52E74A": "Gateway VPC endpoints per Region",
        "L-29B6F2EB": "Interface VPC endpoints per VPC",
        "L-407747CB": "Subnets per VPC",
        "L-589F43AA": "Route tables per VPC",
        "L-93826ACB": "Routes per route table",
        "L-E79EC296": "VPC security groups per Region",
        "L-0EA8095F": "Inbound or outbound rules per security group",
    },
    "ec2": {"L-0263D0A3": "EC2-VPC Elastic IPs"},
}


def _quota(call: Any, service: str, code: str) -> dict[str, Any]:
    return {
        "ServiceCode": service,
        "QuotaArn": f"arn:aws:servicequotas:{call.region}:{call.current_account}:{service}/{code}",
        "QuotaCode": code,
        "QuotaName": NAMES[service][code],
        "Value": SETTINGS.seconds(call.current_account, "quota", code),
        "Unit": "None",
        "Adjustable": True,
        "GlobalQuota": False,
    }


@corrects("servicequotas", "ListServiceQuotas", fact="An account's own quotas are told")
def list_service_quotas(call: Any, _moto: Callable[[], Any]) -> Any:
    """The quotas of a service, in one page."""
    service = str(json.loads(call.body).get("ServiceCode"))
    if service not in NAMES:
        raise NoSuchResource
    return json.dumps({"Quotas": [_quota(call, service, code) for code in NAMES[service]]})


@corrects("servicequotas", "GetServiceQuota", fact="An account's own quotas are told, those of EC2 too")
def get_service_quota(call: Any, _moto: Callable[[], Any]) -> Any:
    """One quota."""
    asked = json.loads(call.body)
    service, code = str(asked.get("ServiceCode")), str(asked.get("QuotaCode"))
    if code not in NAMES.get(service, {}):
        raise NoSuchResource
    return json.dumps({"Quota": _quota(call, service, code)})


@corrects("iam", "GetAccountSummary", fact="Quotas of roles and instance profiles are those of the account")
def get_account_summary(call: Any, moto: Callable[[], Any]) -> Any:
    """Puts the account's quotas in."""
    answer = moto()
    whole = {
        name: int(SETTINGS.seconds(call.current_account, "quota", kind))
        for name, kind in (("RolesQuota", "roles"), ("InstanceProfilesQuota", "instance_profiles"))
    }
    answer._result["SummaryMap"] = {**answer._result["SummaryMap"], **whole}
    return answer


@corrects("route53", "GetAccountLimit", fact="The number of hosted zones has a limit that an account can read")
def get_account_limit(call: Any, _moto: Callable[[], Any]) -> Any:
    """How many hosted zones there are, and may be."""
    most = int(SETTINGS.seconds(call.current_account, "quota", "hosted_zones"))
    limit = {"Type": "MAX_HOSTED_ZONES_BY_OWNER", "Value": most}
    return ActionResult({"Limit": limit, "Count": len(call.backend.zones)})


@corrects("iam", "SimulatePrincipalPolicy", fact="The simulator says what a caller may do")
def simulate_principal_policy(call: Any, _moto: Callable[[], Any]) -> Any:
    """Judges by the setting `deny`."""
    resources = call._get_param("ResourceArns") or ["*"]
    found = []
    for action in call._get_param("ActionNames"):
        decision = "implicitDeny" if is_denied(call.current_account, action) else "allowed"
        whole: dict[str, Any] = {
            "EvalActionName": action,
            "EvalResourceName": resources[0],
            "EvalDecision": decision,
            "MatchedStatements": [],
            "MissingContextValues": [],
        }
        if len(resources) > 1:
            each = {"EvalResourceDecision": decision, "MatchedStatements": [], "MissingContextValues": []}
            whole["ResourceSpecificResults"] = [{"EvalResourceName": one, **each} for one in resources]
        found.append(whole)
    return ActionResult({"EvaluationResults": found, "IsTruncated": False})
