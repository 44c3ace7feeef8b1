"""Who may do what on a device, and that it is remembered (DM TND §7.7.1)."""

import pytest
from msgspec.structs import replace

from fumo.device import fumo_object
from fumo.dm.message import Add, Atomic, Command, Delete, Exec, Get, Replace, Sequence
from fumo.testing.server import OBJECT
from fumo.testing.world import DESCRIPTION, SETUP, URL
from fumo.tree.objects import ACCOUNT
from tests.device.asked import Device, item

URL_NODE = f"{OBJECT}/Download/PkgURL"


def put(uri: str, data: str = "x") -> Replace:
    return Replace((item(uri, data),))


def get(uri: str) -> Get:
    return Get((item(uri),))


ORDER = Exec((item(f"{OBJECT}/Download"),))


def other(owner: Device) -> Device:
    """The same device while it speaks with a server that is not the object's owner."""
    listed = "Get=*&Replace=owner&Exec=owner&Add=owner&Delete=owner"
    assert owner.codes(put(f"{OBJECT}?prop=ACL", listed)) == [200]
    return owner.again()


@pytest.mark.clause("C-ACL", "T3-10", "P7-14")
@pytest.mark.parametrize(
    ("command", "codes"),
    [
        (ORDER, [425]),
        (put(URL_NODE, URL), [425]),
        (Add((item(f"{OBJECT}/Ext/A", "x"),)), [425]),
        (put(f"{OBJECT}?prop=ACL", "Exec=*"), [425]),
        (put(f"{OBJECT}?prop=Title", "Mine"), [425]),
        (get(f"{OBJECT}/State"), [200]),
        (Sequence((put(URL_NODE, URL), ORDER)), [200, 425, 425]),
        (Atomic((put(URL_NODE, URL),)), [507, 425]),
    ],
)
def test_a_server_without_rights_orders_nothing(command: Command, codes: list[int]):
    device = other(Device())
    before = device.tree
    assert device.codes(command) == codes
    assert device.tree == before
    assert device.target.last_op_id == 0


@pytest.mark.clause("T3-10")
def test_the_account_s_server_may_order_and_nobody_else_by_default():
    device = Device()
    assert device.tree[OBJECT].acl == "Add=fumo&Delete=fumo&Exec=fumo&Get=*&Replace=fumo"
    assert device.codes(put(URL_NODE, URL), ORDER) == [200, 202]


def test_a_server_that_no_list_can_name_has_what_everybody_has():
    setup = replace(SETUP, description=replace(DESCRIPTION, server_id="a b"))
    device = Device(setup=setup)
    assert device.tree[OBJECT].acl == ""
    assert device.codes(get(f"{OBJECT}/State"), put(URL_NODE, URL)) == [200, 425]


@pytest.mark.clause("T5-04", "T3-04")
def test_the_account_is_its_server_s_own():
    device = Device()
    assert device.tree[ACCOUNT].acl == "Delete=fumo&Get=fumo&Replace=fumo"
    assert device.codes(get(f"{ACCOUNT}/AppAuth/Client/AAuthSecret")) == [405]
    assert device.codes(put("./DevInfo/Man")) == [425]


@pytest.mark.clause("T2-09", "T2-02", "T2-06")
def test_what_a_server_wrote_outlives_a_restart():
    device = Device()
    ext = f"{OBJECT}/Ext"
    written = (
        put(f"{OBJECT}/PkgName", "name"),
        put(f"{OBJECT}/State?prop=Title", "State of things"),
        put(f"{ext}?prop=ACL", "Add=fumo&Delete=fumo&Get=fumo&Replace=fumo"),
        Add((item(f"{ext}/Dir", None, "node"),)),
        Add((item(f"{ext}/Dir/Octets", "AAH/", "b64"),)),
        put(f"{ext}/Dir?prop=Name", "New"),
        put(f"{ext}/New?prop=Title", "A folder"),
    )
    assert device.codes(*written) == [200] * len(written)
    again = device.again()
    assert again.tree == device.tree
    assert again.tree[f"{ext}/New/Octets"].value == b"\0\1\xff"
    assert again.tree[f"{OBJECT}/State"].title == "State of things"
    assert again.codes(Delete((item(f"{ext}/New"),))) == [200]
    assert set(again.again().tree) == {uri for uri in device.tree if "/New" not in uri}


@pytest.mark.clause("T2-02")
def test_the_package_keeps_its_title_and_its_rights_apart_from_its_bytes():
    device = Device()
    data = f"{OBJECT}/Update/PkgData"
    assert device.codes(put(f"{data}?prop=Title", "Image")) == [200]
    assert device.codes(Replace((item(data, b"package", "bin"),))) == [200]
    again = device.again()
    assert (again.tree[data].title, again.tree[data].value) == ("Image", fumo_object.PACKAGE)
    assert again.target.held is not None


@pytest.mark.clause("T3-09")
def test_a_server_whose_account_is_gone_leaves_every_list_and_shuts_nobody_out():
    device, ext = Device(), f"{OBJECT}/Ext"
    lists = {
        OBJECT: "Exec=fumo&Get=*&Replace=fumo",
        f"{ext}/Dir": "Get=fumo+friend&Replace=fumo",
        f"{ext}/Dir/Leaf": "Get=fumo",
        f"{OBJECT}/PkgName": "Get=friend",
    }
    assert device.codes(Add((item(f"{ext}/Dir/Leaf", "x"),))) == [200]
    for uri in reversed(lists):
        assert device.codes(put(f"{uri}?prop=ACL", lists[uri])) == [200]
    other = device.again("other")
    assert {uri: other.tree[uri].acl for uri in lists} == {
        OBJECT: "Add=other&Delete=other&Exec=other&Get=*&Replace=other",
        f"{ext}/Dir": "Get=friend",
        f"{ext}/Dir/Leaf": "",
        f"{OBJECT}/PkgName": "Get=friend",
    }
    assert other.codes(put(URL_NODE, URL), ORDER) == [200, 202]
    assert other.again("other").tree[f"{ext}/Dir"].acl == "Get=friend"
