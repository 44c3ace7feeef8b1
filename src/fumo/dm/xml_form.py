"""SyncML as XML, written: the words that the writer needs. Pure."""

from binascii import b2a_base64

from msgspec.structs import replace

from fumo.dm.embedded import in_xml
from fumo.dm.message import Item, Meta
from fumo.dm.schema import METINF_PAGE, Kind, Shape
from fumo.dm.writing import Form
from fumo.dm.xml_text import escaped
from fumo.errors import MisuseError

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
NAMESPACE = ' xmlns="SYNCML:SYNCML1.2"'
METINF_NAMESPACE = ' xmlns="syncml:metinf"'


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
        return escaped(text)

    def item(self, item: Item) -> Item:
        """Raw bytes travel as base64 and say so: XML has no other way (DM TND §7.7)."""
        item = in_xml(item)
        if not isinstance(item.data, bytes):
            return item
        meta = replace(item.meta or Meta(), format="b64")
        return replace(item, meta=meta, data=b2a_base64(item.data, newline=False).decode())

    def raw(self, data: bytes) -> str:
        """Never reached: `item` has made text of it."""
        raise MisuseError("raw bytes in XML")

    def whole(self, parts: list[str]) -> bytes:
        """The body."""
        return (DECLARATION + "".join(parts)).encode()
