"""Cancelling one operation, and its races: what left is not called back, and not said again."""

from collections.abc import Callable, Sequence

import pytest
from msgspec.structs import replace

from fumo.dm.codec import decode
from fumo.dm.message import Exec
from fumo.server.edges.admin_store import AdminStore
from fumo.server.office import Missing, Office
from fumo.server.ports import Ask
from fumo.server.rollout import Denied
from fumo.server.rows import Case, Operation, OperationState
from fumo.wire.exchange import Reply
from tests.server.device import Device
from tests.server.world import DAY_S, World

S = OperationState


def cancels(world: World, number: int = 1) -> Operation:
    """An operator does not want it any more."""
    return Office(world.store, world.dice.octets).cancel(number, "ann", world.at_s)


def until_the_exec(world: World, device: Device) -> Reply:
    """The server's message with the Exec, which the device did not hear yet."""
    body: bytes | None = device.begin()
    while body is not None:
        reply = world.post(device, body)
        if world.states == [S.SENT]:
            return reply
        device.hear(reply)
        body = device.go_on()
    raise AssertionError("no Exec left")


def goes_on(world: World, device: Device, reply: Reply) -> None:
    """The rest of the session, from this reply on."""
    device.hear(reply)
    while (body := device.go_on()) is not None:
        device.hear(world.post(device, body))


def sentence(world: World) -> str:
    [(text,)] = world.rows("SELECT text FROM note WHERE state LIKE 'cancel%' ORDER BY id LIMIT 1")
    return str(text)


@pytest.mark.parametrize("state", ["held", "planned"])
def test_what_was_never_sent_is_cancelled_at_once(world: World, device: Device, state: str):
    world.orders(device)
    world.runs(f"UPDATE operation SET state = '{state}'")
    assert cancels(world).state is S.CANCELLED
    device.talk(world.post)
    assert device.execs == []
    assert world.tally == {"cancelled": 1}
    assert sentence(world) == "cancelled by ann"


def test_another_order_of_the_device_is_not_touched(world: World, device: Device):
    for _ in range(2):
        world.orders(device)
    cancels(world)
    device.talk(world.post)
    assert world.states == [S.CANCELLED, S.ACCEPTED]


def test_what_a_device_is_at_work_on_ends_as_the_device_reports(world: World, device: Device):
    world.orders(device)
    device.talk(world.post)
    assert cancels(world).state is S.CANCEL_REQUESTED
    world.at_s += 60
    device.talk(world.post)
    assert world.states == [S.CANCEL_REQUESTED]
    device.finishes(200, "90")
    device.talk(world.post)
    assert (world.states, world.matches) == ([S.SUCCEEDED], ["final"])
    assert world.tally == {"succeeded": 1}


def test_nothing_else_is_ordered_until_then(world: World, device: Device):
    for _ in range(2):
        world.orders(device)
    device.talk(world.post)
    cancels(world)
    device.talk(world.post)
    assert len(device.execs) == 1
    device.finishes(401, "20")
    device.talk(world.post)
    assert world.states == [S.FAILED, S.ACCEPTED]


def test_to_cancel_twice_changes_nothing_more(world: World, device: Device):
    world.orders(device)
    device.talk(world.post)
    first = cancels(world)
    world.at_s += 5
    assert cancels(world) == first
    assert world.rows("SELECT count(*) FROM note WHERE state = 'cancel_requested'") == [(1,)]


def test_what_has_ended_cannot_be_cancelled(world: World, device: Device):
    world.orders(device)
    device.talk(world.post)
    device.finishes(410, "80")
    device.talk(world.post)
    with pytest.raises(Denied, match="is failed: there is nothing left to cancel"):
        cancels(world)
    with pytest.raises(Missing, match="no operation 7"):
        cancels(world, 7)


@pytest.mark.parametrize(
    ("answer", "state"), [(202, S.CANCEL_REQUESTED), (403, S.CANCELLED), (500, S.CANCELLED)]
)
def test_the_answer_to_an_exec_that_is_on_its_way_decides(
    world: World, device: Device, answer: int, state: S
):
    world.orders(device)
    reply = until_the_exec(world, device)
    cancels(world)
    device.statuses["Exec ./FwUpdate/x/DownloadAndUpdate"] = answer
    goes_on(world, device, reply)
    assert world.states == [state]
    assert (world.operation().taken_at_s is not None) is (answer == 202)


def test_an_exec_that_was_lost_is_not_said_again(world: World, device: Device):
    """F7 would say it again: the operator's word wins."""
    world.orders(device)
    until_the_exec(world, device)
    cancels(world)
    world.at_s += 60
    device.talk(world.post)
    assert device.execs == []
    assert world.states == [S.CANCELLED]
    assert "never arrived" in world.operation().reason


@pytest.mark.parametrize("before", ["20", "90", ""])
def test_where_the_state_of_before_tells_little_nothing_is_concluded(
    world: World, device: Device, before: str
):
    device.state = before
    world.orders(device)
    until_the_exec(world, device)
    cancels(world)
    world.at_s += 60
    device.talk(world.post)
    assert (world.states, device.execs) == ([S.CANCEL_REQUESTED], [])
    world.at_s += DAY_S + 1
    device.talk(world.post)
    assert world.states == [S.UNKNOWN]


def test_a_state_at_work_tells_that_it_was_too_late(world: World, device: Device):
    world.orders(device)
    device.hear(until_the_exec(world, device))
    device.go_on()  # the Exec is done, and its answer is lost
    cancels(world)
    world.at_s += 60
    device.talk(world.post)
    assert world.states == [S.CANCEL_REQUESTED]
    assert world.operation().taken_at_s is not None
    device.finishes(200, "90")
    device.talk(world.post)
    assert world.states == [S.SUCCEEDED]


def test_a_cancelled_one_that_was_carried_out_after_all_is_told_and_counted(
    world: World, device: Device
):
    """Some clients refuse an Exec and start it all the same: a result is never thrown away."""
    world.orders(device)
    reply = until_the_exec(world, device)
    cancels(world)
    device.statuses["Exec ./FwUpdate/x/DownloadAndUpdate"] = 403
    goes_on(world, device, reply)
    assert world.states == [S.CANCELLED]
    execs = [c for c in decode(reply.body, reply.media_type).commands if isinstance(c, Exec)]
    device.execs += execs
    device.finishes(200, "90", correlator=None)
    device.talk(world.post)
    assert (world.states, world.matches) == ([S.SUCCEEDED], ["late"])


def test_a_device_that_stays_away_leaves_it_unknown(world: World, device: Device):
    world.orders(device)
    device.talk(world.post)
    cancels(world)
    world.at_s += 2 * DAY_S + 1
    assert world.sweeps() == 1
    assert world.states == [S.UNKNOWN]


class Between(AdminStore):
    """Something happens between the rows of a message and its commit: at the n-th message."""

    countdown = 0
    happens: Callable[[], object]

    def load(self, asks: Sequence[Ask]) -> list[Case]:
        cases = super().load(asks)
        self.countdown -= 1
        if self.countdown == 0:
            self.happens()
        return cases


def interrupted(world: World, number: int) -> None:
    """An operator cancels while the n-th message from now on is decided on older rows."""
    store = Between(world.store.db)
    store.countdown, store.happens = number, lambda: cancels(world)
    world.pump = replace(world.pump, store=store)


@pytest.mark.parametrize("number", range(1, 6))
def test_whenever_it_comes_nothing_is_ordered_after_it(world: World, device: Device, number: int):
    """The message that was decided on older rows loses, and is decided again."""
    world.orders(device)
    interrupted(world, number)
    device.talk(world.post)
    ordered_by_then = len(device.execs)
    assert world.states == [S.CANCEL_REQUESTED if ordered_by_then else S.CANCELLED]
    device.talk(world.post)
    assert len(device.execs) == ordered_by_then
    assert sum(world.tally.values()) == 1  # type: ignore[arg-type]


def test_it_was_late_for_some_of_them(world: World):
    """Else the story above told nothing."""
    ordered = []
    for number in range(1, 6):
        peer = world.knows(Device(f"IMEI:{number}"))
        world.orders(peer)
        store = Between(world.store.db)
        store.countdown = number
        store.happens = lambda n=number: cancels(world, n)  # type: ignore[misc]
        world.pump = replace(world.pump, store=store)
        peer.talk(world.post)
        ordered.append(len(peer.execs))
    assert ordered == sorted(ordered)
    assert set(ordered) == {0, 1}


def test_a_result_that_is_being_saved_counts_all_the_same(world: World, device: Device):
    world.orders(device)
    device.talk(world.post)
    device.finishes(200, "90")
    interrupted(world, 1)
    device.talk(world.post)
    assert world.states == [S.SUCCEEDED]
    assert world.results == [(1, 200)]
    assert world.operation().cancel_at_s is not None
