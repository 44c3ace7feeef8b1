"""The tables come from any earlier revision, on both databases, and are what `tables` describes."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from fumo.server.edges import migrate, rules
from fumo.server.edges.admin_store import AdminStore
from fumo.server.edges.connecting import UnknownDatabase, connect
from fumo.server.edges.database import Forbidden, Said
from fumo.server.edges.migrate import HEAD, SCRIPTS, WrongRevision, revision, upgrade
from fumo.server.edges.opening import open_database
from fumo.server.edges.tables import META
from tests.postgres import Cluster

REVISIONS = [each.revision for each in ScriptDirectory(str(SCRIPTS)).walk_revisions()][::-1]
Where: TypeAlias = Path | str
TRIGGERS = Said(
    "SELECT name FROM sqlite_master WHERE type = 'trigger' ORDER BY 1",
    "SELECT tgname::text FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1",
)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Where]:
    """A database with nothing in it."""
    if request.param == "sqlite":
        yield tmp_path / "fumo.db"
        return
    running: Cluster = request.getfixturevalue("postgres")
    name = f"empty_{abs(hash(tmp_path))}"
    running.make(name)
    yield running.url(name)


def upgraded(where: Where, to: str) -> None:
    """As an earlier program left it: without the rules, which every program makes for itself."""

    def run(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(SCRIPTS))
        config.attributes["connection"] = connection
        command.upgrade(config, to)

    migrate.inside(where, run)


def compared(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(connection)
    return list(compare_metadata(context, META))


def test_the_head_is_the_newest_file():
    assert REVISIONS[-1] == HEAD
    assert sorted(REVISIONS) == REVISIONS


@pytest.mark.parametrize("start", [None, *REVISIONS])
def test_from_every_revision_the_tables_become_what_is_described(empty: Where, start: str | None):
    if start is not None:
        upgraded(empty, start)
    upgrade(empty)
    differences: list[Any] = []
    migrate.inside(empty, lambda connection: differences.extend(compared(connection)))
    assert differences == []
    with closing(open_database(empty)) as database:
        assert revision(database) == HEAD
        made = rules.SQLITE if isinstance(empty, Path) else rules.POSTGRESQL
        names = sorted(re.findall(r"CREATE TRIGGER (\w+)", " ".join(made)))
        assert [name for (name,) in database.rows(TRIGGERS)] == names


def test_what_stood_there_is_kept(empty: Where):
    upgraded(empty, "0001")
    with closing(connect(empty)) as database:
        database.run(
            """INSERT INTO "fetch" ("offset", operation_id, at_s, method, status, "range", bytes)
                VALUES (0, NULL, 1.5, 'GET', 206, '0-9', 10)"""
        )
    upgrade(empty)
    with closing(open_database(empty)) as database:
        assert database.rows("SELECT * FROM download") == [
            ("", 0, None, 1.5, "GET", 206, "0-9", 10, "")
        ]
        database.run("INSERT INTO result SELECT 1, 200, 0 WHERE false")
        with pytest.raises(Forbidden):
            database.run(
                "INSERT INTO note (operation_id, at_s, text, incident) VALUES (7, 0, '', 0)"
            )


ORDERED_BEFORE = (
    """INSERT INTO device (id, "user", secret, server_secret, profile, version, nonces, info,
        objects) VALUES ('d', 'u', 's', 't', 'standard', 0, '{}', '{}', '[]')""",
    """INSERT INTO package (id, name, version, sha256, length) VALUES (1, 'fw', '2', 'ab', 1)""",
    """INSERT INTO campaign (id, name, package_id, kind, created_at_s, deadline_s)
        VALUES (1, 'c', 1, 'Download', 0, 60)""",
    """INSERT INTO operation (id, device_id, campaign_id, package_id, kind, correlator, state,
        created_at_s, due_at_s, sendings, asked, deadline_s, reason)
        VALUES (1, 'd', 1, 1, 'Download', 'x', 'accepted', 0, 60, 1, 0, 60, '')""",
)


def test_campaigns_of_before_groups_run_and_are_one_group(empty: Where):
    upgraded(empty, "0002")
    with closing(connect(empty)) as database:
        for statement in ORDERED_BEFORE:
            database.run(statement)
    upgrade(empty)
    with closing(AdminStore(open_database(empty))) as store:
        campaign = store.campaign(1)
        assert campaign is not None
        assert (campaign.state, campaign.opened, campaign.sizes) == ("running", 1, ())
        assert [one.group_number for one in store.operations_of(1)] == [1]
        assert store.db.rows("SELECT * FROM tally") == [(1, 1, "Download", "accepted", 0, 0, 1)]


def test_a_file_of_the_time_before_migrations_is_taken_over(tmp_path: Path):
    path = tmp_path / "fumo.db"
    upgraded(path, "0001")
    with closing(sqlite3.connect(path)) as db:
        db.executescript("DROP TABLE alembic_version; PRAGMA user_version = 2;")
    with closing(open_database(path)) as database:
        assert revision(database) == HEAD


def test_f25_a_file_of_an_unknown_version_is_not_touched(tmp_path: Path):
    with closing(sqlite3.connect(tmp_path / "x.db")) as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(WrongRevision, match="version 99"):
        open_database(tmp_path / "x.db")


def test_f25_tables_of_a_newer_program_are_not_touched(empty: Where):
    upgrade(empty)
    with closing(open_database(empty)) as database:
        database.run("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(WrongRevision, match=r"revision 9999, this program of \d+: use a newer one"):
        open_database(empty)


def test_postgresql_is_upgraded_by_its_operator_only(postgres: Cluster):
    postgres.make("untouched")
    with pytest.raises(WrongRevision, match="run 'fumo db upgrade' first"):
        open_database(postgres.url("untouched"))


def test_another_kind_of_database_is_refused_in_words():
    with pytest.raises(UnknownDatabase, match="mysql:// is no database of ours"):
        open_database("mysql://somewhere/fumo")


def test_f1_f2_f25_an_upgrade_that_is_cut_leaves_the_old_tables(empty: Where):
    upgraded(empty, "0001")

    def fails(connection: Connection) -> None:
        connection.exec_driver_sql("CREATE TABLE half (id INTEGER)")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        migrate.inside(empty, fails)
    with closing(connect(empty)) as database:
        assert ("half",) not in database.rows(migrate.NAMED)
    upgrade(empty)


def test_sqlite_commits_to_the_disk(tmp_path: Path):
    with closing(open_database(tmp_path / "fumo.db")) as database:
        assert database.rows("PRAGMA journal_mode") == [("wal",)]
        assert database.rows("PRAGMA synchronous") == [(2,)]


def test_postgresql_commits_to_the_disk(postgres: Cluster):
    with closing(open_database(postgres.fresh())) as database:
        assert database.rows("SHOW synchronous_commit") == [("on",)]
