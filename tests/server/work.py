"""How much a database does for each statement of a story: its work, not its time.

SQLite counts the steps of its machine. PostgreSQL is asked to explain, and tells the rows that each
part of a plan looked at; the statement is done for that in a transaction that is taken back.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from fumo.server.edges.database import Bulk, Cells, Database, Row, Said
from fumo.server.edges.postgres_database import PostgresDatabase
from fumo.server.edges.sqlite_database import SqliteDatabase

TOLD = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")
STEPS = 100
"""Steps of SQLite's machine that count as one."""


class TakenBack(Exception):
    """Ends a transaction that only looked."""


class Worked:
    """Implements `Database`; `work` is the most that each statement took."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self.work: dict[str, int] = {}
        self.plans: dict[str, str] = {}

    def transaction(self, writes: bool = True) -> AbstractContextManager[None]:
        return self._db.transaction(writes)

    def rows(self, sql: str | Said, *cells: Any) -> list[Row]:
        with self._told(sql, cells):
            return self._db.rows(sql, *cells)

    def run(self, sql: str | Said, *cells: Any) -> int:
        with self._told(sql, cells):
            return self._db.run(sql, *cells)

    def put(self, bulk: Bulk, rows: Sequence[Cells]) -> None:
        self._db.put(bulk, rows)

    def numbers(self, table: str, count: int) -> range | list[int]:
        return self._db.numbers(table, count)

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def _told(self, sql: str | Said, cells: Cells) -> Iterator[None]:
        text = _text(self._db, sql)
        if not text.strip().startswith(TOLD):
            yield
        elif isinstance(self._db, SqliteDatabase):
            with self._steps(self._db, text, cells):
                yield
        else:
            self._keep(text, *_looked_at(self._db, text, cells))
            yield

    @contextmanager
    def _steps(self, db: SqliteDatabase, text: str, cells: Cells) -> Iterator[None]:
        told = db.rows("EXPLAIN QUERY PLAN " + text, *cells)
        steps = [0]
        link = db._db
        link.set_progress_handler(lambda: steps.append(steps.pop() + 1), STEPS)
        try:
            yield
        finally:
            link.set_progress_handler(None, 0)
        self._keep(text, steps[0], "\n".join(str(row[3]) for row in told))

    def _keep(self, text: str, work: int, plan: str) -> None:
        name = " ".join(text.split())
        if work >= self.work.get(name, 0):
            self.work[name], self.plans[name] = work, plan


def _text(database: Database, sql: str | Said) -> str:
    if isinstance(sql, str):
        return sql
    return sql.sqlite if isinstance(database, SqliteDatabase) else sql.postgresql


def _looked_at(db: Database, text: str, cells: Cells) -> tuple[int, str]:
    """Rows that a plan looks at, and the plan."""
    explain = f"EXPLAIN (ANALYZE, FORMAT JSON) {text}"
    assert isinstance(db, PostgresDatabase)
    if db._inside:
        db.run("SAVEPOINT looked")
        [(told,)] = db.rows(explain, *cells)
        db.run("ROLLBACK TO SAVEPOINT looked")
    else:
        try:
            with db.transaction():
                [(told,)] = db.rows(explain, *cells)
                raise TakenBack
        except TakenBack:
            pass
    plan = json.loads(told)[0]["Plan"]
    return _rows_of(plan), json.dumps(_shape(plan), indent=1)


def _rows_of(node: dict[str, Any]) -> int:
    own = 0
    if "Relation Name" in node:
        removed = sum(node.get(f"Rows Removed by {why}", 0) for why in ("Filter", "Index Recheck"))
        own = int((node["Actual Rows"] + removed) * node["Actual Loops"])
    return own + sum(_rows_of(each) for each in node.get("Plans", ()))


def _shape(node: dict[str, Any]) -> Any:
    what = (node["Node Type"], node.get("Relation Name"), node.get("Index Name"))
    return [" ".join(word for word in what if word), *(_shape(e) for e in node.get("Plans", ()))]
