"""The table of a second Exec, row by row and column by column."""

import itertools

import pytest
from msgspec.structs import replace

from fumo.codes import Kind, Status
from fumo.update import Accept, Answer, judge
from fumo.update.duty import Download
from fumo.update.failures import Cause
from fumo.update.happening import PackageReplaced
from tests.update.story import Device, held, order

ACCEPTED, BUSY = Answer(Status.ACCEPTED), Answer(Status.FORBIDDEN, "busy")
NO_PACKAGE = Answer(Status.NOT_ALLOWED, "no package")
NEW = "a new operation"


def running(correlator: str | None) -> Device:
    device = Device()
    device.exec(Kind.DOWNLOAD, correlator)
    return device


def attempting(correlator: str | None) -> Device:
    device = running(correlator)
    device.begin()
    return device


def sealed(correlator: str | None) -> Device:
    device = attempting(correlator)
    device.fail(Cause.NOT_THERE)
    return device


def settled(correlator: str | None) -> Device:
    device = sealed(correlator)
    device.acknowledge()
    return device


TABLE = {
    (running, "same"): ACCEPTED,
    (running, "other"): BUSY,
    (running, "none"): BUSY,
    (attempting, "same"): ACCEPTED,
    (attempting, "other"): BUSY,
    (attempting, "none"): BUSY,
    (sealed, "same"): ACCEPTED,
    (sealed, "other"): NEW,
    (sealed, "none"): NEW,
    (settled, "same"): NEW,
    (settled, "other"): NEW,
    (settled, "none"): NEW,
}
ASKED = {"same": "42", "other": "43", "none": None}


def answer(device: Device, asked) -> Answer | str:
    judged = judge(device.target, asked)
    return NEW if isinstance(judged, Accept) else judged


@pytest.mark.clause("C09", "C16")
@pytest.mark.parametrize(("when", "correlator"), TABLE)
def test_a_second_exec_gets_what_the_table_says(when, correlator):
    asked = order(Kind.DOWNLOAD, ASKED[correlator])
    assert answer(when("42"), asked) == TABLE[when, correlator]


@pytest.mark.parametrize("when", [running, attempting, sealed, settled])
def test_without_correlators_nothing_is_the_same(when):
    expected = BUSY if when in (running, attempting) else NEW
    assert answer(when(None), order(Kind.DOWNLOAD, None)) == expected


@pytest.mark.parametrize(
    "other", [{"server": "x"}, {"object_uri": "./x"}, {"kind": Kind.DOWNLOAD_AND_UPDATE}]
)
def test_the_same_correlator_elsewhere_is_another_order(other):
    asked = replace(order(Kind.DOWNLOAD), **other)
    assert answer(running("42"), asked) == BUSY
    assert answer(sealed("42"), asked) == NEW


def test_a_server_unsure_of_an_older_order_is_told_that_it_was_accepted():
    device = sealed("42")
    device.exec(Kind.DOWNLOAD, "43")
    assert answer(device, order(Kind.DOWNLOAD, "42")) == ACCEPTED
    assert answer(device, order(Kind.DOWNLOAD, "43")) == ACCEPTED
    assert answer(device, order(Kind.DOWNLOAD, "44")) == BUSY


@pytest.mark.parametrize(
    ("kind", "url"), [*itertools.product((Kind.DOWNLOAD, Kind.DOWNLOAD_AND_UPDATE), (None, ""))]
)
def test_no_url_is_refused_and_no_alert_follows(kind, url):
    device = Device()
    assert device.exec(kind, url=url) == NO_PACKAGE
    assert (device.target.operations, device.told) == ((), [])


def test_an_update_needs_a_package():
    device = Device()
    assert device.exec(Kind.UPDATE) == NO_PACKAGE
    device.happen(PackageReplaced(held()))
    assert device.exec(Kind.UPDATE) is None


def test_a_new_order_leaves_the_old_alert_owed():
    device = sealed("42")
    device.exec(Kind.DOWNLOAD, "43")
    assert device.told == [411]
    assert isinstance(device.owes(), Download)


def test_each_operation_gets_the_least_number_that_is_free_on_the_device():
    device = settled("42")
    for free, given in ((0, 2), (2, 2), (9, 9)):
        judged = judge(device.target, replace(order(Kind.DOWNLOAD), op_id=free))
        assert judged.happening.order.op_id == given
