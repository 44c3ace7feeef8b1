"""Whole devices through power cuts at every event of their disks, once and twice (F1, F2).

`python -m tests.power.enumeration` says the same by itself, and with `--long` looks at much more.
"""

from random import Random

import pytest

from fumo.testing.disk import Damage
from tests.power.bench import cuts, set_up
from tests.power.enumeration import CI, LONG, Found, enumerate_all, figures, lived
from tests.power.events import Synced
from tests.power.stories import CRASH_LOOP, STORIES

STORIES_MIN, DISKS_MIN = 12, 20_000


@pytest.fixture(scope="module")
def found(request: pytest.FixtureRequest) -> list[Found]:
    """Enumerated once for all tests here, in two processes."""
    return enumerate_all(STORIES, LONG if request.config.getoption("long") else CI)


@pytest.mark.clause("C10", "C16")
def test_f1_f3_f5_after_a_power_cut_at_any_event_every_promise_is_kept(
    found: list[Found], capsys: pytest.CaptureFixture[str]
):
    with capsys.disabled():
        print(f"\n{figures(found)}")
    assert [broken for one in found for broken in one.broken] == []
    assert len(found) >= STORIES_MIN
    assert min(one.once for one in found) > 300


@pytest.mark.clause("C16")
def test_f2_a_power_cut_in_the_recovery_from_a_power_cut_changes_nothing(found: list[Found]):
    assert [broken for one in found for broken in one.broken] == []
    assert min(one.twice for one in found) > 100
    assert sum(one.disks for one in found) >= DISKS_MIN


@pytest.mark.clause("C16")
@pytest.mark.parametrize(
    "at",
    [
        "fetch",
        "Written files Primary/package.part",
        "Synced files Primary/package.part",
        "Renamed files Primary/package.part",
        "slot",
        "Written slots Primary/slot-b",
        "Synced slots Primary/slot-b",
        "Written slots Primary/env-0",
        "trial",
    ],
)
def test_f6_a_crash_loop_ends_in_a_report_within_the_budget(at: str):
    """GETs and writes of the slot stay within the budget: that is judged (I4)."""
    story, lives = CRASH_LOOP, 0
    with set_up() as bench:
        start = bench.begin(story)
        while (start := bench.dies(story, start, at)) is not None:
            lives += 1
            assert lives < 60
        assert set(bench.told) == {"c-1"}
    assert lives >= 1


def test_f23_on_a_disk_that_lies_about_its_syncs_no_promise_can_be_kept_and_that_is_seen():
    """From the middle on nothing that was synced is there after the cut."""
    story = STORIES["download"]
    with set_up() as bench:
        start = bench.begin(story)
        events = bench.live(story, start, record=True)
        lies = events[: len(events) // 2]
        lies += [one for one in events[len(lies) :] if not isinstance(one, Synced)]
        dice = Random(0)
        ends = [lived(bench, story, left)[1] for _, left in cuts(start, lies, (Damage.ALL,), dice)]
    broken = [end for end in ends if end]
    assert broken
    assert [one for one in broken if "Broken: I" not in one] == []
