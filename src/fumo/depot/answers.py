"""What a request is answered with, as a value, and the bytes of its head. Pure."""

from collections.abc import Iterator
from email.utils import formatdate
from http import HTTPStatus
from pathlib import Path
from typing import TypeAlias

from msgspec import Struct

from fumo.depot import ranges
from fumo.depot.ranges import Plan
from fumo.depot.request import Request

ALLOWED = ("GET", "HEAD")
PACKAGE_TYPE = "application/octet-stream"
FOR_EVER = "private, immutable"
AS_IT_IS_NOW = "no-cache"


Source: TypeAlias = Path | bytes
"""Where the bytes come from: a file, or memory."""


class Answer(Struct, frozen=True):
    """What goes out: a plan over a source, or bare words; `report` is what it answers.

    `place` is where the bytes are, for whoever is led there (302). It opens the store for a while,
    and is not logged.
    """

    plan: Plan
    source: Source | None = None
    sha256: str = ""
    length: int = 0
    operation: str | None = None
    media_type: str = PACKAGE_TYPE
    caching: str = FOR_EVER
    allowed: tuple[str, ...] = ALLOWED
    report: int | None = None
    place: str = ""


def head(answer: Answer, request: Request | None, at_s: float) -> bytes:
    """Status line and header fields."""
    status = answer.plan.status
    lines = [
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
        f"Date: {formatdate(at_s, usegmt=True)}",
        *(f"{name}: {value}" for name, value in _fields(answer)),
    ]
    if request is None or not request.keep or status == 503:
        lines.append("Connection: close")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _fields(answer: Answer) -> Iterator[tuple[str, str]]:
    chosen = answer.plan
    if chosen.status != 304:
        yield "Content-Length", str(chosen.count)
    if answer.sha256 and chosen.status in (200, 206, 304):
        yield "ETag", ranges.etag(answer.sha256)
        yield "Accept-Ranges", "bytes"
        yield "Content-Type", answer.media_type
        yield "Cache-Control", answer.caching
    if (told := ranges.content_range(chosen, answer.length)) is not None:
        yield "Content-Range", told
    if answer.place:
        yield "Location", answer.place
        yield "Cache-Control", "no-store"
    if chosen.status == 405:
        yield "Allow", ", ".join(answer.allowed)
