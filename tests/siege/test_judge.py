"""The judge of a siege can fail: each promise broken once, and the words that it finds for it."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from tests.siege.judge import Evidence, Operation, Said, complaints
from tests.siege.witness import Told

GOOD = Operation(1, "d1", "c", 1, "succeeded", "aa", 200, None, 2)
BAD = Operation(2, "d2", "c", 1, "failed", "bb", 410, None, 1)
AGAIN = Operation(3, "d2", "c", 1, "cancelled", "cc", None, 2, 0)

HELD_OUT = Evidence(
    operations=(GOOD, BAD, AGAIN),
    results=((1, 200), (2, 410)),
    matches=((1, "final"), (2, "final"), (1, "repeated")),
    said=(
        Said("d1", True, "aa"),
        Said("d1", True, "aa"),
        Said("d2", True, "bb"),
        Said("d1", False, "aa"),
        Said("d2", False, "bb"),
    ),
    tally={("c", 1, "succeeded"): 1, ("c", 1, "failed"): 1, ("c", 1, "cancelled"): 1},
    names=("c",),
    ordered={"c": ("d1", "d2")},
    told={"d1": {"aa": Told(2, 0, 200, 0, True)}, "d2": {"bb": Told(1, 0, 410, 0, True)}},
    events=(
        (1, "alert.final", 1),
        (2, "operation.succeeded", 1),
        (3, "alert.repeated", 1),
        (4, "alert.final", 2),
        (5, "operation.failed", 2),
        (6, "operation.cancelled", 3),
    ),
)


def row(number: int, **fields: object) -> Callable[[Evidence], Evidence]:
    """One operation's row is otherwise."""

    def tamper(e: Evidence) -> Evidence:
        rows = (replace(o, **fields) if o.id == number else o for o in e.operations)
        return replace(e, operations=tuple(rows))

    return tamper


def seen(**fields: object) -> Callable[[Evidence], Evidence]:
    """The first device saw something else."""
    told = Told(**{"execs": 2, "result": 200, "acked": True, **fields})  # type: ignore[arg-type]
    return lambda e: replace(e, told={**e.told, "d1": {"aa": told}})


def has(**fields: object) -> Callable[[Evidence], Evidence]:
    return lambda e: replace(e, **fields)


BROKEN: dict[str, tuple[Callable[[Evidence], Evidence], str]] = {
    "an event has no number": (
        has(events=((None, "operation.cancelled", 3), *HELD_OUT.events[:5])),
        "have gaps",
    ),
    "an end is told twice": (
        has(events=(*HELD_OUT.events, (7, "operation.failed", 2))),
        "that it is failed was told 2 times",
    ),
    "an alert is not told": (has(events=HELD_OUT.events[1:]), "not every alert was told"),
    "an operation is lost": (row(1, state="sent", result=None), "is lost: it is still sent"),
    "an Exec after the end": (seen(execs_after=1), "its Exec came 1 times after its end"),
    "a result is not stored": (row(2, result=None), "its result is None"),
    "another result is stored": (row(2, result=400), "its result is 400"),
    "a result out of nowhere": (seen(result=None), "the device reported None"),
    "no acknowledgement": (seen(acked=False), "was never acknowledged"),
    "a wrong state": (row(2, state="succeeded"), "is succeeded with result 410"),
    "a stop that came too late": (
        row(1, state="cancelled", result=None),
        "its Exec was carried out",
    ),
    "a refusal that nobody said": (row(3, state="refused"), "nobody answered 406"),
    "a result twice": (has(results=((1, 200), (1, 200), (2, 410))), "2 results"),
    "a result row is missing": (has(results=((1, 200),)), "are not those of the operations"),
    "counted twice": (
        has(matches=((1, "final"), (1, "late"), (2, "final"))),
        "2 final alerts",
    ),
    "an alert of nobody": (has(matches=(*HELD_OUT.matches, (None, "orphan"))), "called orphan"),
    "an Exec after its alert left": (
        has(said=(*HELD_OUT.said, Said("d2", True, "bb"))),
        "the Exec bb left after its alert",
    ),
    "a sending is not counted": (row(1, sendings=1), "1 sendings, and its Exec left 2 times"),
    "an Exec of no operation": (row(2, correlator="dd"), "the Exec bb is no operation's"),
    "a campaign twice": (has(names=("c", "c")), "campaigns ['c', 'c'], and ordered ['c']"),
    "a campaign is lost": (has(names=()), "campaigns [], and ordered ['c']"),
    "a device is forgotten": (
        has(ordered={"c": ("d1", "d2", "d3")}),
        "d3 in c: 1 operations too many or too few",
    ),
    "a retry of what succeeded": (row(3, retry_of=1), "succeeded, and retried 1 times"),
    "a correlator twice": (row(3, correlator="aa"), "a correlator was used twice"),
    "a counter is wrong": (has(tally={("c", 1, "failed"): 3}), "the counters say"),
    "a fault of the server": (has(faults=("HTTP 500: x",)), "HTTP 500"),
}


def test_nothing_is_wrong_where_nothing_was_lost():
    assert complaints(HELD_OUT) == []


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_promise_is_found(name: str):
    tamper, words = BROKEN[name]
    assert words in "\n".join(complaints(tamper(HELD_OUT)))
