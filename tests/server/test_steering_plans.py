"""What sweeps and orders ask about campaigns is answered by an index, however much has ended."""

from pathlib import Path

import pytest

from fumo.server.edges.campaign_store import FOLLOWS, RELEASED, WATCHED
from fumo.server.edges.follow_store import ASKED, DUE, OVERTAKEN, STILL
from fumo.server.office import Office, Order
from fumo.server.rows import Package
from tests.server.large import fill
from tests.server.world import World

OPERATIONS, CAMPAIGNS = 20_000, 2_000
FEW = [*range(1, 50)]
ALL = 'id ~ "*"'
ASKED_OFTEN = {
    "which campaigns go on": (WATCHED, 0.0),
    "is anything to be followed": (FOLLOWS, 1),
    "what is to be followed": (DUE, 1, 1.0, 1000),
    "is it still": (STILL, FEW, 1.0),
    "was something newer ordered": (OVERTAKEN, FEW),
    "what an operator orders anew": (ASKED, 1, ["failed", "refused"], ["refused"], [503]),
    "what is released next": (RELEASED, 1, 1, 100),
    "how it stands": ("SELECT group_number, kind, state, number FROM tally WHERE campaign_id = ?1",
                      1),
}  # fmt: skip


@pytest.fixture
def full(world: World, where: Path | str) -> World:
    """One campaign of many operations, most of which ended, and many campaigns that ended."""
    fill(world.store.db, "sqlite" if isinstance(where, Path) else "postgresql", OPERATIONS)
    world.store.add_package(Package(0, "fw", "2", "ab" * 32, 100))
    order = Order("fw", (), "downloadandupdate", filter=ALL)
    Office(world.store, world.dice.octets).begin(order, world.at_s)
    names = ", ".join(f'"{name}"' for name in columns(world))
    world.runs(
        f"""INSERT INTO campaign ({names}, id, state) SELECT {names}, operation.id + 1, 'finished'
            FROM campaign CROSS JOIN operation WHERE operation.id <= {CAMPAIGNS}"""
        .replace(f"SELECT {names}", "SELECT " + names.replace('"', 'campaign."', 1)
                 .replace(', "', ', campaign."'))
    )  # fmt: skip
    world.runs(f"UPDATE operation SET state = 'succeeded' WHERE id < {OPERATIONS - 200}")
    world.runs(f"UPDATE operation SET state = 'failed', follow_at_s = 1 WHERE id < {len(FEW)}")
    world.runs("ANALYZE")
    return world


def columns(world: World) -> list[str]:
    fields = type(world.store.campaign(1)).__struct_fields__
    return [name for name in fields if name not in ("id", "state")]


def plan(world: World, where: Path | str, sql: str, cells: tuple[object, ...]) -> str:
    explain = "EXPLAIN QUERY PLAN" if isinstance(where, Path) else "EXPLAIN"
    return "\n".join(str(row[-1]) for row in world.store.db.rows(f"{explain} {sql}", *cells))


def test_no_question_reads_a_large_table_from_end_to_end(full: World, where: Path | str):
    for name, (sql, *cells) in ASKED_OFTEN.items():
        told = plan(full, where, str(sql), tuple(cells))
        for table in ("operation", "campaign", "device", "newer", "old"):
            assert f"Seq Scan on {table}" not in told, (name, told)
            assert f"SCAN {table}" not in told.replace(f"SCAN {table} USING", ""), (name, told)
