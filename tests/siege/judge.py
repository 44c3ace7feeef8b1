"""The judge of a siege: what the database holds beside what the devices saw. Pure.

`complaints` says nothing when every operation came to its one end: no result lost or stored twice,
no Exec after the final alert, no order carried out twice, every counter true.
"""

from collections import Counter
from collections.abc import Iterator, Mapping

from msgspec import Struct

from tests.siege.witness import REFUSED, Told

ENDED = {
    "succeeded", "failed", "refused", "cancelled", "expired", "unknown", "superseded",
}  # fmt: skip
RETRIED = {"failed", "refused", "unknown", "expired"}


class Operation(Struct, frozen=True):
    """One row."""

    id: int
    device_id: str
    campaign: str
    group: int
    state: str
    correlator: str
    result: int | None
    retry_of: int | None
    sendings: int
    step: bool = False


class Said(Struct, frozen=True):
    """An Exec that left, or an alert that came, in the order of the log of messages."""

    device_id: str
    exec: bool
    correlator: str


class Evidence(Struct, frozen=True):
    """All that counts when it is over; `ordered` are the devices of each campaign, by its name."""

    operations: tuple[Operation, ...]
    results: tuple[tuple[int, int], ...]
    matches: tuple[tuple[int | None, str], ...]
    said: tuple[Said, ...]
    tally: Mapping[tuple[str, int, str], int]
    names: tuple[str, ...]
    ordered: Mapping[str, tuple[str, ...]]
    told: Mapping[str, Mapping[str, Told]]
    faults: tuple[str, ...] = ()
    events: tuple[tuple[int | None, str, int | None], ...] = ()
    """Of the feed: number, kind, operation."""


def complaints(evidence: Evidence) -> list[str]:
    """Everything that is wrong; nothing: the servers held out."""
    found = list(evidence.faults)
    for each in evidence.operations:
        found += [f"operation {each.id}: {words}" for words in _of_one(evidence, each)]
    for rule in (_results, _matches, _execs, _known, _orders, _retries, _counters, _feed):
        found += rule(evidence)
    return found


def _of_one(evidence: Evidence, one: Operation) -> Iterator[str]:
    """What an operation's state says, and what its device saw."""
    seen = evidence.told.get(one.device_id, {}).get(one.correlator, Told())
    if one.state not in ENDED:
        yield f"is lost: it is still {one.state}"
    if seen.execs_after:
        yield f"its Exec came {seen.execs_after} times after its end"
    if seen.result != one.result:
        yield f"its result is {one.result}, and the device reported {seen.result}"
    if seen.result is not None and not seen.acked:
        yield "its result was never acknowledged"
    if one.result is not None and one.state != ("succeeded" if one.result < 300 else "failed"):
        yield f"is {one.state} with result {one.result}"
    if one.state in ("cancelled", "expired", "superseded") and seen.execs > seen.refusals:
        yield f"is {one.state}, and its Exec was carried out"
    if one.state == "refused" and not seen.refusals:
        yield f"is refused, and nobody answered {REFUSED}"


def _results(evidence: Evidence) -> Iterator[str]:
    """Each result once, and the operation's own."""
    rows = Counter(number for number, _ in evidence.results)
    yield from (f"operation {number}: {n} results" for number, n in rows.items() if n > 1)
    of_rows = {one.id: one.result for one in evidence.operations if one.result is not None}
    if dict(evidence.results) != of_rows:
        yield f"results {dict(evidence.results)} are not those of the operations {of_rows}"


def _matches(evidence: Evidence) -> Iterator[str]:
    """Each result was final once; whatever else came was the same again."""
    finals = Counter(number for number, match in evidence.matches if match in ("final", "late"))
    for one in evidence.operations:
        if finals[one.id] != (one.result is not None):
            yield f"operation {one.id}: {finals[one.id]} final alerts"
    odd = {match for _, match in evidence.matches} - {"final", "late", "repeated"}
    yield from (f"an alert is called {match}" for match in sorted(odd))


def _execs(evidence: Evidence) -> Iterator[str]:
    """No Exec left after its final alert had come, and each that left was counted."""
    over: set[str] = set()
    sent: Counter[str] = Counter()
    for one in evidence.said:
        if not one.exec:
            over.add(one.correlator)
        elif one.correlator in over:
            yield f"{one.device_id}: the Exec {one.correlator} left after its alert"
        sent[one.correlator] += one.exec
    for op in evidence.operations:
        if op.sendings != sent[op.correlator]:
            words = f"{op.sendings} sendings, and its Exec left {sent[op.correlator]} times"
            yield f"operation {op.id}: {words}"


def _known(evidence: Evidence) -> Iterator[str]:
    """A device was told nothing that no operation of its own says."""
    known = {(one.device_id, one.correlator) for one in evidence.operations}
    for device_id, told in evidence.told.items():
        for correlator in told:
            if (device_id, correlator) not in known:
                yield f"{device_id}: the Exec {correlator} is no operation's"


def _orders(evidence: Evidence) -> Iterator[str]:
    """Every order was carried out once, for every device of it."""
    if Counter(evidence.names) != Counter(list(evidence.ordered)):
        yield f"campaigns {sorted(evidence.names)}, and ordered {sorted(evidence.ordered)}"
    first = Counter((o.campaign, o.device_id) for o in _first(evidence))
    wanted = Counter((name, each) for name, ids in evidence.ordered.items() for each in ids)
    for (name, device_id), number in ((first - wanted) + (wanted - first)).items():
        yield f"{device_id} in {name}: {number} operations too many or too few"


def _first(evidence: Evidence) -> Iterator[Operation]:
    """What was ordered by itself: no try after another one, and no second step."""
    return (o for o in evidence.operations if o.retry_of is None and not o.step)


def _retries(evidence: Evidence) -> Iterator[str]:
    """Only what failed is retried, once, by an operation of its own correlator.

    What came to nothing known and was ordered anew may still be reported late.
    """
    late = {number for number, match in evidence.matches if match == "late"}
    by_id = {one.id: one for one in evidence.operations}
    again = Counter(one.retry_of for one in evidence.operations if one.retry_of is not None)
    for number, times in again.items():
        ended = by_id[number].state in RETRIED or number in late
        if times > 1 or not ended:
            yield f"operation {number}: {by_id[number].state}, and retried {times} times"
    if len({one.correlator for one in evidence.operations}) != len(evidence.operations):
        yield "a correlator was used twice"


def _counters(evidence: Evidence) -> Iterator[str]:
    """The counters are what counting gives."""
    counted = Counter((one.campaign, one.group, one.state) for one in evidence.operations)
    told = {key: number for key, number in evidence.tally.items() if number}
    if told != counted:
        yield f"the counters say {told}, and there are {dict(counted)}"


def _feed(evidence: Evidence) -> Iterator[str]:
    """Whoever followed knows each end and each alert once, and passed over nothing."""
    numbers = [number for number, _, _ in evidence.events]
    if numbers != list(range(1, len(numbers) + 1)):
        odd = [(n, each) for n, each in enumerate(numbers, 1) if n != each]
        yield f"the numbers of events have gaps, from {odd[:3]} on"
    kinds = Counter((kind, operation) for _, kind, operation in evidence.events)
    for one in evidence.operations:
        told = kinds[f"operation.{one.state}", one.id]
        if told != 1:
            yield f"operation {one.id}: that it is {one.state} was told {told} times"
    alerts = Counter((f"alert.{match}", operation) for operation, match in evidence.matches)
    if alerts != Counter({key: n for key, n in kinds.items() if key[0].startswith("alert.")}):
        yield "not every alert was told, or not once"
