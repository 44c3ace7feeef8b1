"""The server's memory in SQLite: the message path. One file, one writer at a time.

Every call is one transaction with `synchronous=FULL`. A save compares and sets first; whoever lost
writes nothing. Order of a winner's rows: operations and results, alerts, notes, then the session
and the stored reply, so that a reply that stands implies all that it promises (S1 to S5).
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec.structs import replace

from fumo.dm.session import SessionState
from fumo.server.edges.mapping import Table
from fumo.server.edges.schema import PRAGMAS, RULES, TABLES, VERSION
from fumo.server.ports import Ask
from fumo.server.rows import (
    AlertRow,
    Case,
    Device,
    Logged,
    Operation,
    Package,
    Session,
    Stored,
    Work,
    Writes,
)

DEVICES = Table("device", Device)
OPERATIONS = Table("operation", Operation)
PACKAGES = Table("package", Package)
ALERTS = Table("alert", AlertRow, key="")

OPERATIONS_MAX = 32
"""Open operations of a device that a decision sees, and as many that came to no result."""
LOGGED_MAX = 2_000
"""Logged messages of a device, checked as a session begins: a month of a session an hour, and some
10 MB. Older ones make room."""

_state = msgspec.json.Decoder(SessionState).decode
_work = msgspec.json.Decoder(Work).decode
_encode = msgspec.json.encode

SEEN_BY_A_DECISION = (
    OPERATIONS.select
    + """WHERE operation.id IN (
        SELECT id FROM (SELECT id FROM operation WHERE device_id = :device
            AND state IN ('planned', 'sent', 'accepted') ORDER BY id LIMIT :limit)
        UNION SELECT id FROM (SELECT id FROM operation WHERE device_id = :device
            AND state IN ('refused', 'unknown') ORDER BY id DESC LIMIT :limit)
        UNION SELECT id FROM (SELECT id FROM operation WHERE device_id = :device
            ORDER BY id DESC LIMIT 8)
    ) ORDER BY operation.id"""
)


class SqliteStore:
    """Fits the port Store; `sqlite_admin` and `sqlite_views` are its other halves."""

    def __init__(self, path: str | Path) -> None:
        """Open or make the file."""
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for pragma in PRAGMAS:
            self.db.execute(pragma)
        with self.transaction():
            self._make()

    def _make(self) -> None:
        (version,) = self.db.execute("PRAGMA user_version").fetchone()
        if version not in (0, VERSION):
            raise RuntimeError(f"the database is of version {version}, this server of {VERSION}")
        if version == 0:
            for statement in _statements(TABLES + RULES):
                self.db.execute(statement)
            self.db.execute(f"PRAGMA user_version = {VERSION}")

    def close(self) -> None:
        """Let the file go."""
        self.db.close()

    @contextmanager
    def transaction(self, kind: str = "IMMEDIATE") -> Iterator[None]:
        """All of what is done within, or nothing."""
        self.db.execute(f"BEGIN {kind}")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    # --- load -------------------------------------------------------------------------------------

    def load(self, asks: Sequence[Ask]) -> list[Case]:
        """The rows for each message, as one moment shows them."""
        with self.transaction("DEFERRED"):
            return [self._case(ask) for ask in asks]

    def _case(self, ask: Ask) -> Case:
        cells = self.db.execute(DEVICES.select + "WHERE id = ?", (ask.device_id,)).fetchone()
        if cells is None:
            return Case()
        operations = self._operations(ask)
        return Case(
            device=DEVICES.row(cells),
            session=self._session(ask),
            stored=self._stored(ask),
            operations=operations,
            packages=self._packages({o.package_id for o in operations}),
        )

    def _session(self, ask: Ask) -> Session | None:
        sql = "SELECT state, work, at_s FROM session WHERE device_id = ? AND session_id = ?"
        found = self.db.execute(sql, (ask.device_id, ask.session_id)).fetchone()
        if found is None:
            return None
        state, work, at_s = found
        return Session(ask.device_id, _state(state), _work(work), at_s)

    def _stored(self, ask: Ask) -> tuple[Stored, ...]:
        sql = """SELECT msg_id, body_sha256, reply, media_type, bound FROM reply
            WHERE device_id = ? AND session_id = ?"""
        found = self.db.execute(sql, (ask.device_id, ask.session_id))
        return tuple(Stored(msg, sha, body, type_, b == 1) for msg, sha, body, type_, b in found)

    def _operations(self, ask: Ask) -> tuple[Operation, ...]:
        where = {"device": ask.device_id, "limit": OPERATIONS_MAX}
        found = [OPERATIONS.row(cells) for cells in self.db.execute(SEEN_BY_A_DECISION, where)]
        missing = set(ask.correlators) - {operation.correlator for operation in found}
        sql = OPERATIONS.select + "WHERE correlator = ? AND device_id = ?"
        for correlator in missing:
            cells = self.db.execute(sql, (correlator, ask.device_id)).fetchone()
            found += [OPERATIONS.row(cells)] if cells else []
        return tuple(sorted(found, key=lambda operation: operation.id))

    def _packages(self, ids: set[int]) -> dict[int, Package]:
        found = (
            self.db.execute(PACKAGES.select + "WHERE id = ?", (number,)).fetchone()
            for number in ids
        )
        packages = (PACKAGES.row(cells) for cells in found if cells)
        return {package.id: package for package in packages}

    # --- save -------------------------------------------------------------------------------------

    def save(self, writes: Sequence[Writes]) -> list[bool]:
        """Compare-and-set in key order, then the winners' rows, all in one commit."""
        in_order = sorted(range(len(writes)), key=lambda index: writes[index].device_id)
        won = [False] * len(writes)
        with self.transaction():
            for index in in_order:
                won[index] = self._wins(writes[index])
            for index in in_order:
                if won[index]:
                    self._write(writes[index])
        return won

    def _wins(self, writes: Writes) -> bool:
        sql = "UPDATE device SET version = version + 1 WHERE id = ? AND version = ?"
        return self.db.execute(sql, (writes.device_id, writes.guard)).rowcount == 1

    def _write(self, writes: Writes) -> None:
        self.write_operations(writes.operations)
        for alert in writes.alerts:
            self.db.execute(ALERTS.insert, ALERTS.cells(alert))
        for note in writes.notes:
            sql = "INSERT INTO note (operation_id, at_s, text, state, incident) VALUES (?,?,?,?,?)"
            cells = (note.operation_id, note.at_s, note.text, note.state, note.incident)
            self.db.execute(sql, cells)
        if writes.device is not None:
            device = replace(writes.device, version=writes.guard + 1)
            self.db.execute(DEVICES.upsert, DEVICES.cells(device))
        if writes.session is not None:
            self._write_session(writes, writes.session)
        for logged in writes.log:
            self._write_log(writes.device_id, logged)

    def write_operations(self, operations: Sequence[Operation]) -> None:
        """Operations as they are now, and the result of those that have one (S4)."""
        for operation in operations:
            self.db.execute(OPERATIONS.upsert, OPERATIONS.cells(operation))
            if operation.result is not None:
                sql = "INSERT INTO result VALUES (?, ?, ?)"
                cells = (operation.id, operation.result, operation.closed_at_s)
                self.db.execute(sql, cells)

    def _write_session(self, writes: Writes, session: Session) -> None:
        device_id, session_id = writes.device_id, session.state.session_id
        if writes.new_session:
            self.db.execute("DELETE FROM reply WHERE device_id = ?", (device_id,))
            self._make_room(device_id)
        state, work = _encode(session.state), _encode(session.work)
        self.db.execute(
            "INSERT OR REPLACE INTO session VALUES (?, ?, ?, ?, ?)",
            (device_id, session_id, session.at_s, state, work),
        )
        if writes.stored is not None:
            stored = writes.stored
            self.db.execute(
                "INSERT OR REPLACE INTO reply VALUES (?, ?, ?, ?, ?, ?, ?)",
                (device_id, session_id, stored.msg_id, stored.body_sha256, stored.reply,
                 stored.media_type, stored.bound),
            )  # fmt: skip

    def _make_room(self, device_id: str) -> None:
        """The log of a device keeps its newest messages."""
        sql = "SELECT id FROM message WHERE device_id = ? ORDER BY id DESC LIMIT 1 OFFSET ?"
        newest_old = self.db.execute(sql, (device_id, LOGGED_MAX)).fetchone()
        if newest_old is None:
            return
        of_device = "(SELECT id FROM operation WHERE device_id = ?)"
        for where in (f"about WHERE operation_id IN {of_device} AND message_id <= ?",
                      "message WHERE device_id = ? AND id <= ?"):  # fmt: skip
            self.db.execute(f"DELETE FROM {where}", (device_id, *newest_old))

    def _write_log(self, device_id: str, logged: Logged) -> None:
        done = self.db.execute(
            """INSERT INTO message (device_id, inbound, session_id, msg_id, at_s, media_type, body)
                VALUES (?, ?, ?, ?, ?, ?, ?)""",
            (device_id, logged.inbound, logged.session_id, logged.msg_id, logged.at_s,
             logged.media_type, logged.body),
        )  # fmt: skip
        for operation_id in logged.operations:
            self.db.execute("INSERT INTO about VALUES (?, ?)", (operation_id, done.lastrowid))


def _statements(script: str) -> Iterator[str]:
    """The statements of a script; a trigger has semicolons inside."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
