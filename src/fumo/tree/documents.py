"""What a document does to a tree: Add and Replace of a whole subtree (TNDS). Pure.

All of it or none, with one Status; when it fails, an Item names the node that was the reason
(DM TNDS 6.2). Its addresses count from the command's target. Rights are judged where the subtree
begins: below that nothing is anybody else's.
"""

from collections.abc import Callable

from msgspec.structs import replace as with_

from fumo.codes import ManagementObject, Status
from fumo.dm.message import Item, Location, Meta
from fumo.dm.tnds import TndsNode, TndsTree, decode_tnds
from fumo.errors import DecodeError
from fumo.tree import acl, values, write
from fumo.tree.node import Caller, Change, Node, Outcome, Tree, Verb
from fumo.tree.properties import TITLE_BYTES_MAX
from fumo.tree.uri import Address, below, is_below, is_name, name_of, parent_of, spelled, too_long

Described = list[tuple[str, TndsNode]]
OURS_NOW = "&".join(f"{verb}={acl.EVERYBODY}" for verb in Verb)
"""The list of a node whose inside is being replaced, until it is done."""


class Refusal(Exception):
    """Why nothing is done: a Status, and the node that is the reason."""

    def __init__(self, code: Status, uri: str = "") -> None:
        """`uri` "" when no single node is the reason."""
        super().__init__(code, uri)
        self.outcome = code, (Item(target=Location(spelled(uri))),) if uri else ()


def add(tree: Tree, address: Address, item: Item, caller: Caller) -> Outcome:
    """Make all nodes of a document, none of which is there yet."""
    return _judged(_added, tree, address, item, caller)


def replace(tree: Tree, address: Address, item: Item, caller: Caller) -> Outcome:
    """Take a subtree away and put the document's in its place."""
    return _judged(_replaced, tree, address, item, caller)


Deed = Callable[[Tree, str, Item, Caller], tuple[Change, ...]]


def _judged(deed: Deed, tree: Tree, address: Address, item: Item, caller: Caller) -> Outcome:
    if address.prop is not None or address.listing is not None:
        return Outcome(Status.NOT_ALLOWED, address.uri)
    try:
        changes = deed(tree, address.uri, item, caller)
    except Refusal as refusal:
        code, items = refusal.outcome
        return Outcome(code, address.uri, items)
    return Outcome(Status.OK, address.uri, changes=changes)


def _added(tree: Tree, at: str, item: Item, caller: Caller) -> tuple[Change, ...]:
    nodes = nodes_of(tree, at, _document(item))
    grown = _grown(tree, nodes, caller)
    return tuple(Change(uri, node) for uri, node in grown.items() if uri not in tree)


def _replaced(tree: Tree, at: str, item: Item, caller: Caller) -> tuple[Change, ...]:
    """The node itself stays where it is, and keeps its list if the document has none for it."""
    old = _replaceable(tree, at, caller)
    nodes = nodes_of(tree, at, _document(item))
    own = [node for uri, node in nodes if uri == at]
    inner = [(uri, node) for uri, node in nodes if uri != at]
    if len(own) > 1:
        raise Refusal(Status.EXISTS, at)
    if own and own[0].acl and not acl.may_change_list(tree, at, caller.server):
        raise Refusal(Status.PERMISSION_DENIED, at)
    root = _finished(at, _made(at, own[0]), own[0]) if own else old
    if inner and not root.interior:
        raise Refusal(Status.NOT_ALLOWED, at)
    kept = {uri: node for uri, node in tree.items() if uri != at and not is_below(uri, at)}
    grown = _grown({**kept, at: values.interior().with_list(OURS_NOW)}, inner, caller)
    grown[at] = root if root.acl else root.with_list(old.acl)
    gone = (Change(uri, None) for uri in below(tree, at) if uri not in grown)
    return (*gone, *(Change(uri, grown[uri]) for uri in below(grown, at)))


def _replaceable(tree: Tree, at: str, caller: Caller) -> Node:
    node = tree.get(at)
    if node is None:
        raise Refusal(Status.NOT_FOUND)
    if not acl.allows(tree, at, Verb.REPLACE, caller.server):
        raise Refusal(Status.PERMISSION_DENIED)
    doomed = [tree[uri] for uri in below(tree, at)]
    if Verb.REPLACE not in node.access or any(one.permanent for one in doomed):
        raise Refusal(Status.NOT_ALLOWED)
    if any(one.locked for one in doomed):
        raise Refusal(Status.FORBIDDEN)
    return node


def _grown(tree: Tree, nodes: Described, caller: Caller) -> dict[str, Node]:
    """The tree with these nodes, each made as an Add of its own would make it."""
    grown = dict(tree)
    for uri, node in sorted(nodes, key=lambda one: one[0].count("/")):
        if too_long(uri, caller.limits):
            raise Refusal(Status.URI_TOO_LONG, uri)
        outcome = write.add(grown, Address(uri), _item(node), caller)
        if outcome.code != Status.OK:
            raise Refusal(outcome.code, uri)
        grown.update((change.uri, change.node) for change in outcome.changes if change.node)
    # Lists come last: none of them may keep the document's own nodes out.
    for uri, node in nodes:
        grown[uri] = _finished(uri, grown[uri], node)
    return grown


# --- what a document says of a node -----------------------------------------------------------


def _document(item: Item) -> TndsTree:
    if item.data is None:
        raise Refusal(Status.INCOMPLETE)
    if item.more_data:
        raise Refusal(Status.TOO_LARGE)
    try:
        return decode_tnds(item.data)
    except DecodeError:
        raise Refusal(Status.UNSUPPORTED_FORMAT) from None


def _item(node: TndsNode) -> Item:
    """The Add that would make this node by itself."""
    format_ = node.format or ("node" if node.interior else None)
    return Item(meta=Meta(format_, node.type), data=node.value)


def _made(uri: str, node: TndsNode) -> Node:
    made = values.made(_item(node))
    if isinstance(made, Status):
        raise Refusal(made, uri)
    return made


def _finished(uri: str, made: Node, node: TndsNode) -> Node:
    """The node with the list and the title that the document gives it."""
    if node.title is not None:
        if len(node.title.encode()) > TITLE_BYTES_MAX:
            raise Refusal(Status.TOO_LARGE, uri)
        made = with_(made, title=node.title)
    if not node.acl:
        return made
    listed = acl.parse(node.acl) if len(node.acl.encode()) <= acl.LIST_BYTES_MAX else None
    if listed is None:
        raise Refusal(Status.BAD_REQUEST, uri)
    return made.with_list(acl.written(listed))


# --- where its nodes belong -------------------------------------------------------------------


def nodes_of(tree: Tree, at: str, document: TndsTree) -> Described:
    """The document's nodes by their addresses in the tree."""
    found: Described = []
    waiting = [(_top(tree, at, node), node) for node in reversed(document.nodes)]
    while waiting:
        uri, node = waiting.pop()
        found.append((uri, node))
        if node.children and not node.interior:
            raise Refusal(Status.NOT_ALLOWED, uri)
        waiting += ((_inside(uri, inner), inner) for inner in reversed(node.children))
    return found


def _inside(above: str, node: TndsNode) -> str:
    """Below the node around it, unless it leads elsewhere by a Path, which we do not follow."""
    if not is_name(node.name or ""):
        raise Refusal(Status.BAD_REQUEST, above)
    return f"{above}/{node.name}"


def _top(tree: Tree, at: str, node: TndsNode) -> str:
    """An empty name, a missing one, and the last name of the target all mean the target itself."""
    box = _box(tree, at)
    if box is not None:
        return _home(tree, at, box, node)
    path = [name for name in (node.path or "").split("/") if name not in ("", ".")]
    if not path and node.name == name_of(at):
        return at
    names = [*path, node.name] if node.name else path
    if not all(map(is_name, names)):
        raise Refusal(Status.BAD_REQUEST, at)
    return "/".join([at, *names])


def _box(tree: Tree, at: str) -> str | None:
    boxes = (uri for uri, node in tree.items() if node.type == ManagementObject.INBOX)
    return next((uri for uri in boxes if at == uri or is_below(at, uri)), None)


def _home(tree: Tree, at: str, box: str, node: TndsNode) -> str:
    """What comes into the Inbox goes to where its kind is kept (DM StdObj 5.6)."""
    alike = (uri for uri, one in tree.items() if node.type and one.type == node.type)
    kept_with = next(alike, None)
    if kept_with is None:
        raise Refusal(Status.NOT_ALLOWED, at)
    name = at.removeprefix(box).removeprefix("/") or node.name or ""
    if not is_name(name):
        raise Refusal(Status.BAD_REQUEST, at)
    return f"{parent_of(kept_with)}/{name}"
