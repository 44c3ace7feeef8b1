"""The head of an HTTP/1.x request, as far as a download server needs it. Pure.

Total: a `Request`, or `BadRequest` with the status to answer. Only a POST may have a body, of a
length that it tells and that is small: nothing can be smuggled behind a request.
"""

import re

from msgspec import Struct

from fumo.depot.ranges import Ask

HEAD_LENGTH_MAX = 16 * 1024
FIELDS_MAX = 100
BODY_LENGTH_MAX = 1024
DIGITS_MAX = 6
LINE = re.compile(r"([A-Z]{1,16}) (\S{1,4096}) HTTP/1\.([01])")
FIELD = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*")


class BadRequest(Exception):
    """A head that is answered with `status` and the end of the connection."""

    def __init__(self, status: int) -> None:
        """400 for nonsense, 413 for a body, 431 for too much."""
        super().__init__(status)
        self.status = status


class Request(Struct, frozen=True):
    """One request. `keep`: the connection may serve another one. `length` is that of its body."""

    method: str
    target: str
    ask: Ask
    keep: bool
    length: int = 0
    body: bytes = b""


def read_request(head: bytes) -> Request:
    """Read a head, its empty last line included."""
    line, *rest = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    first = LINE.fullmatch(line)
    if first is None:
        raise BadRequest(400)
    fields = _fields(rest)
    length = _length(first.group(1), fields)
    ask = Ask(
        range=fields.get("range"),
        if_range=fields.get("if-range"),
        if_none_match=fields.get("if-none-match"),
        if_match=fields.get("if-match"),
        dated="if-modified-since" in fields or "if-unmodified-since" in fields,
    )
    return Request(first.group(1), first.group(2), ask, _keeps(first.group(3), fields), length)


def _fields(lines: list[str]) -> dict[str, str]:
    if len(lines) > FIELDS_MAX:
        raise BadRequest(431)
    fields: dict[str, str] = {}
    for line in lines:
        found = FIELD.fullmatch(line)
        if found is None:
            raise BadRequest(400)
        name, value = found.group(1).lower(), found.group(2)
        # A repeated field is one list (RFC 9110 5.2); two Ranges are then no range we know.
        fields[name] = f"{fields[name]}, {value}" if name in fields else value
    return fields


def _length(method: str, fields: dict[str, str]) -> int:
    text = fields.get("content-length", "0")
    plain = text.isascii() and text.isdigit() and len(text) <= DIGITS_MAX
    if not plain or "transfer-encoding" in fields:
        raise BadRequest(413)
    if int(text) > (BODY_LENGTH_MAX if method == "POST" else 0):
        raise BadRequest(413)
    return int(text)


def _keeps(minor: str, fields: dict[str, str]) -> bool:
    wishes = fields.get("connection", "").lower()
    return "close" not in wishes and (minor == "1" or "keep-alive" in wishes)
