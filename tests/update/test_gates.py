"""The policy table of the gates: what shuts each, and what a deadline does at each stage."""

import pytest
from msgspec.structs import replace

from fumo.update.conditions import Conditions, Network
from fumo.update.gates import TESTS, End, Go, Stay, ruling, shut, told, words_for
from fumo.update.rule import (
    Gate,
    Gates,
    Rule,
    asks_for_consent,
    asks_nothing,
    defer_until_s,
    may_defer,
    slice_s,
)
from fumo.update.tally import Stage, Tally, Word, deferred, waited
from fumo.update.windows import parse

FINE = Conditions(
    battery=100,
    mains=True,
    network=Network.UNMETERED,
    free_bytes=10**9,
    week_min=180,
    in_use=False,
)
ON_BATTERY = replace(FINE, mains=False, battery=49)
NIGHT = (parse("02:00-05:00"),)
STRICT = Rule(
    battery_min=50,
    mains=True,
    network=Network.UNMETERED,
    free_bytes_min=10**6,
    windows=NIGHT,
    idle=True,
    consent=True,
)
AGREED = Tally(Stage.INSTALL, word=Word.YES)
LATE = Tally(Stage.INSTALL, waited_s=60.0)
ENDING = [Stage.DOWNLOAD, Stage.INSTALL, Stage.WRITE]


def gates(rule: Rule, conditions: Conditions, tally: Tally = AGREED) -> list[Gate]:
    return [one.gate for one in shut(rule, conditions, tally)]


@pytest.mark.parametrize(
    ("rule", "conditions", "at"),
    [
        (Rule(battery_min=50), ON_BATTERY, [Gate.POWER]),
        (Rule(battery_min=49), ON_BATTERY, []),
        (Rule(battery_min=50), replace(ON_BATTERY, mains=True), []),
        (Rule(battery_min=50), replace(ON_BATTERY, mains=None), [Gate.POWER]),
        (Rule(battery_min=50), replace(ON_BATTERY, battery=None), [Gate.POWER]),
        (Rule(mains=True), replace(ON_BATTERY, battery=100), [Gate.POWER]),
        (Rule(mains=True), replace(FINE, mains=None), [Gate.POWER]),
        (Rule(network=Network.UNMETERED), replace(FINE, network=Network.METERED), [Gate.NETWORK]),
        (Rule(network=Network.METERED), replace(FINE, network=Network.METERED), []),
        (Rule(network=Network.METERED), FINE, []),
        (Rule(network=Network.METERED), replace(FINE, network=Network.OFFLINE), [Gate.NETWORK]),
        (Rule(network=Network.METERED), replace(FINE, network=None), [Gate.NETWORK]),
        (Rule(free_bytes_min=10**9), FINE, []),
        (Rule(free_bytes_min=10**9 + 1), FINE, [Gate.SPACE]),
        (Rule(free_bytes_min=1), replace(FINE, free_bytes=None), [Gate.SPACE]),
        (Rule(windows=NIGHT), FINE, []),
        (Rule(windows=NIGHT), replace(FINE, week_min=12 * 60), [Gate.WINDOW]),
        (Rule(windows=NIGHT), replace(FINE, week_min=None), [Gate.WINDOW]),
        (Rule(idle=True), replace(FINE, in_use=True), [Gate.IDLE]),
        (Rule(idle=True), replace(FINE, in_use=None), [Gate.IDLE]),
        (Rule(idle=True), FINE, []),
    ],
)
def test_each_gate_is_shut_by_what_it_asks_for(rule, conditions, at):
    assert gates(rule, conditions) == at


def test_a_rule_that_asks_for_nothing_needs_to_know_nothing():
    assert gates(Rule(), Conditions(), Tally(Stage.INSTALL)) == []


def test_all_that_is_shut_is_told_and_a_person_comes_first():
    at = gates(STRICT, Conditions(), deferred(Tally(Stage.INSTALL), 60.0))
    assert at == list(TESTS)
    assert gates(STRICT, FINE) == []


def test_every_reason_says_what_is_missing():
    reasons = {one.gate: one.reason for one in shut(Rule(battery_min=50), ON_BATTERY, AGREED)}
    assert reasons == {Gate.POWER: "battery at 49 %, 50 % are needed"}
    unknown = [one.reason for one in shut(STRICT, Conditions(), AGREED)]
    assert len(unknown) == len(set(unknown)) == 5


@pytest.mark.parametrize("stage", Stage)
def test_before_its_deadline_a_shut_gate_is_waited_at(stage):
    rule = Rule(mains=True, deadline_s=60.0)
    answer = ruling(stage, rule, ON_BATTERY, Tally(stage, waited_s=59.9))
    assert isinstance(answer, Stay)
    assert ruling(stage, rule, FINE, Tally(stage, waited_s=59.9)) == Go()


@pytest.mark.clause("C14")
@pytest.mark.parametrize(
    ("stage", "rule", "result"),
    [
        (Stage.DOWNLOAD, Rule(network=Network.METERED, deadline_s=60.0), 400),
        (Stage.DOWNLOAD, Rule(free_bytes_min=10**10, deadline_s=60.0), 501),
        (Stage.INSTALL, Rule(consent=True, deadline_s=60.0), 400),
        (Stage.INSTALL, Rule(free_bytes_min=10**10, deadline_s=60.0), 502),
        (Stage.WRITE, Rule(mains=True, deadline_s=60.0), 400),
    ],
)
def test_past_its_deadline_it_ends_with_the_result_that_says_why(stage, rule, result):
    conditions = replace(ON_BATTERY, network=Network.OFFLINE)
    answer = ruling(stage, rule, conditions, Tally(stage, waited_s=60.0))
    assert isinstance(answer, End)
    assert (answer.failure.result, answer.failure.temporary) == (result, False)


def test_past_its_deadline_the_reboot_goes_ahead_and_says_what_was_shut():
    rule = Rule(idle=True, consent=True, deadline_s=60.0)
    answer = ruling(Stage.REBOOT, rule, FINE, Tally(Stage.REBOOT, waited_s=60.0))
    assert isinstance(answer, Go)
    assert [one.gate for one in answer.forced] == [Gate.CONSENT]


@pytest.mark.parametrize("stage", ENDING)
def test_no_is_the_end_at_once_and_told_as_cancelled(stage):
    answer = ruling(stage, Rule(), FINE, Tally(stage, word=Word.NO))
    assert isinstance(answer, End)
    assert answer.failure.result == 401


def test_there_is_no_way_back_at_the_reboot():
    said_no = Tally(Stage.REBOOT, word=Word.NO)
    assert isinstance(ruling(Stage.REBOOT, Rule(consent=True), FINE, said_no), Stay)


def test_a_deferral_is_over_when_it_was_waited_for():
    later = deferred(Tally(Stage.INSTALL, waited_s=10.0), 60.0)
    assert gates(Rule(), FINE, later) == [Gate.DEFERRED]
    assert gates(Rule(), FINE, waited(later, 59.9)) == [Gate.DEFERRED]
    assert gates(Rule(), FINE, waited(later, 60.0)) == []


def test_deferrals_are_counted_and_there_are_only_so_many():
    rule, tally = Rule(deferrals_max=2), Tally(Stage.INSTALL)
    assert may_defer(rule, tally)
    assert not may_defer(rule, deferred(deferred(tally, 1.0), 1.0))
    assert not may_defer(rule, Tally(Stage.INSTALL, waited_s=rule.deadline_s))
    assert not may_defer(Gates().write, Tally(Stage.WRITE))


def test_no_deferral_reaches_past_the_deadline():
    rule = Rule(deadline_s=100.0, defer_s=30.0)
    assert defer_until_s(rule, LATE, None) == 30.0
    assert defer_until_s(rule, LATE, 1000.0) == 40.0
    assert defer_until_s(rule, LATE, -5.0) == 0.0
    assert defer_until_s(rule, replace(LATE, waited_s=200.0), None) == 0.0


def test_a_person_is_asked_once_and_not_while_it_is_put_off():
    rule = Rule(consent=True)
    assert asks_for_consent(rule, Tally(Stage.INSTALL))
    assert not asks_for_consent(rule, AGREED)
    assert not asks_for_consent(rule, deferred(Tally(Stage.INSTALL), 60.0))
    assert not asks_for_consent(Rule(), Tally(Stage.INSTALL))


@pytest.mark.parametrize(
    ("stage", "word", "after"),
    [
        (Stage.INSTALL, Word.YES, replace(AGREED, waited_s=60.0)),
        (Stage.INSTALL, Word.NO, replace(LATE, word=Word.NO)),
        (Stage.INSTALL, Word.LATER, deferred(LATE, 30.0)),
        (Stage.INSTALL, None, LATE),
        (Stage.REBOOT, Word.NO, replace(LATE, stage=Stage.REBOOT)),
    ],
)
def test_a_word_changes_the_tally_where_it_may_be_said(stage, word, after):
    tally = replace(LATE, stage=stage)
    assert told(stage, Rule(deadline_s=100.0, defer_s=30.0), tally, word) == after


def test_what_cannot_be_said_any_more_changes_nothing():
    rule = Rule(deferrals_max=0)
    assert words_for(Stage.INSTALL, rule, LATE) == (Word.YES, Word.NO)
    assert words_for(Stage.REBOOT, rule, LATE) == (Word.YES,)
    assert told(Stage.INSTALL, rule, LATE, Word.LATER) == LATE


@pytest.mark.parametrize(
    "rule",
    [
        Rule(battery_min=1),
        Rule(mains=True),
        Rule(network=Network.METERED),
        Rule(free_bytes_min=1),
        Rule(windows=NIGHT),
        Rule(idle=True),
        Rule(consent=True),
    ],
)
def test_a_rule_that_asks_is_no_rule_that_asks_nothing(rule):
    assert not asks_nothing(rule)
    assert asks_nothing(Rule())


@pytest.mark.parametrize(
    ("deadline_s", "expected"), [(7 * 86400.0, 60.0), (100.0, 10.0), (0.0, 1.0)]
)
def test_a_wait_is_looked_at_each_minute_or_ten_times(deadline_s, expected):
    assert slice_s(Rule(deadline_s=deadline_s)) == expected


@pytest.mark.parametrize("stage", Stage)
def test_each_stage_has_its_rule(stage):
    rules = Gates(
        Rule(battery_min=1), Rule(battery_min=2), Rule(battery_min=3), Rule(battery_min=4)
    )
    assert rules.at(stage).battery_min == list(Stage).index(stage) + 1
