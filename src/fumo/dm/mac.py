"""The MAC of a message: proof of its sender and of every byte of its body (DM Security §5.4). Pure.

    mac = B64(H(B64(H(name:secret)) : nonce : B64(H(body)))), with H = MD5

The standard calls it HMAC, but its formula is plain MD5, and so is what the field speaks; a true
HMAC is no proof here. It travels in the HTTP header `x-syncml-hmac`, never in the message.
"""

import binascii
import re
from base64 import b64decode
from hmac import compare_digest

from msgspec import Struct

from fumo.dm.auth import Login, digest, hashed

HEADER = "x-syncml-hmac"
HEADER_LENGTH_MAX = 1024
RAW_BYTES, HEX_BYTES = 16, 32

_FIELD = re.compile(r'\s*(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^",\s]*))\s*(?:,|$)')


class Mac(Struct, frozen=True):
    """What the header says."""

    username: str
    mac: str


def mac(login: Login, nonce: bytes, body: bytes) -> str:
    """The MAC of these exact bytes."""
    return digest(login, nonce, hashed(body))


def header(login: Login, nonce: bytes, body: bytes) -> str:
    """The header that proves a message."""
    name = login.name.replace("\\", "\\\\").replace('"', '\\"')
    return f'algorithm=MD5, username="{name}", mac={mac(login, nonce, body)}'


def parse(text: str) -> Mac | None:
    """What a header says, or None when it says nothing that could be a proof."""
    fields = _fields(text)
    if fields.get("algorithm", "MD5").upper() != "MD5":
        return None
    if "username" not in fields or not fields.get("mac"):
        return None
    return Mac(fields["username"], fields["mac"])


def _fields(text: str) -> dict[str, str]:
    """name=value, parted by commas, values quoted or not; nothing when it is anything else."""
    fields: dict[str, str] = {}
    place = 0
    while place < len(text) <= HEADER_LENGTH_MAX:
        found = _FIELD.match(text, place)
        if found is None:
            return {}
        name, quoted, plain = found.groups()
        value = plain if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
        fields[name.lower()] = value
        place = found.end()
    return fields


def proves(said: str, login: Login, nonce: bytes, body: bytes, *, lenient: bool = True) -> bool:
    """Is this header the proof of `login` for these bytes? Compared in constant time.

    `lenient` also takes the standard's own sample form, base64 of the hex digits, and lost padding.
    """
    told = parse(said)
    if told is None:
        return False
    name = compare_digest(told.username.encode(), login.name.encode())
    expected = b64decode(mac(login, nonce, body))
    return compare_digest(_octets(told.mac, lenient), expected) and name


def _octets(text: str, lenient: bool) -> bytes:
    """The 16 octets of a MAC, or nothing."""
    padded = text + "=" * (-len(text) % 4) if lenient else text
    try:
        octets = b64decode(padded, validate=True)
        if lenient and len(octets) == HEX_BYTES:
            octets = binascii.unhexlify(octets)
    except (binascii.Error, ValueError):
        return b""
    return octets if len(octets) == RAW_BYTES else b""
