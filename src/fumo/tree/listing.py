"""`?list=TNDS`: a subtree as one document, with the properties that were asked for. Pure.

    TNDS                    all that we keep of each node
    TNDS+Value+ACL          these and no others
    TNDS-Value-Title        all but these (DM TND 8.4; both signs at once are refused)

Format is said of octets even when it was not asked for: without it nobody could read them.
"""

from collections.abc import Iterable

from fumo.codes import Status
from fumo.dm.documents import TNDS_WBXML, TNDS_XML
from fumo.dm.message import Item, Location, Meta
from fumo.dm.tnds import TndsNode, TndsTree, encode_tnds
from fumo.errors import MisuseError
from fumo.tree.node import Node, Tree
from fumo.tree.uri import name_of, parent_of, spelled

TNDS = "TNDS"
OURS = frozenset({"ACL", "Format", "Title", "Type", "Value"})
KNOWN = OURS | {"TStamp", "VerNo"}  # optional properties, which no node of ours has


def properties_in(listing: str) -> frozenset[str] | Status:
    """Which properties a list asks for, or 406."""
    asked = listing.replace("%2B", "+").replace("%2b", "+").removeprefix(TNDS)
    signs = {sign for sign in "+-" if sign in asked}
    if not listing.startswith(TNDS) or len(signs) > 1 or (asked and asked[0] not in signs):
        return Status.NOT_SUPPORTED
    names = set(asked[1:].split(asked[0])) if asked else set()
    if names - KNOWN:
        return Status.NOT_SUPPORTED
    return OURS & names if "+" in signs else OURS - names


def item_of(tree: Tree, uri: str, nodes: Iterable[str], asked: frozenset[str]) -> Item:
    """The document of a node and of those beneath it that may be read, as an Item of Results."""
    document = TndsTree((tnds_of(tree, uri, nodes, asked),))
    try:
        type_, data = TNDS_XML, encode_tnds(document, TNDS_XML).decode()
    except MisuseError:  # a value holds what only WBXML can carry
        body = encode_tnds(document, TNDS_WBXML)
        return Item(source=Location(spelled(uri)), meta=Meta("xml", TNDS_WBXML), data=body)
    return Item(source=Location(spelled(uri)), meta=Meta("xml", type_), data=data)


def tnds_of(tree: Tree, uri: str, nodes: Iterable[str], asked: frozenset[str] = OURS) -> TndsNode:
    """A subtree as a document says it; `nodes` are the addresses in it that it shows."""
    inner: dict[str, list[TndsNode]] = {}
    # Innermost first, so that each node finds the ones in it.
    for one in sorted(nodes, key=lambda each: -each.count("/")):
        if one != uri:
            said = _said(one, tree[one], asked, inner.pop(one, []))
            inner.setdefault(parent_of(one), []).append(said)
    return _said(uri, tree[uri], asked, inner.pop(uri, []))


def _said(uri: str, node: Node, asked: frozenset[str], inner: list[TndsNode]) -> TndsNode:
    octets = isinstance(node.value, bytes) or node.format == "bin"
    with_value = "Value" in asked and not node.interior
    return TndsNode(
        name=name_of(uri),
        acl=node.acl if "ACL" in asked and node.acl else None,
        format=node.format if "Format" in asked or (with_value and octets) else None,
        title=node.title if "Title" in asked and node.title else None,
        type=node.type if "Type" in asked else None,
        value=node.value if with_value else None,
        children=tuple(inner),
    )
