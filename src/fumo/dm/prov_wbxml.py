"""Provisioning documents in WBXML, read and written. Pure.

All they say stands in attributes, so this reader does what that of messages never does: it reads
attributes, with tokens of two code pages that are switched apart from those of the tags.
Promise: as that of `wbxml`, a tree or a DecodeError with the byte where it stopped.
"""

from xml.etree.ElementTree import Element

from fumo.dm import prov_tables as tables
from fumo.dm import wbxml
from fumo.dm.bounds import ATTRIBUTES_MAX, TEXT_BYTES_MAX
from fumo.dm.wbxml_tables import (
    END,
    ENTITY,
    HAS_ATTRIBUTES,
    HAS_CONTENT,
    LITERAL,
    OPAQUE,
    STR_I,
    STR_T,
    SWITCH_PAGE,
    TAG_BITS,
)
from fumo.errors import MisuseError

HEADER = bytes((0x03, tables.PUBLIC_ID, 0x6A, 0x00))
"""WBXML 1.3, provisioning 1.0, UTF-8, no string table: what phones have always been sent."""
TEXTS = (STR_I, STR_T, ENTITY, OPAQUE)
VALUE_BIT = 0x80


class ProvReader(wbxml.Reader):
    """Reads one document."""

    def __init__(self, body: bytes) -> None:
        """A reader at the beginning of this body."""
        super().__init__(body)
        self.attribute_page = 0
        self.attributes: dict[str, str] = {}

    def check_public_id(self, public_id: int, name_at: int | None) -> None:
        """Refuse a document that says it is something else."""
        if name_at is not None:
            known = b"PROV" in self.table_string(name_at).upper()
        else:
            known = public_id in (tables.PUBLIC_ID, 0x01)
        if not known:
            raise self.fault("the public identifier is no provisioning document's")

    def read_plain(self) -> None:
        """Nothing here is as plain as in a message."""

    def switch_page(self) -> None:
        """Tags are the same on both pages."""
        self.known_page(self.byte())

    def known_page(self, page: int) -> int:
        """The page, if there is such a one."""
        if page >= len(tables.STARTS):
            raise self.fault(f"the code page {page}")
        return page

    def tag(self, token: int, start: int) -> str:
        """The name of an element's token."""
        name = tables.TAGS.get(token & TAG_BITS)
        if name is None:
            raise self.fault(f"the unknown token 0x{token:02X}", start)
        return name

    def open(self, token: int, start: int) -> Element | None:
        """Begin an element, its attributes first."""
        self.attributes = {}
        opened = super().open(token, start)
        newest = opened if opened is not None else self.path[-1]
        if opened is None and not token & HAS_CONTENT:
            newest = newest[-1]
        newest.attrib.update(self.attributes)
        return opened

    def skip_attributes(self) -> None:
        """Read attributes: the start of one ends the one before it."""
        read: dict[str, list[str]] = {}
        pieces: list[str] | None = None
        while (token := self.byte()) != END:
            self.count_node(self.at - 1)
            if token == SWITCH_PAGE:
                self.attribute_page = self.known_page(self.byte())
            elif token in TEXTS or token & VALUE_BIT:
                if pieces is None:
                    raise self.fault("a value before any attribute", self.at - 1)
                pieces.append(self.value_piece(token))
            else:
                name, beginning = self.attribute_start(token)
                pieces = read[name] = [beginning]
        if len(read) > ATTRIBUTES_MAX:
            raise self.fault(f"more than {ATTRIBUTES_MAX} attributes")
        self.attributes = {name: "".join(held) for name, held in read.items()}

    def attribute_start(self, token: int) -> tuple[str, str]:
        """The name of an attribute, and what its value begins with."""
        if token == LITERAL:
            return self.table_string(self.number()).decode(), ""
        found = tables.STARTS[self.attribute_page].get(token)
        if found is None:
            raise self.fault(f"the attribute token 0x{token:02X}", self.at - 1)
        return found

    def value_piece(self, token: int) -> str:
        """A piece of an attribute's value."""
        if token not in TEXTS:
            word = tables.VALUES[self.attribute_page].get(token)
            if word is None:
                raise self.fault(f"the value token 0x{token:02X}", self.at - 1)
            return word
        data = self.piece_of(token)
        self.text_bytes += len(data)
        if self.text_bytes > TEXT_BYTES_MAX:
            raise self.fault(f"more than {TEXT_BYTES_MAX} bytes of text")
        return data.decode()


def parse(body: bytes) -> Element:
    """The root element of a document."""
    return wbxml.parse(body, ProvReader)


def written(root: Element) -> bytes:
    """A document as WBXML."""
    return Writer().write(root)


class Writer:
    """Writes one document. It stays on a page of attributes until the other one is needed."""

    def __init__(self) -> None:
        """A writer on page 0."""
        self.page = 0

    def write(self, root: Element) -> bytes:
        """The document of these elements."""
        parts = [HEADER]
        waiting: list[Element | bytes] = [root]
        while waiting:
            each = waiting.pop()
            if isinstance(each, bytes):
                parts.append(each)
                continue
            has_content = HAS_CONTENT if len(each) else 0
            parts.append(bytes((tables.TAG_TOKENS[each.tag] | HAS_ATTRIBUTES | has_content,)))
            parts += (self.attribute(name, value) for name, value in each.items())
            parts.append(bytes((END,)))
            waiting += (bytes((END,)), *reversed(each)) if has_content else ()
        return b"".join(parts)

    def attribute(self, name: str, value: str) -> bytes:
        """An attribute with its value, as one token where there is one."""
        for page in (self.page, 1 - self.page):
            token = tables.START_TOKENS[page].get((name, value))
            if value and token is not None:
                return self.token(page, token)
        # Page 1 has these starts, too, but what phones have been sent takes them from page 0.
        start = self.token(0, tables.START_TOKENS[0][name, ""])
        return start + self.value(value)

    def value(self, value: str) -> bytes:
        """A value as a word of one of the pages, or as a string."""
        for page in (self.page, 1 - self.page):
            token = tables.VALUE_TOKENS[page].get(value)
            if token is not None:
                return self.token(page, token)
        return _inline(value) if value else b""

    def token(self, page: int, token: int) -> bytes:
        """A token of a page of attributes, with the switch that it may need."""
        switch = bytes((SWITCH_PAGE, page)) if page != self.page else b""
        self.page = page
        return switch + bytes((token,))


def _inline(text: str) -> bytes:
    if "\0" in text:
        raise MisuseError(f"a NUL in {text[:40]!r}")
    try:
        return bytes((STR_I,)) + text.encode() + b"\0"
    except UnicodeEncodeError:
        raise MisuseError(f"half a character in {text[:40]!r}") from None
