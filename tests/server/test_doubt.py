"""An Exec without an answer, a result that does not come: State is asked, nothing is guessed."""

import pytest
from msgspec.structs import replace

from fumo.codes import AlertCode
from fumo.dm.codec import decode, encode
from fumo.dm.message import Alert, Exec, Get
from fumo.dm.session import Request
from fumo.server.rows import OperationState
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


@pytest.mark.parametrize("code", [403, 500, 503])
def test_not_now_to_a_repeated_exec_proves_nothing(world: World, doubtful: Device, code: int):
    doubtful.state = "10"
    doubtful.statuses["Exec ./FwUpdate/x/DownloadAndUpdate"] = code
    world.at_s += 60
    doubtful.talk(world.post)
    assert world.operation().sendings == 2
    assert world.states == [S.SENT]


@pytest.mark.parametrize("code", [404, 405, 406, 425])
def test_a_refusal_of_a_repeated_exec_closes_it_and_a_late_alert_still_counts(
    world: World, doubtful: Device, code: int
):
    """The refusal of the first one was lost: without this the device is blocked for days."""
    doubtful.state = "10"
    doubtful.statuses["Exec ./FwUpdate/x/DownloadAndUpdate"] = code
    world.at_s += 60
    doubtful.talk(world.post)
    assert world.states == [S.REFUSED]
    assert str(code) in world.operation().reason
    doubtful.finishes(200, "90")
    doubtful.talk(world.post)
    assert (world.states, world.matches) == ([S.SUCCEEDED], ["late"])


def lose_the_exec(world: World, device: Device) -> None:
    """The server's message with the Exec never comes; that session is not gone on with."""
    body: bytes | None = device.begin()
    while body is not None:
        reply = world.post(device, body)
        if world.states == [S.SENT]:
            return
        device.hear(reply)
        body = device.go_on()


@pytest.mark.parametrize(
    ("before", "now", "sendings"),
    [("10", "10", 8), ("40", "40", 8), ("50", "50", 8)]
    + [(end, end, 2) for end in ("20", "70", "80", "90", "100")]
    + [("70", "80", 2), ("90", "100", 2)]
    + [("80", "70", 1), ("10", "20", 1), ("20", "10", 1), ("", "10", 1)]
    + [("", "", 2)],
)
def test_how_often_the_same_exec_leaves(
    world: World, device: Device, before: str, now: str, sendings: int
):
    """Where State tells how an operation ended, it may be this one: a server restored from a
    backup cannot know. Its clean-up (70 to 80, 90 to 100) is no new end. "": no State at all."""
    device.state = before
    world.orders(device, deadline_s=30 * DAY_S)
    lose_the_exec(world, device)
    device.state = now
    device.statuses["Exec ./FwUpdate/x/DownloadAndUpdate"] = 403
    for _ in range(10):
        world.at_s += 400
        device.talk(world.post)
    assert world.operation().sendings == sendings
    assert world.states == [S.SENT]


@pytest.mark.parametrize("how", ["alert", "deadline"])
def test_an_exec_is_not_said_again_after_its_operation_was_closed(
    world: World, doubtful: Device, how: str
):
    """State was asked in a package that goes on; what came in the rest of it counts first."""
    doubtful.state = "10"
    doubtful.hear(world.post(doubtful, doubtful.begin()))
    said = decode(doubtful.go_on() or b"", doubtful.media_type)
    not_final = encode(replace(said, final=False), doubtful.media_type)
    doubtful.hear(world.post(doubtful, not_final))
    assert doubtful.session
    doubtful.session = replace(doubtful.session, peer_final=True)
    if how == "alert":
        more: Alert = doubtful.finishes(503, "20")
    else:
        more = Alert(AlertCode.NEXT_MESSAGE)
        world.at_s += 250
        world.runs("UPDATE operation SET due_at_s = 0, deadline_s = 1")
        assert world.sweeps() == 1
    reply = world.post(doubtful, doubtful.say((), [Request("more", more)]))
    assert reply.status == 200
    commands = decode(reply.body, reply.media_type).commands
    assert not [c for c in commands if isinstance(c, Exec)]
    assert world.states == [S.FAILED if how == "alert" else S.UNKNOWN]


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
    assert world.sweeps() == 0
    world.at_s += DAY_S
    assert world.sweeps() == 1
    assert world.states == [S.UNKNOWN]


def test_what_was_never_sent_expires_and_is_not_sent_any_more(world: World, device: Device):
    world.orders(device)
    world.at_s += DAY_S + 1
    device.talk(world.post)
    assert device.execs == []
    assert world.sweeps() == 1
    assert world.states == [S.EXPIRED]
    device.talk(world.post)
    assert device.execs == []


def test_a_refused_message_with_the_exec_is_said_again(world: World, device: Device):
    """The device's own word: it refused our credentials, so nothing in the message was done."""
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
