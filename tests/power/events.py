"""What happens to a disk, and around it, in one row. Values only.

`Passed` is no change of the disk: something left the device, or came to it.
"""

from typing import Any, TypeAlias

from msgspec import Struct


class Written(Struct, frozen=True):
    file: str
    offset: int
    data: bytes


class Synced(Struct, frozen=True):
    file: str


class Truncated(Struct, frozen=True):
    file: str
    length: int


class Deleted(Struct, frozen=True):
    file: str


class Renamed(Struct, frozen=True):
    file: str
    new: str


class Passed(Struct, frozen=True):
    """`what` crossed the border of the device; `around` is the world since then."""

    what: str
    around: Any


Change: TypeAlias = Written | Truncated
Event: TypeAlias = Written | Synced | Truncated | Deleted | Renamed | Passed
