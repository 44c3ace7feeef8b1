"""The filter language: what is read, what is refused and where, and how versions compare."""

import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fumo.server.attributes import Marks, checked, rank
from fumo.server.edges.filtering import DEVICES, OPERATIONS, chosen
from fumo.server.filter import (
    DEPTH_MAX,
    LENGTH_MAX,
    TESTS_MAX,
    VALUES_MAX,
    All,
    Any,
    BadFilter,
    Comparison,
    Not,
    Op,
    parsed,
)
from fumo.server.rollout import Denied
from fumo.server.targets import Targets
from fumo.server.targets import checked as checked_targets


def test_and_binds_more_than_or():
    assert parsed('a == 1 and b < "x y" or not (c in (1, two) or d not in (3))') == Any(
        (
            All((Comparison("a", Op.IS, ("1",), 1), Comparison("b", Op.BELOW, ("x y",), 12))),
            Not(Any((Comparison("c", Op.IN, ("1", "two"), 30),
                     Not(Comparison("d", Op.IN, ("3",), 47))))),
        )
    )  # fmt: skip


def test_keywords_have_no_case_and_quotes_hide_them():
    assert parsed("a == 1 AND b == 'and'") == parsed('a == 1 and b == "and"')
    assert parsed(r'a == "say \"so\""') == Comparison("a", Op.IS, ('say "so"',), 1)


@pytest.mark.parametrize(
    ("text", "column", "says"),
    [
        ("", 1, "a field is wanted, not the end"),
        ("model", 6, "a comparison is wanted"),
        ("model = x", 7, "'=' means nothing"),
        ("model == ", 10, "a value is wanted"),
        ("model == and", 10, "a value is wanted"),
        ('model == "x', 10, "does not end"),
        ("a == 1 b == 2", 8, "'and', 'or' or the end is wanted, not 'b'"),
        ("(a == 1", 8, "')' is wanted"),
        ("a in 1", 6, "'(' is wanted"),
        ("a in (1 2)", 9, "')' is wanted"),
        ("a not 1", 7, "'in' is wanted"),
        ("not", 4, "the name of a field"),
        ("(" * (DEPTH_MAX + 1) + "a == 1", DEPTH_MAX + 1, "levels"),
        ("not " * (DEPTH_MAX + 1) + "a == 1", DEPTH_MAX * 4 + 1, "levels"),
    ],
)
def test_what_cannot_be_read_is_said_by_its_column(text: str, column: int, says: str):
    with pytest.raises(BadFilter) as told:
        parsed(text)
    assert f"column {column}:" in str(told.value)
    assert says in str(told.value)


def test_a_filter_is_bounded():
    many = " or ".join("a == 1" for _ in range(TESTS_MAX))
    parsed(many)
    values = ",".join("1" for _ in range(VALUES_MAX))
    parsed(f"a in ({values})")
    for text in (f"{many} or a == 1", f"a in ({values},1)", "a" * (LENGTH_MAX + 1), "a == '\0'"):
        with pytest.raises(BadFilter):
            parsed(text)


@given(st.text(alphabet='ab()"\\ =<>!~,nortid\t', max_size=40))
def test_no_text_is_more_than_a_bad_filter(text: str):
    with suppress(BadFilter):
        parsed(text)


def test_versions_compare_as_people_mean_them():
    sorted_by_people = ["1.9", "1.10", "1.10.1", "2", "2.0", "2.0-rc1", "10", "a", "a2", "a10"]
    shuffled = sorted(sorted_by_people, key=hash)
    assert sorted(shuffled, key=rank) == sorted_by_people


@given(st.text("019.a ", max_size=8), st.text("019.a ", max_size=8))
def test_only_the_same_text_has_the_same_rank(one: str, other: str):
    assert (rank(one) == rank(other)) == (one == other)


@pytest.mark.parametrize(
    "marks",
    [
        Marks(),
        Marks(set={"Site": "x"}),
        Marks(set={"model": "x"}),
        Marks(set={"info.Mod": "x"}),
        Marks(set={"site": ""}),
        Marks(add=["a\nb"]),
        Marks(remove=["x" * 257]),
        Marks(add=[str(n) for n in range(65)]),
    ],
)
def test_marks_that_make_no_sense_are_denied(marks: Marks):
    with pytest.raises(Denied):
        checked(marks)


@pytest.mark.parametrize(
    "targets",
    [
        Targets(),
        Targets(("a",), "id == a"),
        Targets(("a",), dynamic=True),
        Targets(filter=" "),
        Targets(filter="id"),
        Targets(("a\0",)),
    ],
)
def test_targets_that_make_no_sense_are_denied(targets: Targets):
    with pytest.raises(Denied):
        checked_targets(targets)


def test_a_device_is_named_once():
    assert checked_targets(Targets(("b", "a", "b"))) == Targets(("b", "a"))


PAGE = Path(__file__).parents[2] / "docs" / "howto" / "choose-devices.md"


@pytest.mark.parametrize("text", re.findall(r"```filter\n(.*?)\n```", PAGE.read_text(), re.S))
def test_the_filters_of_the_page_are_read(text: str):
    of = OPERATIONS if text.startswith("campaign") else DEVICES
    assert chosen(of, text).where
