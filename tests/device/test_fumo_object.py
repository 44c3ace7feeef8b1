"""The FUMO object as a server meets it: found by its type, read, written, locked, extended."""

import errno

import pytest

from fumo.codes import Kind, ManagementObject
from fumo.dm.message import Add, Delete, Item, Location, Meta
from fumo.testing.disk import Fault as DiskFault
from fumo.testing.server import OBJECT, exec_node, get, replace_leaf
from fumo.testing.world import URL, DeviceWorld, package
from fumo.tree.written import NODES_MAX


def said(world: DeviceWorld, *commands) -> list[int]:
    """The Statuses of these commands, each in a message of its own."""
    before = len(world.server.answers)
    world.server.says.extend([command] for command in commands)
    world.run()
    return [answer.code for answer in world.server.answers[before:]]


def values(world: DeviceWorld) -> list[str]:
    """The data that the last Get brought."""
    return [str(item.data) for item in world.server.answers[-1].results]


def add(uri: str, data: str | None, format_: str = "chr") -> Add:
    return Add((Item(Location(uri), meta=Meta(format=format_), data=data),))


@pytest.mark.clause("C01", "T4-03")
@pytest.mark.parametrize("name", ["Primary", "FWPkg1"])
def test_its_type_tells_what_it_is_wherever_it_stands(name: str):
    world = DeviceWorld()
    world.setup = type(world.setup)(
        world.setup.account, world.setup.server_url, world.setup.description, objects=(name,)
    )
    assert said(world, get("./FwUpdate?list=Struct")) == [200]
    found = [
        item.source.uri
        for item in world.server.answers[-1].results
        if item.source and item.meta and item.meta.type == ManagementObject.FUMO
    ]
    assert found == [f"./FwUpdate/{name}"]
    assert said(world, get(f"{found[0]}?prop=Type")) == [200]
    assert values(world) == ["urn:oma:mo:oma-fumo:1.0"]


@pytest.mark.clause("C02")
def test_state_is_an_integer_to_be_read_and_nothing_else():
    world = DeviceWorld()
    assert said(world, get(f"{OBJECT}/State")) == [200]
    (item,) = world.server.answers[-1].results
    assert (item.data, item.meta and item.meta.format) == ("10", "int")
    assert said(world, replace_leaf(f"{OBJECT}/State", "90")) == [405]


@pytest.mark.clause("C03")
def test_name_and_version_are_what_a_server_wrote_last_over_any_restart():
    world = DeviceWorld()
    wrote = [replace_leaf(f"{OBJECT}/{x}", x) for x in ("PkgName", "PkgVersion", "Download/PkgURL")]
    assert said(world, *wrote) == [200, 200, 200]
    uris = [f"{OBJECT}/{x}" for x in ("PkgName", "PkgVersion", "Download/PkgURL", "Ext")]
    assert said(world, get(*uris)) == [200]
    assert values(world) == ["PkgName", "PkgVersion", "Download/PkgURL", ""]


@pytest.mark.clause("C03")
def test_a_server_may_keep_what_it_likes_below_ext():
    world = DeviceWorld()
    leaf, octets = f"{OBJECT}/Ext/Vendor/Key", f"{OBJECT}/Ext/Octets"
    assert said(world, add(leaf, "v"), add(octets, "AAE=", "bin"), add(leaf, "w")) == [
        200,
        200,
        418,
    ]
    assert said(world, replace_leaf(leaf, "new"), get(leaf), get(f"{OBJECT}/Ext")) == [200] * 3
    assert [i.data for a in world.server.answers[-2:] for i in a.results] == [
        "new",
        "Vendor/Octets",
    ]
    gone = Delete((Item(Location(f"{OBJECT}/Ext/Vendor")),))
    assert said(world, gone, get(leaf), get(octets)) == [200, 404, 200]


def test_ext_does_not_grow_without_bound():
    world = DeviceWorld()
    items = tuple(Item(Location(f"{OBJECT}/Ext/N{n}"), data="x") for n in range(NODES_MAX + 1))
    assert said(world, Add(items[:-1])) == [200]
    assert said(world, Add(items[-1:])) == [420]


@pytest.mark.clause("C04", "C04a", "C07")
def test_a_package_may_come_inside_dm_and_is_applied_by_update():
    world = DeviceWorld()
    data = package(b"image by DM", "2")
    update = f"{OBJECT}/Update"
    write = replace_leaf(f"{update}/PkgData", data, "bin")
    assert said(world, write, get(f"{update}/PkgData"), get(f"{OBJECT}/State")) == [200, 405, 200]
    assert values(world) == ["50"]
    assert world.target.held is not None
    assert said(world, exec_node(update, "c-7")) == [202]
    assert [(a.number, a.correlator) for a in world.server.heard] == [(200, "c-7")]
    assert (world.environment.version, world.depot.fetches) == ("2", [])


@pytest.mark.clause("C04a", "P7-26")
def test_a_package_that_does_not_fit_on_the_disk_is_420_and_nothing_is_held():
    world = DeviceWorld()
    write = replace_leaf(f"{OBJECT}/Update/PkgData", b"x" * 1000, "bin")
    assert said(world, write) == [200]
    world.files.fault = DiskFault(world.files.operations + 1, errno.ENOSPC, for_ever=True)
    assert said(world, write) == [420]
    world.files.fault = None
    assert world.state == 10
    assert said(world, exec_node(f"{OBJECT}/Update")) == [405]


def test_while_an_operation_is_open_nothing_it_uses_is_written():
    """403: the node is in use (DM RepPro §10)."""
    world = DeviceWorld()
    world.depot.always = 503
    world.server.orders(Kind.DOWNLOAD, URL)
    locked = [
        replace_leaf(f"{OBJECT}/Download/PkgURL", "x"),
        replace_leaf(f"{OBJECT}/DownloadAndUpdate/PkgURL", "x"),
        replace_leaf(f"{OBJECT}/Update/PkgData", b"x", "bin"),
    ]
    world.server.says.extend([command] for command in locked)
    world.run()
    assert world.server.codes == [200, 202, 403, 403, 403]
    assert said(world, locked[0]) == [200]


@pytest.mark.clause("T4-04")
def test_the_object_itself_is_there_to_stay():
    world = DeviceWorld()
    assert said(world, Delete((Item(Location(OBJECT)),))) == [405]
