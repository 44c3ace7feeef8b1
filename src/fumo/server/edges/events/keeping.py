"""Deletes what was kept long enough: a bounded number of rows at a time, each looked at once.

How far a table was looked at is a row of `kept`, so that rows which stay are not looked at again
and again. A duty of the relay: no message waits for it.
"""

from collections.abc import Sequence
from itertools import takewhile

from fumo.server.edges.database import Database
from fumo.server.retention import DAY_S, Retention, Rule, rules

EVERY_S = 60.0
ROWS_MAX = 1_000

REACHED = "SELECT reached FROM kept WHERE name = ?1"
LOCK = """INSERT INTO kept (name, reached) VALUES (?1, 0)
    ON CONFLICT (name) DO UPDATE SET reached = kept.reached RETURNING reached"""


class Keeping:
    """Rests for a minute when nothing is old any more."""

    def __init__(self, retention: Retention) -> None:
        self._rules: Sequence[Rule] = rules(retention)
        self._next_s = 0.0

    def __call__(self, db: Database, at_s: float) -> None:
        """A part of what is due."""
        if at_s < self._next_s <= at_s + EVERY_S:  # a clock that was set back is no reason to rest
            return
        most = max((forget(db, rule, at_s - rule.days * DAY_S) for rule in self._rules), default=0)
        self._next_s = at_s if most == ROWS_MAX else at_s + EVERY_S


def forget(db: Database, rule: Rule, before_s: float) -> int:
    """Look at the oldest rows that were not looked at yet; how many of them were old enough."""
    found = db.rows(REACHED, rule.table)
    if not _old(db, rule, int(found[0][0]) if found else 0, before_s):
        return 0
    with db.transaction():
        [(begin,)] = db.rows(LOCK, rule.table)
        old = _old(db, rule, begin, before_s)
        if old:
            for statement in (*rule.first, _delete(rule)):
                db.run(statement, begin, old[-1])
            db.run("UPDATE kept SET reached = ?1 WHERE name = ?2", old[-1], rule.table)
    return len(old)


def _old(db: Database, rule: Rule, begin: int, before_s: float) -> list[int]:
    sql = f"""SELECT {rule.key}, at_s FROM {rule.table} WHERE {rule.key} > ?1
        ORDER BY {rule.key} LIMIT {ROWS_MAX}"""
    return [key for key, _ in takewhile(lambda row: row[1] < before_s, db.rows(sql, begin))]


def _delete(rule: Rule) -> str:
    return f"DELETE FROM {rule.table} WHERE {rule.key} > ?1 AND {rule.key} <= ?2 {rule.but}"
