"""What a message costs a real server, whole sessions of many devices, beside a bare echo.

`fumo serve` as it is, in processes of its own: one on SQLite, one and two on one PostgreSQL with
every commit on the disk. Each message of a device goes to one of them at random. What counts is
processor time of the servers, and of PostgreSQL, for each message; all results are counted after.
"""

import os
import platform
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from threading import Thread

import msgspec

from bench.messages import MESSAGES
from bench.page import table
from bench.rounds import spread
from bench.targets import Verdict
from fumo.dm import WBXML, encode
from fumo.fleet.drive import Drive, Driven, Identity
from fumo.server.edges.admin_store import AdminStore
from fumo.server.edges.opening import open_database
from fumo.server.office import Office, Order
from fumo.server.rows import Device, Package
from fumo.wire.client import Link
from tests.postgres import Cluster, cluster
from tests.server.process import FREE, Process

DEVICES, THREADS, ECHOES = 400, 32, 6400
TICKS = os.sysconf("SC_CLK_TCK")
CONFIGS = {"SQLite, 1 server": 0, "PostgreSQL, 1 server": 1, "PostgreSQL, 2 servers": 2}
HEADS = ["servers", "messages/s", "sessions/s", "µs/message", "µs of PostgreSQL", "in echoes"]


def section(rounds: int) -> tuple[str, list[Verdict]]:
    """Measure it all. There is no target yet, so there is no verdict."""
    rounds = min(rounds, 3)  # each takes half a minute
    found: dict[str, list[list[float]]] = {name: [] for name in CONFIGS}
    for _ in range(rounds):
        bare_us = echo_us()
        for name, number in CONFIGS.items():
            speed = whole(number)
            found[name].append([*speed, speed[2] / bare_us])
    about = (
        f"Python {platform.python_version()}, {rounds} rounds of {DEVICES} devices, WBXML and MD5,"
        f" {THREADS} at once from one process on the same machine: search for the object, order,"
        " report. Processor time of the servers; a bare echo on uvicorn is 1. Medians (least-most)."
    )
    columns = {name: list(zip(*each, strict=True)) for name, each in found.items()}
    rows = [[name, *(str(spread(list(one))) for one in each)] for name, each in columns.items()]
    return "\n\n".join(["## Fleet", about, table(HEADS, rows)]), []


def whole(number: int) -> list[float]:
    """A fleet from its first session to the last report: the speed of it."""
    with (
        cluster(durable=True) if number else nullcontext() as postgres,
        tempfile.TemporaryDirectory(prefix="fumo-bench-") as name,
    ):
        folder = Path(name)
        where = postgres.fresh() if postgres else _made(folder / "0") / "server.db"
        people = known(where)
        with served(folder, max(number, 1), postgres) as servers:
            order = Drive(tuple(one.dm_url for one in servers), people, threads=THREADS)
            spent = Spent(servers, postgres)
            driven = driven_by(order, folder / "drive.json")
            own_s, database_s = spent.seconds()
        insist(where)
    messages = driven.messages
    speed = [messages / driven.seconds, driven.sessions / driven.seconds]
    return [*speed, own_s / messages * 1e6, database_s / messages * 1e6]


def known(where: Path | str) -> tuple[Identity, ...]:
    """Devices that are known, each with one operation."""
    people = tuple(Identity(f"light-{n}", f"u{n}", f"p{n}", f"s{n}") for n in range(DEVICES))
    with closing(AdminStore(open_database(where))) as store, store.db.transaction():
        for one in people:
            store.add_device(Device(one.id, one.user, one.password, one.server_password))
        store.add_package(Package(0, "fw", "2", "ab" * 32, 100))
        order = Order("fw", [one.id for one in people], "downloadandupdate")
        Office(store, secrets.token_bytes).begin(order, time.time())
    return people


def insist(where: Path | str) -> None:
    """Every result is there once, or the figures are of nothing."""
    with closing(open_database(where)) as db:
        found = db.rows(
            "SELECT state, count(*), sum(number) FROM tally WHERE number > 0 GROUP BY 1"
        )
        results = db.rows("SELECT count(*), count(DISTINCT operation_id) FROM result")
    assert [(state, int(n)) for state, _, n in found] == [("succeeded", DEVICES)], found
    assert results == [(DEVICES, DEVICES)], results


@contextmanager
def served(folder: Path, number: int, postgres: Cluster | None) -> Iterator[list[Process]]:
    """Servers on one database."""
    more = ("--database", postgres.url("stories")) if postgres else ()
    servers = [Process(folder / str(n), FREE, FREE, *more) for n in range(number)]
    try:
        yield servers
    finally:
        for server in servers:
            server.stop()


def driven_by(order: Drive, file: Path) -> Driven:
    """By a process of its own."""
    file.write_bytes(msgspec.json.encode(order))
    words = [sys.executable, "-m", "fumo.fleet.drive", str(file)]
    done = subprocess.run(words, stdout=subprocess.PIPE, check=True)
    return msgspec.json.decode(done.stdout, type=Driven)


class Spent:
    """Processor time of servers and of PostgreSQL, from now on."""

    def __init__(self, servers: Iterable[Process], postgres: Cluster | None) -> None:
        self._own = [one.process.pid for one in servers]
        self._database = [postgres.process.pid] if postgres else []
        self._began = self._now()

    def seconds(self) -> tuple[float, float]:
        own, database = self._now()
        return own - self._began[0], database - self._began[1]

    def _now(self) -> tuple[float, float]:
        return _seconds(self._own), _seconds([*self._database, *_children(self._database)])


def _seconds(pids: Iterable[int]) -> float:
    return sum(sum(map(int, _stat(pid)[11:13])) for pid in pids) / TICKS


def _stat(pid: int) -> list[str]:
    """What follows the name of a process that lives."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ["0"] * 20


def _children(parents: list[int]) -> list[int]:
    pids = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    return [pid for pid in pids if int(_stat(pid)[1]) in parents] if parents else []


def echo_us() -> float:
    """What an echo costs its server, in microseconds."""
    body = encode(MESSAGES["package 1"], WBXML)
    words = [sys.executable, "-m", "bench.echo"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            url = f"http://127.0.0.1:{int(server.stdout.readline())}/"
            _said(url, body, THREADS)  # warm
            began_s = _seconds([server.pid])
            _said(url, body, ECHOES)
            return (_seconds([server.pid]) - began_s) / ECHOES * 1e6
        finally:
            server.kill()


def _said(url: str, body: bytes, times: int) -> None:
    def some() -> None:
        with closing(Link()) as link:
            for _ in range(times // THREADS):
                link.post(url, body, WBXML)

    _at_once([some] * THREADS)


def _at_once(jobs: list[Callable[[], None]]) -> None:
    threads = [Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _made(folder: Path) -> Path:
    folder.mkdir(mode=0o700)
    return folder
