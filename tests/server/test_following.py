"""Operations that follow others: second steps, tries by policy; bounded, and never after a stop."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from fumo.codes import Kind
from fumo.server.campaign import NOTHING_HELD
from fumo.server.denied import Denied
from fumo.server.edges.follow_store import FollowStore
from fumo.server.edges.views import Views
from fumo.server.following import COUNT_MAX, check_policy, follow_at_s
from fumo.server.office import Office, Order
from fumo.server.rows import Campaign, Operation, OperationState, Package, Retries
from fumo.server.steering import By
from fumo.server.terms import Terms
from tests.server.device import Device
from tests.server.world import DAY_S, World

S = OperationState
TWICE = Terms(retries=Retries(2, 600.0, ("503", "unknown")))
DOWNLOADED, UPDATED = "40", "90"


@pytest.fixture
def office(world: World) -> Office:
    world.store.add_package(Package(0, "fw", "2", "ab" * 32, 100))
    return Office(world.store, world.dice.octets)


def begun(
    world: World, office: Office, terms: Terms, *peers: Device, operation: str = "downloadandupdate"
) -> Campaign:
    order = Order("fw", [p.id for p in peers], operation, deadline_s=DAY_S, terms=terms)
    return office.begin(order, world.at_s)


def ends(world: World, peer: Device, code: int, state: str = "20") -> None:
    """It is ordered what is due, reports this, and time does what follows."""
    peer.talk(world.post)
    peer.finishes(code, state)
    peer.talk(world.post)
    world.sweeps()
    world.sweeps()


@pytest.mark.clause("S09")
def test_a_policy_tries_so_often_each_time_as_an_operation_of_its_own(
    world: World, office: Office, device: Device
):
    begun(world, office, TWICE, device)
    for tries in range(1, 4):
        ends(world, device, 503)
        assert len(world.operations()) == tries  # not before its time
        world.at_s += 601
        world.sweeps()
    ends(world, device, 503)
    world.at_s += DAY_S
    world.sweeps()
    assert world.states == [S.FAILED] * 3
    assert [(o.attempt, o.retry_of, o.next_id) for o in world.operations()] == [
        (1, None, 2), (2, 1, 3), (3, 2, None),
    ]  # fmt: skip
    assert len({one.correlator for one in device.execs}) == len(device.execs) == 3


def test_what_the_policy_does_not_name_is_not_tried(world: World, office: Office, device: Device):
    begun(world, office, TWICE, device)
    ends(world, device, 410)
    world.at_s += DAY_S
    world.sweeps()
    assert world.states == [S.FAILED]


def test_a_success_ends_the_tries(world: World, office: Office, device: Device):
    begun(world, office, TWICE, device)
    ends(world, device, 503)
    world.at_s += 601
    world.sweeps()
    ends(world, device, 200, UPDATED)
    world.at_s += DAY_S
    world.sweeps()
    assert world.states == [S.FAILED, S.SUCCEEDED]


@pytest.mark.parametrize(("terms", "states"), [
    (TWICE, [S.UNKNOWN, S.PLANNED]), (Terms(), [S.UNKNOWN]),
    (Terms(retries=Retries(2, 600.0, ("failed",))), [S.UNKNOWN]),
])  # fmt: skip
def test_an_unknown_end_is_tried_again_only_by_a_policy_that_names_it(
    world: World, office: Office, device: Device, terms: Terms, states: list[OperationState]
):
    begun(world, office, terms, device)
    device.talk(world.post)
    world.at_s += 2 * DAY_S + 1
    world.sweeps()
    world.at_s += 601
    world.sweeps()
    assert world.states == states


def test_an_operator_may_name_unknown_ends_and_does_not_by_saying_nothing(
    world: World, office: Office, device: Device
):
    campaign = begun(world, office, Terms(), device)
    device.talk(world.post)
    world.at_s += 2 * DAY_S + 1
    world.sweeps()
    assert office.retry(campaign.id, world.at_s) == 0
    assert office.retry(campaign.id, world.at_s, By("anna"), ("unknown",)) == 1
    assert world.states == [S.UNKNOWN, S.PLANNED]


def test_a_late_success_of_an_unknown_end_is_not_tried_again(
    world: World, office: Office, device: Device
):
    begun(world, office, TWICE, device)
    device.talk(world.post)
    world.at_s += 2 * DAY_S + 1
    world.sweeps()
    device.finishes(200, UPDATED)
    device.talk(world.post)
    world.at_s += 601
    world.sweeps()
    assert world.states == [S.SUCCEEDED]


@pytest.mark.parametrize("word", ["pause", "stop"])
def test_no_try_is_made_while_paused_and_none_ever_after_a_stop(
    world: World, office: Office, device: Device, word: str
):
    campaign = begun(world, office, TWICE, device)
    ends(world, device, 503)
    office.steer(campaign.id, word, world.at_s)
    world.at_s += 601
    world.sweeps()
    assert world.states == [S.FAILED]
    if word == "pause":
        office.steer(campaign.id, "resume", world.at_s)
        world.sweeps()
        assert world.states == [S.FAILED, S.PLANNED]


def test_what_an_operator_called_back_is_not_tried_again(
    world: World, office: Office, device: Device
):
    begun(world, office, TWICE, device)
    device.talk(world.post)
    office.cancel(1, "anna", world.at_s)
    device.finishes(503, "20")
    device.talk(world.post)
    world.at_s += DAY_S
    world.sweeps()
    assert world.states == [S.FAILED]


def test_no_try_is_made_where_something_newer_was_ordered_since(
    world: World, office: Office, device: Device
):
    """It would bring the device back to the older version."""
    begun(world, office, TWICE, device)
    ends(world, device, 503)
    world.store.add_package(Package(0, "fw", "3", "cd" * 32, 100))
    begun(world, office, Terms(), device)
    world.at_s += 601
    world.sweeps()
    assert world.states == [S.FAILED, S.PLANNED]
    ends(world, device, 200, UPDATED)
    assert office.retry(1, world.at_s) == 0
    world.sweeps()
    assert world.states == [S.FAILED, S.SUCCEEDED]
    assert ("nothing follows it: something newer of this package was ordered to the device",) in (
        world.rows("SELECT text FROM note WHERE operation_id = 1")
    )


@pytest.mark.parametrize("package", ["radio", "cancelled"])
def test_another_package_or_a_cancelled_order_is_in_nobodys_way(
    world: World, office: Office, device: Device, package: str
):
    begun(world, office, TWICE, device)
    ends(world, device, 503)
    world.store.add_package(Package(0, "radio", "3", "cd" * 32, 100))
    word = "radio" if package == "radio" else "fw"
    office.begin(Order(word, [device.id], "downloadandupdate"), world.at_s)
    if package == "cancelled":
        office.cancel(2, "anna", world.at_s)
    world.at_s += 601
    world.sweeps()
    assert len(world.operations()) == 3


class Overtaken(FollowStore):
    """Something happens between the look at what is due and the lock of its device."""

    job: Callable[[], object] = print

    def raise_versions(self, devices: list[str]) -> None:
        job, self.job = self.job, list
        job()
        super().raise_versions(devices)


def test_a_late_result_between_the_look_and_the_lock_wins(
    world: World, office: Office, device: Device
):
    begun(world, office, TWICE, device)
    device.talk(world.post)
    world.at_s += 2 * DAY_S + 1
    world.sweeps()
    device.finishes(200, UPDATED)
    world.at_s += 601
    store = Overtaken(world.store.db)
    store.job = lambda: device.talk(world.post)
    assert store.follow(1, world.at_s, never) == []
    assert world.states == [S.SUCCEEDED]


def never(campaign: Campaign, operation: Operation) -> Operation:
    raise AssertionError("a success was tried again")


def test_an_update_follows_its_download(world: World, office: Office, device: Device):
    campaign = begun(world, office, Terms(), device, operation="download-then-update")
    ends(world, device, 200, DOWNLOADED)
    assert [(o.kind, o.state) for o in world.operations()] == [
        (Kind.DOWNLOAD, S.SUCCEEDED), (Kind.UPDATE, S.PLANNED),
    ]  # fmt: skip
    ends(world, device, 200, UPDATED)
    now = world.store.campaign(campaign.id)
    assert now is not None
    assert (world.states, now.state) == ([S.SUCCEEDED] * 2, "finished")


def test_a_download_that_failed_is_followed_by_no_update(
    world: World, office: Office, device: Device
):
    begun(world, office, Terms(), device, operation="download-then-update")
    ends(world, device, 404)
    assert world.states == [S.FAILED]


def test_an_update_that_failed_is_tried_from_its_download_on(
    world: World, office: Office, device: Device
):
    begun(world, office, TWICE, device, operation="download-then-update")
    ends(world, device, 200, DOWNLOADED)
    ends(world, device, 503)
    world.at_s += 601
    world.sweeps()
    assert [(o.kind, o.attempt) for o in world.operations()] == [
        (Kind.DOWNLOAD, 1), (Kind.UPDATE, 1), (Kind.DOWNLOAD, 2),
    ]  # fmt: skip


def test_a_group_succeeds_by_its_updates_not_by_its_downloads(world: World, office: Office):
    peers = [world.knows(Device(f"IMEI:{n}")) for n in range(2)]
    terms = Terms(shares=(50,), success_percent=100)
    begun(world, office, terms, *peers, operation="download-then-update")
    ends(world, peers[0], 200, DOWNLOADED)
    assert world.states == [S.SUCCEEDED, S.HELD, S.PLANNED]
    ends(world, peers[0], 200, UPDATED)
    assert world.states == [S.SUCCEEDED, S.PLANNED, S.SUCCEEDED]


def test_tries_count_in_the_rate(world: World, office: Office, device: Device):
    begun(world, office, replace(TWICE, rate=1), device)
    world.at_s += 60
    world.sweeps()
    ends(world, device, 503)
    world.at_s += 601
    world.sweeps()
    assert world.states == [S.FAILED, S.HELD]
    world.sweeps()
    assert world.states == [S.FAILED, S.PLANNED]


@pytest.mark.parametrize(
    "retries",
    [
        Retries(COUNT_MAX + 1, 1.0, ("failed",)), Retries(-1, 1.0, ("failed",)),
        Retries(1, -1.0, ("failed",)), Retries(1, 1.0, ()), Retries(1, 1.0, ("200",)),
        Retries(1, 1.0, ("cancelled",)), Retries(1, 1.0, ("succeeded",)), Retries(1, 1.0, ("4xx",)),
    ],
)  # fmt: skip
def test_a_policy_that_is_none_is_refused(retries: Retries):
    with pytest.raises(Denied):
        check_policy(retries, of_held=False)


def test_a_failed_update_alone_is_not_tried_by_policy():
    with pytest.raises(Denied, match=NOTHING_HELD):
        check_policy(Retries(1, 1.0, ("failed",)), of_held=True)
    check_policy(Retries(1, 1.0, ("refused", "expired")), of_held=True)


@pytest.mark.parametrize("state", [s for s in S if s not in (S.FAILED, S.UNKNOWN)])
def test_nothing_else_is_followed(state: OperationState):
    campaign = Campaign(1, "c", 1, Kind.DOWNLOAD, 0.0, retries=TWICE.retries)
    one = Operation(1, "d", 1, 1, Kind.DOWNLOAD, "c", state, None, 0.0, 1.0)
    assert follow_at_s(campaign, one, 5.0) is None
    assert follow_at_s(campaign, replace(one, state=S.UNKNOWN), 5.0) == 605.0


def test_progress_is_read_from_counters_alone(world: World, office: Office):
    """No row of an operation or of a result is needed for it."""
    peers = [world.knows(Device(f"IMEI:{n}")) for n in range(3)]
    begun(world, office, TWICE, *peers)
    for peer, code in zip(peers, (200, 503, 410), strict=True):
        ends(world, peer, code)
    world.at_s += 601
    world.sweeps()
    told = Views(world.store.db).campaign(1)
    assert told is not None
    assert told.states == {"failed": 2, "planned": 1, "succeeded": 1}
    assert (told.results, told.retried) == ({200: 1, 410: 1, 503: 1}, {"failed": 1})
    counted = """SELECT campaign_id, group_number, kind, state, COALESCE(result, 0),
        CASE WHEN next_id IS NULL THEN 0 ELSE 1 END, count(*)
        FROM operation GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6"""
    told_rows = "SELECT * FROM tally WHERE number > 0 ORDER BY 1, 2, 3, 4, 5, 6"
    assert world.rows(told_rows) == world.rows(counted)
