"""SQLite as a `Database`: one file, one writer at a time, `synchronous=FULL`."""

import json
import re
import secrets
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from fumo.server.edges.database import Bulk, Cells, Forbidden, Row, Said

PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # what was answered must survive the power cut that follows
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=10000",
    "PRAGMA cache_size=-65536",  # 64 MiB: the indexes of a million operations do not fit in two
)

CORRELATOR_BYTES = 16

LIST = re.compile(r"IN \?\*(\d+)")


class SqliteDatabase:
    """Implements `Database`; safe to call from any thread, one at a time."""

    def __init__(self, path: str | Path, reads_only: bool = False) -> None:
        """Open the file, or make it."""
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._lock = threading.RLock()
        for pragma in PRAGMAS:
            self._db.execute(pragma)
        self._db.create_function("correlator", 0, _correlators().__next__)
        if reads_only:
            self._db.execute("PRAGMA query_only=ON")

    @contextmanager
    def transaction(self, writes: bool = True) -> Iterator[None]:
        """All of what is done within, or nothing."""
        with self._lock:
            if self._db.in_transaction:  # within another: they are one
                yield
                return
            self._db.execute("BEGIN IMMEDIATE" if writes else "BEGIN DEFERRED")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def rows(self, sql: str | Said, *cells: Any) -> list[Row]:
        """What it answers."""
        return self._do(sql, cells).fetchall()

    def run(self, sql: str | Said, *cells: Any) -> int:
        """Do it; how many rows were changed."""
        return self._do(sql, cells).rowcount

    def put(self, bulk: Bulk, rows: Sequence[Cells]) -> None:
        """Insert or update many rows."""
        with self._lock, _told():
            self._db.executemany(_insert(bulk), rows)

    def numbers(self, table: str, count: int) -> range:
        """The next ones: nobody else writes while this transaction does."""
        [(highest,)] = self.rows(f"SELECT max(id) FROM {table}")
        first = (highest or 0) + 1
        return range(first, first + count)

    def close(self) -> None:
        """Let the file go."""
        self._db.close()

    def _do(self, sql: str | Said, cells: Cells) -> sqlite3.Cursor:
        said = _said(sql.sqlite if isinstance(sql, Said) else sql)
        with self._lock, _told():
            return self._db.execute(said, [_cell(cell) for cell in cells])


def _correlators() -> Iterator[str]:
    """What PostgreSQL draws by itself (`creating`), asked of the system for many at a time."""
    while True:
        drawn = secrets.token_hex(CORRELATOR_BYTES * 1024)
        for start in range(0, len(drawn), 2 * CORRELATOR_BYTES):
            yield drawn[start : start + 2 * CORRELATOR_BYTES]


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise Forbidden(str(error)) from error


@cache
def _said(sql: str) -> str:
    """A list comes as one cell, in JSON."""
    return LIST.sub(r"IN (SELECT value FROM json_each(?\1))", sql)


@cache
def _insert(bulk: Bulk) -> str:
    names, marks = ", ".join(bulk.columns), ", ".join("?" * len(bulk.columns))
    return f"INSERT INTO {bulk.table} ({names}) VALUES ({marks}) {bulk.conflict}"


def _cell(cell: Any) -> Any:
    return json.dumps(list(cell)) if isinstance(cell, list | tuple) else cell
