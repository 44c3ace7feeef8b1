"""Management trees as documents (TNDS), read and written. Pure.

A tree is exchanged whole, in one document, in XML or WBXML (DM TNDS 1.2). Forgiving as the field
needs: Type and Format as elements or as text, a missing Path, Format or NodeName, any order.
Promise: `decode_tnds` gives a TndsTree or raises DecodeError; what `encode_tnds` writes in either
form, it reads as the same value. Neither recurses.
"""

from xml.etree.ElementTree import Element, SubElement

from msgspec import Struct

from fumo.dm import document_parts as parts
from fumo.dm.document_nodes import add_nodes, heading, new_root, read_nodes
from fumo.dm.documents import TNDS, kind_of, parse, written
from fumo.dm.shown import shown
from fumo.errors import DecodeError, MisuseError

VERNO_MAX = 0xFFFF
INTERIOR = "node"


class TndsNode(Struct, frozen=True, omit_defaults=True):
    """One node with what is said of it; None is what is not said.

    `name` "" is the last segment of the command's target, None leaves the choice to the device.
    `path` leads from the command's target to the node above this one. `type` is a MIME type, or a
    management object's id when the node is interior. A leaf has a `value`, bytes if it is bin.
    """

    name: str | None = None
    path: str | None = None
    acl: str | None = None
    format: str | None = None
    title: str | None = None
    tstamp: str | None = None
    type: str | None = None
    verno: int | None = None
    value: str | bytes | None = None
    children: tuple["TndsNode", ...] = ()

    @property
    def interior(self) -> bool:
        """Has children rather than a value."""
        return self.format == INTERIOR or (self.format is None and self.value is None)


class TndsTree(Struct, frozen=True, omit_defaults=True):
    """A document: its trees, and whose device they were taken from."""

    nodes: tuple[TndsNode, ...]
    man: str | None = None
    mod: str | None = None
    ver_dtd: str = "1.2"


def decode_tnds(data: str | bytes, media_type: str | None = None) -> TndsTree:
    """Read a tree from an Item's data; `media_type` is the Item's Type, if it has one."""
    if media_type is not None and kind_of(media_type) != TNDS:
        raise DecodeError(f"the type '{shown(media_type)}' is not a tree's")
    root = parse(data)
    return TndsTree(read_nodes(root, _node), *heading(root))


def encode_tnds(tree: TndsTree, media_type: str) -> bytes:
    """Write a tree in the form that the type names."""
    if kind_of(media_type) != TNDS:
        raise MisuseError(f"the type {media_type!r} is not a tree's")
    root = new_root(tree.ver_dtd, tree.man, tree.mod)
    add_nodes(root, tree.nodes, _element)
    return written(root, media_type)


# --- reading ----------------------------------------------------------------------------------


def _node(element: Element, inner: tuple[TndsNode, ...]) -> TndsNode:
    said, format_ = parts.child_or_empty(element, "RTProperties"), parts.format_of(element)
    return TndsNode(
        name=parts.text(element, "NodeName"),
        path=parts.text(element, "Path"),
        acl=parts.text(said, "ACL"),
        format=format_,
        title=parts.text(said, "Title"),
        tstamp=parts.text(said, "TStamp"),
        type=_type(said),
        verno=parts.number(said, "VerNo", VERNO_MAX),
        value=parts.value(element, format_),
        children=inner,
    )


def _type(properties: Element) -> str | None:
    """A MIME type, or the id of a management object; some write it without the element between."""
    held = parts.child(properties, "Type")
    if held is None:
        return None
    return parts.text_of(held[0] if len(held) else held).strip(parts.BLANKS)


# --- writing ----------------------------------------------------------------------------------


def _element(parent: Element, node: TndsNode) -> Element:
    element = SubElement(parent, "Node")
    parts.add(element, "NodeName", node.name)
    parts.add(element, "Path", node.path)
    _add_properties(element, node)
    if node.value is not None:
        parts.add_value(element, node.value, node.format)
    return element


def _add_properties(element: Element, node: TndsNode) -> None:
    properties = Element("RTProperties")
    parts.add(properties, "ACL", node.acl)
    parts.add_word(properties, "Format", node.format, parts.FORMATS)
    parts.add(properties, "Title", node.title)
    parts.add(properties, "TStamp", node.tstamp)
    if node.type is not None:
        kind = SubElement(properties, "Type")
        parts.add(kind, "DDFName" if node.interior else "MIME", node.type)
    parts.add(properties, "VerNo", None if node.verno is None else str(node.verno))
    if len(properties):
        element.append(properties)
