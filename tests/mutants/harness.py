"""Makes a copy of the program, edits it, runs a killer in it, and judges what came of it.

A mutant is *killed* only when its killer failed as a test fails (exit code 1) and said the words
it should: a mutant that cannot even be imported proves nothing, and is said to be broken.
"""

import os
import re
import shutil
import subprocess
import sys
from enum import StrEnum
from pathlib import Path

from msgspec import Struct

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT_S = 60.0
COPIED = ("src", "tests", "pyproject.toml", "CLAUSES.md")
STORIES = ("-x", "-p", "no:cacheprovider", "-k", "not postgresql")
"""One database notices a mutant as well as two."""
LEFT_OUT = shutil.ignore_patterns(".hypothesis", ".mypy_cache", ".ruff_cache", ".pytest_cache")
BROKEN = re.compile(
    r"^(?:E\s+)?(?:ImportError|ModuleNotFoundError|SyntaxError|IndentationError|NameError"
    r"|UnboundLocalError|AttributeError|TypeError)\b",
    re.MULTILINE,
)
"""What a mutant says that does not even run; no test notices anything then."""


class Edit(Struct, frozen=True):
    """In this file (under src/fumo) this text, which is there once, becomes that one."""

    file: str
    old: str
    new: str


class Killer(Struct, frozen=True):
    """A module to run with its arguments; pytest runs test files or test ids."""

    module: str
    arguments: tuple[str, ...]

    @property
    def line(self) -> list[str]:
        """The command line, run inside the copy."""
        extra = STORIES if self.module == "pytest" else ()
        return ["-m", "tests.mutants.home", self.module, *extra, *self.arguments]


class Mutant(Struct, frozen=True):
    """What is broken, which promise that breaks, and who notices with which words."""

    name: str
    promise: str
    edits: tuple[Edit, ...]
    killer: Killer
    words: str
    """A regular expression, found in what the killer says."""


class Verdict(StrEnum):
    """What came of a killer's run."""

    KILLED = "killed"
    SURVIVED = "survived"
    OTHER_WORDS = "failed, but not with the words that name the promise"
    BROKEN = "does not run: nothing was tried"
    ENDLESS = "did not end in time"


class Run(Struct, frozen=True):
    """A killer's exit code (None: it did not end) and all it said."""

    code: int | None
    said: str


class Outdated(AssertionError):
    """The table names a text that the program has not, or has more than once."""


def copy(source: Path, to: Path) -> Path:
    """The program and its tests, compiled files included: they keep their age."""
    to.mkdir(parents=True, exist_ok=True)
    for name in COPIED:
        if (source / name).is_dir():
            shutil.copytree(source / name, to / name, ignore=LEFT_OUT, symlinks=True)
        else:
            shutil.copy2(source / name, to / name)
    return to


def edited(text: str, edit: Edit) -> str:
    """The file's text after the edit; Outdated when that is not one place exactly."""
    count = text.count(edit.old)
    if count != 1:
        times = "is not there any more" if count == 0 else f"is there {count} times"
        raise Outdated(f"src/fumo/{edit.file}: this text {times}, mend mutants.py:\n{edit.old}")
    return text.replace(edit.old, edit.new)


def mutate(folder: Path, edits: tuple[Edit, ...]) -> None:
    """Edit the copy; what was compiled from the old text goes."""
    for edit in edits:
        path = folder / "src/fumo" / edit.file
        path.write_text(edited(path.read_text("utf-8"), edit), "utf-8")
        for compiled in path.parent.glob(f"__pycache__/{path.stem}.*"):
            compiled.unlink()


def run(folder: Path, killer: Killer, timeout_s: float = TIMEOUT_S) -> Run:
    """Run a killer inside the copy, the copy's own modules first on the path."""
    path = os.pathsep.join(str(folder / name) for name in ("src", "."))
    # CI: no skips, and hypothesis draws the same each time, so a kill is no luck.
    env = {**os.environ, "PYTHONPATH": path, "CI": "true", "COLUMNS": "200"}
    line = [sys.executable, *killer.line]
    try:
        done = subprocess.run(
            line,
            cwd=folder,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=timeout_s,
        )
    except subprocess.TimeoutExpired as late:
        said = late.stdout or b""
        return Run(None, said if isinstance(said, str) else said.decode("utf-8", "replace"))
    return Run(done.returncode, done.stdout)


def judge(found: Run, words: str) -> Verdict:
    """What came of it."""
    if found.code is None:
        return Verdict.ENDLESS
    if found.code == 0:
        return Verdict.SURVIVED
    if found.code != 1 or BROKEN.search(found.said):
        return Verdict.BROKEN
    return Verdict.KILLED if re.search(words, found.said, re.MULTILINE) else Verdict.OTHER_WORDS
