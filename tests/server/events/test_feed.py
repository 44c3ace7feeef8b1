"""The feed: each thing that happened once, in its order, and none passed over by who follows."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from fumo.server.edges.connecting import connect
from fumo.server.edges.database import Database
from fumo.server.edges.events import feed
from fumo.server.events import LOOKED_AT_MAX, Event, Wanted
from fumo.server.office import Office, Order, Terms
from fumo.server.rollout import Denied
from fumo.server.rows import Package
from tests.postgres import Cluster
from tests.server.device import Device
from tests.server.world import World

ALL = Wanted()


def events(world: World, after: int = 0, wanted: Wanted = ALL) -> list[Event]:
    feed.give_numbers(world.store.db)
    return feed.after(world.store.db, after, 500, wanted).items


def kinds(world: World, after: int = 0) -> list[str]:
    return [event.kind for event in events(world, after)]


def wrote(db: Database, text: str) -> None:
    db.run("INSERT INTO event (at_s, kind, text) VALUES (0, 'test', ?1)", text)


@pytest.fixture
def two(postgres: Cluster) -> Iterator[tuple[Database, Database]]:
    """Two processes of one PostgreSQL."""
    url = postgres.fresh()
    with closing(connect(url)) as one, closing(connect(url)) as other:
        yield one, other


def test_an_update_is_told_from_its_order_to_its_result(world: World, device: Device):
    campaign = world.orders(device)
    device.talk(world.post)
    device.finishes(200, "90")
    device.talk(world.post)
    device.finishes(200, "90")
    device.talk(world.post)
    told = events(world)
    assert [event.number for event in told] == list(range(1, len(told) + 1))
    assert [event.kind for event in told] == [
        "package.added",
        "campaign.created",
        "device.seen",
        "operation.note",
        "operation.sent",
        "operation.accepted",
        "alert.final",
        "operation.succeeded",
        "alert.repeated",
    ]
    for event in told[3:]:
        assert (event.device, event.campaign, event.operation) == (device.id, campaign.id, 1)
    assert [event.code for event in told[3:]] == [None, None, None, 200, 200, 200]


def test_what_waits_for_its_turn_is_told_by_its_campaign_alone(world: World):
    peers = [world.knows(Device(f"d{n}")) for n in range(4)]
    office = Office(world.store, world.dice.octets)
    world.store.add_package(Package(0, "fw", "2", "ab" * 32, 100))
    terms = Terms(starts=False, shares=(50,))
    order = Order("fw", [peer.id for peer in peers], "download", terms=terms)
    campaign = office.begin(order, world.at_s)
    for word in ("start", "next-group", "pause", "stop"):
        office.steer(campaign.id, word, world.at_s)
    assert kinds(world, 1) == [
        "campaign.created",
        "campaign.running",
        "campaign.group",
        "campaign.paused",
        "campaign.stopped",
        *["operation.cancelled"] * 4,
    ]


def test_an_alert_that_belongs_to_nothing_is_told_and_bounded(world: World, device: Device):
    world.orders(device)
    device.talk(world.post)
    device.finishes(200, "90", correlator="nobody's")
    device.talk(world.post)
    last = events(world)[-1]
    assert (last.kind, last.device, last.operation) == ("alert.orphan", device.id, None)
    long = "x" * 5000
    world.runs(
        f"""INSERT INTO alert (device_id, at_s, session_id, msg_id, type, source, data, mark,
            match) VALUES ('d', 0, '1', 1, '', '', '{long}', '', 'orphan')"""
    )
    assert len(events(world)[-1].text) == 300


def test_what_was_rolled_back_was_never_told(world: World, device: Device):
    world.orders(device)
    before = events(world)

    class Cut(Exception):
        pass

    def cut_off() -> None:
        with world.store.db.transaction():
            world.store.add_package(Package(0, "other", "1", "cd" * 32, 1))
            raise Cut

    with pytest.raises(Cut):
        cut_off()
    assert events(world) == before
    world.store.add_package(Package(0, "other", "1", "cd" * 32, 1))
    assert events(world)[-1].number == len(before) + 1


def test_a_narrow_look_goes_on_where_nothing_fits(world: World):
    for n in range(3):
        wrote(world.store.db, str(n))
    db = world.store.db
    feed.give_numbers(db)
    found = feed.after(db, 0, 10, Wanted(kinds=("operation",)))
    assert (found.items, found.next, found.oldest) == ([], 3, 1)
    assert [event.text for event in feed.after(db, 1, 1, ALL).items] == ["1"]
    assert feed.after(db, 0, 1, Wanted(kinds=("test",))).next == 1
    assert LOOKED_AT_MAX >= 500


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        (Wanted(kinds=("operation",)), True),
        (Wanted(kinds=("operation.failed",)), True),
        (Wanted(kinds=("operation.fail",)), False),
        (Wanted(kinds=("alert", "operation.failed")), True),
        (Wanted(device="d"), True),
        (Wanted(device="e"), False),
        (Wanted(campaign=7), True),
        (Wanted(campaign=8), False),
        (Wanted(("operation",), "d", 8), False),
    ],
)
def test_what_is_wanted(wanted: Wanted, fits: bool):
    assert wanted.fits(Event(1, 0.0, "operation.failed", "d", 7, 1, 410, "")) is fits


def test_what_operators_did_is_for_admins_alone(world: World):
    sql = "INSERT INTO audit (at_s, who, place, action, target) VALUES (1, 'eve', 'h', 'a.b', 'x')"
    world.runs(sql)
    assert events(world) == []
    assert events(world, 0, Wanted(("audit",))) == []
    [told] = events(world, 0, Wanted(audit=True))
    assert (told.kind, told.text) == ("audit.a.b", "eve at h: x")
    assert Wanted().narrow
    assert not Wanted(audit=True).narrow


def test_who_has_seen_more_than_there_is_is_told_so(world: World):
    wrote(world.store.db, "one")
    feed.give_numbers(world.store.db)
    with pytest.raises(Denied, match="event 9 is not there, the newest is 1: an older copy"):
        feed.after(world.store.db, 9, 10, ALL)


def test_a_slow_commit_is_passed_over_by_nobody(two: tuple[Database, Database]):
    """Its id is the lower one, and it is seen later: by id it would be missed for ever."""
    slow, quick = two
    with slow.transaction():
        wrote(slow, "slow")
        wrote(quick, "quick")
        feed.give_numbers(quick)
        first = feed.after(quick, 0, 10, ALL)
    feed.give_numbers(quick)
    second = feed.after(quick, first.next, 10, ALL)
    assert [event.text for event in (*first.items, *second.items)] == ["quick", "slow"]
    assert [event.number for event in (*first.items, *second.items)] == [1, 2]


def test_two_that_number_at_once_leave_no_gap(two: tuple[Database, Database]):
    one, other = two
    for n in range(10):
        wrote(one, str(n))
        feed.give_numbers(one if n % 2 else other)
    assert feed.give_numbers(other) == 0
    told = feed.after(one, 0, 100, ALL).items
    assert [(event.number, event.text) for event in told] == [(n + 1, str(n)) for n in range(10)]


def test_a_retry_is_told_when_its_exec_leaves(world: World, device: Device):
    campaign = world.orders(device)
    device.talk(world.post)
    device.finishes(410, "70")
    device.talk(world.post)
    seen = events(world)[-1].number
    world.retries(campaign)
    device.talk(world.post)
    told = ["operation.note", "operation.note", "operation.sent", "operation.accepted"]
    assert kinds(world, seen) == told
