"""RAUC in the update agent's words: what is asked of it, and what it answers.

`RaucRefused`: RAUC said no, and why. `RaucAway` (an OSError): nobody answered.
"""

from typing import Protocol

from msgspec import Struct

from fumo.errors import FumoError
from fumo.update.failures import Cause

SAYS = (
    ("compatible mismatch", Cause.UNFIT),
    ("no space left", Cause.NO_SPACE_UPDATE),
    ("signature", Cause.INVALID),
    ("invalid bundle", Cause.CORRUPT),
)
"""What RAUC's last error means, by a part of it; anything else is a write that failed."""


class RaucRefused(FumoError):
    """What RAUC says is wrong."""


class RaucBusy(RaucRefused):
    """It does something else now."""


class RaucAway(OSError):
    """The bus or the service does not answer."""


class Slot(Struct, frozen=True):
    """A slot as RAUC sees it. `installs` counts; `version`, `sha256` and `size` are of the last
    one that it finished, which may not be what is in the slot now."""

    name: str
    kind: str
    type: str = ""
    device: str = ""
    bootname: str = ""
    parent: str = ""
    booted: bool = False
    bootable: bool = False
    status: str = ""
    version: str = ""
    sha256: str = ""
    size: int = 0
    installs: int = 0


class Rauc(Protocol):
    """RAUC, as `RaucBus` asks it. RaucRefused: it says no. RaucAway: it says nothing."""

    def slots(self) -> dict[str, Slot]:
        """By name."""

    def primary(self) -> str:
        """The next one to start."""

    def compatible(self) -> str:
        """What this machine is."""

    def info(self, bundle: str) -> tuple[str, str]:
        """(compatible, version) of a bundle that is signed well."""

    def mark(self, state: str, slot: str) -> None:
        """`good`, `bad` or `active`."""

    def install(self, bundle: str) -> None:
        """Into the slots that do not run."""


def meaning(text: str) -> Cause:
    """The cause that RAUC's words tell."""
    known = (cause for part, cause in SAYS if part in text.lower())
    return next(known, Cause.WRITE_ERROR)
