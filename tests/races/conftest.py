"""Databases by the dozen."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from fumo.server.edges.opening import open_database
from tests.postgres import Cluster, cluster

SHARED_MEMORY = Path("/dev/shm")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """One PostgreSQL for all of them."""
    with cluster() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest) -> Iterator[Callable[[], Path | str]]:
    """Gives one that holds nothing, whenever it is asked."""
    if request.param == "postgresql":
        running: Cluster = request.getfixturevalue("postgres")
        yield running.fresh
        return
    place = SHARED_MEMORY if SHARED_MEMORY.is_dir() else None  # nothing here cuts the power
    with tempfile.TemporaryDirectory(prefix="fumo-races-", dir=place) as name:
        empty, numbers = Path(name) / "empty.db", count(1)
        open_database(empty).close()
        yield lambda: shutil.copy(empty, Path(name) / f"{next(numbers)}.db")
