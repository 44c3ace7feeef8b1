"""Access control lists: their grammar, what is inherited, who changes them (DM TND §7.7.1)."""

import pytest

from fumo.dm.message import Add, Command, Copy, Delete, Exec, Get, Item, Location, Meta, Replace
from fumo.tree import acl
from fumo.tree.apply import apply, changed
from fumo.tree.node import Caller, Node, Outcome, Tree, Verb

OWNER, GUEST, STRANGER = Caller("owner"), Caller("guest"), Caller("stranger")
ALL = frozenset(Verb)


def node(format_: str = "node", list_: str = "", value: str = "", permanent: bool = False) -> Node:
    return Node(format_, value, "", ALL, permanent=permanent, acl=list_)


TREE: Tree = {
    ".": node(list_="Add=*&Get=*", permanent=True),
    "./A": node(list_="Add=owner&Delete=owner&Exec=owner&Get=owner+guest&Replace=owner"),
    "./A/Leaf": node("chr", value="a"),
    "./A/Own": node("chr", "Get=*&Replace=guest", "o"),
    "./A/In": node(list_="Get=owner&Replace=guest"),
    "./A/In/Deep": node("chr", value="d"),
    "./B": node(),
    "./B/Leaf": node("chr", value="b"),
}


def item(uri: str, data: str | None = None, meta: Meta | None = None) -> Item:
    return Item(target=Location(uri), meta=meta, data=data)


def get(uri: str) -> Get:
    return Get((item(uri),))


def put(uri: str, data: str) -> Replace:
    return Replace((item(uri, data),))


def add(uri: str, format_: str = "chr") -> Add:
    return Add((item(uri, "" if format_ == "chr" else None, Meta(format_)),))


def only(command: Command, caller: Caller = OWNER, tree: Tree = TREE) -> Outcome:
    (outcome,) = apply(tree, command, caller)
    return outcome


def after(command: Command, caller: Caller = OWNER, tree: Tree = TREE) -> Tree:
    outcome = only(command, caller, tree)
    assert outcome.code == 200
    return changed(tree, outcome.changes)


@pytest.mark.clause("T3-01")
@pytest.mark.parametrize(
    ("text", "again"),
    [
        ("", ""),
        ("Get=*", "Get=*"),
        ("Replace=b+a&Add=*", "Add=*&Replace=a+b"),
        ("Get=www.sonera.fi-8765+ä", "Get=www.sonera.fi-8765+ä"),
        ("Add=a&Delete=a&Exec=a&Get=a&Replace=a", "Add=a&Delete=a&Exec=a&Get=a&Replace=a"),
    ],
)
def test_a_list_is_written_one_way(text: str, again: str):
    read = acl.parse(text)
    assert read is not None
    assert acl.written(read) == again


@pytest.mark.clause("T3-01", "T3-02")
@pytest.mark.parametrize(
    "text",
    [
        "Get",
        "Get=",
        "Get=a+",
        "Get=+a",
        "Get=a b",
        "Get=a&Get=b",
        "Get=a&",
        "&Get=a",
        "get=a",
        "Copy=a",
        "Get=*+a",
        "Get=a=b",
        "Get=a\nb",
        " ",
    ],
)
def test_what_is_no_list_is_refused_and_the_old_one_stays(text: str):
    assert acl.parse(text) is None
    outcome = only(put("./A?prop=ACL", f"Get=owner&{text}" if text == " " else text))
    assert (outcome.code, outcome.changes) == (400, ())


@pytest.mark.clause("C-ACL", "T3-03", "P7-14")
@pytest.mark.parametrize(
    ("caller", "command", "code"),
    [
        (OWNER, get("./A/Leaf"), 200),
        (GUEST, get("./A/Leaf"), 200),
        (STRANGER, get("./A/Leaf"), 425),
        (STRANGER, get("./A/Leaf?prop=Name"), 425),
        (STRANGER, get("./A?list=Struct"), 425),
        (STRANGER, get("./B/Leaf"), 200),
        (OWNER, put("./A/Leaf", "x"), 200),
        (GUEST, put("./A/Leaf", "x"), 425),
        (OWNER, put("./B/Leaf", "x"), 425),
        (OWNER, put("./A/Own", "x"), 425),  # the whole list is the node's own: nothing is merged
        (GUEST, put("./A/Own", "x"), 200),
        (STRANGER, get("./A/Own"), 200),
        (OWNER, get("./A/In/Deep"), 200),
        (OWNER, put("./A/In/Deep", "x"), 425),
        (OWNER, add("./A/In/New"), 425),
        (OWNER, add("./A/New"), 200),
        (GUEST, add("./A/New"), 425),
        (STRANGER, add("./B/New"), 200),
        (GUEST, add("./A/In/X/Y"), 425),
        (OWNER, Delete((item("./A/Leaf"),)), 200),
        (OWNER, Delete((item("./A/In"),)), 425),
        (OWNER, Delete((item("./A"),)), 200),
        (GUEST, Delete((item("./A"),)), 425),
        (OWNER, Exec((item("./A"),)), 202),
        (GUEST, Exec((item("./A"),)), 425),
        (GUEST, put("./A/Leaf?prop=Title", "t"), 425),
        (GUEST, put("./A/Leaf?prop=Name", "t"), 425),
        (GUEST, get("./A/None"), 404),
    ],
)
def test_a_list_is_inherited_whole_and_without_a_right_it_is_425(caller, command, code: int):
    outcome = only(command, caller)
    assert outcome.code == code
    if code == 425:
        assert (outcome.changes, outcome.results, outcome.executed) == ((), (), None)


@pytest.mark.clause("T3-04")
def test_the_root_has_a_list_even_where_none_was_written():
    bare = {**TREE, ".": node()}
    assert only(get("./B/Leaf"), STRANGER, bare).code == 200
    assert only(put("./B/Leaf", "x"), STRANGER, bare).code == 425
    assert acl.effective({}, "./Anything") == acl.parse(acl.ROOT_LIST)


@pytest.mark.clause("T3-05")
def test_get_of_an_inherited_list_is_empty():
    assert only(get("./A/Leaf?prop=ACL")).results[0].data == ""
    assert only(get("./A/In?prop=ACL")).results[0].data == "Get=owner&Replace=guest"


@pytest.mark.clause("C-ACL", "T3-06")
@pytest.mark.parametrize(
    ("caller", "uri", "code"),
    [
        (OWNER, "./A", 200),  # interior: Replace on the node itself
        (GUEST, "./A/In", 200),
        (OWNER, "./A/In", 200),  # either kind: Replace on the parent
        (OWNER, "./A/Leaf", 200),
        (OWNER, "./A/Own", 200),
        (GUEST, "./A/Own", 425),  # Replace on a leaf is no key to its list
        (GUEST, "./A/In/Deep", 200),
        (OWNER, "./A/In/Deep", 425),
        (GUEST, "./A", 425),
        (OWNER, "./B", 425),
        (OWNER, ".", 425),
    ],
)
def test_who_may_change_a_list(caller: Caller, uri: str, code: int):
    assert only(put(f"{uri}?prop=ACL", "Get=*"), caller).code == code


@pytest.mark.clause("T3-08", "T2-02")
def test_a_list_is_replaced_whole():
    tree = after(put("./A?prop=ACL", " Replace=guest "))
    assert tree["./A"].acl == "Replace=guest"
    assert only(get("./A/Leaf"), OWNER, tree).code == 425
    emptied = after(put("./A?prop=ACL", ""), GUEST, tree)
    assert only(get("./A/Leaf"), STRANGER, emptied).code == 200


@pytest.mark.clause("T3-04")
def test_any_server_may_extend_the_root_for_ever():
    tree = {**TREE, ".": node(list_="Add=*&Get=*&Replace=owner")}
    assert only(put(".?prop=ACL", "Add=owner&Get=*"), OWNER, tree).code == 405
    assert only(put(".?prop=ACL", ""), OWNER, tree).code == 405
    assert only(put(".?prop=ACL", "Add=*"), OWNER, tree).code == 200


def test_a_list_is_bounded():
    long = "Get=" + "+".join(f"server{n}" for n in range(1000))
    assert only(put("./A?prop=ACL", long)).code == 413


@pytest.mark.clause("T3-07")
@pytest.mark.parametrize("uri", ["./A/New", "./B/New"])
def test_a_new_leaf_inherits(uri: str):
    assert after(add(uri))[uri].acl == ""


@pytest.mark.clause("T3-07", "C-ACL")
def test_who_makes_a_node_it_could_not_manage_gets_the_rights_to_manage_it():
    assert after(add("./A/New", "node"))["./A/New"].acl == ""
    tree = after(add("./B/New", "node"), STRANGER)
    assert tree["./B/New"].acl == "Add=*&Delete=stranger&Get=*&Replace=stranger"
    assert only(add("./B/New/Leaf"), STRANGER, tree).code == 200
    assert only(Delete((item("./B/New"),)), STRANGER, tree).code == 200
    assert only(Delete((item("./B/New"),)), GUEST, tree).code == 425
    narrow = {**TREE, "./B": node(list_="Add=stranger+guest&Get=stranger")}
    made = after(add("./B/New", "node"), STRANGER, narrow)["./B/New"].acl
    assert made == "Add=guest+stranger&Delete=stranger&Get=stranger&Replace=stranger"


def test_parents_made_on_the_way_inherit():
    tree = after(add("./B/X/Y", "node"), STRANGER)
    assert (tree["./B/X"].acl, tree["./B/X/Y"].acl) == ("", "")


def test_a_server_that_no_list_can_name_gets_nothing_of_its_own():
    assert after(add("./B/New", "node"), Caller("a b"))["./B/New"].acl == ""


@pytest.mark.clause("T3-09")
def test_a_server_that_is_removed_leaves_every_list():
    tree = {
        ".": node(list_="Add=gone&Get=*"),
        "./A": node(list_="Add=gone+stays&Delete=gone&Get=stays"),
        "./B": node(list_="Get=gone"),
        "./C": node(list_="Get=stays"),
        "./D": node(),
    }
    left = tree | acl.stripped(tree, "gone")
    assert {uri: one.acl for uri, one in left.items()} == {
        ".": "Add=*&Get=*",
        "./A": "Add=stays&Get=stays",
        "./B": "",
        "./C": "Get=stays",
        "./D": "",
    }
    assert list(acl.stripped(tree, "gone")) == [".", "./A", "./B"]


@pytest.mark.clause("T3-11")
@pytest.mark.parametrize(
    ("caller", "source", "target", "code"),
    [
        (OWNER, "./A/Leaf", "./A/New", 200),
        (GUEST, "./A/Leaf", "./A/Own", 200),
        (GUEST, "./A/Leaf", "./A/New", 425),
        (OWNER, "./A/Leaf", "./A/Own", 425),
        (STRANGER, "./A/Leaf", "./B/New", 425),
        (STRANGER, "./A/Own", "./B/New", 200),
    ],
)
def test_copy_needs_get_there_and_add_or_replace_here(caller, source, target, code: int):
    copied = Item(target=Location(target), source=Location(source))
    assert only(Copy((copied,)), caller).code == code


@pytest.mark.clause("P8-05")
@pytest.mark.parametrize("kind", ["Struct", "StructData"])
def test_what_may_not_be_read_is_in_no_list(kind: str):
    listed = [i.source.uri for i in only(get(f"./A?list={kind}"), GUEST).results if i.source]
    assert listed == ["./A", "./A/Leaf", "./A/Own"]


def test_names_are_compared_as_they_are():
    assert only(get("./A/Leaf"), Caller("Owner")).code == 425
    assert only(get("./A/Leaf"), Caller("*")).code == 425
