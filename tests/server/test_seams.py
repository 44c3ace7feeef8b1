"""Where parts of the server meet: what one forbids holds for what the others do."""

import pytest

from fumo.codes import Kind
from fumo.server.denied import Denied
from fumo.server.edges.restored import restored
from fumo.server.office import Office
from fumo.server.rollout import Standing, go_on
from fumo.server.rows import Campaign, CampaignState, OperationState, Package, Retries
from fumo.server.terms import Terms
from tests.server.device import Device
from tests.server.world import DAY_S, World

S = OperationState
ALWAYS_SHUT = ("mon 00:00-00:01",)


def loses_the_exec(world: World, device: Device) -> None:
    """A session whose message with the Exec never arrives."""
    body: bytes | None = device.begin()
    while body is not None:
        answer = world.post(device, body)
        if S.SENT in world.states:
            device.session = None
            return
        device.hear(answer)
        body = device.go_on()


def test_no_second_order_leaves_while_one_is_out_however_many_wait(world: World, device: Device):
    for number in range(33):
        package = Package(0, f"p{number}", "1", "cd" * 32, 100)
        world.orders(device, package=package, windows=ALWAYS_SHUT)
    world.orders(device)
    device.talk(world.post)
    assert len(device.execs) == 1
    for number in range(9):
        world.orders(device, package=Package(0, f"q{number}", "1", "ef" * 32, 100))
    device.state = "30"
    device.talk(world.post)
    assert len(device.execs) == 1


def test_an_exec_that_was_lost_is_not_said_again_after_a_stop(world: World, device: Device):
    campaign = world.orders(device)
    loses_the_exec(world, device)
    Office(world.store, world.dice.octets).steer(campaign.id, "stop", world.at_s)
    device.talk(world.post)
    assert device.execs == []


def test_an_exec_that_was_lost_waits_for_the_end_of_a_pause(world: World, device: Device):
    campaign = world.orders(device)
    office = Office(world.store, world.dice.octets)
    loses_the_exec(world, device)
    office.steer(campaign.id, "pause", world.at_s)
    device.talk(world.post)
    assert device.execs == []
    office.steer(campaign.id, "resume", world.at_s)
    device.talk(world.post)
    assert len(device.execs) == 1


def test_nothing_leaves_after_a_campaigns_end_before_a_sweep_sees_it(world: World, device: Device):
    world.orders(device, ends_at_s=world.at_s + 10)
    world.at_s += 11
    device.talk(world.post)
    assert device.execs == []


def test_f27_what_had_just_been_sent_may_have_ended_since_the_copy_and_is_not_said_again(
    world: World, device: Device
):
    """Its device took it, reported, was heard, and is idle as before: the copy knows of nothing."""
    world.orders(device)
    loses_the_exec(world, device)
    world.store.close()
    restored(world.where, world.at_s)
    world.open()
    device.forgets()
    device.talk(world.post)
    assert device.execs == []
    assert world.states == [S.UNKNOWN]
    assert world.tally == {"unknown": 1}


def test_forgiven_errors_that_were_none_are_not_set_against_new_ones():
    campaign = Campaign(
        1, "c", 1, Kind.DOWNLOAD, 0.0, sizes=(10,), error_percent=30, forgiven=3, opened=1
    )
    change = go_on(Standing(campaign, {"succeeded": 3, "planned": 7}, 0), 1.0)
    campaign = change.campaign if change else campaign
    change = go_on(Standing(campaign, {"succeeded": 3, "failed": 3, "planned": 4}, 0), 1.0)
    assert change is not None
    assert change.campaign.state is CampaignState.PAUSED


def test_a_clock_that_was_set_back_stalls_no_rate():
    campaign = Campaign(1, "c", 1, Kind.DOWNLOAD, 0.0, sizes=(10,), rate=60, rated_at_s=9e9)
    change = go_on(Standing(campaign, {"held": 10}, 10), 1e9)
    assert change is not None
    change = go_on(Standing(change.campaign, {"held": 10}, 10), 1e9 + 1)
    assert change is not None
    assert change.release == 1


def test_a_try_that_waits_is_not_made_after_all_by_an_operators_word(world: World, device: Device):
    world.orders(device, retries=Retries(2, 600.0, ("failed",)))
    device.talk(world.post)
    device.finishes(404, "20")
    device.talk(world.post)
    office = Office(world.store, world.dice.octets)
    office.cancel(world.operation().id, "anna", world.at_s)
    world.at_s += 601
    world.sweeps()
    assert world.states == [S.FAILED]
    with pytest.raises(Denied, match="nothing left"):
        office.cancel(world.operation().id, "anna", world.at_s)
    world.sweeps()
    assert world.rows("SELECT state FROM campaign") == [("finished",)]


def test_what_succeeded_after_all_is_not_tried_again_though_the_try_was_planned(
    world: World, device: Device
):
    world.orders(device, retries=Retries(2, 0.0, ("unknown",)))
    device.talk(world.post)
    world.at_s += 2 * DAY_S + 1
    world.sweeps()
    world.sweeps()
    assert world.states == [S.UNKNOWN, S.PLANNED]
    device.finishes(200, "90")
    device.talk(world.post)
    assert len(device.execs) == 1
    assert world.states == [S.SUCCEEDED, S.CANCELLED]
    assert world.tally == {"succeeded": 1, "cancelled": 1}


@pytest.mark.parametrize("rate", [-1, 1_000_001, 2**63])
def test_a_rate_that_no_database_holds_is_denied(rate: int):
    with pytest.raises(Denied, match="a rate from 0"):
        Terms(rate=rate).campaign(Campaign(0, "c", 1, Kind.DOWNLOAD, 0.0), 1)
