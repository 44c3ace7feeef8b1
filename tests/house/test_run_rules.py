"""The rules of a run, seen from outside: small runs of pytest in a folder with our conftest."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

BOOK = "Due now: 1\n| C01 | does. | dm | | 1 |\n| C02 | will do. | dm | | 2 |\n"
HEAD = "import pytest\n"
PROOF = HEAD + '@pytest.mark.clause("C01")\ndef test_it(): assert True\n'
BROKEN = HEAD + '@pytest.mark.xfail\n@pytest.mark.clause("C01")\ndef test_it(): assert False\n'
UNKNOWN = HEAD + '@pytest.mark.clause("C99")\ndef test_it(): assert True\n'
MISSING = HEAD + '@pytest.mark.clause("C01")\ndef test_it(): pytest.skip("no such program")\n'
OTHER = "def test_other(): assert True\n"
LONG = HEAD + PROOF + "@pytest.mark.long\ndef test_long(): assert False\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project with our rules and a book of two clauses."""
    house = tmp_path / "tests/house"
    house.mkdir(parents=True)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for name in ("__init__.py", "conftest.py", "budget.toml"):
        shutil.copy(ROOT / "tests" / name, tmp_path / "tests")
    for name in ("clauses.py", "run_clauses.py", "run_budget.py", "run_spread.py"):
        shutil.copy(ROOT / "tests/house" / name, house)
    (tmp_path / "CLAUSES.md").write_text(BOOK)
    return tmp_path


def run(folder: Path, source: str, *args: str, ci: bool = False) -> tuple[int, str]:
    """Run one test file under the rules: exit code, and what was said."""
    (folder / "tests/dm").mkdir(exist_ok=True)
    (folder / "tests/dm/test_plant.py").write_text(source)
    env = {**os.environ, "CI": "true" if ci else ""}
    line = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *args]
    done = subprocess.run(line, cwd=folder, env=env, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


CASES = {
    "a proof passes": (PROOF, (), False, False, "time by suite"),
    "a due clause without a test": (OTHER, (), False, True, "C01: no test has passed"),
    "a due clause whose test only fails": (BROKEN, (), False, True, "C01: no test has passed"),
    "a part of the tests has not tried": (OTHER, ("tests/dm",), False, False, "1 passed"),
    "a mark that no row has": (UNKNOWN, ("tests/dm",), False, True, "not in CLAUSES.md: ['C99']"),
    "a missing program skips": (MISSING, (), False, False, "no such program"),
    "in CI nothing may be skipped": (MISSING, (), True, True, "nothing may be skipped"),
    "nor a whole file": (HEAD + "pytest.importorskip('nix')", (), True, True, "may be skipped"),
    "long tests wait for their flag": (LONG, (), False, False, "1 deselected"),
    "and then run": (LONG, ("--long",), False, True, "1 failed, 1 passed"),
}


SPREAD = ("-n", "1", "--dist", "loadfile", "--no-loadscope-reorder")
"""The tests are run by another process than the one that judges."""
SPREADS = [
    "a proof passes",
    "a due clause without a test",
    "a due clause whose test only fails",
    "a mark that no row has",
    "in CI nothing may be skipped",
    "nor a whole file",
]


def judged(folder: Path, case: str, *more: str) -> None:
    source, args, ci, fails, words = CASES[case]
    code, said = run(folder, source, *args, *more, ci=ci)
    assert (code != 0, words in said) == (fails, True), said


@pytest.mark.parametrize("case", CASES)
def test_a_run_is_judged(folder: Path, case: str):
    judged(folder, case)


@pytest.mark.parametrize("case", SPREADS)
def test_a_run_of_several_processes_is_judged_the_same(folder: Path, case: str):
    judged(folder, case, *SPREAD)
