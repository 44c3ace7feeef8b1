"""What makers added to the standard by their own lights, and what the server makes of it."""

import pytest

from fumo.codes import DEVICE_REQUEST, USER_REQUEST
from fumo.dm.message import Alert, Item, Location, Meta
from fumo.server.rows import OperationState
from tests.server.device import Device, fumo_tree
from tests.server.world import World

S = OperationState
EXEC = "Exec ./FwUpdate/x/DownloadAndUpdate"


def request(type_: str, source: str | None, format_: str | None, data: str) -> Alert:
    """A user or a device asks for an update, in its maker's words."""
    where = Location(source) if source else None
    return Alert(
        1226, items=(Item(source=where, meta=Meta(type=type_, format=format_), data=data),)
    )


REQUESTS = {
    "a result's number": request(USER_REQUEST, "./FwUpdate/x", "int", "200"),
    "a failure's number": request(DEVICE_REQUEST, "./FwUpdate/x", "int", "410"),
    "no source and no data": request(USER_REQUEST, None, "chr", ""),
    "another matter": request(USER_REQUEST, "./Device/CheckConfiguration", "b64", "Y2hlY2s="),
    "its operation": request(DEVICE_REQUEST, "./FwUpdate/x/DownloadAndUpdate", None, "0"),
    "an older type": request(USER_REQUEST.replace(".dm.", "."), "./FwUpdate/x", "chr", "0"),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_is_never_taken_for_a_result(world: World, device: Device, name: str):
    world.orders(device)
    device.talk(world.post)
    device.outbox = [REQUESTS[name]]
    device.talk(world.post)
    assert device.acked == [202]
    assert world.matches == ["request"]
    assert world.results == []
    assert world.states == [S.ACCEPTED]


def test_a_device_that_removes_its_object_after_the_report_is_ordered_when_it_is_back(
    world: World, device: Device
):
    """Some make the object for one update, under a new name each time."""
    world.orders(device)
    device.talk(world.post)
    device.finishes(200, "90")
    device.tree = {}
    device.talk(world.post)
    assert world.states == [S.SUCCEEDED]
    device.tree = fumo_tree("./FUMO/second")
    world.orders(device)
    device.talk(world.post)
    assert world.states == [S.SUCCEEDED, S.ACCEPTED]
    assert len(device.execs) == 2


@pytest.mark.parametrize("state", ["5", "15", "65", "200", "241", "idle", ""])
def test_a_state_that_no_standard_knows_holds_no_order_up(world: World, device: Device, state: str):
    device.state = state
    world.orders(device)
    device.talk(world.post)
    assert world.states == [S.ACCEPTED]
    assert world.results == []


@pytest.mark.parametrize("code", [466, 902, 952])
def test_a_code_of_another_standard_is_a_failure(world: World, device: Device, code: int):
    """Codes of downloads and of policies stand where a result belongs."""
    world.orders(device)
    device.talk(world.post)
    device.finishes(code, "20")
    device.talk(world.post)
    assert world.states == [S.FAILED]
    assert world.results == [(1, code)]


@pytest.mark.parametrize("code", [403, 405])
def test_a_device_that_is_busy_by_its_own_account_is_not_said_to_have_begun(
    world: World, device: Device, code: int
):
    device.statuses[EXEC] = code
    world.orders(device)
    device.talk(world.post)
    assert world.states == [S.REFUSED]
    assert world.results == []
