"""A copy of a server's data folder while it runs: its database of one moment, and its keys.

PostgreSQL has tools of its own for that, and packages are files that never change.
A copy bears its name only once it is whole, checked, and on the disk.
"""

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from fumo.errors import FumoError
from fumo.server.edges.opening import open_database

DATABASE = "server.db"
UNREADY = "server.db.part"
OWN = "identity.key"
"""Tells a folder from its copies: the log of its depot is read on from where it was."""


def back_up(folder: Path, to: Path) -> None:
    """Copy `folder` to `to`, which must not be there yet. FumoError: it cannot be done, and why."""
    source = folder / DATABASE
    if not source.exists():
        raise FumoError(f"{folder} holds no {DATABASE}: name the data folder of 'fumo serve'")
    try:
        to.mkdir(parents=True, mode=0o700)
        for key in sorted(set(folder.glob("*.key")) - {folder / OWN}):
            shutil.copy2(key, to / key.name)
            _sync(to / key.name)
        _copy(source, to / UNREADY)
        (to / UNREADY).rename(to / DATABASE)
        _sync(to)
    except FileExistsError:
        raise FumoError(f"{to} is there already: name a new folder for each copy") from None
    except (OSError, sqlite3.Error) as fault:
        raise FumoError(f"{to} is no copy, remove it: {fault}") from fault


def _copy(source: Path, to: Path) -> None:
    """By SQLite's own means: one moment of the database, and no writer waits for it."""
    to.touch(mode=0o600)
    read = f"{source.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(read, uri=True)) as db, closing(sqlite3.connect(to)) as copy:
        db.backup(copy)
        found = copy.execute("PRAGMA integrity_check").fetchall()
    if found != [("ok",)]:
        raise FumoError(f"{source} is damaged: {found[0][0]}")
    with closing(open_database(to, reads_only=True)):
        _sync(to)


def _sync(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
