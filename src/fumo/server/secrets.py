"""What a device and the server prove themselves by, made at random (A9). Pure.

Nothing of a device goes in: the octets are all there is, so nobody who knows an id, a serial
number or any other device's secrets is nearer to these. Each has 192 bits, in characters that every
document, file and terminal carries.
"""

from base64 import urlsafe_b64encode
from collections.abc import Callable

from msgspec import Struct

OCTETS = 24
PIN_DIGITS = 8


class Secrets(Struct, frozen=True):
    """The two passwords of one device; they never show in a repr."""

    password: str
    server_password: str

    def __repr__(self) -> str:
        return "Secrets(***)"


def made(octets: Callable[[int], bytes]) -> Secrets:
    """New ones."""
    return Secrets(_word(octets(OCTETS)), _word(octets(OCTETS)))


def pin(octets: Callable[[int], bytes]) -> str:
    """Digits for a person to type: three tries are all that anybody has (DM Bootstrap)."""
    return f"{int.from_bytes(octets(16), 'big') % 10**PIN_DIGITS:0{PIN_DIGITS}}"


def _word(octets: bytes) -> str:
    return urlsafe_b64encode(octets).decode()
