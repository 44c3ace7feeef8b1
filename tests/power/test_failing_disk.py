"""Whole devices on disks that fail, or are full, at any of their writes and syncs (F18)."""

import pytest

from tests.power.failing import Failed, fail_all, figures
from tests.power.stories import STORIES


@pytest.fixture(scope="module")
def found() -> list[Failed]:
    """Every operation of every story has failed in every way, in two processes."""
    return fail_all(STORIES)


@pytest.mark.clause("C10", "C16")
def test_f18_a_disk_that_fails_or_is_full_loses_and_doubles_no_result(
    found: list[Failed], capsys: pytest.CaptureFixture[str]
):
    with capsys.disabled():
        print("\n" + "\n".join(figures(found)))
    assert [broken for one in found for broken in one.broken] == []
    assert sum(one.lives for one in found) > 8000


def test_f18_on_a_disk_that_stays_full_the_result_is_told_from_the_reserve(found: list[Failed]):
    """Where there is a journal there is its reserve; only a newborn device has to wait for room."""
    assert {one.story for one in found if one.mended} <= {"first start"}


def test_f18_a_full_disk_has_its_own_results(found: list[Failed]):
    told = {result for one in found for result in one.results}
    assert {"501", "502"} <= told
