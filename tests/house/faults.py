"""Reads `docs/reference/faults.md` and finds which test names which fault or attack."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from tests.house.clauses import ROOT

TABLE = ROOT / "docs/reference/faults.md"
ID = re.compile(r"[fa]\d+")
SERVER = "*server*"
"""How a row begins of which the device has nothing to prove."""
OF_SERVER = ("server/", "siege/", "cli/", "depot/")
"""Where the tests of the server's part are."""


class Row(Struct, frozen=True):
    """One fault or attack."""

    id: str
    what: str
    then: str
    tests: str


def read(text: str) -> dict[str, Row]:
    """All rows by id."""
    rows = [row for line in text.splitlines() if (row := parse(line))]
    return {row.id: row for row in rows}


def parse(line: str) -> Row | None:
    """A table's row, or None for any other line."""
    cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
    known = line.startswith("|") and len(cells) == 4 and ID.fullmatch(cells[0].lower())
    return Row(*cells) if known else None


class Part(Struct, frozen=True):
    """What the server does in one of them: a row of three cells."""

    id: str
    then: str
    tests: str


def parts(text: str) -> dict[str, Part]:
    """All rows of the server's part, by id."""
    rows = [part for line in text.splitlines() if (part := part_of(line))]
    return {part.id: part for part in rows}


def part_of(line: str) -> Part | None:
    """A row of the server's part, or None for any other line."""
    cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
    known = line.startswith("|") and len(cells) == 3 and ID.fullmatch(cells[0].lower())
    return Part(*cells) if known else None


def of_server(files: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the server's part."""
    return tuple(name for name in files if name.startswith(OF_SERVER))


def named_in_tests(folder: Path) -> Mapping[str, tuple[str, ...]]:
    """Which files have a test that names which id: `test_f1_a10_words` names F1 and A10."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for path in sorted(folder.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                for name in ids_of(node.name):
                    found[name].add(path.relative_to(folder).as_posix())
    return {name: tuple(sorted(files)) for name, files in found.items()}


def ids_of(test: str) -> Iterator[str]:
    """The ids at the beginning of a test's name."""
    for word in test.split("_")[1:]:
        if not ID.fullmatch(word):
            return
        yield word.upper()


def with_tests(text: str, named: Mapping[str, tuple[str, ...]]) -> str:
    """The text with the true column of tests."""
    return "".join(_with_tests(line, named) for line in text.splitlines(keepends=True))


def _with_tests(line: str, named: Mapping[str, tuple[str, ...]]) -> str:
    part = part_of(line)
    if part is not None:
        tests = ", ".join(f"`{name}`" for name in of_server(named.get(part.id, ())))
        return " ".join(filter(None, ("|", part.id, "|", part.then, "|", tests, "|"))) + "\n"
    row = parse(line)
    if row is None:
        return line
    files = ", ".join(f"`{name}`" for name in named.get(row.id, ()))
    return (
        " ".join(filter(None, ("|", row.id, "|", row.what, "|", row.then, "|", files, "|"))) + "\n"
    )
