"""How things stand around the device, as values: what gates are judged by. Pure."""

from enum import StrEnum

from msgspec import Struct


class Network(StrEnum):
    """What the way to the network costs."""

    OFFLINE = "offline"
    METERED = "metered"
    UNMETERED = "unmetered"


class Conditions(Struct, frozen=True):
    """What could be seen just now; None: nobody can tell, and a gate that asks stays shut.

    `battery` in percent, `mains`: power comes from outside; `free_bytes` where packages are kept;
    `week_min` is the minute of the local week from Monday 00:00; `in_use`: in a call, say.
    """

    battery: int | None = None
    mains: bool | None = None
    network: Network | None = None
    free_bytes: int | None = None
    week_min: int | None = None
    in_use: bool | None = None
