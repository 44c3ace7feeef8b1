"""The user of a device is asked before an update is ordered, where its campaign wants it (S05)."""

import pytest

from fumo.codes import Kind
from fumo.dm.message import Alert, Exec, Replace
from fumo.dm.session import Answer, Asked
from fumo.dm.ui import Question, question
from fumo.server.consent import AGAIN_S, WAIT_S
from fumo.server.proof import SESSION_AGE_S
from fumo.server.rows import OperationState
from tests.server.device import Device
from tests.server.world import DAY_S, World

S = OperationState
UI = range(1100, 1105)


class Personal(Device):
    """A device with somebody at it, who says the same each time."""

    says: int = 200

    def __init__(self, says: int = 200) -> None:
        super().__init__()
        self.says = says
        self.questions: list[Alert] = []

    def answer(self, event: Asked) -> Answer:
        command = event.command
        if isinstance(command, Alert) and command.code in UI:
            self.questions.append(command)
            return Answer(event.ref, self.says)
        return super().answer(event)


def asked(world: World, says: int, **terms: object) -> Personal:
    """A campaign that wants consent, and one session."""
    device = Personal(says)
    world.knows(device)
    world.orders(device, consent=True, **terms)
    device.talk(world.post)
    return device


@pytest.mark.clause("S05")
def test_a_yes_lets_the_order_leave_in_the_same_session(world: World):
    device = asked(world, 200)
    assert len(device.questions) == 1
    assert world.states == [S.ACCEPTED]
    heard = [c for m in device.heard for c in m.commands]
    [when] = [n for n, c in enumerate(heard) if isinstance(c, Alert)]
    assert all(n > when for n, c in enumerate(heard) if isinstance(c, Replace | Exec))


@pytest.mark.clause("S05")
def test_a_no_is_a_refusal_and_nothing_was_said_of_the_order(world: World):
    device = asked(world, 304)
    assert world.states == [S.REFUSED]
    assert "the user said no" in world.operation().reason
    assert device.execs == []
    assert not any(isinstance(c, Replace) for m in device.heard for c in m.commands)
    device.talk(world.post)
    assert len(device.questions) == 1


@pytest.mark.parametrize("code", [406, 405, 500])
def test_who_has_nobody_to_ask_is_not_updated_unasked(world: World, code: int):
    device = asked(world, code)
    assert world.states == [S.REFUSED]
    assert f"cannot be asked ({code})" in world.operation().reason
    assert device.execs == []


@pytest.mark.parametrize("code", [214, 215, 408])
def test_no_answer_is_asked_again_hours_later_until_the_deadline(world: World, code: int):
    device = asked(world, code)
    assert world.states == [S.PLANNED]
    device.talk(world.post)
    assert len(device.questions) == 1
    world.at_s += AGAIN_S
    device.talk(world.post)
    assert len(device.questions) == 2
    device.says = 200
    world.at_s += AGAIN_S
    device.talk(world.post)
    assert (len(device.questions), world.states) == (3, [S.ACCEPTED])


def test_nobody_is_asked_past_the_deadline(world: World):
    device = asked(world, 214)
    world.at_s += DAY_S + 1
    device.talk(world.post)
    assert len(device.questions) == 1


def test_a_yes_is_of_one_session(world: World):
    """The session broke before the order left: a yes of another day is none of today's."""
    device = Personal()
    world.knows(device)
    world.orders(device, consent=True)
    body: bytes | None = device.begin()
    while body is not None and not device.questions:
        device.hear(world.post(device, body))
        body = device.go_on()
    world.post(device, body or b"")  # the yes arrives, and what it is answered is lost
    world.at_s += AGAIN_S
    device.talk(world.post)
    assert len(device.questions) == 2
    assert world.states == [S.ACCEPTED]


@pytest.mark.parametrize("kind", list(Kind))
def test_what_the_user_reads(world: World, kind: Kind):
    device = asked(world, 200, kind=kind)
    shown = question(device.questions[0])
    assert isinstance(shown, Question)
    assert "fw 2" in shown.text
    assert shown.wait_s == WAIT_S < SESSION_AGE_S


def test_another_order_does_not_wait_for_a_user_who_does_not_answer(world: World):
    device = asked(world, 214)
    world.orders(device)
    device.talk(world.post)
    assert world.states == [S.PLANNED, S.ACCEPTED]


def test_where_nobody_wants_it_nobody_is_asked(world: World):
    device = Personal()
    world.knows(device)
    world.orders(device)
    device.talk(world.post)
    assert device.questions == []
    assert world.states == [S.ACCEPTED]
