"""An alert finds its operation, and an operation is counted once however many alerts come."""

import pytest
from msgspec.structs import replace

from fumo.codes import ALERT_TYPES, DEVICE_REQUEST, USER_REQUEST, Kind
from fumo.dm.alerts import generic_alert
from fumo.dm.message import Alert, Item, Location, Meta
from fumo.server.rows import OperationState
from tests.server.device import Device, with_source
from tests.server.world import DAY_S, World

S = OperationState
DLU = ALERT_TYPES[Kind.DOWNLOAD_AND_UPDATE]


@pytest.fixture
def busy(world: World, device: Device) -> Device:
    """A device at work on its one operation."""
    world.orders(device)
    device.talk(world.post)
    return device


def tells(world: World, device: Device, *alerts: Alert) -> list[int]:
    """A session in which the device tells just these; their Statuses."""
    device.acked, device.outbox = [], list(alerts)
    device.talk(world.post)
    device.outbox = []
    return device.acked


@pytest.mark.clause("S08", "S-ALT")
def test_f4_a_repeated_alert_is_stored_and_answered_but_not_counted(world: World, busy: Device):
    alert = busy.finishes(200, "90")
    for _ in range(3):
        assert tells(world, busy, alert) == [200]
    assert world.matches == ["final", "repeated", "repeated"]
    assert world.results == [(1, 200)]
    assert world.tally == {"succeeded": 1}


@pytest.mark.clause("S08")
def test_the_same_alert_twice_in_one_message_is_counted_once(world: World, busy: Device):
    alert = busy.finishes(503, "20")
    assert tells(world, busy, alert, alert) == [200, 200]
    assert world.matches == ["final", "repeated"]
    assert world.results == [(1, 503)]


@pytest.mark.clause("S08")
def test_the_first_result_stands_and_another_is_an_incident(world: World, busy: Device):
    first, second = busy.finishes(410, "70"), busy.finishes(200, "90")
    tells(world, busy, first)
    assert tells(world, busy, second) == [200]
    assert world.matches == ["final", "conflict"]
    assert world.states == [S.FAILED]
    assert world.results == [(1, 410)]
    assert world.rows("SELECT count(*) FROM note WHERE incident = 1") == [(1,)]


@pytest.mark.clause("S-ALT")
def test_f27_an_unknown_correlator_is_an_orphan_kept_and_answered(world: World, busy: Device):
    assert tells(world, busy, generic_alert(DLU, "./FwUpdate/x", 200, "harmless", "foreign")) == [
        200
    ]
    assert world.matches == ["orphan"]
    assert world.states == [S.ACCEPTED]


def test_the_correlator_of_another_device_counts_for_nobody(world: World, busy: Device):
    thief = world.knows(Device("IMEI:2"))
    correlator = world.operation().correlator
    assert tells(world, thief, generic_alert(DLU, "./FwUpdate/x", 200, "harmless", correlator))
    assert world.matches == ["orphan"]
    assert world.states == [S.ACCEPTED]


@pytest.mark.parametrize(
    "source", ["./FwUpdate/x", "FwUpdate/x/", "./FwUpdate/x/DownloadAndUpdate", None]
)
def test_without_a_correlator_the_one_waiting_operation_is_meant(
    world: World, busy: Device, source: str | None
):
    alert = with_source(replace(busy.finishes(200, "90"), correlator=None), source)
    assert tells(world, busy, alert) == [200]
    assert world.states == [S.SUCCEEDED]
    assert tells(world, busy, alert) == [200]
    assert world.matches == ["final", "repeated"]


def test_without_a_correlator_another_object_is_not_meant(world: World, busy: Device):
    alert = with_source(replace(busy.finishes(200, "90"), correlator=None), "./Other/x")
    tells(world, busy, alert)
    assert world.matches == ["orphan"]


@pytest.mark.parametrize(
    "type_",
    [f"Reversed-Domain-Name: {DLU}", f" {DLU.upper()} ", DLU.replace(".dm.", ".")],
)
def test_alert_types_of_the_field_are_understood(world: World, busy: Device, type_: str):
    alert = replace(busy.finishes(200, "90"), correlator=None)
    items = tuple(replace(i, meta=Meta(type=type_, format="chr")) for i in alert.items)
    tells(world, busy, replace(alert, items=items))
    assert world.states == [S.SUCCEEDED]


@pytest.mark.clause("S04", "S-ALT", "P6-18")
def test_every_item_is_taken(world: World, busy: Device):
    alert = busy.finishes(200, "90")
    foreign = Item(source=Location("./x"), meta=Meta(type="org.example.other", format="chr"))
    assert tells(world, busy, replace(alert, items=(foreign, *alert.items))) == [200]
    assert world.matches == ["orphan", "final"]


@pytest.mark.clause("S04", "S-ALT")
def test_415_only_where_type_and_format_are_both_unknown(world: World, busy: Device):
    def odd(type_: str, format_: str) -> Alert:
        return Alert(1226, items=(Item(meta=Meta(type=type_, format=format_), data="1"),))

    assert tells(world, busy, odd("org.example.x", "weird")) == [415]
    assert tells(world, busy, odd("org.example.x", "int")) == [200]
    assert tells(world, busy, odd(DLU, "weird")) == [200]


@pytest.mark.parametrize(
    ("data", "match"),
    [("198", "progress"), ("oops", "progress"), ("299", "final"), ("952 cause", "final")],
)
def test_what_is_no_final_code_is_progress(world: World, busy: Device, data: str, match: str):
    alert = busy.finishes(200, "90")
    items = tuple(replace(item, data=data) for item in alert.items)
    assert tells(world, busy, replace(alert, items=items)) == [200]
    assert world.matches == [match]
    assert bool(world.results) == (match == "final")


def test_a_profile_may_say_that_a_vendor_success_is_only_progress(world: World):
    device = world.knows(Device(), profile="vendor-progress")
    world.orders(device)
    device.talk(world.post)
    tells(world, device, device.finishes(255, "50"))
    assert world.matches == ["progress"]
    tells(world, device, device.finishes(200, "90"))
    assert world.matches == ["progress", "final"]
    assert world.results == [(1, 200)]


@pytest.mark.parametrize("type_", [USER_REQUEST, DEVICE_REQUEST])
def test_a_request_is_answered_by_what_follows(world: World, device: Device, type_: str):
    request = Alert(1226, items=(Item(meta=Meta(type=type_, format="chr"), data=""),))
    assert tells(world, device, request) == [202]
    world.orders(device)
    assert tells(world, device, request) == [200]
    assert len(device.execs) == 1
    assert set(world.matches) == {"request"}


@pytest.mark.clause("S07")
def test_a_late_alert_closes_an_operation_that_was_given_up(world: World, busy: Device):
    world.at_s += 3 * DAY_S
    assert world.sweeps() == 1
    assert world.states == [S.UNKNOWN]
    assert world.tally == {"unknown": 1}
    tells(world, busy, busy.finishes(200, "90"))
    assert world.matches == ["late"]
    assert world.states == [S.SUCCEEDED]
    assert world.tally == {"succeeded": 1}


def test_a_result_after_a_refusal_counts(world: World, device: Device):
    """Some clients refuse the Exec and start it all the same."""
    device.statuses["Exec ./FwUpdate/x/DownloadAndUpdate"] = 403
    world.orders(device)
    device.talk(world.post)
    assert world.states == [S.REFUSED]
    correlator = world.operation().correlator
    tells(world, device, generic_alert(DLU, "./FwUpdate/x", 200, "informational", correlator))
    assert world.matches == ["late"]
    assert world.states == [S.SUCCEEDED]


def test_f27_a_restored_backup_does_not_order_again_what_was_done(world: World, device: Device):
    """The row says *planned*, the alert with its secret correlator says that it was sent."""
    world.orders(device)
    correlator = world.operation().correlator
    tells(world, device, generic_alert(DLU, "./FwUpdate/x", 200, "informational", correlator))
    assert world.states == [S.SUCCEEDED]
    assert device.execs == []


def test_every_result_of_one_message_counts(world: World, device: Device):
    """Whatever is answered 200 was looked for, however many they are."""
    results = []
    for _ in range(70):
        world.orders(device, kind=Kind.DOWNLOAD)
        device.talk(world.post)
        results.append(device.finishes(503, "20"))
        device.outbox.clear()
        world.runs("UPDATE operation SET state = 'unknown' WHERE state = 'accepted'")
    assert tells(world, device, *results) == [200] * 70
    assert len(world.results) == 70
    assert set(world.matches) == {"late"}
