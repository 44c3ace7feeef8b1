"""A device silent after its Exec: State is asked, the outcome is unknown, nothing is tried again.

Only an operator's word, or a campaign that was told to, orders anew; a late result still counts.
"""

import pytest

from fumo.dm.message import Exec, Get
from fumo.server.rows import OperationState
from fumo.server.why import why
from tests.server.device import Device
from tests.server.world import DAY_S, World

S = OperationState


@pytest.fixture
def silent(world: World, device: Device) -> Device:
    """It took the order, and was not heard of for two deadlines."""
    world.orders(device)
    device.talk(world.post)
    device.heard.clear()
    world.at_s += 2 * DAY_S + 1
    assert world.sweeps() == 1
    assert world.states == [S.UNKNOWN]
    return device


def asked(device: Device, kind: type) -> list[object]:
    return [c for message in device.heard for c in message.commands if isinstance(c, kind)]


def said(world: World) -> str:
    operation = world.operation()
    row = world.store.device(operation.device_id)
    assert row is not None
    campaign = world.store.campaign(operation.campaign_id)
    assert campaign is not None
    return why(row, operation, campaign, world.at_s)


@pytest.mark.clause("S07")
@pytest.mark.parametrize("state", ["10", "20", "30", "60", "90", "100"])
def test_when_it_comes_again_its_state_is_asked_and_shown_and_proves_nothing(
    world: World, silent: Device, state: str
):
    assert "it never came to be asked" in said(world)
    silent.state = state
    silent.talk(world.post)
    assert len(asked(silent, Get)) == 1
    assert world.operation().state_seen == int(state)
    assert f"its State, when asked, was {state} (" in said(world)
    assert (world.states, world.results) == ([S.UNKNOWN], [])
    assert world.tally == {"unknown": 1}


def test_it_is_asked_once(world: World, silent: Device):
    for _ in range(3):
        silent.talk(world.post)
        world.at_s += DAY_S
    assert len(asked(silent, Get)) == 1


def test_nothing_is_tried_again_however_often_it_comes(world: World, silent: Device):
    for _ in range(5):
        world.at_s += DAY_S
        world.sweeps()
        silent.talk(world.post)
    assert asked(silent, Exec) == []
    assert world.states == [S.UNKNOWN]


def test_a_state_that_cannot_be_read_is_told_so(world: World, silent: Device):
    silent.state = ""
    silent.talk(world.post)
    assert "its State, when asked, was unreadable" in said(world)


def test_a_late_result_closes_it(world: World, silent: Device):
    silent.finishes(200, "90")
    silent.talk(world.post)
    assert (world.states, world.matches) == ([S.SUCCEEDED], ["late"])
    assert asked(silent, Get) == []
    assert world.tally == {"succeeded": 1}
