"""The thread that lets events out: who is told, how soon, and what it does without its database."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from fumo.server.edges.connecting import connect
from fumo.server.edges.database import Database, StoreError
from fumo.server.edges.events.relay import Relay
from tests.postgres import Cluster
from tests.server.test_vitals import becomes
from tests.server.world import World


class Ears:
    """Who is told, and duties that may fail."""

    def __init__(self) -> None:
        self.told = threading.Semaphore(0)
        self.times, self.failures = 0, 0

    def __call__(self) -> None:
        self.told.release()

    def hear(self) -> bool:
        return self.told.acquire(timeout=20)

    def duty(self, db: Database, at_s: float) -> None:
        self.times += 1
        if self.failures:
            self.failures -= 1
            raise StoreError("no")


@pytest.fixture
def ears() -> Ears:
    return Ears()


@pytest.fixture
def relay(world: World, ears: Ears, where: Path | str) -> Iterator[Relay]:
    relay = Relay(connect(where), ears, [ears.duty])
    relay.start()
    assert ears.hear()
    yield relay
    relay.stop()


def happens(world: World) -> None:
    world.store.db.run("INSERT INTO event (at_s, kind, text) VALUES (0, 'test', '')")


def test_what_another_process_did_is_told_without_a_bell(world: World, relay: Relay, ears: Ears):
    happens(world)
    assert ears.hear()
    assert world.rows("SELECT number FROM event") == [(1,)]


def test_the_bell_is_heard_even_where_there_is_no_event(relay: Relay, ears: Ears):
    relay.ring()
    assert ears.hear()


def test_a_duty_that_fails_is_done_again_and_complained_of_once(
    world: World, relay: Relay, ears: Ears, caplog: pytest.LogCaptureFixture
):
    ears.failures = 2
    before = ears.times
    assert becomes(lambda: ears.times >= before + 3)
    assert [record.getMessage() for record in caplog.records] == ["events wait: no"]


def test_without_its_database_it_waits(postgres: Cluster, ears: Ears):
    relay = Relay(connect(postgres.fresh()), ears)
    relay.start()
    try:
        assert ears.hear()
        postgres.stop()
        relay.ring()
        postgres.start()
        relay.ring()
        assert ears.hear()
    finally:
        relay.stop()
