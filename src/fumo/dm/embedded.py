"""Where an Item's Data is a document (TNDS, DDF): what a message makes of it. Pure.

Read: text and opaque data stay as they were sent, and elements inside Data become the XML text of
the document; any other document in Data (DevInf, say) is refused. Written: a document goes in the
form of its message, text in XML and opaque in WBXML, and its Type says so; what cannot be turned
stays as it is. How data is told to be XML or WBXML stands in `dm.documents`.
"""

from collections.abc import Callable
from typing import TypeAlias
from xml.etree.ElementTree import Element

from msgspec.structs import replace

from fumo.dm import document_parts as parts
from fumo.dm import document_wbxml
from fumo.dm.document_nodes import ROOT
from fumo.dm.document_parts import local
from fumo.dm.document_xml import xml_of
from fumo.dm.documents import (
    DDF,
    DDF_WBXML,
    DDF_XML,
    TNDS,
    TNDS_WBXML,
    TNDS_XML,
    is_wbxml,
    is_xml,
    kind_of,
    parse,
)
from fumo.dm.message import Item, Meta
from fumo.dm.shown import shown
from fumo.errors import DecodeError, MisuseError

Types: TypeAlias = dict[str, str]
XML_TYPES: Types = {TNDS: TNDS_XML, DDF: DDF_XML}
WBXML_TYPES: Types = {TNDS: TNDS_WBXML, DDF: DDF_WBXML}


def text_of(data: Element) -> str:
    """The document that stands as an element in a Data element, as XML text."""
    root = data[0]
    if len(data) > 1 or local(root) != ROOT:
        what = f"an embedded document ({shown(local(root))}) that is no tree and no description"
        raise DecodeError(what)
    try:
        return xml_of(settled(root))
    except MisuseError as fault:  # WBXML can hold characters that XML has no way to write
        raise DecodeError(str(fault), ROOT) from None


def stays_bytes(data: bytes, *metas: Meta | None) -> bool:
    """Whether opaque data is a document in WBXML: much of it could be taken for text.

    `metas` are those of the Item and of its command: the first that names a Type counts.
    """
    types = (meta.type for meta in metas if meta is not None and meta.type)
    return is_wbxml(data) and kind_of(next(types, None)) is not None


def concerns(item: Item) -> bool:
    """Whether an Item must be looked at before it is written: raw bytes, or a document."""
    if isinstance(item.data, bytes):
        return True
    return item.meta is not None and kind_of(item.meta.type) is not None


def in_xml(item: Item) -> Item:
    """The Item with its document, if it has one, as XML text."""
    if isinstance(item.data, str) and is_xml(item.data.encode("utf-8", "replace")):
        return _said(item, item.data, XML_TYPES)
    return _turned(item, XML_TYPES, xml_of)


def in_wbxml(item: Item) -> Item:
    """The Item with its document, if it has one, as bytes of WBXML."""
    if isinstance(item.data, bytes) and is_wbxml(item.data):
        return _said(item, item.data, WBXML_TYPES)
    return _turned(item, WBXML_TYPES, document_wbxml.written)


def _turned(item: Item, types: Types, write: Callable[[Element], str | bytes]) -> Item:
    """The document in the other form; a part of one cannot be read, and stays."""
    meta = item.meta
    if item.data is None or item.more_data or meta is None or kind_of(meta.type) is None:
        return item
    try:
        return _said(item, write(settled(parse(item.data))), types)
    except (DecodeError, MisuseError):
        return item


def _said(item: Item, data: str | bytes, types: Types) -> Item:
    """The Item with the Type of its form, if it is a document's at all."""
    kind = kind_of(item.meta.type) if item.meta else None
    if item.meta is None or kind is None or item.more_data:
        return item
    return replace(item, meta=replace(item.meta, type=types[kind], format="xml"), data=data)


def settled(root: Element) -> Element:
    """The same elements, every Value as text or, where its Format is bin, as bytes."""
    for node in root.iter():
        held = parts.child(node, "Value") if local(node) == "Node" else None
        if held is not None:
            format_ = parts.format_of(node) or parts.word(
                parts.child_or_empty(node, "DFProperties"), "DFFormat"
            )
            held.text = parts.value(node, format_)  # type: ignore[assignment]  # bytes
    return root
