"""The world of the server's stories, on each database that a server can use."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import Cluster, cluster
from tests.server.api import Api
from tests.server.device import Device
from tests.server.process import FREE, Process
from tests.server.world import World

DATABASES = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """One PostgreSQL for all of them."""
    with cluster() as running:
        yield running


@pytest.fixture(params=DATABASES)
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """A database that holds nothing."""
    if request.param == "sqlite":
        return tmp_path / "fumo.db"
    running: Cluster = request.getfixturevalue("postgres")
    return running.fresh()


@pytest.fixture
def world(where: Path | str) -> Iterator[World]:
    """A server that knows nobody."""
    world = World(where)
    yield world
    world.close()


@pytest.fixture(params=DATABASES, scope="module")
def api(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """The API of a real server, which knows a user and a token of each role."""
    more: tuple[str, ...] = ()
    if request.param == "postgresql":
        running: Cluster = request.getfixturevalue("postgres")
        more = ("--database", running.fresh())
    api = Api(Process(tmp_path_factory.mktemp("rest") / "d", FREE, FREE, *more), more)
    api.introduce()
    yield api
    api.process.stop()


@pytest.fixture
def device(world: World) -> Device:
    """A device that the server knows."""
    return world.knows(Device())
