"""The table of moves, and what an operator may order."""

import itertools

import pytest

from fumo.codes import Kind
from fumo.errors import MisuseError
from fumo.server.campaign import NOTHING_HELD
from fumo.server.denied import Denied
from fumo.server.office import Missing, Office, Order
from fumo.server.operation import MOVES, closed, moved, shown
from fumo.server.rows import Device as Row
from fumo.server.rows import Operation, OperationState, Package
from tests.server.device import Device
from tests.server.world import World

S = OperationState


def operation(state: OperationState, state_seen: int | None = None) -> Operation:
    return Operation(1, "d", 1, 1, Kind.DOWNLOAD, "c", state, None, 0.0, 1.0, state_seen=state_seen)


def test_every_state_has_its_row():
    assert set(MOVES) == set(OperationState)


@pytest.mark.parametrize(("start", "end"), [*itertools.product(OperationState, OperationState)])
def test_only_moves_of_the_table_are_made(start: OperationState, end: OperationState):
    if end in MOVES[start]:
        assert moved(operation(start), end).state is end
    else:
        with pytest.raises(MisuseError):
            moved(operation(start), end)


def test_nothing_leaves_a_result_and_a_result_can_always_come():
    for state, ends in MOVES.items():
        if state in (S.SUCCEEDED, S.FAILED):
            assert not ends
        else:
            assert {S.SUCCEEDED, S.FAILED} <= ends


@pytest.mark.parametrize(
    ("code", "state"),
    [(200, S.SUCCEEDED), (250, S.SUCCEEDED), (410, S.FAILED), (599, S.FAILED), (902, S.FAILED)],
)
def test_a_code_closes_as_what_it_means(code: int, state: OperationState):
    done = closed(operation(S.ACCEPTED), code, 5.0)
    assert (done.state, done.result, done.closed_at_s) == (state, code, 5.0)


def test_downloading_is_shown_only_when_state_said_so():
    assert shown(operation(S.ACCEPTED)) == "accepted"
    assert shown(operation(S.ACCEPTED, 30)) == "downloading"
    assert shown(operation(S.ACCEPTED, 60)) == "updating"
    assert shown(operation(S.SENT, 30)) == "sent"
    assert shown(operation(S.SUCCEEDED, 60)) == "succeeded"


@pytest.mark.clause("S09")
def test_nothing_that_ended_is_tried_again_until_an_operator_says_so(world: World, device: Device):
    campaign = world.orders(device)
    device.talk(world.post)
    device.finishes(503, "20")
    for _ in range(5):
        world.at_s += 3600
        device.talk(world.post)
    assert len(device.execs) == 1
    [again] = world.retries(campaign)
    assert again.retry_of == 1
    device.talk(world.post)
    first, second = device.execs
    assert first.correlator != second.correlator
    device.finishes(200, "90")
    device.talk(world.post)
    assert world.states == [S.FAILED, S.SUCCEEDED]
    assert world.results == [(1, 503), (2, 200)]


@pytest.mark.clause("S09")
def test_a_retry_is_only_for_what_failed_and_only_once(world: World):
    devices = [world.knows(Device(f"IMEI:{n}")) for n in range(3)]
    campaign = world.orders(*devices)
    for device, result in zip(devices, (200, 503, 410), strict=True):
        device.talk(world.post)
        device.finishes(result, "10")
        device.talk(world.post)
    assert [o.retry_of for o in world.retries(campaign)] == [2, 3]
    assert world.retries(campaign) == []
    assert world.tally == {"succeeded": 1, "failed": 2, "planned": 2}


def test_a_failed_update_cannot_be_retried(world: World, device: Device):
    campaign = world.orders(device, kind=Kind.UPDATE)
    device.talk(world.post)
    device.finishes(410, "80")
    device.talk(world.post)
    with pytest.raises(Denied, match=NOTHING_HELD):
        world.retries(campaign)


def test_f9_f10_correlators_are_long_and_never_the_same(world: World):
    devices = [world.knows(Device(f"IMEI:{n}")) for n in range(20)]
    world.orders(*devices)
    correlators = {o.correlator for o in world.operations()}
    assert len(correlators) == 20
    assert {len(c) for c in correlators} == {32}


@pytest.fixture
def office(world: World) -> Office:
    return Office(world.store, world.dice.octets)


def test_an_order_names_what_is_there(world: World, office: Office):
    office.add_package(Package(0, "fw", "1", "aa" * 32, 5))
    office.add_device(Row("d", "u", "p", "s"))
    with pytest.raises(Missing, match="fumo package add"):
        office.begin(Order("other", ["d"], "download"), 0.0)
    with pytest.raises(Missing, match="fumo devices add"):
        office.begin(Order("fw", ["x"], "download"), 0.0)
    with pytest.raises(Denied, match="downloadandupdate"):
        office.begin(Order("fw", ["d"], "install"), 0.0)
    with pytest.raises(Denied, match="say for which devices"):
        office.begin(Order("fw", [], "download"), 0.0)
    assert world.operations() == []


@pytest.mark.parametrize("words", ["fw", "fw@1", "1"])
def test_a_package_is_named_in_three_ways(office: Office, words: str):
    office.add_package(Package(0, "fw", "1", "aa" * 32, 5))
    office.add_device(Row("d", "u", "p", "s"))
    assert office.begin(Order(words, ["d", "d"], "Download"), 0.0).kind is Kind.DOWNLOAD


def test_a_device_is_added_once(office: Office):
    office.add_device(Row("d", "u", "p", "s"))
    with pytest.raises(Denied, match="there already"):
        office.add_device(Row("d", "u", "p", "s"))
    with pytest.raises(Denied, match="profile"):
        office.add_device(Row("e", "u", "p", "s", profile="odd"))
    with pytest.raises(Denied, match="password"):
        office.add_device(Row("e", "u", "", "s"))
