"""Unguessable package addresses, one for each operation. Pure.

    /packages/{operation_id}/{sha256}/{signature}

Only who holds the key can make one, so the depot's log names the operation that fetched, and
nobody finds a package by trying. The signature is an HMAC-SHA256 over both other parts.
"""

import hashlib
import hmac
import re

from msgspec import Struct

ADDRESS = re.compile(r"/packages/([A-Za-z0-9_.:-]{1,64})/([0-9a-f]{64})/([0-9a-f]{64})")
KEY_LENGTH_MIN = 16


class Address(Struct, frozen=True):
    """A package as one operation may fetch it."""

    operation_id: str
    sha256: str


def path(address: Address, key: bytes) -> str:
    """The path part of the package's URL for this operation."""
    made = f"/packages/{address.operation_id}/{address.sha256}/{_signature(address, key)}"
    if ADDRESS.fullmatch(made) is None or len(key) < KEY_LENGTH_MIN:
        raise ValueError(f"no address can be made of {address}")
    return made


def read(target: str, key: bytes) -> Address | None:
    """The address if it was made with this key, else None; a query is no part of it."""
    parts = ADDRESS.fullmatch(target.partition("?")[0])
    if parts is None:
        return None
    address = Address(parts.group(1), parts.group(2))
    genuine = hmac.compare_digest(_signature(address, key), parts.group(3))
    return address if genuine else None


def _signature(address: Address, key: bytes) -> str:
    told = f"{address.operation_id}/{address.sha256}".encode()
    return hmac.new(key, told, hashlib.sha256).hexdigest()
