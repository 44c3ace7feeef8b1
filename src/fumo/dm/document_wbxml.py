"""An embedded document (MgmtTree) as WBXML: read with the reader of messages, and written. Pure.

Its public identifier has no number and is always written out, "-//OMA//DTD-DM-DDF 1.2//EN", with
or without a NUL at its end; its tags are those of code page 2 (DM TND 9.6).
"""

from xml.etree.ElementTree import Element

from fumo.dm import wbxml
from fumo.dm.document_parts import local
from fumo.dm.shown import shown
from fumo.dm.wbxml_tables import (
    EMBEDDED_PAGE,
    END,
    HAS_CONTENT,
    OPAQUE,
    STR_I,
    SWITCH_PAGE,
    TOKENS,
)
from fumo.dm.wbxml_words import uint32
from fumo.errors import MisuseError

FPI = b"-//OMA//DTD-DM-DDF 1.2//EN\0"
FPI_MARKS = ("DM-DDF", "DMDDF", "DMTNDS")
"""Words in the public identifiers that the field writes for trees and descriptions."""
UNKNOWN_PUBLIC_ID = 0x01
HEADER = bytes((0x02, 0x00, 0x00, 0x6A, len(FPI))) + FPI + bytes((SWITCH_PAGE, EMBEDDED_PAGE))
"""WBXML 1.2, the identifier as the first string of the table, UTF-8."""


class DocumentReader(wbxml.Reader):
    """Reads one document. Without a page switch its tags are those of page 2, too."""

    def __init__(self, body: bytes) -> None:
        """A reader at the beginning of this body."""
        super().__init__(body)
        self.page = EMBEDDED_PAGE

    def check_public_id(self, public_id: int, name_at: int | None) -> None:
        """Refuse a document that says it is something else."""
        if name_at is None:
            name, known = f"0x{public_id:X}", public_id == UNKNOWN_PUBLIC_ID
        else:
            name = self.table_string(name_at).decode("ascii", "replace")
            known = any(mark in name.upper() for mark in FPI_MARKS)
        if not known:
            raise self.fault(f"the public identifier {shown(name)} is no tree's or description's")


def parse(body: bytes) -> Element:
    """The root element of a document."""
    return wbxml.parse(body, DocumentReader)


def written(root: Element) -> bytes:
    """A MgmtTree as WBXML; raw bytes are opaque."""
    parts = [HEADER]
    waiting: list[Element | bytes] = [root]
    while waiting:
        each = waiting.pop()
        if isinstance(each, bytes):
            parts.append(each)
            continue
        held, token = _text(each), _token(local(each))
        if not held and not len(each):
            parts.append(bytes((token,)))
            continue
        parts += (bytes((token | HAS_CONTENT,)), held)
        waiting += (bytes((END,)), *reversed(each))
    return b"".join(parts)


def _token(name: str) -> int:
    try:
        return TOKENS[EMBEDDED_PAGE][name]
    except KeyError:
        raise MisuseError(f"WBXML has no token for {name} in a document") from None


def _text(element: Element) -> bytes:
    """Text inline, and opaque what holds the NUL that would end it."""
    held: object = element.text or ""
    if len(element) or not held:
        return b""
    data = held if isinstance(held, bytes) else _in_utf8(str(held))
    if isinstance(held, bytes) or 0 in data:
        return bytes((OPAQUE,)) + uint32(len(data)) + data
    return bytes((STR_I,)) + data + b"\0"


def _in_utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise MisuseError(f"half a character in {text[:40]!r}") from None
