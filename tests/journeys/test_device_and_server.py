"""The whole main job in one process: the real device against the real server, over lost messages.

Only sockets, disks and time are in memory (the server's database is a file).
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from fumo.codes import Kind
from fumo.device.agent import Ending
from fumo.device.ports import Link
from fumo.dm.codec import decode, form_of
from fumo.dm.message import WBXML, XML, Envelope
from fumo.server.pump import turn
from fumo.server.rows import Campaign, Device, OperationState
from fumo.testing.network import Fault, Network
from fumo.testing.server import NAME, USER
from fumo.testing.world import DESCRIPTION, DeviceWorld, package
from fumo.update.failures import Cause
from tests.server.device import Device as Peer
from tests.server.world import World

IMAGE = b"new firmware" * 300


class ServerLink:
    """Posts to the server's pump."""

    def __init__(self, server: World) -> None:
        self._server = server

    def post(self, url: str, body: bytes, media_type: str, mac: str | None = None) -> Envelope:
        query = url.partition("?")[2]
        heard = Envelope(
            decode(body, media_type), body, media_type, private=True, query=query, mac=mac
        )
        (answer,) = turn(self._server.pump, [heard], self._server.at_s)
        form = form_of(answer.media_type)
        assert answer.status == 200, answer.body
        assert form is not None
        return Envelope(decode(answer.body, form), answer.body, form, private=True, mac=answer.mac)


class Together(DeviceWorld):
    """A device, and the server that knows it."""

    campaign: Campaign

    def __init__(self, server: World, media_type: str) -> None:
        super().__init__()
        self.setup = replace(self.setup, media_type=media_type)
        self.real = server
        self.network = Network(ServerLink(server))
        known = Device(DESCRIPTION.device_id, USER.name, USER.secret, NAME.secret, "standard")
        assert server.store.add_device(known)

    @property
    def link(self) -> Link:
        return self.network

    def offers_packages(self) -> None:
        """Put the package where each operation's own address leads."""
        for operation in self.real.operations():
            url = f"http://depot/{operation.id}/{'ab' * 32}"
            self.depot.files[url] = package(IMAGE, "2")


@pytest.fixture(params=[XML, WBXML], ids=["xml", "wbxml"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Together]:
    server = World(tmp_path / "fumo.db")
    yield Together(server, request.param)
    server.close()


def ordered(world: Together, kind: Kind) -> None:
    """An operator orders an update for the device."""
    world.campaign = world.real.orders(Peer(DESCRIPTION.device_id), kind=kind)
    world.offers_packages()


def flipped(world: Together) -> int:
    return len(world.environment.flipped)


@pytest.mark.parametrize("kind", [Kind.DOWNLOAD, Kind.DOWNLOAD_AND_UPDATE])
def test_an_order_becomes_one_result(world: Together, kind: Kind):
    ordered(world, kind)
    assert world.run() is Ending.DONE
    assert world.real.states == [OperationState.SUCCEEDED]
    assert [code for _, code in world.real.results] == [200]
    assert len(world.depot.fetches) == 1


@pytest.mark.clause("C16", "S08", "S07")
@pytest.mark.parametrize("fault", [Fault.REQUEST_LOST, Fault.REPLY_LOST])
@pytest.mark.parametrize("length", [1, 2])
@pytest.mark.parametrize("place", range(9))
def test_whatever_message_is_lost_the_update_happens_once_and_counts_once(
    world: Together, fault: Fault, length: int, place: int
):
    """`length` 2 loses the message and its repetition: the session is over then."""
    ordered(world, Kind.DOWNLOAD_AND_UPDATE)
    world.network.faults.extend([Fault.NONE] * place + [fault] * length)
    for _ in range(4):
        world.run()
    assert world.real.states == [OperationState.SUCCEEDED]
    assert world.real.results == [(1, 200)]
    assert (len(world.depot.fetches), flipped(world)) == (1, 1)
    assert world.target.last_op_id == 1


@pytest.mark.clause("C16", "S09")
def test_a_failure_is_final_until_the_operator_orders_a_retry(world: Together):
    world.depot.always = Cause.REFUSED
    ordered(world, Kind.DOWNLOAD_AND_UPDATE)
    world.run()
    assert world.real.states == [OperationState.FAILED]
    fetches = len(world.depot.fetches)
    assert fetches == world.setup.policy.download_attempts_max
    world.depot.always = None
    for _ in range(3):
        world.run()
    assert (len(world.depot.fetches), world.environment.version) == (fetches, "1")
    world.real.retries(world.campaign)
    world.offers_packages()
    assert world.run() is Ending.DONE
    assert world.real.states == [OperationState.FAILED, OperationState.SUCCEEDED]
    assert [code for _, code in world.real.results] == [412, 200]
    assert (len(world.depot.fetches), world.environment.version) == (fetches + 1, "2")
