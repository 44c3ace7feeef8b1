"""Events: what happened at the server, one after the other, for programs that follow it. Pure.

An event stands in the transaction of what it tells of. Its number is its place in the feed: numbers
have no gap, and whoever has seen number N has seen all below it.
"""

from msgspec import Struct

from fumo.server.rollout import Denied

AUDIT = "audit"
LOOKED_AT_MAX = 2_000
"""Events that one page looks at: a page with a narrow filter may be empty and still go on."""


class Event(Struct, frozen=True):
    """One of them: `operation.failed`, `alert.orphan`, `campaign.paused`, `device.seen`, ...

    `code` is the result that stood when it happened. `text` may come from a device.
    """

    number: int
    at_s: float
    kind: str
    device: str | None
    campaign: int | None
    operation: int | None
    code: int | None
    text: str


class Wanted(Struct, frozen=True):
    """Which events are asked for. A kind may be a first part: `operation` means all of them.

    `audit`: also what operators did, which is for admins alone.
    """

    kinds: tuple[str, ...] = ()
    device: str | None = None
    campaign: int | None = None
    audit: bool = False

    @property
    def narrow(self) -> bool:
        """May it leave some out?"""
        return self != Wanted(audit=True)

    def fits(self, event: Event) -> bool:
        """Is it one of these?"""
        if not self.audit and _is_of(event.kind, AUDIT):
            return False
        if self.device is not None and event.device != self.device:
            return False
        if self.campaign is not None and event.campaign != self.campaign:
            return False
        return not self.kinds or any(_is_of(event.kind, kind) for kind in self.kinds)


class Part(Struct, frozen=True):
    """What was found after some number; `next` is the last number that was looked at.

    `oldest` is the first that is still kept: who comes from before it has missed some.
    """

    items: list[Event]
    next: int
    oldest: int


def _is_of(kind: str, wanted: str) -> bool:
    return kind == wanted or kind.startswith(wanted + ".")


def check_place(after: int, last: int) -> None:
    """Denied when somebody has seen events that are not there: an older database is back."""
    if after > last:
        raise Denied(
            f"event {after} is not there, the newest is {last}: an older copy of the database was "
            f"restored, so look again at what you follow, and go on after {last}"
        )
