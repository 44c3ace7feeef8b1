"""SyncML as XML, written: the words that the writer needs. Pure."""

from binascii import b2a_base64

from msgspec.structs import replace

from fumo.dm.embedded import in_xml
from fumo.dm.message import Item, Meta
from fumo.dm.schema import METINF_PAGE, Kind, Shape
from fumo.dm.writing import Form, Write
from fumo.dm.xml_text import escaped

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

    def leaf(self, opening: str, closing: str) -> Write[str]:
        """Text between tags. Raw bytes never come here: `item` has made text of them."""

        def write(parts: list[str], held: str | int) -> None:
            text = escaped(held) if isinstance(held, str) else held
            parts.append(f"{opening}{text}{closing}")

        return write

    def item(self, item: Item) -> Item:
        """Raw bytes travel as base64 and say so: XML has no other way (DM TND §7.7)."""
        item = in_xml(item)
        if not isinstance(item.data, bytes):
            return item
        meta = replace(item.meta or Meta(), format="b64")
        return replace(item, meta=meta, data=b2a_base64(item.data, newline=False).decode())

    def whole(self, parts: list[str]) -> bytes:
        """The body."""
        return (DECLARATION + "".join(parts)).encode()
