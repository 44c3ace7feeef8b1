"""Rights on random trees, against an oracle that is written the other way round.

The program asks, for one command, up the tree. The oracle builds from the root down, once for the
whole tree, the set of all (node, verb, server) that are allowed.
"""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fumo.dm.message import Add, Command, Delete, Exec, Get, Item, Location, Meta, Replace
from fumo.tree import acl
from fumo.tree.apply import apply, changed
from fumo.tree.node import Caller, Node, Tree, Verb

SERVERS = ("ann", "bob", "eve")
NAMES = ("A", "B")
EVERYTHING = frozenset(Verb)

ids = st.just("*") | st.lists(st.sampled_from(SERVERS), min_size=1, unique=True).map("+".join)
lists = st.dictionaries(st.sampled_from([v.value for v in Verb]), ids).map(
    lambda acl: "&".join(f"{verb}={who}" for verb, who in acl.items())
)
Allowed = set[tuple[str, str, str]]


@st.composite
def trees(draw) -> Tree:
    """Interior nodes three deep at most, leaves at their ends, a list here and there."""
    tree = {".": Node("node", access=EVERYTHING, acl=draw(lists))}
    level = ["."]
    for depth in range(3):
        uris = [f"{above}/{name}" for above, name in product(level, NAMES) if draw(st.booleans())]
        for uri in uris:
            format_ = "node" if depth < 2 and draw(st.booleans()) else "chr"
            list_ = draw(st.just("") | lists)
            tree[uri] = Node(format_, "", "", EVERYTHING, permanent=False, acl=list_)
        level = [uri for uri in uris if tree[uri].format == "node"]
    return tree


def allowed(tree: Tree) -> Allowed:
    """The oracle: every list, spelled out for every node it holds for."""
    held: dict[str, str] = {}
    for uri in sorted(tree, key=lambda one: one.count("/")):
        above = uri.rpartition("/")[0]
        held[uri] = tree[uri].acl or held.get(above) or "Add=*&Get=*"
    found: Allowed = set()
    for uri, text in held.items():
        for part in text.split("&"):
            verb, who = part.split("=")
            names = SERVERS if who == "*" else who.split("+")
            found |= {(uri, verb, name) for name in names}
    return found


def may(can: Allowed, tree: Tree, uri: str, verb: str, server: str) -> bool:
    """What a command needs, in the words of the standard."""
    above = uri.rpartition("/")[0] or "."
    if verb == "ACL":
        interior = tree[uri].format == "node"
        own = interior and (uri, "Replace", server) in can
        return own or (above, "Replace", server) in can
    return (uri, verb, server) in can


def command(uri: str, verb: str) -> Command:
    item = Item(Location(uri), data="x")
    match verb:
        case "Get":
            return Get((item,))
        case "Replace":
            return Replace((item,))
        case "Delete":
            return Delete((item,))
        case "Exec":
            return Exec((item,))
        case "Add":
            return Add((Item(Location(f"{uri}/New"), data="x"),))
        case _:
            return Replace((Item(Location(f"{uri}?prop=ACL"), data="Add=*&Get=ann"),))


@pytest.mark.clause("C-ACL", "T3-03", "T3-06", "P7-14")
@settings(max_examples=150, deadline=None)
@given(trees())
def test_a15_every_command_is_425_just_where_the_oracle_says_so(tree: Tree):
    can = allowed(tree)
    for uri, server in product(tree, SERVERS):
        for verb in (*(one.value for one in Verb), "ACL"):
            (outcome,) = apply(tree, command(uri, verb), Caller(server))
            denied = outcome.code == 425
            assert denied is not may(can, tree, uri, verb, server), (uri, server, verb)
            if denied:
                assert (outcome.changes, outcome.results, outcome.executed) == ((), (), None)


@pytest.mark.clause("T3-07", "C-ACL")
@settings(max_examples=80, deadline=None)
@given(trees(), st.sampled_from(SERVERS))
def test_who_makes_a_node_can_manage_it_and_nobody_else_loses_a_right(tree: Tree, server: str):
    can = allowed(tree)
    for uri in [one for one in tree if tree[one].format == "node"]:
        made = Add((Item(Location(f"{uri}/New"), meta=Meta("node")),))
        (outcome,) = apply(tree, made, Caller(server))
        if outcome.code != 200:
            continue
        now = allowed(changed(tree, outcome.changes))
        assert (f"{uri}/New", "Add", server) in now
        if (uri, "Replace", server) not in can:
            assert (f"{uri}/New", "Delete", server) in now
            assert (f"{uri}/New", "Replace", server) in now
        assert {(f"{uri}/New", *rest) for where, *rest in can if where == uri} <= now


@pytest.mark.clause("T3-09")
@settings(max_examples=80, deadline=None)
@given(trees(), st.sampled_from(SERVERS))
def test_stripped_of_a_server_no_list_names_it(tree: Tree, server: str):
    left = dict(tree) | acl.stripped(tree, server)
    for uri, node in left.items():
        assert acl.parse(node.acl) is not None
        assert server not in node.acl.replace("&", "+").replace("=", "+").split("+")
        if server not in tree[uri].acl:
            assert node == tree[uri]
