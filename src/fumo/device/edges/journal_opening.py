"""Opens the journal; one that rotted is set aside, and what it owed is told from the keepsake.

Nothing is run again from a damaged memory (fault F24). What it held is lost: rights, accounts of
a bootstrap, what was downloaded. What was ordered is not: each operation that was open ends
with 409, each that was sealed is told as it was. A journal of the past, which an older agent put
back (F25) or a disk that lied, learns from the keepsake what was told since, and tells no other.
"""

import contextlib
import errno
import os
from pathlib import Path

from fumo.device.edges.disk import DiskFolder
from fumo.device.edges.journal import JournalUnusable, SqliteJournal
from fumo.device.edges.keepsake import Keepsake, Line
from fumo.device.ports import Log
from fumo.errors import MisuseError
from fumo.update.records import ExecIn

ENDINGS = ("-wal", "-shm")


def open_journal(path: Path, log: Log, keepsake: Keepsake | None = None) -> SqliteJournal:
    """The journal, whole. JournalUnusable: it is not, and nobody knows what it held.

    `keepsake` is beside it unless it is kept elsewhere.
    """
    keepsake = keepsake or Keepsake(DiskFolder(path.parent))
    try:
        return _healthy(path, keepsake)
    except JournalUnusable as error:
        lines = keepsake.read()
        if error.errno != errno.EUCLEAN or lines is None:
            raise
        log("JournalDamaged", error=str(error), operations=[line.order.op_id for line in lines])
        _replace(path, lines)
    journal = SqliteJournal(path)
    journal.keeps(keepsake)
    return journal


def _healthy(path: Path, keepsake: Keepsake) -> SqliteJournal:
    """Bit rot that the database cannot see makes rows that cannot be read, or another story."""
    journal = SqliteJournal(path)
    try:
        journal.load()
        if keepsake.contradicts(journal.records()):
            raise JournalUnusable(errno.EUCLEAN, f"journal {path} is not what was saved")
        for uri, records in keepsake.missing(journal.records()):
            journal.save(uri, records)
    except (ValueError, TypeError, MisuseError) as error:
        journal.close()
        raise JournalUnusable(errno.EUCLEAN, f"journal {path}: {error}") from error
    except BaseException:
        journal.close()
        raise
    journal.keeps(keepsake)
    return journal


def _replace(path: Path, lines: tuple[Line, ...]) -> None:
    """There is a journal at any instant: the damaged one, or a whole new one."""
    new = path.with_name(f"{path.name}.new")
    for ending in ("", *ENDINGS):
        new.with_name(new.name + ending).unlink(missing_ok=True)
    with SqliteJournal(new) as journal:
        for line in lines:
            journal.save(line.order.object_uri, (ExecIn(line.order), line.seal()))
    new.with_name(f"{new.name}.reserve").unlink(missing_ok=True)
    damaged = path.with_name(f"{path.name}.damaged")
    damaged.unlink(missing_ok=True)
    os.link(path, damaged)
    for ending in ENDINGS:  # a log of the damaged one would be written into the new one
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + ending).replace(damaged.with_name(damaged.name + ending))
    DiskFolder(path.parent).rename(new.name, path.name)
