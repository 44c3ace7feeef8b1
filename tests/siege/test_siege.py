"""Thirty deaths under load, on each database: of a server at every stage of its work, of PostgreSQL
at whatever it commits. The network loses, doubles, delays and reorders; operators go on steering.
"""

import random
from contextlib import closing
from pathlib import Path

import pytest

from tests.postgres import Cluster
from tests.siege.castle import OUTSIDE, Castle
from tests.siege.judge import complaints
from tests.siege.mortal import STAGES
from tests.siege.siege import Siege

KILLS = 30
FEW = 12
CASTLES = {
    "SQLite": (None, 1, KILLS),
    "PostgreSQL": ("postgres", 1, FEW),
    "two servers on one PostgreSQL": ("postgres", 2, KILLS),
}


@pytest.mark.clause("S08", "S-DUP")
@pytest.mark.parametrize("name", CASTLES)
def test_f7_f21_f22_deaths_lose_no_operation_and_count_no_result_twice(
    request: pytest.FixtureRequest, tmp_path: Path, name: str
):
    fixture, number, kills = CASTLES[name]
    cluster: Cluster | None = request.getfixturevalue(fixture) if fixture else None
    with closing(Castle(tmp_path, number, random.Random(name), cluster)) as castle:
        evidence = Siege(castle, seed=7).fought(kills)
        assert complaints(evidence) == [], "\n".join(complaints(evidence))
        assert sum(castle.deaths.values()) >= kills
        assert set(castle.deaths) >= {*STAGES, OUTSIDE} or kills < KILLS, castle.deaths
        assert len(evidence.operations) > 2 * kills
