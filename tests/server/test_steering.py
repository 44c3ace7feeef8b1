"""Campaigns that need approval, begin and end at a time, and finish; who said what."""

import pytest

from fumo.codes import Kind
from fumo.server.denied import Denied
from fumo.server.office import Office, Order
from fumo.server.rollout import Standing
from fumo.server.rows import Campaign, CampaignState, OperationState, Package
from fumo.server.steering import ORDERS, By, makes_sense, ordered
from fumo.server.terms import Terms
from tests.server.device import Device
from tests.server.world import World

S, C = OperationState, CampaignState
ANNA, BEN = By("anna"), By("ben")


@pytest.fixture
def office(world: World) -> Office:
    world.store.add_package(Package(0, "fw", "2", "ab" * 32, 100))
    return Office(world.store, world.dice.octets)


def begun(world: World, office: Office, terms: Terms, *peers: Device) -> Campaign:
    order = Order("fw", [p.id for p in peers], "downloadandupdate", terms=terms)
    return office.begin(order, world.at_s, "anna")


def stands(world: World, campaign: Campaign) -> tuple[CampaignState, str]:
    now = world.store.campaign(campaign.id)
    assert now is not None
    return now.state, now.why


def test_nothing_is_ordered_before_somebody_else_approves(
    world: World, office: Office, device: Device
):
    campaign = begun(world, office, Terms(approval=True), device)
    assert campaign.state is C.WAITING
    with pytest.raises(Denied, match="anna made campaign 1: somebody else must approve it"):
        office.steer(campaign.id, "approve", world.at_s, ANNA)
    with pytest.raises(Denied, match="start needs it"):
        office.steer(campaign.id, "start", world.at_s, ANNA)
    world.sweeps()
    device.talk(world.post)
    assert device.execs == []
    office.steer(campaign.id, "approve", world.at_s, BEN)
    world.sweeps()
    device.talk(world.post)
    assert len(device.execs) == 1
    assert stands(world, campaign) == (C.RUNNING, "its time came")


def test_a_draft_is_submitted_and_an_approved_one_waits_for_its_start(
    world: World, office: Office, device: Device
):
    campaign = begun(world, office, Terms(approval=True, starts=False), device)
    with pytest.raises(Denied, match="needs approval: submit it"):
        office.steer(campaign.id, "start", world.at_s, ANNA)
    office.steer(campaign.id, "submit", world.at_s, ANNA)
    office.steer(campaign.id, "approve", world.at_s, BEN)
    world.sweeps()
    assert stands(world, campaign) == (C.APPROVED, "approve by ben")
    office.steer(campaign.id, "start", world.at_s, ANNA)
    world.sweeps()
    assert world.states == [S.PLANNED]


def test_a_denial_says_why_and_is_the_end(world: World, office: Office, device: Device):
    campaign = begun(world, office, Terms(approval=True), device)
    with pytest.raises(Denied, match="say why"):
        office.steer(campaign.id, "deny", world.at_s, BEN)
    office.steer(campaign.id, "deny", world.at_s, By("ben", "not on a Friday"))
    assert stands(world, campaign) == (C.DENIED, "deny by ben: not on a Friday")
    assert world.states == [S.CANCELLED]
    with pytest.raises(Denied):
        office.steer(campaign.id, "approve", world.at_s, By("cora"))


def test_a_campaign_begins_at_its_time_and_what_is_unsent_ends_with_it(
    world: World, office: Office
):
    peers = [world.knows(Device(f"IMEI:{n}")) for n in range(2)]
    terms = Terms(starts_at_s=world.at_s + 100, ends_at_s=world.at_s + 200)
    campaign = begun(world, office, terms, *peers)
    world.sweeps()
    assert stands(world, campaign)[0] is C.SCHEDULED
    peers[0].talk(world.post)
    assert peers[0].execs == []
    world.at_s += 100
    world.sweeps()
    world.sweeps()
    peers[0].talk(world.post)
    assert len(peers[0].execs) == 1
    world.at_s += 101
    world.sweeps()
    assert stands(world, campaign) == (C.STOPPED, "its end came")
    assert world.states == [S.ACCEPTED, S.CANCELLED]
    peers[0].finishes(200, "90")
    peers[0].talk(world.post)
    assert world.states == [S.SUCCEEDED, S.CANCELLED]


def test_an_approval_that_comes_late_does_not_begin_what_should_have_ended(
    world: World, office: Office, device: Device
):
    campaign = begun(world, office, Terms(approval=True, ends_at_s=world.at_s + 50), device)
    world.at_s += 60
    office.steer(campaign.id, "approve", world.at_s, BEN)
    world.sweeps()
    assert stands(world, campaign)[0] is C.STOPPED
    assert world.states == [S.CANCELLED]


def test_a_campaign_finishes_when_all_of_it_ended_and_a_retry_runs_it_again(
    world: World, office: Office
):
    peers = [world.knows(Device(f"IMEI:{n}")) for n in range(2)]
    campaign = begun(world, office, Terms(), *peers)
    for peer, code in zip(peers, (200, 410), strict=True):
        world.sweeps()
        assert stands(world, campaign)[0] is C.RUNNING
        peer.talk(world.post)
        peer.finishes(code, "70")
        peer.talk(world.post)
    world.sweeps()
    assert stands(world, campaign) == (C.FINISHED, "every operation ended")
    assert world.store.watched(world.at_s) == []
    assert office.retry(campaign.id, world.at_s, BEN) == 1
    assert stands(world, campaign) == (C.RUNNING, "retry by ben")
    assert world.states == [S.SUCCEEDED, S.FAILED, S.PLANNED]


def test_a_stopped_campaign_is_never_tried_again(world: World, office: Office, device: Device):
    campaign = begun(world, office, Terms(), device)
    device.talk(world.post)
    device.finishes(410, "70")
    device.talk(world.post)
    office.steer(campaign.id, "stop", world.at_s)
    with pytest.raises(Denied, match="does not run"):
        office.retry(campaign.id, world.at_s)


@pytest.mark.parametrize(
    "terms",
    [
        Terms(ends_at_s=1.0), Terms(starts_at_s=3_000_000.0, ends_at_s=2_000_000.0),
        Terms(zone="Nowhere/Else"), Terms(windows=("sometimes",)), Terms(rate=-1),
    ],
)  # fmt: skip
def test_terms_that_cannot_be_kept_are_refused(
    world: World, office: Office, device: Device, terms: Terms
):
    with pytest.raises(Denied):
        begun(world, office, terms, device)
    assert world.operations() == []


@pytest.mark.parametrize("deadline_s", [-1.0, 0.0, 1e300, float("nan")])
def test_a_deadline_is_some_time_and_not_for_ever(deadline_s: float):
    with pytest.raises(Denied, match="more than 0 seconds, and 3650 days at most"):
        Terms().campaign(Campaign(0, "c", 1, Kind.DOWNLOAD, 0.0, deadline_s), 1)


@pytest.mark.parametrize("state", C)
@pytest.mark.parametrize("approval", [True, False])
def test_what_makes_sense_is_what_is_not_denied(state: CampaignState, approval: bool):
    sizes = (1, 1)
    campaign = Campaign(1, "c", 1, Kind.DOWNLOAD, 0.0, state=state, approval=approval, sizes=sizes)
    for word in ORDERS:
        try:
            ordered(Standing(campaign, {}, 0), word, 0.0, By("ben", "because"))
        except Denied:
            assert not makes_sense(campaign, word)
        else:
            assert makes_sense(campaign, word)
