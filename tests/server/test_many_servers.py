"""Any server may serve any message: two processes on one PostgreSQL, killed again and again."""

import random
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from fumo.server.edges.admin_store import AdminStore
from fumo.server.edges.opening import open_database
from tests.postgres import Cluster
from tests.server.siege import Siege

CYCLES = 30
DATABASE_EVERY = 5
LOADS = 4


@pytest.fixture
def siege(postgres: Cluster, tmp_path: Path) -> Iterator[Siege]:
    siege = Siege(postgres, postgres.fresh(), [tmp_path / "a", tmp_path / "b"], seed=7)
    yield siege
    siege.stop()


def once_more(siege: Siege) -> None:
    """Another session of each device: nothing is ordered again."""
    ordered = [len(device.execs) for device in siege.devices]
    for device in siege.devices:
        device.talk(siege.servers[0].post)
    assert [len(device.execs) for device in siege.devices] == ordered


@pytest.mark.clause("S08")
def test_f7_f21_f22_kills_of_servers_and_database_lose_no_result_and_count_none_twice(siege: Siege):
    dice = random.Random(siege.seed)
    with siege.under_load(LOADS):
        for cycle in range(1, CYCLES + 1):
            if cycle % DATABASE_EVERY:
                siege.kill_a_server(dice)
            else:
                siege.kill_the_database()
    assert siege.kills == CYCLES
    once_more(siege)
    assert len(siege.devices) > CYCLES
    with closing(AdminStore(open_database(siege.url))) as store:
        told = store.db.rows("SELECT device_id, state, result, sendings FROM operation ORDER BY id")
        finals = store.db.rows(
            "SELECT operation_id, count(*) FROM alert WHERE match = 'final' GROUP BY 1"
        )
        results = store.db.rows("SELECT operation_id, code FROM result")
        tally = store.db.rows(
            "SELECT state, sum(number) FROM tally GROUP BY 1 HAVING sum(number) > 0"
        )
        matches = {match for (match,) in store.db.rows("SELECT DISTINCT match FROM alert")}
    number = len(siege.devices)
    assert {(state, result) for _, state, result, _ in told} == {("succeeded", 200)}
    assert len(told) == len(results) == len(finals) == number
    assert {times for _, times in finals} == {1}
    assert tally == [("succeeded", number)]
    assert matches <= {"final", "repeated"}
    for device in siege.devices:
        assert len({one.correlator for one in device.execs}) == 1
