"""Every mutant is killed, by the test that is there for it and for the reason it is there for."""

from pathlib import Path

import pytest

from tests.mutants import killers
from tests.mutants.harness import (
    ROOT,
    Edit,
    Killer,
    Mutant,
    Verdict,
    copy,
    judge,
    mutate,
    run,
)
from tests.mutants.mutants import ALL

COMMENT = Edit("update/execute.py", "\nclass Accept(", "\n# The same program.\nclass Accept(")

ALL_KILLERS_S = 300.0
"""They run one after the other here, and there are hundreds."""


def killers_of(mutants: tuple[Mutant, ...]) -> list[Killer]:
    """Each module once; all test ids in one run of pytest."""
    distinct = dict.fromkeys(mutant.killer for mutant in mutants)
    ids = dict.fromkeys(id_ for k in distinct if k.module == "pytest" for id_ in k.arguments)
    return [Killer("pytest", tuple(ids)), *(k for k in distinct if k.module != "pytest")]


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy that nobody changes while the mutants are made from it."""
    return copy(ROOT, tmp_path_factory.mktemp("original"))


@pytest.mark.parametrize("killer", killers_of(ALL), ids=lambda killer: killer.module)
def test_on_the_program_as_it_is_every_killer_passes(original: Path, killer: Killer):
    found = run(original, killer, ALL_KILLERS_S)
    assert found.code == 0, found.said[-4000:]


@pytest.mark.parametrize("mutant", ALL, ids=lambda mutant: mutant.name)
def test_a_mutant_is_killed(original: Path, tmp_path: Path, mutant: Mutant):
    folder = copy(original, tmp_path / "mutant")
    mutate(folder, mutant.edits)
    found = run(folder, mutant.killer)
    verdict = judge(found, mutant.words)
    assert verdict is Verdict.KILLED, f"{mutant.promise}\n{found.said[-4000:]}"


@pytest.mark.parametrize("killer", [killers.MODEL, killers.ORDER], ids=["module", "pytest"])
def test_an_edit_that_changes_nothing_survives(original: Path, tmp_path: Path, killer: Killer):
    folder = copy(original, tmp_path / "mutant")
    mutate(folder, (COMMENT,))
    assert judge(run(folder, killer), ".") is Verdict.SURVIVED


def test_names_are_given_once():
    names = [mutant.name for mutant in ALL]
    assert len(set(names)) == len(names)
