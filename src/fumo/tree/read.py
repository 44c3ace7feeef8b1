"""What Get reads: a leaf, names of children, a property, a list (DM TND §7, RepPro §6.6.7). Pure.

Promise: nothing that AccessType keeps from reading appears in any answer but its name.
"""

from collections.abc import Callable, Iterator

from fumo.codes import Status
from fumo.dm.message import Item, Location, Meta
from fumo.tree.node import Node, Outcome, Tree, Verb
from fumo.tree.uri import Address, is_below, name_of, parent_of

PLAIN = Meta()  # chr and text/plain are what no Meta means (DM Protocol §8.3)


def get(tree: Tree, address: Address) -> Outcome:
    """One Item of a Get."""
    node = tree.get(address.uri)
    if node is None:
        return Outcome(Status.NOT_FOUND, address.uri)
    if Verb.GET not in node.access:
        return Outcome(Status.NOT_ALLOWED, address.uri)
    if address.prop is not None:
        return _property(node, address)
    if address.listing is not None:
        return _listing(tree, address)
    return Outcome(Status.OK, address.uri, results=(_value(tree, address.uri, node),))


def children(tree: Tree, uri: str) -> list[str]:
    """Names of the nodes right below."""
    return [name_of(other) for other in tree if other != uri and parent_of(other) == uri]


def below(tree: Tree, uri: str) -> list[str]:
    """The node itself and all beneath it."""
    return [other for other in tree if other == uri or is_below(other, uri)]


def _value(tree: Tree, uri: str, node: Node) -> Item:
    """A leaf's value; of an interior node the names of its children."""
    data = "/".join(children(tree, uri)) if node.interior else node.value
    return Item(source=Location(uri), meta=_meta(node), data=data)


def _meta(node: Node) -> Meta | None:
    """What the data is, where it is not what no Meta means."""
    format_ = node.format if node.format != "chr" else None
    type_ = node.type if node.type and node.type != "text/plain" else None
    meta = Meta(format=format_, type=type_)
    return None if meta == PLAIN else meta


def _size(node: Node) -> str | None:
    if node.interior:
        return None
    raw = node.value if isinstance(node.value, bytes) else node.value.encode()
    return str(len(raw))


PROPERTIES: dict[str, Callable[[str, Node], str | None]] = {
    "Name": lambda uri, _: name_of(uri),
    "Format": lambda _, node: node.format,
    "Type": lambda _, node: node.type,
    "Size": lambda _, node: _size(node),
}


def _property(node: Node, address: Address) -> Outcome:
    """Properties are plain strings without Meta; one we do not keep is 406."""
    read = PROPERTIES.get(address.prop or "")
    value = read(address.uri, node) if read else None
    if value is None:
        return Outcome(Status.NOT_SUPPORTED, address.uri)
    source = Location(f"{address.uri}?prop={address.prop}")
    return Outcome(Status.OK, address.uri, results=(Item(source=source, data=value),))


def _listing(tree: Tree, address: Address) -> Outcome:
    """Struct and StructData, an Item a node; TNDS comes later (DM TND §8.4: then 406)."""
    if address.listing not in ("Struct", "StructData"):
        return Outcome(Status.NOT_SUPPORTED, address.uri)
    with_data = address.listing == "StructData"
    items = tuple(_listed(tree, uri, with_data) for uri in _readable(tree, address.uri))
    return Outcome(Status.OK, address.uri, results=items)


def _readable(tree: Tree, uri: str) -> Iterator[str]:
    """The node and all beneath it, but no node that may not be read, nor what is under one."""
    hidden = [other for other in below(tree, uri) if Verb.GET not in tree[other].access]
    for other in below(tree, uri):
        if other not in hidden and not any(is_below(other, above) for above in hidden):
            yield other


def _listed(tree: Tree, uri: str, with_data: bool) -> Item:
    node = tree[uri]
    data = node.value if with_data and not node.interior else None
    return Item(source=Location(uri), meta=_meta(node), data=data)
