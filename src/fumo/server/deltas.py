"""Which deltas are wanted, and what becomes of one that was tried. Pure.

Wanted are those to the newest package of a line (a name and a model) from each version of it that
devices report. One format is tried after the other, each a bounded number of times.
"""

from collections.abc import Iterator, Sequence
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from fumo.package.delta import FOLDER, Made, NotMade
from fumo.package.listing import DELTAS_MAX, Route
from fumo.server.rows import Package

TRIES_MAX = 3
PAUSE_S = 60.0
"""Before the second try; four times as long before the third."""
PAUSE_GROWS = 4
LINES_MAX = 64


class DeltaState(StrEnum):
    """How one delta stands."""

    WAITING = "waiting"
    MADE = "made"
    GIVEN_UP = "given_up"


class Delta(Struct, frozen=True):
    """One way from the package `base_id` to `package_id`, in one format.

    `tries` ended without it, the last for `reason`; the rest is known when it is made.
    """

    id: int
    package_id: int
    base_id: int
    format: str
    state: DeltaState
    tries: int = 0
    due_at_s: float = 0.0
    reason: str = ""
    length: int | None = None
    sha256: str | None = None
    base_length: int | None = None
    base_sha256: str | None = None
    seconds: float | None = None
    memory_bytes: int | None = None
    made_at_s: float | None = None


def pairs(packages: Sequence[Package]) -> Iterator[tuple[Package, Package]]:
    """(base, package) that a delta could lead between; `packages` the newest first."""
    newest: dict[tuple[str, str | None], Package] = {}
    for each in packages:
        target = newest.setdefault((each.name, each.model), each)
        if len(newest) > LINES_MAX:
            return
        if each is not target and leads(each, target):
            yield each, target


def leads(base: Package, package: Package) -> bool:
    """Would a device that runs `base` take `package`?"""
    other = base.version != package.version and base.sha256 != package.sha256
    return other and package.from_version in (None, base.version)


def next_format(tried: Sequence[Delta], formats: Sequence[str]) -> str | None:
    """The format to try now between two packages; None: one is made or on its way, or none is left.

    And no package is listed with more than so many deltas.
    """
    if any(one.state is not DeltaState.GIVEN_UP for one in tried):
        return None
    known = {one.format for one in tried}
    return next((one for one in formats if one not in known), None)


def room(deltas: Sequence[Delta]) -> int:
    """How many more a package may have."""
    return DELTAS_MAX - sum(one.state is not DeltaState.GIVEN_UP for one in deltas)


def made(delta: Delta, what: Made, at_s: float) -> Delta:
    """It is in the store."""
    return replace(
        delta, state=DeltaState.MADE, reason="", length=what.length, sha256=what.sha256,
        base_length=what.base_length, base_sha256=what.base_sha256, seconds=what.seconds,
        memory_bytes=what.memory_bytes, made_at_s=at_s,
    )  # fmt: skip


def failed(delta: Delta, why: NotMade, at_s: float) -> Delta:
    """It is tried again later, unless that would be in vain or was often enough."""
    tries = delta.tries + 1
    over = why.final or tries >= TRIES_MAX
    due_at_s = at_s + PAUSE_S * PAUSE_GROWS ** (tries - 1)
    state = DeltaState.GIVEN_UP if over else DeltaState.WAITING
    return replace(delta, state=state, tries=tries, due_at_s=due_at_s, reason=str(why))


def again(delta: Delta) -> Delta:
    """An operator wants it tried anew; what is made stays."""
    if delta.state is DeltaState.MADE:
        return delta
    return replace(delta, state=DeltaState.WAITING, tries=0, due_at_s=0.0, reason="")


def listing(deltas: Sequence[Delta]) -> list[Route]:
    """What is to stand in `deltas` of the package's signed words: the smallest first."""
    routes = [
        Route(f"{FOLDER}/{one.sha256}", one.format, one.length, one.sha256, one.base_sha256,
              one.base_length)
        for one in deltas
        if one.length and one.sha256 and one.base_sha256 and one.base_length is not None
    ]  # fmt: skip
    return sorted(routes, key=lambda one: one.length)[:DELTAS_MAX]
