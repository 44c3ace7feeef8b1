"""Gates beside everything else: another object, a back-off, a download that runs, any weather."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from fumo.codes import Kind
from fumo.device.agent import Agent, Ending
from fumo.device.asking import Request
from fumo.device.edges.pace import Limits
from fumo.testing.circumstances import FINE, ScriptedCircumstances
from fumo.testing.update_agent import ScriptedUpdateAgent
from fumo.testing.world import URL, DeviceWorld, package
from fumo.update.conditions import Conditions, Network
from fumo.update.failures import Cause
from fumo.update.happening import Happening
from fumo.update.operation import Intent, Policy
from fumo.update.rule import Gates, Rule
from fumo.update.tally import Word

PRIMARY, MODEM = "./FwUpdate/Primary", "./FwUpdate/Modem"
BOTH = Kind.DOWNLOAD_AND_UPDATE
HOUR = Rule(deadline_s=3600.0)
LOW = replace(FINE, battery=10, mains=False)


class Choosy:
    """Agrees for some objects, and for the others not yet."""

    def __init__(self, *objects: str) -> None:
        self.objects = set(objects)

    def answer(self, request: Request) -> Word | None:
        return Word.YES if request.object_uri in self.objects else None


def told(world: DeviceWorld) -> list[int]:
    return [alert.number for alert in world.server.heard]


def test_one_object_waits_while_the_other_is_updated_and_reboots():
    world = DeviceWorld(others=("Modem",))
    world.setup = replace(world.setup, gates=Gates(install=replace(HOUR, consent=True)))
    world.depot.files[URL] = package(b"new firmware", "2")
    world.consent = person = Choosy(MODEM)
    world.server.orders(BOTH, URL, "a", of=PRIMARY)
    world.server.orders(BOTH, URL, "b", of=MODEM)
    assert world.live() is Ending.REBOOT
    assert (world.state, world.state_of("Modem")) == (50, 60)
    world.boot()
    world.agent().run(once=False, stopping=lambda: told(world) != [])
    assert told(world) == [200]
    assert world.state == 50
    person.objects.add(PRIMARY)
    assert world.run() is Ending.DONE
    assert told(world) == [200, 200]
    assert [one["n"] for one in world.log.of("AttemptBegun")] == [1, 1]


class SaysItOnce:
    """Agrees to the modem at once, and to the other just when the machine is to start again."""

    def __init__(self, world: DeviceWorld) -> None:
        self._world = world
        self.said = 0

    def answer(self, request: Request) -> Word | None:
        if request.object_uri == MODEM:
            return Word.YES
        if not self._world.others["Modem"].environment.flipped or self.said:
            return None
        self.said += 1
        return Word.YES


def test_a_word_said_just_before_the_restart_is_not_lost():
    world = DeviceWorld(others=("Modem",))
    world.setup = replace(world.setup, gates=Gates(install=replace(HOUR, consent=True)))
    world.depot.files[URL] = package(b"new firmware", "2")
    world.consent = person = SaysItOnce(world)
    world.server.orders(BOTH, URL, "a", of=PRIMARY)
    world.server.orders(BOTH, URL, "b", of=MODEM)
    assert world.run() is Ending.DONE
    assert (told(world), person.said) == ([200, 200], 1)


def during(world: DeviceWorld, when: Callable[[], bool], deed: Callable[[Agent], object]) -> None:
    """One life in which something is done at its moment; it ends once a result was told."""
    agent, done = world.agent(), []

    def stopping() -> bool:
        if not done and when():
            done.append(deed(agent))
        return told(world) != []

    world.boot()
    agent.run(once=False, stopping=stopping)
    assert done == [""]


def test_t13_a_cancel_does_not_wait_for_the_back_off():
    world = DeviceWorld(policy=Policy(backoff_base_s=1e5, backoff_cap_s=1e5))
    world.depot.always = Cause.RESET
    world.server.orders(BOTH, URL)
    during(world, lambda: world.log.of("Failed") != [], lambda agent: agent.wishes.cancel(PRIMARY))
    assert told(world) == [401]
    assert len(world.depot.fetches) == 1


def test_t13_a_cancel_ends_a_download_at_its_next_checkpoint():
    world = DeviceWorld(limits=Limits(checkpoint_bytes=10))
    world.depot.files[URL] = package(b"x" * 10_000, "2")
    world.server.orders(BOTH, URL)

    def begun() -> bool:
        return world.target.checkpoint is not None

    during(world, begun, lambda agent: agent.wishes.cancel(PRIMARY))
    assert (told(world), world.state) == ([401], 20)
    assert world.environment.written == []


@pytest.mark.parametrize("kind", [BOTH, Kind.DOWNLOAD])
def test_t13_a_cancel_amid_a_checkpoint_survives_a_kill(kind):
    world = DeviceWorld(limits=Limits(checkpoint_bytes=10))
    world.depot.files[URL] = package(b"x" * 10_000, "2")
    world.server.orders(kind, URL)
    agent, said = world.agent(), []

    def stopping() -> bool:
        if world.depot.fetches:
            said.append(agent.wishes.cancel(PRIMARY))
        return bool(said)

    agent.run(once=False, stopping=stopping)
    assert (said, told(world)) == ([""], [])
    assert world.run() is Ending.DONE
    assert (told(world), len(world.depot.fetches)) == ([401], 1)


def test_t13_a_cancel_amid_the_last_checkpoint_is_heard_before_the_install():
    world = DeviceWorld()
    world.depot.files[URL] = package(b"x" * 100, "2")
    world.server.orders(BOTH, URL)
    agent, said = world.agent(), []

    def stopping() -> bool:
        if said:
            return True
        if world.depot.fetches:
            said.append(agent.wishes.cancel(PRIMARY))
        return False

    agent.run(once=False, stopping=stopping)
    assert (said, world.target.held is None) == ([""], False)
    assert world.run() is Ending.DONE
    assert (told(world), world.environment.written) == ([401], [])


def test_a_gate_that_shuts_amid_a_download_holds_it_at_a_checkpoint():
    world = DeviceWorld(limits=Limits(checkpoint_bytes=10))
    rule = replace(HOUR, network=Network.UNMETERED)
    world.setup = replace(world.setup, gates=Gates(download=rule))
    world.depot.files[URL] = package(b"x" * 1000, "2")
    world.server.orders(BOTH, URL)
    world.circumstances = weather = ScriptedCircumstances()
    looks = weather.look

    def look() -> Conditions:
        amid = 5 < weather.looks < 20
        return replace(looks(), network=Network.METERED if amid else Network.UNMETERED)

    weather.look = look
    assert world.run() is Ending.DONE
    assert told(world) == [200]
    assert [one["gate"] for one in world.log.of("GateShut")] == ["network"]
    assert [one["n"] for one in world.log.of("AttemptBegun")] == [1]


RULES = Gates(
    download=replace(HOUR, network=Network.UNMETERED),
    install=replace(HOUR, battery_min=50, consent=True, defer_s=300.0),
    write=replace(HOUR, mains=True, deferrals_max=0),
    reboot=replace(HOUR, idle=True),
)
SKIES = st.builds(
    Conditions,
    battery=st.sampled_from([10, 60, None]),
    mains=st.sampled_from([True, False, None]),
    network=st.sampled_from([*Network, None]),
    in_use=st.sampled_from([True, False, None]),
)
WORDS = st.sampled_from([*Word, None, None])
LIVES = st.lists(st.tuples(SKIES, WORDS, st.integers(1, 900)), max_size=12)


class Person:
    """Says the same as long as it is asked in one life."""

    word: Word | None = None

    def answer(self, request: Request) -> Word | None:
        return self.word if self.word in request.words else None


@settings(max_examples=100, deadline=None)
@given(lives=LIVES)
def test_in_any_weather_and_over_any_restarts_it_ends_once_and_in_time(lives):
    world = DeviceWorld()
    world.setup = replace(world.setup, gates=RULES)
    world.depot.files[URL] = package(b"new firmware", "2")
    world.server.orders(BOTH, URL)
    world.circumstances, world.consent = weather, person = ScriptedCircumstances(), Person()
    began_s = world.clock.now_s()
    for weather.now, person.word, seconds in lives:
        until_s = world.clock.now_s() + seconds
        world.clock.alarms_s.append(until_s)
        world.boot()
        world.agent().run(once=False, stopping=lambda end=until_s: world.clock.now_s() >= end)
    assert world.run() is Ending.DONE
    assert len(told(world)) == 1
    assert told(world)[0] in (200, 400, 401)
    assert (told(world) == [200]) is (len(world.environment.flipped) == 1)
    assert [one["n"] for one in world.log.of("AttemptBegun")] in ([1], [])
    assert world.clock.now_s() - began_s <= 4 * 3600.0 + 60.0 * (len(lives) + 8) + 900.0


class CrashingAgent(ScriptedUpdateAgent):
    """The power goes in the middle of each write."""

    def apply(self, intent: Intent) -> Happening:
        raise PowerCut


class PowerCut(Exception):
    pass


def test_once_it_goes_on_each_crash_costs_an_attempt_again():
    world = DeviceWorld()
    world.setup = replace(world.setup, gates=Gates(write=replace(HOUR, mains=True)))
    world.depot.files[URL] = package(b"new firmware", "2")
    world.server.orders(BOTH, URL)
    world.circumstances = weather = ScriptedCircumstances(LOW)
    for _ in range(30):
        until_s = world.clock.now_s() + 30.0
        world.clock.alarms_s.append(until_s)
        world.agent().run(once=False, stopping=lambda end=until_s: world.clock.now_s() >= end)
    weather.now = FINE
    world.update_agent = lambda: CrashingAgent(world.environment)
    crashes = 0
    for _ in range(10):
        try:
            world.run()
        except PowerCut:
            crashes += 1
    assert (crashes, told(world)) == (3, [410])
