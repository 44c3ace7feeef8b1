"""Every fault and attack that is the device's has a test with its id in the name."""

import os

import pytest

from tests.house.clauses import ROOT
from tests.house.faults import (
    SERVER,
    TABLE,
    ids_of,
    named_in_tests,
    of_server,
    parse,
    parts,
    read,
    with_tests,
)

TEXT = TABLE.read_text("utf-8")
ROWS = read(TEXT)
NAMED = named_in_tests(ROOT / "tests")


def test_the_table_has_every_fault_and_attack():
    assert list(ROWS) == [f"F{n}" for n in range(1, 28)] + [f"A{n}" for n in range(1, 23)]


def test_every_row_of_the_device_has_a_test():
    own = {name for name, row in ROWS.items() if not row.then.startswith(SERVER)}
    assert sorted(own - set(NAMED)) == []


def test_every_row_that_is_the_servers_has_a_test_there():
    there = {name for name, files in NAMED.items() if of_server(files)}
    assert sorted(parts(TEXT).keys() - there) == []
    left_to_it = {name for name, row in ROWS.items() if row.then.startswith(SERVER)}
    assert sorted(left_to_it - parts(TEXT).keys()) == []


def test_no_test_names_a_fault_that_is_in_no_row():
    assert sorted(set(NAMED) - set(ROWS)) == []


def test_the_column_of_tests_is_true():
    true_text = with_tests(TEXT, NAMED)
    if os.environ.get("UPDATE_CLAUSES"):
        TABLE.write_text(true_text, "utf-8")
    elif true_text != TEXT:
        pytest.fail("faults.md is behind: UPDATE_CLAUSES=1 python3 dev.py test tests/house")


@pytest.mark.parametrize(
    ("test", "ids"),
    [
        ("test_f1_what_it_is", ["F1"]),
        ("test_f1_a10_what_it_is", ["F1", "A10"]),
        ("test_a_f1_is_a_car", []),
        ("test_what_f1_is", []),
    ],
)
def test_ids_stand_at_the_beginning_of_a_name(test: str, ids: list[str]):
    assert list(ids_of(test)) == ids


def test_what_is_no_row_is_left_alone():
    assert parse("| id | fault | what happens then | tests |") is None
    assert with_tests("# F1\n\n| F1 | a | b | |\n", {"F1": ("x.py",)}).endswith("| `x.py` |\n")
