"""Stories of the download part."""

import pytest

from fumo.codes import Kind, State
from fumo.errors import MisuseError
from fumo.update import Policy
from fumo.update.duty import Conclude, Download, Prepare, Wait
from fumo.update.failures import Cause
from fumo.update.happening import AttemptBegun, Concluded, Progressed, Verified
from fumo.update.operation import Accepted, Attempting, Checkpoint, Phase, Sealed
from tests.update.story import Device, held


def downloading(**policy) -> Device:
    device = Device(Policy(**policy))
    device.exec(Kind.DOWNLOAD)
    return device


@pytest.mark.clause("C06", "C17")
def test_a_download_goes_from_30_over_40_to_50_and_keeps_what_it_fetched():
    device = downloading()
    assert device.state == State.DOWNLOAD_PROGRESSING
    device.fetch()
    assert device.state == State.DOWNLOAD_COMPLETE
    assert isinstance(device.begin(), Conclude)
    assert (device.state, device.told) == (State.READY_TO_UPDATE, [200])
    device.acknowledge()
    assert (device.state, device.owes()) == (State.READY_TO_UPDATE, None)


def test_an_attempt_is_counted_before_its_first_byte():
    device = downloading()
    owed = device.owes()
    assert owed.permit == AttemptBegun(1, Phase.DOWNLOAD, device.boot_id)
    device.begin()
    assert [attempt.n for attempt in device.newest.attempts] == [1]
    assert device.owes() == Download(1, device.newest.order)


@pytest.mark.clause("C16")
def test_a_temporary_failure_is_tried_again_and_nothing_is_told_of_it():
    device = downloading()
    device.begin()
    device.happen(Progressed(1, Checkpoint(10, '"e"')))
    device.fail(Cause.RESET, jitter=0.5)
    assert device.owes() == Wait(1.0, "Download tries again after: reset")
    assert (device.told, device.state) == ([], State.DOWNLOAD_PROGRESSING)
    assert device.target.checkpoint == Checkpoint(10, '"e"')
    device.at_s = 1.0
    device.fetch()
    device.begin()
    assert device.told == [200]


def test_waits_double_up_to_the_cap():
    device = downloading(backoff_base_s=2.0, backoff_cap_s=10.0)
    waits = []
    for _ in range(5):
        device.begin()
        device.fail(Cause.DNS)
        waits.append(device.owes().until_s - device.at_s)
        device.at_s = device.owes().until_s
    assert waits == [2.0, 4.0, 8.0, 10.0, 10.0]


@pytest.mark.clause("C10", "C16", "C17")
def test_the_last_failure_is_told_and_nothing_is_left_to_try():
    device = downloading(download_attempts_max=2, backoff_base_s=0.0)
    for _ in range(2):
        device.begin()
        device.fail(Cause.STALLED)
    assert (device.told, device.state) == ([407], State.DOWNLOAD_FAILED)
    assert isinstance(device.newest, Sealed)
    assert device.owes() is None


def test_a_permanent_failure_is_not_tried_again():
    device = downloading()
    device.begin()
    device.fail(Cause.CORRUPT)
    assert (device.told, device.owes(), device.target.checkpoint) == ([402], None, None)


def test_a_power_cut_ends_the_attempt_and_keeps_the_checkpoint():
    device = downloading()
    device.begin()
    device.happen(Progressed(1, Checkpoint(10, None)))
    device.boot()
    assert isinstance(device.newest, Accepted)
    assert device.target.checkpoint == Checkpoint(10, None)
    assert isinstance(device.begin(), Download)
    assert [attempt.n for attempt in device.newest.attempts] == [1, 2]


def test_after_a_boot_a_failed_download_waits_the_first_step_again():
    device = downloading(backoff_base_s=2.0)
    for _ in range(3):
        device.begin()
        device.fail(Cause.DNS)
        device.at_s += 100.0
    device.boot()
    assert device.owes().until_s == 2.0


def test_crashing_in_every_attempt_ends_in_a_seal():
    device = downloading(download_attempts_max=3)
    for _ in range(3):
        assert device.told == []
        device.begin()
        device.boot()
    assert device.told == [409]


def test_a_cut_last_attempt_tells_the_last_failure_that_is_known():
    device = downloading(download_attempts_max=2, backoff_base_s=0.0)
    device.begin()
    device.fail(Cause.UNAVAILABLE)
    device.begin()
    device.boot()
    assert device.told == [412]


def test_booting_for_ever_without_an_attempt_ends_in_a_seal():
    device = downloading(boots_max=3)
    for _ in range(3):
        device.boot()
    assert device.told == []
    device.boot()
    assert device.told == [409]


def test_after_verification_a_power_cut_fetches_nothing_again():
    device = downloading(boots_max=2)
    device.fetch()
    for _ in range(5):
        device.boot()
    assert isinstance(device.newest, Attempting)
    device.begin()
    assert device.told == [200]


@pytest.mark.clause("C08", "C18")
def test_a_whole_package_is_applied_at_once_without_a_second_exec():
    device = Device()
    device.exec(Kind.DOWNLOAD_AND_UPDATE)
    device.fetch()
    assert isinstance(device.owes(), Prepare)
    device.boot()
    assert (device.state, isinstance(device.owes(), Prepare)) == (State.DOWNLOAD_COMPLETE, True)


@pytest.mark.clause("C12", "C17")
def test_a_package_that_does_not_fit_is_an_update_that_failed_with_its_data():
    device = Device()
    device.exec(Kind.DOWNLOAD_AND_UPDATE)
    device.fetch()
    device.fail(Cause.UNFIT)
    assert (device.told, device.state) == ([403], State.UPDATE_FAILED_HAVE_DATA)
    device.acknowledge()
    assert device.state == State.UPDATE_FAILED_HAVE_DATA


@pytest.mark.parametrize(
    "late",
    [Progressed(1, None), Verified(1, held(1)), Concluded(1), AttemptBegun(1, Phase.DOWNLOAD, 1)],
)
def test_a_late_effect_of_a_sealed_operation_changes_nothing(late):
    device = downloading()
    device.begin()
    device.fail(Cause.NOT_THERE)
    with pytest.raises(MisuseError):
        device.happen(late)
    assert device.told == [411]


def test_no_attempt_begins_beyond_the_budget_and_no_success_without_a_package():
    device = downloading(download_attempts_max=1)
    device.begin()
    with pytest.raises(MisuseError):
        device.happen(Concluded(1))
    with pytest.raises(MisuseError):
        device.happen(AttemptBegun(1, Phase.DOWNLOAD, 1))


def test_a_policy_that_became_stricter_ends_what_has_used_it_up():
    device = downloading(download_attempts_max=3)
    for _ in range(2):
        device.begin()
        device.fail(Cause.DNS)
        device.at_s += 100.0
    device.policy = Policy(download_attempts_max=2)
    with pytest.raises(MisuseError):
        device.begin()
    device.boot()
    assert device.told == [412]
