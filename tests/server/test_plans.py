"""No statement of a message, a sweep, an order or a listing grows with the table.

The same story is told over a small and a large fleet, on both databases; what each statement makes
the database do is compared. What is asked about a whole fleet is not in the story: a new campaign's
devices are chosen once, by an operator who waits.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from fumo.server.attributes import Marks
from fumo.server.edges import listing
from fumo.server.edges.admin_store import AdminStore
from fumo.server.edges.timeline import timeline
from fumo.server.edges.views import Views
from fumo.server.office import Office, Order
from fumo.server.paging import Page, Way
from fumo.server.rollout import RELEASE_MAX
from fumo.server.rows import Match, Package
from fumo.server.sweep import sweep
from fumo.server.targets import Targets
from fumo.server.terms import Terms
from tests.postgres import Cluster
from tests.server.device import Device
from tests.server.large import FILTER, fill, known
from tests.server.work import Worked
from tests.server.world import World

SMALL, LARGE = 10 * RELEASE_MAX, 100 * RELEASE_MAX
SLACK = 400
"""Work that is nothing: a page of rows more, a deeper tree."""
FIRST, NEWEST = Page(50, Way.UP, None), Page(50, Way.DOWN, None)


def told(where: Path | str, devices: int) -> Worked:
    """What each statement of the story made the database do."""
    world = World(where)
    try:
        campaign = prepared(world, devices)
        worked = Worked(world.store.db)
        world.store = AdminStore(worked)
        world.pump = replace(world.pump, store=world.store)
        story(world, campaign)
        return worked
    finally:
        world.close()


def prepared(world: World, devices: int) -> int:
    """Half of a large campaign has ended, a quarter is planned, and the rest is held."""
    name = "sqlite" if isinstance(world.where, Path) else "postgresql"
    fill(world.store.db, name, devices)
    office = Office(world.store, world.dice.octets)
    office.add_package(Package(0, "fw", "2", "ab" * 32, 100))
    terms = Terms(error_percent=50)
    campaign = office.begin(Order("fw", (), "download", terms=terms, filter=FILTER), world.at_s)
    for sql in (
        "UPDATE operation SET state = 'planned' WHERE state = 'held' AND id % 4 = 1",
        "UPDATE operation SET state = 'cancelled' WHERE state = 'held' AND id % 2 = 0",
        "INSERT INTO note (operation_id, at_s, text, incident) SELECT id, 1, '', 0 FROM operation",
        "DELETE FROM unplaced",
    ):
        world.runs(sql)
    known(world.store.db, name)
    return campaign.id


def story(world: World, campaign_id: int) -> None:
    """One device, one operator, and the time that passes."""
    office, device = Office(world.store, world.dice.octets), Device()
    world.knows(device)
    own = office.begin(Order("fw", (device.id,), "downloadandupdate"), world.at_s)
    device.talk(world.post)
    device.finishes(410, "70")
    device.talk(world.post)
    office.retry(own.id, world.at_s)
    for _ in range(2):
        sweep(world.store, world.at_s, world.dice.octets)
    for word in ("pause", "resume", "stop"):
        office.steer(campaign_id, word, world.at_s)
        sweep(world.store, world.at_s, world.dice.octets)
    office.mark(Targets((device.id,)), Marks(set={"site": "x"}, add=["lab"]))
    sweep(world.store, world.at_s + 3e6, world.dice.octets)
    looked_at(world.store, campaign_id, device.id)


def looked_at(store: AdminStore, campaign_id: int, device_id: str) -> None:
    """What people and programs read."""
    db, views = store.db, Views(store.db)
    for q in ("", FILTER, "tag == lab", "site == x"):
        listing.devices(db, FIRST, q)
    for q in ("", f"campaign == {campaign_id} and state == cancelled", "result == 410"):
        of = 2 if "410" in q else None
        listing.operations(db, NEWEST, q, of, None)
    listing.operations(db, NEWEST, "", campaign_id, None)
    listing.operations(db, NEWEST, "", None, device_id)
    for match in (None, Match.LATE):
        listing.alerts(db, match, NEWEST)
    listing.campaign_ids(db, NEWEST)
    views.campaign(campaign_id)
    views.devices_of([device_id])
    views.newest_of_each([device_id])
    newest = views.operations(device_id=device_id)[0]
    views.matches([newest.id])
    timeline(views, newest.id)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def both(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Worked, Worked]:
    """The story over a small and over a large fleet."""
    fresh: Callable[[], Path | str]
    if request.param == "sqlite":
        fresh = lambda: tmp_path_factory.mktemp("plans") / "fumo.db"  # noqa: E731
    else:
        running: Cluster = request.getfixturevalue("postgres")
        fresh = running.fresh
    return told(fresh(), SMALL), told(fresh(), LARGE)


def test_no_statement_does_more_over_a_larger_fleet(both: tuple[Worked, Worked]):
    small, large = both
    grown = {
        sql: f"{small.work[sql]} -> {work}\n{large.plans[sql]}"
        for sql, work in large.work.items()
        if sql in small.work and work > 2 * small.work[sql] + SLACK
    }
    assert not grown, "\n\n".join(f"{sql}\n{how}" for sql, how in grown.items())


def test_both_stories_are_the_same(both: tuple[Worked, Worked]):
    small, large = both
    assert len(large.work) > 60
    assert set(small.work) == set(large.work)
