"""The depot's log, followed: each line of it once, so that a timeline shows every download request.

The depot is a process of its own and writes JSON lines; the offset of a line in the file is its
name here, so reading it twice changes nothing. A line that is not whole yet waits.
"""

import sqlite3
from pathlib import Path

import msgspec
from msgspec import Struct

READ_MAX = 1 << 20
"""Bytes taken in at once; the rest comes with the next call."""


FETCHES_MAX = 1_000
"""Requests kept of an operation: eight attempts of a hundred pieces fit; older ones make room."""


class Line(Struct):
    """What a line of the depot's log must tell; more is passed over."""

    wall_s: float
    method: str
    status: int
    operation: str | None = None
    start: int = 0
    end: int = 0
    sent: int = 0


def take_in(db: sqlite3.Connection, path: Path) -> int:
    """Store the lines that are new, in one commit; how many."""
    begin = _next_offset(db, path)
    if not path.exists() or path.stat().st_size <= begin:
        return 0
    with path.open("rb") as file:
        file.seek(begin)
        text = file.read(READ_MAX)
    whole = text[: text.rfind(b"\n") + 1]
    rows = []
    for line in whole.splitlines(keepends=True):
        rows.append(_cells(begin, line))
        begin += len(line)
    _store(db, rows)
    return len(rows)


def _next_offset(db: sqlite3.Connection, path: Path) -> int:
    """Where the first line begins that is not stored."""
    (last,) = db.execute("SELECT max(offset) FROM fetch").fetchone()
    if last is None or not path.exists():
        return 0
    with path.open("rb") as file:
        file.seek(last)
        return int(last) + len(file.readline())


def _cells(offset: int, text: bytes) -> tuple[object, ...]:
    try:
        line = msgspec.json.decode(text, type=Line)
    except msgspec.DecodeError:
        return (offset, None, 0.0, "?", 0, "", 0)
    number = line.operation or ""
    operation = int(number) if number.isdigit() and len(number) < 18 else None
    asked = f"{line.start}-{line.end}"
    return (offset, operation, line.wall_s, line.method[:16], line.status, asked, line.sent)


def _store(db: sqlite3.Connection, rows: list[tuple[object, ...]]) -> None:
    db.execute("BEGIN IMMEDIATE")
    db.executemany("INSERT OR IGNORE INTO fetch VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    for operation in {row[1] for row in rows}:
        sql = """DELETE FROM fetch WHERE operation_id IS ? AND offset <= (SELECT offset FROM fetch
            WHERE operation_id IS ? ORDER BY offset DESC LIMIT 1 OFFSET ?)"""
        db.execute(sql, (operation, operation, FETCHES_MAX))
    db.execute("COMMIT")
