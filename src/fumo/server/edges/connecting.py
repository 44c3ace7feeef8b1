"""A connection to the server's database: the file in its data folder, or a PostgreSQL."""

from pathlib import Path

from fumo.errors import FumoError
from fumo.server.edges.database import Database
from fumo.server.edges.sqlite_database import SqliteDatabase

POSTGRESQL = ("postgresql://", "postgres://")


class UnknownDatabase(FumoError):
    """An address that this server cannot use."""


def is_postgresql(where: Path | str) -> bool:
    """Is it an address, rather than a file? UnknownDatabase: of something else."""
    if isinstance(where, Path) or "://" not in where:
        return False
    if not where.startswith(POSTGRESQL):
        scheme = where.partition("://")[0][:40]
        raise UnknownDatabase(
            f"{scheme}:// is no database of ours: use postgresql://USER@HOST/NAME"
        )
    return True


def connect(where: Path | str, reads_only: bool = False) -> Database:
    """One connection, whatever tables there are."""
    if not is_postgresql(where):
        return SqliteDatabase(where, reads_only)
    from fumo.server.edges.postgres_database import PostgresDatabase

    return PostgresDatabase(str(where), reads_only)
