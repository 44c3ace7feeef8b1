"""The depot's log, followed: each line of it once, so that a timeline shows every download request.

The depot is a process of its own and writes JSON lines; its name and the place of a line in the
file are that line's name here, so reading it twice changes nothing. A line that is not whole yet
waits.
"""

from pathlib import Path

import msgspec
from msgspec import Struct

from fumo.server.edges.database import Bulk, Database

READ_MAX = 1 << 20
"""Bytes taken in at once; the rest comes with the next call."""


FETCHES_MAX = 1_000
"""Requests kept of an operation: eight attempts of a hundred pieces fit; older ones make room."""


FETCHES = Bulk(
    "download",
    ("depot", "at_byte", "operation_id", "at_s", "method", "status", "asked", "sent"),
    ("text", "bigint", "bigint", "double precision", "text", "bigint", "text", "bigint"),
    "ON CONFLICT (depot, at_byte) DO NOTHING",
)
OF_ONE = "WHERE depot = ?1 AND operation_id IS NOT DISTINCT FROM ?2"
ROOM = f"""DELETE FROM download {OF_ONE} AND at_byte <=
    (SELECT at_byte FROM download {OF_ONE} ORDER BY at_byte DESC LIMIT 1 OFFSET ?3)"""


class Line(Struct):
    """What a line of the depot's log must tell; more is passed over."""

    wall_s: float
    method: str
    status: int
    operation: str | None = None
    start: int = 0
    end: int = 0
    sent: int = 0


def take_in(db: Database, path: Path, depot: str = "") -> int:
    """Store the lines of this depot that are new, in one commit; how many."""
    begin = _next_byte(db, path, depot)
    if not path.exists() or path.stat().st_size <= begin:
        return 0
    with path.open("rb") as file:
        file.seek(begin)
        text = file.read(READ_MAX)
    whole = text[: text.rfind(b"\n") + 1]
    rows = []
    for line in whole.splitlines(keepends=True):
        rows.append((depot, begin, *_cells(line)))
        begin += len(line)
    _store(db, depot, rows)
    return len(rows)


def _next_byte(db: Database, path: Path, depot: str) -> int:
    """Where the first line begins that is not stored."""
    [(last,)] = db.rows("SELECT max(at_byte) FROM download WHERE depot = ?1", depot)
    if last is None or not path.exists():
        return 0
    with path.open("rb") as file:
        file.seek(last)
        return int(last) + len(file.readline())


def _cells(text: bytes) -> tuple[object, ...]:
    try:
        line = msgspec.json.decode(text, type=Line)
    except msgspec.DecodeError:
        return (None, 0.0, "?", 0, "", 0)
    number = line.operation or ""
    operation = int(number) if number.isdigit() and len(number) < 18 else None
    asked = f"{line.start}-{line.end}"
    return (operation, line.wall_s, line.method[:16], line.status, asked, line.sent)


def _store(db: Database, depot: str, rows: list[tuple[object, ...]]) -> None:
    with db.transaction():
        db.put(FETCHES, rows)
        for operation in {row[2] for row in rows}:
            db.run(ROOM, depot, operation, FETCHES_MAX)
