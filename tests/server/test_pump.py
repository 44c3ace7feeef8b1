"""A batch is one commit, no reply leaves before it, and nobody pays for another's fault."""

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from fumo.dm.codec import decode
from fumo.dm.message import Envelope
from fumo.server.edges.admin_store import AdminStore
from fumo.server.edges.database import Database
from fumo.server.edges.opening import open_database
from fumo.server.fetching import Fetching
from fumo.server.ports import Ask
from fumo.server.pump import BATCH_MAX, ROUNDS_MAX, Pump, gather, turn, turn_apart
from fumo.server.rows import Case, OperationState, Package, Writes
from fumo.wire.exchange import Reply
from tests.server.device import Device
from tests.server.world import World

S = OperationState


class Watched(AdminStore):
    """A store that counts its commits, and can fail, be overtaken, or lose the answer of one."""

    def __init__(self, database: Database) -> None:
        self.saves: list[int] = []
        self.broken = False
        self.forgetful = False
        self.overtakers: list[str] = []
        self.always = ""
        super().__init__(database)

    def save(self, writes: Sequence[Writes]) -> list[bool]:
        if self.broken:
            raise OSError("no space left on device")
        for device_id in [*self.overtakers, self.always]:
            sql = "UPDATE device SET version = version + 1 WHERE id = ?1"
            self.db.run(sql, device_id)
        self.overtakers.clear()
        self.saves.append(len(writes))
        won = super().save(writes)
        if self.forgetful:
            raise OSError("the connection was lost at COMMIT")
        return won


@pytest.fixture
def store(world: World) -> Watched:
    """The world's store, watched."""
    world.store.close()
    world.store = Watched(open_database(world.where))
    world.pump = Pump(world.pump.desk, world.store, world.pump.packages, world.dice)
    return world.store


def envelope(device: Device, body: bytes) -> Envelope:
    return Envelope(decode(body, device.media_type), body, device.media_type, True)


def test_a_batch_is_one_commit(world: World, store: Watched):
    devices = [world.knows(Device(f"IMEI:{n}")) for n in range(10)]
    for device in devices:
        device.talk(world.post)
    saved = len(store.saves)
    answers = world.posts([(d, d.begin()) for d in devices])
    assert [a.status for a in answers] == [200] * 10
    assert store.saves[saved:] == [10]


@pytest.mark.clause("S-DUP")
def test_f18_f21_no_reply_leaves_when_the_commit_failed(world: World, store: Watched):
    device = world.knows(Device())
    world.orders(device)
    device.talk(world.post)
    device.finishes(200, "90")
    body = device.begin()
    store.broken = True
    answer = turn_apart(world.pump, [envelope(device, body)], world.at_s)[0]
    assert answer.status == 503
    assert world.results == []
    store.broken = False
    answer = turn_apart(world.pump, [envelope(device, body)], world.at_s)[0]
    assert answer.status == 200
    assert world.results == [(1, 200)]


def test_f21_a_commit_whose_answer_was_lost_is_found_again(world: World, store: Watched):
    """F21: nobody knows whether it happened; the same message again finds out."""
    device = world.knows(Device())
    world.orders(device)
    device.talk(world.post)
    device.finishes(200, "90")
    body = device.begin()
    store.forgetful = True
    assert turn_apart(world.pump, [envelope(device, body)], world.at_s)[0].status == 503
    store.forgetful = False
    answer = turn_apart(world.pump, [envelope(device, body)], world.at_s)[0]
    assert answer.status == 200
    device.hear(answer)
    assert device.acked == [200]
    assert world.matches == ["final"]


def test_who_was_overtaken_is_decided_again_on_newer_rows(world: World, store: Watched):
    device = world.knows(Device())
    device.talk(world.post)
    store.overtakers = [device.id]
    assert world.post(device, device.begin()).status == 200
    assert store.saves[-2:] == [1, 1]


def test_who_is_overtaken_each_time_is_sent_away_and_nothing_happened(world: World, store: Watched):
    device = world.knows(Device())
    world.orders(device)
    device.talk(world.post)
    device.finishes(200, "90")
    body = device.begin()
    saved = len(store.saves)
    store.always = device.id
    assert world.post(device, body).status == 503
    assert len(store.saves) - saved == ROUNDS_MAX
    assert world.results == []


def test_only_the_overtaken_loses(world: World, store: Watched):
    one, other = world.knows(Device("IMEI:1")), world.knows(Device("IMEI:2"))
    for device in (one, other):
        device.talk(world.post)
    store.overtakers = [one.id]
    answers = world.posts([(one, one.begin()), (other, other.begin())])
    assert [a.status for a in answers] == [200, 200]
    assert store.saves[-2:] == [2, 1]


class Cursed:
    """Addresses that cannot be made for one operation."""

    def url(self, operation_id: int, package: Package, how: Fetching) -> str:
        if operation_id == 1:
            raise ValueError("no address")
        return "http://depot/2"


def test_a_message_that_raises_is_answered_alone(world: World):
    one, other = world.knows(Device("IMEI:1")), world.knows(Device("IMEI:2"))
    world.orders(one, other)
    world.pump = replace(world.pump, packages=Cursed())
    answers = world.posts([(one, one.begin()), (other, other.begin())])
    assert [a.status for a in answers] == [500, 200]
    assert b"ValueError" in answers[0].body


class Poisoned(Watched):
    """A store that cannot take what one device brings."""

    poisoned = False

    def save(self, writes: Sequence[Writes]) -> list[bool]:
        if self.poisoned and any(write.device_id == "IMEI:1" for write in writes):
            raise ValueError("cannot be stored")
        return super().save(writes)


def test_a_message_that_cannot_be_stored_does_not_take_its_batch_with_it(world: World):
    world.store.close()
    world.store = Poisoned(open_database(world.where))
    world.pump = replace(world.pump, store=world.store)
    one, other = world.knows(Device("IMEI:1")), world.knows(Device("IMEI:2"))
    for device in (one, other):
        device.talk(world.post)
    world.store.poisoned = True
    batch = [envelope(one, one.begin()), envelope(other, other.begin())]
    answers = turn_apart(world.pump, batch, world.at_s)
    assert [a.status for a in answers] == [503, 200]


def test_f20_two_pumps_on_one_file_count_once(world: World):
    """Both processes decide the same alert on the same rows; one of them writes."""
    device = world.knows(Device())
    world.orders(device)
    device.talk(world.post)
    device.finishes(200, "90")
    body = device.begin()
    second = AdminStore(open_database(world.where))

    class Late(Watched):
        """Between its load and its save the other process does the whole work."""

        def load(self, asks: Sequence[Ask]) -> list[Case]:
            cases = super().load(asks)
            if not theirs:
                pump = replace(world.pump, store=second)
                theirs.extend(turn(pump, [envelope(device, body)], world.at_s))
            return cases

    theirs: list[Reply] = []
    world.store.close()
    world.store = Late(open_database(world.where))
    world.pump = replace(world.pump, store=world.store)
    [ours] = turn(world.pump, [envelope(device, body)], world.at_s)
    assert ours == theirs[0], "the loser finds the reply that the winner stored"
    assert world.matches == ["final"]
    assert world.results == [(1, 200)]
    second.close()


def test_an_order_that_comes_between_makes_a_decision_lose(world: World, store: Watched):
    device = world.knows(Device())
    device.talk(world.post)
    device.begin()
    [case] = store.load([Ask(device.id, "9")])
    world.orders(device)
    assert case.device
    assert store.save([Writes(device.id, case.device.version, device=case.device)]) == [False]


def test_one_message_of_a_device_in_a_batch():
    waiting = [("a", 1), ("b", 2), ("a", 3), ("c", 4), ("a", 5), ("b", 6)]
    assert gather(waiting) == ([1, 2, 4], [("a", 3), ("a", 5), ("b", 6)])


def test_a_batch_is_bounded():
    waiting = [(str(n), n) for n in range(BATCH_MAX + 5)]
    batch, later = gather(waiting)
    assert (len(batch), len(later)) == (BATCH_MAX, 5)
