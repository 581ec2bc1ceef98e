"""The services that endpoints can reach.

AWS: DescribeVpcEndpointServices lists each service with its types, zones and private
names; S3 and DynamoDB come as Gateway and as Interface, with one entry for each
(PrivateLink guide, "AWS services that integrate with AWS PrivateLink"). The private names
of S3 are the regional ones only (S3 user guide, "Private DNS").

moto: builds the list by loading the code of a dozen services that have nothing to do with
it, and S3's private names are wrong.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend
from moto.ec2.models.vpcs import AWS_ENDPOINT_SERVICES, COVERED_ENDPOINT_SERVICES

from .corrections import corrects
from .refusals import Refusal

GATEWAY_SERVICES = ("s3", "dynamodb")

#: hosted zones of endpoint names, one for each region; known ones, others are made up but stable
HOSTED_ZONES = {
    "ap-northeast-1": "Z2E726K9Y6RL4W",
    "us-east-1": "Z7HUB22UULQXV",
    "us-east-2": "ZC8PG0KIFKBRI",
    "us-west-1": "Z12I86A8N7VCZO",
    "us-west-2": "Z1YSA3EXCYUU9Z",
    "eu-west-1": "Z38GZ743OKFT7T",
    "eu-central-1": "Z273ZU8SZ5RJPC",
    "ap-southeast-1": "Z18LLCSTV4NVNL",
    "ap-southeast-2": "ZDK2GCRPAFKGO",
    "ap-northeast-2": "Z27UANNT0PRK1T",
}


def hosted_zone_of(region: str) -> str:
    """The hosted zone in which a region's endpoint names live."""
    return HOSTED_ZONES.get(region) or "Z" + hashlib.sha256(f"vpce {region}".encode()).hexdigest()[:13].upper()


def zones_of(region: str) -> list[Any]:
    """The availability zones of a region."""
    return list(RegionsAndZonesBackend.zones.get(region, []))


def private_names(service: str, region: str) -> list[str]:
    """The names that an endpoint with private DNS answers to; S3's cover buckets, access points and control."""
    if service == "s3":
        return [
            f"s3.{region}.amazonaws.com",
            f"*.s3.{region}.amazonaws.com",
            f"*.s3-accesspoint.{region}.amazonaws.com",
            f"*.s3-control.{region}.amazonaws.com",
        ]
    special = {
        "ecr.dkr": f"*.dkr.ecr.{region}.amazonaws.com",
        "ecr.api": f"api.ecr.{region}.amazonaws.com",
        "execute-api": f"*.execute-api.{region}.amazonaws.com",
    }
    return [special.get(service, f"{service}.{region}.amazonaws.com")]


@lru_cache(maxsize=64)
def services_of(region: str) -> tuple[dict[str, Any], ...]:
    """All services of a region, in AWS's form."""
    names = sorted(set(AWS_ENDPOINT_SERVICES) | set(COVERED_ENDPOINT_SERVICES))
    found: list[dict[str, Any]] = []
    for name in names:
        for kind in ("Gateway", "Interface") if name in GATEWAY_SERVICES else ("Interface",):
            found.append(_service(name, kind, region))
    return tuple(found)


def _service(name: str, kind: str, region: str) -> dict[str, Any]:
    full = f"com.amazonaws.{region}.{name}"
    digest = hashlib.sha256(f"{full} {kind}".encode()).hexdigest()[:17]
    service: dict[str, Any] = {
        "ServiceName": full,
        "ServiceId": f"vpce-svc-{digest}",
        "ServiceType": [{"ServiceType": kind}],
        "ServiceRegion": region,
        "AvailabilityZones": [zone.name for zone in zones_of(region)],
        "Owner": "amazon",
        "BaseEndpointDnsNames": [
            f"{name}.{region}.amazonaws.com" if kind == "Gateway" else f"{name}.{region}.vpce.amazonaws.com"
        ],
        "VpcEndpointPolicySupported": True,
        "AcceptanceRequired": False,
        "ManagesVpcEndpoints": False,
        "SupportedIpAddressTypes": ["ipv4"],
        "Tags": [],
    }
    if kind == "Interface" and name != "dynamodb":
        private = private_names(name, region)
        service |= {
            "PrivateDnsName": private[0],
            "PrivateDnsNames": [{"PrivateDnsName": one} for one in private],
            "PrivateDnsNameVerificationState": "verified",
        }
    return service


def types_of(service_name: str, region: str) -> set[str]:
    """The endpoint types that a service offers; empty where there is no such service."""
    return {one["ServiceType"][0]["ServiceType"] for one in services_of(region) if one["ServiceName"] == service_name}


@corrects("ec2", "DescribeVpcEndpointServices", fact="The services of every region with types, zones and private names")
def describe_vpc_endpoint_services(call: Any, moto: Callable[[], Any]) -> Any:
    """Lists services, by name and filter."""
    services = list(services_of(call.region))
    wanted = call._get_param("ServiceNames", []) or []
    for name in wanted:
        if not types_of(name, call.region):
            raise Refusal("InvalidServiceName", f"The Vpc Endpoint Service '{name}' does not exist")
    if wanted:
        services = [one for one in services if one["ServiceName"] in wanted]
    looks: dict[str, Callable[[dict[str, Any]], str]] = {
        "service-name": lambda one: one["ServiceName"],
        "service-type": lambda one: one["ServiceType"][0]["ServiceType"],
        "owner": lambda one: one["Owner"],
        "service-region": lambda one: one["ServiceRegion"],
        "supported-ip-address-types": lambda one: one["SupportedIpAddressTypes"][0],
    }
    from .filters import fits

    for one in call._get_param("Filters", []) or []:
        name = one.get("Name", "")
        if name.startswith("tag"):
            services = []
        elif name not in looks:
            raise Refusal("InvalidParameterValue", f"The filter '{name}' is invalid")
        else:
            services = [service for service in services if fits(looks[name](service), one.get("Values", []))]
    size = int(call._get_param("MaxResults") or 1000)
    start = int(call._get_param("NextToken") or 0)
    page = services[start : start + size]
    names = list(dict.fromkeys(service["ServiceName"] for service in page))
    token = str(start + size) if start + size < len(services) else None
    return ActionResult({"ServiceNames": names, "ServiceDetails": page, "NextToken": token})
