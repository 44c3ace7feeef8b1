"""What an operation went through at its gates, as it is saved: waits, deferrals, a person's word.

Pure. A deadline is a number of *waited* seconds, counted while the agent lives and waits. So no
clock that jumps, and no restart, stretches it or brings it nearer (but for one slice a restart:
`carried`), and what is saved of a deferral is a count in the same coin.
"""

from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace


class Stage(StrEnum):
    """Where gates stand: before what kind of work."""

    DOWNLOAD = "download"
    INSTALL = "install"
    WRITE = "write"
    REBOOT = "reboot"


class Word(StrEnum):
    """What a person says when asked."""

    YES = "yes"
    LATER = "later"
    NO = "no"


class Tally(Struct, frozen=True):
    """One stage of one operation.

    `deferred_to_s` is how many seconds must have been waited before the deferral is over. `word`
    is YES or NO once somebody has said it. `waiting`: a gate was shut when this was saved.
    """

    stage: Stage
    waited_s: float = 0.0
    deferrals: int = 0
    deferred_to_s: float = 0.0
    word: Word | None = None
    waiting: bool = False


def tally_at(tallies: Iterable[Tally], stage: Stage) -> Tally:
    """The tally of a stage; a new one where nobody has waited yet."""
    return next((one for one in tallies if one.stage is stage), Tally(stage))


def with_tally(tallies: Iterable[Tally], tally: Tally) -> tuple[Tally, ...]:
    """The same tallies with this one in place of its older self."""
    others = (one for one in tallies if one.stage is not tally.stage)
    return tuple(sorted((*others, tally), key=lambda one: list(Stage).index(one.stage)))


def follows(before: Tally, after: Tally) -> bool:
    """May the one become the other? Counts only grow, and a word stands unless it becomes no."""
    grows = after.waited_s >= before.waited_s and after.deferrals >= before.deferrals
    stands = before.word is None or after.word in (before.word, Word.NO)
    return before.stage is after.stage and grows and stands


def refused(tallies: Iterable[Tally]) -> bool:
    """Did a person say no, at whichever stage? That is said of the whole operation."""
    return any(one.word is Word.NO for one in tallies)


def waited(tally: Tally, seconds: float) -> Tally:
    """So much longer; a clock that went back has not waited at all."""
    return replace(tally, waited_s=tally.waited_s + max(0.0, seconds))


def deferred(tally: Tally, seconds: float) -> Tally:
    """Put off once more, by so many waited seconds from now."""
    to_s = max(tally.deferred_to_s, tally.waited_s + seconds)
    return replace(tally, deferrals=tally.deferrals + 1, deferred_to_s=to_s)


def carried(tally: Tally, slice_s: float) -> Tally:
    """After a start: what was waited since the last save, which nobody knows, counts as a slice.

    It is never less than what was waited, so that also a device that is never on for long reaches
    its deadline.
    """
    return waited(tally, slice_s) if tally.waiting else tally
