"""Reads CLAUSES.md and finds which test names which clause.

Promises: never runs a test, and never changes a column but *test*.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct

ROOT = Path(__file__).resolve().parents[2]
BOOK = ROOT / "CLAUSES.md"
NEVER = "-"
DUE = re.compile(r"\d+|-")
WHY_NOT = "Not done: "
"""How the sentence of a row begins that is never due."""


class Clause(Struct, frozen=True):
    """One row of CLAUSES.md; `tests` are the files that name it.

    `due` is the step that proves it, or None for a row that says why it is not done.
    """

    id: str
    sentence: str
    room: str
    tests: tuple[str, ...]
    due: int | None


def read_clauses(text: str) -> dict[str, Clause]:
    """All rows by id."""
    rows = [row for line in text.splitlines() if (row := parse_row(line))]
    book = {row.id: row for row in rows}
    if len(book) != len(rows):
        raise ValueError("CLAUSES.md has an id twice")
    return book


def parse_row(line: str) -> Clause | None:
    """A table's row, or None for any other line."""
    cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
    if not line.startswith("|") or len(cells) != 5 or not DUE.fullmatch(cells[4]):
        return None
    files = tuple(name.strip(" `") for name in cells[3].split(",") if name.strip())
    due = None if cells[4] == NEVER else int(cells[4])
    return Clause(cells[0], cells[1], cells[2], files, due)


def step_now(text: str) -> int:
    """The step whose rows must be proven."""
    return next(int(line[9:]) for line in text.splitlines() if line.startswith("Due now: "))


def due_clauses(text: str) -> dict[str, Clause]:
    """The rows that must be proven now."""
    now = step_now(text)
    book = read_clauses(text)
    return {name: row for name, row in book.items() if row.due is not None and row.due <= now}


def marks_in_tests(folder: Path) -> dict[str, tuple[str, ...]]:
    """Which files name which clause, read from the source: `...mark.clause("C16", "C-ALT")`."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for path in sorted(folder.rglob("test_*.py")):
        for name in marks_in_source(path.read_text("utf-8")):
            found[name].add(path.relative_to(folder).as_posix())
    return {name: tuple(sorted(files)) for name, files in found.items()}


def marks_in_source(source: str) -> Iterator[str]:
    """Every clause id that a source names."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("mark.clause"):
            yield from (arg.value for arg in node.args if isinstance(arg, ast.Constant))


def with_tests(text: str, marks: Mapping[str, tuple[str, ...]]) -> str:
    """CLAUSES.md with its column *test* made true."""
    return "".join(written(line, marks) for line in text.splitlines(keepends=True))


def written(line: str, marks: Mapping[str, tuple[str, ...]]) -> str:
    """One line, its files replaced if it is a row."""
    row = parse_row(line)
    if row is None:
        return line
    files = ", ".join(f"`{name}`" for name in marks.get(row.id, ()))
    due = NEVER if row.due is None else row.due
    return f"| {row.id} | {row.sentence} | {row.room} |{files and ' ' + files} | {due} |\n"
