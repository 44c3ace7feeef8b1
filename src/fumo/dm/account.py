"""The account that a bootstrap gives a device: one server, and both directions of proof. Pure.

The two profiles write the same things in words of their own (DM StdObj §5.3, w7): those words and
their common rules are here. An account without an address, or in which one side has nothing to
prove itself by, is none.
"""

import binascii
from base64 import b64decode

from msgspec import Struct

from fumo.dm.auth import BASIC, MAC, MD5, Account, Login
from fumo.dm.shown import shown
from fumo.errors import DecodeError

APP_ID = "w7"
TYPES = {"BASIC": BASIC, "DIGEST": MD5, "HMAC": MAC}
"""AAuthType of DM; the others belong to the transport."""
WORDS = {scheme: word for word, scheme in TYPES.items()}
TEXT_LENGTH_MAX = 1024


class Provisioned(Struct, frozen=True):
    """`own` proves the device, `server` the server; the nonces are those each begins with."""

    server_id: str
    url: str
    own: Login
    server: Login
    name: str = ""
    scheme: str = MD5
    own_nonce: bytes | None = None
    server_nonce: bytes | None = None

    @property
    def account(self) -> Account:
        """As sessions use it."""
        return Account(self.own, self.server, self.scheme)


class Proof(Struct, frozen=True):
    """One direction of proof, as a document tells it."""

    name: str | None
    secret: str | None
    type: str | None = None
    nonce: str | bytes | None = None


def settle(
    server_id: str | None, name: str | None, url: str | None, own: Proof, server: Proof
) -> Provisioned:
    """The account out of what a document told, or DecodeError saying what is missing."""
    who = _needed(server_id, "server id")
    address, scheme = _address(_needed(url, "address")), _scheme(own.type)
    if scheme == BASIC and not address.lower().startswith("https:"):
        raise DecodeError("a password that would be shown to everybody on the way")
    return Provisioned(
        who,
        address,
        Login(
            _needed(own.name, "name for the device"), _needed(own.secret, "secret of the device")
        ),
        Login(_short(server.name or who), _needed(server.secret, "secret of the server")),
        _short(name or ""),
        scheme,
        _nonce(own.nonce),
        _nonce(server.nonce),
    )


def _needed(text: str | None, what: str) -> str:
    if not text:
        raise DecodeError(f"an account without its {what}")
    return _short(text)


def _short(text: str) -> str:
    if len(text) > TEXT_LENGTH_MAX or not text.isprintable():
        raise DecodeError(f"'{shown(text)}' is no word of an account")
    return text


def _address(url: str) -> str:
    if not url.lower().startswith(("https://", "http://")):
        raise DecodeError(f"'{shown(url)}' is no address over HTTP")
    return url


def _scheme(type_: str | None) -> str:
    if not type_:
        return MD5
    if type_.upper() not in TYPES:
        raise DecodeError(f"a proof of the kind '{shown(type_)}'")
    return TYPES[type_.upper()]


def _nonce(data: str | bytes | None) -> bytes | None:
    """Raw octets, or base64 of them; an empty one is none."""
    if isinstance(data, bytes) or data is None:
        return data or None
    try:
        return b64decode(data.strip(), validate=True) or None
    except (binascii.Error, ValueError):
        raise DecodeError("a nonce that is not base64") from None
