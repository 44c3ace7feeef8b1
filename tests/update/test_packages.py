"""PkgData that comes and goes beside operations: what State says of it, over restarts too."""

import pytest

from fumo.codes import Kind, State
from fumo.update.failures import Cause
from fumo.update.happening import CleanedUp, PackageReplaced
from tests.update.story import Device, held


def failed(kind: Kind) -> Device:
    """Its operation failed, was told, and is cleaned up."""
    device = Device()
    if kind is Kind.UPDATE:
        device.happen(PackageReplaced(held()))
    device.exec(kind)
    device.begin()
    device.fail(Cause.NOT_THERE if kind is not Kind.UPDATE else Cause.UNFIT)
    device.acknowledge()
    if device.owes() is not None:
        device.happen(CleanedUp(device.op_id))
    return device


@pytest.mark.clause("C17")
@pytest.mark.parametrize("kind", list(Kind))
def test_a_package_that_came_and_went_leaves_an_idle_object(kind: Kind):
    device = failed(kind)
    device.happen(PackageReplaced(held()))
    assert device.state == State.READY_TO_UPDATE
    device.happen(PackageReplaced(None))
    assert device.state == State.IDLE
    device.boot()
    assert device.state == State.IDLE
    device.happen(PackageReplaced(None))
    assert device.state == State.IDLE
    device.happen(PackageReplaced(held()))
    assert device.state == State.READY_TO_UPDATE
    device.exec(Kind.UPDATE, "43")
    device.intend()
    assert device.state == State.UPDATE_PROGRESSING


@pytest.mark.parametrize("kind", [Kind.DOWNLOAD, Kind.DOWNLOAD_AND_UPDATE])
def test_where_there_is_none_nothing_is_taken_away(kind: Kind):
    device = failed(kind)
    device.happen(PackageReplaced(None))
    assert device.state == State.DOWNLOAD_FAILED


def test_a_new_order_ends_it():
    device = failed(Kind.DOWNLOAD)
    device.happen(PackageReplaced(held()))
    device.happen(PackageReplaced(None))
    device.exec(Kind.DOWNLOAD, "43")
    device.begin()
    device.fail(Cause.NOT_THERE)
    assert device.state == State.DOWNLOAD_FAILED
