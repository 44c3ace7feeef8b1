"""Bootstrap: what proves a first account, before a device has any (DM Bootstrap 1.2). Pure.

Two profiles, one rule: *nothing of a document is read before its MAC is proven*, and nothing
unproven changes an account. A bootstrap is never answered; the server learns of its success by the
session that follows. A PIN can be tried `TRIES_MAX` times for a document, then it is blocked.

    CP  a provisioning document (w7), WBXML            key: IMSI | PIN | IMSI PIN
    DM  a DM message that adds to ./Inbox, WBXML       key: network's secret | PIN | PIN:secret
"""

import binascii
from base64 import b32decode, b32encode
from enum import StrEnum
from hashlib import sha256
from hmac import compare_digest, digest
from typing import TypeAlias

from msgspec import Struct

from fumo.dm import account_cp, account_dm, wsp
from fumo.dm.account import Provisioned
from fumo.dm.shown import shown
from fumo.errors import DecodeError, MisuseError

TRIES_MAX = 3
BODY_BYTES_MAX = 65_536
TEXT = "FUMO:"
IMSI_DIGITS = range(6, 16)


class Profile(StrEnum):
    """Which of the two standards wrote it."""

    CP = wsp.CONNECTIVITY
    DM = wsp.DM_WBXML


class Sec(StrEnum):
    """What the key of the MAC is made of, in the words of CP."""

    NETWORK = "NETWPIN"
    USER = "USERPIN"
    BOTH = "USERNETWPIN"


SEC_WORDS = {sec.value: sec for sec in Sec} | {
    "NETWORKID": Sec.NETWORK,
    "USERPIN_NETWORKID": Sec.BOTH,
}
DM_WORDS = {Sec.NETWORK: "NETWORKID", Sec.USER: "USERPIN", Sec.BOTH: "USERPIN_NETWORKID"}


class Bootstrap(Struct, frozen=True):
    """A bootstrap as it came. Nobody has looked into the body yet."""

    profile: Profile
    body: bytes
    sec: str = ""
    mac: str = ""

    @property
    def known_by(self) -> bytes:
        """What tells documents apart, for counting tries."""
        return sha256(self.body).digest()

    @property
    def wants_pin(self) -> bool:
        """Is the user's PIN part of the key?"""
        return SEC_WORDS.get(self.sec) in (Sec.USER, Sec.BOTH)


class Secrets(Struct, frozen=True):
    """What a device and its user know. `network` is the network's secret where it is no IMSI."""

    pin: str | None = None
    imsi: str | None = None
    network: bytes | None = None

    def __repr__(self) -> str:
        return "Secrets(***)"


class Accepted(Struct, frozen=True):
    """Proven: the account that it gives. Whether to take it is for its owner to say."""

    account: Provisioned


class Refused(Struct, frozen=True):
    """Nothing may change. `tries_left` for the PIN of this document."""

    reason: str
    tries_left: int


Judgement: TypeAlias = Accepted | Refused


def read_push(push: wsp.Push) -> Bootstrap:
    """The bootstrap in a push, by its Content-Type and the parameters of that."""
    return _bootstrap(push.media_type, push.parameters, push.body)


def as_text(push: bytes) -> str:
    """A push in characters that QR codes hold best."""
    return TEXT + b32encode(push).decode().rstrip("=")


def read_text(text: str) -> bytes:
    """The push that `as_text` wrote."""
    body = text.strip().removeprefix(TEXT)
    try:
        return b32decode(body + "=" * (-len(body) % 8), casefold=True)
    except (binascii.Error, ValueError):
        raise DecodeError("the text of a bootstrap, with a character that is not its own") from None


def read_file(data: bytes, content_type: str | None = None) -> Bootstrap:
    """A bootstrap out of a file: with a Content-Type it is the bare body, else a whole push, or the
    text of one."""
    if content_type is None and data.lstrip().startswith(TEXT.encode()):
        return read_push(wsp.parse(read_text(data.decode("latin-1"))))
    if content_type is None:
        return read_push(wsp.parse(data))
    media_type, parameters = wsp.parameters_of(content_type)
    return _bootstrap(media_type, parameters, data)


def judge(bootstrap: Bootstrap, secrets: Secrets, used: int = 0) -> Judgement:
    """Is it proven, and what does it say? `used` tries were spent on this document before."""
    left = TRIES_MAX - used
    if bootstrap.wants_pin and left <= 0:
        return Refused(f"blocked: {TRIES_MAX} wrong PINs", 0)
    if bootstrap.sec not in SEC_WORDS or not bootstrap.mac:
        return Refused("nothing that we know proves it", left)
    key = _key(bootstrap.profile, SEC_WORDS[bootstrap.sec], secrets)
    if key is None:
        return Refused("a secret is missing: " + WANTED[SEC_WORDS[bootstrap.sec]], left)
    if not _proves(bootstrap, key):
        return Refused("its MAC is wrong", left - bootstrap.wants_pin)
    try:
        return Accepted(READERS[bootstrap.profile](bootstrap.body))
    except DecodeError as error:
        return Refused(f"proven, but no account: {error}", left)


def tries_a_pin(bootstrap: Bootstrap, secrets: Secrets) -> bool:
    """Would judging it try a PIN? Then the try is to be counted first."""
    return (
        bootstrap.wants_pin
        and _key(bootstrap.profile, SEC_WORDS[bootstrap.sec], secrets) is not None
    )


def offer(profile: Profile, account: Provisioned, sec: Sec, secrets: Secrets) -> wsp.Push:
    """What a server or a factory sends."""
    body = WRITERS[profile](account)
    key = _key(profile, sec, secrets)
    if key is None:
        raise MisuseError("a bootstrap needs " + WANTED[sec])
    word = sec.value if profile is Profile.CP else DM_WORDS[sec]
    return wsp.Push(profile.value, {wsp.SEC: word, wsp.MAC: mac(key, body)}, None, body)


def mac(key: bytes, body: bytes) -> str:
    """HMAC-SHA1 as upper-case hex (WAP ProvBoot §5.2, DM Security §5.7)."""
    return digest(key, body, "sha1").hex().upper()


def semi_octets(imsi: str) -> bytes:
    """An IMSI as networks write it: two digits a byte, swapped, with a mark before the first."""
    if not (imsi.isascii() and imsi.isdigit() and len(imsi) in IMSI_DIGITS):
        raise MisuseError(f"no IMSI has {len(imsi)} characters like these")
    digits = f"9{imsi}" if len(imsi) % 2 else f"1{imsi}F"
    return bytes(int(digits[at + 1] + digits[at], 16) for at in range(0, len(digits), 2))


WANTED = {
    Sec.NETWORK: "the IMSI, or the network's secret",
    Sec.USER: "the user's PIN",
    Sec.BOTH: "the user's PIN and the IMSI, or the network's secret",
}
READERS = {Profile.CP: account_cp.read, Profile.DM: account_dm.read}
WRITERS = {Profile.CP: account_cp.written, Profile.DM: account_dm.written}


def _bootstrap(media_type: str, parameters: dict[str, str], body: bytes) -> Bootstrap:
    if media_type not in set(Profile):
        raise DecodeError(f"'{shown(media_type)}' is no bootstrap")
    if not 0 < len(body) <= BODY_BYTES_MAX:
        raise DecodeError(f"a bootstrap of {len(body)} bytes")
    sec, mac_ = parameters.get(wsp.SEC, ""), parameters.get(wsp.MAC, "")
    return Bootstrap(Profile(media_type), body, sec.upper(), mac_)


def _proves(bootstrap: Bootstrap, key: bytes) -> bool:
    told, ours = bootstrap.mac.strip().upper(), mac(key, bootstrap.body)
    return compare_digest(told.encode("utf-8", "replace"), ours.encode())


def _key(profile: Profile, sec: Sec, secrets: Secrets) -> bytes | None:
    """The key of the MAC; None when a part of it is not known."""
    network = secrets.network
    if network is None and secrets.imsi is not None:
        network = semi_octets(secrets.imsi)
    pin = secrets.pin.encode() if secrets.pin else None
    if sec is Sec.NETWORK:
        return network
    if sec is Sec.USER or pin is None:
        return pin
    if network is None:
        return None
    return network + pin if profile is Profile.CP else pin + b":" + network
