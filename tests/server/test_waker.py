"""The waker's lines: a sender that hangs, is down or breaks holds up nobody else."""

import threading
import time
from collections.abc import Callable

from fumo.server.edges.opening import open_database
from fumo.server.edges.waking.line import AT_ONCE, FIRST_REST_S, WAITING_MAX, Line
from fumo.server.edges.waking.taking import Terms
from fumo.server.edges.waking.waker import OTHERS_S, Waker
from fumo.server.waking import Parcel, Patience, Sent
from tests.server.test_waking import Night
from tests.server.world import World

WAIT_S = 10.0


class Way:
    """Sends by a function, and keeps what it was given."""

    def __init__(self, does: Callable[[Parcel], Sent] = lambda _: Sent()) -> None:
        self.does, self.given = does, list[Parcel]()

    def send(self, parcel: Parcel) -> Sent:
        self.given.append(parcel)
        return self.does(parcel)

    def close(self) -> None:
        return


def until(holds: Callable[[], bool]) -> None:
    end_s = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < end_s
        time.sleep(0.005)


def waker(world: World, **ways: Way) -> Waker:
    terms = Terms("fumo", Patience())
    return Waker(open_database(world.where), terms, ways, now_s=lambda: world.at_s)


def test_a_way_that_hangs_holds_up_no_other_way(world: World):
    night, free = Night(world), threading.Event()
    stuck = Way(lambda _: Sent() if free.wait(WAIT_S) else Sent("late"))
    good = Way()
    many = [night.sleeps(n, f"sms:+49170000{n:03}") for n in range(20)]
    awake = night.sleeps(99, "udp:192.0.2.9:1")
    night.wakes(*many, awake)
    ours = waker(world, sms=stuck, udp=good)
    try:
        for _ in range(3):
            ours.look()
        until(lambda: len(good.given) == 1)
        assert len(stuck.given) == AT_ONCE
        [(taken,)] = world.rows("SELECT count(*) FROM waking WHERE kind = 'sms' AND attempts = 1")
        assert taken == AT_ONCE + WAITING_MAX  # the others are due still, for any other server
    finally:
        free.set()
        ours.stop()


def test_a_way_that_is_not_there_is_told_and_counts(world: World):
    night = Night(world)
    device = night.sleeps(1, "sms:+49170")
    night.wakes(device)
    ours = waker(world)
    ours.look()
    assert night.told(device) == []  # a server that has a sender may take it
    world.at_s += OTHERS_S + 1
    ours.look()
    until(lambda: night.told(device) == ["asked", "failed"])
    ours.stop()
    [(why,)] = world.rows("SELECT why FROM waking")
    assert why == "this server has no sender for sms: see [senders] of its settings"


def test_what_is_down_rests_longer_and_longer_and_then_is_tried_again(world: World):
    night = Night(world)
    device = night.sleeps(1, "sms:+49170")
    night.wakes(device)
    ours, down = waker(world, sms=(way := Way(lambda _: Sent("gone", down=True)))), FIRST_REST_S
    ours.look()
    until(lambda: len(night.told(device)) == 2)
    ours.look()
    assert len(way.given) == 1
    world.at_s += down + 1
    ours.look()
    until(lambda: len(night.told(device)) == 4)
    world.at_s += down + 1  # it rests for twice as long now
    ours.look()
    assert len(way.given) == 2
    way.does = lambda _: Sent()
    world.at_s += down
    ours.look()
    until(lambda: len(way.given) == 3)
    ours.stop()
    [(attempts,)] = world.rows("SELECT attempts FROM waking")
    assert attempts == 1


def test_a_sender_that_breaks_ends_no_thread(world: World):
    night = Night(world)
    device = night.sleeps()
    night.wakes(device)
    ours = waker(world, udp=(way := Way(lambda _: Sent(str(1 // 0)))))
    ours.look()
    until(lambda: len(way.given) == 1)
    world.at_s += 100
    ours.look()
    until(lambda: len(way.given) == 2)
    ours.stop()


def test_the_thread_looks_by_itself_when_it_is_rung_and_ends(world: World):
    night = Night(world)
    ours = waker(world, udp=(way := Way()))
    ours.start()
    night.wakes(night.sleeps())
    ours.ring()
    until(lambda: len(way.given) == 1)
    ours.stop()


def test_a_line_takes_no_more_than_it_has_room_for():
    line = Line("udp", Way(), lambda *_: None)
    assert line.room(0.0) == AT_ONCE + WAITING_MAX
    line.close()
