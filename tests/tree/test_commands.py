"""What each command gets on each kind of node (DM RepPro §6.6, §10)."""

import pytest

from fumo.dm.message import (
    Add,
    Atomic,
    Command,
    Copy,
    Delete,
    Exec,
    Get,
    Item,
    Location,
    Meta,
    Replace,
    Unknown,
)
from fumo.tree.apply import apply, changed
from fumo.tree.node import Caller, Node, Outcome, Tree, Verb

CALLER = Caller("srv")
ALL = frozenset(Verb)
OPEN = frozenset({Verb.GET, Verb.ADD, Verb.REPLACE, Verb.DELETE})
TREE: Tree = {
    ".": Node("node", acl="&".join(f"{verb}=*" for verb in Verb)),
    "./Obj": Node("node", "", "urn:x:mo:1.0", ALL),
    "./Obj/Text": Node("chr", "hello", access=ALL),
    "./Obj/Number": Node("int", "7", access=ALL),
    "./Obj/Octets": Node("bin", b"\0\xff", "application/octet-stream", ALL),
    "./Obj/Flag": Node("bool", "false", access=ALL),
    "./Obj/Fixed": Node("chr", "x"),
    "./Obj/Secret": Node("chr", "s3cret", access=frozenset({Verb.REPLACE})),
    "./Obj/Busy": Node("chr", "", access=ALL, locked=True),
    "./Obj/Go": Node("node", "", "", frozenset({Verb.GET, Verb.EXEC})),
    "./Obj/Ext": Node("node", "", "", OPEN),
    "./Obj/Ext/Old": Node("chr", "o", access=OPEN, permanent=False),
    "./Obj/Ext/Deep": Node("node", "", "", OPEN, permanent=False),
    "./Obj/Ext/Deep/Leaf": Node("chr", "l", access=frozenset(), permanent=False),
    "./Obj/Empty": Node("node"),
}


def item(uri: str, data: str | bytes | None = None, meta: Meta | None = None) -> Item:
    return Item(target=Location(uri), meta=meta, data=data)


def get(uri: str) -> Get:
    return Get((item(uri),))


def put(uri: str, data: str | bytes | None, format_: str | None = None) -> Replace:
    return Replace((item(uri, data, Meta(format=format_) if format_ else None),))


def only(command: Command) -> Outcome:
    (outcome,) = apply(TREE, command, CALLER)
    return outcome


def after(command: Command) -> Tree:
    tree = TREE
    for outcome in apply(TREE, command, CALLER):
        tree = changed(tree, outcome.changes)
    return tree


@pytest.mark.clause("C-CMD", "P8-08", "P3-09")
@pytest.mark.parametrize(
    ("uri", "data", "meta"),
    [
        ("./Obj/Text", "hello", None),
        ("Obj/Number/", "7", Meta(format="int")),
        ("./Obj/Octets", b"\0\xff", Meta(format="bin", type="application/octet-stream")),
        ("./Obj/Go", "", Meta(format="node")),
        ("./Obj/Ext", "Old/Deep", Meta(format="node")),
        (".", "Obj", Meta(format="node")),
    ],
)
def test_get_gives_a_value_or_the_names_of_children(uri: str, data: str, meta: Meta | None):
    outcome = only(get(uri))
    assert outcome.code == 200
    assert [(i.data, i.meta) for i in outcome.results] == [(data, meta)]


@pytest.mark.clause(
    "C-CMD",
    "P7-03",
    "P7-04",
    "P7-06",
    "P7-08",
    "P7-10",
    "P7-13",
    "P7-25",
    "P8-07",
    "T4-04",
    "P7-01",
    "P7-26",
    "P7-27",
    "T4-01",
)
@pytest.mark.parametrize(
    ("command", "code"),
    [
        (get("./Obj/None"), 404),
        (get("./Obj/Secret"), 405),
        (get("./Obj/Secret?prop=Name"), 405),
        (get("./Obj/Text?prop=TStamp"), 406),
        (get("./Obj/Text?prop=VerNo"), 406),
        (get("./Obj/Text?prop=Flavour"), 406),
        (get("./Obj/Ext?prop=Size"), 406),
        (get("./Obj?list=TNDS"), 200),
        (get("./Obj?list=Leaves"), 406),
        (get("./Obj//Text"), 400),
        (get("./" + "x" * 1000), 414),
        (Get((Item(),)), 412),
        (Get(()), 412),
        (put("./Obj/Text", "new"), 200),
        (put("./Obj/Text", "new", "chr"), 200),
        (put("./Obj/Text", "5", "int"), 415),
        (put("./Obj/Text", None), 412),
        (put("./Obj/None", "new"), 404),
        (put("./Obj/Fixed", "new"), 405),
        (put("./Obj/Ext", "new"), 405),
        (put("./Obj/Text?prop=Format", "int"), 405),
        (put("./Obj/Busy", "new"), 403),
        (put("./Obj/Secret", "new"), 200),
        (put("./Obj/Number", "-12"), 200),
        (put("./Obj/Number", "many"), 415),
        (put("./Obj/Number", "2147483648"), 415),
        (put("./Obj/Octets", "no base64!", "b64"), 415),
        (put("./Obj/Octets", "AAEC", "chr"), 415),
        (put("./Obj/Text", b"raw", "chr"), 200),
        (put("./Obj/Text", b"\xff", "chr"), 415),
        (put("./Obj/Flag", "true"), 200),
        (put("./Obj/Flag", "perhaps"), 415),
        (put("./Obj/Octets", "x" * 1_500_000), 413),
        (put("./Obj/Octets", b"x" * 1_500_000), 413),
        (Replace((Item(Location("./Obj/Octets"), data=b"x", more_data=True),)), 413),
        (Add((item("./Obj/Ext/New", "v"),)), 200),
        (Add((item("./Obj/Ext/New", "v", Meta("weird")),)), 415),
        (Add((item("./Obj/Ext/New", "v", Meta("int")),)), 415),
        (Add((item("./Obj/Ext/Old", "v"),)), 418),
        (Add((item("./Obj/Ext/Dir", None, Meta("node", "urn:x:1.0")),)), 200),
        (Add((item("./Obj/Ext/Empty"),)), 200),
        (Add((item("./Obj/Busy/New", "v"),)), 405),
        (Add((item("./Obj/Ext/A/B/C", "v"),)), 200),
        (Add((item("./New", "v"),)), 405),
        (Add((item("./Obj/Text/New", "v"),)), 405),
        (Add((item("./Obj/Empty/New", "v"),)), 405),
        (Add((item("./Obj/Ext/New?prop=Name", "v"),)), 405),
        (Delete((item("./Obj/Ext/Old"),)), 200),
        (Delete((item("./Obj/Ext/None"),)), 404),
        (Delete((item("./Obj/Text"),)), 405),
        (Delete((item("."),)), 405),
        (Delete((item("./Obj/Ext/Deep/Leaf"),)), 405),
        (Exec((item("./Obj/None"),)), 404),
        (Exec((item("./Obj/Fixed"),)), 405),
        (Exec((item("./Obj/Go?prop=Name"),)), 405),
        (Exec(()), 412),
        (Exec((item("./Obj/Go"), item("./Obj/Go"))), 400),
        (Copy((item("./Obj/Text"),)), 412),
        (Atomic((get("./Obj/Text"),)), 406),
        (Unknown("Search"), 406),
        (Unknown("Surprise"), 400),
    ],
)
def test_a_command_gets_the_status_of_the_standard(command: Command, code: int):
    assert {int(outcome.code) for outcome in apply(TREE, command, CALLER)} == {code}


def test_a_refused_command_changes_nothing():
    for command in (put("./Obj/Fixed", "x"), Delete((item("./Obj/Text"),)), put("./Obj/Busy", "")):
        assert after(command) == TREE


@pytest.mark.clause("T4-02")
def test_base64_becomes_the_octets_it_stands_for():
    tree = after(put("./Obj/Octets", "AAEC\n Aw==", "b64"))
    assert tree["./Obj/Octets"].value == b"\0\1\2\3"


@pytest.mark.clause("P7-05")
def test_implicit_parents_are_made_as_interior_nodes():
    tree = after(Add((item("./Obj/Ext/A/B/C", "v"),)))
    assert [tree[f"./Obj/Ext/{x}"].format for x in ("A", "A/B", "A/B/C")] == ["node", "node", "chr"]


@pytest.mark.clause("P7-11")
def test_a_subtree_goes_whole_whatever_its_leaves_allow():
    tree = after(Delete((item("./Obj/Ext/Deep"),)))
    assert sorted(set(TREE) - set(tree)) == ["./Obj/Ext/Deep", "./Obj/Ext/Deep/Leaf"]


def test_nothing_in_use_is_deleted_from_above():
    busy = {**TREE, "./Obj/Ext/Deep/Leaf": Node(access=ALL, permanent=False, locked=True)}
    (outcome,) = apply(busy, Delete((item("./Obj/Ext/Deep"),)), CALLER)
    assert outcome.code == 403


@pytest.mark.clause("C-CMD", "C05")
def test_exec_is_handed_to_the_owner_of_the_node():
    outcome = only(Exec((item("./Obj/Go", "argument"),), correlator=" 42 "))
    assert outcome.executed is not None
    assert (outcome.executed.uri, outcome.executed.data) == ("./Obj/Go", "argument")
    assert outcome.executed.correlator == " 42 "


@pytest.mark.clause("C-CMD", "T2-01", "T2-03")
@pytest.mark.parametrize(
    ("uri", "value"),
    [
        ("./Obj?prop=Type", "urn:x:mo:1.0"),
        ("./Obj/Text?prop=Type", "text/plain"),
        ("./Obj/Text?prop=Format", "chr"),
        ("./Obj?prop=Format", "node"),
        ("./Obj/Text?prop=Name", "Text"),
        ("./Obj/Text?prop=Size", "5"),
        ("./Obj/Octets?prop=Size", "2"),
    ],
)
def test_properties_are_plain_strings_by_their_own_address(uri: str, value: str):
    (result,) = only(get(uri)).results
    assert (result.source and result.source.uri, result.data, result.meta) == (uri, value, None)


@pytest.mark.clause("C-CMD", "P8-01")
def test_struct_lists_every_readable_node_with_its_type_and_no_data():
    results = only(get("./Obj?list=Struct")).results
    listed = {i.source.uri: i for i in results if i.source}
    assert "./Obj/Secret" not in listed
    assert set(listed) == {u for u in TREE if u.startswith("./Obj")} - {
        "./Obj/Secret",
        "./Obj/Ext/Deep/Leaf",
    }
    assert listed["./Obj"].meta == Meta(format="node", type="urn:x:mo:1.0")
    assert listed["./Obj/Text"].meta is None
    assert {i.data for i in results} == {None}


@pytest.mark.clause("P8-02")
def test_struct_data_adds_the_values_of_leaves():
    results = only(get("./Obj?list=StructData")).results
    values = {i.source.uri: i.data for i in results if i.source}
    assert (values["./Obj/Text"], values["./Obj"]) == ("hello", None)


@pytest.mark.clause("P7-28")
def test_items_of_one_command_see_what_the_earlier_ones_did():
    made = Add((item("./Obj/Ext/N", "1"), item("./Obj/Ext/N", "2"), item("./Obj/Ext/M", "3")))
    assert [int(o.code) for o in apply(TREE, made, CALLER)] == [200, 418, 200]


def test_a_commands_meta_speaks_for_items_without_one():
    command = Replace((item("./Obj/Octets", "AQI="),), meta=Meta(format="b64"))
    (outcome,) = apply(TREE, command, CALLER)
    assert outcome.changes[0].node == Node("bin", b"\1\2", "application/octet-stream", ALL)


def test_a_status_names_the_item_as_the_peer_wrote_it():
    assert only(get("Obj/Text/")).target == "Obj/Text/"
