"""SyncML as XML, written: the words that the writer needs. Pure."""

import re
from binascii import b2a_base64

from msgspec.structs import replace

from fumo.dm.message import Item, Meta
from fumo.dm.schema import METINF_PAGE, Kind, Shape
from fumo.dm.writing import Form
from fumo.errors import MisuseError

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
NAMESPACE = ' xmlns="SYNCML:SYNCML1.2"'
METINF_NAMESPACE = ' xmlns="syncml:metinf"'
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 has no way to write."""
NEEDS_ESCAPE = re.compile("[&<>\r]")
SPECIAL = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})


class XmlForm(Form[str]):
    """How the writer says things in XML."""

    def opening(self, name: str, parent: Shape | None) -> str:
        """A start tag. Each child of Meta states its namespace anew, as all DM peers expect."""
        if name == "SyncML":
            return f"<{name}{NAMESPACE}>"
        in_metinf = parent is not None and parent.page == METINF_PAGE
        return f"<{name}{METINF_NAMESPACE if in_metinf else ''}>"

    def closing(self, name: str, holds: Kind | Shape | None) -> str:
        """An end tag."""
        return f"</{name}>"

    def flag(self, name: str) -> str:
        """An element that holds nothing."""
        return f"<{name}/>"

    def text(self, text: str) -> str:
        """Text between tags."""
        if UNWRITABLE.search(text):
            raise MisuseError(f"XML cannot carry this text: {text[:40]!r}")
        return text.translate(SPECIAL) if NEEDS_ESCAPE.search(text) else text

    def item(self, item: Item) -> Item:
        """Raw bytes travel as base64 and say so: XML has no other way (DM TND §7.7)."""
        assert isinstance(item.data, bytes)
        meta = replace(item.meta or Meta(), format="b64")
        return replace(item, meta=meta, data=b2a_base64(item.data, newline=False).decode())

    def raw(self, data: bytes) -> str:
        """Never reached: `item` has made text of it."""
        raise MisuseError("raw bytes in XML")

    def whole(self, parts: list[str]) -> bytes:
        """The body."""
        return (DECLARATION + "".join(parts)).encode()
