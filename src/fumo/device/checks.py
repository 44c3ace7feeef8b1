"""Requests for an update: a user's, or the device's own (FUMO 7).

A request is a word to the server and nothing more: the server answers 200 when it orders an update
in the same session, 202 when it has heard, and the device does nothing on its own. So requests
live in memory: one that a power cut takes away is made again by who made it. Each is told until
an authenticated server has answered it, with the pauses of everything that is told in vain.
"""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from fumo.codes import DEVICE_REQUEST, USER_REQUEST, Status
from fumo.device.ports import Log


class By(StrEnum):
    """Who asks."""

    USER = "user"
    DEVICE = "device"


TYPES: Mapping[By, str] = {By.USER: USER_REQUEST, By.DEVICE: DEVICE_REQUEST}


class Check(Struct, frozen=True):
    """Is there an update of this object? Of any, when it names none."""

    by: By
    object_uri: str | None = None


MEANINGS: Mapping[int, str] = {
    Status.OK: "an update follows in this session",
    Status.ACCEPTED: "heard; nothing follows now",
}


class Checks:
    """The requests of one life that are not answered yet. Asking twice is asking once."""

    def __init__(self, log: Log) -> None:
        """Nobody asked for anything."""
        self._log = log
        self._open: dict[Check, bool] = {}
        self.told: dict[Check, int] = {}
        """What the server answered last to each."""

    @property
    def pending(self) -> tuple[Check, ...]:
        """Those to be told, oldest first."""
        return tuple(self._open)

    @property
    def new(self) -> bool:
        """Is there one that no session has tried to tell?"""
        return not all(self._open.values())

    def asks(self, check: Check) -> None:
        """Once more, also where it is on its way already."""
        self._open[check] = False
        self.told.pop(check, None)

    def tried(self) -> None:
        """A session is over: what is not answered waits as long as everything in vain does."""
        self._open = dict.fromkeys(self._open, True)

    def answered(self, check: Check, code: int) -> None:
        """The server's word."""
        self._open.pop(check, None)
        self.told[check] = code
        meaning = MEANINGS.get(code, "refused")
        where = {} if check.object_uri is None else {"object": check.object_uri}
        self._log("UpdateAsked", by=check.by, **where, status=code, meaning=meaning)
