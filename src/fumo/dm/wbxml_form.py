"""SyncML as WBXML, written: the tokens that the writer needs. Pure.

Plain and readable by everybody: one header form, no string table, text inline, raw bytes opaque.
"""

from msgspec.structs import replace

from fumo.dm.embedded import in_wbxml, stays_bytes
from fumo.dm.message import Item, Meta
from fumo.dm.schema import METINF_PAGE, SYNCML_PAGE, Kind, Shape
from fumo.dm.wbxml_tables import END, HAS_CONTENT, OPAQUE, STR_I, SWITCH_PAGE, TOKENS
from fumo.dm.wbxml_words import uint32
from fumo.dm.writing import Form, Write
from fumo.errors import MisuseError

HEADER = bytes((0x02, 0xA4, 0x01, 0x6A, 0x00))
"""WBXML 1.2, SyncML 1.2 (0x1201), UTF-8, no string table: the form that every peer reads."""
ENTER_METINF = bytes((SWITCH_PAGE, METINF_PAGE))
LEAVE_METINF = bytes((SWITCH_PAGE, SYNCML_PAGE))
INLINE = bytes((STR_I,))
RAW = bytes((OPAQUE,))


class WbxmlForm(Form[bytes]):
    """How the writer says things in WBXML."""

    def opening(self, name: str, parent: Shape | None) -> bytes:
        """The token of an element with content; Meta takes its children's page with it."""
        page = parent.page if parent else SYNCML_PAGE
        token = bytes((token_of(name, page) | HAS_CONTENT,))
        return token + ENTER_METINF if name == "Meta" else token

    def closing(self, name: str, holds: Kind | Shape | None) -> bytes:
        """END, back on the page of SyncML."""
        end = bytes((END,))
        return LEAVE_METINF + end if name == "Meta" else end

    def flag(self, name: str) -> bytes:
        """An element without content."""
        return bytes((token_of(name, SYNCML_PAGE),))

    def leaf(self, opening: bytes, closing: bytes) -> Write[bytes]:
        """An inline string; opaque if it is raw, or holds the NUL that would end it."""
        start, end = opening + INLINE, b"\0" + closing

        def write(parts: list[bytes], held: str | int | bytes) -> None:
            if isinstance(held, int):
                parts += (start, b"%d" % held, end)
                return
            data = held if isinstance(held, bytes) else encoded(held)
            if data is held or 0 in data:
                parts += (opening, RAW, uint32(len(data)), data, closing)
            elif data:
                parts += (start, data, end)
            else:
                parts += (opening, closing)

        return write

    def item(self, item: Item) -> Item:
        """Raw bytes say that they are: readers make text of any other opaque (DM TND §7.7)."""
        item = in_wbxml(item)
        if not isinstance(item.data, bytes) or (item.meta and stays_bytes(item.data, item.meta)):
            return item
        return replace(item, meta=replace(item.meta or Meta(), format="bin"))

    def whole(self, parts: list[bytes]) -> bytes:
        """The body."""
        return HEADER + b"".join(parts)


def encoded(text: str) -> bytes:
    """A text in UTF-8."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise MisuseError(f"half a character in {text[:40]!r}") from None


def token_of(name: str, page: int) -> int:
    """The token of an element that we mean to write."""
    try:
        return TOKENS[page][name]
    except KeyError:
        raise MisuseError(f"WBXML has no token for {name}") from None
