"""The head of an HTTP/1.x request, as far as a download server needs it. Pure.

Total: a `Request`, or `BadRequest` with the status to answer. No body is ever read: a request
that announces one is refused, so nothing can be smuggled behind it.
"""

import re

from msgspec import Struct

from fumo.depot.ranges import Ask

HEAD_LENGTH_MAX = 16 * 1024
FIELDS_MAX = 100
LINE = re.compile(r"([A-Z]{1,16}) (\S{1,4096}) HTTP/1\.([01])")
FIELD = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*")


class BadRequest(Exception):
    """A head that is answered with `status` and the end of the connection."""

    def __init__(self, status: int) -> None:
        """400 for nonsense, 413 for a body, 431 for too much."""
        super().__init__(status)
        self.status = status


class Request(Struct, frozen=True):
    """One request. `keep`: the connection may serve another one."""

    method: str
    target: str
    ask: Ask
    keep: bool


def read_request(head: bytes) -> Request:
    """Read a head, its empty last line included."""
    line, *rest = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    first = LINE.fullmatch(line)
    if first is None:
        raise BadRequest(400)
    fields = _fields(rest)
    if fields.get("content-length", "0") != "0" or "transfer-encoding" in fields:
        raise BadRequest(413)
    ask = Ask(
        range=fields.get("range"),
        if_range=fields.get("if-range"),
        if_none_match=fields.get("if-none-match"),
        if_match=fields.get("if-match"),
    )
    return Request(first.group(1), first.group(2), ask, _keeps(first.group(3), fields))


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


def _keeps(minor: str, fields: dict[str, str]) -> bool:
    wishes = fields.get("connection", "").lower()
    return "close" not in wishes and (minor == "1" or "keep-alive" in wishes)
