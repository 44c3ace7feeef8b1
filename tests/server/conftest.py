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
def whose(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """What `fumo serve` is told of its database."""
    if request.param == "sqlite":
        return ()
    running: Cluster = request.getfixturevalue("postgres")
    return ("--database", running.fresh())


@pytest.fixture(scope="module")
def api(whose: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """The API of a real server, which knows a user and a token of each role."""
    api = Api(Process(tmp_path_factory.mktemp("rest") / "d", FREE, FREE, *whose), whose)
    api.introduce()
    yield api
    api.process.stop()


@pytest.fixture
def device(world: World) -> Device:
    """A device that the server knows."""
    return world.knows(Device())
