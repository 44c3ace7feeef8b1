"""Brings a database to the tables of this program, from any earlier revision, or from nothing.

One transaction on both kinds: a power cut leaves the old tables or the new ones. The rules of the
database (triggers) are no data: each upgrade makes them anew. SQLAlchemy and alembic are loaded
here alone, and only when there is something to do.
"""

import asyncio
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from fumo.errors import FumoError
from fumo.server.edges import rules, secret_file
from fumo.server.edges.connecting import connect, is_postgresql
from fumo.server.edges.database import Database, Said, StoreError

if TYPE_CHECKING:
    from sqlalchemy import Connection

HEAD = "0014"
"""The newest revision; a test compares it with the files in `migrations/versions`."""
FIRST = "0001"
SCRIPTS = Path(__file__).parent / "migrations"
BEFORE_MIGRATIONS = 2  # the user_version of databases whose tables are those of revision 0001

NAMED = Said(
    "SELECT name FROM sqlite_master WHERE type = 'table'",
    "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()",
)


class WrongRevision(FumoError):
    """The tables are not those of this program; the text says what to do."""


def revision(database: Database) -> str | None:
    """Where its tables are; None: there are none, or none that migrations made."""
    if ("alembic_version",) not in database.rows(NAMED):
        return None
    found = database.rows("SELECT version_num FROM alembic_version")
    return str(found[0][0]) if found else None


def is_older(database: Database) -> bool:
    """Are its tables those of an earlier program, or none?"""
    return (revision(database) or "") < HEAD


def insist(database: Database) -> None:
    """WrongRevision unless its tables are those of this program."""
    there = revision(database)
    if there == HEAD:
        return
    if there is not None and there > HEAD:
        raise WrongRevision(
            f"the database is of revision {there}, this program of {HEAD}: use a newer one"
        )
    raise WrongRevision(
        f"the database is of revision {there or 'none'}: run 'fumo db upgrade' first"
    )


def upgrade(where: Path | str) -> None:
    """Bring it to HEAD, making a file that is missing.

    StoreError: it cannot be reached. WrongRevision: a newer program made its tables.
    """
    with closing(connect(where)) as database:
        if not is_older(database):
            insist(database)
    inside(where, _upgrade)


def inside(where: Path | str, job: Callable[["Connection"], None]) -> None:
    """Run a job of SQLAlchemy's in one transaction."""
    if not is_postgresql(where):
        return _inside_sqlite(where, job)
    try:
        return asyncio.run(_inside_postgresql(str(where), job))
    except OSError as error:
        raise StoreError(f"PostgreSQL: {error}") from error


def _inside_sqlite(path: Path | str, job: Callable[["Connection"], None]) -> None:
    from sqlalchemy import create_engine, event

    engine = create_engine(f"sqlite:///{path}", isolation_level=None)
    event.listen(engine, "begin", lambda link: link.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        with engine.begin() as connection:
            job(connection)
    finally:
        engine.dispose()


async def _inside_postgresql(url: str, job: Callable[["Connection"], None]) -> None:
    from sqlalchemy.ext.asyncio import create_async_engine

    place, said = "postgresql+asyncpg://" + url.partition("://")[2], secret_file.password()
    engine = create_async_engine(place, connect_args={"password": said} if said else {})
    try:
        async with engine.begin() as connection:
            await connection.run_sync(job)
    finally:
        await engine.dispose()


def _upgrade(connection: "Connection") -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    _forget_rules(connection)
    if _made_before_migrations(connection):
        command.stamp(config, FIRST)
    command.upgrade(config, "head")
    _make_rules(connection)


def _made_before_migrations(connection: "Connection") -> bool:
    if connection.dialect.name != "sqlite":
        return False
    version = connection.exec_driver_sql("PRAGMA user_version").scalar()
    known = connection.exec_driver_sql(f"{NAMED.sqlite} AND name = 'alembic_version'").scalar()
    if known is None and version not in (0, BEFORE_MIGRATIONS):
        raise WrongRevision(
            f"the database is of version {version}, which this program does not know"
        )
    return known is None and version == BEFORE_MIGRATIONS


def _forget_rules(connection: "Connection") -> None:
    if connection.dialect.name == "sqlite":
        names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in names.fetchall():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        return
    for function in rules.FUNCTIONS:
        connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {function} CASCADE")


def _make_rules(connection: "Connection") -> None:
    made = rules.SQLITE if connection.dialect.name == "sqlite" else rules.POSTGRESQL
    for statement in made:
        connection.exec_driver_sql(statement)
