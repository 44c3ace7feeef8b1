"""Light devices at a server: each reports what it was told to do, once."""

from pathlib import Path

import pytest

from fumo.fleet.drive import Drive, Identity, drive
from fumo.fleet.light import STATE, Light
from tests.server.process import Process
from tests.server.world import World


@pytest.fixture
def light() -> Light:
    return Light("IMEI:1", "u1", "p1", "s1", "http://127.0.0.1:8000/dm")


def at(world: World, light: Light) -> int:
    return light.talk(lambda peer, body: world.post(peer, body))  # type: ignore[arg-type]


def test_a_light_device_does_its_job_once(tmp_path: Path, light: Light):
    world = World(tmp_path / "fumo.db")
    world.knows(light)  # type: ignore[arg-type]
    world.orders(light)  # type: ignore[arg-type]
    at(world, light)
    assert light.tree[STATE] == "30"
    light.works()
    at(world, light)
    assert (light.reported, light.owed, light.tree[STATE]) == (1, {}, "10")
    assert world.results == [(1, 200)]
    world.close()


def test_a_failure_is_reported_as_one(tmp_path: Path, light: Light):
    light.result_of = lambda _: 410
    world = World(tmp_path / "fumo.db")
    world.knows(light)  # type: ignore[arg-type]
    world.orders(light)  # type: ignore[arg-type]
    for _ in range(2):
        at(world, light)
        light.works()
    assert world.results == [(1, 410)]
    world.close()


def test_who_is_not_known_is_given_up_and_missed(tmp_path: Path):
    process = Process(tmp_path / "d")
    nobody = Identity("IMEI:9", "u", "p", "s")
    driven = drive(Drive((process.dm_url,), (nobody,), threads=1, patience_s=0.3))
    process.stop()
    assert (driven.reported, driven.missing) == (0, 1)
