"""Changes of instances: attributes, metadata options, instance profiles.

AWS: one attribute for each call; type and user data only while the instance is stopped
(IncorrectInstanceState); groups belong to the primary interface; metadata options that a
call does not name stay (EC2 API reference, ModifyInstanceAttribute and
ModifyInstanceMetadataOptions). An instance profile is associated, replaced and disassociated
by association id, and the instance shows it.

moto: changes types of running instances, resets metadata options that are not named, adds
groups to the interface instead of replacing them, and after a replacement still shows the
old profile on the instance.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.core.types import Base64EncodedString

from .corrections import corrects
from .instances import check_profile, check_type, show_profile
from .refusals import Refusal

WHILE_STOPPED = ("InstanceType", "UserData", "Kernel", "Ramdisk", "EbsOptimized")


def _instance(call: Any) -> Any:
    identifier = call._get_param("InstanceId")
    for reservation in call.ec2_backend.reservations.values():
        for instance in reservation.instances:
            if instance.id == identifier:
                return instance
    raise Refusal("InvalidInstanceID.NotFound", f"The instance ID '{identifier}' does not exist")


def _user_data(value: Any) -> Any:
    """moto decodes the text twice and fails; it wants it encoded once."""
    text = value if isinstance(value, bytes) else str(value or "").encode()
    return Base64EncodedString(base64.b64encode(text).decode()) if text else None


@corrects(
    "ec2",
    "ModifyInstanceAttribute",
    fact="Type and user data change only while stopped; groups and the source check go to the primary interface",
)
def modify_instance_attribute(call: Any, moto: Callable[[], Any]) -> Any:
    """Checks and changes one attribute."""
    backend, instance = call.ec2_backend, _instance(call)
    if instance._state.name in ("shutting-down", "terminated"):
        raise Refusal(
            "IncorrectInstanceState", f"The instance '{instance.id}' is not in a state in which it can be modified."
        )
    named = [
        name
        for name in (
            *WHILE_STOPPED,
            "DisableApiTermination",
            "DisableApiStop",
            "SourceDestCheck",
            "InstanceInitiatedShutdownBehavior",
        )
        if call._get_param(name) is not None
    ]
    named += ["Groups"] if call._get_param("Groups") else []
    if len(named) > 1:
        raise Refusal("InvalidParameterCombination", "Fields for multiple attribute types specified")
    if any(name in WHILE_STOPPED for name in named) and instance._state.name != "stopped":
        attribute = named[0][0].lower() + named[0][1:]
        raise Refusal(
            "IncorrectInstanceState",
            f"The instance '{instance.id}' is not in the 'stopped' state, which is needed to change '{attribute}'.",
        )
    if named == ["InstanceType"]:
        check_type(call.region, call._get_param("InstanceType.Value"))
    if named == ["UserData"]:
        instance.user_data = _user_data(call._get_param("UserData.Value"))
        return ActionResult({})
    if named == ["Groups"]:
        groups = [backend.get_security_group_from_id(one) for one in call._get_param("Groups")]
        for identifier, group in zip(call._get_param("Groups"), groups, strict=True):
            if group is None:
                raise Refusal("InvalidGroup.NotFound", f"The security group '{identifier}' does not exist")
        if len(instance.nics) > 1:
            raise Refusal(
                "InvalidInstanceID",
                f"There are multiple interfaces attached to instance '{instance.id}'. Please specify an interface ID for the operation instead.",
            )
        instance.security_groups = groups
        instance.nics[0]._group_set = list(groups)
        return ActionResult({})
    if named == ["SourceDestCheck"]:
        instance.source_dest_check = bool(call._get_param("SourceDestCheck.Value"))
        if instance.nics.get(0):
            instance.nics[0].source_dest_check = instance.source_dest_check
        return ActionResult({})
    return moto()


@corrects(
    "ec2",
    "ModifyNetworkInterfaceAttribute",
    fact="The groups of an instance's primary interface are the instance's groups",
)
def modify_interface(call: Any, moto: Callable[[], Any]) -> Any:
    """Keeps instance and interface in step."""
    interface = call.ec2_backend.get_network_interface(call._get_param("NetworkInterfaceId"))
    answer = moto()
    instance = interface.instance
    if instance is not None and instance.nics.get(0) is interface:
        instance.security_groups = list(interface._group_set)
        instance.source_dest_check = interface.source_dest_check
    return answer


@corrects(
    "ec2", "ModifyInstanceMetadataOptions", fact="Options that are not named stay as they are; the answer says pending"
)
def modify_metadata_options(call: Any, moto: Callable[[], Any]) -> Any:
    """Changes the named options."""
    instance = _instance(call)
    if instance._state.name in ("shutting-down", "terminated"):
        raise Refusal(
            "IncorrectInstanceState", f"The instance '{instance.id}' is not in a state in which it can be modified."
        )
    options = instance.metadata_options
    for name, attribute in (
        ("HttpTokens", "http_tokens"), ("HttpEndpoint", "http_endpoint"), ("HttpProtocolIpv6", "http_protocol_ipv6"),
        ("InstanceMetadataTags", "instance_metadata_tags"), ("HttpPutResponseHopLimit", "http_put_response_hop_limit"),
    ):  # fmt: skip
        value = call._get_param(name)
        if value is not None:
            setattr(options, attribute, value)
    shown = {
        "State": "pending", "HttpTokens": options.http_tokens, "HttpEndpoint": options.http_endpoint, "HttpProtocolIpv6": options.http_protocol_ipv6,
        "InstanceMetadataTags": options.instance_metadata_tags, "HttpPutResponseHopLimit": options.http_put_response_hop_limit,
    }  # fmt: skip
    return ActionResult({"InstanceId": instance.id, "InstanceMetadataOptions": shown})


@corrects(
    "ec2", "AssociateIamInstanceProfile", fact="An unknown profile or one without a role is refused; a second one too"
)
def associate_profile(call: Any, moto: Callable[[], Any]) -> Any:
    """Checks instance and profile."""
    instance = _instance(call)
    check_profile(call)
    answer = moto()
    show_profile(call.ec2_backend, instance)
    return answer


@corrects(
    "ec2", "ReplaceIamInstanceProfileAssociation", fact="The instance shows the new profile, under a new association id"
)
def replace_profile(call: Any, moto: Callable[[], Any]) -> Any:
    """Ends the old association and makes a new one."""
    backend = call.ec2_backend
    profile = check_profile(call)
    identifier = call._get_param("AssociationId")
    found = next(
        (one for one in backend.iam_instance_profile_associations.values() if one.association_id == identifier), None
    )
    if found is None:
        raise Refusal("InvalidAssociationID.NotFound", f"An invalid association-id of '{identifier}' was given")
    backend.disassociate_iam_instance_profile(identifier)
    new = backend.associate_iam_instance_profile(found.instance_id, profile.name)
    show_profile(backend, found.instance)
    return ActionResult({"IamInstanceProfileAssociation": new})


@corrects("ec2", "DescribeIamInstanceProfileAssociations", fact="Unknown association ids are refused")
def describe_associations(call: Any, moto: Callable[[], Any]) -> Any:
    """Checks the ids."""
    known = {one.association_id for one in call.ec2_backend.iam_instance_profile_associations.values()}
    for identifier in call._get_param("AssociationIds", []) or []:
        if identifier not in known:
            raise Refusal("InvalidAssociationID.NotFound", f"An invalid association-id of '{identifier}' was given")
    return moto()
