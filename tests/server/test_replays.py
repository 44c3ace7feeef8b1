"""Old messages said again, and clocks that jump: nothing is done twice, and nothing is lost."""

import pytest

from fumo.dm.codec import decode
from fumo.dm.message import Exec
from fumo.server.rows import OperationState
from fumo.wire.exchange import Reply
from tests.server.device import Device
from tests.server.world import DAY_S, World

S = OperationState
TABLES = ("operation", "result", "alert", "note", "incident", "tally", "device")


class At(Device):
    """Who says something at an address that a session was given."""

    address = ""  # type: ignore[assignment]


def again(world: World, device: Device, address: str, body: bytes) -> Reply:
    who = At(device.id, media_type=device.media_type)
    who.address = address  # type: ignore[misc]
    return world.post(who, body)


def rows(world: World) -> list[object]:
    return [world.rows(f"SELECT * FROM {name} ORDER BY 1, 2, 3") for name in TABLES]


@pytest.mark.clause("S-AUT", "S08")
def test_a7_f8_every_message_of_a_job_said_again_in_any_later_session_does_nothing(
    world: World, device: Device
):
    """The whole job is overheard; then all of it is said again, from another place."""
    kept: list[tuple[str, bytes]] = []

    def overheard(peer: Device, body: bytes) -> Reply:
        kept.append((peer.address, body))
        return world.post(peer, body)

    world.orders(device)
    device.talk(overheard)
    device.finishes(200, "90")
    device.talk(overheard)
    world.orders(device)
    device.talk(world.post)
    execs, states = len(device.execs), world.states
    for later_s in (0, 1, 400):
        world.at_s += later_s
        before = rows(world)
        for address, body in kept:
            reply = again(world, device, address, body)
            assert reply.status in (200, 400)
            assert not _executes(reply)
        assert rows(world) == before
    assert world.states == states == [S.SUCCEEDED, S.ACCEPTED]
    device.finishes(200, "90")
    device.talk(world.post)
    assert len(device.execs) == execs
    assert world.states == [S.SUCCEEDED, S.SUCCEEDED]


def _executes(reply: Reply) -> bool:
    if reply.status != 200:
        return False
    return any(isinstance(c, Exec) for c in decode(reply.body, reply.media_type).commands)


@pytest.mark.parametrize("jump_s", [-30 * DAY_S, -3600.0, 3600.0, 30 * DAY_S])
def test_f19_a_clock_that_jumps_in_the_middle_costs_no_result_and_orders_nothing_twice(
    world: World, device: Device, jump_s: float
):
    world.orders(device)
    device.talk(world.post)
    device.finishes(200, "90")
    body: bytes | None = device.begin()
    device.hear(world.post(device, body or b""))
    world.at_s += jump_s
    world.sweeps()
    for _ in range(3):
        device.talk(world.post)
        world.sweeps()
    assert world.states == [S.SUCCEEDED]
    assert world.results == [(1, 200)]
    assert len(device.execs) == 1


def test_f19_a_clock_of_1970_sends_nothing_away(world: World, device: Device):
    """What was ordered while the clock was right is still ordered while it is not."""
    world.orders(device)
    world.at_s = 0.0
    device.talk(world.post)
    assert world.states == [S.ACCEPTED]
    world.at_s = 1_000_100.0
    device.finishes(410, "80")
    device.talk(world.post)
    assert world.states == [S.FAILED]
