"""One command on a tree: what each of its Items gives. Pure.

Promise: total, whatever the peer sends; a bad command is a Status, never an exception. Items of
one command see what the Items before them changed.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from fumo.codes import Status
from fumo.dm.message import (
    Add,
    Command,
    Copy,
    Delete,
    Exec,
    Get,
    Item,
    Replace,
    Unknown,
)
from fumo.tree import documents, read, values, write
from fumo.tree.node import Caller, Change, Node, Outcome, Tree
from fumo.tree.uri import Address, parse

OnTree = Get | Replace | Add | Copy | Delete | Exec
UNUSED = ("Map", "Move", "Put", "Search", "Sync")  # commands of SyncML, but not of DM (RepPro §5)


def apply(tree: Tree, command: Command, caller: Caller) -> tuple[Outcome, ...]:
    """The outcome of each Item; a command that DM does not use is 406, one that is none 400."""
    if not isinstance(command, OnTree):
        unused = not isinstance(command, Unknown) or command.name in UNUSED
        return (Outcome(Status.NOT_SUPPORTED if unused else Status.BAD_REQUEST, ""),)
    if not command.items:
        return (Outcome(Status.INCOMPLETE, ""),)
    return tuple(_each(tree, command, caller))


def changed(tree: Tree, changes: tuple[Change, ...]) -> Tree:
    """The tree after these changes."""
    nodes: dict[str, Node] = dict(tree)
    for change in changes:
        if change.node is None:
            nodes.pop(change.uri, None)
        else:
            nodes[change.uri] = change.node
    return nodes


def _each(tree: Tree, command: OnTree, caller: Caller) -> Iterator[Outcome]:
    for item in command.items:
        outcome = _one(tree, command, item, caller)
        tree = changed(tree, outcome.changes) if outcome.changes else tree
        yield outcome


def _one(tree: Tree, command: OnTree, item: Item, caller: Caller) -> Outcome:
    """Find the node an Item names, then do what the command is for."""
    text = item.target.uri if item.target else ""
    if not text.strip():
        return Outcome(Status.INCOMPLETE, "")
    address = parse(text, caller.limits)
    if isinstance(address, Status):
        return Outcome(address, text)
    if isinstance(command, Exec) and len(command.items) > 1:
        return Outcome(Status.BAD_REQUEST, text)  # RepPro §6.6.6: an Exec has one Item
    outcome = _done(tree, command, address, _with_meta(item, command), caller)
    return replace(outcome, target=text)  # a Status names the Item in the peer's own words


def _done(tree: Tree, command: OnTree, address: Address, item: Item, caller: Caller) -> Outcome:
    match command:
        case Get():
            return read.get(tree, address, caller)
        case Replace():
            if values.is_document(item) and address.prop is None:
                return documents.replace(tree, address, item, caller)
            return write.replace(tree, address, item, caller)
        case Add():
            if values.is_document(item):
                return documents.add(tree, address, item, caller)
            return write.add(tree, address, item, caller)
        case Copy():
            return write.copy(tree, address, item, caller)
        case Delete():
            return write.delete(tree, address, caller)
        case _:
            return write.execute(tree, address, item, command.correlator, caller)


def _with_meta(item: Item, command: OnTree) -> Item:
    """A command's Meta speaks for its Items that have none (RepPro §6.5)."""
    if item.meta is not None or command.meta is None:
        return item
    return Item(item.target, item.source, command.meta, item.data, item.more_data)
