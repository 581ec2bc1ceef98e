"""Network ACLs.

AWS: every network ACL ends with an entry for each direction that refuses what no other one
takes, and has the number 32767 (VPC user guide, "Network ACL rules").

moto: gives them to default ACLs alone.
"""

from __future__ import annotations

from typing import Any

from moto.ec2.models.network_acls import NetworkAclBackend

from .corrections import replaces

LAST = 32767

_moto_create = NetworkAclBackend.create_network_acl


@replaces(NetworkAclBackend, "create_network_acl", fact="A new network ACL refuses everything by entries of its own")
def create_network_acl(self: Any, *args: Any, **kwargs: Any) -> Any:
    """Adds the last entries."""
    acl = _moto_create(self, *args, **kwargs)
    if not any(entry.rule_number == LAST for entry in acl.network_acl_entries):
        for egress in (True, False):
            self.create_network_acl_entry(
                network_acl_id=acl.id,
                rule_number=LAST,
                protocol="-1",
                rule_action="deny",
                egress=egress,
                cidr_block="0.0.0.0/0",
                icmp_code=None,
                icmp_type=None,
                port_range_from=None,
                port_range_to=None,
                ipv6_cidr_block=None,
            )
    return acl
