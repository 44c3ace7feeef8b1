"""The real device and the real server: a package in PkgData, and a user who is asked first."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from fumo.codes import Kind
from fumo.device.agent import Ending
from fumo.dm.message import WBXML, XML
from fumo.dm.session import Limits
from fumo.dm.ui import Said
from fumo.server.fetching import Fetching
from fumo.server.rows import OperationState, Package
from fumo.testing.network import Fault
from fumo.testing.user import ScriptedUser
from fumo.testing.world import DESCRIPTION, package
from tests.journeys.test_device_and_server import Together
from tests.server.device import Device as Peer
from tests.server.world import World

IMAGE = bytes(range(256)) * 160
WHOLE = package(IMAGE, "2")


class Carried:
    """A depot whose packages are carried."""

    def url(self, operation_id: int, package: Package, how: Fetching) -> str:
        raise AssertionError("nothing is fetched")

    def data(self, package: Package) -> bytes | None:
        return WHOLE


@pytest.fixture(params=[XML, WBXML], ids=["xml", "wbxml"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Together]:
    server = World(tmp_path / "fumo.db")
    yield Together(server, request.param)
    server.close()


def ordered(world: Together) -> None:
    world.real.pump = replace(world.real.pump, packages=Carried())
    world.setup = replace(world.setup, takes=Limits(8192, 1 << 20))
    whole = Package(0, "mcu", "2", "ab" * 32, len(WHOLE))
    world.campaign = world.real.orders(
        Peer(DESCRIPTION.device_id), kind=Kind.UPDATE, package=whole, carries=True
    )


def test_a_package_that_is_carried_is_installed_without_a_fetch(world: Together):
    ordered(world)
    assert world.run() is Ending.DONE
    assert world.real.states == [OperationState.SUCCEEDED]
    assert (world.depot.fetches, len(world.environment.flipped)) == ([], 1)


@pytest.mark.clause("C20", "C16")
@pytest.mark.parametrize("place", range(0, 16, 3))
@pytest.mark.parametrize("fault", [Fault.REQUEST_LOST, Fault.REPLY_LOST])
def test_whatever_is_lost_on_its_way_it_is_installed_once(
    world: Together, place: int, fault: Fault
):
    ordered(world)
    world.network.faults.extend([Fault.NONE] * place + [fault] * 2)
    for _ in range(4):
        world.run()
    assert world.real.states == [OperationState.SUCCEEDED]
    assert world.real.results == [(1, 200)]
    assert len(world.environment.flipped) == 1


@pytest.mark.clause("S05")
@pytest.mark.parametrize(
    ("reply", "state"),
    [
        (Said.YES, OperationState.SUCCEEDED),
        (Said.NO, OperationState.REFUSED),
        (Said.NOBODY, OperationState.REFUSED),
        (Said.TIMED_OUT, OperationState.PLANNED),
        (Said.CANCELLED, OperationState.PLANNED),
    ],
)
def test_its_user_is_asked_and_decides(world: Together, reply: Said, state: OperationState):
    user = ScriptedUser(reply)
    world.user = user
    world.campaign = world.real.orders(Peer(DESCRIPTION.device_id), consent=True)
    world.offers_packages()
    world.run()
    assert world.real.states == [state]
    assert len(user.asked) == 1
    assert "fw 2" in user.asked[0].text
    assert bool(world.depot.fetches) is (reply is Said.YES)
