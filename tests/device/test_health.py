"""A new image is judged on trial: it has to be the right one, well, and to reach its server."""

import pytest

from fumo.device.edges.checkup import CheckedUp
from fumo.device.health import Contact, HealthGate, HealthRule
from fumo.testing.machine import Listened, VirtualClock
from fumo.testing.update_agent import Environment, ScriptedUpdateAgent
from fumo.update.duty import CheckHealth, MarkGood, Wait
from fumo.update.happening import HealthFailed
from fumo.update.operation import Intent, Target

INTENT = Intent("1-ab", "slot-b", "1", "2", "00" * 32, 9, boot_id=2)
OWED = CheckHealth(1, INTENT)


class Story:
    def __init__(self, **rule):
        self.clock, self.contact, self.log = VirtualClock(), Contact(), Listened()
        rule = HealthRule(**rule)
        self.gate = HealthGate(rule, self.contact, self.clock, self.log)

    def asked(self, owed=OWED):
        return self.gate(owed, Target())


def test_f26_the_check_waits_until_the_server_was_met():
    story = Story(timeout_s=600.0)
    wait = story.asked()
    assert isinstance(wait, Wait)
    assert wait.until_s == story.clock.now_s() + 600
    assert "server" in wait.reason
    story.contact.met = True
    assert story.asked() is None


def test_f26_after_its_time_an_image_that_met_nobody_is_not_well():
    story = Story(timeout_s=600.0)
    story.asked()
    story.clock.sleep(599)
    assert isinstance(story.asked(), Wait)
    story.clock.sleep(1)
    assert story.asked() == HealthFailed(1)
    assert story.log.of("NotMet")


def test_only_the_health_check_waits_and_only_where_a_session_is_asked_for():
    assert Story().asked(MarkGood(1, INTENT)) is None
    assert Story(session=False).asked() is None


def checked(script, sick=False, timeout_s=20.0):
    log = Listened()
    inner = ScriptedUpdateAgent(Environment(sick=sick))
    return CheckedUp(inner, ("/bin/sh", "-c", script), timeout_s, log).healthy(INTENT), log


@pytest.mark.parametrize(
    ("script", "well"),
    [
        ("exit 0", True),
        ("exit 1", False),
        ("kill -9 $$", False),
        ('[ "$FUMO_TO_VERSION" = 2 ]', True),
    ],
)
def test_the_makers_program_has_a_say(script, well):
    told, log = checked(script)
    assert told is well
    assert len(log.of("CheckedUp")) == 1


def test_a_program_that_does_not_come_to_an_end_finds_nothing_well():
    assert not checked("sleep 60", timeout_s=0.2)[0]


def test_where_the_wrong_image_runs_no_program_is_asked():
    told, log = checked("exit 0", sick=True)
    assert not told
    assert log.events == []


def test_a_program_that_is_not_there_finds_nothing_well():
    log = Listened()
    inner = ScriptedUpdateAgent(Environment())
    assert not CheckedUp(inner, ("/no/such/program",), 1.0, log).healthy(INTENT)
    assert log.of("CheckupNotStarted")
