"""How a device is led to its package. Pure."""

from msgspec import Struct

from fumo.profiles.profile import profile_of
from fumo.server.rows import Campaign, Device


class Fetching(Struct, frozen=True):
    """`described`: by a descriptor, which wants to be told how the transfer went.

    All of `campaign_id` share `bytes_per_s`, 0: as fast as it goes.
    """

    described: bool = False
    campaign_id: int = 0
    bytes_per_s: int = 0


PLAINLY = Fetching()


def fetching(device: Device | None, campaign: Campaign | None) -> Fetching:
    """As its campaign says, or else as its kind of devices needs it."""
    kind = device is not None and profile_of(device.profile).descriptor
    if campaign is None:
        return Fetching(kind)
    return Fetching(kind or campaign.descriptor, campaign.id, campaign.bytes_per_s)
