"""What a request is answered with, as a value, and the bytes of its head. Pure."""

from collections.abc import Callable, Iterator, Mapping
from email.utils import formatdate
from http import HTTPStatus
from pathlib import Path
from typing import TypeAlias

from msgspec import Struct

from fumo.depot import ranges
from fumo.depot.ranges import Plan
from fumo.depot.request import Request
from fumo.depot.urls import Lane
from fumo.depot.ways import Way

ALLOWED = ("GET", "HEAD")
PACKAGE_TYPE = "application/octet-stream"
FOR_EVER = "private, immutable"
AS_IT_IS_NOW = "no-cache"


Fields: TypeAlias = Iterator[tuple[str, str]]
Source: TypeAlias = Path | bytes | str
"""Where the bytes come from: a file, memory, or the store, by a SHA-256."""


class Answer(Struct, frozen=True):
    """What goes out: a plan over a source, or bare words; `report` is what it answers.

    `lane` is whom it shares its speed with. `via` says who sends the bytes if not the depot: it
    says then where they are (`place`), which may open the store for a while and is not logged.
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
    lane: Lane | None = None
    via: Way = Way.DEPOT
    place: str = ""

    @property
    def status(self) -> int:
        """What the depot itself says."""
        return {Way.DEPOT: self.plan.status, Way.NGINX: 200, Way.STORE: 302}[self.via]


def head(answer: Answer, request: Request | None, at_s: float) -> bytes:
    """Status line and header fields."""
    lines = [
        f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}",
        f"Date: {formatdate(at_s, usegmt=True)}",
        *(f"{name}: {value}" for name, value in FIELDS[answer.via](answer)),
    ]
    if request is None or not request.keep or answer.status == 503:
        lines.append("Connection: close")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _own(answer: Answer) -> Fields:
    chosen = answer.plan
    if chosen.status != 304:
        yield "Content-Length", str(chosen.count)
    if answer.sha256 and chosen.status in (200, 206, 304):
        yield from _about(answer)
    if (told := ranges.content_range(chosen, answer.length)) is not None:
        yield "Content-Range", told
    if chosen.status == 405:
        yield "Allow", ", ".join(answer.allowed)


def _inside(answer: Answer) -> Fields:
    """For nginx alone, which adds the rest."""
    yield "Content-Length", "0"
    yield "X-Accel-Redirect", answer.place
    yield from _about(answer)


def _elsewhere(answer: Answer) -> Fields:
    """The address is good for a while, and for this device."""
    yield "Content-Length", "0"
    yield "Location", answer.place
    yield "Cache-Control", "no-store"


def _about(answer: Answer) -> Fields:
    yield "ETag", ranges.etag(answer.sha256)
    yield "Accept-Ranges", "bytes"
    yield "Content-Type", answer.media_type
    yield "Cache-Control", answer.caching


FIELDS: Mapping[Way, Callable[[Answer], Fields]] = {
    Way.DEPOT: _own,
    Way.NGINX: _inside,
    Way.STORE: _elsewhere,
}
"""The header fields, by who sends the bytes."""
