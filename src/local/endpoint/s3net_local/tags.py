"""Tags of EC2 objects.

AWS: DescribeTags names resource types as `natgateway`, `elastic-ip`, `prefix-list` (EC2 API
reference, TagSpecification); tags vanish with their object; keys beginning with `aws:` are
refused; a tag-on-create for another resource type is refused.

moto: the tags of one object are found by scanning the tags of all objects; types are
named after moto's own table; tags outlive their object; nothing is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from moto.core.resource_tagging import TaggedResource
from moto.core.responses import ActionResult
from moto.ec2.models import EC2Backend
from moto.ec2.models.core import TaggedEC2Resource
from moto.ec2.utils import EC2_PREFIX_TO_RESOURCE, get_prefix

from .corrections import corrects, replaces
from .named_ids import check
from .refusals import Refusal
from .visibility import hidden

#: types that moto names otherwise
TYPES = {
    "nat": "natgateway",
    "eipalloc": "elastic-ip",
    "pl": "prefix-list",
    "cagw": "carrier-gateway",
    "fl": "vpc-flow-log",
    "sir": "spot-instances-request",
    "scr": "subnet-cidr-reservation",
}

#: what each creating action may tag
CREATES = {
    "CreateVpc": {"vpc"},
    "CreateSubnet": {"subnet"},
    "CreateInternetGateway": {"internet-gateway"},
    "AllocateAddress": {"elastic-ip"},
    "CreateNatGateway": {"natgateway"},
    "CreateRouteTable": {"route-table"},
    "CreateSecurityGroup": {"security-group"},
    "AuthorizeSecurityGroupIngress": {"security-group-rule"},
    "AuthorizeSecurityGroupEgress": {"security-group-rule"},
    "CreateVpcEndpoint": {"vpc-endpoint"},
    "CreateNetworkInterface": {"network-interface"},
    "CreateManagedPrefixList": {"prefix-list"},
    "CreateVolume": {"volume"},
    "CreateKeyPair": {"key-pair"},
    "RunInstances": {"instance", "volume", "network-interface", "spot-instances-request"},
}

#: deletes after which no tag of the named object remains
ENDS = (
    "DeleteVpc", "DeleteSubnet", "DeleteInternetGateway", "ReleaseAddress", "DeleteRouteTable",
    "DeleteSecurityGroup", "DeleteNetworkInterface", "DeleteVolume", "DeleteManagedPrefixList",
    "DeleteNetworkAcl", "DeleteDhcpOptions", "DeleteKeyPair", "DeleteFlowLogs",
)  # fmt: skip


def resource_type(identifier: str) -> str:
    """AWS's name for the type of the object with this id."""
    prefix = get_prefix(identifier)
    return TYPES.get(prefix) or EC2_PREFIX_TO_RESOURCE.get(prefix, "")


def tags_of(backend: Any, identifier: str | None) -> list[dict[str, str]]:
    """Tags in the form that AWS answers with."""
    found = backend.tags.get(identifier, {}) if identifier else {}
    return [{"Key": key, "Value": value} for key, value in found.items()]


@replaces(
    TaggedEC2Resource, "get_tags", fact="Reading the tags of one object takes no longer when there are many objects"
)
def get_tags(self: Any) -> list[dict[str, str]]:
    """The tags of this object, with the keys in both of the spellings that moto uses."""
    found = self.ec2_backend.tags.get(self.id, {}) if self.id else {}
    return [
        {"key": key, "value": value, "resource_id": self.id, "resource_type": resource_type(self.id)}
        for key, value in found.items()
    ]


def check_tag_specifications(action: str, call: Any) -> None:
    """Refuses a tag-on-create that names another type than the action creates."""
    allowed = CREATES.get(action)
    for specification in call._get_param("TagSpecifications", []) or []:
        named = specification.get("ResourceType")
        if allowed is not None and named not in allowed:
            raise Refusal(
                "InvalidParameterValue", f"'{named}' is not a valid taggable resource type for this operation."
            )
        check_tags(specification.get("Tags", []) or [])


def check_tags(tags: list[dict[str, Any]]) -> None:
    """The rules of AWS, "Tag your Amazon EC2 resources", tag restrictions."""
    keys = [str(tag.get("Key", "")) for tag in tags]
    for tag, key in zip(tags, keys, strict=True):
        if key.lower().startswith("aws:"):
            raise Refusal("InvalidParameterValue", "Tag keys starting with 'aws:' are reserved for internal use")
        if not 1 <= len(key) <= 128:
            raise Refusal("InvalidParameterValue", f"Tag key exceeds the maximum length of 128 characters: '{key}'")
        if len(str(tag.get("Value") or "")) > 256:
            raise Refusal(
                "InvalidParameterValue", f"Tag value exceeds the maximum length of 256 characters: '{tag.get('Value')}'"
            )
    if len(set(keys)) != len(keys):
        raise Refusal(
            "InvalidParameterValue",
            f"Duplicate tag key '{next(key for key in keys if keys.count(key) > 1)}' specified.",
        )
    if len(keys) > 50:
        raise Refusal("TagLimitExceeded", "The maximum number of Tags for a resource has been reached.")


@corrects("ec2", "CreateTags", fact="CreateTags refuses reserved keys and says which object it did not find")
def create_tags(call: Any, moto: Callable[[], Any]) -> Any:
    """Checks tags and objects that moto lets pass."""
    tags = call._get_param("Tags", []) or []
    for tag in tags:
        tag.setdefault("Value", "")
    check_tags(tags)
    backend = call.ec2_backend
    for identifier in call._get_param("Resources", []) or []:
        check(backend, identifier)
    backend.create_tags(call._get_param("Resources", []), {tag["Key"]: tag["Value"] for tag in tags})
    return ActionResult({})


@corrects(
    "ec2",
    "DeleteTags",
    fact="DeleteTags without Tags removes all tags, and a tag with a value only where the value is the same",
)
def delete_tags(call: Any, moto: Callable[[], Any]) -> Any:
    """Deletes tags; unknown objects are no error, as in AWS."""
    backend = call.ec2_backend
    wanted = call._get_param("Tags", []) or []
    for identifier in call._get_param("Resources", []) or []:
        own = backend.tags.get(identifier, {})
        for key in [tag["Key"] for tag in wanted] if wanted else list(own):
            value = next((tag.get("Value") for tag in wanted if tag["Key"] == key), None)
            if key in own and (value is None or value == own[key]):
                del own[key]
    return ActionResult({})


@corrects("ec2", "DescribeTags", fact="DescribeTags uses AWS's names of types")
def describe_tags(call: Any, moto: Callable[[], Any]) -> Any:
    """All tags; the filters are applied by `filters.py`."""
    found = [
        {"ResourceId": identifier, "ResourceType": resource_type(identifier), "Key": key, "Value": value}
        for identifier, tags in call.ec2_backend.tags.items()
        for key, value in tags.items()
    ]
    return ActionResult({"Tags": found})


@corrects("ec2", *ENDS, fact="The tags of an object vanish with it")
def forget_tags(call: Any, moto: Callable[[], Any]) -> Any:
    """Drops the tags of whatever a delete call names."""
    result = moto()
    for value in call.params.values():
        for identifier in value if isinstance(value, list) else [value]:
            if isinstance(identifier, str):
                call.ec2_backend.tags.pop(identifier, None)
    return result


@replaces(
    EC2Backend, "iter_tagged_resources", fact="The Resource Groups Tagging API finds endpoints, addresses and rules too"
)
def iter_tagged_resources(self: Any) -> Iterator[TaggedResource]:
    """Every tagged EC2 object, under AWS's type names."""
    for identifier, tags in self.tags.items():
        if tags and not hidden(self, identifier):
            named = resource_type(identifier)
            yield TaggedResource(
                arn=f"arn:{self.partition}:ec2:{self.region_name}:{self.account_id}:{named}/{identifier}",
                tags=dict(tags),
                resource_type=f"ec2:{named}",
            )
