"""What servers wrote into the tree, apart from what the device knows of itself. Pure.

The tree is a view: the device's own nodes, built anew for each command, and over them what was
written, by address: of a permanent node the parts that differ, of a dynamic one all of it. What
belongs to a node that is not there any more (another firmware, another object's name) is not seen.
"""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from fumo.tree.acl import stripped
from fumo.tree.node import Change, Node, Tree
from fumo.tree.uri import parent_of
from fumo.tree.values import DYNAMIC

NODES_MAX = 128  # dynamic nodes: a server may not fill the device
BYTES_MAX = 4 << 20  # of all values together


class Written(Struct, frozen=True):
    """One node. None: as the device has it; a dynamic node, which only servers know, has it all."""

    format: str | None = None
    type: str | None = None
    value: str | bytes | None = None
    title: str | None = None
    acl: str | None = None


NOTHING = Written()


def overlay(own: Tree, written: Mapping[str, Written]) -> dict[str, Node]:
    """The whole tree."""
    tree = dict(own)
    for uri in sorted(written, key=lambda one: one.count("/")):
        one, node = written[uri], own.get(uri)
        if node is not None:
            tree[uri] = _over(node, one)
        elif one.format is not None and parent_of(uri) in tree:
            tree[uri] = _dynamic(one, one.format)
    return tree


def written_of(own: Tree, change: Change) -> Written | None:
    """What to keep of a changed node; None: nothing any more."""
    if (node := change.node) is None:
        return None
    was = own.get(change.uri)
    if was is None:
        return Written(node.format, node.type, node.value, node.title, node.acl)
    differing = Written(
        value=None if node.value == was.value else node.value,
        title=None if node.title == was.title else node.title,
        acl=None if node.acl == was.acl else node.acl,
    )
    return None if differing == NOTHING else differing


def forsaken(own: Tree, written: Mapping[str, Written], server: str) -> dict[str, Written | None]:
    """What to keep once a server is gone: no list names it.

    Where the device has a list of its own it returns to that: what the old server left of one
    could shut the next server out for ever.
    """
    left: dict[str, Written | None] = {}
    for uri, node in stripped(overlay(own, written), server).items():
        ours = own[uri].acl if uri in own else ""
        left[uri] = written_of(own, Change(uri, node.with_list(ours or node.acl)))
    return left


def has_room(written: Iterable[Written]) -> bool:
    """Is there room for all of these (else 420)?"""
    dynamic = octets = 0
    for one in written:
        dynamic += one.format is not None
        octets += sum(map(_octets, (one.value, one.type, one.title, one.acl)))
    return dynamic <= NODES_MAX and octets <= BYTES_MAX


def _octets(text: str | bytes | None) -> int:
    return len(text.encode() if isinstance(text, str) else text or b"")


def _over(node: Node, one: Written) -> Node:
    """The device's own node, with what a server wrote."""
    value = node.value if one.value is None else one.value
    title = node.title if one.title is None else one.title
    acl = node.acl if one.acl is None else one.acl
    access, locked = node.access, node.locked
    return Node(node.format, value, node.type, access, node.permanent, locked, title, acl)


def _dynamic(one: Written, format_: str) -> Node:
    value = "" if one.value is None else one.value
    title, acl = one.title or "", one.acl or ""
    return Node(format_, value, one.type or "", DYNAMIC, False, False, title, acl)
