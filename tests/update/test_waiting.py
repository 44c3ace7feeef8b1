"""An operation that waits: what is saved of it, what a restart leaves, and how it is given up."""

import pytest

from fumo.codes import Kind, State
from fumo.errors import MisuseError
from fumo.update.duty import Download, Flip, Prepare, Reboot, Write
from fumo.update.failures import Cause, failure
from fumo.update.happening import AttemptBegun, Failed, GivenUp, Tallied
from fumo.update.operation import Accepted, Applying, Attempting, Evidence, Phase, Policy, Sealed
from fumo.update.tally import Stage, Tally, Word
from tests.update.story import Device

BOTH = Kind.DOWNLOAD_AND_UPDATE
FEW = Policy(download_attempts_max=2, apply_attempts_max=2, boots_max=3)
MANY_BOOTS = 40


def waits(device: Device, stage: Stage, **values) -> None:
    device.happen(Tallied(device.op_id, Tally(stage, waiting=True, **values)))


def goes_on(device: Device, stage: Stage) -> None:
    device.happen(Tallied(device.op_id, Tally(stage, waited_s=1e6)))


def ordered() -> Device:
    device = Device(FEW)
    device.exec(BOTH)
    return device


def begun() -> Device:
    device = ordered()
    device.begin()
    return device


def fetched() -> Device:
    device = ordered()
    device.fetch()
    return device


def intended() -> Device:
    device = fetched()
    device.intend()
    device.sees(Evidence.NONE)
    return device


@pytest.mark.clause("C17")
def test_waiting_to_download_state_says_progressing():
    device = ordered()
    waits(device, Stage.DOWNLOAD)
    assert (device.state, device.locked, device.told) == (State.DOWNLOAD_PROGRESSING, True, [])


@pytest.mark.clause("C17")
def test_waiting_to_install_state_says_ready_and_never_goes_back():
    device = fetched()
    assert device.state is State.DOWNLOAD_COMPLETE
    waits(device, Stage.INSTALL)
    assert device.state is State.READY_TO_UPDATE
    goes_on(device, Stage.INSTALL)
    device.boot()
    assert device.state is State.READY_TO_UPDATE
    device.intend()
    assert device.state is State.UPDATE_PROGRESSING


def test_restarts_while_it_waits_cost_no_attempt_and_no_boot():
    device = begun()
    waits(device, Stage.DOWNLOAD)
    for _ in range(MANY_BOOTS):
        device.boot()
    goes_on(device, Stage.DOWNLOAD)
    assert isinstance(device.newest, Attempting)
    assert (len(device.newest.attempts), device.newest.boots) == (1, 0)
    assert isinstance(device.begin(), Download)


def test_restarts_before_the_first_attempt_end_nothing():
    device = ordered()
    waits(device, Stage.DOWNLOAD)
    for _ in range(MANY_BOOTS):
        device.boot()
    assert device.newest == Accepted(device.newest.order)
    assert device.target.tallies == (Tally(Stage.DOWNLOAD, waiting=True),)


def test_restarts_while_the_write_waits_cost_no_apply_attempt():
    device = intended()
    waits(device, Stage.WRITE)
    for _ in range(MANY_BOOTS):
        device.boot()
        device.sees(Evidence.NONE)
    goes_on(device, Stage.WRITE)
    owed = device.begin()
    assert isinstance(owed, Write)
    assert (owed.permit, len(device.newest.attempts)) == (None, 2)  # one download, one apply


def test_a_write_that_was_cut_before_the_wait_is_another_attempt_after_it():
    device = intended()
    device.begin()
    device.boot()  # in the middle of the write
    device.sees(Evidence.NONE)
    waits(device, Stage.WRITE)
    device.boot()  # while it waits
    device.sees(Evidence.NONE)
    goes_on(device, Stage.WRITE)
    device.begin()
    assert len([one for one in device.newest.attempts if one.phase is Phase.APPLY]) == 2
    device.boot()
    device.sees(Evidence.NONE)
    assert (device.told, device.state) == ([410], State.UPDATE_FAILED_HAVE_DATA)


def test_a_boot_after_the_wait_counts_again():
    device = intended()
    waits(device, Stage.WRITE)
    device.boot()
    device.sees(Evidence.NONE)
    goes_on(device, Stage.WRITE)
    device.boot()
    device.sees(Evidence.NONE)
    owed = device.owes()
    assert isinstance(owed, Write)
    assert isinstance(owed.permit, AttemptBegun)
    assert device.newest.boots == 1


def test_restarts_while_the_reboot_waits_end_nothing():
    device = intended()
    device.sees(Evidence.WRITTEN, Evidence.FLIPPED)
    waits(device, Stage.REBOOT)
    for _ in range(MANY_BOOTS):
        device.boot()
        device.sees(Evidence.FLIPPED)
    assert isinstance(device.owes(), Reboot)


def test_who_starts_the_machine_meanwhile_ends_the_wait_for_it():
    device = intended()
    device.sees(Evidence.WRITTEN, Evidence.FLIPPED)
    waits(device, Stage.REBOOT)
    device.boot()
    device.sees(Evidence.TRIAL)
    assert not device.target.tallies[0].waiting
    for boots in (1, 2):
        device.boot()
        assert device.newest.boots == boots


def test_what_was_heard_is_known_until_the_operation_ends():
    device = fetched()
    agreed = Tally(Stage.INSTALL, 90.0, 2, 70.0, Word.YES, False)
    device.happen(Tallied(1, agreed))
    device.boot()
    assert device.target.tallies == (agreed,)
    device.happen(GivenUp(1, failure(Cause.CANCELLED)))
    device.boot()
    assert device.target.tallies == ()


def test_the_next_operation_waits_anew():
    device = Device(FEW)
    device.exec(Kind.DOWNLOAD)
    device.happen(Tallied(1, Tally(Stage.DOWNLOAD, waited_s=100.0)))
    device.happen(GivenUp(1, failure(Cause.GATE_SHUT)))
    device.acknowledge()
    device.exec(Kind.DOWNLOAD, correlator="43")
    assert device.target.tallies == ()


@pytest.mark.parametrize(
    "forgets",
    [
        Tally(Stage.INSTALL, waited_s=9.0, deferrals=1, word=Word.YES),
        Tally(Stage.INSTALL, waited_s=10.0, deferrals=0, word=Word.YES),
        Tally(Stage.INSTALL, waited_s=10.0, deferrals=1, word=Word.LATER),
        Tally(Stage.INSTALL, waited_s=10.0, deferrals=1),
    ],
)
def test_nothing_that_was_heard_is_forgotten(forgets):
    device = fetched()
    device.happen(Tallied(1, Tally(Stage.INSTALL, waited_s=10.0, deferrals=1, word=Word.YES)))
    with pytest.raises(MisuseError):
        device.happen(Tallied(1, forgets))


def test_a_sealed_operation_hears_nothing_any_more():
    device = ordered()
    device.happen(GivenUp(1, failure(Cause.CANCELLED)))
    with pytest.raises(MisuseError):
        device.happen(Tallied(1, Tally(Stage.DOWNLOAD)))
    with pytest.raises(MisuseError):
        device.happen(GivenUp(1, failure(Cause.CANCELLED)))


@pytest.mark.clause("C10", "C16")
@pytest.mark.parametrize("cause", [Cause.CANCELLED, Cause.GATE_SHUT])
@pytest.mark.parametrize(
    ("device", "state"),
    [
        (ordered, State.DOWNLOAD_FAILED),
        (begun, State.DOWNLOAD_FAILED),
        (fetched, State.UPDATE_FAILED_HAVE_DATA),
    ],
)
def test_t13_given_up_before_the_intent_it_ends_once_and_for_all(device, state, cause):
    device = device()
    device.happen(GivenUp(1, failure(cause)))
    assert device.told == [failure(cause).result]
    assert device.state is state
    device.boot()
    assert device.owes() is None
    assert device.told == [failure(cause).result]


def test_a_download_that_has_its_package_is_not_given_up():
    device = Device()
    device.exec(Kind.DOWNLOAD)
    device.fetch()
    with pytest.raises(MisuseError):
        device.happen(GivenUp(1, failure(Cause.CANCELLED)))
    device.begin()
    assert device.told == [200]


def test_once_the_intent_stands_nobody_gives_it_up():
    with pytest.raises(MisuseError):
        intended().happen(GivenUp(1, failure(Cause.CANCELLED)))


def test_a_shut_gate_before_the_write_ends_the_walk_for_good():
    device = intended()
    device.happen(Failed(1, failure(Cause.GATE_SHUT)))
    assert isinstance(device.newest, Sealed)
    assert (device.told, device.state) == ([400], State.UPDATE_FAILED_HAVE_DATA)


def test_a_shut_gate_before_the_flip_ends_it_once_it_was_looked_at():
    device = intended()
    device.sees(Evidence.WRITTEN)
    assert isinstance(device.owes(), Flip)
    device.happen(Failed(1, failure(Cause.GATE_SHUT)))
    assert isinstance(device.newest, Applying)
    device.sees(Evidence.WRITTEN)
    assert device.told == [400]


def test_an_update_of_what_is_held_waits_at_50():
    device = Device(FEW)
    device.exec(Kind.DOWNLOAD)
    device.fetch()
    device.happen(device.owes().permit)
    device.acknowledge()
    device.exec(Kind.UPDATE, correlator="43")
    waits(device, Stage.INSTALL)
    device.boot()
    assert device.state is State.READY_TO_UPDATE
    assert isinstance(device.owes(), Prepare)
    device.happen(GivenUp(2, failure(Cause.CANCELLED)))
    assert device.told == [401]
    assert device.state is State.UPDATE_FAILED_HAVE_DATA


def test_the_wait_of_one_stage_is_not_that_of_another():
    device = fetched()
    waits(device, Stage.DOWNLOAD, waited_s=5.0)
    waits(device, Stage.INSTALL, waited_s=7.0)
    told = {one.stage: one.waited_s for one in device.target.tallies}
    assert told == {Stage.DOWNLOAD: 5.0, Stage.INSTALL: 7.0}
