"""A package that DM itself carries: its bytes are written into `Update/PkgData` (FUMO §6.1). Pure.

It travels as a large object, in as many messages as it needs. So it is bounded, by us and by what
the device says that it takes; what would not go is refused before its first byte.
"""

from msgspec import Struct

from fumo.codes import Kind
from fumo.dm.bounds import BODY_BYTES_MAX
from fumo.dm.message import XML, Item, Location, Meta, Replace
from fumo.dm.session import Request, SessionState
from fumo.server.operation import data_uri
from fumo.server.rows import Campaign, Operation

DATA = "data"
"""The purpose of the Replace."""
CARRIED_BYTES_MAX = 1 << 20
"""Larger packages are fetched, not carried: what waits stands in the session's row meanwhile."""
MESSAGES_MAX = 120
"""Messages that one package may take: a session has 200 at most."""
ROOM_BYTES = 2048
"""What a message says besides a chunk."""


class Carrier(Struct, frozen=True):
    """What a device takes: bytes in a message, and in one value (None: it did not say)."""

    media_type: str = XML
    message_max: int = BODY_BYTES_MAX
    object_max: int | None = None


def is_carried(operation: Operation, campaign: Campaign | None) -> bool:
    """Are its package's bytes written into PkgData?"""
    return campaign is not None and campaign.carries and operation.kind is Kind.UPDATE


def carrier_of(state: SessionState) -> Carrier:
    """What the device said in its headers."""
    most = min(state.peer_max_msg_size or BODY_BYTES_MAX, BODY_BYTES_MAX)
    return Carrier(state.media_type, most, state.peer_max_obj_size)


def put_data(object_uri: str, data: bytes) -> Request:
    """Write a whole package."""
    meta = Meta(format="bin", type="application/octet-stream")
    item = Item(target=Location(data_uri(object_uri)), meta=meta, data=data)
    return Request(DATA, Replace((item,)))


def obstacle(length: int, carrier: Carrier) -> str | None:
    """Why a package of this length cannot be carried there; None: it can."""
    if length > CARRIED_BYTES_MAX:
        return f"a package of {length} bytes is not carried, but fetched"
    travels = -(-length // 3) * 4 if carrier.media_type == XML else length
    room = carrier.message_max - ROOM_BYTES
    if carrier.object_max is None:
        return None if travels <= room else "the device takes no large objects"
    if travels > carrier.object_max:
        return f"the device takes values of {carrier.object_max} bytes, and it needs {travels}"
    if room <= 0 or travels > room * MESSAGES_MAX:
        return f"the device's messages of {carrier.message_max} bytes are too small for it"
    return None
