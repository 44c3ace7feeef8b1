"""SyncML as XML, read: bytes to a tree of elements. Pure.

Two ways lead to the same tree. A small plain body goes through the standard library's C parser. A
body that is large, or holds a DOCTYPE, CDATA or comments, goes through expat with every bound
counted. A DOCTYPE may name an external document, which is never fetched;
one that declares anything of its own is refused, so no entity ever expands.
Promise: `parse` returns a tree or raises DecodeError, and neither of them recurses.
"""

import re
from xml.etree.ElementTree import Element, ParseError, XMLParser
from xml.parsers import expat

from fumo.dm.bounds import (
    ATTRIBUTES_MAX,
    DEPTH_MAX,
    NODES_MAX,
    PLAIN_ATTRIBUTES_MAX,
    PLAIN_BYTES_MAX,
)
from fumo.dm.shown import shown
from fumo.errors import DecodeError

UTF8_MARK = b"\xef\xbb\xbf"
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
BLANK_BYTES = b" \t\r\n"
BEGINNINGS = (b"<", UTF8_MARK, *UTF16_MARKS)
"""How a document in XML begins."""
DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
USUAL = (b'<?xml version="1.0" encoding="UTF-8"?>', b'<?xml version="1.0"?>', b"<SyncML")
"""Beginnings that say UTF-8, or nothing, which means the same."""
AS_UTF8 = {"utf-8", "utf8", "us-ascii", "ascii", "utf-16"}
"""Declared encodings read as UTF-8. UTF-16 is among them: some clients declare it and write UTF-8;
a body that really is UTF-16 begins with a byte order mark."""
AS_LATIN1 = {"iso-8859-1", "latin1", "latin-1"}


def parse(body: bytes) -> Element:
    """The tree in a body."""
    text = _in_utf8(body)
    if _is_plain(text):
        try:
            return _parse_plain(text)
        except ParseError:
            pass  # the careful way says what is wrong, or minds less, such as prefixes of nobody
    return Careful().parse(text)


def parse_counted(body: bytes) -> Element:
    """The tree in a body, with every bound counted: documents may nest where messages do not."""
    return Careful().parse(_in_utf8(body))


def _is_plain(text: bytes) -> bool:
    """Whether nothing is in there that could declare anything, and little of the rest.

    16 KiB hold at most 5,000 elements; and namespaces, which the C parser writes out in the name
    of every element, cannot make more than a few MiB of them.
    """
    return (
        len(text) <= PLAIN_BYTES_MAX
        and (b"!" not in text or b"<!" not in text)  # one byte is found far sooner than two
        and text.count(b"=") <= PLAIN_ATTRIBUTES_MAX
    )


def _parse_plain(text: bytes) -> Element:
    parser = XMLParser(encoding="utf-8")
    parser.feed(text)
    return parser.close()


def _in_utf8(body: bytes) -> bytes:
    """The same document in UTF-8, without what careless writers put around it."""
    if body.startswith(UTF16_MARKS):
        return _transcoded(body, "utf-16")
    text = body.removeprefix(UTF8_MARK).lstrip(BLANK_BYTES).rstrip(b"\0")
    if text.startswith(USUAL):
        return text
    found = DECLARED.match(text)
    name = found[1].decode().lower() if found else "utf-8"
    if name in AS_UTF8:
        return text
    if name in AS_LATIN1:
        return _transcoded(text, "latin-1")
    raise DecodeError(f"XML in the encoding {name}, which we do not read")


def _transcoded(body: bytes, encoding: str) -> bytes:
    try:
        return body.decode(encoding).encode()
    except UnicodeError:
        raise DecodeError(f"XML that is not {encoding}") from None


class Careful:
    """Reads one document with expat, counting everything."""

    def __init__(self) -> None:
        """A reader for one document."""
        self.parser = expat.ParserCreate("utf-8")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._open
        self.parser.EndElementHandler = self._close
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.SkippedEntityHandler = self._skipped
        self.root: Element | None = None
        self.path: list[tuple[Element, list[str]]] = []
        self.nodes = 0

    def parse(self, text: bytes) -> Element:
        """The tree in this text."""
        try:
            self.parser.Parse(text, True)
        except expat.ExpatError as error:
            where = f"line {error.lineno}, column {error.offset + 1}"
            raise DecodeError(f"not XML: {expat.ErrorString(error.code)}", where) from None
        assert self.root is not None  # expat refuses a document without a root
        return self.root

    def _open(self, tag: str, attributes: dict[str, str]) -> None:
        self.nodes += 1
        if self.nodes > NODES_MAX:
            raise self._refusal(f"more than {NODES_MAX} elements")
        if len(self.path) >= DEPTH_MAX:
            raise self._refusal(f"elements more than {DEPTH_MAX} deep")
        if len(attributes) > ATTRIBUTES_MAX:
            raise self._refusal(f"more than {ATTRIBUTES_MAX} attributes")
        element = Element(tag.rpartition(":")[2], attributes)
        if self.path:
            self.path[-1][0].append(element)
        else:
            self.root = element
        self.path.append((element, []))

    def _text(self, text: str) -> None:
        self.path[-1][1].append(text)

    def _close(self, tag: str) -> None:
        element, texts = self.path.pop()
        element.text = "".join(texts)

    def _doctype(self, name: str, system: str | None, public: str | None, internal: bool) -> None:
        if internal:  # the only place where an entity can be declared
            raise self._refusal("a DOCTYPE with declarations of its own")

    def _skipped(self, name: str, is_parameter: bool) -> None:
        raise self._refusal(f"the undeclared entity {shown(name)}")

    def _refusal(self, what: str) -> DecodeError:
        line, column = self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber
        return DecodeError(what, f"line {line}, column {column + 1}")
