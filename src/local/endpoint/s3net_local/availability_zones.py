"""Availability zones.

AWS: DescribeAvailabilityZones names the group, the border group and the opt-in status of each
zone, and filters by them (EC2 API reference, AvailabilityZone).

moto: leaves these out and passes over filters.
"""

from __future__ import annotations

from typing import Any

from moto.ec2.models.availability_zones_and_regions import Zone

from .corrections import replaces

replaces(Zone, "opt_in_status", fact="A zone of a region that needs no opt-in needs none")("opt-in-not-required")


@replaces(Zone, "group_name", fact="The zones of a region are one group")
@property
def group_name(self: Any) -> str:
    """The group."""
    return f"{self.region_name}-zg-1"


@replaces(Zone, "network_border_group", fact="The border group of a zone is its region")
@property
def network_border_group(self: Any) -> str:
    """The border group."""
    return str(self.region_name)
