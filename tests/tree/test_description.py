"""A tree's description (DDF): what it says is what the tree does."""

import pytest

from fumo.device.described import description
from fumo.dm.ddf import Ddf, DdfNode, decode_ddf, encode_ddf
from fumo.dm.documents import DDF_WBXML, DDF_XML
from fumo.dm.message import Add, Delete, Exec, Get, Item, Location, Meta, Replace
from fumo.tree.apply import apply
from fumo.tree.description import access_of, ddf_of, kind_of, tree_of
from fumo.tree.node import Caller, Node, Verb
from fumo.tree.objects import Description, dev_info, root
from fumo.tree.uri import ROOT

OURS = description("Example", "Meter", "Primary")
TREE = tree_of(OURS)
EVERYBODY = "&".join(f"{verb}=*" for verb in Verb)


def status(uri: str, verb: Verb) -> int:
    """What a command gets on a tree that keeps nobody out by its lists."""
    tree = {**TREE, ROOT: TREE[ROOT].with_list(EVERYBODY)}
    new, data = f"{uri}/new", "1" if tree[uri].format == "int" else ""
    commands = {
        Verb.ADD: Add((Item(Location(new), meta=Meta("chr"), data="x"),)),
        Verb.DELETE: Delete((Item(Location(uri)),)),
        Verb.EXEC: Exec((Item(Location(uri)),)),
        Verb.GET: Get((Item(Location(uri)),)),
        Verb.REPLACE: Replace((Item(Location(uri), data=data),)),
    }
    (outcome,) = apply(tree, commands[verb], Caller("srv"))
    return outcome.code


@pytest.mark.clause("T7-03")
@pytest.mark.parametrize("verb", Verb)
def test_what_the_description_allows_is_done_and_nothing_else(verb: Verb):
    for uri in TREE.keys() - {ROOT}:
        kind = kind_of(OURS, uri)
        allowed = kind is not None and verb in access_of(kind)
        assert (status(uri, verb) in (200, 202)) == allowed, uri


@pytest.mark.clause("T7-03")
@pytest.mark.parametrize("media_type", [DDF_XML, DDF_WBXML])
def test_the_description_of_a_tree_gives_the_tree_without_its_values(media_type: str):
    device = root() | dev_info(Description("IMEI:1"))
    ddf = decode_ddf(encode_ddf(ddf_of(device), media_type), media_type)
    again = tree_of(ddf)
    assert list(again) == list(device)
    for uri in device.keys() - {ROOT}:
        was, is_ = device[uri], again[uri]
        assert (is_.format, is_.type, is_.access) == (was.format, was.type, was.access)
        assert (is_.permanent, is_.value) == (was.permanent, "")


def test_a_node_that_a_server_made_may_be_missing():
    ddf = ddf_of({**root(), "./A": Node("chr", "x", permanent=False)}, "M", "m")
    (node,) = ddf.nodes
    assert (ddf.man, ddf.mod) == ("M", "m")
    assert (node.occurrence, node.scope) == ("ZeroOrOne", "Dynamic")


URL = DdfNode("PkgURL", access=("Copy", "Get", "Replace"), default="none", types=("text/x",))
THEIRS = Ddf(
    (
        DdfNode("Vendor", "./Sub/", children=(DdfNode("", access=("Add",), children=(URL,)),)),
        DdfNode("Vendor", "Sub", children=(DdfNode("Known", "Deep"),)),
        DdfNode("Raw", scope="Permanent", format="bin", value=b"\xff"),
    )
)


@pytest.mark.clause("T7-01")
def test_a_node_without_a_name_is_any_node():
    named = kind_of(THEIRS, "./Sub/Vendor/whatever/PkgURL")
    assert named == URL
    assert access_of(URL) == {Verb.GET, Verb.REPLACE}
    assert kind_of(THEIRS, "./Sub/Vendor/whatever") == THEIRS.nodes[0].children[0]


@pytest.mark.parametrize("uri", ["./Sub", "./Sub/Other", "./Sub/Vendor/a/b", "./Vendor", ROOT])
def test_what_a_description_does_not_name_has_no_kind(uri: str):
    assert kind_of(THEIRS, uri) is None


def test_the_tree_of_a_description_has_what_is_named_with_its_defaults():
    tree = tree_of(Ddf((*THEIRS.nodes, URL)))
    assert list(tree) == [
        ROOT,
        "./Sub/Vendor",
        "./Raw",
        "./PkgURL",
        "./Sub/Vendor/Deep/Known",
    ]
    assert tree["./PkgURL"] == Node(
        "chr", "none", "text/x", frozenset({Verb.GET, Verb.REPLACE}), False
    )
    assert (tree["./Raw"].value, tree["./Raw"].permanent) == (b"\xff", True)
    assert tree["./Sub/Vendor"].interior
