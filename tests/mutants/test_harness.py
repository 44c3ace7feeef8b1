"""The judge of mutants is judged: what is not killed must not look killed."""

import pytest

from tests.mutants.harness import ROOT, Edit, Killer, Outdated, Run, Verdict, edited, judge, run

TEXT = "one = 1\ntwo = 2\nalso_two = 2\n"


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (Run(0, "3 passed"), Verdict.SURVIVED),
        (Run(1, "E   AssertionError: I1: a fetch after the alert"), Verdict.KILLED),
        (Run(1, "E   AssertionError: 3 == 4"), Verdict.OTHER_WORDS),
        (Run(1, "E   ImportError: I1"), Verdict.BROKEN),
        (Run(1, "Traceback\nSyntaxError: I1"), Verdict.BROKEN),
        (Run(1, "E   NameError: name 'I1' is not defined"), Verdict.BROKEN),
        (Run(2, "I1: errors while collecting"), Verdict.BROKEN),
        (Run(4, "not found: I1"), Verdict.BROKEN),
        (Run(70, "fumo is elsewhere"), Verdict.BROKEN),
        (Run(-9, "I1"), Verdict.BROKEN),
        (Run(None, "I1"), Verdict.ENDLESS),
    ],
)
def test_a_run_is_judged_by_its_exit_code_and_its_words(found, verdict):
    assert judge(found, r"\bI1\b") is verdict


def test_an_edit_changes_one_place():
    assert edited(TEXT, Edit("f.py", "one = 1", "one = 3")).startswith("one = 3\ntwo = 2\n")


@pytest.mark.parametrize(("old", "why"), [("six = 6", "not there any more"), ("= 2", "2 times")])
def test_a_table_that_is_not_true_any_more_says_so(old, why):
    with pytest.raises(Outdated, match=why):
        edited(TEXT, Edit("f.py", old, ""))


def test_a_killer_does_not_start_on_another_program_than_the_copy(tmp_path):
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    found = run(tmp_path, Killer("this", ()))
    assert "not of" in found.said
    assert judge(found, "") is Verdict.BROKEN


def test_a_killer_that_does_not_end_is_ended(tmp_path):
    found = run(tmp_path, Killer("this", ()), timeout_s=0.0)
    assert judge(found, "") is Verdict.ENDLESS
