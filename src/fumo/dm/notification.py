"""Notifications (package #0): a server asks a device to hold a session (DM Notification §6). Pure.

    digest 16 | version 10 bits, ui-mode 2, initiator 1, future-use 27, session id 16, length 8
              | server id | vendor part          the digest covers all that follows it

Promises: `parse` gives a Notification or raises DecodeError; it believes nothing. `worth` says
what a digest proves. A notification never holds an address: it can only cause contact with the
server that is known already.
"""

from base64 import b64encode
from enum import IntEnum, StrEnum
from hashlib import md5
from hmac import compare_digest

from msgspec import Struct

from fumo.dm.auth import Login
from fumo.errors import DecodeError, MisuseError

DIGEST_BYTES = 16
HEADER_BYTES = 8
BYTES_MIN = DIGEST_BYTES + HEADER_BYTES + 1
BYTES_MAX = 1024
"""A few text messages long: nobody has more to say before a session."""

VERSIONS = range(10, 14)
"""Tenths. DM 1.2.1 says 11 ("1.1"), some servers 10 or 12, DM 1.3 servers 13."""
VERSION_SENT = 11
SESSION_ID_MAX = 0xFFFF
SERVER_ID_BYTES_MAX = 255

RESYNC_NONCE = bytes(4)
"""The nonce of a server that lost its own (DM Notification §6.2.3): known to everybody."""


class UiMode(IntEnum):
    """How much the user should notice of the session."""

    UNSPECIFIED = 0
    BACKGROUND = 1
    INFORMATIVE = 2
    USER_INTERACTION = 3


class Initiator(IntEnum):
    """Whose idea the session is."""

    CLIENT = 0
    SERVER = 1


class Trigger(Struct, frozen=True):
    """What a notification says. `version` counts tenths; the vendor part is anybody's."""

    server_id: str
    session_id: int
    ui_mode: UiMode = UiMode.UNSPECIFIED
    initiator: Initiator = Initiator.SERVER
    version: int = VERSION_SENT
    vendor: bytes = b""


class Notification(Struct, frozen=True):
    """A trigger as it came: its digest, and the very bytes the digest covers."""

    digest: bytes
    trigger: Trigger
    covered: bytes


class Worth(StrEnum):
    """What the digest of a notification proves."""

    GOOD = "good"
    RESYNC = "good for the nonce of a server that lost its own"
    WRONG = "wrong digest"


def build(trigger: Trigger, login: Login, nonce: bytes) -> bytes:
    """The bytes of package #0, its digest made with the server's login and nonce."""
    covered = _written(trigger)
    return digest(login, nonce, covered) + covered


def parse(data: bytes) -> Notification:
    """Read package #0. The future-use bits may be anything, since a later standard sets them."""
    if not BYTES_MIN <= len(data) <= BYTES_MAX:
        raise DecodeError(f"a notification of {len(data)} bytes, not {BYTES_MIN} to {BYTES_MAX}")
    covered = data[DIGEST_BYTES:]
    return Notification(data[:DIGEST_BYTES], _read(covered), covered)


def digest(login: Login, nonce: bytes, covered: bytes) -> bytes:
    """H(B64(H(server id:password)) : nonce : B64(H(trigger))), raw (DM Security §5.4)."""
    known = _h(f"{login.name}:{login.secret}".encode())
    return _h(b":".join((b64encode(known), nonce, b64encode(_h(covered)))))


def worth(notification: Notification, login: Login, nonce: bytes | None, resync: bool) -> Worth:
    """Judge the digest, in constant time. `resync` lets the nonce that everybody knows count."""
    if nonce is not None and _proves(notification, login, nonce):
        return Worth.GOOD
    if resync and _proves(notification, login, RESYNC_NONCE):
        return Worth.RESYNC
    return Worth.WRONG


def session_id_text(session_id: int) -> str:
    """As SessionID of the session it starts: upper-case hex, no leading zeros (§6.2.2.10)."""
    return f"{session_id:X}"


def _proves(notification: Notification, login: Login, nonce: bytes) -> bool:
    return compare_digest(notification.digest, digest(login, nonce, notification.covered))


def _h(data: bytes) -> bytes:
    return md5(data, usedforsecurity=False).digest()


def _written(trigger: Trigger) -> bytes:
    server_id = trigger.server_id.encode()
    if trigger.version not in VERSIONS or not 1 <= trigger.session_id <= SESSION_ID_MAX:
        raise MisuseError(f"no notification has these numbers: {trigger}")
    if not 1 <= len(server_id) <= SERVER_ID_BYTES_MAX:
        raise MisuseError(f"a server id of {len(server_id)} bytes")
    first = trigger.version << 6 | trigger.ui_mode << 4 | trigger.initiator << 3
    words = first.to_bytes(2, "big") + bytes(3) + trigger.session_id.to_bytes(2, "big")
    covered = words + bytes([len(server_id)]) + server_id + trigger.vendor
    if len(covered) > BYTES_MAX - DIGEST_BYTES:
        raise MisuseError(f"a notification of {DIGEST_BYTES + len(covered)} bytes")
    return covered


def _read(covered: bytes) -> Trigger:
    first, length = int.from_bytes(covered[:2], "big"), covered[7]
    version, session_id = first >> 6, int.from_bytes(covered[5:7], "big")
    if version not in VERSIONS:
        raise DecodeError(f"a notification of version {version / 10}")
    if session_id == 0:
        raise DecodeError("a notification of session 0")
    if not 1 <= length <= len(covered) - HEADER_BYTES:
        raise DecodeError(f"a server id of {length} bytes in {len(covered) - HEADER_BYTES}")
    end = HEADER_BYTES + length
    server_id, mode = _name(covered[HEADER_BYTES:end]), UiMode(first >> 4 & 3)
    return Trigger(server_id, session_id, mode, Initiator(first >> 3 & 1), version, covered[end:])


def _name(octets: bytes) -> str:
    try:
        return octets.decode()
    except UnicodeDecodeError:
        raise DecodeError("a server id that is not UTF-8") from None
