"""UI alerts on the device: asked, answered, or refused where nobody is (DM Protocol §10)."""

import pytest

from fumo.codes import AlertCode
from fumo.device.answering import QUESTIONS_MAX
from fumo.dm.message import Alert, Item
from fumo.dm.ui import Chose, Question, Said, Typed
from fumo.testing.user import ScriptedUser
from fumo.testing.world import DeviceWorld
from tests.device.asked import Device


def alert(code: int, *data: str) -> Alert:
    return Alert(code, items=tuple(Item(data=one) for one in data))


SHOW = alert(AlertCode.DISPLAY, "MINDT=10", "News")
ASK = alert(AlertCode.CONFIRM, "MAXDT=20&DR=1", "Sure?")
TYPE = alert(AlertCode.TEXT_INPUT, "MAXLEN=5", "Name?")
ONE = alert(AlertCode.SINGLE_CHOICE, "", "Which?", "a", "b")
MANY = alert(AlertCode.MULTIPLE_CHOICE, "", "Which?", "a", "b", "c")


@pytest.mark.clause("P6-04", "P6-05", "P6-06", "P6-07", "P3-07")
def test_a_user_s_answers_reach_the_server():
    world = DeviceWorld()
    world.user = ScriptedUser(Said.YES, Said.NO, Typed("CNN"), Chose((2,)), Chose((3, 1)))
    world.server.says.append([SHOW, ASK, TYPE, ONE, MANY])
    world.run()
    assert world.server.codes == [200, 304, 200, 200, 200]
    told = [[item.data for item in answer.items] for answer in world.server.answers]
    assert told == [[], [], ["CNN"], ["2"], ["3", "1"]]


@pytest.mark.clause("P6-02", "P6-03")
def test_the_user_is_asked_what_the_server_wrote():
    device = Device(Said.YES, Chose((1,)))
    device.codes(ASK, ONE)
    assert device.user.asked == [
        Question(AlertCode.CONFIRM, "Sure?", wait_s=20, default="1"),
        Question(AlertCode.SINGLE_CHOICE, "Which?", ("a", "b")),
    ]


@pytest.mark.clause("P6-09", "P6-01")
@pytest.mark.parametrize("code", range(1100, 1105))
def test_without_a_user_every_ui_alert_is_406(code: int):
    world = DeviceWorld()
    world.server.says.append([alert(code, "", "Words", "choice")])
    world.run()
    assert world.server.codes == [406]


@pytest.mark.clause("P6-01")
@pytest.mark.parametrize("code", [1105, 1202, 1227, 7])
def test_an_alert_that_is_none_of_dm_is_406(code: int):
    device = Device(Said.YES)
    assert device.codes(alert(code, "", "Words")) == [406]
    assert device.user.asked == []


def test_a_question_that_asks_nothing_is_412():
    device = Device(Said.YES)
    assert device.codes(alert(AlertCode.CONFIRM, "MINDT=1")) == [412]
    assert device.user.asked == []


@pytest.mark.clause("P6-05")
def test_who_lets_one_question_pass_is_not_asked_the_others():
    """Else one message of many questions would hold the device for days."""
    device = Device(Said.TIMED_OUT)
    assert device.codes(*[ASK] * 50) == [408] * 50
    assert len(device.user.asked) == 1


def test_a21_nobody_is_asked_for_ever():
    device = Device(*[Said.YES] * 100)
    assert device.codes(*[ASK] * 50) == [200] * QUESTIONS_MAX + [408] * (50 - QUESTIONS_MAX)
