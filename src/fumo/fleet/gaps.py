"""What evidence must hold to be judged, and what the demo promises to have shown. Pure.

A witness who slept proves nothing: each source (proxy, depot, slots, server) must have seen what
the other sources say there was to be seen.
"""

from collections.abc import Iterable, Iterator

from fumo.fleet.checkers import good_story
from fumo.fleet.evidence import (
    Began,
    Chosen,
    Counted,
    Ended,
    Killed,
    Record,
    Started,
    Told,
    Written,
)
from fumo.fleet.faults import FaultKind
from fumo.fleet.timeline import Story, of, stories

CORRUPT_PACKAGE = 402
PHASES = ("download", "apply")


def gaps(records: Iterable[Record]) -> Iterator[str]:
    """Everything that should have been seen and was not."""
    records = tuple(records)
    if len(of(Began, records)) != 1 or len(of(Ended, records)) != 1:
        yield "the evidence has no beginning or no end"
        return
    for checker in (_sources, _devices, _story_of_faults):
        yield from checker(records)


def _sources(records: tuple[Record, ...]) -> Iterator[str]:
    """Do the four sources agree on what there was to see?"""
    wrote = {write.device for write in of(Written, records)}
    if not of(Counted, records):
        yield "nobody read the server's campaign counters"
    for story in stories(records):
        if not story.told:
            yield f"{story.device} never told a result"
        if len(story.rows) == 0:
            yield f"the server has no row for an operation of {story.device}"
        if len(story.served) > len([f for f in story.fetched if f.status not in (0, 503)]):
            yield f"{story.device} was served past the proxy"
        if good_story(story) and not story.served:
            yield f"the depot's log does not know the package of {story.device}"
        if good_story(story) and story.device not in wrote:
            yield f"nobody saw {story.device} write its slot"


def updated(records: Iterable[Record]) -> list[str]:
    """Devices that the server says succeeded and whose chosen slot holds the new image."""
    records = tuple(records)
    new = {began.new_sha256 for began in of(Began, records)}
    runs = {chosen.device: chosen.sha256 for chosen in of(Chosen, records)}
    good = {story.device for story in stories(records) if good_story(story)}
    return sorted(device for device in good if runs.get(device) in new)


def _devices(records: tuple[Record, ...]) -> Iterator[str]:
    """Was every device updated in the end?"""
    done = set(updated(records))
    for device in of(Began, records)[0].devices:
        if device not in done:
            yield f"{device} was not updated"


def _story_of_faults(records: tuple[Record, ...]) -> Iterator[str]:
    """Did the announced faults happen, and was each of them got over?"""
    faults = of(Began, records)[0].faults
    told = stories(records)
    yield from _kills(records)
    if not survived(records):
        yield "no temporary failure happened"
    if faults.drop_reply and not _told_again(of(Told, records), faults.drop_reply):
        yield f"{faults.drop_reply} never told again after its reply was lost"
    yield from _failed_first(faults.corrupt, told, "a corrupt package", {CORRUPT_PACKAGE})
    yield from _failed_first(faults.never, told, "no download", None)


def _kills(records: tuple[Record, ...]) -> Iterator[str]:
    killed = of(Killed, records)
    for phase in PHASES:
        if phase not in {kill.phase for kill in killed}:
            yield f"no device was killed in its {phase}"
    for kill in killed:
        again = [s for s in of(Started, records) if s.device == kill.device]
        if not any(start.at_ns > kill.at_ns for start in again):
            yield f"{kill.device} was killed and not started again"


def _told_again(told: list[Told], device: str) -> bool:
    """Was an alert whose acknowledgement was lost told once more, and acknowledged?"""
    lost = [t for t in told if t.device == device and t.status in (200, 202) and not t.delivered]
    return any(
        again.correlator == first.correlator and again.at_ns > first.at_ns and again.delivered
        for first in lost
        for again in told
    )


def _failed_first(
    device: str, told: tuple[Story, ...], cause: str, codes: set[int] | None
) -> Iterator[str]:
    """A device that had to fail did, with the right result, and then succeeded by a new order."""
    if not device:
        return
    results = [story.result for story in told if story.device == device]
    if len(results) < 2 or results[0] == 200 or (codes is not None and results[0] not in codes):
        yield f"{device}, which had {cause}, told {results}"


def survived(records: Iterable[Record]) -> int:
    """Failed package requests after which the same operation went on and ended well."""
    temporary = {kind.value for kind in FaultKind if kind is not FaultKind.CORRUPT}
    return sum(
        fetch.fault in temporary
        for story in stories(records)
        if good_story(story)
        for fetch in story.fetched
    )
