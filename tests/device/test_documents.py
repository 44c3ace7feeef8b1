"""Documents (TNDS) on the device: what is listed can be put back, and outlives a restart."""

import pytest

from fumo.dm.documents import TNDS_WBXML, TNDS_XML
from fumo.dm.message import Add, Atomic, Get, Item, Location, Meta, Replace
from fumo.dm.tnds import TndsNode, TndsTree, decode_tnds, encode_tnds
from fumo.testing.server import OBJECT
from fumo.tree.written import NODES_MAX
from tests.device.asked import Device, item

EXT = f"{OBJECT}/Ext"
LEAF = TndsNode("Leaf", format="chr", type="text/plain", value="x")
KEY = TndsNode("Key", format="bin", type="application/octet-stream", value=b"\0\xff")
GROUP = TndsNode("Group", format="node", type="com.example/1.0/Group", children=(LEAF, KEY))


def document(uri: str, *nodes: TndsNode, form: str = TNDS_XML) -> Item:
    """An Item with a document."""
    return Item(Location(uri), meta=Meta("xml", form), data=encode_tnds(TndsTree(nodes), form))


def listed(device: Device, uri: str) -> TndsNode:
    """What a list says."""
    (answer,) = device.answers(Get((item(f"{uri}?list=TNDS"),)))
    (found,) = answer.results
    (node,) = decode_tnds(found.data, found.meta.type).nodes
    return node


@pytest.mark.clause("T6-04", "T6-05", "P8-03", "C-CMD-02")
@pytest.mark.parametrize("form", [TNDS_XML, TNDS_WBXML])
def test_a_server_adds_a_subtree_lists_it_and_replaces_it(form: str):
    device = Device()
    assert device.codes(Add((document(f"{EXT}/Group", GROUP, form=form),))) == [200]
    assert listed(device.again(), f"{EXT}/Group") == GROUP
    smaller = TndsNode("Group", format="node", type="", children=(KEY,))
    assert device.codes(Replace((document(f"{EXT}/Group", smaller, form=form),))) == [200]
    assert listed(device.again(), f"{EXT}/Group") == smaller


@pytest.mark.clause("T6-04", "P7-18")
def test_in_an_atomic_a_subtree_stays_out_with_the_rest():
    device = Device()
    before = device.tree
    subtree = Add((document(f"{EXT}/Group", GROUP),))
    wrong = Replace((item(f"{OBJECT}/State", "90"),))
    assert device.codes(Atomic((subtree, wrong))) == [507, 216, 405]
    assert device.again().tree == before


@pytest.mark.clause("T6-04")
def test_a_subtree_for_which_there_is_no_room_is_not_begun():
    device = Device()
    before = device.tree
    leaves = tuple(TndsNode(f"L{n}", format="chr", value="x") for n in range(NODES_MAX + 1))
    many = Add((document(f"{EXT}/Group", TndsNode("Group", children=leaves)),))
    assert device.codes(many) == [420]
    assert device.tree == before


@pytest.mark.clause("T6-07", "P8-05")
def test_what_the_device_has_of_itself_stays_and_its_secrets_are_not_listed():
    device = Device()
    account = "./DMAcc/Server"
    assert device.codes(Replace((document("./DevInfo", LEAF),))) == [425]
    assert device.codes(Replace((document(account, LEAF),))) == [405]
    assert device.codes(Add((document("./Inbox/Mine", GROUP),))) == [405]
    names = {node.name for node in flat(listed(device, account))}
    assert "AAuthName" in names
    assert not names & {"AAuthSecret", "AAuthData"}


def flat(node: TndsNode) -> list[TndsNode]:
    """A node and all in it."""
    found = [node]
    for one in found:
        found += one.children
    return found
