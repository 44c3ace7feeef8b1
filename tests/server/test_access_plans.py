"""What the API's door asks at each request is answered by an index, however much there is."""

from pathlib import Path

import pytest

from fumo.server.edges.access.quotas import AMOUNTS
from fumo.server.edges.access.store import ENDED, HOLDER, TOKEN
from tests.server.device import Device
from tests.server.world import World

MANY = 5_000
NUMBERS = f"""WITH RECURSIVE counted (n) AS
    (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < {MANY})"""
FILLED = (
    f"""INSERT INTO account (name, role, created_at_s)
    {NUMBERS} SELECT 'user-' || n, 'viewer', 0 FROM counted""",
    f"""INSERT INTO token (account, label, sha256, role, session, created_at_s)
    {NUMBERS} SELECT 'user-' || n, '', 'sha-' || n, 'viewer', 0, 0 FROM counted""",
    f"""INSERT INTO audit (at_s, who, place, action, target)
    {NUMBERS} SELECT n, 'w', 'p', 'a', 't' FROM counted""",
    f"""INSERT INTO guess (name, failures, until_s, at_s)
    {NUMBERS} SELECT 'g' || n, 1, 0, n FROM counted""",
    f"INSERT INTO allowance (name, minute, used) {NUMBERS} SELECT 'a' || n, n, 1 FROM counted",
    "ANALYZE",
)
ASKED = {
    "whose token it is": (HOLDER, "sha-7", 1.0),
    "a page of tokens": (f"{TOKEN}WHERE id < ?1 ORDER BY id DESC LIMIT ?2", 900, 50),
    "which sessions end": (ENDED, "user-7", 20),
    "a page of the audit log": (
        "SELECT who FROM audit WHERE id < ?1 ORDER BY id DESC LIMIT 50",
        900,
    ),
    "which minutes are over": ("DELETE FROM allowance WHERE minute < ?1", 3),
    "which tries are forgotten": ("DELETE FROM guess WHERE at_s < ?1", 3.0),
    "how many tokens there are": (AMOUNTS["tokens-of-a-user"], "user-7", 51),
    "how many campaigns run": (AMOUNTS["running-campaigns"], "", 201),
    "how many devices there are": (AMOUNTS["devices"], "", 201),
}
TABLES = ("token", "audit", "allowance", "guess", "account", "campaign", "device")


@pytest.fixture
def full(world: World) -> World:
    """Many users, tokens and lines; campaigns that ended, and none that runs."""
    campaign = world.orders(world.knows(Device()))
    names = [name for name in type(campaign).__struct_fields__ if name not in ("id", "state")]
    told = ", ".join(f'"{name}"' for name in names)
    world.runs(
        f"""INSERT INTO campaign (id, state, {told}) {NUMBERS}
            SELECT n + 1, 'finished', {told} FROM campaign CROSS JOIN counted"""
    )
    world.runs("UPDATE campaign SET state = 'finished'")
    for statement in FILLED:
        world.runs(statement)
    return world


def test_no_request_reads_a_large_table_from_end_to_end(full: World, where: Path | str):
    explain = "EXPLAIN QUERY PLAN" if isinstance(where, Path) else "EXPLAIN"
    for name, (sql, *cells) in ASKED.items():
        rows = full.store.db.rows(f"{explain} {sql}", *cells)
        told = "\n".join(str(row[-1]) for row in rows)
        for table in TABLES:
            assert f"Seq Scan on {table}" not in told, (name, told)
            assert f"SCAN {table}" not in told.replace(f"SCAN {table} USING", ""), (name, told)
