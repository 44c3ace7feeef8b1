"""Who plays in the demo: every device's name, credentials, manner of speech and part. Pure."""

from msgspec import Struct

from fumo.dm.auth import BASIC, MD5
from fumo.fleet.faults import Faults

DEVICES_MIN = 6
PROCESSES = 4
"""The first devices are processes of their own; the others live in one crowd."""

KILLED_IN_DOWNLOAD = 0
KILLED_IN_APPLY = (1, 2, 3)
"""Whichever is caught in the middle first."""

TELLS_TWICE, CORRUPT, NEVER = 2, 4, 5


class Actor(Struct, frozen=True):
    """One device."""

    name: str
    user: str
    password: str
    server_password: str
    wbxml: bool
    scheme: str
    alone: bool


def actors(count: int) -> tuple[Actor, ...]:
    """Half speak XML and half WBXML, half begin with md5 credentials and half with basic."""
    return tuple(_actor(place) for place in range(count))


def _actor(place: int) -> Actor:
    name = f"device-{place + 1:02}"
    return Actor(
        name=name,
        user=f"user-{place + 1:02}",
        password=f"secret of {name}",
        server_password=f"secret for {name}",
        wbxml=place % 2 == 1,
        scheme=BASIC if place // 2 % 2 == 1 else MD5,
        alone=place < PROCESSES,
    )


def weather(seed: int, cast: tuple[Actor, ...]) -> Faults:
    """The faults of the demo, by the parts its devices play."""
    return Faults(
        seed=seed,
        never=cast[NEVER].name,
        corrupt=cast[CORRUPT].name,
        drop_reply=cast[TELLS_TWICE].name,
    )
