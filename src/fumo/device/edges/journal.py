"""The device's durable memory: SQLite in WAL mode, `synchronous=FULL`.

Promise: when a call returns, what it saved survives a power cut; a call that raised saved all or
nothing, and the journal is to be loaded anew before anything is believed.
Refuses to open when the database is damaged, newer than this program, in use by another agent, or
when SQLite does not run as it was told to (`NORMAL` breaks a promise at nearly every power cut).
"""

import contextlib
import errno
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from fumo.device.edges import account_rows, node_rows, rows, schema
from fumo.device.edges.reserve import Reserve
from fumo.dm.account import Provisioned
from fumo.errors import MisuseError
from fumo.tree.written import Written
from fumo.update.operation import Target
from fumo.update.records import Record, Seal, fold

PRAGMAS = {"synchronous": ("FULL", 2), "foreign_keys": ("ON", 1)}
IN_MEMORY = ":memory:"
LOCK_WAIT_S = 2.0
RESERVE_BYTES = 256 * 1024  # a seal writes about ten pages; the rest is for the file system
SESSION_ID_MAX = 0xFFFF
PRIVATE = 0o600


class JournalUnusable(OSError):
    """The journal cannot be opened safely; the text says why and what that means."""


class SqliteJournal:
    """Implements the `Journal` port. One agent, one thread."""

    def __init__(self, path: Path | str) -> None:
        """Open or make the journal at `path` (":memory:" is for tests)."""
        self.path = str(path)
        self._reserve = None if self.path == IN_MEMORY else Reserve(self.path, RESERVE_BYTES)
        self._db = _connect(self.path)

    def load(self) -> Target:
        """The target its records tell."""
        return fold(rows.read(self._db))

    def save(self, records: Iterable[Record]) -> None:
        """All of them in one commit, or none."""
        batch = tuple(records)
        try:
            self._save(batch)
        except OSError as error:
            # A seal must be possible on a full disk too (reliability.md F18).
            sealing = any(isinstance(record, Seal) for record in batch)
            if not (error.errno == errno.ENOSPC and sealing and self._give_up_reserve()):
                raise
            self._save(batch)

    def new_boot(self) -> int:
        """The next boot_id, durably counted (D0)."""
        with self._commit() as db:
            db.execute("UPDATE ids SET boot_id = boot_id + 1")
            return int(db.execute("SELECT boot_id FROM ids").fetchone()[0])

    def new_session(self) -> str:
        """The next SessionID (D0): upper-case hex, 1 to 4 digits, never "0"."""
        with self._commit() as db:
            db.execute("UPDATE ids SET session = session % ? + 1", (SESSION_ID_MAX,))
            return f"{int(db.execute('SELECT session FROM ids').fetchone()[0]):X}"

    def nonces(self) -> tuple[bytes | None, bytes | None]:
        """(for our next credentials, for the server's)."""
        own, peer = self._db.execute("SELECT own_nonce, peer_nonce FROM ids").fetchone()
        return own, peer

    def save_nonces(self, own: bytes | None, peer: bytes | None) -> None:
        """Both, in one commit."""
        with self._commit() as db:
            db.execute("UPDATE ids SET own_nonce = ?, peer_nonce = ?", (own, peer))

    def notified(self) -> Collection[int]:
        """The session ids of the newest notifications heard."""
        return account_rows.read_notified(self._db)

    def save_notified(self, session_id: int) -> None:
        """One more; the oldest of many is forgotten."""
        with self._commit() as db:
            account_rows.write_notified(db, session_id)

    def account(self) -> Provisioned | None:
        """The account that a bootstrap gave."""
        return account_rows.read_account(self._db)

    def save_account(self, account: Provisioned) -> None:
        """In place of the one before, with its nonces."""
        self._keep_private()
        with self._commit() as db:
            account_rows.write_account(db, account)

    def pin_tries(self, document: bytes) -> int:
        """How many PINs were tried in vain on this document."""
        return account_rows.read_pin_tries(self._db, document)

    def save_pin_tries(self, document: bytes, used: int) -> None:
        """One more, or none again."""
        with self._commit() as db:
            account_rows.write_pin_tries(db, document, used)

    def nodes(self) -> Mapping[str, Written]:
        """What servers wrote into the tree, by address."""
        return node_rows.read(self._db)

    def save_nodes(self, changes: Mapping[str, Written | None]) -> None:
        """All of them, or with None their removal, in one commit."""
        with self._commit() as db:
            node_rows.write(db, changes)

    def _keep_private(self) -> None:
        """Secrets come in: the files are for their owner alone."""
        for name in (self.path, f"{self.path}-wal"):
            with contextlib.suppress(FileNotFoundError):
                Path(name).chmod(PRIVATE)

    def close(self) -> None:
        """Let another agent open it; done twice it does no harm."""
        self._db.close()

    def __enter__(self) -> "SqliteJournal":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def _save(self, batch: tuple[Record, ...]) -> None:
        with self._commit() as db:
            for record in batch:
                rows.write(db, record)

    def _give_up_reserve(self) -> bool:
        return self._reserve is not None and self._reserve.give_up()

    @contextmanager
    def _commit(self) -> Iterator[sqlite3.Connection]:
        """One transaction; a rule of the database that is broken is our own bug."""
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield self._db
            self._db.execute("COMMIT")
        except sqlite3.IntegrityError as error:
            raise MisuseError(f"the journal forbids it: {error}") from error
        except sqlite3.OperationalError as error:
            raise OSError(_errno(error), f"journal: {error}") from error
        finally:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")


def _connect(path: str) -> sqlite3.Connection:
    """An open, healthy database with our schema, or JournalUnusable."""
    try:
        db = sqlite3.connect(path, timeout=LOCK_WAIT_S, isolation_level=None)
        try:
            _configure(db, path)
            _check_health(db, path)
            _make_schema(db, path)
        except BaseException:
            db.close()
            raise
    except sqlite3.DatabaseError as error:
        raise JournalUnusable(_errno(error), f"journal {path}: {error}") from error
    return db


def _configure(db: sqlite3.Connection, path: str) -> None:
    """Set every pragma, and refuse to run when SQLite answers another value."""
    db.execute("PRAGMA locking_mode = EXCLUSIVE")  # one agent: a second one must not even start
    mode = db.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    if mode != ("memory" if path == IN_MEMORY else "wal"):
        raise JournalUnusable(errno.ENOTSUP, f"journal {path}: the mode is {mode}, not WAL")
    for name, (value, told) in PRAGMAS.items():
        db.execute(f"PRAGMA {name} = {value}")
        answer = db.execute(f"PRAGMA {name}").fetchone()[0]
        if answer != told:
            raise JournalUnusable(errno.ENOTSUP, f"journal {path}: {name} is {answer}, not {value}")


def _check_health(db: sqlite3.Connection, path: str) -> None:
    answer = db.execute("PRAGMA quick_check(1)").fetchone()[0]
    if answer != "ok":
        # Nothing is run again from a damaged memory (reliability.md F24).
        raise JournalUnusable(errno.EUCLEAN, f"journal {path} is damaged: {answer}")


def _make_schema(db: sqlite3.Connection, path: str) -> None:
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version > schema.VERSION:
        raise JournalUnusable(errno.ENOTSUP, f"journal {path} is of version {version}: too new")
    if version < schema.VERSION:
        steps, stamp = schema.STEPS[version:], f"PRAGMA user_version = {schema.VERSION};"
        db.executescript(f"BEGIN IMMEDIATE; {' '.join(steps)} {stamp} COMMIT;")


def _errno(error: sqlite3.Error) -> int:
    """SQLite's primary result code as an errno."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_IOERR) & 0xFF
    known = {
        sqlite3.SQLITE_FULL: errno.ENOSPC,
        sqlite3.SQLITE_BUSY: errno.EBUSY,
        sqlite3.SQLITE_READONLY: errno.EROFS,
        sqlite3.SQLITE_CANTOPEN: errno.ENOENT,
        sqlite3.SQLITE_CORRUPT: errno.EUCLEAN,
        sqlite3.SQLITE_NOTADB: errno.EUCLEAN,
    }
    return known.get(code, errno.EIO)
