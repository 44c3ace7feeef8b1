"""Stories of the apply part: what is seen decides."""

import pytest

from fumo.codes import Kind, State
from fumo.errors import MisuseError
from fumo.update import Policy
from fumo.update.duty import (
    CheckHealth,
    CleanUp,
    Flip,
    Inspect,
    MarkGood,
    Prepare,
    Reboot,
    Wait,
    Write,
)
from fumo.update.failures import Cause
from fumo.update.happening import (
    AttemptBegun,
    CleanedUp,
    HealthFailed,
    HealthOk,
    MarkedGood,
    PackageReplaced,
)
from fumo.update.operation import Applying, Evidence, Phase
from tests.update.story import Device, held

NONE, WRITTEN, FLIPPED, TRIAL = (
    Evidence.NONE,
    Evidence.WRITTEN,
    Evidence.FLIPPED,
    Evidence.TRIAL,
)


def applying(**policy) -> Device:
    device = Device(Policy(**{"backoff_base_s": 0.0} | policy))
    device.exec(Kind.DOWNLOAD_AND_UPDATE)
    device.fetch()
    device.intend()
    return device


def updating() -> Device:
    device = Device()
    device.happen(PackageReplaced(held()))
    device.exec(Kind.UPDATE)
    return device


@pytest.mark.clause("C07", "C10", "C17")
def test_an_update_uses_what_is_held_and_cleans_it_up_after_its_alert():
    device = updating()
    assert (device.state, isinstance(device.owes(), Prepare)) == (State.READY_TO_UPDATE, True)
    device.intend()
    assert device.state == State.UPDATE_PROGRESSING
    device.sees(NONE, WRITTEN, FLIPPED)
    device.boot()
    device.sees(TRIAL)
    device.happen(HealthOk(1))
    assert device.told == []
    device.happen(MarkedGood(1))
    assert (device.told, device.state) == ([200], State.UPDATE_SUCCESSFUL_HAVE_DATA)
    assert device.owes() is None
    device.acknowledge()
    assert (device.owes(), device.state) == (CleanUp(1), State.UPDATE_SUCCESSFUL_HAVE_DATA)
    device.happen(CleanedUp(1))
    assert (device.owes(), device.state) == (None, State.UPDATE_SUCCESSFUL_NO_DATA)


def test_an_update_whose_package_does_not_fit_fails_from_50_to_70():
    device = updating()
    device.fail(Cause.UNFIT)
    assert (device.told, device.state) == ([403], State.UPDATE_FAILED_HAVE_DATA)


@pytest.mark.clause("C08")
def test_each_step_of_applying_is_owed_by_what_was_seen():
    device = applying()
    owed = [type(device.owes())]
    for evidence in (NONE, WRITTEN, FLIPPED):
        device.sees(evidence)
        owed.append(type(device.owes()))
    device.boot()
    owed.append(type(device.owes()))
    device.sees(TRIAL)
    owed.append(type(device.owes()))
    device.happen(HealthOk(1))
    owed.append(type(device.owes()))
    assert owed == [Inspect, Write, Flip, Reboot, Inspect, CheckHealth, MarkGood]


def test_the_attempt_saved_with_the_intent_permits_the_first_write_only():
    device = applying()
    device.sees(NONE)
    assert device.owes().permit is None
    device.boot()
    device.sees(NONE)
    assert device.owes().permit == AttemptBegun(1, Phase.APPLY, device.boot_id)


def test_what_is_whole_after_a_power_cut_is_flipped_without_a_new_attempt():
    device = applying(apply_attempts_max=1)
    device.sees(NONE)
    device.boot()
    device.sees(WRITTEN)
    assert device.owes() == Flip(1, device.newest.intent)


@pytest.mark.parametrize(
    ("seen", "result"),
    [(Evidence.GOOD, 200), (Evidence.FELL_BACK, 410), (Evidence.UNKNOWN, 409)],
)
def test_some_evidence_ends_the_operation_at_once(seen, result):
    device = applying()
    device.boot()
    device.sees(seen)
    assert (device.told, device.owes()) == ([result], None)


@pytest.mark.clause("C16")
def test_one_more_rewrite_than_allowed_is_a_failure():
    device = applying(apply_attempts_max=2)
    device.boot()
    device.sees(NONE)
    device.begin()
    device.boot()
    device.sees(NONE)
    assert (device.told, device.state) == ([410], State.UPDATE_FAILED_HAVE_DATA)


def test_a_failed_write_stays_at_60_and_begins_a_new_attempt_after_a_wait():
    device = applying(backoff_base_s=2.0)
    device.sees(NONE)
    device.fail(Cause.WRITE_ERROR)
    assert (device.state, isinstance(device.owes(), Inspect)) == (State.UPDATE_PROGRESSING, True)
    device.sees(NONE)
    assert isinstance(device.owes(), Wait)
    device.at_s = device.owes().until_s
    assert device.begin().permit is not None
    assert [one.n for one in device.newest.attempts if one.phase is Phase.APPLY] == [1, 2]


def test_writes_that_fail_for_ever_end_in_a_seal():
    device = applying(apply_attempts_max=2)
    device.sees(NONE)
    device.fail(Cause.WRITE_ERROR)
    device.sees(NONE)
    device.begin()
    device.fail(Cause.WRITE_ERROR)
    assert device.told == [410]


def test_flips_that_fail_for_ever_end_in_a_seal_by_a_new_look():
    device = applying(apply_attempts_max=2)
    device.sees(NONE, WRITTEN)
    for _ in range(2):
        assert device.told == []
        device.fail(Cause.WRITE_ERROR)
        device.sees(WRITTEN)
        if device.told == []:
            device.begin()
    assert device.told == [410]


def test_a_flip_that_raised_but_happened_goes_on_as_flipped():
    device = applying(apply_attempts_max=1)
    device.sees(NONE, WRITTEN)
    device.fail(Cause.WRITE_ERROR)
    device.sees(FLIPPED)
    assert isinstance(device.owes(), Reboot)


def test_a_mark_good_that_raised_but_happened_is_a_success():
    device = applying(apply_attempts_max=1)
    device.boot()
    device.sees(TRIAL)
    device.happen(HealthOk(1))
    device.fail(Cause.WRITE_ERROR)
    assert device.told == []
    device.sees(Evidence.GOOD)
    assert device.told == [200]


def test_a_mark_good_that_cannot_be_boots_on_until_the_environment_fell_back():
    device = applying(apply_attempts_max=1)
    device.boot()
    device.sees(TRIAL)
    device.happen(HealthOk(1))
    device.fail(Cause.WRITE_ERROR)
    device.sees(TRIAL)
    assert isinstance(device.owes(), Reboot)


def test_an_image_that_is_not_well_is_left_to_fall_back():
    device = applying()
    device.boot()
    device.sees(TRIAL)
    device.happen(HealthFailed(1))
    assert (device.told, isinstance(device.owes(), Reboot)) == ([], True)
    device.boot()
    device.sees(Evidence.FELL_BACK)
    assert device.told == [410]


def test_what_cannot_be_looked_at_is_unknown():
    device = applying()
    device.fail(Cause.READ_ERROR)
    assert device.told == [409]


def test_boots_in_the_apply_phase_are_counted_anew_and_bounded():
    device = Device(Policy(boots_max=2))
    device.exec(Kind.DOWNLOAD_AND_UPDATE)
    device.boot()
    device.boot()
    device.fetch()
    device.intend()
    device.boot()
    device.boot()
    assert isinstance(device.newest, Applying)
    device.boot()
    assert (device.told, isinstance(device.owes(), Inspect)) == ([], True)
    device.sees(NONE)
    assert device.told == [410]


def test_spent_boots_do_not_deny_a_slot_that_is_committed():
    """Invariant I5b: the last look decides, however many boots it took to come to it."""
    device = Device(Policy(boots_max=1))
    device.exec(Kind.DOWNLOAD_AND_UPDATE)
    device.fetch()
    device.intend()
    device.boot()
    device.boot()
    device.sees(Evidence.GOOD)
    assert device.told == [200]


def test_what_was_written_and_is_gone_costs_an_attempt():
    """Invariant I4: flaky flash makes no endless, uncounted writes."""
    device = applying()
    device.sees(NONE)
    writes = 0
    while not device.told:
        device.at_s += 3600.0
        duty = device.begin()
        writes += isinstance(duty, Write)
        device.sees(WRITTEN if isinstance(duty, Write) else NONE)
    assert (device.told, writes) == ([410], Policy().apply_attempts_max)


def test_nothing_seen_before_a_boot_is_believed_after_it():
    device = applying()
    device.sees(NONE, WRITTEN)
    device.boot()
    assert isinstance(device.owes(), Inspect)
    with pytest.raises(MisuseError):
        device.happen(AttemptBegun(1, Phase.APPLY, device.boot_id))


def test_success_cannot_be_sealed_before_the_image_was_found_well():
    device = applying()
    device.sees(NONE)
    for early in (HealthOk(1), MarkedGood(1)):
        with pytest.raises(MisuseError):
            device.happen(early)
    with pytest.raises(MisuseError):
        device.sees(NONE)
