"""Bodies to messages and back: the only door between bytes and values. Pure.

Promise: `decode` gives a Message or raises DecodeError, whatever the bytes, in bounded time and
memory. What `encode` writes, `decode` reads as the same value, in XML and in WBXML, with one
exception: raw bytes become base64 text in XML and stay such, since only the tree knows better.
"""

from fumo.dm import wbxml, wbxml_direct, xml
from fumo.dm.bounds import BODY_BYTES_MAX
from fumo.dm.message import WBXML, XML, Message
from fumo.dm.reading import read_message
from fumo.dm.shown import shown
from fumo.dm.wbxml_form import WbxmlForm
from fumo.dm.wbxml_tables import VERSIONS
from fumo.dm.writing import Writer
from fumo.dm.xml_form import XmlForm
from fumo.errors import DecodeError, MisuseError

MEDIA_TYPES = {
    XML: XML,
    WBXML: WBXML,
    "application/vnd.syncml+xml": XML,
    "application/vnd.syncml+wbxml": WBXML,
}
"""The media types of DM, and those of data synchronisation, which some clients send instead."""


def _from_xml(body: bytes) -> Message:
    return read_message(xml.parse(body))


def _from_wbxml(body: bytes) -> Message:
    return wbxml_direct.read(body) or read_message(wbxml.parse(body))


READERS = {XML: _from_xml, WBXML: _from_wbxml}
WRITERS = {XML: Writer(XmlForm()).write, WBXML: Writer(WbxmlForm()).write}


def form_of(media_type: str) -> str | None:
    """XML or WBXML by a Content-Type, parameters and case aside; None when it is neither."""
    return MEDIA_TYPES.get(media_type) or MEDIA_TYPES.get(
        media_type.partition(";")[0].strip().lower()
    )


def decode(body: bytes, media_type: str, bytes_max: int = BODY_BYTES_MAX) -> Message:
    """Read one body."""
    form = form_of(media_type)
    if form is None:
        raise DecodeError(f"the media type '{shown(media_type)}' is not SyncML's")
    if len(body) > bytes_max:
        raise DecodeError(f"a body of {len(body)} bytes, more than {bytes_max}")
    if not body:
        raise DecodeError("an empty body")
    return READERS[form](body)


def encode(message: Message, media_type: str) -> bytes:
    """Write one body."""
    form = form_of(media_type)
    if form is None:
        raise MisuseError(f"the media type {media_type!r} is not SyncML's")
    return WRITERS[form](message)


def sniff(body: bytes) -> str:
    """The media type of a body that came without one."""
    if body.lstrip(xml.BLANK_BYTES).startswith(xml.BEGINNINGS):
        return XML
    if body and body[0] in VERSIONS:
        return WBXML
    raise DecodeError("neither XML nor WBXML", "byte 0")
