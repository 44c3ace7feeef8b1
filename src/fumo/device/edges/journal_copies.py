"""The journal as an older program left it, for as long as that program may come back (fault F25).

New firmware brings a new agent, which brings the journal up to its own version while it is only
on trial. If the machine falls back, the older agent finds a journal it cannot read; then this copy
takes its place. What the newer one saved meanwhile is lost with it: nonces and numbers, which a
session mends, and never a result that was told, for a copy is deleted before a sealed result can
leave, and on the next start once nothing is on trial.
"""

import contextlib
import os
import sqlite3
from pathlib import Path

PRIVATE = 0o600
OPEN_INTENT = "SELECT 1 FROM apply_intent WHERE op_id NOT IN (SELECT op_id FROM outcome) LIMIT 1"


class Copies:
    """The copies beside one journal, `<path>.v<version>`."""

    def __init__(self, path: str) -> None:
        """Nothing is touched yet."""
        self._path = Path(path)

    def exist(self) -> bool:
        """Is there any?"""
        return any(True for _ in self._all())

    def keep(self, db: sqlite3.Connection, version: int) -> None:
        """Before an upgrade: a whole, durable copy, if an image may be on trial. OSError."""
        if db.execute(OPEN_INTENT).fetchone() is None:
            return
        copy = self._copy(version)
        new = copy.with_name(f"{copy.name}.new")
        new.unlink(missing_ok=True)
        os.close(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE))
        db.execute("VACUUM INTO ?", (str(new),))
        _sync(new)
        new.replace(copy)
        _sync(copy.parent)

    def restore(self, db: sqlite3.Connection, version: int) -> bool:
        """Close `db`, which is too new, and put the copy in its place; False: there is none."""
        copy = self._copy(version)
        if not copy.exists():
            return False
        # No log may stay behind: SQLite would write it into the older journal.
        db.execute("PRAGMA journal_mode = DELETE")
        db.close()
        for ending in ("-wal", "-shm"):
            self._path.with_name(f"{self._path.name}{ending}").unlink(missing_ok=True)
        _sync(self._path.parent)
        copy.replace(self._path)
        _sync(self._path.parent)
        return True

    def drop(self) -> None:
        """No older program may go on from here. OSError: one could."""
        for copy in list(self._all()):
            copy.unlink()
        _sync(self._path.parent)

    def drop_if_settled(self, db: sqlite3.Connection) -> None:
        """At a start: nothing is on trial, so nobody falls back."""
        if self.exist() and db.execute(OPEN_INTENT).fetchone() is None:
            self.drop()

    def _copy(self, version: int) -> Path:
        return self._path.with_name(f"{self._path.name}.v{version}")

    def _all(self) -> list[Path]:
        with contextlib.suppress(OSError):
            return sorted(self._path.parent.glob(f"{self._path.name}.v[0-9]*"))
        return []


def _sync(path: Path) -> None:
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)
