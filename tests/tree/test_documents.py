"""Whole subtrees as documents: listed, added, replaced, and put into the Inbox."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace as with_

from fumo.codes import ManagementObject
from fumo.dm import WBXML, XML, Message, decode, encode
from fumo.dm.documents import TNDS_WBXML, TNDS_XML
from fumo.dm.message import Add, Get, Header, Item, Location, Meta, Replace, Results
from fumo.dm.tnds import TndsNode, TndsTree, decode_tnds, encode_tnds
from fumo.tree.apply import apply, changed
from fumo.tree.node import Caller, Node, Outcome, Tree, Verb
from fumo.tree.uri import Limits
from fumo.tree.values import DYNAMIC
from tests.dm.strategies import exact

ALL = frozenset(Verb)
EVERYBODY = "&".join(f"{verb}=*" for verb in Verb)
CALLER = Caller("srv")


def dynamic(format_: str, value: str | bytes = "", type_: str = "text/plain", **more: object):
    """A node that a server may have made."""
    return Node(format_, value, type_, DYNAMIC, permanent=False, **more)


TREE: Tree = {
    ".": Node("node", access=ALL, acl=EVERYBODY),
    "./Mail": dynamic("node", type_="com.x/1.0/Mail", acl="Add=*&Get=*&Replace=*"),
    "./Mail/Name": dynamic("chr", "private", title="shown"),
    "./Mail/Pop": dynamic("node", type_=""),
    "./Mail/Pop/Port": dynamic("int", "110"),
    "./Mail/Pop/Key": dynamic("bin", b"\0\xff", "application/octet-stream"),
    "./Mail/Secret": Node("chr", "s", access=frozenset({Verb.REPLACE}), permanent=False),
    "./Mail/Foreign": dynamic("chr", "f", acl="Get=other"),
    "./Fixed": Node("node", access=ALL),
    "./Busy": dynamic("node", type_="", locked=True),
    "./Guarded": dynamic("node", type_="", acl="Get=*&Add=other&Replace=other"),
    "./Text": dynamic("chr", "hello"),
    "./Frozen": Node("node", permanent=False),
    "./Inbox": Node("node", "", ManagementObject.INBOX, frozenset()),
    "./DMAcc": Node("node", access=ALL),
    "./DMAcc/Server": Node("node", type=ManagementObject.DM_ACC),
}
OPEN = dynamic("node", type_="", acl=EVERYBODY)
POP = TndsNode(
    "Pop",
    format="node",
    type="",
    children=(
        TndsNode("Port", format="int", type="text/plain", value="110"),
        TndsNode("Key", format="bin", type="application/octet-stream", value=b"\0\xff"),
    ),
)
MAIL = TndsNode(
    "Mail",
    acl="Add=*&Get=*&Replace=*",
    format="node",
    type="com.x/1.0/Mail",
    children=(
        TndsNode("Name", format="chr", title="shown", type="text/plain", value="private"),
        POP,
    ),
)


def one(command: Add | Replace | Get, tree: Tree = TREE, caller: Caller = CALLER) -> Outcome:
    """What a command of one Item gives."""
    (outcome,) = apply(tree, command, caller)
    return outcome


def item(uri: str, *nodes: TndsNode, form: str = TNDS_XML) -> Item:
    """A document for a node."""
    data = encode_tnds(TndsTree(nodes), form)
    return Item(Location(uri), meta=Meta("xml", form), data=data)


def add(uri: str, *nodes: TndsNode, form: str = TNDS_XML) -> Add:
    return Add((item(uri, *nodes, form=form),))


def replace(uri: str, *nodes: TndsNode) -> Replace:
    return Replace((item(uri, *nodes),))


def listed(uri: str, tree: Tree = TREE) -> TndsNode:
    """The document that a list gives."""
    outcome = one(Get((Item(Location(uri)),)), tree)
    (found,) = outcome.results
    assert (outcome.code, found.meta and found.meta.format) == (200, "xml")
    (node,) = decode_tnds(found.data, found.meta.type).nodes
    return node


# --- lists ------------------------------------------------------------------------------------


@pytest.mark.clause("P8-03", "P8-05", "C-CMD-02")
def test_a_list_is_one_document_of_all_that_the_caller_may_read():
    assert listed("./Mail?list=TNDS") == MAIL


@pytest.mark.clause("P8-04")
@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("TNDS+Format", TndsNode("Pop", format="node")),
        ("TNDS-Value-Format-ACL-Title-Type", TndsNode("Pop")),
        ("TNDS+TStamp", TndsNode("Pop")),
    ],
)
def test_named_properties_come_alone_or_are_left_out(asked: str, expected: TndsNode):
    assert with_(listed(f"./Mail/Pop?list={asked}"), children=()) == expected


@pytest.mark.clause("P8-04")
@pytest.mark.parametrize("sign", ["+", "%2B", "%2b"])
def test_octets_bring_their_format_or_nobody_could_read_them(sign: str):
    port, key = listed(f"./Mail/Pop?list=TNDS{sign}Value").children
    assert (port, key) == (
        TndsNode("Port", value="110"),
        TndsNode("Key", format="bin", value=b"\0\xff"),
    )


@pytest.mark.clause("P8-04")
@pytest.mark.parametrize(
    "asked", ["TNDS+Value-ACL", "TNDS-Value+ACL", "TNDS+Colour", "TNDSx", "TNDS+", "tnds", "Tree"]
)
def test_a_list_that_is_none_is_not_supported(asked: str):
    assert one(Get((Item(Location(f"./Mail?list={asked}")),))).code == 406


def test_the_whole_tree_and_a_leaf_can_be_listed():
    assert [node.name for node in listed(".?list=TNDS").children][:2] == ["Mail", "Fixed"]
    assert listed("./Text?list=TNDS").value == "hello"


def test_what_xml_cannot_carry_comes_as_wbxml():
    outcome = one(
        Get((Item(Location("./Text?list=TNDS")),)), {**TREE, "./Text": dynamic("chr", "\x01")}
    )
    (found,) = outcome.results
    assert found.meta == Meta("xml", TNDS_WBXML)
    assert decode_tnds(found.data).nodes[0].value == "\x01"


@pytest.mark.clause("T6-06", "P8-03")
@pytest.mark.parametrize("form", [XML, WBXML])
def test_a_list_travels_in_the_form_of_its_message(form: str):
    results = one(Get((Item(Location("./Mail?list=TNDS")),))).results
    header = Header("1", 1, Location("a"), Location("b"))
    message = decode(encode(Message(header, (Results(1, 1, results),)), form), form)
    (found,) = message.commands[0].items
    assert found.meta.type == (TNDS_XML if form == XML else TNDS_WBXML)
    assert decode_tnds(found.data, found.meta.type).nodes == (MAIL,)


# --- Add --------------------------------------------------------------------------------------


def grown(outcome: Outcome, tree: Tree = TREE) -> dict[str, Node]:
    """The nodes that are new, or not as they were."""
    assert outcome.code == 200
    after = changed(tree, outcome.changes)
    return {uri: node for uri, node in after.items() if tree.get(uri) != node}


@pytest.mark.clause("T6-04", "T6-02", "C-CMD-02")
@pytest.mark.parametrize("form", [TNDS_XML, TNDS_WBXML])
def test_a_whole_subtree_is_added_by_one_command(form: str):
    node = with_(MAIL, name="New")
    made = grown(one(add("./New", node, form=form)))
    assert listed("./New?list=TNDS", {**TREE, **made}) == node
    assert list(made) == ["./New", "./New/Name", "./New/Pop", "./New/Pop/Port", "./New/Pop/Key"]


@pytest.mark.clause("T6-03")
@pytest.mark.parametrize(
    ("at", "name", "path", "where"),
    [
        ("./A", "A", None, "./A"),
        ("./A", "", None, "./A"),
        ("./A", None, None, "./A"),
        ("./A", "B", None, "./A/B"),
        ("./A", "A", "X", "./A/X/A"),
        ("./A", "B", "./X/Y/", "./A/X/Y/B"),
        ("./A", "", "X", "./A/X"),
        (".", "B", None, "./B"),
        ("./Fixed", "B", "", "./Fixed/B"),
    ],
)
def test_addresses_count_from_the_target(at: str, name: str | None, path: str | None, where: str):
    made = grown(one(add(at, TndsNode(name, path, format="chr", value="x"))))
    assert made[where].value == "x"
    assert all(node.interior for uri, node in made.items() if uri != where)


@pytest.mark.clause("T6-02", "T6-03")
def test_a_tree_may_go_on_elsewhere_by_path():
    rest = TndsNode("Port", "Pop", format="int", value="1")
    made = grown(one(add("./A", rest, TndsNode("A", children=(TndsNode("Pop"),)))))
    assert list(made) == ["./A", "./A/Pop", "./A/Pop/Port"]


@pytest.mark.clause("T6-01")
def test_what_a_document_does_not_say_has_its_default():
    made = grown(one(add("./A", TndsNode("A", children=(TndsNode("L", value="x"),)))))
    assert (made["./A"].format, made["./A"].type) == ("node", "")
    assert (made["./A/L"].format, made["./A/L"].type) == ("chr", "text/plain")


@pytest.mark.clause("T6-04", "C-ACL")
def test_the_documents_own_lists_do_not_keep_its_nodes_out():
    node = TndsNode("A", acl="Get=*", children=(TndsNode("L", acl="Get=me", value="x"),))
    made = grown(one(add("./A", node)))
    assert (made["./A"].acl, made["./A/L"].acl) == ("Get=*", "Get=me")


LEAF = TndsNode("L", value="x")
REFUSED = {
    "a node is there": (add("./Mail", TndsNode("Pop")), 418, "./Mail/Pop"),
    "a node comes twice": (add("./A", TndsNode("A", children=(LEAF, LEAF))), 418, "./A/L"),
    "no right to add": (add("./Guarded/A", LEAF), 425, "./Guarded/A/L"),
    "below a leaf": (add("./Text/A", LEAF), 405, "./Text/A/L"),
    "in use": (add("./Busy/A", LEAF), 403, "./Busy/A/L"),
    "a value of another format": (
        add("./A", TndsNode("A", children=(TndsNode("N", format="int", value="x"),))),
        415,
        "./A/N",
    ),
    "a list that is none": (add("./A", TndsNode("A", acl="Get=*&Get=*")), 400, "./A"),
    "a list too long": (add("./A", TndsNode("A", acl="Get=" + "x" * 5000)), 400, "./A"),
    "a title too long": (add("./A", TndsNode("A", title="x" * 256)), 413, "./A"),
    "a name too long": (add("./A", TndsNode("A", children=(TndsNode("x" * 65),))), 414, None),
    "a nameless node in another": (add("./A", TndsNode("A", children=(TndsNode(""),))), 400, "./A"),
    "a name that is a path": (add("./A", TndsNode("B/C")), 400, "./A"),
    "a way out": (add("./A", TndsNode("B", "../..")), 400, "./A"),
    "nodes in a leaf": (add("./A", TndsNode("A", format="chr", children=(LEAF,))), 405, "./A"),
}


@pytest.mark.clause("T6-04", "T6-07")
@pytest.mark.parametrize(("command", "code", "reason"), REFUSED.values(), ids=REFUSED)
def test_one_node_that_cannot_be_made_and_none_is(command: Add, code: int, reason: str | None):
    outcome = one(command)
    assert (outcome.code, outcome.changes) == (code, ())
    (named,) = outcome.items
    assert reason is None or named.target == Location(reason)


@pytest.mark.clause("T6-07")
@pytest.mark.parametrize(
    ("uri", "data", "code"),
    [
        ("./A", "<MgmtTree/>", 415),
        ("./A", "no document", 415),
        ("./A", None, 412),
        ("./A?list=TNDS", "<MgmtTree/>", 405),
        ("./A?prop=ACL", "<MgmtTree/>", 405),
    ],
)
def test_what_is_no_document_is_answered_and_changes_nothing(uri: str, data: str | None, code: int):
    bad = Item(Location(uri), meta=Meta("xml", TNDS_XML), data=data)
    outcome = one(Add((bad,)))
    assert (outcome.code, outcome.changes) == (code, ())


def test_a_part_of_a_document_is_not_taken_for_one():
    part = with_(item("./A", LEAF), more_data=True)
    assert one(Add((part,))).code == 413


def test_the_limits_of_addresses_hold_for_documents():
    deep = TndsNode("A", children=(TndsNode("B", children=(LEAF,)),))
    assert one(add("./A", deep), caller=Caller("srv", Limits(depth_max=3))).code == 200
    assert one(add("./A", deep), caller=Caller("srv", Limits(depth_max=2))).code == 414


# --- Replace ----------------------------------------------------------------------------------

BARE = {uri: node for uri, node in TREE.items() if uri not in ("./Mail/Secret", "./Mail/Foreign")}


@pytest.mark.clause("T6-05", "C-CMD-02")
def test_the_old_subtree_goes_and_the_new_one_comes():
    outcome = one(replace("./Mail", TndsNode("", children=(LEAF, with_(POP, children=())))))
    after = changed(TREE, outcome.changes)
    mine = {uri: node for uri, node in after.items() if uri.startswith("./Mail")}
    assert list(mine) == ["./Mail", "./Mail/Pop", "./Mail/L"]
    assert mine["./Mail"].acl == TREE["./Mail"].acl
    assert {uri: after.get(uri) for uri in TREE if not uri.startswith("./Mail")} == {
        uri: node for uri, node in TREE.items() if not uri.startswith("./Mail")
    }


@pytest.mark.clause("T6-05")
def test_a_subtree_replaced_by_its_own_list_is_as_it_was():
    outcome = one(replace("./Mail", listed("./Mail?list=TNDS", BARE)), BARE)
    assert changed(BARE, outcome.changes) == BARE


@pytest.mark.clause("T6-05")
def test_a_document_of_what_is_below_leaves_the_node_itself_as_it_was():
    after = changed(TREE, one(replace("./Mail", LEAF)).changes)
    assert after["./Mail"] == TREE["./Mail"]
    assert [uri for uri in after if uri.startswith("./Mail/")] == ["./Mail/L"]


@pytest.mark.clause("T6-05", "C-ACL")
def test_the_right_to_replace_is_enough_for_all_that_is_below():
    tree = {**TREE, "./Mine": dynamic("node", type_="", acl="Replace=srv")}
    node = TndsNode("Mine", acl="Get=*", children=(LEAF,))
    after = changed(tree, one(replace("./Mine", node), tree).changes)
    assert (after["./Mine"].acl, after["./Mine/L"].value) == ("Get=*", "x")


@pytest.mark.clause("T6-05", "C-ACL")
def test_a_leafs_own_list_is_no_key_to_it_for_documents_either():
    tree = {**TREE, "./Leaf": dynamic("chr", "x", acl="Replace=srv"), ".": with_(TREE["."], acl="")}
    node = TndsNode("Leaf", acl="Replace=*", format="chr", value="y")
    assert one(replace("./Leaf", node), tree).code == 425
    plain = with_(node, acl=None)
    assert changed(tree, one(replace("./Leaf", plain), tree).changes)["./Leaf"].value == "y"


KEPT = {
    "none is there": (replace("./None", LEAF), 404),
    "no right": (replace("./Guarded", LEAF), 425),
    "a permanent node": (replace("./Fixed", LEAF), 405),
    "a node that nobody replaces": (replace("./Frozen", LEAF), 405),
    "in use": (replace("./Busy", LEAF), 403),
    "the same node twice": (replace("./Mail", TndsNode(""), TndsNode("Mail")), 418),
    "nodes below a leaf": (replace("./Text", LEAF), 405),
    "the last node is wrong": (
        replace("./Mail", TndsNode("", children=(LEAF, TndsNode("N", format="int", value="x")))),
        415,
    ),
    "the node itself is wrong": (replace("./Text", TndsNode("", format="int", value="x")), 415),
    "no document": (
        Replace((Item(Location("./Mail"), meta=Meta("xml", TNDS_XML), data="x"),)),
        415,
    ),
    "a list of it": (replace("./Mail?list=TNDS", LEAF), 405),
}


@pytest.mark.clause("T6-05", "T6-07")
@pytest.mark.parametrize(("command", "code"), KEPT.values(), ids=KEPT)
def test_what_cannot_be_put_there_leaves_all_as_it_was(command: Replace, code: int):
    outcome = one(command)
    assert (outcome.code, outcome.changes) == (code, ())


# --- the Inbox --------------------------------------------------------------------------------


@pytest.mark.clause("T5-05", "T6-03")
@pytest.mark.parametrize(
    ("at", "name", "where"),
    [
        ("./Inbox", "Mine", "./DMAcc/Mine"),
        ("./Inbox/Mine", "", "./DMAcc/Mine"),
        ("./Inbox/Mine", None, "./DMAcc/Mine"),
        ("./Inbox/Mine", "Other", "./DMAcc/Mine"),
    ],
)
def test_what_comes_into_the_inbox_goes_to_its_kind(at: str, name: str | None, where: str):
    node = TndsNode(name, format="node", type=ManagementObject.DM_ACC, children=(LEAF,))
    assert list(grown(one(add(at, node)))) == [where, f"{where}/L"]


@pytest.mark.clause("T5-05")
@pytest.mark.parametrize(
    ("node", "code"),
    [
        (TndsNode("X", format="node", type="urn:unknown"), 405),
        (TndsNode("X", format="node"), 405),
        (TndsNode("", format="node", type=ManagementObject.DM_ACC), 400),
        (TndsNode("Server", format="node", type=ManagementObject.DM_ACC), 418),
    ],
)
def test_what_has_no_place_stays_out(node: TndsNode, code: int):
    assert one(add("./Inbox", node)).code == code


# --- any subtree ------------------------------------------------------------------------------

leaves = st.one_of(
    st.builds(
        TndsNode, format=st.just("chr"), type=st.sampled_from(["text/plain", "x/y"]), value=exact
    ),
    st.builds(TndsNode, format=st.just("bin"), type=st.just("x/y"), value=st.binary(max_size=20)),
)


def interiors(inner: st.SearchStrategy[TndsNode]) -> st.SearchStrategy[TndsNode]:
    """An interior node whose children have names of their own."""
    children = st.lists(inner, max_size=3).map(
        lambda nodes: tuple(with_(node, name=f"n{n}%? {n}") for n, node in enumerate(nodes))
    )
    return st.builds(
        TndsNode,
        acl=st.none() | st.just("Get=*"),
        format=st.just("node"),
        title=st.none() | st.just("called"),
        type=st.sampled_from(["", "urn:x"]),
        children=children,
    )


@pytest.mark.clause("T6-04", "T6-05", "P8-03")
@given(st.recursive(leaves, interiors, max_leaves=8), st.sampled_from([TNDS_XML, TNDS_WBXML]))
def test_any_subtree_is_listed_as_it_was_put_there(node: TndsNode, form: str):
    node = with_(node, name="New")
    tree = changed(TREE, one(add("./New", node, form=form)).changes)
    assert listed("./New?list=TNDS", tree) == node
    again = one(Replace((item("./New", node, form=form),)), {**tree, "./New": OPEN}).changes
    assert changed({**tree, "./New": OPEN}, again) == {
        **tree,
        "./New": tree["./New"] if node.acl else tree["./New"].with_list(EVERYBODY),
    }
