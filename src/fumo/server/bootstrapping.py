"""A device's first account, as the document that brings it: of the CP or the DM profile. Pure.

A document holds new secrets and new nonces, made for it: the server tells no secret that it keeps,
so whoever lost a document makes another, and the lost one is worth nothing. With its nonces the
device's first message proves itself, and the device can be woken before it ever came.
"""

from collections.abc import Callable
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from fumo.dm.account import TYPES, Provisioned
from fumo.dm.auth import BASIC, NONCE_BYTES, Login
from fumo.dm.bootstrap import Accepted, Profile, Sec, Secrets, as_text, judge, offer, read_push
from fumo.dm.session import Nonces
from fumo.dm.wsp import Push, build
from fumo.errors import FumoError
from fumo.server.denied import Denied
from fumo.server.identities import Octets, changed, with_secrets
from fumo.server.office import Office
from fumo.server.rows import Device
from fumo.server.secrets import made, pin
from fumo.wire.address import parse


class Kind(StrEnum):
    """Which of the two standards writes it."""

    CP = "cp"
    DM = "dm"


PROFILES = {Kind.CP: Profile.CP, Kind.DM: Profile.DM}
PROOFS = {"md5": "DIGEST", "mac": "HMAC", "basic": "BASIC"}


class Wanted(Struct, frozen=True):
    """What a document is to say, and what proves it: a PIN, something of the network, or both.

    `pin` empty and `makes_pin`: eight digits are drawn. `again`: also for a device that has come.
    """

    url: str
    kind: Kind = Kind.CP
    name: str = ""
    proof: str = "md5"
    pin: str = ""
    makes_pin: bool = False
    imsi: str = ""
    network_secret: str = ""
    again: bool = False

    def __repr__(self) -> str:
        return f"Wanted({self.url!r}, {self.kind})"


class Document(Struct, frozen=True):
    """A bootstrap as it is pushed, and the PIN that its user must be told by another way."""

    push: Push
    pin: str

    @property
    def octets(self) -> bytes:
        """The push, whole."""
        return build(self.push)

    @property
    def text(self) -> str:
        """The same for a QR code."""
        return as_text(self.octets)

    def __repr__(self) -> str:
        return "Document(***)"


def bootstrap(office: Office, device_id: str, wanted: Wanted) -> Document:
    """The document for a device, which has other secrets from now on."""
    proofs = _proofs(wanted, office.octets)
    found = list[Document]()

    def decide(before: Device) -> Device:
        if before.seen_at_s is not None and not wanted.again:
            raise Denied(f"{device_id!r} has come already, and could not come any more: say that "
                         "it is bootstrapped again")  # fmt: skip
        device = _anew(before, office.octets)
        found.append(_document(office.server_id, device, wanted, proofs))
        return device

    changed(office, device_id, decide)
    return found[-1]


def _anew(device: Device, octets: Octets) -> Device:
    nonces = Nonces(octets(NONCE_BYTES), octets(NONCE_BYTES))
    return with_secrets(device, made(octets), nonces)


def _proofs(wanted: Wanted, octets: Callable[[int], bytes]) -> Secrets:
    if wanted.pin and wanted.makes_pin:
        raise Denied("a PIN is given or made: say one")
    word = pin(octets) if wanted.makes_pin else wanted.pin
    if wanted.imsi and wanted.network_secret:
        raise Denied("the network's key is its secret, or made of the IMSI: give one")
    secret = wanted.network_secret.encode() if wanted.network_secret else None
    return Secrets(word or None, wanted.imsi or None, secret)


def _sec(proofs: Secrets) -> Sec:
    network = proofs.imsi is not None or proofs.network is not None
    if proofs.pin is None and not network:
        raise Denied("nothing would prove it: give or make a PIN, or give the network's secret")
    return Sec.NETWORK if proofs.pin is None else Sec.BOTH if network else Sec.USER


def _document(server_id: str, device: Device, wanted: Wanted, proofs: Secrets) -> Document:
    """It is read as a device will read it, before anybody gets it."""
    account = _account(server_id, device, wanted)
    try:
        push = offer(PROFILES[wanted.kind], account, _sec(proofs), proofs)
        told = judge(read_push(push), proofs)
    except Denied:
        raise
    except FumoError as fault:
        raise Denied(f"no device could take it: {fault}") from fault
    if not isinstance(told, Accepted):
        raise Denied(f"no device could take it: {told.reason}")
    if told.account != account:
        raise Denied("no device would understand it as it was meant")
    return Document(push, proofs.pin if wanted.makes_pin and proofs.pin else "")


def _account(server_id: str, device: Device, wanted: Wanted) -> Provisioned:
    if wanted.proof not in PROOFS:
        raise Denied(f"no proof {wanted.proof!r}: there are {', '.join(PROOFS)}")
    scheme = TYPES[PROOFS[wanted.proof]]
    try:
        secure = parse(wanted.url).place.secure
    except ValueError as fault:
        raise Denied(f"no device could come there: {fault}") from None
    if scheme == BASIC and not secure:
        raise Denied("basic shows the password to everybody on the way: use https or another proof")
    account = Provisioned(
        server_id, wanted.url, Login(device.user, device.secret),
        Login(server_id, device.server_secret), wanted.name, scheme,
    )  # fmt: skip
    return replace(account, own_nonce=device.nonces.peer, server_nonce=device.nonces.own)
