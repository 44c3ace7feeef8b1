"""PostgreSQL as a `Database`: any number of processes at once, each commit on its disk.

asyncpg speaks its protocol; a private event loop drives one connection, one call at a time, so
that the writer's thread needs no other shape than SQLite's. A connection that broke is made again
with the next call; whether a commit that broke it happened, nobody knows: the caller raises, the
device says its message again, and either its stored reply is there or nothing is (F21).
"""

import re
import threading
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, TypeVar

import asyncpg
import uvloop

from fumo.server.edges import secret_file
from fumo.server.edges.database import Bulk, Cells, Forbidden, Row, Said, StoreError

LIST = re.compile(r"IN \?\*(\d+)")
MARK = re.compile(r"\?(\d+)")
CONNECT_S = 10.0
CALL_S = 60.0
"""A statement that takes longer is given up: a device would not have waited either."""
LENGTHY_S = 3600.0
"""The same for what is asked about a whole fleet."""
SETTINGS = {
    "application_name": "fumo",
    "synchronous_commit": "on",
    # a page of an index costs little more than the next one of a table, on disks of today: a batch
    # finds its rows by their keys, and never reads a table for them
    "random_page_cost": "1.1",
}
LOST = (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError, TimeoutError)

T = TypeVar("T")


class PostgresDatabase:
    """Implements `Database`; safe to call from any thread, one at a time."""

    def __init__(self, url: str, reads_only: bool = False) -> None:
        """`url` as PostgreSQL's own tools take it. StoreError: it cannot be reached."""
        self._url, self._reads_only = url, reads_only
        self._lock = threading.RLock()
        self._loop = uvloop.new_event_loop()
        self._link: asyncpg.Connection | None = None
        self._inside = False
        self._await(self._connected())

    @contextmanager
    def transaction(self, writes: bool = True) -> Iterator[None]:
        """All of what is done within, or nothing."""
        with self._lock:
            if self._inside:  # within another: they are one
                yield
                return
            begin = "BEGIN" if writes else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
            self._await(self._done(begin))
            self._inside = True
            try:
                yield
            except BaseException:
                self._inside = False
                self._roll_back()
                raise
            self._inside = False
            self._await(self._done("COMMIT"))

    def rows(self, sql: str | Said, *cells: Any) -> list[Row]:
        """What it answers."""
        return self._await(self._fetched(_said(_worded(sql)), cells, _patience_s(sql)))

    def run(self, sql: str | Said, *cells: Any) -> int:
        """Do it; how many rows were changed."""
        return self._await(self._ran(_said(_worded(sql)), cells, _patience_s(sql)))

    def put(self, bulk: Bulk, rows: Sequence[Cells]) -> None:
        """Insert or update many rows, in one statement."""
        if rows:
            self._await(
                self._ran(_insert(bulk), [list(column) for column in zip(*rows, strict=True)])
            )

    def numbers(self, table: str, count: int) -> list[int]:
        """From the sequence of the table: no two processes get the same."""
        sql = f"SELECT nextval('{table}_id_seq') FROM generate_series(1, ?1)"
        return sorted(number for (number,) in self.rows(sql, count))

    def close(self) -> None:
        """Let the connection go."""
        with self._lock:
            if self._link is not None:
                self._link.terminate()
            if not self._loop.is_closed():
                self._loop.close()

    def _await(self, job: Coroutine[Any, Any, T]) -> T:
        """Run one job; what the server is against is Forbidden, what went wrong is StoreError."""
        with self._lock:
            try:
                return self._loop.run_until_complete(job)
            except asyncpg.IntegrityConstraintViolationError as error:
                raise Forbidden(str(error)) from error
            except asyncpg.RaiseError as error:
                raise Forbidden(str(error)) from error
            except LOST as error:
                self._drop()
                raise StoreError(f"PostgreSQL: {error or type(error).__name__}") from error
            except asyncpg.PostgresError as error:
                raise StoreError(f"PostgreSQL: {error}") from error

    def _drop(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            link.terminate()

    def _roll_back(self) -> None:
        try:
            self._await(self._done("ROLLBACK"))
        except StoreError:
            self._drop()  # whatever was begun there ends with its connection

    async def _connected(self) -> asyncpg.Connection:
        if self._link is None or self._link.is_closed():
            if self._inside:
                raise OSError("the connection was lost within a transaction")
            settings = SETTINGS | (
                {"default_transaction_read_only": "on"} if self._reads_only else {}
            )
            self._link = await asyncpg.connect(
                self._url,
                timeout=CONNECT_S,
                command_timeout=CALL_S,
                server_settings=settings,
                password=secret_file.password(),
            )
        return self._link

    async def _done(self, sql: str) -> None:
        await (await self._connected()).execute(sql)

    async def _fetched(self, sql: str, cells: Cells, patience_s: float) -> list[Row]:
        found: list[Row] = await (await self._connected()).fetch(sql, *cells, timeout=patience_s)
        return [tuple(row) for row in found]

    async def _ran(self, sql: str, cells: Cells, patience_s: float = CALL_S) -> int:
        said = await (await self._connected()).execute(sql, *cells, timeout=patience_s)
        number = said.rpartition(" ")[2]
        return int(number) if number.isdigit() else 0  # such as "UPDATE 3", or "CREATE TABLE"


def _patience_s(sql: str | Said) -> float:
    return LENGTHY_S if isinstance(sql, Said) and sql.lengthy else CALL_S


def _worded(sql: str | Said) -> str:
    return sql.postgresql if isinstance(sql, Said) else sql


@cache
def _said(sql: str) -> str:
    return MARK.sub(r"$\1", LIST.sub(r"= ANY($\1)", sql))


@cache
def _insert(bulk: Bulk) -> str:
    columns = ", ".join(f"${n}::{type_}[]" for n, type_ in enumerate(bulk.types, 1))
    names = ", ".join(bulk.columns)
    return f"INSERT INTO {bulk.table} ({names}) SELECT * FROM unnest({columns}) {bulk.conflict}"
