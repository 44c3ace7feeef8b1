"""What Add, Replace, Delete and Exec do to one node, and when they may not (DM RepPro §6.6). Pure.

Each gives an `Outcome` with the changes it would make; nothing is changed here. Checks come in
the order: is it there, may it be done at all, is it in use, is the data right.
"""

import binascii
from base64 import b64decode

from msgspec.structs import replace as with_

from fumo.codes import Status
from fumo.dm.message import Item, Meta
from fumo.tree.node import Change, Executed, Node, Outcome, Tree, Verb
from fumo.tree.read import below
from fumo.tree.uri import ROOT, Address, parent_of

DYNAMIC = frozenset({Verb.ADD, Verb.DELETE, Verb.GET, Verb.REPLACE})
INT_MIN, INT_MAX = -(2**31), 2**31 - 1
LEAF_FORMATS = ("chr", "int", "bool", "b64", "bin", "xml", "date", "time", "float", "null")
VALUE_BYTES_MAX = 1_048_576


def replace(tree: Tree, address: Address, item: Item) -> Outcome:
    """Overwrite a leaf's value. Never makes a node (DM RepPro §6.6.11: 404)."""
    uri, node = address.uri, tree.get(address.uri)
    if node is None:
        return Outcome(Status.NOT_FOUND, uri)
    if address.prop or address.listing or node.interior or Verb.REPLACE not in node.access:
        return Outcome(Status.NOT_ALLOWED, uri)
    if node.locked:
        return Outcome(Status.FORBIDDEN, uri)
    value = value_of(item, node.format)
    if isinstance(value, Status):
        return Outcome(value, uri)
    return Outcome(Status.OK, uri, changes=(Change(uri, with_(node, value=value)),))


def add(tree: Tree, address: Address, item: Item) -> Outcome:
    """Make a dynamic node, with the interior nodes that lead to it (DM RepPro §6.6.1)."""
    uri = address.uri
    if address.prop or address.listing:
        return Outcome(Status.NOT_ALLOWED, uri)
    if uri in tree:
        return Outcome(Status.EXISTS, uri)
    ground = _ground(tree, uri)
    if tree[ground].locked:
        return Outcome(Status.FORBIDDEN, uri)
    if not tree[ground].interior or Verb.ADD not in tree[ground].access:
        return Outcome(Status.NOT_ALLOWED, uri)
    made = _made(item)
    if isinstance(made, Status):
        return Outcome(made, uri)
    interiors = (Change(between, _interior()) for between in _between(ground, uri))
    return Outcome(Status.OK, uri, changes=(*interiors, Change(uri, made)))


def delete(tree: Tree, address: Address) -> Outcome:
    """Remove a dynamic node and all beneath it, whatever that allows (DM RepPro §6.6.5)."""
    uri, node = address.uri, tree.get(address.uri)
    if node is None:
        return Outcome(Status.NOT_FOUND, uri)
    if address.prop or address.listing or uri == ROOT or node.permanent:
        return Outcome(Status.NOT_ALLOWED, uri)
    if Verb.DELETE not in node.access:
        return Outcome(Status.NOT_ALLOWED, uri)
    doomed = below(tree, uri)
    if any(tree[other].locked for other in doomed):
        return Outcome(Status.FORBIDDEN, uri)
    return Outcome(Status.OK, uri, changes=tuple(Change(other, None) for other in doomed))


def execute(tree: Tree, address: Address, item: Item, correlator: str | None) -> Outcome:
    """An Exec the node allows: its owner, not the tree, decides what becomes of it."""
    uri, node = address.uri, tree.get(address.uri)
    if node is None:
        return Outcome(Status.NOT_FOUND, uri)
    if address.prop or address.listing or Verb.EXEC not in node.access:
        return Outcome(Status.NOT_ALLOWED, uri)
    return Outcome(Status.ACCEPTED, uri, executed=Executed(uri, item.data, correlator))


def value_of(item: Item, format_: str) -> str | bytes | Status:
    """The Item's data as a node of this format holds it, or why it cannot: 412, 413, 415."""
    if item.data is None:
        return Status.INCOMPLETE
    if item.more_data:
        return Status.TOO_LARGE  # DevDetail/LrgObj is false: nothing comes in pieces
    sent = (item.meta and item.meta.format) or None
    value = _raw(item.data, sent) if format_ == "bin" else _text(item.data, format_, sent)
    if not isinstance(value, Status) and len(value) > VALUE_BYTES_MAX:
        return Status.TOO_LARGE
    return value


def _raw(data: str | bytes, sent: str | None) -> bytes | Status:
    """Octets: raw in WBXML, base64 in XML (DM TND §7.7)."""
    if isinstance(data, bytes):
        return data
    if sent not in ("b64", "bin", None):
        return Status.UNSUPPORTED_FORMAT
    try:
        return b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        return Status.UNSUPPORTED_FORMAT


def _text(data: str | bytes, format_: str, sent: str | None) -> str | Status:
    """Text of the node's own format; a sender may leave the format away."""
    if sent not in (format_, None):
        return Status.UNSUPPORTED_FORMAT
    try:
        text = data.decode() if isinstance(data, bytes) else data
    except UnicodeDecodeError:
        return Status.UNSUPPORTED_FORMAT
    if format_ == "int" and not _is_int(text):
        return Status.UNSUPPORTED_FORMAT
    if format_ == "bool" and text not in ("true", "false"):
        return Status.UNSUPPORTED_FORMAT
    return text


def _is_int(text: str) -> bool:
    digits = text.removeprefix("-")
    plain = digits.isascii() and digits.isdecimal() and len(digits) <= 10
    return plain and INT_MIN <= int(text) <= INT_MAX


def _made(item: Item) -> Node | Status:
    """The node an Add describes; Format says which kind (DM RepPro §6.6.1)."""
    meta = item.meta or Meta()
    format_ = meta.format or "chr"
    if format_ == "node":
        return _interior(meta.type or "")
    if format_ not in LEAF_FORMATS:
        return Status.UNSUPPORTED_FORMAT
    value = value_of(item, format_) if item.data is not None else ""
    if isinstance(value, Status):
        return value
    return Node(format_, value, meta.type or "text/plain", DYNAMIC, permanent=False)


def _interior(type_: str = "") -> Node:
    return Node("node", "", type_, DYNAMIC, permanent=False)


def _ground(tree: Tree, uri: str) -> str:
    """The nearest node above that exists: the root always does."""
    above = parent_of(uri)
    while above not in tree:
        above = parent_of(above)
    return above


def _between(ground: str, uri: str) -> list[str]:
    """The missing interior nodes from `ground` down to the parent of `uri`."""
    names = uri.removeprefix(f"{ground}/").split("/")[:-1]
    return ["/".join([ground, *names[: n + 1]]) for n in range(len(names))]
