"""When sessions are held: polls with jitter, gaps, pauses in vain, and never two at once."""

from itertools import pairwise

from msgspec.structs import replace

from fumo.codes import DEVICE_REQUEST, Kind
from fumo.device.agent import Ending
from fumo.device.checks import By, Check
from fumo.device.main.building import rhythm_of
from fumo.device.schedule import Schedule
from fumo.device.settings import SessionSection
from fumo.device.setup import Rhythm
from fumo.dm import wsp
from fumo.dm.notification import Trigger, build
from fumo.dm.wsp import Push
from fumo.testing.machine import SeededDice, VirtualClock
from fumo.testing.server import NAME
from fumo.testing.world import URL, DeviceWorld

HOUR_S = 3600.0


def schedule(rhythm: Rhythm, seed: int = 0) -> tuple[Schedule, VirtualClock]:
    clock = VirtualClock()
    return Schedule(rhythm, clock, SeededDice(seed)), clock


def begins(world: DeviceWorld, until_s: float, asking: Check | None = None) -> list[float]:
    """The moments at which sessions began, in a life that is stopped then.

    `asking` is asked over and over.
    """
    start_s, moments = world.clock.now_s(), {}

    def watch() -> None:
        number = len(world.log.of("SessionBegins"))
        moments.setdefault(number, world.clock.now_s() - start_s)

    def stopping() -> bool:
        if asking is not None:
            agent.check(asking)
        return world.clock.now_s() >= start_s + until_s

    world.network.watch = watch
    world.boot()
    world.clock.alarms_s.append(start_s + until_s)
    agent = world.agent()
    assert agent.run(False, stopping) is Ending.STOPPED
    return list(moments.values())


def with_rhythm(**changes) -> DeviceWorld:
    world = DeviceWorld()
    world.setup = replace(world.setup, rhythm=replace(world.setup.rhythm, **changes))
    return world


def test_polls_are_spread_around_their_period():
    pauses = set()
    for seed in range(50):
        plan, clock = schedule(Rhythm(poll_s=100.0, jitter=0.2), seed)
        plan.held(in_vain=False)
        pauses.add(plan.due_s(urgent=False) - clock.now_s())
    assert len(pauses) > 40
    assert 80.0 <= min(pauses) < 90.0
    assert 110.0 < max(pauses) <= 120.0


def test_a_fleet_that_starts_together_does_not_call_together():
    first = set()
    for seed in range(20):
        plan, clock = schedule(Rhythm(first_s=600.0), seed)
        assert plan.is_due(urgent=False)
        plan.spreads()
        first.add(plan.due_s(urgent=False) - clock.now_s())
        assert plan.is_due(urgent=True)
    assert len(first) > 15
    assert max(first) <= 600.0


def test_the_first_session_of_a_life_that_goes_on_waits_its_part():
    world = with_rhythm(first_s=600.0, poll_s=HOUR_S)
    (first,) = begins(world, 2000.0)
    assert 0.0 < first <= 600.0


def test_pauses_in_vain_grow_up_to_the_poll():
    plan, clock = schedule(Rhythm(poll_s=60.0, resend_base_s=2.0))
    pauses = []
    for _ in range(40):
        plan.held(in_vain=True)
        pauses.append(plan.due_s(urgent=False) - clock.now_s())
    assert all(2.0 ** min(n, 10) <= pause for n, pause in enumerate(pauses) if n < 5)
    assert max(pauses) <= 60.0
    plan.refreshed()
    plan.held(in_vain=True)
    assert plan.due_s(urgent=False) - clock.now_s() <= 2.0


def test_what_is_urgent_waits_for_the_gap_and_no_longer():
    plan, clock = schedule(Rhythm(poll_s=60.0, gap_s=5.0))
    assert plan.is_due(urgent=True)
    plan.held(in_vain=False)
    assert plan.due_s(urgent=True) == clock.now_s() + 5.0
    clock.sleep(5.0)
    assert plan.is_due(urgent=True)
    assert not plan.is_due(urgent=False)


def test_the_gap_is_no_longer_than_a_poll():
    plan, clock = schedule(Rhythm(poll_s=1.0, gap_s=5.0))
    plan.held(in_vain=False)
    assert plan.due_s(urgent=True) == clock.now_s() + 1.0


def test_who_asks_all_the_time_gets_a_session_a_gap_at_most():
    world = with_rhythm(gap_s=10.0, poll_s=HOUR_S)
    held = begins(world, 100.0, asking=Check(By.USER))
    assert 5 < len(held) <= 11
    assert all(after - before >= 10.0 for before, after in pairwise(held))


def test_f20_a_push_and_a_person_while_a_session_goes_on_are_one_session_after_it():
    world = with_rhythm(poll_s=HOUR_S, notice_gap_s=1.0, gap_s=5.0)
    world.server.asks_state()  # the device challenges, so both know a server nonce
    assert world.live() is Ending.DONE
    start_s, asked = world.clock.now_s(), []
    world.boot()
    agent = world.agent()

    def exchanging() -> None:
        if not asked:
            asked.append(True)
            nonce = world.server.saved.own or b""
            body = build(Trigger(NAME.name, 0xAB), NAME, nonce)
            world.pushes.comes(wsp.build(Push(wsp.NOTIFICATION, {}, 7, body)))

    world.network.watch = exchanging
    world.clock.alarms_s.append(start_s + 60.0)
    agent.run(False, lambda: world.clock.now_s() >= start_s + 60.0)
    order = [name for name, _ in world.log.events if name in ("SessionBegins", "SessionEnds")]
    assert order == ["SessionBegins", "SessionEnds"] * 3
    assert world.log.of("SessionBegins")[-1]["session"] == "AB"


def test_a_poll_of_a_device_at_rest_may_ask_for_an_update():
    world = with_rhythm(poll_s=100.0, requests=True)
    assert len(begins(world, 250.0)) == 3
    assert [one.type for one in world.server.heard] == [DEVICE_REQUEST] * 3


def test_one_with_an_operation_does_not_ask():
    world = with_rhythm(poll_s=100.0, requests=True)
    world.depot.always = 503
    world.server.orders(Kind.DOWNLOAD, URL)
    world.setup = replace(world.setup, policy=replace(world.setup.policy, backoff_base_s=HOUR_S))
    assert len(begins(world, 250.0)) == 3
    assert len(world.log.of("UpdateAsked")) == 1


def test_the_settings_say_all_of_it():
    section = SessionSection(
        poll_s=9.0, jitter=0.5, first_s=3.0, gap_s=2.0, backoff_s=1.0, push_gap_s=4.0, requests=True
    )
    assert rhythm_of(section) == Rhythm(
        poll_s=9.0,
        resend_base_s=1.0,
        notice_gap_s=4.0,
        jitter=0.5,
        first_s=3.0,
        gap_s=2.0,
        requests=True,
    )
