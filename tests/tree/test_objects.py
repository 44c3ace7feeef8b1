"""DevInfo, DevDetail and DMAcc: what a server may read of a device, and what it never may."""

import pytest

from fumo.codes import ManagementObject
from fumo.dm.auth import BASIC, MD5
from fumo.dm.message import Get, Item, Location
from fumo.tree import objects
from fumo.tree.apply import apply
from fumo.tree.node import Caller, Verb
from fumo.tree.uri import parent_of

DEVICE = objects.Description("IMEI:1", fw_v="7", server_id="srv", user="me", scheme=MD5)


@pytest.mark.clause("T5-01")
def test_dev_info_is_its_five_nodes():
    nodes = objects.dev_info(DEVICE)
    assert nodes["./DevInfo"].type == ManagementObject.DEV_INFO
    leaves = [uri for uri, node in nodes.items() if not node.interior]
    assert leaves == [f"./DevInfo/{name}" for name in ("DevId", "Man", "Mod", "DmV", "Lang")]


@pytest.mark.clause("T1-03", "T5-02")
def test_dev_detail_tells_the_limits_that_hold():
    nodes = objects.dev_detail(DEVICE)
    assert nodes["./DevDetail/URI/MaxDepth"].value == str(DEVICE.limits.depth_max)
    assert nodes["./DevDetail/LrgObj"].value == "true"
    assert nodes["./DevDetail/FwV"].value == "7"


@pytest.mark.clause("T5-04")
def test_secrets_and_nonces_cannot_be_read():
    nodes = objects.root() | objects.dm_acc(DEVICE)
    hidden = [uri for uri in nodes if uri.endswith(("AAuthSecret", "AAuthData"))]
    assert len(hidden) == 4
    for uri in hidden:
        (outcome,) = apply(nodes, Get((Item(Location(uri)),)), Caller("srv"))
        assert outcome.code == 405
    (listing,) = apply(nodes, Get((Item(Location("./DMAcc?list=StructData")),)), Caller("srv"))
    assert not {i.source.uri for i in listing.results if i.source} & set(hidden)


@pytest.mark.clause("T5-03")
def test_the_account_says_how_it_authenticates():
    where = f"{objects.ACCOUNT}/AAuthPref"
    assert objects.dm_acc(DEVICE)[where].value == "DIGEST"
    basic = objects.Description("IMEI:1", scheme=BASIC)
    assert objects.dm_acc(basic)[where].value == "BASIC"


def test_every_node_hangs_from_one_that_is_there_and_nothing_is_writable():
    nodes = objects.root() | objects.dev_info(DEVICE) | objects.dev_detail(DEVICE)
    nodes |= objects.dm_acc(DEVICE)
    assert {parent_of(uri) for uri in nodes} <= set(nodes)
    assert {verb for node in nodes.values() for verb in node.access} == {Verb.GET}
