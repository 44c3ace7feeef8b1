"""A campaign's operations come to be in one statement: whose, in which groups, with what names."""

from pathlib import Path

import pytest

from fumo.server.attributes import Marks
from fumo.server.edges.creating import EXACT_MAX
from fumo.server.office import Office, Order, Terms
from fumo.server.rollout import Denied
from fumo.server.rows import Campaign, Device, Package
from fumo.server.targets import Targets
from tests.server.large import FILTER, fill
from tests.server.world import World

MANY = 40
AT_ONCE = Terms()


def begun(world: World, filter_: str | None = None, terms: Terms = AT_ONCE) -> Campaign:
    """Forty devices, of which the last ten told another model."""
    office = Office(world.store, world.dice.octets)
    office.add_package(Package(0, "fw", "2", "ab" * 32, 100, model="X"))
    for n in range(MANY):
        info = {"Mod": "X" if n < 30 else "Y"}
        office.add_device(Device(f"d-{n:02}", "u", "a", "b", info=info))
    names = [] if filter_ else [f"d-{n:02}" for n in reversed(range(MANY))]
    order = Order("fw", names, "downloadandupdate", terms=terms, filter=filter_)
    return office.begin(order, world.at_s)


def test_named_devices_are_in_groups_as_they_were_named(world: World):
    begun(world, terms=Terms(shares=(25,), starts=False))
    of_group = world.rows("SELECT device_id FROM operation WHERE group_number = 1 ORDER BY id")
    assert of_group == [(f"d-{n:02}",) for n in reversed(range(30, 40))]
    assert world.tally == {"held": 40}


def test_a_filter_leaves_out_another_model_and_draws_lots(world: World):
    campaign = begun(world, 'id ~ "*"', Terms(shares=(10, 20), starts=False))
    assert campaign.sizes == (3, 6, 21)
    assert campaign.filter == 'id ~ "*"'
    rows = world.rows("SELECT group_number, device_id, correlator FROM operation ORDER BY id")
    assert [group for group, *_ in rows] == sorted(group for group, *_ in rows)
    assert [sum(group == n for group, *_ in rows) for n in (1, 2, 3)] == [3, 6, 21]
    assert sorted(str(who) for _, who, _ in rows) == [f"d-{n:02}" for n in range(30)]
    assert [who for _, who, _ in rows] != sorted(str(who) for _, who, _ in rows)  # 1 of 30!
    assert len({name for *_, name in rows}) == 30
    assert all(len(str(name)) == 32 and int(str(name), 16) for *_, name in rows)


def test_what_may_start_at_once_is_released_with_the_order(world: World):
    begun(world, "model == X")
    assert world.tally == {"planned": 30}
    assert world.rows("SELECT DISTINCT due_at_s - created_at_s, deadline_s FROM operation") == [
        (604800.0, 604800.0)
    ]


def test_a_filter_that_chooses_nobody_begins_nothing(world: World):
    with pytest.raises(Denied, match="look at its preview"):
        begun(world, "model == Z")
    assert world.rows("SELECT * FROM campaign") == []


def test_devices_that_come_between_the_count_and_the_order_have_a_group(world: World):
    campaign = begun(world, "model == X", Terms(shares=(50,), starts=False))
    late = Campaign(0, "late", campaign.package_id, campaign.kind, 1.0, sizes=(10, 10))
    assert world.store.add_campaign(late, Targets(filter="model == X")).sizes == (10, 20)


def test_a_mark_begins_nothing(world: World):
    begun(world, "model == X and tag != lab", Terms(starts=False))
    Office(world.store, world.dice.octets).mark(Targets(("d-35",)), Marks(set={"site": "x"}))
    assert world.tally == {"held": 30}


def test_of_a_large_fleet_the_groups_are_by_chance_and_counted(world: World):
    """In the order of devices, which is quicker than any other."""
    devices = EXACT_MAX + 2_000
    fill(world.store.db, "sqlite" if isinstance(world.where, Path) else "postgresql", devices)
    office = Office(world.store, world.dice.octets)
    office.add_package(Package(0, "fw", "2", "ab" * 32, 100))
    terms = Terms(shares=(25, 25), starts=False)
    campaign = office.begin(Order("fw", (), "download", terms=terms, filter=FILTER), 1.0)
    counted = world.rows("SELECT count(*) FROM operation GROUP BY group_number ORDER BY 1 LIMIT 9")
    assert sorted(campaign.sizes) == [number for (number,) in counted]
    assert sum(campaign.sizes) == devices
    for size, wanted in zip(campaign.sizes, (3_000, 3_000, 6_000), strict=True):
        assert abs(size - wanted) < 300  # six times what chance does
    assert world.tally == {"held": devices}
    # and what was drawn is what stands there
    firsts = world.rows("SELECT min(correlator), max(correlator), group_number FROM operation"
                        " GROUP BY group_number ORDER BY group_number")  # fmt: skip
    bounds = [str(cell) for low, high, _ in firsts for cell in (low, high)]
    assert bounds == sorted(bounds)
