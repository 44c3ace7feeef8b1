"""Sessions that outgrow one message: sizes, large objects, MACs, and their end by time."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from fumo.codes import AlertCode, Kind
from fumo.dm.auth import MAC, Account
from fumo.dm.message import WBXML, XML, Alert, Command, Envelope, Message, Status
from fumo.dm.session import Limits
from fumo.testing.network import Network
from fumo.testing.server import NAME, OBJECT, USER, exec_node, get, replace_leaf
from fumo.testing.world import DeviceWorld, package

NODES = ("DevId", "Man", "Mod", "DmV", "Lang")
DATA = f"{OBJECT}/Update/PkgData"


def small(media_type: str = XML, takes: Limits | None = None) -> DeviceWorld:
    """A device that takes 3000 bytes in a message."""
    world = DeviceWorld()
    world.setup = replace(world.setup, media_type=media_type, takes=takes or Limits(3000))
    return world


def messages(world: DeviceWorld) -> list[Message]:
    return [envelope.message for envelope in world.server.received]


def codes(world: DeviceWorld, kind: type[Alert | Status]) -> list[int]:
    return [c.code for m in messages(world) for c in m.commands if isinstance(c, kind)]


@pytest.mark.clause("C20", "C-LOB", "C04a")
@pytest.mark.parametrize("media_type", [XML, WBXML])
def test_a_package_that_comes_in_pieces_is_held_whole(media_type: str):
    world = small(media_type)
    world.server.says.append([replace_leaf(DATA, package(bytes(range(256)) * 60, "2"), "bin")])
    world.server.says.append([exec_node(f"{OBJECT}/Update")])
    world.run()
    assert world.server.codes == [200, 202]
    assert codes(world, Status).count(213) >= 5
    assert max(len(reply.body) for reply in world.network.replies) <= 3000
    assert [alert.number for alert in world.server.heard] == [200]
    assert world.environment.version == "2"


@pytest.mark.clause("C20", "C-LOB")
def test_a_package_that_breaks_off_leaves_nothing():
    """The session is cut after some pieces: the device holds what it held before."""
    world = small()
    world.server.says.append([replace_leaf(DATA, package(b"x" * 9000, "2"), "bin")])
    replies = 0

    def cut() -> None:
        nonlocal replies
        replies += 1
        world.network.down = replies > 4

    world.network.watch = cut
    world.live()
    assert codes(world, Status).count(213) >= 1
    assert world.target.held is None


class Deaf(Network):
    """Its server hears another MaxObjSize than the device says."""

    def post(self, url: str, body: bytes, media_type: str, mac: str | None = None) -> Envelope:
        return super().post(url, body.replace(b">5000<", b">9000<"), media_type, mac)


@pytest.mark.clause("C-LOB", "P5-11")
def test_a17_a_value_larger_than_the_device_takes_is_413():
    world = small(takes=Limits(3000, 5000))
    world.network = Deaf(world.server)
    world.server.says.append([replace_leaf(DATA, b"x" * 6000, "bin")])
    world.run()
    assert 413 in world.server.codes
    assert world.target.held is None


@pytest.mark.clause("C-SES-06")
def test_results_are_spread_over_messages_that_the_server_can_take():
    world = DeviceWorld()
    world.server.takes = Limits(1600)
    world.server.says.append([get(*(f"./DevInfo/{name}" for name in NODES * 4))])
    world.run()
    [answer] = world.server.answers
    assert len(answer.results) == len(NODES) * 4
    assert max(len(envelope.body) for envelope in world.server.received[1:]) <= 1600
    asked = [c.code for r in world.network.replies for c in alerts(r.message.commands)]
    assert AlertCode.NEXT_MESSAGE in asked


def alerts(commands: tuple[Command, ...]) -> list[Alert]:
    return [c for c in commands if isinstance(c, Alert)]


def test_a_server_that_takes_nothing_ends_the_session():
    world = DeviceWorld()
    world.server.takes = Limits(100)
    world.server.asks_state()
    world.live()
    assert world.server.answers == []
    assert "no message that could hold" in str(world.log.events)


@pytest.mark.clause("C-AUT-07")
def test_a_device_of_macs_proves_each_message_and_orders_are_done():
    world = DeviceWorld()
    world.setup = replace(world.setup, account=Account(USER, NAME, MAC))
    world.server.account = Account(own=NAME, peer=USER)
    world.server.orders(Kind.DOWNLOAD, "http://127.0.0.1/none")
    world.run()
    assert world.server.codes[:2] == [200, 202]
    assert [e.mac is not None for e in world.server.received] == [True] * len(world.server.received)
    assert all(envelope.mac for envelope in world.network.replies)
    assert all(m.header.cred is None for m in messages(world))
    nonces = [c.chal.meta.next_nonce for c in statuses(world) if c.chal]
    assert len(set(nonces)) == len(nonces) > 2


def statuses(world: DeviceWorld) -> list[Status]:
    return [c for m in messages(world) for c in m.commands if isinstance(c, Status)]


@pytest.mark.clause("C-SES-05", "P1-11")
def test_a17_a_session_that_lasts_too_long_is_broken_off():
    world = DeviceWorld()
    for _ in range(50):
        world.server.asks_state()
    world.network.watch = slow(world)
    world.live()
    assert len(messages(world)) < 20
    assert codes(world, Alert)[-1] == AlertCode.SESSION_ABORT


def slow(world: DeviceWorld) -> Callable[[], None]:
    return lambda: world.clock.sleep(100)
