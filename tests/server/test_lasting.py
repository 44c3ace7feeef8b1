"""Signed metadata that nobody signs anew: who is told, and how often."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fumo.errors import FumoError
from fumo.server.edges.connecting import connect
from fumo.server.edges.lasting import Lasting, tell
from fumo.server.lasting import SignedRole, Standing, standing
from tests.depot.signed import Signed
from tests.server.browser import Browser
from tests.server.process import FREE, Process
from tests.server.test_served import run
from tests.server.test_vitals import becomes, values
from tests.server.world import World

SERVERS = 6
ROLE = SignedRole("timestamp", 4, 1_086_400.0, 21_600.0)


class Signers:
    """What is published, or why that cannot be read."""

    def __init__(self, *roles: SignedRole) -> None:
        self.now: Sequence[SignedRole] = roles
        self.fault = ""
        self.times = 0

    def roles(self) -> Sequence[SignedRole]:
        self.times += 1
        if self.fault:
            raise FumoError(self.fault)
        return self.now


class Here(Executor):
    """Reads at once, where it is asked."""

    def submit(self, job: Callable[..., Any], /, *words: Any, **more: Any) -> Future[Any]:
        done: Future[Any] = Future()
        try:
            done.set_result(job(*words, **more))
        except FumoError as fault:
            done.set_exception(fault)
        return done


def looks(world: World, lasting: Lasting, at_s: float) -> list[str]:
    """It reads, and sees what it read: the kind of every event there is."""
    lasting(world.store.db, at_s)
    lasting(world.store.db, at_s)
    return [str(kind) for (kind,) in world.rows("SELECT kind FROM event ORDER BY id")]


@pytest.mark.parametrize(
    ("left_s", "stands"),
    [(21_600, Standing.GOOD), (21_599, Standing.NEAR), (1, Standing.NEAR), (0, Standing.EXPIRED)],
)
def test_a_role_stands_by_what_is_left_to_it(left_s: float, stands: Standing):
    assert standing(ROLE, ROLE.expires_at_s - left_s) is stands


def test_each_signature_is_told_of_once_when_near_and_once_when_over(world: World):
    signers = Signers(ROLE)
    lasting = Lasting(signers, Here())
    end_s = ROLE.expires_at_s
    assert looks(world, lasting, end_s - 30_000) == []
    assert looks(world, lasting, end_s - 20_000) == ["metadata.near"]
    assert looks(world, lasting, end_s - 10_000) == ["metadata.near"]
    told = ["metadata.near", "metadata.expired"]
    assert looks(world, lasting, end_s + 1) == told
    [(text,)] = world.rows("SELECT text FROM event WHERE kind = 'metadata.expired'")
    assert text == "timestamp 4 has expired: devices believe no update"
    world.restart()
    assert looks(world, Lasting(signers, Here()), end_s + 2) == told, (
        "another process tells it again"
    )
    signers.now = [SignedRole("timestamp", 5, end_s + 86_400, 21_600.0)]
    assert looks(world, lasting, end_s + 100) == told
    assert looks(world, lasting, end_s + 80_000) == [*told, "metadata.near"]


def test_of_many_servers_one_tells_it(world: World, where: Path | str):
    def server(_: int) -> None:
        with closing(connect(where)) as db:
            tell(db, ROLE, ROLE.expires_at_s)

    with ThreadPoolExecutor(SERVERS) as servers:
        list(servers.map(server, range(SERVERS)))
    assert world.rows("SELECT kind FROM event") == [("metadata.expired",)]


def test_the_store_is_read_once_a_minute(world: World):
    signers = Signers(ROLE)
    lasting = Lasting(signers, Here())
    looks(world, lasting, 1_000.0)
    for later_s in (1, 30, 59):
        lasting(world.store.db, 1_000.0 + later_s)
    assert signers.times == 1
    looks(world, lasting, 1_060.0)
    assert signers.times == 2
    looks(world, lasting, 500.0)
    assert signers.times == 3, "a clock that was set back lets it rest"


def test_what_was_read_stays_true_while_the_store_is_away(world: World):
    signers = Signers(ROLE)
    lasting = Lasting(signers, Here())
    looks(world, lasting, ROLE.expires_at_s - 30_000)
    signers.fault = "the store is away"
    assert looks(world, lasting, ROLE.expires_at_s + 1) == ["metadata.expired"]
    told = lasting.told(ROLE.expires_at_s + 1)
    assert (told.fault, told.items[0].standing) == ("the store is away", Standing.EXPIRED)
    signers.fault = ""
    looks(world, lasting, ROLE.expires_at_s + 100)
    assert lasting.told(0.0).fault == ""


def test_where_nothing_is_signed_nothing_is_told(world: World):
    lasting = Lasting(Signers(), Here())
    assert looks(world, lasting, 1_000.0) == []
    assert (lasting.told(1_000.0).items, list(lasting.left(1_000.0))) == ([], [])


@pytest.fixture
def near(tmp_path: Path) -> Iterator[Process]:
    """A server whose timestamp is good for some three hours."""
    Signed(tmp_path, datetime.now(UTC) - timedelta(hours=21))
    server = Process(tmp_path / "d", FREE, FREE, "--metrics", "--store", str(tmp_path / "depot"))
    yield server
    server.stop()


def test_people_and_watchers_see_what_is_near_its_end(near: Process):
    gauge = "fumo_metadata_expires_seconds/timestamp"
    assert becomes(lambda: gauge in values(near))
    assert 10_000 < values(near)[gauge] < 10_801
    told = run(near, "package", "metadata")
    assert [line.split()[::4] for line in told.splitlines()[1:]] == [
        ["root", "good"], ["targets", "good"], ["snapshot", "good"], ["timestamp", "near"],
    ]  # fmt: skip
    assert becomes(lambda: "metadata.near" in run(near, "events", "list"))
    browser = Browser(near).follows_link()
    assert browser.get("/packages") == 200
    assert "timestamp 1 <b>expires soon</b>" in browser.page


def test_what_cannot_be_read_is_said_and_nothing_else_is_wrong(tmp_path: Path):
    metadata = tmp_path / "depot" / "plain" / "metadata"
    metadata.mkdir(parents=True)
    (metadata / "timestamp.json").write_text("{}")
    server = Process(tmp_path / "d", FREE, FREE, "--store", str(tmp_path / "depot"))
    try:
        browser = Browser(server).follows_link()
        assert becomes(lambda: browser.get("/packages") == 200 and "is not read" in browser.page)
    finally:
        code, said = server.stop()
    assert (code, said.count("signed metadata is not read")) == (0, 1)
