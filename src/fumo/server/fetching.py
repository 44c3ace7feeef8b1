"""How a device is led to its package. Pure."""

from msgspec import Struct

from fumo.profiles.profile import profile_of
from fumo.server.rows import Campaign, Device


class Fetching(Struct, frozen=True):
    """`described`: by a descriptor, which wants to be told how the transfer went."""

    described: bool = False


PLAINLY = Fetching()


def fetching(device: Device | None, campaign: Campaign | None) -> Fetching:
    """As its campaign says, or else as its kind of devices needs it."""
    said = campaign is not None and campaign.descriptor
    return Fetching(said or (device is not None and profile_of(device.profile).descriptor))
