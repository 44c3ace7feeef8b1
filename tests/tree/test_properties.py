"""Properties of nodes: read, replaced, refused (DM TND §7.3 to §7.7)."""

import pytest

from fumo.dm.message import Add, Command, Copy, Delete, Exec, Get, Item, Location, Meta, Replace
from fumo.tree.apply import apply, changed
from fumo.tree.node import Caller, Node, Outcome, Tree, Verb
from fumo.tree.uri import Limits

CALLER = Caller("srv", Limits(depth_max=5, length_max=40, segment_max=10))
ALL = frozenset(Verb)
TREE: Tree = {
    ".": Node("node", access=ALL, acl="&".join(f"{verb}=*" for verb in Verb)),
    "./P": Node("node", "", "urn:x:mo:1.0", ALL),
    "./P/Fixed": Node("chr", "f", access=ALL),
    "./P/Secret": Node("chr", "s", access=frozenset()),
    "./P/Dir": Node("node", "", "", ALL, permanent=False, title="Old"),
    "./P/Dir/Leaf": Node("chr", "grün", access=ALL, permanent=False),
    "./P/Dir/Sub": Node("node", access=ALL, permanent=False),
    "./P/Dir/Sub/Octets": Node("bin", b"\0\1\2", "", ALL, permanent=False),
    "./P/Busy": Node("node", access=ALL, permanent=False),
    "./P/Busy/Leaf": Node("chr", access=ALL, permanent=False, locked=True),
    "./P/Odd": Node("node", access=ALL, permanent=False),
    "./P/Odd/Fixed": Node("chr", access=ALL),
}


def only(command: Command, tree: Tree = TREE) -> Outcome:
    (outcome,) = apply(tree, command, CALLER)
    return outcome


def get(uri: str) -> Get:
    return Get((Item(Location(uri)),))


def put(uri: str, data: str | bytes | None) -> Replace:
    return Replace((Item(Location(uri), data=data),))


@pytest.mark.clause("T2-01", "T2-02", "T2-03", "T2-04", "T2-05", "T2-06")
@pytest.mark.parametrize(
    ("uri", "value"),
    [
        ("./P?prop=ACL", ""),
        (".?prop=ACL", "Add=*&Delete=*&Exec=*&Get=*&Replace=*"),
        (".?prop=Name", ""),
        ("./P?prop=Name", "P"),
        ("./P?prop=Format", "node"),
        ("./P?prop=Type", "urn:x:mo:1.0"),
        ("./P?prop=Title", ""),
        ("./P/Dir?prop=Title", "Old"),
        ("./P/Dir/Leaf?prop=Size", "5"),
        ("./P/Dir/Sub/Octets?prop=Size", "3"),
    ],
)
def test_a_property_is_a_plain_string(uri: str, value: str):
    (item,) = only(get(uri)).results
    assert (item.source, item.meta, item.data) == (Location(uri), None, value)


@pytest.mark.clause("C-CMD-02", "P7-13")
@pytest.mark.parametrize(
    ("command", "code"),
    [
        (get("./P?prop=Size"), 406),
        (get("./P?prop=TStamp"), 406),
        (get("./P?prop=VerNo"), 406),
        (get("./P?prop=Flavour"), 406),
        (get("./P/None?prop=Name"), 404),
        (get("./P/Secret?prop=Size"), 405),
        (put("./P?prop=TStamp", "20260101T000000Z"), 406),
        (put("./P?prop=Flavour", "x"), 406),
        (put("./P?prop=Format", "chr"), 405),
        (put("./P/Dir/Leaf?prop=Type", "text/html"), 405),
        (put("./P/Dir/Leaf?prop=Size", "1"), 405),
        (put("./P/None?prop=Title", "x"), 404),
        (put("./P?prop=Title", "ü" * 127), 200),
        (put("./P?prop=Title", "ü" * 128), 413),
        (put("./P?prop=Title", None), 412),
        (put("./P?prop=Title", b"bytes"), 200),
        (put("./P?prop=Title", b"\xff"), 415),
        (Replace((Item(Location("./P?prop=Title"), data="t", more_data=True),)), 413),
        (Add((Item(Location("./P?prop=Title"), data="x"),)), 405),
        (Delete((Item(Location("./P/Dir?prop=Title")),)), 405),
        (Exec((Item(Location("./P?prop=Title")),)), 405),
        (Copy((Item(Location("./P/Dir/Leaf?prop=Title"), Location("./P/Fixed")),)), 405),
        (Copy((Item(Location("./P/Dir/Leaf"), Location("./P/Fixed?prop=Name")),)), 405),
        (put("./P?list=Struct", "x"), 405),
        (put("./P/Fixed?list=Struct", "x"), 405),
        (Delete((Item(Location("./P/Dir?list=Struct")),)), 405),
    ],
)
def test_each_property_takes_its_own_commands(command: Command, code: int):
    assert only(command).code == code


@pytest.mark.clause("T2-04", "P7-09", "T4-04", "P7-25")
@pytest.mark.parametrize(
    ("uri", "name", "code"),
    [
        ("./P/Dir", "New", 200),
        ("./P/Dir", "Dir", 200),
        ("./P/Dir/Leaf", "Sub", 418),
        ("./P/Dir", "Fixed", 418),
        ("./P/Fixed", "New", 405),
        ("./P", "New", 405),
        (".", "New", 405),
        ("./P/Odd", "New", 405),
        ("./P/Busy", "New", 403),
        ("./P/Dir", "", 400),
        ("./P/Dir", "..", 400),
        ("./P/Dir", "a/b", 400),
        ("./P/Dir", "x" * 11, 414),
    ],
)
def test_a_rename_by_the_book(uri: str, name: str, code: int):
    outcome = only(put(f"{uri}?prop=Name", name))
    assert outcome.code == code
    if code != 200:
        assert outcome.changes == ()


@pytest.mark.clause("T2-04", "P7-09")
def test_a_renamed_node_takes_all_beneath_it_along():
    outcome = only(put("./P/Dir?prop=Name", "New"))
    tree = changed(TREE, outcome.changes)
    moved = {uri: node for uri, node in TREE.items() if uri.startswith("./P/Dir")}
    assert {uri for uri in moved if uri in tree} == set()
    assert {f"./P/New{uri.removeprefix('./P/Dir')}": node for uri, node in moved.items()} == {
        uri: node for uri, node in tree.items() if uri.startswith("./P/New")
    }


@pytest.mark.clause("P7-25")
def test_no_rename_makes_an_address_that_is_too_long():
    caller = Caller("srv", Limits(depth_max=9, length_max=20, segment_max=18))
    rename = put("./P/Dir?prop=Name", "LongerName")
    (outcome,) = apply(TREE, rename, caller)  # ./P/LongerName fits, what is below does not
    assert (outcome.code, outcome.changes) == (414, ())


@pytest.mark.clause("T2-06")
def test_a_title_stays_with_its_node():
    tree = changed(TREE, only(put("./P/Dir/Leaf?prop=Title", "A leaf")).changes)
    tree = changed(tree, only(put("./P/Dir/Leaf", "new"), tree).changes)
    assert only(get("./P/Dir/Leaf?prop=Title"), tree).results[0].data == "A leaf"


@pytest.mark.clause("T2-03", "P7-27", "P7-33")
@pytest.mark.parametrize(
    ("uri", "meta", "data", "code", "kept"),
    [
        ("./P/Dir/Leaf", Meta("int"), "7", 200, ("int", "text/plain", "7")),
        ("./P/Dir/Leaf", Meta("xml", "text/xml"), "<a/>", 200, ("xml", "text/xml", "<a/>")),
        ("./P/Dir/Leaf", Meta("b64"), "AAE=", 200, ("bin", "text/plain", b"\0\1")),
        ("./P/Dir/Leaf", None, "x", 200, ("chr", "text/plain", "x")),
        ("./P/Dir/Sub/Octets", Meta("chr"), "text", 200, ("chr", "", "text")),
        ("./P/Dir/Leaf", Meta("int"), "seven", 415, None),
        ("./P/Dir/Leaf", Meta("node"), "x", 415, None),
        ("./P/Dir/Leaf", Meta("weird"), "x", 415, None),
        ("./P/Fixed", Meta("int"), "7", 415, None),
        ("./P/Fixed", Meta("chr", "text/html"), "x", 200, ("chr", "text/plain", "x")),
    ],
)
def test_only_a_dynamic_leaf_takes_another_format(uri, meta, data, code, kept):
    outcome = only(Replace((Item(Location(uri), meta=meta, data=data),)))
    assert outcome.code == code
    node = changed(TREE, outcome.changes)[uri]
    if kept is None:
        assert node == TREE[uri]
    else:
        assert (node.format, node.type, node.value) == kept
