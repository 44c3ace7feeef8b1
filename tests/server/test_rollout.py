"""Campaigns in groups: what opens the next, what pauses, and that a pause wins over a message."""

from collections.abc import Sequence
from itertools import product

import pytest
from msgspec.structs import replace

from fumo.codes import Kind
from fumo.server.denied import Denied
from fumo.server.edges.admin_store import AdminStore
from fumo.server.office import Office, Order, Terms
from fumo.server.ports import Ask
from fumo.server.rollout import Standing, go_on, group_sizes
from fumo.server.rows import Campaign, CampaignState, Case, OperationState, Package
from fumo.server.steering import ORDERS, By, ordered
from tests.server.device import Device
from tests.server.world import Dice, World

S, C = OperationState, CampaignState
MOVES = {
    ("start", C.DRAFT), ("pause", C.RUNNING), ("resume", C.PAUSED), ("next-group", C.RUNNING),
    ("stop", C.DRAFT), ("stop", C.RUNNING), ("stop", C.PAUSED), ("stop", C.WAITING),
    ("stop", C.APPROVED), ("stop", C.SCHEDULED), ("start", C.APPROVED), ("start", C.SCHEDULED),
    ("submit", C.DRAFT), ("approve", C.WAITING), ("deny", C.WAITING),
}  # fmt: skip


SOMEBODY = By("somebody", "because")


def begun(world: World, peers: list[Device], terms: Terms) -> tuple[Office, Campaign]:
    office = Office(world.store, world.dice.octets)
    world.store.add_package(Package(0, "fw", "2", "ab" * 32, 100))
    order = Order("fw", [p.id for p in peers], "downloadandupdate", terms=terms)
    return office, office.begin(order, world.at_s)


def standing(campaign: Campaign) -> Standing:
    return Standing(campaign, {}, 0)


@pytest.mark.parametrize(("word", "state"), list(product(ORDERS, C)))
def test_an_order_is_taken_in_its_states_only(word: str, state: CampaignState):
    campaign = Campaign(1, "c", 1, Kind.DOWNLOAD, 0.0, state=state, sizes=(1, 1))
    campaign = replace(campaign, approval=word == "submit", made_by="maker")
    if (word, state) in MOVES:
        ordered(standing(campaign), word, 0.0, SOMEBODY)
        return
    with pytest.raises(Denied):
        ordered(standing(campaign), word, 0.0, SOMEBODY)


def test_groups_are_shares_of_all():
    assert group_sizes(100, (1, 9)) == (1, 9, 90)
    assert group_sizes(3, ()) == (3,)
    with pytest.raises(Denied):
        group_sizes(3, (60, 60))


def test_a_rate_starts_no_more_than_it_says():
    campaign = Campaign(1, "c", 1, Kind.DOWNLOAD, 0.0, rate=60, sizes=(500,))
    change = go_on(Standing(campaign, {"held": 500}, 500), 5.0)
    assert change is not None
    assert (change.release, change.campaign.rated_at_s) == (5, 5.0)
    assert go_on(Standing(change.campaign, {"held": 495}, 495), 5.5) is None


def test_a_group_that_succeeds_opens_the_next(world: World):
    peers = [world.knows(Device(f"IMEI:{n}")) for n in range(2)]
    begun(world, peers, Terms(shares=(50,), success_percent=100))
    assert world.states == [S.PLANNED, S.HELD]
    peers[0].talk(world.post)
    peers[0].finishes(200, "90")
    peers[0].talk(world.post)
    world.sweeps()
    world.sweeps()
    assert world.states == [S.SUCCEEDED, S.PLANNED]


def test_errors_pause_and_a_resume_forgives_them(world: World):
    peers = [world.knows(Device(f"IMEI:{n}")) for n in range(2)]
    office, campaign = begun(world, peers, Terms(error_percent=50))
    peers[0].talk(world.post)
    peers[0].finishes(410, "70")
    peers[0].talk(world.post)
    world.sweeps()
    assert world.states == [S.FAILED, S.HELD]
    peers[1].talk(world.post)
    assert peers[1].execs == []
    office.steer(campaign.id, "resume", world.at_s)
    assert world.states == [S.FAILED, S.PLANNED]


def test_a_pause_wins_over_a_message_decided_on_older_rows(world: World, device: Device):
    office, campaign = begun(world, [device], Terms())
    row = world.store.device(device.id)
    office.steer(campaign.id, "pause", world.at_s)
    assert row is not None
    assert world.store.device(device.id).version > row.version  # type: ignore[union-attr]
    device.talk(world.post)
    assert device.execs == []
    with pytest.raises(Denied, match="does not run"):
        office.retry(campaign.id, world.at_s)


class Paused(AdminStore):
    """A pause comes between the rows of a message and its commit: at the n-th message."""

    countdown = 0

    def load(self, asks: Sequence[Ask]) -> list[Case]:
        cases = super().load(asks)
        self.countdown -= 1
        if self.countdown == 0:
            Office(AdminStore(self.db), Dice().octets).steer(1, "pause", 0.0)
        return cases


@pytest.mark.parametrize("number", range(1, 8))
def test_whenever_a_pause_comes_nothing_is_ordered_after_it(
    world: World, device: Device, number: int
):
    begun(world, [device], Terms())
    store = Paused(world.store.db)
    store.countdown = number
    world.pump = replace(world.pump, store=store)
    device.talk(world.post)
    ordered_by_then = len(device.execs)
    assert world.states == [S.ACCEPTED if ordered_by_then else S.HELD]
    device.talk(world.post)
    assert len(device.execs) == ordered_by_then


def test_a_stop_cancels_what_was_not_sent(world: World):
    peers = [world.knows(Device(f"IMEI:{n}")) for n in range(2)]
    office, campaign = begun(world, peers, Terms())
    peers[0].talk(world.post)
    office.steer(campaign.id, "stop", world.at_s)
    assert world.states == [S.ACCEPTED, S.CANCELLED]
    assert world.tally == {"accepted": 1, "cancelled": 1}
