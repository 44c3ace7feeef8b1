"""A new image is judged on trial: it has to be the right one, well, and to reach its server."""

from dataclasses import dataclass

import pytest
from msgspec.structs import replace

from fumo.codes import Kind
from fumo.device.agent import Ending
from fumo.device.edges.checkup import CheckedUp
from fumo.device.health import Contact, HealthGate, HealthRule
from fumo.testing.circumstances import FINE, ScriptedCircumstances
from fumo.testing.machine import Listened, VirtualClock
from fumo.testing.update_agent import TRIALS_MAX, Environment, ScriptedUpdateAgent
from fumo.testing.world import URL, DeviceWorld, package
from fumo.update.duty import CheckHealth, MarkGood, Wait
from fumo.update.failures import Cause
from fumo.update.happening import HealthFailed
from fumo.update.operation import Evidence, Intent, Policy, Target
from fumo.update.rule import Gates, Rule

MODEM_URL = "http://127.0.0.1/modem"
INTENT = Intent("1-ab", "slot-b", "1", "2", "00" * 32, 9, boot_id=2)
OWED = CheckHealth(1, INTENT)


@dataclass
class Held:
    met: bool


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
    story.contact.watches(Held(met=False))
    assert isinstance(story.asked(), Wait)
    story.contact.watches(Held(met=True))
    story.contact.watches(Held(met=False))
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


# The whole device.


class TrialWorld(DeviceWorld):
    """A device to which an update was ordered; on trial its network is as `reaches` says."""

    def __init__(self, reaches_after_s: float | None = 0.0, program: str = "exit 0"):
        super().__init__()
        self.reaches_after_s, self.program = reaches_after_s, program
        self.depot.files[URL] = package(b"new firmware", "2")
        self.server.orders(Kind.DOWNLOAD_AND_UPDATE, URL)
        self.network.watch = self.is_asked
        self.booted_s = 0.0
        self.seen = []

    def boot(self):
        super().boot()
        self.booted_s = self.clock.now_s()

    def update_agent(self):
        inner = ScriptedUpdateAgent(self.environment)
        return CheckedUp(inner, ("/bin/sh", "-c", self.program), 20.0, self.log)

    def is_asked(self):
        self.seen += list(self.environment.seen.values())[:1]
        waited_s = self.clock.now_s() - self.booted_s
        never = self.reaches_after_s is None
        late = never or waited_s < self.reaches_after_s
        self.network.down = Evidence.TRIAL in self.environment.seen.values() and late

    @property
    def told(self):
        return [alert.number for alert in self.server.heard]


def test_f26_firmware_that_cannot_reach_its_server_falls_back_and_the_failure_is_told():
    world = TrialWorld(reaches_after_s=None)
    world.run()
    assert world.told == [410]
    assert world.environment.version == "1"
    assert len(world.log.of("NotMet")) == TRIALS_MAX
    assert world.clock.slept_s >= TRIALS_MAX * world.setup.health.timeout_s


def test_f26_firmware_that_reaches_its_server_in_time_is_committed_after_that_only():
    world = TrialWorld(reaches_after_s=120.0)
    world.run()
    assert world.told == [200]
    assert Evidence.TRIAL in world.seen
    assert world.seen[-1] is Evidence.GOOD
    assert not world.log.of("NotMet")


def test_f26_without_the_rule_no_server_is_waited_for():
    world = TrialWorld(reaches_after_s=None)
    world.setup = replace(world.setup, health=HealthRule(session=False))
    world.run()
    assert world.told == [200]


def test_firmware_that_the_makers_program_finds_unwell_falls_back():
    world = TrialWorld(program="exit 1")
    world.run()
    assert world.told == [410]
    assert len(world.log.of("CheckedUp")) == TRIALS_MAX


def test_what_failed_for_good_is_undone_and_what_may_pass_is_not():
    for cause, told, aborted in ((Cause.NO_SPACE_UPDATE, [502], 1), (Cause.WRITE_ERROR, [200], 0)):
        world = TrialWorld()
        world.environment.write_faults.append(cause)
        world.run()
        assert world.told == told
        assert len(world.environment.aborted) == aborted


def test_what_waited_at_a_gate_in_vain_is_undone():
    world = TrialWorld()
    world.circumstances = ScriptedCircumstances(replace(FINE, mains=False))
    rule = Rule(mains=True, deadline_s=600.0)
    world.setup = replace(world.setup, gates=Gates(write=rule))
    world.run()
    assert world.told == [400]
    assert (world.environment.written, len(world.environment.aborted)) == ([], 1)


def test_an_image_on_trial_is_judged_before_another_object_starts_the_machine():
    world = DeviceWorld(others=["Modem"])
    modem = world.others["Modem"].environment
    world.depot.files[URL] = world.depot.files[MODEM_URL] = package(b"new firmware", "2")
    world.server.orders(Kind.DOWNLOAD_AND_UPDATE, URL, "a")
    world.server.orders(Kind.DOWNLOAD_AND_UPDATE, MODEM_URL, "b", of="./FwUpdate/Modem")
    modem.write_faults.append(Cause.WRITE_ERROR)  # so it flips while the other is on trial
    booted_s = [0.0]

    def is_asked():
        on_trial = Evidence.TRIAL in world.environment.seen.values()
        if on_trial and not booted_s[0]:
            booted_s[0] = world.clock.now_s()
        world.network.down = on_trial and world.clock.now_s() < booted_s[0] + 120.0

    world.network.watch = is_asked
    world.run()
    assert sorted(alert.number for alert in world.server.heard) == [200, 200]
    assert (world.environment.trials, modem.trials) == (1, 1)


class Dies(Exception):
    """The agent, in its first session."""


class DeadlyLink:
    """Whoever opens a session on trial dies of it."""

    def __init__(self, world: DeviceWorld) -> None:
        self._world = world

    def __getattr__(self, name: str) -> object:
        if Evidence.TRIAL in self._world.environment.seen.values():
            raise Dies
        return getattr(self._world.network, name)


class Mortal(DeviceWorld):
    """A device whose new image has an agent that dies in every session."""

    @property
    def link(self):
        return DeadlyLink(self)

    def restarts(self) -> Ending | None:
        """The service manager starts the agent again, on a machine that goes on running."""
        try:
            return self.agent().run(once=True)
        except Dies:
            return None


def test_f26_an_agent_that_dies_in_its_sessions_on_trial_falls_back_all_the_same():
    world = Mortal(policy=Policy(boots_max=4))
    world.depot.files[URL] = package(b"new firmware", "2")
    world.server.orders(Kind.DOWNLOAD_AND_UPDATE, URL)
    assert world.live() is Ending.REBOOT
    world.boot()
    starts = 0
    while world.restarts() is not Ending.REBOOT:
        starts += 1
        assert starts < 10
    assert starts > 1
    assert world.run() is Ending.DONE
    assert [alert.number for alert in world.server.heard] == [410]
    assert world.environment.version == "1"


def test_i5_what_is_armed_when_the_boots_are_spent_is_never_tried():
    world = DeviceWorld(policy=Policy(boots_max=2))
    world.depot.files[URL] = package(b"new firmware", "2")
    world.server.orders(Kind.DOWNLOAD_AND_UPDATE, URL)
    assert world.live() is Ending.REBOOT
    while world.agent().run(once=True) is Ending.REBOOT:  # it starts anew, the machine does not
        assert list(world.environment.seen.values()) == [Evidence.FLIPPED]
    assert [alert.number for alert in world.server.heard] == [410]
    world.boot()
    assert list(world.environment.seen.values()) == [Evidence.WRITTEN]
