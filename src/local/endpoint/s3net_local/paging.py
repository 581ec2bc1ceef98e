"""Pages of describe calls.

AWS: MaxResults bounds a page and NextToken goes on; a token that AWS did not give is
refused; MaxResults below the action's minimum is refused; some actions refuse MaxResults
together with ids (EC2 API reference, page of each action).

moto: gives everything in one page and accepts any token.
"""

from __future__ import annotations

import base64
import json
from typing import Any

from moto.core.utils import get_service_model

from .refusals import Refusal

#: actions that refuse MaxResults together with a list of ids, and that list
EXCLUSIVE = {
    "DescribeInstances": ("InstanceIds", "instancesSet"),
    "DescribeInstanceStatus": ("InstanceIds", "instancesSet"),
    "DescribeVolumes": ("VolumeIds", "volumesSet"),
    "DescribeNetworkInterfaces": ("NetworkInterfaceIds", "networkInterfacesSet"),
}
#: moto pages these by itself
LEFT_TO_MOTO = {"DescribeVpcEndpointServices"}


class Page:
    """The page that one call asks for."""

    def __init__(self, action: str, call: Any):
        self.action = action
        operation = get_service_model("ec2").operation_model(action)
        members = operation.input_shape.members if operation.input_shape else {}
        answer = operation.output_shape.members if operation.output_shape else {}
        lists = [name for name, shape in answer.items() if shape.type_name == "list"]
        self.key = lists[0] if len(lists) == 1 else None
        self.applies = bool({"MaxResults", "NextToken"} <= set(members) and self.key and action not in LEFT_TO_MOTO)
        self.size: int | None = None
        self.token: str | None = None
        if not self.applies:
            return
        size = call.params.pop("MaxResults", None)
        self.token = call.params.pop("NextToken", None)
        if size is not None:
            self.size = self._checked(int(size), members["MaxResults"].metadata)
            ids, shown = EXCLUSIVE.get(action, ("", ""))
            if ids and call.params.get(ids):
                raise Refusal(
                    "InvalidParameterCombination", f"The parameter {shown} cannot be used with the parameter maxResults"
                )
        if action == "DescribeInstances":
            call.params["MaxResults"] = 1_000_000
        self.start_after = self._read(self.token) if self.token else None

    def _checked(self, size: int, bounds: dict[str, Any]) -> int:
        least = bounds.get("min") or 1
        if size < least:
            raise Refusal(
                "InvalidParameterValue",
                f"Value ( {size} ) for parameter maxResults is invalid. Expecting a value greater than or equal to {least}.",
            )
        return min(size, bounds.get("max") or 1000)

    def _read(self, token: str) -> tuple[int, str]:
        try:
            action, index, identifier = json.loads(base64.urlsafe_b64decode(token.encode()))
            if action == self.action:
                return int(index), str(identifier)
        except (ValueError, TypeError):
            pass
        raise Refusal("InvalidNextToken", "The specified NextToken is not valid.")

    def cut(self, result: dict[str, Any]) -> None:
        """Cuts the page out of the full result and adds the token for the next one."""
        if not self.applies or (self.size is None and self.token is None):
            return
        things = list(result.get(self.key or "") or [])
        start = self._start(things) if self.token else 0
        end = start + (self.size or 1000)
        result[self.key or ""] = things[start:end]
        result["NextToken"] = None
        if end < len(things):
            text = json.dumps([self.action, end, _name(things[end - 1])])
            result["NextToken"] = base64.urlsafe_b64encode(text.encode()).decode()

    def _start(self, things: list[Any]) -> int:
        index, identifier = self.start_after or (0, "")
        if 0 < index <= len(things) and _name(things[index - 1]) == identifier:
            return index
        # something before was made or deleted in between: find the place by its name
        for place, thing in enumerate(things):
            if _name(thing) == identifier:
                return place + 1
        return min(index, len(things))


def _name(thing: Any) -> str:
    if isinstance(thing, dict):
        return json.dumps(thing, sort_keys=True, default=str)[:200]
    return str(getattr(thing, "id", None) or getattr(thing, "name", ""))
