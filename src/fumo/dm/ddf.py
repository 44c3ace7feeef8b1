"""Device descriptions (DDF): what a device's tree can hold and what may be done to it. Pure.

A description is written like a tree (`tnds`), with a node's DFProperties in place of its state
(DM TND 9). Unsaid properties read as their defaults: Occurrence One, Scope Dynamic.
Promise: `decode_ddf` gives a Description or raises DecodeError; what `encode_ddf` writes in either
form, it reads as the same value. Neither recurses.
"""

from xml.etree.ElementTree import Element, SubElement

from msgspec import Struct

from fumo.dm import document_parts as parts
from fumo.dm.document_nodes import add_nodes, heading, new_root, read_nodes
from fumo.dm.document_parts import local
from fumo.dm.documents import DDF, kind_of, parse, written
from fumo.dm.shown import shown
from fumo.errors import DecodeError, MisuseError

VERBS = ("Add", "Copy", "Delete", "Exec", "Get", "Replace")
ONE = "One"
COUNTED = ("ZeroOrN", "OneOrN")
OCCURRENCES = (ONE, "ZeroOrOne", "ZeroOrMore", "OneOrMore", *COUNTED)
OCCURRENCES_MIN, OCCURRENCES_MAX = 2, 65_536
DYNAMIC = "Dynamic"
SCOPES = ("Permanent", DYNAMIC)
CASES = ("CS", "CIS")


class DdfNode(Struct, frozen=True, omit_defaults=True):
    """One kind of node. `name` None or "": the server names it. `path` as in a tree.

    `most` counts for the occurrences ZeroOrN and OneOrN. `types` are MIME types; `ddf_name` is the
    id of the management object that an interior node begins.
    """

    name: str | None = None
    path: str | None = None
    access: tuple[str, ...] = ()
    default: str | None = None
    description: str | None = None
    format: str | None = None
    occurrence: str = ONE
    most: int | None = None
    scope: str = DYNAMIC
    title: str | None = None
    types: tuple[str, ...] = ()
    ddf_name: str = ""
    case_sense: str | None = None
    value: str | bytes | None = None
    children: tuple["DdfNode", ...] = ()


class Ddf(Struct, frozen=True, omit_defaults=True):
    """A description: of the devices of one maker and model."""

    nodes: tuple[DdfNode, ...]
    man: str | None = None
    mod: str | None = None
    ver_dtd: str = "1.2"


def decode_ddf(data: str | bytes, media_type: str | None = None) -> Ddf:
    """Read a description; `media_type` is the type it came with, if it had one."""
    if media_type is not None and kind_of(media_type) != DDF:
        raise DecodeError(f"the type '{shown(media_type)}' is not a description's")
    root = parse(data)
    return Ddf(read_nodes(root, _node), *heading(root))


def encode_ddf(ddf: Ddf, media_type: str) -> bytes:
    """Write a description in the form that the type names."""
    if kind_of(media_type) != DDF:
        raise MisuseError(f"the type {media_type!r} is not a description's")
    root = new_root(ddf.ver_dtd, ddf.man, ddf.mod)
    add_nodes(root, ddf.nodes, _element)
    return written(root, media_type)


# --- reading ----------------------------------------------------------------------------------


def _node(element: Element, inner: tuple[DdfNode, ...]) -> DdfNode:
    said = parts.child_or_empty(element, "DFProperties")
    format_ = parts.one_of(said, "DFFormat", parts.FORMATS)
    occurrence, most = _occurrence(said)
    return DdfNode(
        name=parts.text(element, "NodeName"),
        path=parts.text(element, "Path"),
        access=_access(said),
        default=parts.exact(said, "DefaultValue"),
        description=parts.text(said, "Description"),
        format=format_,
        occurrence=occurrence,
        most=most,
        scope=parts.one_of(said, "Scope", SCOPES) or DYNAMIC,
        title=parts.text(said, "DFTitle"),
        types=tuple(_types(said, "MIME")),
        ddf_name=next(iter(_types(said, "DDFName")), ""),
        case_sense=parts.one_of(said, "CaseSense", CASES),
        value=parts.value(element, parts.format_of(element) or format_),
        children=inner,
    )


def _access(properties: Element) -> tuple[str, ...]:
    """The verbs in the order of the DTD, each once."""
    held = parts.child_or_empty(properties, "AccessType")
    return tuple(verb for verb in VERBS if parts.child(held, verb) is not None)


def _occurrence(properties: Element) -> tuple[str, int | None]:
    said = parts.one_of(properties, "Occurrence", OCCURRENCES) or ONE
    if said not in COUNTED:
        return said, None
    most = parts.number(parts.child_or_empty(properties, "Occurrence"), said, OCCURRENCES_MAX)
    if most is None or most < OCCURRENCES_MIN:
        raise DecodeError(f"{said} of less than {OCCURRENCES_MIN}", "Occurrence")
    return said, most


def _types(properties: Element, kind: str) -> list[str]:
    held = parts.child_or_empty(properties, "DFType")
    return [parts.text_of(each).strip(parts.BLANKS) for each in held if local(each) == kind]


# --- writing ----------------------------------------------------------------------------------


def _element(parent: Element, node: DdfNode) -> Element:
    element = SubElement(parent, "Node")
    SubElement(element, "NodeName").text = node.name  # the DTD asks for it, also when it is empty
    parts.add(element, "Path", node.path)
    properties = SubElement(element, "DFProperties")
    _add_access(properties, node.access)
    parts.add(properties, "DefaultValue", node.default)
    parts.add(properties, "Description", node.description)
    parts.add_word(properties, "DFFormat", node.format, parts.FORMATS)
    _add_occurrence(properties, node)
    parts.add_word(properties, "Scope", node.scope, SCOPES)
    parts.add(properties, "DFTitle", node.title)
    _add_types(properties, node)
    parts.add_word(properties, "CaseSense", node.case_sense, CASES)
    if node.value is not None:
        parts.add_value(element, node.value, node.format)
    return element


def _add_access(properties: Element, access: tuple[str, ...]) -> None:
    held = SubElement(properties, "AccessType")
    for verb in VERBS:
        if verb in access:
            SubElement(held, verb)


def _add_occurrence(properties: Element, node: DdfNode) -> None:
    """Occurrence, with its number where it counts."""
    parts.add_word(properties, "Occurrence", node.occurrence, OCCURRENCES)
    if node.occurrence in COUNTED:
        properties[-1][0].text = str(node.most or OCCURRENCES_MIN)


def _add_types(properties: Element, node: DdfNode) -> None:
    """MIME types, or the id of a management object: the DTD wants one or the other."""
    held = SubElement(properties, "DFType")
    for type_ in node.types:
        parts.add(held, "MIME", type_)
    if not node.types:
        SubElement(held, "DDFName").text = node.ddf_name
