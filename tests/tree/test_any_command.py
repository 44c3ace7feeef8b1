"""Whatever a server says, a tree stays a tree, and what is refused changes nothing."""

from hypothesis import given, settings
from hypothesis import strategies as st

from fumo.codes import Status
from fumo.dm.message import (
    Add,
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
from fumo.tree.node import Caller, Node, Tree, Verb
from fumo.tree.uri import Limits, parent_of, parse, spelled, too_long

LIMITS = Limits(depth_max=5, length_max=48, segment_max=12)
EVERY = frozenset(Verb)
TREE: Tree = {
    ".": Node("node", access=EVERY, acl="Add=*&Delete=*&Exec=*&Get=*&Replace=*"),
    "./A": Node("node", access=EVERY),
    "./A/Fixed": Node("chr", "f"),
    "./A/Busy": Node("chr", access=EVERY, locked=True),
    "./A/Own": Node("node", access=EVERY, permanent=False, acl="Get=other"),
    "./B": Node("node", access=EVERY, permanent=False),
    "./B/Leaf": Node("int", "7", access=EVERY, permanent=False),
}
NAMES = st.sampled_from(["A", "B", "Leaf", "Own", "Fixed", "Busy", "New", "a b", "50%", "why?", ""])
PLACES = st.lists(NAMES, max_size=5).map(lambda names: "/".join([".", *map(spelled, names)]))
ASKING = st.sampled_from(["", "", "", "?prop=ACL", "?prop=Name", "?prop=Title", "?list=StructData"])
WHERE = st.tuples(PLACES, ASKING).map("".join) | st.text("./%?=Ab", max_size=12)
FORMATS = st.sampled_from([None, "chr", "int", "bin", "b64", "node", "x"])
METAS = st.none() | st.builds(Meta, FORMATS)
DATA = st.sampled_from([None, "", "7", "New", "A", "Get=me&Replace=me", "AAE=", "a/b", b"\0\xff"])
ITEMS = st.builds(
    Item,
    target=st.none() | WHERE.map(Location),
    source=st.none() | WHERE.map(Location),
    meta=METAS,
    data=DATA,
    more_data=st.sampled_from([False] * 9 + [True]),
)
COMMANDS: st.SearchStrategy[Command] = st.one_of(
    *(
        st.builds(kind, st.lists(ITEMS, max_size=3).map(tuple), meta=METAS)
        for kind in (Add, Replace, Replace, Copy, Delete, Get, Exec)
    ),
    st.just(Unknown("Surprise")),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(COMMANDS, max_size=12), st.sampled_from(["me", "other"]))
def test_a_tree_stays_a_tree(commands: list[Command], server: str):
    tree, caller = TREE, Caller(server, LIMITS)
    for command in commands:
        for outcome in apply(tree, command, caller):
            good = outcome.code == Status.OK
            assert good or not (outcome.changes or outcome.results)
            assert (outcome.executed is None) is (outcome.code != Status.ACCEPTED)
            tree = changed(tree, outcome.changes)
        for uri in tree:
            assert tree[parent_of(uri)].interior
            assert uri in TREE or not too_long(uri, LIMITS)
        fixed = {uri: node for uri, node in TREE.items() if node.permanent}
        assert {uri: (n.format, n.type, n.access) for uri, n in fixed.items()} == {
            uri: (tree[uri].format, tree[uri].type, tree[uri].access) for uri in fixed
        }
        assert tree["./A/Busy"].value == ""


LETTERS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6)


@settings(max_examples=200, deadline=None)
@given(st.lists(LETTERS, min_size=1))
def test_an_address_is_said_so_that_it_is_understood_again(names: list[str]):
    names = [name for name in names if name not in (".", "..") and not {"/", "\0"} & set(name)]
    uri = "/".join([".", *names])
    found = parse(spelled(uri), Limits(0, 0, 0))
    assert getattr(found, "uri", None) == uri
