"""The once-only promise, judged from evidence. Pure.

Each checker gives what it found wrong, in words; nothing found is good only where `gaps` finds
nothing missing either: no evidence is never evidence of no fault.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from fumo.codes import result
from fumo.fleet.evidence import Counted, Fetched, Record, Retried, Row, Served, Told, Written
from fumo.fleet.timeline import Story, newest_before, of, stories


def late_fetches(records: Iterable[Record]) -> Iterator[str]:
    """Package requests by an operation after its alert, seen by the proxy or by the depot."""
    for story in stories(records):
        seen: tuple[Fetched | Served, ...] = (*story.fetched, *story.served)
        for fetch in seen:
            if story.over_at(fetch.at_ns):
                yield f"{story.device} fetched after its alert ({fetch.path})"


def late_writes(records: Iterable[Record]) -> Iterator[str]:
    """Slot writes by an operation after its alert, or by a device that nobody ordered to."""
    records = tuple(records)
    told = stories(records)
    for write in of(Written, records):
        story = newest_before(write.at_ns, write.device, told)
        if story is None or story.over_at(write.at_ns):
            yield f"{write.device} wrote {write.slot} after its alert, or unordered"


def lost_results(records: Iterable[Record]) -> Iterator[str]:
    """Results that a device told and the server does not hold."""
    for story in stories(records):
        held = {row.result for row in story.rows}
        if story.told and held != {story.result}:
            yield f"{story.device} told {story.result}, the server holds {sorted(map(str, held))}"


def double_results(records: Iterable[Record]) -> Iterator[str]:
    """Results that count more than once: in the server's rows, or in its campaign counters."""
    records = tuple(records)
    rows = of(Row, records)
    for correlator, times in Counter(row.correlator for row in rows).items():
        if times > 1:
            yield f"{times} rows for the operation {correlator}"
    for row in rows:
        for _ in range(row.counted - 1):
            yield f"{row.counted} alerts of {row.device} counted for one operation"
    for counted in of(Counted, records):
        yield from _overcounted(counted, rows)


def _overcounted(counted: Counted, rows: list[Row]) -> Iterator[str]:
    """A counter that is above the number of operations with such a result."""
    results = {row.correlator: row.result for row in rows if row.campaign == counted.campaign}
    good = [_good(code) for code in results.values() if code is not None]
    for name, says, are in (
        ("succeeded", counted.succeeded, good.count(True)),
        ("failed", counted.failed, good.count(False)),
        ("results", counted.results, len(good)),
    ):
        for _ in range(says - are):
            yield f"campaign {counted.campaign} counts {says} {name}, there are {are}"


def changed_results(records: Iterable[Record]) -> Iterator[str]:
    """Alerts of one operation that do not all tell the same (I2), or tell what FUMO forbids."""
    for story in stories(records):
        tellings = {(t.type, t.source, t.mark, t.result) for t in story.told}
        if len(tellings) > 1:
            yield f"{story.device} told {len(tellings)} different things of one operation"
        if any(result(told.result) is None for told in story.told):
            yield f"{story.device} told a result that FUMO does not know"


def unordered_results(records: Iterable[Record]) -> Iterator[str]:
    """Alerts, or results in the server's rows, of operations that nobody ordered (I7)."""
    records = tuple(records)
    told = {story.correlator: story for story in stories(records)}
    for alert in of(Told, records):
        if alert.correlator not in told:
            yield f"{alert.device} told the result of an operation that was never ordered"
    for row in of(Row, records):
        if row.result is not None and not (row.correlator in told and told[row.correlator].told):
            yield f"the server holds a result that {row.device} never told"


def unasked_orders(records: Iterable[Record]) -> Iterator[str]:
    """A device ordered once more without an operator's word (FUMO S09: the only retry there is)."""
    records = tuple(records)
    asked = [retried.at_ns for retried in of(Retried, records)]
    ordered: set[str] = set()
    for story in stories(records):
        if story.device in ordered and not any(at_ns < story.ordered_ns for at_ns in asked):
            yield f"{story.device} was ordered again, and nobody had asked for it"
        ordered.add(story.device)


def _good(code: int) -> bool:
    meaning = result(code)
    return meaning is not None and meaning.good


def good_story(story: Story) -> bool:
    """Did it end well?"""
    return story.result is not None and _good(story.result)
