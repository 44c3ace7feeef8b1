"""The loop: when sessions are held, that no work blocks them, and how a life ends."""

import contextlib
import signal
import time

import pytest

from fumo.codes import Kind
from fumo.device.agent import Agent, Ending
from fumo.device.compose import Parts, Ports, compose
from fumo.device.edges.aside import NewsClock, ThreadAside
from fumo.device.edges.downloader import HttpDownloader
from fumo.device.ports import Aside, Effect
from fumo.errors import MisuseError
from fumo.testing.disk import Fault
from fumo.testing.machine import AtOnce
from fumo.testing.world import URL, DeviceWorld, package
from fumo.update.happening import CleanedUp, Happening


class Slow(AtOnce):
    """An aside whose effects take some asking: a life in which work runs beside."""

    def __init__(self, polls: int) -> None:
        super().__init__()
        self._polls, self._left = polls, 0

    def begin(self, effect: Effect) -> None:
        super().begin(effect)
        self._left = self._polls

    def poll(self) -> Happening | None:
        self._left -= 1
        return super().poll() if self._left < 0 else None


def agent_with(world: DeviceWorld, aside: Aside) -> Agent:
    downloader = HttpDownloader(world.files, world.limits, True, world.depot.open_body)
    parts = {"Primary": Parts(downloader, world.update_agent(), aside)}
    things = (world.network, parts, world.clock, world.dice, world.log)
    return compose(world.setup, Ports(world.journal, *things))


def sessions(world: DeviceWorld) -> int:
    return len(world.log.of("SessionBegins"))


def lives_until(world: DeviceWorld, until_s: float) -> Ending:
    """A life that is stopped from outside at a moment."""
    world.boot()
    return world.agent().run(False, lambda: world.clock.now_s() >= until_s)


def test_an_idle_device_polls():
    world = DeviceWorld()
    start_s, poll_s = world.clock.now_s(), world.setup.rhythm.poll_s
    assert lives_until(world, start_s + 10.5 * poll_s) is Ending.STOPPED
    assert sessions(world) == 11


def test_without_a_server_a_device_tries_soon_and_then_at_its_poll():
    world = DeviceWorld()
    world.network.down = True
    poll_s = world.setup.rhythm.poll_s
    lives_until(world, world.clock.now_s() + 60 * poll_s)
    assert 60 < sessions(world) < 70


def test_a_result_is_told_at_once_not_at_the_next_poll():
    world = DeviceWorld()
    world.depot.faults.append(503)
    world.depot.files[URL] = package(b"x" * 100, "2")
    world.server.orders(Kind.DOWNLOAD, URL)
    start_s = world.clock.now_s()
    lives_until(world, start_s + world.setup.rhythm.poll_s - 1)
    assert len(world.server.heard) == 1


def test_a_result_that_is_not_taken_is_told_ever_more_slowly_but_for_ever():
    world = DeviceWorld()
    world.server.orders(Kind.DOWNLOAD, URL)
    world.server.alert_codes.extend([500] * 10_000)
    start_s, poll_s = world.clock.now_s(), world.setup.rhythm.poll_s
    lives_until(world, start_s + 3 * poll_s)
    early = len(world.server.heard)
    assert early < 12
    lives_until(world, world.clock.now_s() + 100 * poll_s)
    assert 95 < len(world.server.heard) - early < 115
    assert len({alert.data for alert in world.server.heard}) == 1


@pytest.mark.clause("C17", "C02")
def test_sessions_go_on_while_a_download_runs():
    world = DeviceWorld()
    world.depot.files[URL] = package(b"x" * 100, "2")
    world.server.orders(Kind.DOWNLOAD, URL)
    for _ in range(3):
        world.server.asks_state()
    assert agent_with(world, Slow(50)).run(once=True) is Ending.DONE
    assert world.server.states == [30, 30, 30]
    assert [alert.number for alert in world.server.heard] == [200]


def test_polls_go_on_while_a_download_runs():
    world = DeviceWorld()
    world.depot.files[URL] = package(b"x" * 100, "2")
    world.server.orders(Kind.DOWNLOAD, URL)
    agent_with(world, Slow(20)).run(once=True)
    assert sessions(world) > 5


def test_once_ends_only_when_nothing_is_owed():
    world = DeviceWorld()
    world.depot.faults.extend([503] * 5)
    world.depot.files[URL] = package(b"x" * 100, "2")
    world.server.orders(Kind.DOWNLOAD_AND_UPDATE, URL)
    assert world.run() is Ending.DONE
    assert (world.state, world.target.held) == (100, None)


def test_once_without_a_server_says_that_nothing_was_delivered():
    world = DeviceWorld()
    world.network.down = True
    assert world.run() is Ending.UNDELIVERED
    assert sessions(world) < 10


def test_a_new_image_that_is_unwell_is_given_up_after_its_trials():
    world = DeviceWorld()
    world.environment.sick = True
    world.depot.files[URL] = package(b"x" * 100, "2")
    world.server.orders(Kind.DOWNLOAD_AND_UPDATE, URL)
    assert world.run() is Ending.DONE
    assert world.endings.count(Ending.REBOOT) == 4
    assert [alert.number for alert in world.server.heard] == [410]
    assert world.environment.version == "1"


def test_a_disk_that_will_not_delete_is_asked_again_later():
    world = DeviceWorld()
    world.depot.files[URL] = package(b"x" * 100, "2")
    world.server.orders(Kind.DOWNLOAD_AND_UPDATE, URL)

    def before_the_clean_up() -> None:
        if world.state == 90 and world.files.fault is None:
            world.files.fault = Fault(world.files.operations + 1)

    world.network.watch = before_the_clean_up
    assert world.run() is Ending.DONE
    assert len(world.log.of("CleanUpFailed")) == 1
    assert world.state == 100


@pytest.mark.clause("C16")
def test_no_effect_outlives_its_agent():
    """An agent that fails is built anew at once: what ran beside it must have ended."""
    clock, ended = NewsClock(), []

    def effect() -> CleanedUp:
        time.sleep(0.05)
        ended.append(True)
        return CleanedUp(1)

    with contextlib.suppress(OSError), ThreadAside(clock) as aside:
        aside.begin(effect)
        raise OSError("no room")
    assert ended == [True]


def test_while_an_agent_waits_for_its_effect_it_says_that_it_is_alive():
    beats = []
    clock = NewsClock(lambda: beats.append(True), 0.01)
    with ThreadAside(clock) as aside:
        aside.begin(lambda: (time.sleep(0.1), CleanedUp(1))[1])
    assert len(beats) > 1


def test_a_thread_aside_wakes_the_clock_and_tells_once():
    clock = NewsClock()
    aside = ThreadAside(clock)
    aside.begin(lambda: CleanedUp(1))
    with pytest.raises(MisuseError):
        aside.begin(lambda: CleanedUp(2))
    before_s = clock.now_s()
    clock.sleep(10)
    assert clock.now_s() - before_s < 5
    assert (aside.poll(), aside.busy) == (CleanedUp(1), False)


def test_an_effect_that_raises_raises_in_the_loop():
    clock = NewsClock()
    aside = ThreadAside(clock)

    def bad() -> Happening:
        raise OSError("the disk is gone")

    aside.begin(bad)
    clock.sleep(10)
    with pytest.raises(OSError, match="the disk is gone"):
        aside.poll()
    assert not aside.busy


def test_a_signal_in_the_middle_of_a_sleep_s_end_stops_nothing():
    """An Event's lock is held while it is cleared: a handler that sets it would wait for ever."""
    clock = NewsClock()
    before = signal.signal(signal.SIGALRM, lambda *_: clock.wake())
    signal.setitimer(signal.ITIMER_REAL, 0.0002, 0.0002)
    try:
        for _ in range(5_000):
            clock.sleep(0.0001)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    clock.wake()
    started_s = clock.now_s()
    clock.sleep(60.0)
    assert clock.now_s() - started_s < 30.0
