"""What people ask of a running agent, and how it stands: values, and the port between. Pure.

A `Command` comes from beside the loop and is answered by it; a `Standing` is told by the loop each
time it turns, and read by whoever wants. Nothing here is needed for an update to end well.
"""

from collections.abc import Sequence
from typing import Any, Protocol, TypeAlias

import msgspec
from msgspec import Struct


class Check(Struct, frozen=True, tag="check", tag_field="do"):
    """Hold a session now."""


class Cancel(Struct, frozen=True, tag="cancel", tag_field="do"):
    """End the operation of an object, which nobody may start again but the server.

    `object` is its name; None: the only one that has an operation. `operation` is the one that is
    meant: a wish that was heard late must not hit the next. None: whichever goes on.
    """

    object: str | None = None
    operation: int | None = None


class Defer(Struct, frozen=True, tag="defer", tag_field="do"):
    """Put it off. `seconds` None: for as long as the rule of its gate says."""

    object: str | None = None
    operation: int | None = None
    seconds: float | None = None


class Agree(Struct, frozen=True, tag="agree", tag_field="do"):
    """Say yes to what its gate asks a person for."""

    object: str | None = None
    operation: int | None = None


Wish: TypeAlias = Cancel | Defer | Agree
Command: TypeAlias = Check | Wish


class Said(Struct, frozen=True):
    """The answer to a command: whether it is done, and a sentence for people."""

    ok: bool
    text: str


class Asked(Protocol):
    """A command that waits for its answer."""

    @property
    def command(self) -> Command:
        """What is asked."""

    def answer(self, said: Said) -> None:
        """Once."""


class OperationStanding(Struct, frozen=True):
    """One that goes on. `received` and `total` are bytes of its package."""

    id: int
    kind: str
    correlator: str | None
    phase: str
    attempt: int
    attempts_max: int
    received: int = 0
    total: int | None = None


class ObjectStanding(Struct, frozen=True):
    """One FUMO object. `waits` says for what; `result` is that of the newest operation."""

    name: str
    state: int
    state_name: str
    operation: OperationStanding | None = None
    waits: str = ""
    wait_until_s: float = 0.0
    result: int | None = None
    reported: bool = True


class SessionStanding(Struct, frozen=True):
    """`count` are those of this life, `last` is how the last one ended.

    `answer` is the server's to the newest check (FUMO 7); None: it has not answered.
    """

    now: bool
    next_s: float
    count: int = 0
    last: str = ""
    answer: int | None = None


class Standing(Struct, frozen=True):
    """Everything. Moments are of the monotonic clock; `life` is the number of the agent's (D0)."""

    session: SessionStanding
    objects: tuple[ObjectStanding, ...] = ()
    life: int = 0


class Controls(Protocol):
    """Where commands come from and standings go."""

    def take(self) -> Sequence[Asked]:
        """The commands that came since, each once. Never waits."""

    def stands(self, standing: Standing) -> None:
        """How it stands now, until it is told anew."""


class NoControls:
    """Implements `Controls` where nobody asks."""

    def take(self) -> Sequence[Asked]:
        """Nothing."""
        return ()

    def stands(self, standing: Standing) -> None:
        """Nobody reads it."""


NO_CONTROLS = NoControls()


def as_told(standing: Standing, now_s: float) -> dict[str, Any]:
    """For people and programs: moments become seconds from now."""
    told: dict[str, Any] = msgspec.to_builtins(standing)
    told["session"]["next_in_s"] = _left(told["session"].pop("next_s"), now_s)
    for one in told["objects"]:
        until_s = one.pop("wait_until_s")
        one["waits_s"] = _left(until_s, now_s) if one["waits"] else 0.0
    return told


def _left(until_s: float, now_s: float) -> float:
    return round(max(0.0, until_s - now_s), 1)
