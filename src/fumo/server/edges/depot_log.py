"""The depot's log, followed: each line of it once, so that a timeline shows every download request
and what the device told of the transfer.

The depot is a process of its own and writes JSON lines; its name and the place of a line in the
file are that line's name here, so reading it twice changes nothing. A line that is not whole yet
waits.
"""

from pathlib import Path

import msgspec
from msgspec import Struct

from fumo.server.edges.database import Bulk, Cells, Database

READ_MAX = 1 << 20
"""Bytes taken in at once; the rest comes with the next call."""


FETCHES_MAX = 1_000
"""Requests kept of an operation: eight attempts of a hundred pieces fit; older ones make room."""


FETCHES = Bulk(
    "download",
    ("depot", "at_byte", "operation_id", "at_s", "method", "status", "asked", "sent", "via"),
    (
        *("text", "bigint", "bigint", "double precision"),
        *("text", "bigint", "text", "bigint", "text"),
    ),
    "ON CONFLICT (depot, at_byte) DO NOTHING",
)
REPORTS_MAX = 100
"""Reports kept of an operation."""
REPORTS = Bulk(
    "transfer",
    ("depot", "at_byte", "operation_id", "at_s", "code"),
    ("text", "bigint", "bigint", "double precision", "bigint"),
    "ON CONFLICT (depot, at_byte) DO NOTHING",
)
LAST = """SELECT max(at_byte) FROM (
    SELECT max(at_byte) AS at_byte FROM download WHERE depot = ?1 UNION ALL
    SELECT max(at_byte) FROM transfer WHERE depot = ?1) AS found"""
OF_ONE = "WHERE depot = ?1 AND operation_id IS NOT DISTINCT FROM ?2"
ROOM = f"""DELETE FROM {{0}} {OF_ONE} AND at_byte <=
    (SELECT at_byte FROM {{0}} {OF_ONE} ORDER BY at_byte DESC LIMIT 1 OFFSET ?3)"""


class Line(Struct):
    """What a line of the depot's log must tell; more is passed over."""

    wall_s: float
    method: str
    status: int
    operation: str | None = None
    start: int = 0
    end: int = 0
    sent: int = 0
    report: int | None = None
    via: str = ""


NONSENSE = Line(0.0, "?", 0)


def take_in(db: Database, path: Path, depot: str = "") -> int:
    """Store the lines of this depot that are new, in one commit; how many."""
    begin = _next_byte(db, path, depot)
    if not path.exists() or path.stat().st_size <= begin:
        return 0
    with path.open("rb") as file:
        file.seek(begin)
        text = file.read(READ_MAX)
    whole = text[: text.rfind(b"\n") + 1]
    fetches: list[Cells] = []
    reports: list[Cells] = []
    for text_line in whole.splitlines(keepends=True):
        line = _read(text_line)
        operation = _number(line)
        if line.report is not None and operation is not None:
            reports.append((depot, begin, operation, line.wall_s, line.report))
        else:
            fetches.append((depot, begin, operation, *_cells(line)))
        begin += len(text_line)
    _store(db, depot, fetches, reports)
    return len(fetches) + len(reports)


def _next_byte(db: Database, path: Path, depot: str) -> int:
    """Where the first line begins that is not stored."""
    [(last,)] = db.rows(LAST, depot)
    if last is None or not path.exists():
        return 0
    with path.open("rb") as file:
        file.seek(last)
        return int(last) + len(file.readline())


def _read(text: bytes) -> Line:
    """A line that means nothing is a request that nobody knows of."""
    try:
        return msgspec.json.decode(text, type=Line)
    except msgspec.DecodeError:
        return NONSENSE


def _number(line: Line) -> int | None:
    number = line.operation or ""
    return int(number) if number.isdigit() and len(number) < 18 else None


def _cells(line: Line) -> Cells:
    asked = "" if line is NONSENSE else f"{line.start}-{line.end}"
    return (line.wall_s, line.method[:16], line.status, asked, line.sent, line.via[:16])


def _store(db: Database, depot: str, fetches: list[Cells], reports: list[Cells]) -> None:
    every = (("download", FETCHES, fetches, FETCHES_MAX),
             ("transfer", REPORTS, reports, REPORTS_MAX))  # fmt: skip
    with db.transaction():
        for table, bulk, rows, most in every:
            db.put(bulk, rows)
            for operation in {row[2] for row in rows}:
                db.run(ROOM.format(table), depot, operation, most)
