"""Assembles WBXML by hand, in every way that peers write it, from the XML of a message.

Knows nothing of our codec but the two lists of names; so it can say what the codec would never say.
"""

from collections.abc import Callable
from xml.etree.ElementTree import Element, fromstring

from fumo.dm.wbxml_tables import TOKENS

Text = Callable[[str], bytes]
HEADER = bytes.fromhex("02 A4 01 6A 00")
FPI = b"-//SYNCML//DTD SyncML 1.2//EN"


def number(value: int) -> bytes:
    """An mb_u_int32."""
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.insert(0, value & 0x7F | 0x80)
    return bytes(groups)


def inline(text: str) -> bytes:
    """Text as STR_I."""
    return b"\x03" + text.encode() + b"\0"


def opaque(text: str) -> bytes:
    """Text as OPAQUE."""
    return b"\xc3" + number(len(text.encode())) + text.encode()


def entities(text: str) -> bytes:
    """Text as a row of ENTITY."""
    return b"".join(b"\x02" + number(ord(each)) for each in text)


def in_pieces(text: str) -> bytes:
    """Text as several pieces of several kinds."""
    half = len(text) // 2
    return inline(text[:half]) + entities(text[half : half + 1]) + opaque(text[half + 1 :])


class Table:
    """A string table that grows as texts are written."""

    def __init__(self) -> None:
        """An empty table."""
        self.strings = b""

    def text(self, text: str) -> bytes:
        """Text as STR_T."""
        offset = len(self.strings)
        self.strings += text.encode() + b"\0"
        return b"\x83" + number(offset)


class Assembler:
    """Writes the elements of one document."""

    def __init__(self, text: Text = inline, eager: bool = False, empty: str = "none") -> None:
        """`eager` switches pages before every element; `empty` is content or none."""
        self.text = text
        self.eager = eager
        self.empty_has_content = empty == "content"
        self.page = 0

    def body(self, xml: bytes) -> bytes:
        """The document after its header."""
        return self._element(fromstring(xml))

    def _element(self, element: Element) -> bytes:
        namespace, _, name = element.tag.rpartition("}")
        page = 1 if namespace.endswith("metinf") else 0
        switch = bytes((0, page)) if page != self.page or self.eager else b""
        self.page = page
        inner = b"".join(self._element(child) for child in element)
        if not len(element) and element.text:
            inner = self.text(element.text)
        return switch + self._tagged(TOKENS[page][name], inner)

    def _tagged(self, token: int, inner: bytes) -> bytes:
        if not inner and not self.empty_has_content:
            return bytes((token,))
        return bytes((token | 0x40,)) + inner + b"\x01"
