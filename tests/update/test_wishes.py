"""What a person may ask of an operation, at each of its stages, and what is too late."""

import pytest
from msgspec.structs import replace

from fumo.codes import Kind, State
from fumo.update.happening import GivenUp, HealthFailed, Tallied
from fumo.update.operation import Evidence
from fumo.update.rule import Gates, Rule
from fumo.update.tally import Stage, Tally, Word
from fumo.update.wishes import (
    NOTHING,
    TOO_LATE,
    answer,
    cancel,
    defer,
    refuse,
    stage_before,
    stage_now,
)
from tests.update.story import Device

GATES = Gates(
    download=Rule(deferrals_max=1, defer_s=60.0),
    install=Rule(deferrals_max=2, defer_s=30.0, deadline_s=100.0),
    reboot=Rule(deferrals_max=1, defer_s=10.0),
)


def idle() -> Device:
    return Device()


def ordered() -> Device:
    device = Device()
    device.exec(Kind.DOWNLOAD_AND_UPDATE)
    return device


def begun() -> Device:
    device = ordered()
    device.begin()
    return device


def fetched() -> Device:
    device = ordered()
    device.fetch()
    return device


def downloaded() -> Device:
    device = Device()
    device.exec(Kind.DOWNLOAD)
    device.fetch()
    return device


def updating() -> Device:
    device = downloaded()
    device.begin()
    device.acknowledge()
    device.exec(Kind.UPDATE, correlator="43")
    return device


def writing() -> Device:
    device = fetched()
    device.intend()
    device.sees(Evidence.NONE)
    return device


def flipped() -> Device:
    device = writing()
    device.sees(Evidence.WRITTEN, Evidence.FLIPPED)
    return device


def tried() -> Device:
    device = flipped()
    device.boot()
    device.sees(Evidence.TRIAL)
    return device


@pytest.mark.parametrize(
    ("device", "stage"),
    [
        (idle, None),
        (ordered, Stage.DOWNLOAD),
        (begun, Stage.DOWNLOAD),
        (downloaded, None),
        (fetched, Stage.INSTALL),
        (updating, Stage.INSTALL),
        (writing, Stage.REBOOT),
        (flipped, Stage.REBOOT),
        (tried, None),
    ],
)
def test_an_operation_stands_before_one_stage(device, stage):
    assert stage_now(device().target) is stage


@pytest.mark.parametrize(
    ("device", "stage"),
    [
        (ordered, Stage.DOWNLOAD),
        (begun, Stage.DOWNLOAD),
        (fetched, Stage.INSTALL),
        (updating, Stage.INSTALL),
        (writing, Stage.WRITE),
        (flipped, Stage.REBOOT),
        (tried, None),
    ],
)
def test_each_duty_has_its_gates(device, stage):
    device = device()
    assert stage_before(device.owes(), device.target) is stage


def test_a_sick_image_is_left_without_asking_anybody():
    device = tried()
    device.happen(HealthFailed(1))
    assert stage_before(device.owes(), device.target) is None


@pytest.mark.parametrize(
    ("device", "state"),
    [
        (ordered, State.DOWNLOAD_FAILED),
        (begun, State.DOWNLOAD_FAILED),
        (fetched, State.UPDATE_FAILED_HAVE_DATA),
        (updating, State.UPDATE_FAILED_HAVE_DATA),
    ],
)
def test_t13_a_cancelled_operation_is_told_as_401(device, state):
    device = device()
    wish = cancel(device.target)
    assert isinstance(wish, GivenUp)
    device.happen(wish)
    assert device.told == [401]
    assert device.state is state


@pytest.mark.parametrize("device", [begun, fetched, updating])
def test_while_an_effect_runs_a_cancel_is_a_no_that_is_saved(device):
    device = device()
    yes = answer(device.target, GATES, Word.YES)
    device.happen(yes)
    wish = refuse(device.target)
    assert wish == Tallied(device.op_id, replace(yes.tally, word=Word.NO))
    device.happen(wish)
    assert device.told == []


@pytest.mark.parametrize(
    ("device", "why"),
    [
        (idle, NOTHING),
        (downloaded, TOO_LATE),
        (writing, TOO_LATE),
        (flipped, TOO_LATE),
        (tried, TOO_LATE),
    ],
)
def test_what_is_nothing_or_too_late_is_not_cancelled(device, why):
    target = device().target
    assert cancel(target) == refuse(target) == why


def test_t13_it_is_put_off_as_often_as_the_rule_says():
    device = fetched()
    for n in (1, 2):
        wish = defer(device.target, GATES)
        assert isinstance(wish, Tallied)
        device.happen(wish)
        assert device.target.tallies[0].deferrals == n
    assert defer(device.target, GATES) == "it was put off 2 times: that is all there is"
    assert device.state is State.READY_TO_UPDATE


def test_it_is_put_off_as_long_as_a_person_wants_within_the_deadline():
    device = fetched()
    assert deferral(defer(device.target, GATES)) == 30.0
    assert deferral(defer(device.target, GATES, 80.0)) == 80.0
    assert deferral(defer(device.target, GATES, 1e9)) == 100.0


def deferral(wish: Tallied | str) -> float:
    assert isinstance(wish, Tallied)
    return wish.tally.deferred_to_s


def test_also_the_restart_can_be_put_off():
    device = writing()
    wish = defer(device.target, GATES)
    assert wish == Tallied(1, Tally(Stage.REBOOT, deferrals=1, deferred_to_s=10.0))


@pytest.mark.parametrize(("device", "why"), [(idle, NOTHING), (tried, TOO_LATE)])
def test_where_nothing_waits_nothing_is_put_off(device, why):
    assert defer(device().target, GATES) == why
    assert answer(device().target, GATES, Word.YES) == why


def test_a_word_from_elsewhere_is_the_same_word():
    device = fetched()
    wish = answer(device.target, GATES, Word.YES)
    assert wish == Tallied(1, Tally(Stage.INSTALL, word=Word.YES))
    device.happen(wish)
    assert answer(device.target, GATES, Word.NO) == "yes was said already"
    assert answer(device.target, GATES, Word.YES) == wish


def test_there_is_no_no_to_the_restart():
    assert answer(flipped().target, GATES, Word.NO) == "no cannot be said any more"
