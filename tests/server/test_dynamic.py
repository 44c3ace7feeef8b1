"""Dynamic campaigns: who comes to be chosen is taken up, once, and nobody by accident."""

from fumo.server.attributes import Marks
from fumo.server.edges.placing import place
from fumo.server.office import Office, Order
from fumo.server.rows import Campaign, Package
from fumo.server.sweep import sweep
from fumo.server.targets import Targets
from fumo.server.terms import Terms
from tests.server.device import Device
from tests.server.world import World

AT_ONCE = Terms()


def begun(world: World, filter_: str, terms: Terms = AT_ONCE, dynamic: bool = True) -> Campaign:
    office = Office(world.store, world.dice.octets)
    office.add_package(Package(0, "fw", "2", "ab" * 32, 100))
    order = Order("fw", (), "downloadandupdate", terms=terms, filter=filter_, dynamic=dynamic)
    return office.begin(order, world.at_s)


def swept(world: World) -> None:
    while sweep(world.store, world.at_s, world.dice.octets):
        pass


def marked(world: World, device: Device, **marks: list[str]) -> None:
    office = Office(world.store, world.dice.octets)
    office.mark(Targets((device.id,)), Marks(**marks))  # type: ignore[arg-type]


def test_a_new_device_is_taken_up_as_it_is_seen(world: World, device: Device):
    begun(world, 'man ~ "*"')
    assert world.tally == {}
    swept(world)
    assert world.tally == {}
    device.talk(world.post)
    assert device.execs == []
    swept(world)
    device.talk(world.post)
    assert len(device.execs) == 1


def test_a_device_is_taken_up_once_however_often_it_changes(world: World, device: Device):
    campaign = begun(world, "tag == lab")
    for _ in range(3):
        marked(world, device, add=["lab"])
        swept(world)
        marked(world, device, remove=["lab"])
        swept(world)
    assert world.tally == {"planned": 1}
    assert world.store.campaign(campaign.id).sizes == (1,)  # type: ignore[union-attr]


def test_a_tag_begins_nothing_where_nobody_asked_for_it(world: World, device: Device):
    marked(world, world.knows(Device("IMEI:2")), add=["lab"])
    begun(world, "tag == lab", dynamic=False)
    assert world.tally == {"planned": 1}
    marked(world, device, add=["lab"])
    swept(world)
    assert world.tally == {"planned": 1}
    assert world.rows("SELECT * FROM unplaced") == []


def test_who_comes_late_is_in_the_last_group(world: World, device: Device):
    others = [world.knows(Device(f"IMEI:{n}")) for n in (2, 3)]
    campaign = begun(world, "id != 'IMEI:1' or tag == lab", Terms(shares=(50,)))
    marked(world, device, add=["lab"])
    swept(world)
    assert world.store.campaign(campaign.id).sizes == (1, 2)  # type: ignore[union-attr]
    rows = world.rows("SELECT device_id, group_number, state FROM operation ORDER BY id")
    assert rows[-1] == (device.id, 2, "held")
    assert len(rows) == len(others) + 1


def test_a_campaign_that_ended_takes_nobody_up(world: World, device: Device):
    campaign = begun(world, "tag == lab")
    Office(world.store, world.dice.octets).steer(campaign.id, "stop", world.at_s)
    marked(world, device, add=["lab"])
    swept(world)
    assert world.tally == {}


def test_many_are_placed_in_steps(world: World):
    begun(world, 'id ~ "*"')
    for n in range(5):
        world.knows(Device(f"IMEI:{n}"))
    assert [place(world.store.db, world.at_s, 2) for _ in range(4)] == [3, 3, 1, 0]
    assert world.tally == {"held": 5}
