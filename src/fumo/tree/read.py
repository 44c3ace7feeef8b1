"""What Get reads: a leaf, names of children, a property, a list (DM TND §7, RepPro §6.6.7). Pure.

Promise: nothing that AccessType or an access control list keeps from the caller appears in any
answer but its name.
"""

from collections.abc import Iterator

from fumo.codes import Status
from fumo.dm.message import Item, Location, Meta
from fumo.tree import acl, listing, properties
from fumo.tree.node import Caller, Node, Outcome, Tree, Verb
from fumo.tree.uri import Address, below, name_of, parent_of, spelled

PLAIN = Meta()  # chr and text/plain are what no Meta means (DM Protocol §8.3)


def get(tree: Tree, address: Address, caller: Caller) -> Outcome:
    """One Item of a Get."""
    node = tree.get(address.uri)
    if node is None:
        return Outcome(Status.NOT_FOUND, address.uri)
    if not acl.allows(tree, address.uri, Verb.GET, caller.server):
        return Outcome(Status.PERMISSION_DENIED, address.uri)
    if Verb.GET not in node.access:
        return Outcome(Status.NOT_ALLOWED, address.uri)
    if address.prop is not None:
        return properties.get(node, address)
    if address.listing is not None:
        return _listing(tree, address, caller)
    return Outcome(Status.OK, address.uri, results=(_value(tree, address.uri, node),))


def children(tree: Tree, uri: str) -> list[str]:
    """Names of the nodes right below."""
    return [name_of(other) for other in tree if other != uri and parent_of(other) == uri]


def _value(tree: Tree, uri: str, node: Node) -> Item:
    """A leaf's value; of an interior node the names of its children."""
    data = "/".join(children(tree, uri)) if node.interior else node.value
    return Item(source=Location(spelled(uri)), meta=_meta(node), data=data)


def _meta(node: Node) -> Meta | None:
    """What the data is, where it is not what no Meta means."""
    format_ = node.format if node.format != "chr" else None
    type_ = node.type if node.type and node.type != "text/plain" else None
    meta = Meta(format=format_, type=type_)
    return None if meta == PLAIN else meta


def _listing(tree: Tree, address: Address, caller: Caller) -> Outcome:
    """Struct and StructData, an Item a node; TNDS, all in one document (DM TND §8.4)."""
    uris = readable(tree, address.uri, caller)
    if address.listing in ("Struct", "StructData"):
        with_data = address.listing == "StructData"
        items = tuple(_listed(tree, uri, with_data) for uri in uris)
        return Outcome(Status.OK, address.uri, results=items)
    asked = listing.properties_in(address.listing or "")
    if isinstance(asked, Status):
        return Outcome(asked, address.uri)
    document = listing.item_of(tree, address.uri, uris, asked)
    return Outcome(Status.OK, address.uri, results=(document,))


def readable(tree: Tree, uri: str, caller: Caller) -> Iterator[str]:
    """The node and all beneath it, but no node that may not be read, nor what is under one."""
    hidden: set[str] = set()
    for other in sorted(below(tree, uri), key=lambda one: one.count("/")):
        above = parent_of(other)
        if (other != uri and above in hidden) or not _may_read(tree, other, caller):
            hidden.add(other)
    return (other for other in below(tree, uri) if other not in hidden)


def _may_read(tree: Tree, uri: str, caller: Caller) -> bool:
    open_ = Verb.GET in tree[uri].access
    return open_ and acl.allows(tree, uri, Verb.GET, caller.server)


def _listed(tree: Tree, uri: str, with_data: bool) -> Item:
    node = tree[uri]
    data = node.value if with_data and not node.interior else None
    return Item(source=Location(spelled(uri)), meta=_meta(node), data=data)
