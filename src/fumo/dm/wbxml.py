"""SyncML as WBXML, read: bytes to a tree of elements. Pure.

The reader is one loop over the bytes with an explicit stack. It never believes a length before
comparing it with what is there, and counts elements, depth and expanded text (one string of the
table can be named by thousands of tokens). Whatever SyncML does not use is refused by its name.
Promise: `parse` returns a tree or raises DecodeError with the byte where it stopped.
"""

from binascii import b2a_base64
from xml.etree.ElementTree import Element, SubElement

from fumo.dm import wbxml_tables as tables
from fumo.dm.bounds import ATTRIBUTES_MAX, DEPTH_MAX, NODES_MAX, TEXT_BYTES_MAX
from fumo.dm.schema import SYNCML_PAGE
from fumo.dm.shown import shown
from fumo.dm.wbxml_tables import END, ENTITY, OPAQUE, PAGES, STR_I, STR_T, SWITCH_PAGE, TAG_BITS
from fumo.errors import DecodeError

UINT32_MAX = 2**32 - 1
UINT32_BYTES_MAX = 5
Piece = str | bytes


def parse(body: bytes, kind: "type[Reader] | None" = None) -> Element:
    """The tree in a body. What follows the root's end is ignored, as other readers do."""
    reader = (kind or Reader)(body)
    try:
        reader.read_header()
        return reader.read_tree()
    except IndexError:
        raise DecodeError("the message is cut off", f"byte {len(body)}") from None
    except UnicodeDecodeError as error:
        raise DecodeError("text that is not UTF-8", f"byte {body.find(error.object)}") from None


class Reader:
    """Reads one document. `at` is the byte to be read next."""

    def __init__(self, body: bytes) -> None:
        """A reader at the beginning of this body."""
        self.body = body
        self.at = 0
        self.table = b""
        self.page = SYNCML_PAGE
        self.path: list[Element] = []
        self.pieces: dict[Element, list[Piece]] = {}
        self.nodes = 0
        self.text_bytes = 0

    # --- header ---

    def read_header(self) -> None:
        """Version, public identifier, charset and string table (WBXML 1.3 §5.4-5.7)."""
        if self.byte() not in tables.VERSIONS:
            raise self.fault("not WBXML of a version we know", 0)
        public_id = self.number()
        public_name = self.number() if public_id == 0 else None
        charset = self.number()
        if charset not in tables.UTF8_CHARSETS:
            raise self.fault(f"charset {charset}, which we do not read")
        self.table = self.piece(self.number(), "the string table")
        self.check_public_id(public_id, public_name)

    def check_public_id(self, public_id: int, name_at: int | None) -> None:
        """Refuse a document that says it is something else."""
        if name_at is None:
            known = public_id in tables.PUBLIC_IDS
            name = f"0x{public_id:X}"
        else:
            name = self.table_string(name_at).decode("ascii", "replace")
            known = tables.FPI_MARK in name.upper()
        if not known:
            raise self.fault(f"the public identifier {shown(name)} is not SyncML's")

    # --- the tree ---

    def read_tree(self) -> Element:
        """The root element, up to its end."""
        while True:
            self.read_plain()
            start, token = self.at, self.byte()
            if token == END:
                if (done := self.close(start)) is not None:
                    return done
            elif token == SWITCH_PAGE:
                self.switch_page()
            elif token in TEXTS:
                self.add_text(token, start)
            elif token in tables.RESERVED:
                raise self.fault(
                    f"the token {tables.RESERVED[token]}, which SyncML never uses", start
                )
            elif (done := self.open(token, start)) is not None:
                return done

    def read_plain(self) -> None:
        """Read on while nothing comes but what nine tokens in ten are: inner elements with inline
        text or with elements, and their ends. Stops before anything else, which `read_tree` reads.

        Long, since a call for every token would make decoding three times as slow.
        """
        if self.pieces or not self.path:
            return
        body, path, tags, at = self.body, self.path, PLAIN[self.page], self.at
        nodes_left, depth_left = NODES_MAX - self.nodes, DEPTH_MAX - len(path)
        while nodes_left and depth_left:
            if name := tags[body[at]]:
                nodes_left -= 1
                element = SubElement(path[-1], name)
                at += 1
                if body[at] == STR_I and (end := body.find(0, at)) > 0 and body[end + 1] == END:
                    element.text = body[at + 1 : end].decode()
                    at = end + 2
                else:
                    path.append(element)
                    depth_left -= 1
            elif body[at] == END and len(path) > 1:
                path.pop()
                depth_left += 1
                at += 1
            elif body[at] == SWITCH_PAGE and body[at + 1] < len(PLAIN):
                self.page = body[at + 1]
                tags = PLAIN[self.page]
                at += 2
            else:
                break
        self.at, self.nodes = at, NODES_MAX - nodes_left

    def open(self, token: int, start: int) -> Element | None:
        """Begin an element; gives it back when it is an empty root."""
        element = Element(self.tag(token, start))
        self.count_node(start)
        if token & tables.HAS_ATTRIBUTES:
            self.skip_attributes()
        if self.path:
            self.path[-1].append(element)
        if token & tables.HAS_CONTENT:
            if len(self.path) >= DEPTH_MAX:
                raise self.fault(f"elements more than {DEPTH_MAX} deep", start)
            self.path.append(element)
            return None
        return None if self.path else element

    def close(self, start: int) -> Element | None:
        """End an element; gives it back when it is the root."""
        if not self.path:
            raise self.fault("an END where no element is open", start)
        element = self.path.pop()
        if element in self.pieces:
            element.text = joined(self.pieces.pop(element))  # type: ignore[assignment]  # bytes
        return None if self.path else element

    def tag(self, token: int, start: int) -> str:
        """The name of an element's token on the page we are on."""
        name = PAGES[self.page][token & TAG_BITS]
        if name is None:
            raise self.fault(f"the unknown token 0x{token:02X} on code page {self.page}", start)
        return name

    def switch_page(self) -> None:
        """Go to another code page."""
        page = self.byte()
        if page >= len(PAGES):
            raise self.fault(f"the code page {page}")
        self.page = page

    def skip_attributes(self) -> None:
        """Read past attributes: SyncML has none but the namespace that one maker writes."""
        names = 0
        while (token := self.byte()) != END:
            if token == tables.LITERAL:
                names += 1
                self.table_string(self.number())
            elif token in TEXTS:
                self.piece_of(token)
            else:
                raise self.fault(f"the attribute token 0x{token:02X}")
            if names > ATTRIBUTES_MAX:
                raise self.fault(f"more than {ATTRIBUTES_MAX} attributes")

    # --- text ---

    def add_text(self, token: int, start: int) -> None:
        """Add a piece of text to the element that is open."""
        self.count_node(start)
        if not self.path:
            raise self.fault("text before the root element", start)
        element = self.path[-1]
        data = self.piece_of(token)
        self.text_bytes += len(data)
        if self.text_bytes > TEXT_BYTES_MAX:
            raise self.fault(f"more than {TEXT_BYTES_MAX} bytes of text", start)
        piece = self.opaque(element, data) if token == OPAQUE else data.decode()
        self.pieces.setdefault(element, []).append(piece)

    def piece_of(self, token: int) -> bytes:
        """The bytes of the text that this token begins."""
        if token == STR_I:
            return self.inline_string()
        if token == STR_T:
            return self.table_string(self.number())
        if token == OPAQUE:
            return self.piece(self.number(), "opaque data")
        return self.character()

    def opaque(self, element: Element, data: bytes) -> Piece:
        """Opaque bytes stay bytes in an Item's Data and in a document's Value; a nonce is base64
        text; all else is text.
        """
        if element.tag == "Value":
            return data
        if element.tag == "NextNonce":
            return b2a_base64(data, newline=False).decode()
        if element.tag == "Data" and len(self.path) > 1 and self.path[-2].tag == "Item":
            return data
        return data.decode()

    def character(self) -> bytes:
        """A character by its number."""
        code = self.number()
        try:
            return chr(code).encode()
        except (ValueError, OverflowError):
            raise self.fault(f"the character number {code}") from None

    # --- bytes ---

    def byte(self) -> int:
        """The next byte."""
        value = self.body[self.at]
        self.at += 1
        return value

    def number(self) -> int:
        """An mb_u_int32: seven bits a byte, the highest bit says that more follow."""
        start, value = self.at, 0
        for _ in range(UINT32_BYTES_MAX):
            byte = self.byte()
            value = value << 7 | byte & 0x7F
            if byte < 0x80:
                break
        else:
            raise self.fault(f"a number of more than {UINT32_BYTES_MAX} bytes", start)
        if value > UINT32_MAX:
            raise self.fault("a number of more than 32 bits", start)
        return value

    def piece(self, length: int, what: str) -> bytes:
        """So many bytes from here."""
        start, rest = self.at, len(self.body) - self.at
        if length > rest:
            raise self.fault(f"{what} of {length} bytes where {rest} are left", start)
        self.at += length
        return self.body[start : self.at]

    def inline_string(self) -> bytes:
        """Bytes up to a NUL."""
        start = self.at
        end = self.body.find(0, start)
        if end < 0:
            raise IndexError
        self.at = end + 1
        return self.body[start:end]

    def table_string(self, offset: int) -> bytes:
        """A string of the table, up to a NUL or the table's end: not every writer ends the last."""
        if offset >= len(self.table):
            raise self.fault(f"string {offset} of a table of {len(self.table)} bytes")
        end = self.table.find(0, offset)
        return self.table[offset : end if end >= 0 else None]

    # --- bounds ---

    def count_node(self, start: int) -> None:
        """One more element or piece of text."""
        self.nodes += 1
        if self.nodes > NODES_MAX:
            raise self.fault(f"more than {NODES_MAX} elements and pieces of text", start)

    def fault(self, what: str, at: int | None = None) -> DecodeError:
        """What is wrong, and at which byte."""
        return DecodeError(what, f"byte {self.at if at is None else at}")


PLAIN = [
    [None] * tables.HAS_CONTENT + page + [None] * (0x100 - tables.HAS_CONTENT - len(page))
    for page in PAGES
]
"""For each page, the names of all bytes that begin an element with content and no attributes."""
TEXTS = frozenset({STR_I, STR_T, OPAQUE, ENTITY})


def joined(pieces: list[Piece]) -> Piece:
    """One text of all pieces; bytes as soon as one of them is bytes."""
    if len(pieces) == 1:
        return pieces[0]
    if all(isinstance(piece, str) for piece in pieces):
        return "".join(str(piece) for piece in pieces)
    return b"".join(piece.encode() if isinstance(piece, str) else piece for piece in pieces)
