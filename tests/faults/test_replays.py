"""Old messages come again, and numbers are used again (F13, A7).

Every reply that a server ever gave is put in the place of every later one: between two orders,
after a restart, in the middle of a session. Nothing of it may be done, and nothing be lost.
"""

import pytest

from fumo.device.agent import Ending
from fumo.device.edges.journal import SqliteJournal
from fumo.dm.message import Envelope
from fumo.testing.journal import MemoryJournal
from fumo.testing.network import Network
from fumo.testing.world import DeviceWorld
from fumo.update.operation import Policy
from tests.power.orders import OrderingServer
from tests.power.stories import FETCH, GONE_URL, HOST, Order, both, package

OTHER_URL = f"{HOST}/other"
ORDERS = (
    FETCH,
    both("411", url=GONE_URL, correlator="c-2"),
    Order(FETCH.kind, OTHER_URL, correlator="c-3"),
)
LIVES = 30


class Replaying(Network):
    """At the n-th exchange the reply is lost, and the m-th comes in its place."""

    def __init__(self, server: OrderingServer, late: dict[int, int]) -> None:
        super().__init__(server)
        self.count, self.late, self.given = 0, late, []

    def post(self, url: str, body: bytes, media_type: str, mac: str | None = None) -> Envelope:
        self.count += 1
        self.given.append(super().post(url, body, media_type, mac))
        return self.given[self.late.get(self.count, self.count) - 1]


def lived(late: dict[int, int]) -> tuple[DeviceWorld, Replaying]:
    """Three orders to their ends, each in a life of its own, with old replies among the new."""
    world = DeviceWorld(policy=Policy(backoff_base_s=0.5))
    world.depot.files |= {url: package(b"image" * 300, "2") for url in (FETCH.url, OTHER_URL)}
    server = world.server = OrderingServer(ORDERS)
    network = world.network = Replaying(server, late)
    for _ in range(LIVES):
        world.run()
        if server.satisfied:
            return world, network
    raise AssertionError(f"{late}: not every order had its result")


def exchanges() -> int:
    return lived({})[1].count


@pytest.mark.clause("C16")
def test_a7_no_reply_that_comes_again_later_does_anything():
    replays = 0
    for n in range(2, exchanges() + 1):
        for old in range(1, n):
            world, _ = lived({n: old})
            results = world.server.results
            told = {name: set(data) for name, data in results.items()}
            assert told == {"c-1": {"200"}, "c-2": {"411"}, "c-3": {"200"}}, (n, old)
            asked = [wish.url for wish in world.depot.fetches]
            assert asked == [FETCH.url, GONE_URL, OTHER_URL], (n, old)
            assert len(world.log.of("ExecAccepted")) == 3, (n, old)
            replays += 1
    assert replays > 50


@pytest.mark.clause("C16")
def test_a7_two_old_replies_in_a_row_are_no_better():
    last = exchanges()
    for old in range(1, last - 1):
        world, _ = lived(dict.fromkeys((last - 1, last), old))
        assert len(world.log.of("ExecAccepted")) == 3, old


@pytest.mark.clause("C16")
def test_f13_no_session_has_the_number_of_one_before_also_over_restarts(tmp_path):
    numbers = []
    for _ in range(5):
        with SqliteJournal(tmp_path / "journal.db") as journal:
            world = DeviceWorld(journal)
            world.server.asks_state()
            assert world.run() is Ending.DONE
            numbers += [e.message.header.session_id for e in world.server.received]
    assert len(set(numbers)) == 5
    assert [int(one, 16) for one in dict.fromkeys(numbers)] == [1, 2, 3, 4, 5]


def test_f13_a_number_that_comes_round_again_hides_no_new_order():
    """65,535 sessions later the numbers begin anew: an Exec with an old number is a new Exec."""
    journal = MemoryJournal()
    world = DeviceWorld(journal)
    world.depot.files[FETCH.url] = package(b"image" * 300, "2")
    world.server.orders(FETCH.kind, FETCH.url, "c-1")
    assert world.run() is Ending.DONE
    while journal.new_session() != "FFFF":
        pass
    world.server.orders(FETCH.kind, FETCH.url, "c-2")
    assert world.run() is Ending.DONE
    assert [told.correlator for told in world.server.heard] == ["c-1", "c-2"]
    assert len(world.depot.fetches) == 2
