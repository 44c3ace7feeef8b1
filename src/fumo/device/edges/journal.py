"""The device's durable memory: SQLite in WAL mode, `synchronous=FULL`.

Promise: when a call returns, what it saved survives a power cut; a call that raised saved all or
nothing, and the journal is to be loaded anew before anything is believed.
Refuses to open when the database is damaged, newer than this program and without an older copy
(`journal_copies`), in use by another agent, or when SQLite does not run as it was told to (`NORMAL`
breaks a promise at nearly every power cut).
"""

import contextlib
import errno
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from fumo.device.edges import account_rows, node_rows, rows, schema
from fumo.device.edges.journal_copies import Copies
from fumo.device.edges.keepsake import Keepsake
from fumo.device.edges.reserve import Reserve
from fumo.dm.account import Provisioned
from fumo.errors import MisuseError
from fumo.tree.written import Written
from fumo.update.operation import Target
from fumo.update.records import Record, Seal, fold

T = TypeVar("T")

PRAGMAS = {"synchronous": ("FULL", 2), "foreign_keys": ("ON", 1)}
LOCK_WAIT_S = 2.0
RESERVE_BYTES = 256 * 1024  # a seal writes about ten pages; the rest is for the file system
SESSION_ID_MAX = 0xFFFF
PRIVATE = 0o600


class JournalUnusable(OSError):
    """The journal cannot be opened safely; the text says why and what that means."""


class SqliteJournal:
    """Implements the `Journal` port. One agent, one thread."""

    def __init__(self, path: Path | str, steps: tuple[str, ...] = schema.STEPS) -> None:
        """Open or make the journal at `path`.

        `steps` are the program's: an older or newer one has fewer or more.
        """
        self.path = str(path)
        self._reserve = Reserve(self.path, RESERVE_BYTES)
        self._copies = Copies(self.path)
        self._keepsake: Keepsake | None = None
        self._db = _connect(self.path, self._copies, steps)
        self._may_fall_back = self._copies.exist()

    def belongs_to(self, device_id: str) -> None:
        """From now on only to this device; JournalUnusable if it is another's.

        Another device's results would be told under the wrong name, and be lost under its own.
        """
        owner = self._durably(lambda db: _owner(db, device_id))
        if owner != device_id:
            raise JournalUnusable(errno.EPERM, f"journal {self.path} is the device {owner!r}'s")

    def load(self) -> Mapping[str, Target]:
        """The target that its records tell of each FUMO object."""
        with _told_as_os_error():
            return {uri: fold(rows.read(self._db, uri)) for uri in rows.objects(self._db)}

    def save(self, object_uri: str, records: Iterable[Record]) -> None:
        """All of them in one commit, or none."""
        batch = tuple(records)
        self._durably(lambda db: _write_records(db, object_uri, batch))
        if self._keepsake is not None:
            self._keepsake.saw(batch, self._may_fall_back)
        if self._may_fall_back and any(map(self._ends_the_trial, batch)):
            self._copies.drop()  # from here on the result may be told, and must stand
            self._may_fall_back = False

    def _ends_the_trial(self, record: Record) -> bool:
        """What another object seals meanwhile is in the keepsake, which an older agent reads."""
        if not isinstance(record, Seal):
            return False
        applied = "SELECT 1 FROM apply_intent WHERE op_id = ?"
        return self._keepsake is None or bool(self._db.execute(applied, (record.op_id,)).fetchone())

    def records(self) -> Iterator[Record]:
        """All of them, of all objects."""
        with _told_as_os_error():
            for uri in rows.objects(self._db):
                yield from rows.read(self._db, uri)

    def keeps(self, keepsake: Keepsake) -> None:
        """From now on what must not be forgotten is written there, too."""
        keepsake.begin(self.records(), self._may_fall_back)
        self._keepsake = keepsake

    def new_boot(self) -> int:
        """The next boot_id, durably counted (D0)."""
        return self._durably(lambda db: _number(db, "boot_id = boot_id + 1", "boot_id"))

    def new_session(self) -> str:
        """The next SessionID (D0): upper-case hex, 1 to 4 digits, never "0"."""
        change = f"session = session % {SESSION_ID_MAX} + 1"
        return f"{self._durably(lambda db: _number(db, change, 'session')):X}"

    def nonces(self) -> tuple[bytes | None, bytes | None]:
        """(for our next credentials, for the server's)."""
        with _told_as_os_error():
            own, peer = self._db.execute("SELECT own_nonce, peer_nonce FROM ids").fetchone()
            return own, peer

    def save_nonces(self, own: bytes | None, peer: bytes | None) -> None:
        """Both, in one commit."""
        values = (own, peer)
        self._durably(lambda db: db.execute("UPDATE ids SET own_nonce = ?, peer_nonce = ?", values))

    def notified(self) -> Collection[int]:
        """The session ids of the newest notifications heard."""
        with _told_as_os_error():
            return account_rows.read_notified(self._db)

    def save_notified(self, session_id: int) -> None:
        """One more; the oldest of many is forgotten."""
        self._durably(lambda db: account_rows.write_notified(db, session_id))

    def account(self) -> Provisioned | None:
        """The account that a bootstrap gave."""
        with _told_as_os_error():
            return account_rows.read_account(self._db)

    def save_account(self, account: Provisioned) -> None:
        """In place of the one before, with its nonces."""
        self._keep_private()
        self._durably(lambda db: account_rows.write_account(db, account))

    def pin_tries(self, document: bytes) -> int:
        """How many PINs were tried in vain on this document."""
        with _told_as_os_error():
            return account_rows.read_pin_tries(self._db, document)

    def save_pin_tries(self, document: bytes, used: int) -> None:
        """One more, or none again."""
        self._durably(lambda db: account_rows.write_pin_tries(db, document, used))

    def served(self) -> str | None:
        """The ServerID that lists of rights were written for."""
        with _told_as_os_error():
            server: str | None = self._db.execute("SELECT served FROM ids").fetchone()[0]
            return server

    def save_served(self, server: str) -> None:
        """From now on another one."""
        self._durably(lambda db: db.execute("UPDATE ids SET served = ?", (server,)))

    def nodes(self) -> Mapping[str, Written]:
        """What servers wrote into the tree, by address."""
        with _told_as_os_error():
            return node_rows.read(self._db)

    def save_nodes(self, changes: Mapping[str, Written | None]) -> None:
        """All of them, or with None their removal, in one commit."""
        self._durably(lambda db: node_rows.write(db, changes))

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

    def _durably(self, job: Callable[[sqlite3.Connection], T]) -> T:
        """One commit; on a full disk once more, with the room that was kept back for it.

        A seal must be possible on a full disk too, and so must the boot and the session
        that tell it.
        """
        try:
            return self._commit(job)
        except OSError as error:
            if error.errno != errno.ENOSPC or not self._reserve.give_up():
                raise
            return self._commit(job)

    def _commit(self, job: Callable[[sqlite3.Connection], T]) -> T:
        """One transaction; a rule of the database that is broken is our own bug."""
        try:
            with _told_as_os_error():
                self._db.execute("BEGIN IMMEDIATE")
                told = job(self._db)
                self._db.execute("COMMIT")
                return told
        except sqlite3.IntegrityError as error:
            raise MisuseError(f"the journal forbids it: {error}") from error
        finally:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")


@contextmanager
def _told_as_os_error() -> Iterator[None]:
    """Whatever SQLite says but "it is forbidden" is trouble with the disk."""
    try:
        yield
    except sqlite3.IntegrityError:
        raise
    except sqlite3.Error as error:
        raise OSError(_errno(error), f"journal: {error}") from error


def _number(db: sqlite3.Connection, change: str, column: str) -> int:
    db.execute(f"UPDATE ids SET {change}")
    return int(db.execute(f"SELECT {column} FROM ids").fetchone()[0])


def _owner(db: sqlite3.Connection, device_id: str) -> str:
    db.execute("UPDATE ids SET owner = ? WHERE owner IS NULL", (device_id,))
    return str(db.execute("SELECT owner FROM ids").fetchone()[0])


def _write_records(db: sqlite3.Connection, object_uri: str, batch: tuple[Record, ...]) -> None:
    for record in batch:
        rows.write(db, object_uri, record)


def _connect(path: str, copies: Copies, steps: tuple[str, ...]) -> sqlite3.Connection:
    """An open, healthy database with our schema, or JournalUnusable."""
    try:
        db = _opened(path)
        try:
            version = db.execute("PRAGMA user_version").fetchone()[0]
            if version > len(steps):
                db = _older(db, path, copies, len(steps))
            else:
                _upgrade(db, copies, steps[version:], version)
            return db
        except BaseException:
            db.close()
            raise
    except sqlite3.DatabaseError as error:
        raise JournalUnusable(_errno(error), f"journal {path}: {error}") from error


def _opened(path: str) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=LOCK_WAIT_S, isolation_level=None)
    try:
        _configure(db, path)
        _check_health(db, path)
    except BaseException:
        db.close()
        raise
    return db


def _older(db: sqlite3.Connection, path: str, copies: Copies, version: int) -> sqlite3.Connection:
    """A newer program was here, and the machine fell back to this one."""
    if not copies.restore(db, version):
        raise JournalUnusable(errno.ENOTSUP, f"journal {path} is of a newer version: too new")
    return _opened(path)


def _upgrade(db: sqlite3.Connection, copies: Copies, steps: tuple[str, ...], version: int) -> None:
    """Bring it up to this program's version, in one commit."""
    if steps and version:
        copies.keep(db, version)
    if steps:
        stamp = f"PRAGMA user_version = {version + len(steps)};"
        db.executescript(f"BEGIN IMMEDIATE; {' '.join(steps)} {stamp} COMMIT;")
    copies.drop_if_settled(db)


def _configure(db: sqlite3.Connection, path: str) -> None:
    """Set every pragma, and refuse to run when SQLite answers another value."""
    db.execute("PRAGMA locking_mode = EXCLUSIVE")  # one agent: a second one must not even start
    mode = db.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    if mode != "wal":
        raise JournalUnusable(errno.ENOTSUP, f"journal {path}: the mode is {mode}, not WAL")
    for name, (value, told) in PRAGMAS.items():
        db.execute(f"PRAGMA {name} = {value}")
        answer = db.execute(f"PRAGMA {name}").fetchone()[0]
        if answer != told:
            raise JournalUnusable(errno.ENOTSUP, f"journal {path}: {name} is {answer}, not {value}")


def _check_health(db: sqlite3.Connection, path: str) -> None:
    answer = db.execute("PRAGMA quick_check(1)").fetchone()[0]
    if answer != "ok":
        # Nothing is run again from a damaged memory.
        raise JournalUnusable(errno.EUCLEAN, f"journal {path} is damaged: {answer}")


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
