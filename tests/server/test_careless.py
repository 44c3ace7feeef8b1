"""Devices that write carelessly are updated all the same: each of them through a whole update."""

from dataclasses import dataclass

import pytest

from fumo.dm.message import XML
from fumo.server.rows import OperationState
from tests.dm.careless import HANDS, Hand
from tests.server.device import Device
from tests.server.world import World

S = OperationState


@dataclass
class Careless(Device):
    """What it says goes through a careless hand."""

    hand: Hand = str
    careless: bool = False

    def may_say(self, *words: object) -> bytes | None:
        body = super().may_say(*words)  # type: ignore[arg-type]
        said = body and self.hand(body.decode()).encode()
        self.careless = self.careless or said != body
        return said


@pytest.mark.clause("P3-08", "P2-08", "R1-02", "R1-03")
@pytest.mark.parametrize("media_type", [XML, "application/vnd.syncml+xml; charset=utf-8"])
@pytest.mark.parametrize("name", HANDS)
def test_a_careless_device_is_updated(world: World, name: str, media_type: str):
    device = world.knows(Careless(hand=HANDS[name], media_type=media_type))
    world.orders(device)
    device.talk(world.post)
    assert world.states == [S.ACCEPTED]
    assert len(device.execs) == 1
    device.finishes(200, "90")
    device.talk(world.post)
    assert world.states == [S.SUCCEEDED]
    assert world.results == [(1, 200)]
    assert device.careless


@pytest.mark.clause("P2-05")
@pytest.mark.parametrize("session", ["0", "00ab", "AB", "-1", "0x1", "a b", "é" * 8, "9" * 60])
def test_whatever_a_device_calls_its_session_it_is_called(world: World, session: str):
    device = world.knows(Device())
    world.orders(device)
    device.talk(world.post, session)
    assert world.states == [S.ACCEPTED]
    assert {message.header.session_id for message in device.heard} == {session}
    device.finishes(200, "90")
    device.talk(world.post, session)
    assert world.states == [S.SUCCEEDED]
    assert device.outbox == []


@pytest.mark.clause("P3-08")
@pytest.mark.parametrize("code", [0, 99, 299, 1226])
def test_a_code_that_no_standard_knows_is_no_success(world: World, code: int):
    device = world.knows(Device())
    device.statuses["Exec ./FwUpdate/x/DownloadAndUpdate"] = code
    world.orders(device)
    device.talk(world.post)
    assert world.states == [S.REFUSED]
    assert device.execs == []
