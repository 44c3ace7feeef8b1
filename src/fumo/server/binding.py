"""Devices that are bound to a certificate: who else bears their name is nobody. Pure.

Promise: before the certificate fits, not one credential of a message is looked at, and it is
answered like a stranger's. So nothing that a stranger sends can spend a try of the true device.
"""

import re
from enum import StrEnum

from msgspec import Struct

from fumo.dm.message import Shown
from fumo.server.denied import Denied
from fumo.server.rows import Case, Device

SHA256 = re.compile(r"[0-9a-f]{64}")
NAME_LENGTH_MAX = 256
STARS_MAX = 4


class Why(StrEnum):
    """What was wrong with who was turned away."""

    NONE = "none"
    OTHER = "other"


class Binding(Struct, frozen=True, forbid_unknown_fields=True):
    """The certificate of a device: by its public key's SHA-256, or by its common name.

    In a name `*` stands for any characters, four times at most. `alone`: such a certificate proves
    the device, and no credentials of DM are asked for.
    """

    key_sha256: str | None = None
    name: str | None = None
    alone: bool = False

    @property
    def bound(self) -> bool:
        """Is it to any?"""
        return self.key_sha256 is not None or self.name is not None


def binding_of(device: Device) -> Binding:
    """What a device is bound to."""
    return Binding(device.bound_key, device.bound_name, device.certificate_alone)


def checked(wanted: Binding) -> Binding:
    """The same in small letters, or Denied."""
    key = wanted.key_sha256
    if key is not None:
        key = key.lower().replace(":", "")
        if not SHA256.fullmatch(key):
            raise Denied("a key is named by the SHA-256 of its public part: 64 hexadecimal digits")
    if key is not None and wanted.name is not None:
        raise Denied("a device is bound by a key or by a name: give one")
    if wanted.name is not None and not _is_name(wanted.name):
        raise Denied(
            "a certificate's name has 1 to 256 printable characters, at most four of them '*'"
        )
    if wanted.alone and not wanted.bound:
        raise Denied("what shall a certificate alone prove, when the device is bound to none?")
    return Binding(key, wanted.name, wanted.alone)


def _is_name(name: str) -> bool:
    usual = 0 < len(name) <= NAME_LENGTH_MAX and name.isprintable()
    return usual and name.count("*") <= STARS_MAX and bool(name.strip("* "))


def turned_away(device: Device, shown: Shown | None) -> Why | None:
    """Why this is not the device that it says it is; None: nothing speaks against it."""
    wanted = binding_of(device)
    if not wanted.bound:
        return None
    if shown is None:
        return Why.NONE
    if wanted.key_sha256 is not None:
        return None if shown.key_sha256 == wanted.key_sha256 else Why.OTHER
    return None if _like(wanted.name or "", shown.name) else Why.OTHER


def _like(pattern: str, name: str) -> bool:
    parts = map(re.escape, pattern.split("*"))
    return bool(name) and re.fullmatch(".*".join(parts), name) is not None


def admitted(case: Case, shown: Shown | None) -> tuple[Case, Why | None]:
    """The rows that may be looked at for who showed this: of another's device none."""
    why = turned_away(case.device, shown) if case.device else None
    return (case, None) if why is None else (Case(), why)


def proves(device: Device | None) -> bool:
    """Is the certificate, which was found to fit, all the proof that is needed?"""
    return device is not None and device.certificate_alone and binding_of(device).bound
