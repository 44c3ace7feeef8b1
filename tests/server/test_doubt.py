"""An Exec without an answer, a result that does not come: State is asked, nothing is guessed."""

import pytest

from fumo.dm.message import Exec, Get
from fumo.server.rows import OperationState
from fumo.server.sweep import sweep
from fumo.server.verdicts import DEADLINES_MAX
from tests.server.device import Device
from tests.server.world import DAY_S, World

S = OperationState


@pytest.fixture
def doubtful(world: World, device: Device) -> Device:
    """The message with the Exec reached the device; its answer never came back."""
    world.orders(device)
    body: bytes | None = device.begin()
    while body is not None and not device.execs:
        device.hear(world.post(device, body))
        body = device.go_on()
    assert world.states == [S.SENT]
    return device


@pytest.mark.parametrize("state", ["30", "60"])
def test_a_state_at_work_proves_that_the_exec_was_taken(world: World, doubtful: Device, state: str):
    doubtful.state = state
    world.at_s += 60
    doubtful.talk(world.post)
    assert len(doubtful.execs) == 1
    assert world.states == [S.ACCEPTED]


def test_a_state_unchanged_since_before_gets_the_same_exec_again(world: World, doubtful: Device):
    doubtful.state = "10"
    world.at_s += 60
    doubtful.talk(world.post)
    first, second = doubtful.execs
    assert first.correlator == second.correlator
    assert first.items[0].target == second.items[0].target
    assert world.operation().sendings == 2
    assert world.states == [S.ACCEPTED]


@pytest.mark.parametrize("state", ["20", "40", "50", "70", "80", "90", "100"])
def test_any_other_state_is_waited_out(world: World, doubtful: Device, state: str):
    doubtful.state = state
    for _ in range(3):
        world.at_s += 60
        doubtful.talk(world.post)
    assert len(doubtful.execs) == 1
    assert world.states == [S.SENT]
    assert world.results == []
    doubtful.finishes(200, state)
    doubtful.talk(world.post)
    assert world.states == [S.SUCCEEDED]


def test_its_alert_counts_before_its_state_is_asked(world: World, doubtful: Device):
    doubtful.finishes(410, "10")
    world.at_s += 60
    doubtful.heard.clear()
    doubtful.talk(world.post)
    asked = [c for m in doubtful.heard for c in m.commands if isinstance(c, Get | Exec)]
    assert asked == []
    assert world.states == [S.FAILED]
    assert len(doubtful.execs) == 1


def test_an_error_to_a_repeated_exec_proves_nothing(world: World, doubtful: Device):
    doubtful.state = "10"
    doubtful.statuses["Exec ./FwUpdate/x/DownloadAndUpdate"] = 403
    world.at_s += 60
    doubtful.talk(world.post)
    assert world.operation().sendings == 2
    assert world.states == [S.SENT]


def test_a_device_at_work_gets_three_more_deadlines_and_no_more(world: World, device: Device):
    world.orders(device, deadline_s=DAY_S)
    device.talk(world.post)
    for number in range(1, DEADLINES_MAX + 1):
        world.at_s = world.operation().due_at_s + 1
        device.talk(world.post)
        assert (world.states, world.operation().asked) == ([S.ACCEPTED], number)
    world.at_s = world.operation().due_at_s + 1
    device.talk(world.post)
    assert world.states == [S.UNKNOWN]
    assert world.results == []


@pytest.mark.parametrize("state", ["10", "20", "50", "90", "100"])
def test_past_the_deadline_another_state_is_shown_and_never_taken_for_a_result(
    world: World, device: Device, state: str
):
    world.orders(device)
    device.talk(world.post)
    device.state = state
    world.at_s += DAY_S + 1
    device.talk(world.post)
    assert world.states == [S.UNKNOWN]
    assert world.operation().state_seen == int(state)
    assert world.results == []
    device.finishes(200, state)
    device.talk(world.post)
    assert (world.states, world.matches) == ([S.SUCCEEDED], ["late"])


def test_a_device_that_stays_away_is_unknown_after_one_more_deadline(world: World, device: Device):
    world.orders(device)
    device.talk(world.post)
    world.at_s += 1.5 * DAY_S
    assert sweep(world.store, world.at_s) == 0
    world.at_s += DAY_S
    assert sweep(world.store, world.at_s) == 1
    assert world.states == [S.UNKNOWN]


def test_what_was_never_sent_expires_and_is_not_sent_any_more(world: World, device: Device):
    world.orders(device)
    world.at_s += DAY_S + 1
    device.talk(world.post)
    assert device.execs == []
    assert sweep(world.store, world.at_s) == 1
    assert world.states == [S.EXPIRED]
    device.talk(world.post)
    assert device.execs == []


def test_a_refused_message_with_the_exec_is_said_again(world: World, device: Device):
    """The device's own word: it refused our credentials, so nothing in the message was done."""
    from msgspec.structs import replace

    world.orders(device)
    body: bytes | None = device.begin()
    while body is not None and not device.execs:
        answer = world.post(device, body)
        if b"<Exec>" in answer.body and not any("refused" in str(n) for n in device.acked):
            break
        device.hear(answer)
        body = device.go_on()
    # the device forgot that the server had proved itself, and refuses the message with the Exec
    assert device.session
    device.session = replace(device.session, trusted=False)
    device.hear(answer)
    assert device.execs == []
    body = device.go_on()
    while body is not None:
        device.hear(world.post(device, body))
        body = device.go_on()
    assert len(device.execs) == 1
    assert world.states == [S.ACCEPTED]
