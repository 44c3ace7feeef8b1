"""Stories after the point of no return."""

import pytest

from fumo.codes import RESULTS, VENDOR_RESULTS, Kind, Mark, State, Status
from fumo.errors import MisuseError
from fumo.update import Policy, reports
from fumo.update.duty import CleanUp, Prepare
from fumo.update.failures import FAILURES, Cause
from fumo.update.happening import AlertAcknowledged, AlertRefused, CleanedUp, PackageReplaced
from fumo.update.operation import Sealed, Settled
from fumo.update.sealing import alert_for
from tests.update.story import OBJECT, Device, held, order

LEGAL = [*RESULTS, *(code for codes in VENDOR_RESULTS for code in codes)]


def failed(**policy) -> Device:
    device = Device(Policy(**policy))
    device.exec(Kind.DOWNLOAD_AND_UPDATE)
    device.begin()
    device.fail(Cause.NOT_THERE)
    return device


def updated() -> Device:
    device = Device()
    device.exec(Kind.DOWNLOAD_AND_UPDATE)
    device.fetch()
    device.apply_well()
    return device


@pytest.mark.clause("C11", "C12", "C13")
@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("correlator", ["42", "a<b&c ", None])
def test_the_alert_names_object_operation_and_correlator(kind, correlator):
    alert = alert_for(order(kind, correlator), 200)
    assert alert.source == OBJECT
    assert alert.type == f"org.openmobilealliance.dm.firmwareupdate.{kind.lower()}"
    assert alert.correlator == correlator


@pytest.mark.clause("C14")
@pytest.mark.parametrize("illegal", [0, 201, 249, 413, 449, 504, 549, 600])
def test_no_alert_tells_a_number_that_is_no_result(illegal):
    with pytest.raises(MisuseError):
        alert_for(order(Kind.DOWNLOAD), illegal)
    assert alert_for(order(Kind.DOWNLOAD), 255).result == 255


@pytest.mark.clause("C15")
def test_only_successes_are_informational():
    marks = {code: alert_for(order(Kind.UPDATE), code).mark for code in LEGAL}
    informational = {code for code, mark in marks.items() if mark == Mark.INFORMATIONAL}
    assert informational == {200, *range(250, 300)}


@pytest.mark.clause("C12", "C17")
def test_a_download_that_failed_under_both_is_told_as_both_at_state_20():
    device = failed()
    assert reports(device.target)[0].alert.type.endswith(".downloadandupdate")
    assert device.state == State.DOWNLOAD_FAILED


@pytest.mark.clause("C16")
def test_until_it_is_acknowledged_the_same_alert_is_owed_and_no_work():
    device = failed()
    first = reports(device.target)
    for _ in range(40):
        device.boot()
        assert (reports(device.target), device.owes()) == (first, None)
        assert device.state == State.DOWNLOAD_FAILED
    device.acknowledge()
    assert (device.told, device.state) == ([], State.DOWNLOAD_FAILED)


@pytest.mark.clause("C16")
def test_only_the_server_orders_anew():
    device = failed()
    device.acknowledge()
    device.boot()
    assert device.owes() is None
    assert device.exec(Kind.DOWNLOAD_AND_UPDATE, correlator="43") is None
    device.fetch()
    device.apply_well()
    assert device.told == [200]


def test_a_refused_alert_is_told_a_few_times_more_and_then_let_be():
    device = failed(refusals_max=3)
    for _ in range(2):
        device.happen(AlertRefused(1, Status.UNSUPPORTED_FORMAT))
        device.boot()
        assert (device.told, isinstance(device.newest, Sealed)) == ([411], True)
    device.happen(AlertRefused(1, Status.UNSUPPORTED_FORMAT))
    assert (device.told, isinstance(device.newest, Settled)) == ([], True)


def test_a_late_answer_to_a_settled_alert_changes_nothing():
    device = failed()
    device.acknowledge()
    before = device.target
    device.happen(AlertAcknowledged(1))
    device.happen(AlertRefused(1, 406))
    assert device.target == before
    with pytest.raises(MisuseError):
        device.happen(AlertAcknowledged(2))


def test_only_so_many_settled_operations_are_remembered():
    device = Device(Policy(tombstones_max=2))
    for number in range(5):
        device.exec(Kind.DOWNLOAD, correlator=str(number))
        device.begin()
        device.fail(Cause.NOT_THERE)
        device.acknowledge()
    assert [one.order.op_id for one in device.target.operations] == [3, 4, 5]
    device.happen(AlertAcknowledged(1))
    device.boot()
    assert device.target.last_op_id == 5


def test_what_still_owes_its_alert_is_never_forgotten():
    device = Device(Policy(tombstones_max=1))
    for number in range(4):
        device.exec(Kind.DOWNLOAD, correlator=str(number))
        device.begin()
        device.fail(Cause.NOT_THERE)
    assert device.told == [411] * 4


@pytest.mark.clause("C17")
def test_a_new_download_order_passes_100_and_10_unseen_and_drops_the_old_package():
    device = updated()
    device.acknowledge()
    assert device.owes() == CleanUp(1)
    device.exec(Kind.DOWNLOAD, correlator="43")
    assert (device.state, device.target.held) == (State.DOWNLOAD_PROGRESSING, None)
    assert device.target.operations[0].clean_up_owed is False


def test_an_update_ordered_before_the_clean_up_keeps_the_package_it_was_ordered_to_use():
    device = updated()
    device.acknowledge()
    assert device.exec(Kind.UPDATE, correlator="43") is None
    assert isinstance(device.owes(), Prepare)
    assert device.target.held is not None
    with pytest.raises(MisuseError):
        device.happen(CleanedUp(1))


def test_an_older_alert_acknowledged_late_does_not_clean_up_under_a_running_update():
    device = updated()
    device.exec(Kind.UPDATE, correlator="43")
    device.acknowledge(op_id=1)
    assert device.target.operations[0].clean_up_owed is False
    device.intend()
    assert device.target.held is not None


def test_new_package_data_is_not_cleaned_up_by_an_older_update():
    device = updated()
    device.happen(PackageReplaced(held(package_id="new")))
    assert device.state == State.READY_TO_UPDATE
    device.boot()
    device.acknowledge()
    assert (device.owes(), device.state) == (None, State.READY_TO_UPDATE)
    assert device.target.held.package_id == "new"


def test_package_data_replaced_before_the_clean_up_withdraws_it():
    device = updated()
    device.acknowledge()
    device.happen(PackageReplaced(held(package_id="new")))
    device.boot()
    assert device.owes() is None


@pytest.mark.clause("C17")
def test_emptied_package_data_goes_from_50_to_10():
    device = Device()
    assert device.state == State.IDLE
    device.happen(PackageReplaced(held()))
    assert device.state == State.READY_TO_UPDATE
    device.happen(PackageReplaced(None))
    assert device.state == State.IDLE


def test_package_and_url_are_locked_while_an_operation_is_not_sealed():
    device = Device()
    assert not device.locked
    device.exec(Kind.DOWNLOAD)
    assert device.locked
    with pytest.raises(MisuseError):
        device.happen(PackageReplaced(held()))
    device.begin()
    device.fail(Cause.NOT_THERE)
    assert not device.locked


@pytest.mark.clause("C14")
def test_every_declared_failure_is_a_failure_of_the_standard():
    assert set(FAILURES) == set(Cause)
    for result, _ in FAILURES.values():
        assert result in RESULTS
        assert not RESULTS[result].good
