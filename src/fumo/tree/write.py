"""What Add, Replace, Copy, Delete and Exec do to one node, and when they may not. Pure.

Each gives an `Outcome` with the changes it would make; nothing is changed here. Checks come in
the order: is it there, has the caller the right, may it be done at all, is it in use, is the data
right (DM RepPro §6.6). An Exec is not done here either: whoever owns the node decides on it.
"""

from fumo.codes import Status
from fumo.dm.message import Item, Location, Meta
from fumo.tree import acl, properties, values
from fumo.tree.acl import allows
from fumo.tree.node import Caller, Change, Executed, Node, Outcome, Tree, Verb
from fumo.tree.uri import ROOT, Address, below, parent_of, parse, spelled


def replace(tree: Tree, address: Address, item: Item, caller: Caller) -> Outcome:
    """Overwrite a leaf's value or a property. Never makes a node (DM RepPro §6.6.11: 404)."""
    uri, node = address.uri, tree.get(address.uri)
    if node is None:
        return Outcome(Status.NOT_FOUND, uri)
    if address.prop is not None:
        return properties.replace(tree, address, item, caller)
    if not allows(tree, uri, Verb.REPLACE, caller.server):
        return Outcome(Status.PERMISSION_DENIED, uri)
    if address.listing or node.interior or Verb.REPLACE not in node.access:
        return Outcome(Status.NOT_ALLOWED, uri)
    return _overwritten(uri, node, item)


def add(tree: Tree, address: Address, item: Item, caller: Caller) -> Outcome:
    """Make a dynamic node, with the interior nodes that lead to it (DM RepPro §6.6.1)."""
    uri = address.uri
    if address.prop or address.listing:
        return Outcome(Status.NOT_ALLOWED, uri)
    if uri in tree:
        return Outcome(Status.EXISTS, uri)
    ground = _ground(tree, uri)
    if (why := _no_place(tree, ground, caller)) is not None:
        return Outcome(why, uri, _failed_parent(ground, uri))
    made = values.made(item)
    if isinstance(made, Status):
        return Outcome(made, uri)
    if made.interior and parent_of(uri) == ground:
        made = made.with_list(acl.of_new_interior(tree, ground, caller.server))
    return Outcome(Status.OK, uri, changes=_grown(ground, uri, made))


def copy(tree: Tree, address: Address, item: Item, caller: Caller) -> Outcome:
    """Copy a leaf onto a leaf, or to where none is yet (DM RepPro §6.6.3).

    The source wants Get; the target Replace, or Add above it. 403: there is nothing to copy, or
    one of the two is no leaf.
    """
    text = item.source.uri if item.source else ""
    source = parse(text, caller.limits) if text.strip() else Status.INCOMPLETE
    if isinstance(source, Status):
        return Outcome(source, address.uri)
    if _is_asking(source) or _is_asking(address):
        return Outcome(Status.NOT_ALLOWED, address.uri)
    node = tree.get(source.uri)
    if node is None or node.interior:
        return Outcome(Status.FORBIDDEN, address.uri)
    if not allows(tree, source.uri, Verb.GET, caller.server):
        return Outcome(Status.PERMISSION_DENIED, address.uri)
    if Verb.GET not in node.access:
        return Outcome(Status.NOT_ALLOWED, address.uri)
    copied = Item(meta=Meta(format=node.format, type=node.type or None), data=node.value)
    if address.uri not in tree:
        return add(tree, address, copied, caller)
    if tree[address.uri].interior:
        return Outcome(Status.FORBIDDEN, address.uri)
    return replace(tree, address, copied, caller)


def delete(tree: Tree, address: Address, caller: Caller) -> Outcome:
    """Remove a dynamic node and all beneath it, whatever that allows (DM RepPro §6.6.5)."""
    uri, node = address.uri, tree.get(address.uri)
    if node is None:
        return Outcome(Status.NOT_FOUND, uri)
    if not allows(tree, uri, Verb.DELETE, caller.server):
        return Outcome(Status.PERMISSION_DENIED, uri)
    if _is_asking(address) or uri == ROOT or Verb.DELETE not in node.access:
        return Outcome(Status.NOT_ALLOWED, uri)
    doomed = below(tree, uri)
    if any(tree[other].permanent for other in doomed):
        return Outcome(Status.NOT_ALLOWED, uri)
    if any(tree[other].locked for other in doomed):
        return Outcome(Status.FORBIDDEN, uri)
    return Outcome(Status.OK, uri, changes=tuple(Change(other, None) for other in doomed))


def execute(
    tree: Tree, address: Address, item: Item, correlator: str | None, caller: Caller
) -> Outcome:
    """An Exec the node allows: its owner, not the tree, decides what becomes of it."""
    uri, node = address.uri, tree.get(address.uri)
    if node is None:
        return Outcome(Status.NOT_FOUND, uri)
    if not allows(tree, uri, Verb.EXEC, caller.server):
        return Outcome(Status.PERMISSION_DENIED, uri)
    if _is_asking(address) or Verb.EXEC not in node.access:
        return Outcome(Status.NOT_ALLOWED, uri)
    return Outcome(Status.ACCEPTED, uri, executed=Executed(uri, item.data, correlator))


def _overwritten(uri: str, node: Node, item: Item) -> Outcome:
    if node.locked:
        return Outcome(Status.FORBIDDEN, uri)
    written = values.overwritten(node, item)
    if isinstance(written, Status):
        return Outcome(written, uri)
    return Outcome(Status.OK, uri, changes=(Change(uri, written),))


def _no_place(tree: Tree, ground: str, caller: Caller) -> Status | None:
    """Why nothing may be made right below `ground`, if so."""
    if not allows(tree, ground, Verb.ADD, caller.server):
        return Status.PERMISSION_DENIED
    if not tree[ground].interior or Verb.ADD not in tree[ground].access:
        return Status.NOT_ALLOWED
    return Status.FORBIDDEN if tree[ground].locked else None


def _failed_parent(ground: str, uri: str) -> tuple[Item, ...]:
    """Which implicit parent could not be made (DM RepPro §6.6.1)."""
    between = _between(ground, uri)
    return (Item(target=Location(spelled(between[0]))),) if between else ()


def _grown(ground: str, uri: str, made: Node) -> tuple[Change, ...]:
    """The node and what leads to it; implicit parents inherit their rights."""
    parents = (Change(between, values.interior()) for between in _between(ground, uri))
    return (*parents, Change(uri, made))


def _is_asking(address: Address) -> bool:
    """Names a property or a list, not a node."""
    return address.prop is not None or address.listing is not None


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
