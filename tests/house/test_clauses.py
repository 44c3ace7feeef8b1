"""Every clause due now has a test, and every test names a clause that exists.

That those tests also *pass* is seen at the end of a whole run, by `tests/house/run_clauses.py`.
"""

import os

import pytest

from tests.house.clauses import (
    BOOK,
    ROOT,
    WHY_NOT,
    due_clauses,
    marks_in_source,
    marks_in_tests,
    read_clauses,
    with_tests,
)
from tests.house.run_clauses import verdict

TEXT = BOOK.read_text("utf-8")
MARKS = marks_in_tests(ROOT / "tests")


def test_no_test_names_a_clause_that_is_not_in_the_book():
    assert set(MARKS) - set(read_clauses(TEXT)) == set()


def test_every_clause_due_now_has_a_test():
    assert sorted(set(due_clauses(TEXT)) - set(MARKS)) == []


def test_the_column_of_tests_is_true():
    true_text = with_tests(TEXT, MARKS)
    if os.environ.get("UPDATE_CLAUSES"):
        BOOK.write_text(true_text, "utf-8")
    elif true_text != TEXT:
        pytest.fail("CLAUSES.md is behind: UPDATE_CLAUSES=1 python3 dev.py test tests/house")


def test_the_book_holds_every_id_of_the_catalogue():
    numbered = [f"C{n:02}" for n in range(1, 21)] + [f"S{n:02}" for n in range(1, 10)]
    numbered += [f"C-SES-{n:02}" for n in range(1, 8)] + [f"C-AUT-{n:02}" for n in range(1, 13)]
    client = [f"C-{name}" for name in ["CMD", "ACL", "LOB", "ALT", "NOT", "BST", "WBX", "XML"]]
    server = [
        f"S-{name}" for name in ["SES", "AUT", "LOB", "ALT", "DUP", "NOT", "ORD", "WBX", "FZZ"]
    ]
    assert set(numbered + client + server + ["C04a", "C04b"]) - set(read_clauses(TEXT)) == set()


def test_a_row_that_is_never_due_says_why_and_has_no_test():
    never = {row.id: row for row in read_clauses(TEXT).values() if row.due is None}
    assert [name for name, row in never.items() if not row.sentence.startswith(WHY_NOT)] == []
    assert sorted(set(never) & set(MARKS)) == []


def test_the_book_has_a_table_for_every_subject_of_the_protocol():
    tables = {name.split("-")[0] for name in read_clauses(TEXT)}
    subjects = {"P": 9, "A": 3, "N": 3, "B": 2, "T": 7, "R": 4}
    assert {f"{s}{n}" for s, last in subjects.items() for n in range(1, last + 1)} <= tables


def test_marks_are_found_however_they_are_written():
    source = 'pytestmark = [pytest.mark.clause("C01")]\n@mark.clause("C02", "C03")\ndef f(): ...\n'
    assert sorted(marks_in_source(source)) == ["C01", "C02", "C03"]


BOOK_OF_TWO = "Due now: 1\n| A | does a. | dm | | 1 |\n| B | does b. | dm | | 2 |\n"


@pytest.mark.parametrize(
    ("passed", "other", "complaint"),
    [
        ({"A"}, {}, ""),
        (set(), {}, "A: no test has passed"),
        (set(), {"A": "failed"}, "A: no test has passed"),
        (set(), {"A": "skipped"}, "A: no test has passed"),
        ({"A", "B"}, {}, ""),
    ],
)
def test_a_whole_run_is_judged_by_what_passed(passed, other, complaint):
    assert "; ".join(verdict(BOOK_OF_TWO, passed, other, skips_count=True)) == complaint


def test_where_a_program_is_missing_a_skipped_proof_is_no_failure():
    assert verdict(BOOK_OF_TWO, set(), {"A": "skipped"}, skips_count=False) == []
