"""The world of the server's stories."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.device import Device
from tests.server.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A server that knows nobody."""
    world = World(tmp_path / "fumo.db")
    yield world
    world.close()


@pytest.fixture
def device(world: World) -> Device:
    """A device that the server knows."""
    return world.knows(Device())
