"""A campaign for a million devices beside one bare INSERT … SELECT of its rows, on both databases.

The bare table has the columns, keys and indexes of `operation`, and no triggers: nothing is counted
there. Ours is the whole order: the filter, the count, the groups by lot, the correlators, the
counters, and the first devices released. Processor time for SQLite, which is in this process;
elapsed time for PostgreSQL, which is not.
"""

import platform
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

from bench.page import table
from bench.rounds import spread
from bench.targets import Target, Times, Verdict, judge, reasons, verdict_table
from fumo.server.edges import listing
from fumo.server.edges.admin_store import AdminStore
from fumo.server.edges.database import Database, lengthy
from fumo.server.edges.opening import open_database
from fumo.server.edges.views import Views
from fumo.server.office import Office, Order, Terms
from fumo.server.paging import Page, Way
from fumo.server.rows import Campaign, Package
from fumo.server.sweep import advance
from tests.postgres import PROGRAMS, cluster
from tests.server.large import FILTER, fill

DEVICES = 1_000_000
PAGE = Page(50, Way.UP, "IMEI:0000005")
BEGIN, BARE = "campaign begun", "bare INSERT … SELECT"
TARGETS = (
    Target(
        "a campaign, in times of a bare INSERT … SELECT of its rows", BEGIN, BARE, 2, 1.2,
        "SQLite counts row by row in a trigger, and asks Python for each correlator.",
    ),
)  # fmt: skip


def section(rounds: int, devices: int = DEVICES) -> tuple[str, list[Verdict]]:
    """Measure it all: the section of the page, and the verdicts."""
    rounds = min(rounds, 3)
    verdicts, rows = [], []
    for name, where in databases():
        with where() as address:
            took_s = measure(address, name, rounds, devices)
        verdicts += [judge(target, name, took_s) for target in TARGETS]
        rows += [[name, thing, str(spread(times))] for thing, times in took_s.items()]
    about = (
        f"Python {platform.python_version()}, {devices:,} devices, {rounds} rounds; processor time"
        f" (SQLite) and elapsed time (PostgreSQL), medians (least-most). The filter is `{FILTER}`."
    )
    parts = ["## Campaign", about, verdict_table(verdicts, "database"), *reasons(verdicts)]
    return "\n\n".join([*parts, table(["database", "thing", "s"], rows)]), verdicts


def databases() -> Iterator[tuple[str, Callable[[], AbstractContextManager[Path | str]]]]:
    """Those that are there."""
    yield "sqlite", _file
    if PROGRAMS:
        yield "postgresql", _cluster


@contextmanager
def _file() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="fumo-bench-") as folder:
        yield Path(folder) / "fumo.db"


@contextmanager
def _cluster() -> Iterator[str]:
    with cluster() as running:
        yield running.fresh()


def measure(where: Path | str, name: str, rounds: int, devices: int) -> Times:
    """Seconds of each thing in every round."""
    took_s: Times = {}
    now_s = time.process_time if name == "sqlite" else time.perf_counter

    def timed(thing: str, job: Callable[[], object]) -> object:
        began_s = now_s()
        came = job()
        took_s.setdefault(thing, []).append(now_s() - began_s)
        return came

    with closing(AdminStore(open_database(where))) as store:
        fill(store.db, name, devices)
        store.add_package(Package(0, "fw", "2", "ab" * 32, 100))
        make_bare(store.db, name)
        for _ in range(rounds):
            _round(store, timed)
    return took_s


def _round(store: AdminStore, timed: Callable[[str, Callable[[], object]], object]) -> None:
    office, db, views = Office(store, lambda n: b"x" * n), store.db, Views(store.db)
    order = Order("fw", (), "download", terms=Terms(shares=(1, 10)), filter=FILTER)
    campaign = timed(BEGIN, lambda: office.begin(order, time.time()))
    assert isinstance(campaign, Campaign)
    copy = f"INSERT INTO bare SELECT * FROM operation WHERE campaign_id = {campaign.id}"
    timed(BARE, lambda: db.run(lengthy(copy)))
    timed("a step of a release", lambda: advance(store, campaign.id, time.time()))
    timed("its progress", lambda: views.campaign(campaign.id))
    timed("a page of 50 by a filter", lambda: listing.devices(db, PAGE, FILTER))
    timed("a pause", lambda: office.steer(campaign.id, "pause", time.time()))
    timed("a stop", lambda: office.steer(campaign.id, "stop", time.time()))


def make_bare(db: Database, name: str) -> None:
    """`operation` once more, without what is counted and told."""
    if name == "postgresql":
        db.run("CREATE TABLE bare (LIKE operation INCLUDING ALL)")
        keys = db.rows("""SELECT pg_get_constraintdef(oid) FROM pg_constraint
            WHERE conrelid = 'operation'::regclass AND contype = 'f'""")
        for (key,) in keys:
            db.run(f"ALTER TABLE bare ADD {key}")
        return
    made = db.rows("""SELECT sql FROM sqlite_master WHERE tbl_name = 'operation'
        AND type IN ('table', 'index') AND sql IS NOT NULL""")
    for (sql,) in made:
        sql = re.sub(r'(TABLE|ON) "?operation"?', r"\1 bare", sql)
        db.run(re.sub(r"INDEX (\w+) ", r"INDEX bare_\1 ", sql))
