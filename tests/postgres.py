"""A PostgreSQL of our own: started on a free port, proven to be ours, and stopped again.

Its one database has all tables; a test gets it empty, which costs less than a new one.
"""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from fumo.server.edges.database import StoreError
from fumo.server.edges.migrate import NAMED, upgrade
from fumo.server.edges.postgres_database import PostgresDatabase

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
START_S = 30.0
NAME = "stories"


class Cluster:
    """One running PostgreSQL."""

    def __init__(self, folder: Path, durable: bool = False) -> None:
        self.folder, self.port, self.durable = folder, _free_port(), durable
        self._do("initdb", "-D", str(folder / "data"), "-A", "trust", "-U", "fumo", "--no-sync")
        self.start()
        self.make(NAME)
        upgrade(self.url(NAME))

    def url(self, name: str) -> str:
        """The address of one of its databases."""
        return f"postgresql://fumo@127.0.0.1:{self.port}/{name}"

    def fresh(self) -> str:
        """The address of a database with all tables and no rows; it is everybody's in turn."""
        with closing(PostgresDatabase(self.url(NAME))) as database:
            named = database.rows(NAMED)
            tables = ", ".join(f'"{name}"' for (name,) in named if name != "alembic_version")
            database.run(f"TRUNCATE {tables} RESTART IDENTITY")
        return self.url(NAME)

    def make(self, name: str) -> None:
        """One more database, with nothing in it."""
        with closing(PostgresDatabase(self.url("postgres"))) as database:
            database.run(f"CREATE DATABASE {name}")

    def asking_for(self, password: str) -> str:
        """The address of a database whose one user must prove itself."""
        name = "careful"
        with closing(PostgresDatabase(self.url("postgres"))) as database:
            database.run(f"DROP ROLE IF EXISTS {name}")
            database.run(f"CREATE ROLE {name} LOGIN SUPERUSER PASSWORD '{password}'")
        rules = self.folder / "data" / "pg_hba.conf"
        if name not in (said := rules.read_text()):
            rules.write_text(f"host all {name} 127.0.0.1/32 scram-sha-256\n{said}")
        with closing(PostgresDatabase(self.url("postgres"))) as database:
            database.rows("SELECT pg_reload_conf()")
        return self.url(NAME).replace("fumo@", f"{name}@")

    def start(self) -> None:
        """Start it, and insist that who answers is it."""
        words = ["-D", str(self.folder / "data"), "-p", str(self.port), "-k", str(self.folder)]
        # a killed process loses nothing that the kernel has: only a power cut would need fsync
        fsync = f"fsync={'on' if self.durable else 'off'}"
        settings = ("listen_addresses=127.0.0.1", "max_connections=200", fsync)
        options = [word for each in settings for word in ("-c", each)]
        self.process = subprocess.Popen(
            [*_as_postgres(), str(_programs() / "postgres"), *words, *options],
            stdout=subprocess.DEVNULL,
            stderr=(self.folder / "log").open("ab"),
        )
        end_s = time.monotonic() + START_S
        while not self._is_ours():
            assert self.process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < end_s, "PostgreSQL does not start"
            time.sleep(0.05)

    def stop(self) -> None:
        """At once: what was committed is there at the next start."""
        self.process.send_signal(3)
        self.process.wait(30)

    def _is_ours(self) -> bool:
        try:
            with closing(PostgresDatabase(self.url("postgres"))) as database:
                [(folder,)] = database.rows("SHOW data_directory")
        except StoreError:
            return False
        assert Path(folder) == self.folder / "data", f"another PostgreSQL answers: {folder}"
        return True

    def _do(self, program: str, *words: str) -> None:
        command = [*_as_postgres(), str(_programs() / program), *words]
        subprocess.run(command, check=True, capture_output=True)


@contextmanager
def cluster(durable: bool = False) -> Iterator[Cluster]:
    """Started, and gone afterwards; a test without PostgreSQL is skipped."""
    if not PROGRAMS:
        pytest.skip("PostgreSQL is not installed")
    folder = Path(tempfile.mkdtemp(prefix="fumo-postgres-"))
    if os.getuid() == 0:
        shutil.chown(folder, "postgres")
    running = None
    try:
        running = Cluster(folder, durable)
        yield running
    finally:
        if running is not None:
            running.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path:
    return PROGRAMS[-1]


def _as_postgres() -> list[str]:
    """It refuses to run as root."""
    if os.getuid() != 0:
        return []
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
