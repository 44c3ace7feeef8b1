"""Range, If-Range and the preconditions, by the table of RFC 9110 and for any numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fumo.depot.ranges import Ask, Plan, content_range, plan

SHA = "ab" * 32
OURS, OTHER = f'"{SHA}"', '"' + "cd" * 32 + '"'
WHOLE = Plan(200, 0, 1000)

TABLE = [
    (Ask(), WHOLE),
    (Ask(range="bytes=0-"), Plan(206, 0, 1000)),
    (Ask(range="bytes=100-199"), Plan(206, 100, 100)),
    (Ask(range="bytes=999-"), Plan(206, 999, 1)),
    (Ask(range="bytes=990-5000"), Plan(206, 990, 10)),
    (Ask(range="bytes=-1"), Plan(206, 999, 1)),
    (Ask(range="bytes=-5000"), Plan(206, 0, 1000)),
    (Ask(range="Bytes = 0-99"), Plan(206, 0, 100)),  # clients exist that write it so
    (Ask(range="bytes=1000-"), Plan(416)),
    (Ask(range="bytes=5000-6000"), Plan(416)),
    (Ask(range="bytes=-0"), Plan(416)),
    # what is no range of bytes, or several of them, may be ignored (14.2)
    (Ask(range="bytes=5-2"), WHOLE),
    (Ask(range="bytes=-"), WHOLE),
    (Ask(range="bytes=a-b"), WHOLE),
    (Ask(range="bytes=0-1,5-6"), WHOLE),
    (Ask(range="lines=1-2"), WHOLE),
    (Ask(range=""), WHOLE),
    (Ask(range="bytes=" + "9" * 40 + "-"), WHOLE),
    # If-Range: the strong tag we have, or the whole package
    (Ask(range="bytes=100-", if_range=OURS), Plan(206, 100, 900)),
    (Ask(range="bytes=100-", if_range=OTHER), WHOLE),
    (Ask(range="bytes=100-", if_range=f"W/{OURS}"), WHOLE),
    (Ask(range="bytes=100-", if_range=SHA), WHOLE),
    (Ask(range="bytes=100-", if_range="Sat, 29 Oct 1994 19:43:31 GMT"), WHOLE),
    (Ask(range="bytes=5000-", if_range=OTHER), WHOLE),
    (Ask(range="bytes=5000-", if_range=OURS), Plan(416)),
    (Ask(if_range=OTHER), WHOLE),
    # preconditions come first
    (Ask(if_none_match=OURS), Plan(304)),
    (Ask(if_none_match=f"W/{OURS}"), Plan(304)),
    (Ask(if_none_match=f"{OTHER}, {OURS}"), Plan(304)),
    (Ask(if_none_match="*"), Plan(304)),
    (Ask(if_none_match=OURS, range="bytes=0-1"), Plan(304)),
    (Ask(if_none_match=OTHER), WHOLE),
    (Ask(if_match=OTHER), Plan(412)),
    (Ask(if_match=f"W/{OURS}"), Plan(412)),
    (Ask(if_match=OURS, range="bytes=0-1"), Plan(206, 0, 2)),
]


@pytest.mark.parametrize(("ask", "answer"), TABLE)
def test_the_table(ask, answer):
    assert plan(ask, SHA, 1000) == answer


def test_a_stale_if_range_never_gets_a_part():
    for stale in (OTHER, f"W/{OURS}", f"{OURS} ,{OURS}", OURS[:-1], "*"):
        assert plan(Ask(range="bytes=1-", if_range=stale), SHA, 1000).status == 200


@pytest.mark.parametrize(
    ("chosen", "field"),
    [
        (Plan(206, 100, 100), "bytes 100-199/1000"),
        (Plan(206, 0, 1000), "bytes 0-999/1000"),
        (Plan(416), "bytes */1000"),
        (WHOLE, None),
    ],
)
def test_content_range(chosen, field):
    assert content_range(chosen, 1000) == field


numbers = st.integers(0, 2**40)


@given(numbers, st.none() | numbers, st.none() | numbers)
def test_a_range_is_the_slice_that_python_would_take(length, first, last):
    text = f"bytes={'' if first is None else first}-{'' if last is None else last}"
    chosen = plan(Ask(range=text), SHA, length)
    if first is None and last is None:
        assert chosen == Plan(200, 0, length)
    elif first is None:
        taken = range(length)[-last:] if last else range(0)
        assert chosen == (Plan(206, taken.start, len(taken)) if taken else Plan(416))
    elif last is not None and last < first:
        assert chosen == Plan(200, 0, length)
    else:
        taken = range(length)[first : None if last is None else last + 1]
        assert chosen == (Plan(206, first, len(taken)) if taken else Plan(416))


@given(st.text(max_size=40), st.none() | st.text(max_size=80), numbers)
def test_any_words_get_a_plan_within_the_package(wanted, if_range, length):
    chosen = plan(Ask(range=wanted, if_range=if_range), SHA, length)
    assert 0 <= chosen.start <= chosen.start + chosen.count <= length
