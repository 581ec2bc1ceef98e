"""Machine images.

AWS: the public images of a region are the same for every account.

moto: builds some 1,300 images, each with a snapshot and a volume, anew for every account,
a twentieth of a second and megabytes each time. Here one hidden account holds them for all,
region by region, and they are made when they are first asked for.
"""

from __future__ import annotations

from typing import Any

from moto.ec2.models.amis import AmiBackend

from .accounts import CATALOGUE
from .corrections import replaces

_moto_load = AmiBackend._load_amis


@replaces(AmiBackend, "_load_amis", fact="The public images are made once for all accounts")
def load_amis(self: Any) -> None:
    """Shares the images of the catalogue."""
    if self.account_id == CATALOGUE:
        _moto_load(self)
        return
    from moto.ec2.models import ec2_backends

    self.amis = dict(ec2_backends[CATALOGUE][self.region_name].amis)
