"""Opens the server's database, with the tables of this program."""

from pathlib import Path

from fumo.server.edges.connecting import connect, is_postgresql
from fumo.server.edges.database import Database
from fumo.server.edges.migrate import insist, is_older, upgrade


def open_database(where: Path | str, reads_only: bool = False) -> Database:
    """One connection. WrongRevision: its tables are not those of this program.

    A file is brought to them by itself, since nobody else uses it. PostgreSQL may serve other
    processes, so an operator says when: `fumo db upgrade`.
    """
    database = connect(where, reads_only)
    try:
        if not is_postgresql(where) and not reads_only and is_older(database):
            database.close()
            upgrade(where)
            database = connect(where)
        insist(database)
    except BaseException:
        database.close()
        raise
    return database
