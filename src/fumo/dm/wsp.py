"""Connectionless WSP pushes: how a notification or a bootstrap comes over SMS or UDP. Pure.

    [ UDH 06 05 04 0B84 xxxx ] | TID | 06 | length of headers | Content-Type | headers … | body

Reads both forms of a content type, the well-known number and the text that gateways write, and
skips whatever header it does not know. Promise: `parse` gives a Push or raises DecodeError, in
one walk over the bytes; no length is believed before it is compared with what is there.
"""

from typing import Any

from msgspec import Struct

from fumo.dm.shown import shown
from fumo.errors import DecodeError, MisuseError

NOTIFICATION = "application/vnd.syncml.notification"
CONNECTIVITY = "application/vnd.wap.connectivity-wbxml"
DM_WBXML = "application/vnd.syncml.dm+wbxml"
DM_XML = "application/vnd.syncml.dm+xml"
WELL_KNOWN = {0x36: CONNECTIVITY, 0x42: DM_WBXML, 0x43: DM_XML, 0x44: NOTIFICATION}
NUMBERS = {name: number for number, name in WELL_KNOWN.items()}

PUSH_PORT = 2948
DM_APPLICATION = 7
APPLICATION_NAME = "x-wap-application:syncml.dm"
APPLICATION_ID = 0x2F

UDH_TO_PUSH_PORT = bytes.fromhex("0605040b84")
"""16-bit ports, destination 2948; the source port that follows may be any."""
UDH_BYTES = 7
UDH_SENT = UDH_TO_PUSH_PORT + (9200).to_bytes(2, "big")

PUSH = 0x06
BYTES_MAX = 65_535
PARAMETERS_MAX = 16
SEC, MAC = "SEC", "MAC"
PARAMETERS = {0x11: SEC, 0x12: MAC}
SEC_NAMES = ("NETWPIN", "USERPIN", "USERNETWPIN", "USERPINMAC")
SEC_CODES = {name: code for code, name in enumerate(SEC_NAMES)} | {
    "NETWORKID": 0,
    "USERPIN_NETWORKID": 2,
}
"""WSP knows SEC as a number only: DM's own words go as the numbers of what they mean."""

SHORT = 0x80
QUOTE = 0x7F
LENGTH_FOLLOWS = 31
TEXT_FIRST = 32
SHIFTS = range(1, 32)
UINTVAR_BYTES_MAX = 5


class Push(Struct, frozen=True):
    """What was pushed: its media type, the type's parameters by name, the application, the body."""

    media_type: str
    parameters: dict[str, str]
    application: int | None
    body: bytes


def build(push: Push, well_known: bool = True, tid: int = 1) -> bytes:
    """The bytes of a push; `well_known` writes the content type as a number where it has one."""
    fields = _content_type(push, well_known)
    if push.application is not None:
        fields += bytes([SHORT | APPLICATION_ID, SHORT | push.application])
    return bytes([tid, PUSH]) + _uintvar(len(fields)) + fields + push.body


def parse(datagram: bytes) -> Push:
    """Read a push, with or without the user data header of an SMS before it."""
    if len(datagram) > BYTES_MAX:
        raise DecodeError(f"a push of {len(datagram)} bytes")
    reader = Reader(_without_udh(datagram))
    reader.octet()  # the transaction id tells only repeats apart
    if (kind := reader.octet()) != PUSH:
        raise DecodeError(f"a WSP message of type {kind}, not a push")
    headers = Reader(reader.take(reader.uintvar()))
    media_type, parameters = headers.content_type()
    return Push(media_type, parameters, _application(headers), reader.rest())


class Reader:
    """Walks over bytes once. `at` is the byte to be read next."""

    def __init__(self, data: bytes) -> None:
        """A reader at the beginning."""
        self.data = data
        self.at = 0

    @property
    def left(self) -> int:
        """Bytes not read yet."""
        return len(self.data) - self.at

    def octet(self) -> int:
        """One byte."""
        return self.take(1)[0]

    def take(self, count: int) -> bytes:
        """So many bytes, if they are there."""
        if count > self.left:
            raise DecodeError("the push is cut off", f"byte {len(self.data)}")
        self.at += count
        return self.data[self.at - count : self.at]

    def rest(self) -> bytes:
        """All that is left."""
        return self.take(self.left)

    def uintvar(self) -> int:
        """A number in groups of seven bits (WSP §8.1.2)."""
        number = 0
        for _ in range(UINTVAR_BYTES_MAX):
            octet = self.octet()
            number = number << 7 | octet & 0x7F
            if octet < SHORT:
                return number
        raise DecodeError("a length of more than five bytes", f"byte {self.at}")

    def text(self) -> str:
        """A text up to its zero."""
        end = self.data.find(0, self.at)
        if end < 0:
            raise DecodeError("a text without an end", f"byte {self.at}")
        octets = self.take(end - self.at)
        self.at += 1
        return octets.removeprefix(bytes([QUOTE])).decode("latin-1")

    def value(self) -> int | str | bytes:
        """A header's value: a short number, a text, or so many octets (WSP §8.4.1.2)."""
        first = self.octet()
        if first >= SHORT:
            return first & 0x7F
        if first >= TEXT_FIRST:
            self.at -= 1
            return self.text()
        return self.take(self.uintvar() if first == LENGTH_FOLLOWS else first)

    def content_type(self) -> tuple[str, dict[str, str]]:
        """The media type, and its parameters where it has some (WSP §8.4.2.24)."""
        value = self.value()
        if not isinstance(value, bytes):
            return _media(value)
        inner = Reader(value)
        media_type, parameters = _media(inner.value())
        return media_type, parameters | inner.parameters()

    def parameters(self) -> dict[str, str]:
        """Name and value by turns, to the end."""
        found: dict[str, str] = {}
        while self.left:
            name, value = self.value(), self.value()
            if isinstance(name, int):
                name = PARAMETERS.get(name, f"{name}")
            if isinstance(name, str):
                found.setdefault(name.upper(), _word(name, value))
            if len(found) > PARAMETERS_MAX:
                raise DecodeError(f"more than {PARAMETERS_MAX} parameters")
        return found


def parameters_of(content_type: str) -> tuple[str, dict[str, str]]:
    """A Content-Type as text: the media type and its parameters, names in upper case."""
    media_type, *rest = content_type.split(";", PARAMETERS_MAX)
    pairs = (part.partition("=") for part in rest)
    given = {name.strip().upper(): value.strip().strip('"') for name, _, value in pairs}
    return media_type.strip().lower(), given


def _without_udh(datagram: bytes) -> bytes:
    return datagram[UDH_BYTES:] if datagram.startswith(UDH_TO_PUSH_PORT) else datagram


def _media(value: Any) -> tuple[str, dict[str, str]]:
    if isinstance(value, str):
        return parameters_of(value)
    number = int.from_bytes(value, "big") if isinstance(value, bytes) else value
    if number not in WELL_KNOWN:
        raise DecodeError(f"the content type {shown(hex(number))}, which is not ours")
    return WELL_KNOWN[number], {}


def _word(name: str, value: int | str | bytes) -> str:
    """A parameter's value as text; SEC has a number for each of its words."""
    if name == SEC and isinstance(value, int):
        return SEC_NAMES[value] if value < len(SEC_NAMES) else str(value)
    if isinstance(value, bytes):
        return value.hex()
    return str(value).strip('"')


def _application(headers: Reader) -> int | None:
    """X-Wap-Application-Id among the headers; all others are skipped."""
    found = None
    while headers.left:
        name = headers.octet()
        if name == QUOTE:
            headers.octet()  # another page of header names, which we do not know either
        elif name < SHORT and name not in SHIFTS:
            headers.at -= 1
            headers.text()
            headers.text()
        elif name >= SHORT:
            value = headers.value()
            found = _number(value) if name == SHORT | APPLICATION_ID else found
    return found


def _number(value: int | str | bytes) -> int:
    if isinstance(value, str):
        return DM_APPLICATION if value.lower() == APPLICATION_NAME else -1
    return int.from_bytes(value, "big") if isinstance(value, bytes) else value


def _content_type(push: Push, well_known: bool) -> bytes:
    number = NUMBERS.get(push.media_type) if well_known else None
    media = _text(push.media_type) if number is None else bytes([SHORT | number])
    if not push.parameters:
        return media
    return _with_length(media + b"".join(_parameter(*pair) for pair in push.parameters.items()))


def _parameter(name: str, value: str) -> bytes:
    codes = {word: code for code, word in PARAMETERS.items()}
    token = bytes([SHORT | codes[name]]) if name in codes else _text(name)
    if name == SEC and value in SEC_CODES:
        return token + bytes([SHORT | SEC_CODES[value]])
    return token + _text(value)


def _text(word: str) -> bytes:
    if not (word.isascii() and word.isprintable() and word):
        raise MisuseError(f"{word!r} is no word of a header")
    return word.encode() + b"\0"


def _with_length(octets: bytes) -> bytes:
    length = len(octets)
    short = length < LENGTH_FOLLOWS
    return (bytes([length]) if short else bytes([LENGTH_FOLLOWS]) + _uintvar(length)) + octets


def _uintvar(number: int) -> bytes:
    groups = [number & 0x7F]
    while number := number >> 7:
        groups.insert(0, SHORT | number & 0x7F)
    return bytes(groups)
