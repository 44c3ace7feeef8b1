"""Documents that travel inside messages: trees (TNDS) and descriptions (DDF). Pure.

The one rule of their forms: *a document's form is what its data is, never what its Type says*,
since the field's tools rewrite the one without the other. Text and bytes that begin like XML are
XML; bytes that begin with a WBXML version are WBXML; anything else must be base64 of one of them.
The Type only says which document it is. So `decode_tnds(item.data, item.meta.type)` reads any Item.
Promise: `parse` gives a MgmtTree element or raises DecodeError, within the bounds of `dm.bounds`.
"""

from xml.etree.ElementTree import Element

from fumo.dm import document_wbxml, xml
from fumo.dm.bounds import BODY_BYTES_MAX
from fumo.dm.document_nodes import ROOT
from fumo.dm.document_parts import from_base64, local
from fumo.dm.document_xml import xml_of
from fumo.dm.shown import shown
from fumo.dm.wbxml_tables import VERSIONS
from fumo.errors import DecodeError, MisuseError

TNDS_XML = "application/vnd.syncml.dmtnds+xml"
TNDS_WBXML = "application/vnd.syncml.dmtnds+wbxml"
DDF_XML = "application/vnd.syncml.dmddf+xml"
DDF_WBXML = "application/vnd.syncml.dmddf+wbxml"
TNDS, DDF = "tree", "description"
KINDS = {TNDS_XML: TNDS, TNDS_WBXML: TNDS, DDF_XML: DDF, DDF_WBXML: DDF}
"""Which document a Type names (DM TNDS 7, DM TND 9)."""

WBXML_VERSIONS = tuple(bytes((version,)) for version in VERSIONS)


def kind_of(media_type: str | None) -> str | None:
    """TNDS or DDF by a Type, its parameters, blanks and case aside; None when it is neither."""
    if media_type is None or "+" not in media_type:  # nearly always, and found at once
        return None
    return KINDS.get(media_type.partition(";")[0].strip().lower())


def is_xml(body: bytes) -> bool:
    """Whether this begins like XML."""
    return body.lstrip(xml.BLANK_BYTES).startswith(xml.BEGINNINGS)


def is_wbxml(body: bytes) -> bool:
    """Whether this begins like WBXML."""
    return body.startswith(WBXML_VERSIONS)


def parse(data: str | bytes) -> Element:
    """The MgmtTree element in a document of either form."""
    body = _unpacked(data.encode("utf-8", "replace") if isinstance(data, str) else data)
    root = document_wbxml.parse(body) if is_wbxml(body) else xml.parse_counted(body)
    if local(root) != ROOT:
        raise DecodeError(f"the root element is {shown(local(root))}, not {ROOT}")
    return root


def _unpacked(data: bytes) -> bytes:
    """The document, out of its base64 if it is in one."""
    if len(data) > BODY_BYTES_MAX:
        raise DecodeError(f"a document of {len(data)} bytes, more than {BODY_BYTES_MAX}")
    if is_xml(data) or is_wbxml(data):
        return data
    body = from_base64(data)
    if body is None or not (is_xml(body) or is_wbxml(body)):
        raise DecodeError("neither XML nor WBXML nor base64 of one of them")
    return body


def written(root: Element, media_type: str) -> bytes:
    """The document of these elements, in the form that the Type names."""
    if kind_of(media_type) is None:
        raise MisuseError(f"the type {media_type!r} is no embedded document's")
    return document_wbxml.written(root) if media_type.endswith("wbxml") else xml_of(root).encode()
