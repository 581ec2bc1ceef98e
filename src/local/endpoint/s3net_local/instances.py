"""Instances.

AWS: RunInstances refuses unknown images, types, subnets, groups and profiles (a missing
profile is InvalidParameterValue, "Invalid IAM Instance Profile name"). An instance is
`pending`, then `running`; a terminated one is `shutting-down`, then `terminated`, has no
subnet, group or interface any more, and is described for about an hour. Its root volume bears
the image's device name and goes with it, as does the interface that was made for it. The
type and the user data change only while it is stopped (EC2 user guide, "Instance lifecycle";
EC2 API reference, RunInstances and ModifyInstanceAttribute).

moto: accepts any image and type, runs and terminates at once, calls the root volume
/dev/sda1, leaves the interface behind, and for ever shows a terminated instance in its
subnet.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.ec2.models.instances import INSTANCE_TYPE_OFFERINGS, Instance, InstanceState, StateReason

from . import lifecycle_times
from .corrections import corrects, replaces
from .iam_calls import known_elsewhere
from .refusals import Refusal

KIND = "instance"
CODES = {"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80}


def become(instance: Any, state: str) -> None:
    """Sets the state."""
    instance._state = InstanceState(state, CODES[state])
    if state in ("pending", "running"):
        instance.state_reason = None


@replaces(Instance, "setup_defaults", fact="The root volume bears the image's device name")
def setup_defaults(self: Any) -> None:
    """Makes the root volume of an instance that states none."""
    self.add_block_device(8, self.root_device_name or "/dev/xvda", None, False, True, None, "gp3")


def _first(attribute: str) -> property:
    return property(lambda self: getattr(self.nics[0], attribute) if self.nics.get(0) else None)


for _name, _attribute in (
    ("private_ip", "private_ip_address"),
    ("private_ip_address", "private_ip_address"),
    ("public_ip", "public_ip"),
    ("public_ip_address", "public_ip"),
):
    replaces(Instance, _name, fact="A terminated instance has no address")(_first(_attribute))

_moto_private_dns_name = Instance.private_dns_name


@replaces(Instance, "private_dns_name", fact="A terminated instance has no name")
@property
def private_dns_name(self: Any) -> str:
    """The name from the address."""
    return str(_moto_private_dns_name.fget(self)) if self.nics.get(0) else ""  # type: ignore[attr-defined]


@replaces(Instance, "subnet_id", fact="A terminated instance is in no subnet")
@property
def subnet_id(self: Any) -> str | None:
    """The subnet of the primary interface."""
    if self._state.name == "terminated":
        return None
    return self._subnet_id or (self.nics[0].subnet.id if getattr(self, "nics", None) else None)


def check_run(call: Any) -> None:
    """Refuses what cannot be launched."""
    backend = call.ec2_backend
    image = call._get_param("ImageId")
    if not image and not call._get_param("LaunchTemplate"):
        raise Refusal("MissingParameter", "The request must contain the parameter ImageId")
    if image and image not in backend.amis:
        if not str(image).startswith("ami-"):
            raise Refusal("InvalidAMIID.Malformed", f'Invalid id: "{image}" (expecting "ami-...")')
        raise Refusal("InvalidAMIID.NotFound", f"The image id '[{image}]' does not exist")
    check_type(call.region, call._get_param("InstanceType"))
    interfaces = call._get_param("NetworkInterfaces", []) or []
    groups = list(call._get_param("SecurityGroupIds", []) or []) + [
        one for interface in interfaces for one in interface.get("Groups", []) or []
    ]
    if interfaces and (call._get_param("SecurityGroupIds") or call._get_param("SubnetId")):
        raise Refusal(
            "InvalidParameterCombination",
            "Network interfaces and an instance-level security groups or subnet ID may not be specified on the same request",
        )
    subnets = [call._get_param("SubnetId")] + [interface.get("SubnetId") for interface in interfaces]
    vpcs = set()
    for identifier in filter(None, subnets):
        subnet = next((zone[identifier] for zone in backend.subnets.values() if identifier in zone), None)
        if subnet is None:
            raise Refusal("InvalidSubnetID.NotFound", f"The subnet ID '{identifier}' does not exist")
        vpcs.add(subnet.vpc_id)
    for identifier in groups:
        group = backend.get_security_group_from_id(identifier)
        if group is None:
            raise Refusal("InvalidGroup.NotFound", f"The security group '{identifier}' does not exist")
        if vpcs and group.vpc_id not in vpcs:
            raise Refusal(
                "InvalidParameter",
                f"Security group {identifier} and subnet {next(filter(None, subnets))} belong to different networks.",
            )
    check_profile(call)


def check_type(region: str, name: str | None) -> None:
    """Refuses a type that the region does not have."""
    offered = INSTANCE_TYPE_OFFERINGS["region"].get(region)
    if name and offered and not any(one["InstanceType"] == name for one in offered):
        raise Refusal("InvalidParameterValue", f"Invalid value '{name}' for InstanceType.")


def check_profile(call: Any) -> Any:
    """Refuses an unknown instance profile, or one without a role."""
    from moto.iam.models import iam_backends

    name, arn = call._get_param("IamInstanceProfile.Name"), call._get_param("IamInstanceProfile.Arn")
    if not name and not arn:
        return None
    profiles = iam_backends[call.current_account][call.partition].instance_profiles.values()
    found = next((one for one in profiles if one.name == name or one.arn == arn), None)
    place = (call.current_account, call.partition)
    if found is None or not known_elsewhere(*place, "instance_profile", found.name):
        if name:
            raise Refusal(
                "InvalidParameterValue",
                f"Value ({name}) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name",
            )
        raise Refusal(
            "InvalidParameterValue",
            f"Value ({arn}) for parameter iamInstanceProfile.arn is invalid. Invalid IAM Instance Profile ARN",
        )
    if not found.roles or not known_elsewhere(*place, "member", found.name):
        raise Refusal("InvalidParameterValue", f'IAM Instance Profile "{found.arn}" has no associated IAM Roles')
    return found


@corrects(
    "ec2",
    "RunInstances",
    fact="RunInstances refuses what cannot be launched; an instance is pending first, with the groups, volumes and interfaces that AWS gives it",
)
def run_instances(call: Any, moto: Callable[[], Any]) -> Any:
    """Checks, launches and completes instances."""
    backend = call.ec2_backend
    check_run(call)
    # moto launches the least number, AWS the most that there is room for
    call.params["MinCount"] = call._get_param("MaxCount") or call._get_param("MinCount") or 1
    tags = {
        tag["Key"]: tag.get("Value", "")
        for one in call._get_param("TagSpecifications", []) or []
        if one.get("ResourceType") == "network-interface"
        for tag in one.get("Tags", []) or []
    }
    subnet_given = call._get_param("SubnetId") or any(
        one.get("SubnetId") for one in call._get_param("NetworkInterfaces", []) or []
    )
    if not subnet_given and not call._get_param("LaunchTemplate"):
        call.params["SubnetId"] = _default_subnet(backend, call._get_param("Placement.AvailabilityZone"))
    _complete_volumes(call, backend)
    stated = call._get_param("BlockDeviceMappings", []) or []
    answer = moto()
    reservation = answer._result
    image = backend.amis.get(call._get_param("ImageId"))
    for instance in reservation.instances:
        if instance.kernel_id == "None":
            instance.kernel_id = None
        if image is not None and stated and instance.root_device_name not in [one.get("DeviceName") for one in stated]:
            instance.setup_defaults()
        explicit = {int(one.get("DeviceIndex", 0)): one for one in call._get_param("NetworkInterfaces", []) or []}
        for index, nic in instance.nics.items():
            if (
                not explicit.get(index, {}).get("NetworkInterfaceId")
                and explicit.get(index, {}).get("DeleteOnTermination") is not False
            ):
                nic.delete_on_termination = True
                nic.add_tags(tags)
        instance.hibernation_options = instance.hibernation_options or {"Configured": False}
        if not instance.security_groups:
            instance.security_groups = list(instance.nics[0]._group_set)
        show_profile(backend, instance)
        become(instance, "pending")
        lifecycle_times.begin(
            backend, instance.id, "pending_seconds", KIND, lambda one=instance: become(one, "running"), shown=True
        )
    return answer


def show_profile(backend: Any, instance: Any) -> None:
    """Shows the profile under its own id, where moto shows the id of the association."""
    found = backend.iam_instance_profile_associations.get(instance.id)
    if found is not None:
        instance.iam_instance_profile = {"Arn": found.iam_instance_profile.arn, "Id": found.iam_instance_profile.id}


def _default_subnet(backend: Any, zone: str | None) -> str | None:
    for subnets in backend.subnets.values():
        for subnet in subnets.values():
            if subnet.default_for_az and zone in (None, subnet.availability_zone):
                return str(subnet.id)
    raise Refusal("MissingInput", "No subnets found for the default VPC. Please specify a subnet.")


def _complete_volumes(call: Any, backend: Any) -> None:
    image = backend.amis.get(call._get_param("ImageId"))
    for mapping in call._get_param("BlockDeviceMappings", []) or []:
        volume = mapping.get("Ebs")
        if volume is None:
            continue
        if not volume.get("SnapshotId"):
            volume.setdefault("VolumeSize", 8)
        volume.setdefault("VolumeType", "gp3")
        if image is not None and mapping.get("DeviceName") == image.root_device_name:
            volume.setdefault("DeleteOnTermination", True)


def instances_of(call: Any) -> list[Any]:
    """The instances that a call names."""
    known = {one.id: one for reservation in call.ec2_backend.reservations.values() for one in reservation.instances}
    found = []
    for identifier in call._get_param("InstanceIds", []) or []:
        if identifier not in known:
            raise Refusal("InvalidInstanceID.NotFound", f"The instance ID '{identifier}' does not exist")
        found.append(known[identifier])
    return found


def _change(instance: Any, before: str) -> dict[str, Any]:
    now = instance._state.name
    return {
        "InstanceId": instance.id,
        "CurrentState": {"Code": CODES[now], "Name": now},
        "PreviousState": {"Code": CODES[before], "Name": before},
    }


@corrects("ec2", "TerminateInstances", fact="A terminated instance is shutting-down first, and then holds nothing")
def terminate_instances(call: Any, moto: Callable[[], Any]) -> Any:
    """Begins to terminate instances."""
    backend, instances = call.ec2_backend, instances_of(call)
    for instance in instances:
        if str(instance.disable_api_termination).lower() == "true":
            raise Refusal(
                "OperationNotPermitted",
                f"The instance '{instance.id}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.",
            )
    changes = []
    for instance in instances:
        before = instance._state.name
        if before not in ("shutting-down", "terminated"):
            become(instance, "shutting-down")
            lifecycle_times.begin(
                backend, instance.id, "deleting_seconds", KIND, lambda one=instance: _end(backend, one), shown=True
            )
        changes.append(_change(instance, before))
    return ActionResult({"TerminatingInstances": changes})


def _end(backend: Any, instance: Any) -> None:
    nics = list(instance.nics.values())
    for address in backend.addresses:
        if address.instance is instance or address.eni in nics:
            address.instance = address.eni = address.association_id = None
    volumes = [block.volume_id for block in instance.block_device_mapping.values() if block.delete_on_termination]
    instance.terminate()
    for volume in volumes:
        backend.tags.pop(volume, None)
    for nic in nics:
        nic.instance = nic.attachment_id = nic.public_ip = None
        nic.status = "available"
        if nic.id not in backend.enis:
            backend.tags.pop(nic.id, None)
    instance.nics, instance.security_groups = {}, []
    instance._state = InstanceState("terminated", CODES["terminated"])

    def vanish() -> None:
        for reservation in list(backend.reservations.values()):
            reservation.instances = [one for one in reservation.instances if one is not instance]
            if not reservation.instances:
                backend.reservations.pop(reservation.id, None)
        backend.tags.pop(instance.id, None)

    lifecycle_times.begin(backend, instance.id, "tombstone_seconds", KIND, vanish, shown=True)


@corrects("ec2", "StopInstances", fact="A stopped instance is stopping first")
def stop_instances(call: Any, moto: Callable[[], Any]) -> Any:
    """Begins to stop instances."""
    backend, changes = call.ec2_backend, []
    for instance in instances_of(call):
        before = instance._state.name
        if before in ("shutting-down", "terminated", "pending"):
            raise Refusal(
                "IncorrectInstanceState",
                f"The instance '{instance.id}' is not in a state from which it can be stopped.",
            )
        if str(instance.disable_api_stop).lower() == "true":
            raise Refusal(
                "OperationNotPermitted",
                f"The instance '{instance.id}' may not be stopped. Modify its 'disableApiStop' instance attribute and try again.",
            )
        if before != "stopped":
            for nic in instance.nics.values():
                nic.stop()
            become(instance, "stopping")
            reason = f"User initiated ({utcnow().strftime('%Y-%m-%d %H:%M:%S GMT')})"
            instance._reason = reason
            instance.state_reason = StateReason(
                "Client.UserInitiatedShutdown: User initiated shutdown", "Client.UserInitiatedShutdown"
            )
            lifecycle_times.begin(
                backend, instance.id, "stopping_seconds", KIND, lambda one=instance: become(one, "stopped"), shown=True
            )
        changes.append(_change(instance, before))
    return ActionResult({"StoppingInstances": changes})


@corrects("ec2", "StartInstances", fact="A started instance is pending first, and starts only from stopped")
def start_instances(call: Any, moto: Callable[[], Any]) -> Any:
    """Begins to start instances."""
    backend, changes = call.ec2_backend, []
    for instance in instances_of(call):
        before = instance._state.name
        if before not in ("stopped", "running", "pending"):
            raise Refusal(
                "IncorrectInstanceState",
                f"The instance '{instance.id}' is not in a state from which it can be started.",
            )
        if before == "stopped":
            instance.start()
            become(instance, "pending")
            lifecycle_times.begin(
                backend, instance.id, "pending_seconds", KIND, lambda one=instance: become(one, "running"), shown=True
            )
        changes.append(_change(instance, before))
    return ActionResult({"StartingInstances": changes})


@corrects(
    "ec2",
    "DescribeInstances",
    fact="Naming instances does not remove the others from their reservation; unknown ids are refused",
)
def describe_instances(call: Any, moto: Callable[[], Any]) -> Any:
    """All reservations, with the named instances."""
    import copy

    wanted = {one.id for one in instances_of(call)}
    reservations = []
    for reservation in call.ec2_backend.reservations.values():
        shown = copy.copy(reservation)
        shown.instances = [one for one in reservation.instances if not wanted or one.id in wanted]
        if shown.instances:
            reservations.append(shown)
    return ActionResult({"Reservations": reservations})
