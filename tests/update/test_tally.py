"""What is saved of a wait: counts that only grow, in seconds that were waited."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from fumo.update.tally import (
    Stage,
    Tally,
    Word,
    carried,
    deferred,
    follows,
    refused,
    tally_at,
    waited,
    with_tally,
)

NEW = Tally(Stage.INSTALL)
SECONDS = st.floats(-1e9, 1e9)


def test_each_stage_has_one_tally():
    tallies = with_tally((), Tally(Stage.REBOOT, waited_s=1.0))
    tallies = with_tally(tallies, Tally(Stage.DOWNLOAD, waited_s=2.0))
    tallies = with_tally(tallies, Tally(Stage.REBOOT, waited_s=3.0))
    assert [(one.stage, one.waited_s) for one in tallies] == [("download", 2.0), ("reboot", 3.0)]
    assert tally_at(tallies, Stage.REBOOT).waited_s == 3.0
    assert tally_at(tallies, Stage.INSTALL) == NEW


@pytest.mark.parametrize(
    "after",
    [
        replace(NEW, waited_s=4.0),
        replace(NEW, waited_s=5.0, deferrals=0),
        replace(NEW, waited_s=5.0, deferrals=1, word=Word.YES),
        replace(NEW, waited_s=5.0, deferrals=1),
        Tally(Stage.WRITE, waited_s=5.0, deferrals=1, word=Word.NO),
    ],
)
def test_nothing_that_was_counted_or_said_is_taken_back(after):
    before = replace(NEW, waited_s=5.0, deferrals=1, word=Word.NO)
    assert follows(before, replace(before, waited_s=6.0, waiting=True))
    assert follows(replace(before, word=Word.YES), before)
    assert not follows(before, after)


@given(st.lists(SECONDS, max_size=20))
def test_f19_no_clock_takes_back_what_was_waited(steps):
    tally = NEW
    for seconds in steps:
        after = waited(tally, seconds)
        assert follows(tally, after)
        tally = after


def test_f19_a_restart_costs_a_slice_at_most_and_only_while_it_waits():
    waiting = replace(NEW, waited_s=100.0, waiting=True)
    assert carried(waiting, 60.0).waited_s == 160.0
    assert carried(replace(waiting, waiting=False), 60.0).waited_s == 100.0


@pytest.mark.parametrize("stage", Stage)
def test_a_no_is_said_of_the_whole_operation(stage):
    assert refused([NEW, Tally(stage, word=Word.NO)])
    assert not refused([NEW, Tally(stage, word=Word.YES)])


def test_a_second_deferral_never_shortens_the_first():
    long = deferred(replace(NEW, waited_s=10.0), 100.0)
    assert deferred(long, 5.0).deferred_to_s == 110.0
    assert deferred(long, 200.0).deferred_to_s == 210.0
    assert deferred(long, 5.0).deferrals == 2
