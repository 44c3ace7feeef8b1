"""Evidence, put in order: what happened to each operation between its order and its end. Pure.

An operation is known by its Correlator. Its window runs from the first time its Exec went to the
device until the first time its alert was seen; what the device does outside all of its windows,
it does without being told to.
"""

from collections.abc import Iterable
from typing import TypeVar

from msgspec import Struct

from fumo.fleet.evidence import Fetched, Ordered, Record, Row, Served, Told

R = TypeVar("R", bound=Record)


class Story(Struct, frozen=True):
    """One operation as seen from outside."""

    device: str
    correlator: str
    path: str
    ordered_ns: int
    told: tuple[Told, ...] = ()
    fetched: tuple[Fetched, ...] = ()
    served: tuple[Served, ...] = ()
    rows: tuple[Row, ...] = ()

    @property
    def told_ns(self) -> int | None:
        """When its alert was first seen."""
        return min((alert.at_ns for alert in self.told), default=None)

    @property
    def result(self) -> int | None:
        """What its first alert told."""
        return self.told[0].result if self.told else None

    def over_at(self, at_ns: int) -> bool:
        """Was its alert seen before that time?"""
        return self.told_ns is not None and self.told_ns < at_ns


def of(kind: type[R], records: Iterable[Record]) -> list[R]:
    """The records of one kind, in order of time."""
    found = [record for record in records if isinstance(record, kind)]
    return sorted(found, key=lambda record: record.at_ns)


def stories(records: Iterable[Record]) -> tuple[Story, ...]:
    """Every operation that was ordered, oldest first."""
    records = tuple(records)
    first: dict[str, Ordered] = {}
    for order in of(Ordered, records):
        first.setdefault(order.correlator, order)
    return tuple(_story(order, records) for order in first.values())


def _story(order: Ordered, records: tuple[Record, ...]) -> Story:
    same = order.correlator
    return Story(
        device=order.device,
        correlator=same,
        path=order.path,
        ordered_ns=order.at_ns,
        told=tuple(told for told in of(Told, records) if told.correlator == same),
        fetched=tuple(each for each in of(Fetched, records) if each.path == order.path),
        served=tuple(each for each in of(Served, records) if each.path == order.path),
        rows=tuple(row for row in of(Row, records) if row.correlator == same),
    )


def newest_before(at_ns: int, device: str, among: Iterable[Story]) -> Story | None:
    """The operation that a device was last ordered to do before a time."""
    before = [s for s in among if s.device == device and s.ordered_ns <= at_ns]
    return max(before, key=lambda story: story.ordered_ns, default=None)
