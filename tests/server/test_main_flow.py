"""The main job, seen from the server: order, be told the result, count it once."""

import pytest

from fumo.codes import Kind
from fumo.dm.message import WBXML, XML, Exec, Get, Message, Replace, Status
from fumo.server.rows import OperationState
from tests.server.device import Device
from tests.server.world import World

S = OperationState


def commands(message: Message, *kinds: type) -> list[object]:
    return [c for c in message.commands if isinstance(c, kinds)]


@pytest.mark.clause("S02", "S07", "S-SES", "S-WBX")
@pytest.mark.parametrize("media_type", [XML, WBXML])
@pytest.mark.parametrize("kind", [Kind.DOWNLOAD, Kind.DOWNLOAD_AND_UPDATE])
def test_an_order_is_carried_out_and_its_result_counted(world: World, media_type: str, kind: Kind):
    device = world.knows(Device(media_type=media_type))
    world.orders(device, kind=kind)
    device.talk(world.post)
    [order] = device.execs
    operation = world.operation()
    assert order.correlator == operation.correlator
    assert device.tree[f"./FwUpdate/x/{kind}/PkgURL"] == f"http://depot/1/{'ab' * 32}"
    assert operation.state is S.ACCEPTED
    device.finishes(200, "90")
    device.talk(world.post)
    assert device.acked == [200]
    assert world.states == [S.SUCCEEDED]
    assert world.results == [(1, 200)]
    assert world.matches == ["final"]
    assert world.tally == {"succeeded": 1}


@pytest.mark.clause("S02")
def test_an_update_of_what_is_held_needs_no_address(world: World, device: Device):
    world.orders(device, kind=Kind.UPDATE)
    device.talk(world.post)
    assert [o.items[0].target.uri for o in device.execs] == ["./FwUpdate/x/Update"]  # type: ignore[union-attr]
    assert not [m for m in device.heard if commands(m, Replace)]


@pytest.mark.clause("S03", "S-ORD")
def test_exec_leaves_only_after_the_address_was_taken(world: World, device: Device):
    world.orders(device)
    device.talk(world.post)
    with_url = [n for n, m in enumerate(device.heard) if commands(m, Replace)]
    with_exec = [n for n, m in enumerate(device.heard) if commands(m, Exec)]
    assert len(with_url) == len(with_exec) == 1
    assert with_exec > with_url


@pytest.mark.clause("S03")
def test_an_address_that_is_refused_ends_the_order(world: World, device: Device):
    device.statuses["Replace ./FwUpdate/x/DownloadAndUpdate/PkgURL"] = 403
    world.orders(device)
    device.talk(world.post)
    assert device.execs == []
    assert world.states == [S.REFUSED]


@pytest.mark.parametrize("code", [403, 405, 500])
def test_a_refused_exec_ends_the_order_without_a_result(world: World, device: Device, code: int):
    device.statuses["Exec ./FwUpdate/x/DownloadAndUpdate"] = code
    world.orders(device)
    device.talk(world.post)
    assert world.states == [S.REFUSED]
    assert world.results == []
    assert str(code) in world.operation().reason


@pytest.mark.clause("S-SES", "P1-03", "P1-07", "P3-07", "T5-06")
def test_every_command_of_package_1_is_answered(world: World, device: Device):
    device.talk(world.post)
    last = device.heard[-1]
    assert {(c.cmd, c.code) for c in commands(last, Status)} == {  # type: ignore[attr-defined]
        ("SyncHdr", 212), ("Alert", 200), ("Replace", 200)
    }  # fmt: skip
    assert last.final
    assert world.store.device(device.id).info["Mod"] == "Mod-x"  # type: ignore[union-attr]


@pytest.mark.clause("S07")
def test_a_result_counts_also_in_the_session_that_asks_state(world: World, device: Device):
    world.orders(device)
    device.talk(world.post)
    world.at_s += 60
    device.finishes(410, "70")
    device.talk(world.post)
    assert world.results == [(1, 410)]
    assert world.states == [S.FAILED]


def test_a_device_at_work_is_asked_how_far_it_is_and_nothing_else(world: World, device: Device):
    world.orders(device)
    device.talk(world.post)
    world.at_s += 60
    device.heard.clear()
    device.talk(world.post)
    asked = [c for m in device.heard for c in commands(m, Get, Replace, Exec)]
    assert [type(c) for c in asked] == [Get]
    assert world.operation().state_seen == 30


def test_a_second_order_waits_until_the_first_has_its_result(world: World, device: Device):
    world.orders(device)
    world.orders(device)
    device.talk(world.post)
    world.at_s += 60
    device.talk(world.post)
    assert len(device.execs) == 1
    device.finishes(200, "90")
    device.talk(world.post)
    assert len(device.execs) == 2
    assert world.states == [S.SUCCEEDED, S.ACCEPTED]
