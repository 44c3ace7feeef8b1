"""Databases by the dozen."""

import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from fumo.server.edges.opening import open_database
from tests.postgres import Cluster, cluster


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """One PostgreSQL for all of them."""
    with cluster() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Path | str]:
    """Gives one that holds nothing, whenever it is asked."""
    if request.param == "postgresql":
        running: Cluster = request.getfixturevalue("postgres")
        return running.fresh
    empty, numbers = tmp_path / "empty.db", count(1)
    open_database(empty).close()
    return lambda: shutil.copy(empty, tmp_path / f"{next(numbers)}.db")
