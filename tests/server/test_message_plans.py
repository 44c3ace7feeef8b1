"""What each message and each sweep asks of devices and operations is answered by an index.

The questions are those that the store really asks: they are written down while it does.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fumo.codes import Kind
from fumo.server.edges import incidents
from fumo.server.edges.admin_store import AdminStore
from fumo.server.edges.database import Database, Row, Said
from fumo.server.edges.waking import rows as waking_rows
from fumo.server.edges.waking.taking import Terms, lanes, take
from fumo.server.office import Office, Order
from fumo.server.paging import NEWEST, Page, Way
from fumo.server.ports import Ask
from fumo.server.rows import Campaign, Incident, IncidentKind, Package, Writes
from fumo.server.waking import Wake
from tests.server.large import fill
from tests.server.world import World

DEVICES = 5_000
SOME = [f"IMEI:{number:015d}" for number in range(1, 11)]
LARGE = ("device", "operation", "incident")


class Overheard:
    """A database whose questions are written down."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.asked: list[tuple[str | Said, tuple[Any, ...]]] = []

    def rows(self, sql: str | Said, *cells: Any) -> list[Row]:
        self.asked.append((sql, cells))
        return self._db.rows(sql, *cells)

    def run(self, sql: str | Said, *cells: Any) -> int:
        self.asked.append((sql, cells))
        return self._db.run(sql, *cells)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._db, name)


@pytest.fixture
def full(world: World, where: Path | str) -> World:
    """Many devices with an operation each, and many incidents that somebody saw."""
    fill(world.store.db, "sqlite" if isinstance(where, Path) else "postgresql", DEVICES)
    world.store.add_package(Package(0, "fw", "2", "ab" * 32, 100))
    order = Order("fw", (), "downloadandupdate", filter='id ~ "*"')
    Office(world.store, world.dice.octets).begin(order, world.at_s)
    world.runs("UPDATE operation SET state = 'succeeded' WHERE id < 4000")
    found = (Incident(f"d{n}", IncidentKind.ORPHAN, 0, "", 0.0) for n in range(DEVICES))
    incidents.add(world.store.db, found)
    world.runs("UPDATE incident SET seen_at_s = 1 WHERE id < 4900")
    world.runs("ANALYZE")
    return world


def plans(world: World, where: Path | str, overheard: Overheard) -> Iterator[tuple[str, str]]:
    """Each question, and how it would be answered."""
    lite = isinstance(where, Path)
    explain = "EXPLAIN QUERY PLAN" if lite else "EXPLAIN"
    for sql, cells in overheard.asked:
        text = (sql.sqlite if lite else sql.postgresql) if isinstance(sql, Said) else sql
        found = world.store.db.rows(f"{explain} {text}", *cells)
        yield text, "\n".join(str(row[-1]) for row in found)


def test_no_question_reads_a_large_table_from_end_to_end(full: World, where: Path | str):
    overheard = Overheard(full.store.db)
    store = AdminStore(overheard)  # type: ignore[arg-type]
    store.load([Ask(name, "1", ("some correlator",)) for name in SOME])
    store.save([Writes(name, 0) for name in SOME])
    store.due(full.at_s, 500)
    store.next_notice(SOME[0], full.at_s)
    store.change_operation(4_500, lambda _: None)
    incidents.newest(overheard, NEWEST, 50)  # type: ignore[arg-type]
    incidents.see(overheard, 7, "ann", 1.0)  # type: ignore[arg-type]
    wake = Wake(SOME[0], 0, None, "udp", "udp:h:1", "unspecified", next_at_s=full.at_s)
    store.wake(wake)
    waking_rows.begin(overheard, Campaign(1, "", 1, Kind.UPDATE, 0.0, wake=True), [1, 2], 1.0)  # type: ignore[arg-type]
    for lane in lanes(overheard):  # type: ignore[arg-type]
        take(overheard, Terms("fumo"), lane, 10, full.at_s)  # type: ignore[arg-type]
    waking_rows.history(overheard, SOME[0], Page(10, Way.DOWN, None))  # type: ignore[arg-type]
    assert len(overheard.asked) > 25
    for sql, told in plans(full, where, overheard):
        for table in LARGE:
            assert f"Seq Scan on {table}" not in told, (sql, told)
            assert f"SCAN {table}" not in told.replace(f"SCAN {table} USING", ""), (sql, told)
