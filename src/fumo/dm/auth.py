"""Credentials and challenges, basic, MD5 and MAC, the same for both sides (DM Security §5.3). Pure.

    H = MD5, B64 = base64;  digest = B64(H(B64(H(name:secret)) : nonce))

Two nonces live independently: the one *our* credentials use was given by the peer, the one *its*
credentials use was given by us. Comparisons take constant time. A secret never shows in a repr.
"""

import binascii
from base64 import b64decode, b64encode
from enum import StrEnum
from hashlib import md5
from hmac import compare_digest

from msgspec import Struct

from fumo.dm.message import Chal, Cred, Meta

MD5 = "syncml:auth-md5"
BASIC = "syncml:auth-basic"
MAC = "syncml:auth-MAC"  # its proof stands in an HTTP header: see `mac`
SCHEMES = (MD5, BASIC, MAC)
BY_NAME = {scheme.lower(): scheme for scheme in SCHEMES}
NONCE_BYTES = 16  # 128 bits, as DM Security §5.3 recommends


class Login(Struct, frozen=True):
    """A name and its secret: one direction of authentication."""

    name: str
    secret: str

    def __repr__(self) -> str:
        return f"Login({self.name!r}, ***)"


class Account(Struct, frozen=True):
    """Both directions between a device and a server: `own` proves us, `peer` proves them.

    `scheme` is what we challenge with; MAC takes nothing less. `each_message`: the peer proves
    itself in every message, as it must where the transport is no session (DM Security §5.3).
    """

    own: Login
    peer: Login
    scheme: str = MD5
    each_message: bool = False


class Verdict(StrEnum):
    """What a message's credentials are worth."""

    GOOD = "good"
    MISSING = "no credentials"
    WRONG = "wrong credentials or an old nonce"
    UNREADABLE = "credentials of an unknown kind"
    EXPOSED = "basic credentials on a connection others can read"
    WEAK = "weaker credentials than were asked for"
    OTHER = "credentials of another kind than this session's"


def _h(data: bytes) -> bytes:
    return md5(data, usedforsecurity=False).digest()


def known(login: Login) -> bytes:
    """B64(H(name:secret)): as good as the secret itself."""
    return b64encode(_h(f"{login.name}:{login.secret}".encode()))


def digest(login: Login, nonce: bytes, *more: bytes) -> str:
    """The MD5 credentials of `login` for `nonce` (raw octets, not base64); `more` is a MAC's."""
    return b64encode(_h(b":".join((known(login), nonce, *more)))).decode()


def hashed(body: bytes) -> bytes:
    """B64(H(body)), the body's part in a MAC."""
    return b64encode(_h(body))


def credentials(login: Login, scheme: str, nonce: bytes | None) -> Cred | None:
    """What proves `login`; None while MD5 still lacks a nonce, so that the peer challenges."""
    if scheme == BASIC:
        data = b64encode(f"{login.name}:{login.secret}".encode()).decode()
        return Cred(data, Meta(format="b64", type=BASIC))
    return None if nonce is None else Cred(digest(login, nonce), Meta(format="b64", type=MD5))


def verdict(cred: Cred | None, login: Login, nonce: bytes | None, private: bool) -> Verdict:
    """Judge the peer's credentials. Basic counts only where nobody can read along."""
    if cred is None:
        return Verdict.MISSING
    scheme = (cred.meta and cred.meta.type) or BASIC  # DM RepPro §6.2.3: basic is the default
    if scheme not in (MD5, BASIC):
        return Verdict.UNREADABLE
    if scheme == BASIC and not private:
        return Verdict.EXPOSED
    if scheme == MD5 and nonce is None:
        return Verdict.WRONG
    expected = credentials(login, scheme, nonce)
    assert expected is not None
    same = compare_digest(cred.data.strip().encode(), expected.data.encode())
    return Verdict.GOOD if same else Verdict.WRONG


def challenge(scheme: str, nonce: bytes) -> Chal:
    """Ask for credentials of this scheme; MD5 comes with the nonce to use."""
    if scheme == BASIC:
        return Chal(Meta(format="b64", type=BASIC))
    return Chal(Meta(format="b64", type=scheme, next_nonce=b64encode(nonce).decode()))


def wanted(chal: Chal) -> tuple[str, bytes | None]:
    """(scheme, nonce) that a challenge asks for; an unreadable nonce counts as none."""
    text = chal.meta.next_nonce
    scheme = BY_NAME.get((chal.meta.type or BASIC).lower(), chal.meta.type or BASIC)
    if text is None:
        return scheme, None
    try:
        return scheme, b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        return scheme, None
