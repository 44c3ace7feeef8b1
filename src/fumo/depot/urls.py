"""Unguessable package addresses, one for each operation. Pure.

    /packages/{operation_id}/{sha256}/{signature}/package
    /packages/{operation_id}/{sha256}/{lane}-{bytes_per_s}/{signature}/package
    /packages/{operation_id}/{sha256}/…/{signature}/deltas/{sha256 of the delta}
    /packages/{operation_id}/{sha256}/…/{signature}/descriptor
    /packages/{operation_id}/{sha256}/…/{signature}/report

Only who holds the key can make one, so the depot's log names the operation that fetched, and
nobody finds a package by trying. The signature is an HMAC-SHA256 over all that stands before it:
nobody leaves his lane. What a package's signed words call `deltas/…` is found beside the package,
by the signature of the package's own address, and so are its descriptor and where the transfer is
reported. Addresses that end with the signature are of earlier
versions, and are read still.
"""

import hashlib
import hmac
import re
from enum import StrEnum

from msgspec import Struct

LANE = r"[a-z0-9]{1,24}-[1-9][0-9]{0,15}"
ADDRESS = re.compile(
    rf"/packages/([A-Za-z0-9_.:-]{{1,64}})/([0-9a-f]{{64}})(?:/({LANE}))?/([0-9a-f]{{64}})"
    r"(?:/(package|descriptor|report)|/deltas/([0-9a-f]{64}))?"
)
KEY_LENGTH_MIN = 16


class Wanted(StrEnum):
    """What stands at the end of an address, but for a delta."""

    PACKAGE = "package"
    DESCRIPTOR = "descriptor"
    REPORT = "report"


class Lane(Struct, frozen=True):
    """What shares one speed: the downloads of a campaign."""

    name: str
    bytes_per_s: int


class Address(Struct, frozen=True):
    """A package as one operation may fetch it, or a delta that leads to it; or what it `wants`."""

    operation_id: str
    sha256: str
    lane: Lane | None = None
    delta: str | None = None
    wants: Wanted = Wanted.PACKAGE

    @property
    def content(self) -> str:
        """The SHA-256 of what is asked for."""
        return self.delta or self.sha256


def path(address: Address, key: bytes) -> str:
    """The path part of the URL for this operation."""
    told = _told(address)
    last = f"deltas/{address.delta}" if address.delta else address.wants.value
    made = f"/packages/{told}/{_signature(told, key)}/{last}"
    if ADDRESS.fullmatch(made) is None or len(key) < KEY_LENGTH_MIN:
        raise ValueError(f"no address can be made of {address}")
    return made


def read(target: str, key: bytes) -> Address | None:
    """The address if it was made with this key, else None; a query is no part of it.

    Nor is what stands behind #, which some devices send along.
    """
    parts = ADDRESS.fullmatch(re.split("[?#]", target, maxsplit=1)[0])
    if parts is None:
        return None
    operation_id, sha256, lane, signature, wants, delta = parts.groups()
    wanted = Wanted(wants) if wants else Wanted.PACKAGE
    address = Address(operation_id, sha256, _lane(lane), delta, wanted)
    genuine = hmac.compare_digest(_signature(_told(address), key), signature)
    return address if genuine else None


def _lane(text: str | None) -> Lane | None:
    if text is None:
        return None
    name, _, bytes_per_s = text.partition("-")
    return Lane(name, int(bytes_per_s))


def _told(address: Address) -> str:
    """What is signed."""
    lane = f"/{address.lane.name}-{address.lane.bytes_per_s}" if address.lane else ""
    return f"{address.operation_id}/{address.sha256}{lane}"


def _signature(told: str, key: bytes) -> str:
    return hmac.new(key, told.encode(), hashlib.sha256).hexdigest()
