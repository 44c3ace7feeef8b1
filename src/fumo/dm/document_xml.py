"""An embedded document as XML, written. Pure.

Without a recursion: its elements may lie in each other as deep as they like.
"""

from base64 import b64encode
from xml.etree.ElementTree import Element

from fumo.dm.document_parts import local
from fumo.dm.xml_text import escaped

NAMESPACE = ' xmlns="syncml:dmddf1.2"'


def xml_of(root: Element) -> str:
    """A MgmtTree as XML text; raw bytes become base64."""
    parts: list[str] = []
    waiting: list[Element | str] = [root]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            parts.append(each)
            continue
        name = local(each)
        opening = name + (NAMESPACE if each is root else "")
        held = _xml_text(each)
        if not held and not len(each):
            parts.append(f"<{opening}/>")
            continue
        parts.append(f"<{opening}>{held}")
        waiting += (f"</{name}>", *reversed(each))
    return "".join(parts)


def _xml_text(element: Element) -> str:
    held: object = element.text or ""
    if isinstance(held, bytes):
        return b64encode(held).decode()
    return escaped(str(held)) if not len(element) else ""
