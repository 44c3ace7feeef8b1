"""Maintenance windows, by minutes of the week alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fumo.update.windows import DAY_MIN, WEEK_MIN, Window, opens_in_min, parse

MONDAY, SATURDAY, SUNDAY = 0, 5 * DAY_MIN, 6 * DAY_MIN


def at(day: int, hours: int, minutes: int = 0) -> int:
    return day + hours * 60 + minutes


@pytest.mark.parametrize(
    ("text", "week_min", "wait_min"),
    [
        ("02:00-05:00", at(MONDAY, 2), 0),
        ("02:00-05:00", at(MONDAY, 4, 59), 0),
        ("02:00-05:00", at(MONDAY, 5), 21 * 60),
        ("02:00-05:00", at(MONDAY, 1, 59), 1),
        ("Mon-Fri 02:00-05:00", at(SATURDAY, 3), 47 * 60),
        ("Sat,Sun 02:00-05:00", at(SUNDAY, 3), 0),
        ("22:00-04:00", at(MONDAY, 23), 0),
        ("22:00-04:00", at(MONDAY, 3), 0),
        ("Sun 22:00-04:00", at(MONDAY, 3), 0),  # begun on Sunday, over the end of the week
        ("Sun 22:00-04:00", at(SUNDAY, 3), 19 * 60),
        ("fri-mon 00:00-24:00", at(SUNDAY, 12), 0),
        ("fri-mon 00:00-24:00", at(MONDAY, 23, 59), 0),
        ("fri-mon 00:00-24:00", at(DAY_MIN, 0), 3 * DAY_MIN),
        ("12:00-12:00", at(MONDAY, 11), 0),
    ],
)
def test_a_window_is_open_from_its_first_minute_to_before_its_last(text, week_min, wait_min):
    assert opens_in_min([parse(text)], week_min) == wait_min


def test_the_nearest_of_several_windows_counts():
    windows = [parse("Sun 02:00-03:00"), parse("Tue 02:00-03:00")]
    assert opens_in_min(windows, at(MONDAY, 2)) == DAY_MIN


def test_where_there_is_no_window_none_opens():
    assert opens_in_min([], 0) is None


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("2-5", "'2-5'"),
        ("25:00-26:00", "25:00"),
        ("02:60-03:00", "02:60"),
        ("Mo 02:00-03:00", "'Mo'"),
        ("Mon- 02:00", "Mon- 02:00"),
        ("", "''"),
    ],
)
def test_what_is_no_window_is_told_by_its_words(text, names):
    with pytest.raises(ValueError, match=names):
        parse(text)


@given(
    begin=st.integers(0, DAY_MIN - 1),
    end=st.integers(0, DAY_MIN - 1),
    days=st.frozensets(st.integers(0, 6), min_size=1),
    now=st.integers(0, WEEK_MIN - 1),
)
def test_after_the_wait_it_is_open_and_not_a_minute_earlier(begin, end, days, now):
    window = Window(begin, end, days)
    wait_min = opens_in_min([window], now)
    assert wait_min is not None
    assert opens_in_min([window], (now + wait_min) % WEEK_MIN) == 0
    if wait_min:
        assert opens_in_min([window], (now + wait_min - 1) % WEEK_MIN) == 1
