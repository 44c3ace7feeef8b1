"""Copy, implicit parents, formats and documents: what `test_commands` does not tell."""

import pytest

from fumo.dm.message import Add, Copy, Get, Item, Location, Meta, Replace
from fumo.tree import objects
from fumo.tree.apply import apply, changed
from fumo.tree.node import Caller, Node, Outcome, Tree, Verb

CALLER = Caller("srv")
ALL = frozenset(Verb)
TREE: Tree = {
    ".": Node("node", access=ALL, acl="&".join(f"{verb}=*" for verb in Verb)),
    "./Text": Node("chr", "hello", access=ALL),
    "./Number": Node("int", "7", access=ALL),
    "./Octets": Node("bin", b"\0\xff", "application/octet-stream", ALL),
    "./Fixed": Node("chr", "x"),
    "./Secret": Node("chr", "s", access=frozenset({Verb.REPLACE})),
    "./Busy": Node("chr", "", access=ALL, locked=True),
    "./Dir": Node("node", access=ALL, permanent=False),
    "./Dir/Old": Node("chr", "o", access=ALL, permanent=False),
    "./Locked": Node("node", access=ALL, permanent=False, locked=True),
    "./Closed": Node("node"),
}
TNDS = Meta("xml", "application/vnd.syncml.dmtnds+xml")


def copied(source: str | None, target: str) -> Outcome:
    where = None if source is None else Location(source)
    (outcome,) = apply(TREE, Copy((Item(Location(target), where),)), CALLER)
    return outcome


def added(uri: str, data: str | bytes | None, meta: Meta | None = None) -> Outcome:
    (outcome,) = apply(TREE, Add((Item(Location(uri), meta=meta, data=data),)), CALLER)
    return outcome


@pytest.mark.clause("C-CMD-02", "P7-17")
@pytest.mark.parametrize(
    ("source", "target", "code"),
    [
        ("./Text", "./Dir/Old", 200),
        ("./Text", "./Dir/New", 200),
        ("./Text", "./Dir/A/New", 200),
        ("./Octets", "./Dir/New", 200),
        ("./Text", "./Text", 200),
        ("./Dir", "./Text", 403),
        ("./Text", "./Dir", 403),
        ("./None", "./Text", 403),
        ("./Secret", "./Text", 405),
        ("./Text", "./Fixed", 405),
        ("./Text", "./Closed/New", 405),
        ("./Text", "./Text/New", 405),
        ("./Text", "./Busy", 403),
        ("./Text", "./Number", 415),
        ("./Text", "/Dir/New", 400),
        ("/Text", "./Dir/New", 400),
        (None, "./Dir/New", 412),
        ("", "./Dir/New", 412),
        ("./" + "x" * 600, "./Dir/New", 414),
    ],
)
def test_copy_is_from_leaf_to_leaf(source: str | None, target: str, code: int):
    outcome = copied(source, target)
    assert outcome.code == code
    if code != 200:
        assert outcome.changes == ()


@pytest.mark.clause("P7-17")
@pytest.mark.parametrize("source", ["./Text", "./Octets", "./Number"])
@pytest.mark.parametrize("target", ["./Dir/Old", "./Dir/New"])
def test_a_copy_is_like_its_source_and_stays_apart_from_it(source: str, target: str):
    tree = changed(TREE, copied(source, target).changes)
    was, now = TREE[source], tree[target]
    assert (now.format, now.value) == (was.format, was.value)
    assert (now.permanent, tree[source]) == (False, was)


@pytest.mark.clause("P7-07", "P7-05")
@pytest.mark.parametrize(
    ("uri", "code", "failed"),
    [
        ("./Text/A/B/C", 405, "./Text/A"),
        ("./Closed/A/B", 405, "./Closed/A"),
        ("./Locked/A/B", 403, "./Locked/A"),
        ("./Closed/A", 405, None),
    ],
)
def test_a_parent_that_cannot_be_made_is_named(uri: str, code: int, failed: str | None):
    outcome = added(uri, "v")
    assert outcome.code == code
    assert [i.target.uri for i in outcome.items if i.target] == ([failed] if failed else [])


@pytest.mark.clause("T4-01", "T4-02", "P7-33", "P7-27")
@pytest.mark.parametrize(
    ("meta", "data", "kept"),
    [
        (None, "v", ("chr", "v", "text/plain")),
        (Meta("chr", "text/html"), "v", ("chr", "v", "text/html")),
        (Meta("b64"), "AAE=", ("bin", b"\0\1", "text/plain")),
        (Meta("bin"), b"\0\1", ("bin", b"\0\1", "text/plain")),
        (Meta("int"), "-5", ("int", "-5", "text/plain")),
        (Meta("int"), "five", None),
        (Meta("bool"), "true", ("bool", "true", "text/plain")),
        (Meta("bool"), "yes", None),
        (Meta("float"), "-1.5e3", ("float", "-1.5e3", "text/plain")),
        (Meta("float"), "1,5", None),
        (Meta("date"), "2026-02-28", ("date", "2026-02-28", "text/plain")),
        (Meta("date"), "20260228", ("date", "20260228", "text/plain")),
        (Meta("date"), "2026-13-01", None),
        (Meta("time"), "23:59:59", ("time", "23:59:59", "text/plain")),
        (Meta("time"), "235959Z", ("time", "235959Z", "text/plain")),
        (Meta("time"), "25:00:00", None),
        (Meta("xml"), "<a/>", ("xml", "<a/>", "text/plain")),
        (Meta("null"), "", ("null", "", "text/plain")),
        (Meta("null"), None, ("null", "", "text/plain")),
        (Meta("null"), "x", None),
        (Meta("weird"), "x", None),
    ],
)
def test_a_value_fits_its_format_or_is_refused(meta, data, kept):
    outcome = added("./Dir/New", data, meta)
    if kept is None:
        assert (outcome.code, outcome.changes) == (415, ())
    else:
        node = outcome.changes[0].node
        assert node is not None
        assert (node.format, node.value, node.type) == kept


def test_a_document_is_refused_until_it_can_be_read():
    assert added("./Dir/New", "<MgmtTree/>", TNDS).code == 415
    item = Item(Location("./Dir"), meta=TNDS, data="<MgmtTree/>")
    (outcome,) = apply(TREE, Replace((item,)), CALLER)
    assert outcome.code == 415


@pytest.mark.clause("P7-12")
@pytest.mark.parametrize("uri", ["./Inbox", "./Inbox?list=Struct", "./Inbox?prop=Type"])
def test_the_inbox_cannot_be_read(uri: str):
    tree = objects.root() | objects.inbox()
    (outcome,) = apply(tree, Get((Item(Location(uri)),)), CALLER)
    assert outcome.code == 405
    (listing,) = apply(tree, Get((Item(Location(".?list=Struct")),)), CALLER)
    assert [i.source.uri for i in listing.results if i.source] == ["."]


@pytest.mark.clause("P7-29")
def test_a_percent_sign_is_read_once():
    tree = {**TREE, "./A b%c": Node("chr", "v")}
    (outcome,) = apply(tree, Get((Item(Location("./A%20b%25c")),)), CALLER)
    assert outcome.results[0].data == "v"
