"""What people must look at: kept in the commit of what happened, counted, seen by somebody."""

import pytest
from msgspec.structs import replace

from fumo.cli.operations import MATCHES
from fumo.codes import ALERT_TYPES, Kind
from fumo.dm.alerts import generic_alert
from fumo.dm.message import Alert, Item, Location, Meta
from fumo.server.edges import incidents, listing
from fumo.server.paging import NEWEST, Way, page_of
from fumo.server.rows import IncidentKind, Match
from tests.server.device import Device
from tests.server.world import World

DLU = ALERT_TYPES[Kind.DOWNLOAD_AND_UPDATE]
FOREIGN = generic_alert(DLU, "./FwUpdate/x", 200, "informational", "foreign")


@pytest.fixture
def busy(world: World, device: Device) -> Device:
    """A device at work on its one operation."""
    world.orders(device)
    device.talk(world.post)
    return device


def tells(world: World, device: Device, *alerts: Alert) -> None:
    device.acked, device.outbox = [], list(alerts)
    device.talk(world.post)
    assert set(device.acked) == {200}
    device.acked, device.outbox = [], []


def there(world: World, *, all_: bool = False) -> list[tuple[IncidentKind, int, int]]:
    found = incidents.newest(world.store.db, NEWEST, 10, all_=all_)
    return [(one.kind, one.operation_id, one.number) for one in found]


def test_a_second_result_is_one(world: World, busy: Device):
    first, second = busy.finishes(410, "70"), busy.finishes(200, "90")
    tells(world, busy, first)
    assert there(world) == []
    tells(world, busy, second)
    assert there(world) == [(IncidentKind.CONFLICT, 1, 1)]


def test_alerts_are_listed_by_what_they_were_matched_as(world: World, busy: Device):
    alert = busy.finishes(410, "70")
    tells(world, busy, alert, alert, FOREIGN)
    assert set(MATCHES) == set(Match)
    page = page_of(10, None, Way.DOWN, NEWEST)
    for match in Match:
        found = listing.alerts(world.store.db, match, page)
        assert {row.match for _, row in found} <= {match}
        assert len(found) == (1 if match in (Match.FINAL, Match.REPEATED, Match.ORPHAN) else 0)
    assert len(listing.alerts(world.store.db, None, page)) == 3


def test_a_repeated_result_is_none(world: World, busy: Device):
    alert = busy.finishes(410, "70")
    tells(world, busy, alert)
    tells(world, busy, alert)
    assert there(world) == []


def test_f27_a_result_of_nobody_is_one_and_is_counted_up(world: World, busy: Device):
    tells(world, busy, FOREIGN)
    tells(world, busy, FOREIGN, FOREIGN)
    assert there(world) == [(IncidentKind.ORPHAN, 0, 3)]
    assert world.matches == ["orphan"] * 3
    [one] = incidents.newest(world.store.db, NEWEST, 10)
    assert "correlator foreign" in one.text
    assert one.device_id == busy.id


def test_f27_a_result_of_what_was_never_sent_tells_that_rows_are_older(
    world: World, device: Device
):
    world.orders(device)
    correlator = world.operation().correlator
    tells(world, device, generic_alert(DLU, "./FwUpdate/x", 200, "informational", correlator))
    assert there(world) == [(IncidentKind.FORGOTTEN, 1, 1)]
    assert world.rows("SELECT count(*) FROM note WHERE incident = 1") == [(1,)]


@pytest.mark.parametrize("data", ["198", "soon"])
def test_progress_and_alerts_of_other_things_are_none(world: World, busy: Device, data: str):
    item = FOREIGN.items[0]
    other = Item(source=Location("./x"), meta=Meta(type="org.example.other", format="chr"))
    tells(world, busy, replace(FOREIGN, items=(replace(item, data=data), other)))
    assert there(world) == []
    assert world.matches == ["orphan", "orphan"]


def test_who_looks_at_it_first_is_kept_and_the_same_again_opens_it(world: World, busy: Device):
    tells(world, busy, FOREIGN)
    [one] = incidents.newest(world.store.db, NEWEST, 10)
    for who in ("ann", "bob"):
        seen = incidents.see(world.store.db, one.id, who, 5.0)
        assert seen is not None
        assert (seen.seen_by, seen.seen_at_s) == ("ann", 5.0)
    assert there(world) == []
    assert there(world, all_=True) == [(IncidentKind.ORPHAN, 0, 1)]
    tells(world, busy, FOREIGN)
    assert there(world) == [(IncidentKind.ORPHAN, 0, 2)]


def test_nobody_sees_what_is_not_there(world: World):
    assert incidents.see(world.store.db, 7, "ann", 5.0) is None


def test_devices_have_their_own(world: World, busy: Device):
    other = world.knows(Device("IMEI:2"))
    for device in (busy, other):
        tells(world, device, FOREIGN)
    assert there(world) == [(IncidentKind.ORPHAN, 0, 1)] * 2
