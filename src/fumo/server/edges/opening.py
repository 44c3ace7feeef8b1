"""Opens the server's database: the file in its data folder, or PostgreSQL by its address."""

from pathlib import Path

from fumo.errors import FumoError
from fumo.server.edges.database import Database
from fumo.server.edges.migrate import HEAD, insist, revision, upgrade_postgresql, upgrade_sqlite
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


def open_database(where: Path | str, reads_only: bool = False) -> Database:
    """One connection. WrongRevision: its tables are not those of this program.

    A file is brought to them by itself, since nobody else uses it. PostgreSQL may serve other
    processes, so an operator says when: `fumo db upgrade`.
    """
    if is_postgresql(where):
        from fumo.server.edges.postgres_database import PostgresDatabase

        database: Database = PostgresDatabase(str(where), reads_only)
    else:
        database = SqliteDatabase(where)
        if revision(database) != HEAD and not reads_only:
            database.close()
            upgrade_sqlite(where)
            database = SqliteDatabase(where)
    try:
        insist(database)
    except BaseException:
        database.close()
        raise
    return database


def upgrade(where: Path | str) -> None:
    """Bring it to the tables of this program."""
    if is_postgresql(where):
        upgrade_postgresql(str(where))
    else:
        upgrade_sqlite(where)
