"""Every world within the bounds keeps I1 to I9, and from each a result can still arrive (I10).

The transition function is the production code; what belongs to the agent's and the server's order
of work is modelled, and broken on purpose in `flaws`.
"""

import pytest

from tests.model import check, flaws
from tests.model.configs import ALL, BOTH_TWICE, SMALL, TINY, WAITING, WHOLE, Config
from tests.model.search import Model, Search, search

STATES_MIN = 100_000


@pytest.fixture
def told(capsys):
    """Prints past pytest, so that a run's log holds the numbers."""

    def tell(text: str) -> None:
        with capsys.disabled():
            print(text)

    return tell


@pytest.mark.clause("C10", "C16")
def test_every_promise_is_kept_in_every_world(told):
    found = [search(config, 600_000) for config in WHOLE]
    told("\n" + "\n".join(check.line(one) for one in found))
    assert [check.story(one) for one in found if one.broken] == []
    assert all(one.whole for one in found)
    assert sum(one.states for one in found) >= STATES_MIN


def test_a_result_can_still_arrive_from_every_world_with_a_session_left(told):
    looked = Search(Model(SMALL), 200_000, edges=True)
    assert looked.run().whole
    told(f"\nI10: from each of {len(looked.worlds):,} worlds")
    assert looked.hopeless() == []


def test_a_device_that_never_tells_leaves_no_hope():
    model = Model(SMALL)
    model.talk = flaws.NeverTells(model.rooms, SMALL, model.device)
    looked = Search(model, 200_000, edges=True)
    assert looked.run().broken == ""
    assert looked.hopeless() != []


TRIED = (TINY, SMALL, WAITING)
FOUND_AS = {
    "send before seal": "",  # the acknowledgement of what is not sealed, or a try after it
    "split seal": "I8",
    "count after": "I4",
    "202 before save": "I9",
    "no lock-step": "I3a",
    "no duplicate check": "I3a",
    "seal before good": "I5",
    "flip again": "I3b",
    "forgets the wait": "I4",
    "acknowledge first": "I8",
    "count twice": "I6",
}


@pytest.mark.parametrize("flaw", flaws.FLAWS)
def test_a_wrong_design_is_found(flaw):
    broken = next(filter(None, (search(one, 150_000, flaw).broken for one in TRIED)), None)
    assert broken is not None
    assert broken.startswith(FOUND_AS[flaw])


def test_what_is_broken_is_told_as_a_story(capsys):
    assert check.main(["--states", "5000", "--flaw", "count after"]) == 1
    told = capsys.readouterr().out
    assert "I4: operation 1 tried 2 times" in told
    assert "power cut" in told
    assert check.main(["--states", "2000", "--config", BOTH_TWICE.name]) == 0


def test_a_search_that_stops_early_says_so():
    found = search(TINY, 100)
    assert (found.whole, found.broken) == (False, "")


@pytest.mark.long
@pytest.mark.parametrize("config", ALL, ids=lambda one: one.name)
def test_every_promise_is_kept_when_more_goes_wrong(config: Config, told):
    found = search(config, 2_000_000)
    told("\n" + check.line(found))
    assert found.broken == ""
