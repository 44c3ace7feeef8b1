"""What a leaf may hold: the data of an Item as a value of the node's format (DM TND §7.7.2). Pure.

Octets are the format "bin" here, however they travelled: raw in WBXML, base64 in XML. All else is
text. A value that does not fit its format, or is larger than we keep, is a Status.
"""

import binascii
import re
from base64 import b64decode

from fumo.codes import Status
from fumo.dm.documents import TNDS, kind_of
from fumo.dm.message import Item, Meta
from fumo.tree.node import Node, Verb

DYNAMIC = frozenset({Verb.ADD, Verb.DELETE, Verb.GET, Verb.REPLACE})
INT_MIN, INT_MAX = -(2**31), 2**31 - 1
LEAF_FORMATS = ("chr", "int", "bool", "bin", "xml", "date", "time", "float", "null")
VALUE_BYTES_MAX = 1_048_576
SHAPES = {  # date and time as in ISO 8601, with or without its marks
    "bool": re.compile("true|false"),
    "date": re.compile(r"\d{4}-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])", re.ASCII),
    "float": re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII),
    "null": re.compile(""),
    "time": re.compile(r"([01]\d|2[0-3]):?[0-5]\d:?[0-5]\d(Z|[+-]\d\d:?\d\d)?", re.ASCII),
}
PLAIN_TYPE = "text/plain"


def is_document(item: Item) -> bool:
    """Is the data a serialised subtree (TNDS)?"""
    return item.meta is not None and kind_of(item.meta.type) == TNDS


def value_of(item: Item, format_: str) -> str | bytes | Status:
    """The Item's data as a node of this format holds it, or why it cannot: 412, 413, 415."""
    if item.data is None:
        return Status.INCOMPLETE
    if item.more_data:
        return Status.TOO_LARGE  # a value is judged whole: pieces are joined before they come here
    sent = (item.meta and item.meta.format) or None
    value = _raw(item.data, sent) if format_ == "bin" else _text(item.data, format_, sent)
    if not isinstance(value, Status) and len(value) > VALUE_BYTES_MAX:
        return Status.TOO_LARGE
    return value


def made(item: Item) -> Node | Status:
    """The dynamic node an Add describes; Format says which kind (DM RepPro §6.6.1)."""
    meta = item.meta or Meta()
    format_ = kept_format(meta.format or "chr")
    if format_ == "node":
        return interior(meta.type or "")
    if format_ not in LEAF_FORMATS:
        return Status.UNSUPPORTED_FORMAT
    value = value_of(item, format_) if item.data is not None else ""
    if isinstance(value, Status):
        return value
    return Node(format_, value, meta.type or PLAIN_TYPE, DYNAMIC, permanent=False)


def overwritten(node: Node, item: Item) -> Node | Status:
    """A leaf with the Item's data. Only a dynamic one takes another format or type with it."""
    meta = item.meta or Meta()
    if node.permanent:
        value = value_of(item, node.format)
        return value if isinstance(value, Status) else node.with_value(value)
    format_ = kept_format(meta.format or node.format)
    if format_ not in LEAF_FORMATS:
        return Status.UNSUPPORTED_FORMAT
    value = value_of(item, format_)
    if isinstance(value, Status):
        return value
    return node.with_value(value, format_, meta.type or node.type)


def interior(type_: str = "") -> Node:
    """A dynamic interior node."""
    return Node("node", "", type_, DYNAMIC, permanent=False)


def kept_format(sent: str) -> str:
    """Octets travel as b64 in XML, and are octets all the same (DM TND §7.7.2)."""
    return "bin" if sent == "b64" else sent


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
    return text if _fits(text, format_) else Status.UNSUPPORTED_FORMAT


def _fits(text: str, format_: str) -> bool:
    if format_ == "int":
        return _is_int(text)
    shape = SHAPES.get(format_)
    return shape is None or shape.fullmatch(text) is not None


def _is_int(text: str) -> bool:
    digits = text.removeprefix("-")
    plain = digits.isascii() and digits.isdecimal() and len(digits) <= 10
    return plain and INT_MIN <= int(text) <= INT_MAX
