"""No question about events reads a table from its one end to the other, however large it grows."""

import json
from pathlib import Path

import pytest

from fumo.server.edges.database import Said
from fumo.server.edges.events import feed
from fumo.server.edges.events.keeping import ROWS_MAX
from fumo.server.retention import Retention, rules
from tests.server.world import World

ROWS = 30_000
COUNT = Said(
    f"""WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {ROWS})
        SELECT n FROM n""",
    f"SELECT n FROM generate_series(1, {ROWS}) AS n(n)",
)
FILLED = (
    "INSERT INTO event (at_s, kind, text) SELECT n, 'test', '' FROM ({n}) AS n",
    "INSERT INTO audit (at_s, who, place, action, target) SELECT n, '', '', '', '' FROM ({n}) AS n",
    """INSERT INTO message (id, device_id, inbound, session_id, msg_id, at_s, media_type, body)
        SELECT n, 'd' || n, 1, '1', 1, n, '', '' FROM ({n}) AS n""",
    """INSERT INTO alert (device_id, at_s, session_id, msg_id, type, source, data, mark, match)
        SELECT 'd' || n, n, '1', 1, '', '', '', '', 'orphan' FROM ({n}) AS n""",
)
PAGES = [
    (
        f"SELECT {rule.key}, at_s FROM {rule.table} WHERE {rule.key} > 15000"
        f" ORDER BY {rule.key} LIMIT {ROWS_MAX}"
    )
    for rule in rules(Retention())
    if rule.table != "note"  # it holds nothing here
]
ASKED = (
    feed.WAITING,
    feed.OLDEST,
    feed.FOUND.replace("?1", "15000").replace("?2", "100"),
    *PAGES,
)


@pytest.fixture
def full(world: World, where: Path | str) -> World:
    """Many rows; on PostgreSQL its planner knows of them."""
    numbers = COUNT.sqlite if isinstance(where, Path) else COUNT.postgresql
    for statement in FILLED:
        world.runs(statement.format(n=numbers))
    while feed.give_numbers(world.store.db):
        pass
    for table in ("event", "audit", "message", "alert"):
        world.runs(f"ANALYZE {table}")
    return world


def plan(world: World, where: Path | str, sql: str) -> str:
    if isinstance(where, Path):
        return " ".join(str(row[3]) for row in world.rows(f"EXPLAIN QUERY PLAN {sql}"))
    [(told,)] = world.rows(f"EXPLAIN (FORMAT JSON) {sql}")
    return json.dumps(told)


def test_each_is_answered_by_an_index(full: World, where: Path | str):
    for sql in ASKED:
        told = plan(full, where, sql)
        assert "Seq Scan" not in told, sql
        assert "Sort" not in told, sql
        assert "TEMP B-TREE" not in told, sql
        if isinstance(where, Path):
            assert "SEARCH" in told or "USING" in told, (sql, told)
