"""A user or a device asks for an update: 200 when one is ordered in this session, else 202."""

import pytest

from fumo.codes import DEVICE_REQUEST, USER_REQUEST, Kind
from fumo.dm.message import Alert, Item, Location, Meta
from fumo.server.rows import OperationState
from tests.server.device import Device, fumo_tree
from tests.server.world import World

S = OperationState


def request(source: str | None = None, type_: str = DEVICE_REQUEST, data: str = "") -> Alert:
    where = Location(source) if source is not None else None
    return Alert(1226, items=(Item(source=where, meta=Meta(type=type_, format="chr"), data=data),))


def asks(world: World, device: Device, alert: Alert) -> int:
    """A session that begins with this request; its Status."""
    device.acked, device.outbox = [], [alert]
    device.talk(world.post)
    [code] = device.acked
    device.acked = []
    return code


@pytest.fixture
def known(world: World, device: Device) -> Device:
    """A device whose objects the server knows, and which waits for nothing."""
    world.orders(device)
    device.talk(world.post)
    device.finishes(200, "90")
    device.talk(world.post)
    device.acked, device.outbox = [], []
    return device


@pytest.mark.clause("S06")
@pytest.mark.parametrize("type_", [USER_REQUEST, DEVICE_REQUEST])
@pytest.mark.parametrize("data", ["", "0", "checkConfiguration"])
def test_it_is_200_when_an_update_is_ordered_now(
    world: World, known: Device, type_: str, data: str
):
    assert asks(world, known, request(None, type_, data)) == 202
    world.orders(known)
    assert asks(world, known, request(None, type_, data)) == 200
    assert len(known.execs) == 2
    assert world.matches[-1] == "request"


@pytest.mark.clause("S06")
@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("./FwUpdate/x", 200),
        ("FwUpdate/x/", 200),
        ("./FwUpdate/x/DownloadAndUpdate", 200),
        ("./FwUpdate/y", 202),
        ("./Device/CheckConfiguration", 202),
    ],
)
def test_a_request_of_one_object_is_about_that_one(
    world: World, known: Device, source: str, code: int
):
    """Whatever is answered, what an operator ordered is ordered."""
    world.orders(known)
    assert asks(world, known, request(source)) == code
    assert len(known.execs) == 2


@pytest.mark.clause("S06")
def test_it_is_202_while_a_device_is_at_work(world: World, device: Device):
    world.orders(device)
    device.talk(world.post)
    world.orders(device)
    assert asks(world, device, request()) == 202
    assert len(device.execs) == 1


@pytest.mark.parametrize("state", ["held", "cancelled", "expired"])
def test_a_request_does_not_overtake_what_an_operator_decided(
    world: World, known: Device, state: str
):
    world.orders(known)
    world.runs(f"UPDATE operation SET state = '{state}' WHERE state = 'planned'")
    assert asks(world, known, request()) == 202
    assert len(known.execs) == 1


def test_it_is_202_when_no_object_offers_the_operation(world: World, known: Device):
    known.tree = {u: v for u, v in fumo_tree().items() if "/Download" not in u}
    world.runs('UPDATE device SET objects = \'[{"uri": "./FwUpdate/x", "kinds": ["Update"]}]\'')
    world.orders(known)
    assert asks(world, known, request()) == 202
    assert world.states[-1] is S.REFUSED


def test_the_first_session_of_a_device_may_be_a_request(world: World, device: Device):
    world.orders(device, kind=Kind.DOWNLOAD)
    assert asks(world, device, request()) == 200
    assert len(device.execs) == 1
