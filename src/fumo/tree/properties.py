"""Properties of nodes, asked for by `?prop=` (DM TND §7.3 to §7.7). Pure.

    ACL Name Title         Get and Replace; a Replace of Name is a rename
    Format Type Size       Get; the node's own commands set them

TStamp and VerNo are optional and not kept (406). Values are plain strings without Meta.
"""

from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace as with_

from fumo.codes import Status
from fumo.dm.message import Item, Location
from fumo.tree import acl
from fumo.tree.node import Caller, Change, Node, Outcome, Tree, Verb
from fumo.tree.uri import ROOT, Address, below, is_name, name_of, parent_of, spelled, too_long

TITLE_BYTES_MAX = 255  # DM TND §7.7.5

Rename = Callable[[Tree, str, str, Caller], "tuple[Change, ...] | Status"]


class Property(Struct, frozen=True):
    """How to read it (None: this node has none), and how to replace it where that may be."""

    read: Callable[[str, Node], str | None]
    replace: Rename | None = None


def get(node: Node, address: Address) -> Outcome:
    """The value of one property."""
    known = PROPERTIES.get(address.prop or "")
    value = known.read(address.uri, node) if known else None
    if value is None:
        return Outcome(Status.NOT_SUPPORTED, address.uri)
    source = Location(f"{spelled(address.uri)}?prop={address.prop}")
    return Outcome(Status.OK, address.uri, results=(Item(source=source, data=value),))


def replace(tree: Tree, address: Address, item: Item, caller: Caller) -> Outcome:
    """Overwrite one property: 406 for one we do not keep, 405 for one that nobody writes."""
    known = PROPERTIES.get(address.prop or "")
    if known is None:
        return Outcome(Status.NOT_SUPPORTED, address.uri)
    if known.replace is None:
        return Outcome(Status.NOT_ALLOWED, address.uri)
    text = _text(item)
    done = text if isinstance(text, Status) else known.replace(tree, address.uri, text, caller)
    if isinstance(done, Status):
        return Outcome(done, address.uri)
    return Outcome(Status.OK, address.uri, changes=done)


def _text(item: Item) -> str | Status:
    if item.data is None:
        return Status.INCOMPLETE
    if item.more_data:
        return Status.TOO_LARGE
    try:
        return item.data.decode() if isinstance(item.data, bytes) else item.data
    except UnicodeDecodeError:
        return Status.UNSUPPORTED_FORMAT


def _relisted(tree: Tree, uri: str, text: str, caller: Caller) -> tuple[Change, ...] | Status:
    """The complete list is replaced (DM TND §7.7.1.3)."""
    if not acl.may_change_list(tree, uri, caller.server):
        return Status.PERMISSION_DENIED
    if len(text.encode()) > acl.LIST_BYTES_MAX:
        return Status.TOO_LARGE
    listed = acl.parse(text.strip())
    if listed is None:
        return Status.BAD_REQUEST
    if uri == ROOT and acl.EVERYBODY not in listed.get(Verb.ADD, ()):
        return Status.NOT_ALLOWED  # DM TND §7.7.1.2: any server may extend the tree
    return (Change(uri, tree[uri].with_list(acl.written(listed))),)


def _retitled(tree: Tree, uri: str, text: str, caller: Caller) -> tuple[Change, ...] | Status:
    if not acl.allows(tree, uri, Verb.REPLACE, caller.server):
        return Status.PERMISSION_DENIED
    if len(text.encode()) > TITLE_BYTES_MAX:
        return Status.TOO_LARGE
    return (Change(uri, with_(tree[uri], title=text)),)


def _renamed(tree: Tree, uri: str, text: str, caller: Caller) -> tuple[Change, ...] | Status:
    """The node and all beneath it get new addresses; permanent nodes keep theirs."""
    moved = below(tree, uri)
    if not acl.allows(tree, uri, Verb.REPLACE, caller.server):
        return Status.PERMISSION_DENIED
    if any(tree[one].permanent for one in moved):
        return Status.NOT_ALLOWED
    if any(tree[one].locked for one in moved):
        return Status.FORBIDDEN
    if not is_name(text):
        return Status.BAD_REQUEST
    goal = f"{parent_of(uri)}/{text}"
    places = {one: f"{goal}{one.removeprefix(uri)}" for one in moved}
    if any(too_long(place, caller.limits) for place in places.values()):
        return Status.URI_TOO_LONG
    if goal in tree:
        return Status.OK if goal == uri else Status.EXISTS
    gone = (Change(one, None) for one in moved)
    return (*gone, *(Change(place, tree[one]) for one, place in places.items()))


def _size(node: Node) -> str | None:
    if node.interior:
        return None  # DM TND §7.3.2: interior nodes have no size
    raw = node.value if isinstance(node.value, bytes) else node.value.encode()
    return str(len(raw))


PROPERTIES: dict[str, Property] = {
    "ACL": Property(lambda _, node: node.acl, _relisted),
    "Format": Property(lambda _, node: node.format),
    "Name": Property(lambda uri, _: name_of(uri), _renamed),
    "Size": Property(lambda _, node: _size(node)),
    "Title": Property(lambda _, node: node.title, _retitled),
    "Type": Property(lambda _, node: node.type),
}
