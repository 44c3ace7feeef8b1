"""FUMO objects are found by their type, wherever they stand (S01)."""

import pytest

from fumo.codes import Kind
from fumo.dm.message import Get
from fumo.server.discovery import NODES_MAX, is_fumo
from fumo.server.rows import OperationState
from tests.server.device import FUMO, Device, fumo_tree
from tests.server.world import World

S = OperationState


def execs(device: Device) -> list[str]:
    return [c.items[0].target.uri for c in device.execs if c.items[0].target]


@pytest.mark.clause("S01")
@pytest.mark.parametrize("lists", [True, False])
@pytest.mark.parametrize("root", ["./FUMO", "./FwUpdate/Flash", "./Vendor/Ext/Odd/Place"])
def test_an_odd_place_is_found_by_listing_and_by_walking(world: World, root: str, lists: bool):
    device = world.knows(Device(tree=fumo_tree(root), lists=lists))
    world.orders(device)
    device.talk(world.post)
    assert execs(device) == [f"{root}/DownloadAndUpdate"]
    assert world.states == [S.ACCEPTED]


@pytest.mark.clause("S01")
def test_the_usual_place_without_the_type_is_none(world: World):
    device = world.knows(Device(tree=fumo_tree(type_="urn:example:mo:other:1.0")))
    world.orders(device)
    device.talk(world.post)
    assert device.execs == []
    assert world.states == [S.REFUSED]
    assert "no FUMO object" in world.operation().reason


@pytest.mark.clause("S01", "S02")
@pytest.mark.parametrize("lists", [True, False])
def test_of_two_objects_the_one_that_offers_the_operation_is_ordered(world: World, lists: bool):
    first = {u: v for u, v in fumo_tree("./A/x").items() if "DownloadAndUpdate" not in u}
    device = world.knows(Device(tree=first | fumo_tree("./B/y"), lists=lists))
    world.orders(device)
    device.talk(world.post)
    assert execs(device) == ["./B/y/DownloadAndUpdate"]


@pytest.mark.clause("S02")
def test_an_operation_that_no_object_offers_is_refused(world: World):
    tree = {u: v for u, v in fumo_tree().items() if "DownloadAndUpdate" not in u}
    device = world.knows(Device(tree=tree))
    world.orders(device)
    world.orders(device, kind=Kind.DOWNLOAD)
    device.talk(world.post)
    assert world.states == [S.REFUSED, S.ACCEPTED]


def test_what_was_found_is_remembered(world: World, device: Device):
    world.orders(device)
    device.talk(world.post)
    device.finishes(200, "90")
    world.orders(device)
    device.heard.clear()
    device.talk(world.post)
    asked = [c.items[0].target for m in device.heard for c in m.commands if isinstance(c, Get)]
    assert [where.uri for where in asked if where] == ["./FwUpdate/x/State"]
    assert len(device.execs) == 2


def test_an_object_that_moved_is_looked_for_once_more(world: World, device: Device):
    world.orders(device)
    device.talk(world.post)
    device.finishes(200, "90")
    device.talk(world.post)
    device.tree = fumo_tree("./Moved/z")
    world.orders(device)
    device.talk(world.post)
    assert execs(device)[-1] == "./Moved/z/DownloadAndUpdate"
    assert world.states == [S.SUCCEEDED, S.ACCEPTED]


def test_an_object_that_is_gone_ends_the_order(world: World, device: Device):
    world.orders(device)
    device.talk(world.post)
    device.finishes(200, "90")
    device.talk(world.post)
    device.tree = {"type:./x": None, "./x/State": "10"}
    world.orders(device)
    device.talk(world.post)
    assert world.states == [S.SUCCEEDED, S.REFUSED]


@pytest.mark.parametrize("code", [403, 404, 405, 406, 500])
def test_a_device_that_lists_nothing_is_walked(world: World, device: Device, code: int):
    device.statuses["Get .?list=Struct"] = code
    world.orders(device)
    device.talk(world.post)
    assert world.states == [S.ACCEPTED]


def test_a_walk_through_a_huge_tree_ends(world: World):
    wide: dict[str, str | None] = {f"./N{n}": None for n in range(400)}
    device = world.knows(Device(tree=wide | {"type:./N0": "x", "./N0/State": ""}, lists=False))
    world.orders(device)
    messages = device.talk(world.post)
    asked = [c for m in device.heard for c in m.commands if isinstance(c, Get)]
    assert len(asked) <= 2 * NODES_MAX + 1
    assert messages < 40
    assert world.states == [S.REFUSED]


@pytest.mark.parametrize(
    "type_",
    [
        FUMO,
        FUMO.upper(),
        f" {FUMO} ",
        "urn:oma:mo:oma-fumo:1.1",
        "org.openmobilealliance/1.0/FirmwareUpdateManagementObject",
    ],
)
def test_types_of_the_field_are_understood(type_: str):
    assert is_fumo(type_)


@pytest.mark.parametrize(
    "type_", ["", "urn:oma:mo:oma-dm-dmacc:1.0", "urn:oma:mo:oma-fumo", "FUMO"]
)
def test_other_types_are_not(type_: str):
    assert not is_fumo(type_)
