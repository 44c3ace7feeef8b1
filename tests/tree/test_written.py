"""What servers wrote lies over what the device knows, and outlives it where it may."""

import pytest
from msgspec.structs import replace

from fumo.tree.node import Change, Node, Tree, Verb
from fumo.tree.values import DYNAMIC
from fumo.tree.written import (
    BYTES_MAX,
    NODES_MAX,
    Written,
    forsaken,
    has_room,
    overlay,
    written_of,
)

WRITE = frozenset({Verb.GET, Verb.REPLACE})
OWN: Tree = {
    ".": Node("node", acl="Add=*&Get=*"),
    "./Obj": Node("node", acl="Get=*&Replace=srv"),
    "./Obj/Name": Node("chr", "", access=WRITE),
    "./Obj/State": Node("int", "10"),
}
DIR = Node("node", "", "urn:x", DYNAMIC, permanent=False, acl="Get=srv")
OCTETS = Node("bin", b"\0\xff", "a/b", DYNAMIC, permanent=False, title="Octets")


def kept(*changes: Change) -> dict[str, Written | None]:
    return {change.uri: written_of(OWN, change) for change in changes}


@pytest.mark.clause("T2-09")
@pytest.mark.parametrize(
    ("uri", "node"),
    [
        ("./Obj/Name", replace(OWN["./Obj/Name"], value="written")),
        ("./Obj/State", replace(OWN["./Obj/State"], title="Title")),
        ("./Obj", replace(OWN["./Obj"], acl="")),
        (".", replace(OWN["."], acl="Add=*")),
        ("./Obj/Dir", DIR),
        ("./Obj/Octets", OCTETS),
    ],
)
def test_what_is_kept_brings_the_node_back(uri: str, node: Node):
    one = written_of(OWN, Change(uri, node))
    assert one is not None
    assert overlay(OWN, {uri: one}) == {**OWN, uri: node}


def test_only_what_differs_is_kept():
    assert written_of(OWN, Change("./Obj", OWN["./Obj"])) is None
    retitled = replace(OWN["./Obj/Name"], title="T")
    assert written_of(OWN, Change("./Obj/Name", retitled)) == Written(title="T")
    assert written_of(OWN, Change("./Obj/Dir", None)) is None


def test_the_device_s_own_news_is_seen_under_what_was_written():
    one = written_of(OWN, Change("./Obj/State", replace(OWN["./Obj/State"], title="T")))
    assert one is not None
    later = {**OWN, "./Obj/State": Node("int", "20", locked=True)}
    assert overlay(later, {"./Obj/State": one})["./Obj/State"] == Node(
        "int", "20", locked=True, title="T"
    )


def test_nodes_beneath_nodes_come_back_in_any_order():
    changes = (Change("./Obj/Dir/A", OCTETS), Change("./Obj/Dir", DIR))
    whole = {uri: one for uri, one in kept(*changes).items() if one}
    assert set(overlay(OWN, whole)) == {*OWN, "./Obj/Dir", "./Obj/Dir/A"}


def test_what_belongs_to_nothing_is_not_seen():
    lost = {
        "./Other/Dir/A": Written("chr", "", "x", "", ""),
        "./Other": Written(title="of a node that was permanent"),
    }
    assert overlay(OWN, lost) == OWN


def test_a_dynamic_node_of_few_words_is_understood():
    assert overlay(OWN, {"./Obj/New": Written("chr")})["./Obj/New"] == Node(
        "chr", "", "", DYNAMIC, permanent=False
    )


@pytest.mark.clause("P7-26")
def test_nodes_and_bytes_are_bounded():
    leaf = Written("chr", "", "x", "", "")
    assert has_room([leaf] * NODES_MAX)
    assert not has_room([leaf] * (NODES_MAX + 1))
    assert has_room([Written(title="T")] * (NODES_MAX + 1))
    assert has_room([Written(value="x" * BYTES_MAX)])
    assert not has_room([Written(value=b"x" * BYTES_MAX), leaf])
    assert not has_room([Written(value="\N{EURO SIGN}" * (BYTES_MAX // 2))])
    for field in ("type", "title", "acl"):
        assert not has_room([Written(**{field: "x" * (BYTES_MAX + 1)})])


@pytest.mark.clause("T3-09")
def test_once_a_server_is_gone_no_list_names_it():
    written = {
        ".": Written(acl="Add=*&Get=*&Replace=old"),
        "./Obj": Written(title="Mine", acl="Get=*&Replace=old"),
        "./Obj/Name": Written(value="v", acl="Get=old"),
        "./Obj/State": Written(acl="Get=friend"),
        "./Obj/Dir": Written("node", "", "", "", "Add=old&Get=friend+old"),
    }
    left = forsaken(OWN, written, "old")
    assert left == {
        ".": None,
        "./Obj": Written(title="Mine"),
        "./Obj/Name": Written(value="v"),
        "./Obj/Dir": Written("node", "", "", "", "Get=friend"),
    }
    assert forsaken(OWN, {"./Obj/State": Written(acl="Get=friend")}, "old") == {}
