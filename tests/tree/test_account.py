"""The account's own nodes: what its server may do with them, and what nobody may."""

import pytest

from fumo.dm.auth import MD5
from fumo.dm.message import Command, Delete, Get, Item, Location, Replace
from fumo.tree import objects
from fumo.tree.apply import apply
from fumo.tree.node import Caller, Tree
from fumo.tree.objects import ACCOUNT

DEVICE = objects.Description("IMEI:1", fw_v="7", server_id="srv", user="me", scheme=MD5)
TREE: Tree = objects.root() | objects.dm_acc(DEVICE)


def code(command: Command, server_id: str) -> int:
    [outcome] = apply(TREE, command, Caller(server_id))
    return int(outcome.code)


@pytest.mark.clause("B2-07", "T3-10")
def test_an_account_is_its_servers_and_no_other_ones():
    read = Get((Item(target=Location(f"{ACCOUNT}/ServerID")),))
    rights = Get((Item(target=Location(f"{ACCOUNT}?prop=ACL")),))
    [told] = apply(TREE, rights, Caller("srv"))
    assert [item.data for item in told.results] == ["Delete=srv&Get=srv&Replace=srv"]
    assert (code(read, "srv"), code(read, "other")) == (200, 425)


@pytest.mark.clause("A2-16")
@pytest.mark.parametrize("side", ["Client", "Server"])
@pytest.mark.parametrize("leaf", ["AAuthName", "AAuthSecret"])
def test_no_session_changes_the_account_that_it_runs_under(side: str, leaf: str):
    where = Location(f"{ACCOUNT}/AppAuth/{side}/{leaf}")
    assert code(Replace((Item(target=where, data="new"),)), "srv") == 405
    assert code(Delete((Item(target=where),)), "srv") == 405
