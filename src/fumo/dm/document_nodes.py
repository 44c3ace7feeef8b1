"""The Nodes of an embedded document, whatever is said of each, read and written. Pure.

Trees and descriptions nest their Nodes alike. Nothing here recurses, however deep they lie.
"""

from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar
from xml.etree.ElementTree import Element

from fumo.dm import document_parts as parts
from fumo.dm.bounds import DEPTH_MAX
from fumo.dm.document_parts import local
from fumo.dm.shown import shown
from fumo.errors import DecodeError, MisuseError

ROOT = "MgmtTree"
VERSION = "1.2"
NODE_DEPTH_MAX = DEPTH_MAX - 5
"""Nodes in each other, so that what is said of the innermost can still be read."""

N = TypeVar("N")


class Nested(Protocol):
    """A node with nodes in it."""

    @property
    def children(self) -> tuple["Nested", ...]:
        """The nodes in it."""


# --- reading ----------------------------------------------------------------------------------


def heading(root: Element) -> tuple[str | None, str | None, str]:
    """Maker, model and version of a document."""
    version = parts.text(root, "VerDTD") or VERSION
    if not version.startswith("1."):
        raise DecodeError(f"a document in version {shown(version)}", "VerDTD")
    return parts.text(root, "Man"), parts.text(root, "Mod"), version


def read_nodes(root: Element, read: Callable[[Element, tuple[N, ...]], N]) -> tuple[N, ...]:
    """The nodes under a root; `read` makes one of an element and of the nodes in it."""
    built: dict[Element, N] = {}
    # Backwards the nodes in a node come before it.
    for element in reversed([each for each in root.iter() if local(each) == "Node"]):
        inner = tuple(built[each] for each in parts.children(element, "Node"))
        try:
            built[element] = read(element, inner)
        except DecodeError as fault:
            raise _inside(element, fault) from None
        if inner and parts.child(element, "Value") is not None:
            raise _inside(element, DecodeError("both a Value and Nodes"))
    nodes = tuple(built[each] for each in parts.children(root, "Node"))
    if not nodes:
        raise DecodeError("a document without a Node", ROOT)
    return nodes


def _inside(node: Element, fault: DecodeError) -> DecodeError:
    """The same fault, with the name of the Node it is in."""
    name = parts.child(node, "NodeName")
    called = "Node" if name is None else f"Node {shown(str(name.text or ''))}"
    return DecodeError(fault.what, f"{called}/{fault.where}" if fault.where else called)


# --- writing ----------------------------------------------------------------------------------


def new_root(version: str, man: str | None, mod: str | None) -> Element:
    """The beginning of a document."""
    root = Element(ROOT)
    for name, text in (("VerDTD", version), ("Man", man), ("Mod", mod)):
        parts.add(root, name, text)
    return root


T = TypeVar("T", bound=Nested)


def add_nodes(root: Element, nodes: Iterable[T], write: Callable[[Element, T], Element]) -> None:
    """Write nodes and all in them; `write` makes the element of one in its parent."""
    waiting = [(root, node, 1) for node in nodes]
    for parent, node, depth in waiting:  # grows while it is read: siblings stay in order
        if depth > NODE_DEPTH_MAX:
            raise MisuseError(f"nodes more than {NODE_DEPTH_MAX} deep")
        element = write(parent, node)
        waiting += ((element, inner, depth + 1) for inner in node.children)  # type: ignore[misc]
