"""The gates of a whole device: it waits with a reason, over restarts, and not for ever."""

import pytest
from msgspec.structs import replace

from fumo.codes import Kind
from fumo.device.agent import Ending
from fumo.device.asking import Request
from fumo.testing.circumstances import FINE, ScriptedCircumstances, ScriptedConsent
from fumo.testing.world import URL, DeviceWorld, package
from fumo.update.conditions import Network
from fumo.update.rule import Gates, Rule
from fumo.update.tally import Stage, Word
from fumo.update.windows import parse

LOW = replace(FINE, battery=10, mains=False)
METERED = replace(FINE, network=Network.METERED)
CALL = replace(FINE, in_use=True)
DAY_S = 86400.0
HOUR = Rule(deadline_s=3600.0)
"""A rule whose wait is over within an hour."""


class GatedWorld(DeviceWorld):
    """A device with gates, to which an update was ordered."""

    def __init__(self, kind: Kind = Kind.DOWNLOAD_AND_UPDATE, **rules: Rule) -> None:
        super().__init__()
        self.setup = replace(self.setup, gates=Gates(**rules))
        self.circumstances = ScriptedCircumstances()
        self.consent = ScriptedConsent()
        self.depot.files[URL] = package(b"new firmware", "2")
        self.server.orders(kind, URL)

    @property
    def told(self) -> list[int]:
        return [alert.number for alert in self.server.heard]

    @property
    def shut(self) -> list[tuple[object, object]]:
        return [(one["stage"], one["gate"]) for one in self.log.of("GateShut")]

    def later(self, seconds: float, change) -> None:
        """Once so much time has passed, the world changes."""
        at_s = self.clock.now_s() + seconds
        self.clock.alarms_s.append(at_s)
        look = self.circumstances.look

        def looks():
            if self.clock.now_s() >= at_s:
                change()
            return look()

        self.circumstances.look = looks

    def set(self, conditions) -> None:
        self.circumstances.now = conditions


def test_without_rules_nobody_looks_and_nothing_is_saved():
    world = GatedWorld()
    assert world.run() is Ending.DONE
    assert (world.told, world.circumstances.looks, world.consent.asked) == ([200], 0, [])


@pytest.mark.clause("C09", "C17")
@pytest.mark.parametrize(
    ("stage", "rule", "conditions", "gate", "state"),
    [
        ("download", replace(HOUR, network=Network.UNMETERED), METERED, "network", 30),
        ("download", replace(HOUR, free_bytes_min=1 << 41), FINE, "space", 30),
        ("install", replace(HOUR, battery_min=50), LOW, "power", 50),
        ("install", replace(HOUR, windows=(parse("05:00-06:00"),)), FINE, "window", 50),
        ("write", replace(HOUR, mains=True), LOW, "power", 60),
        ("reboot", replace(HOUR, idle=True), CALL, "idle", 60),
    ],
)
def test_it_waits_with_a_reason_and_goes_on_when_the_gate_opens(
    stage, rule, conditions, gate, state
):
    world = GatedWorld(**{stage: rule})
    world.set(conditions)
    seen = []

    def better():
        seen.append(world.state)
        world.set(replace(FINE, week_min=330, free_bytes=1 << 50))

    world.later(600.0, better)
    assert world.run() is Ending.DONE
    assert world.told == [200]
    assert world.shut == [(stage, gate)]
    assert seen[0] == state
    assert [one["stage"] for one in world.log.of("GateOpen")] == [stage]


@pytest.mark.clause("C14")
@pytest.mark.parametrize(
    ("stage", "rule", "conditions", "result", "state"),
    [
        ("download", replace(HOUR, network=Network.UNMETERED), METERED, 400, 20),
        ("download", replace(HOUR, free_bytes_min=1 << 41), FINE, 501, 20),
        ("install", replace(HOUR, battery_min=50), LOW, 400, 80),
        ("install", replace(HOUR, consent=True), FINE, 400, 80),
        ("write", replace(HOUR, mains=True), LOW, 400, 80),
    ],
)
def test_past_its_deadline_it_ends_and_says_so_once(stage, rule, conditions, result, state):
    world = GatedWorld(**{stage: rule})
    world.set(conditions)
    assert world.run() is Ending.DONE
    assert (world.told, world.state) == ([result], state)
    assert world.environment.flipped == []
    assert world.clock.slept_s >= 3600.0


def test_past_its_deadline_the_restart_happens():
    world = GatedWorld(reboot=replace(HOUR, idle=True))
    world.set(CALL)
    assert world.run() is Ending.DONE
    assert world.told == [200]
    assert [one["gate"] for one in world.log.of("GateForced")] == ["idle"]
    assert world.clock.slept_s >= 3600.0


def test_t13_it_is_downloaded_and_written_only_once_somebody_agrees():
    asks = replace(HOUR, consent=True)
    world = GatedWorld(download=asks, install=asks, reboot=asks)
    world.consent.words.extend([None, Word.YES, Word.YES, None, None, Word.YES])
    assert world.run() is Ending.DONE
    assert world.told == [200]
    assert [one.stage for one in world.consent.asked] == ["download", "install", "reboot"]
    assert [one["word"] for one in world.log.of("Answered")] == ["yes"] * 3


@pytest.mark.parametrize(
    ("stage", "fetched", "state"), [("download", False, 20), ("install", True, 80)]
)
def test_t13_no_before_and_after_the_download_is_401(stage, fetched, state):
    world = GatedWorld(**{stage: replace(HOUR, consent=True)})
    world.consent.words.append(Word.NO)
    assert world.run() is Ending.DONE
    assert (world.told, world.state) == ([401], state)
    assert bool(world.depot.fetches) is fetched
    assert world.environment.written == []


def test_t13_later_is_counted_and_then_no_answer_any_more():
    world = GatedWorld(install=replace(HOUR, consent=True, deferrals_max=2, defer_s=600.0))
    world.consent.words.extend([Word.LATER, Word.LATER, Word.LATER, Word.YES])
    assert world.run() is Ending.DONE
    assert world.told == [200]
    assert [Word.LATER in one.words for one in world.consent.asked] == [True, False]
    assert world.clock.slept_s >= 1200.0


def test_a_person_agrees_at_noon_to_what_the_night_allows():
    world = GatedWorld(install=replace(HOUR, consent=True, windows=(parse("05:00-06:00"),)))
    world.consent.words.append(Word.YES)
    world.later(600.0, lambda: world.set(replace(FINE, week_min=300)))
    assert world.run() is Ending.DONE
    assert world.told == [200]
    assert world.shut == [("install", "window")]


def restarted(world: GatedWorld, times: int, every_s: float) -> None:
    """So many lives that end while the operation waits."""
    for _ in range(times):
        until_s = world.clock.now_s() + every_s
        world.clock.alarms_s.append(until_s)
        world.agent().run(
            once=False, stopping=lambda until_s=until_s: world.clock.now_s() >= until_s
        )


@pytest.mark.parametrize("stage", ["download", "install", "write"])
def test_f19_restarts_neither_lose_nor_stretch_a_deadline(stage):
    world = GatedWorld(**{stage: Rule(battery_min=50, deadline_s=6000.0)})
    world.set(LOW)
    began_s = world.clock.now_s()
    restarted(world, 20, every_s=150.0)
    assert world.told == []
    assert world.run() is Ending.DONE
    waited_s = world.clock.now_s() - began_s
    assert world.told == [400]
    assert 6000.0 - 21 * 60.0 <= waited_s <= 6000.0 + 120.0


@pytest.mark.parametrize("stage", ["download", "install", "write"])
def test_what_waits_over_many_restarts_still_goes_on(stage):
    world = GatedWorld(**{stage: Rule(battery_min=50)})
    world.set(LOW)
    restarted(world, 40, every_s=130.0)
    world.set(FINE)
    assert world.run() is Ending.DONE
    assert world.told == [200]
    attempts = [(one["phase"], one["n"]) for one in world.log.of("AttemptBegun")]
    assert attempts == [("download", 1)]


def test_a_device_that_is_never_on_for_long_reaches_its_deadline():
    world = GatedWorld(install=Rule(battery_min=50, deadline_s=600.0))
    world.set(LOW)
    restarted(world, 30, every_s=1.0)
    assert world.run() is Ending.DONE
    assert world.told == [400]


def test_an_answer_survives_a_restart():
    world = GatedWorld(install=replace(HOUR, consent=True, battery_min=50))
    world.consent.words.append(Word.YES)
    world.set(LOW)
    restarted(world, 3, every_s=100.0)
    world.set(FINE)
    assert world.run() is Ending.DONE
    assert (world.told, len(world.consent.asked)) == ([200], 1)


def test_sessions_go_on_while_it_waits():
    world = GatedWorld(install=replace(HOUR, battery_min=50))
    world.set(LOW)
    world.later(1800.0, lambda: world.set(FINE))
    world.run()
    assert len(world.log.of("SessionEnds")) > 20


def test_a_long_wait_is_no_flood_in_the_log():
    world = GatedWorld(install=Rule(battery_min=50, deadline_s=2 * DAY_S))
    world.set(LOW)
    world.run()
    assert len(world.log.of("GateShut")) == 1
    assert world.log.of("Waits") == []


def test_the_question_names_the_object_and_the_stage():
    world = GatedWorld(install=replace(HOUR, consent=True))
    world.consent.words.append(Word.YES)
    world.run()
    [asked] = world.consent.asked
    assert asked == Request(1, Stage.INSTALL, "./FwUpdate/Primary", tuple(Word))


PRIMARY = "./FwUpdate/Primary"


def lives_until(world: GatedWorld, seconds: float, deed=lambda agent: None):
    """One life that ends after a while; the deed is done at its end, in its thread."""
    until_s = world.clock.now_s() + seconds
    world.clock.alarms_s.append(until_s)
    agent = world.agent()
    told = []

    def stopping() -> bool:
        if world.clock.now_s() < until_s:
            return False
        told.append(deed(agent))
        return True

    agent.run(once=False, stopping=stopping)
    return told[0]


@pytest.mark.parametrize(("stage", "state"), [("download", 20), ("install", 80)])
def test_t13_a_person_cancels_what_waits(stage, state):
    world = GatedWorld(**{stage: replace(HOUR, battery_min=50)})
    world.set(LOW)
    until_s = world.clock.now_s() + 300.0
    agent = world.agent()
    said = []

    def stopping() -> bool:
        if world.clock.now_s() >= until_s and not said:
            said.append(agent.wishes.cancel(PRIMARY))
        return world.told != []

    world.clock.alarms_s.append(until_s)
    agent.run(once=False, stopping=stopping)
    assert said == [""]
    assert world.told == [401]
    world.set(FINE)
    world.run()
    assert (world.told, world.state, world.environment.written) == ([401], state, [])


def test_t13_a_deferral_from_a_person_survives_a_restart():
    world = GatedWorld(install=replace(HOUR, battery_min=50, deferrals_max=1))
    world.set(LOW)
    assert lives_until(world, 60.0, lambda agent: agent.wishes.defer(PRIMARY, 1200.0)) == ""
    world.set(FINE)
    began_s = world.clock.now_s()
    again = lives_until(world, 60.0, lambda agent: agent.wishes.defer(PRIMARY))
    assert again == "it was put off 1 times: that is all there is"
    assert world.run() is Ending.DONE
    assert world.told == [200]
    assert 1000.0 <= world.clock.now_s() - began_s <= 1400.0


def test_status_tells_the_reason_and_how_long():
    world = GatedWorld(install=replace(HOUR, battery_min=50))
    world.set(LOW)
    waiting = lives_until(world, 600.0, lambda agent: agent.wishes.waiting(PRIMARY))
    assert waiting.reason == "battery at 10 %, 50 % are needed"
    assert (waiting.stage, waiting.deadline_s) == (Stage.INSTALL, 3600.0)
    assert 540.0 <= waiting.waited_s <= 600.0
    idle = GatedWorld()
    idle.run()
    assert idle.agent().wishes.waiting(PRIMARY) is None


def test_a_word_from_elsewhere_opens_the_gate():
    world = GatedWorld(install=replace(HOUR, consent=True))
    assert lives_until(world, 60.0, lambda agent: agent.wishes.answer(PRIMARY, Word.YES)) == ""
    assert world.run() is Ending.DONE
    assert world.told == [200]


def test_what_is_written_is_not_cancelled():
    world = GatedWorld(reboot=replace(HOUR, idle=True))
    world.set(CALL)
    why = lives_until(world, 60.0, lambda agent: agent.wishes.cancel(PRIMARY))
    assert why == "it is too late for that"
    assert world.run() is Ending.DONE
    assert world.told == [200]
